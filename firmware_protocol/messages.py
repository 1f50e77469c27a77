"""The one table of pen link 1: every message, field, unit and range. PROTOCOL.md, C header and vectors come from it.

Runs unchanged on CPython and MicroPython (so: plain classes, namedtuples, integers). `messages.pyi` beside it gives the
same table to the type checker; `python -m firmware_protocol.generate --check` holds the two together.
"""

import struct
from collections import namedtuple

MINOR = 0

DEPTH_MIN_UM = 500
DEPTH_MAX_UM = 1500
SPEED_MIN_RPM = 6000
SPEED_MAX_RPM = 8000
LEASE_MIN_MS = 60
LEASE_MAX_MS = 200
OVER_TOLERANCE_MIN_UM = 50
OVER_TOLERANCE_MAX_UM = 150
TRIP_MIN_MS = 1
TRIP_MAX_MS = 20
SEEN_MAX_AGE_US = 100000
PLAN_MAX_ZONES = 64

RESULTS = (
    "OK",
    "BUSY",
    "DENIED",
    "UNSUPPORTED",
    "FAILED",
    "IN_PROGRESS",
    "BAD_STATE",
    "BAD_SESSION",
    "BAD_VERSION",
    "BAD_CRC",
    "LOCKED",
)
OK, BUSY, DENIED, UNSUPPORTED, FAILED, IN_PROGRESS, BAD_STATE, BAD_SESSION, BAD_VERSION, BAD_CRC, LOCKED = range(11)

FAULTS = (
    "NONE",
    "HOST_TIMEOUT",
    "DEPTH_OVER",
    "SPEED_RANGE",
    "STALL",
    "OVERCURRENT",
    "OVERTEMPERATURE",
    "UNDERVOLTAGE",
    "SENSOR",
    "HOMING",
    "EMERGENCY",
    "ASSERT",
    "WATCHDOG_RESET",
    "LINK",
    "CARTRIDGE",
    "CALIBRATION",
    "TRANSMIT_STALL",
)
(
    FAULT_NONE,
    FAULT_HOST_TIMEOUT,
    FAULT_DEPTH_OVER,
    FAULT_SPEED_RANGE,
    FAULT_STALL,
    FAULT_OVERCURRENT,
    FAULT_OVERTEMPERATURE,
    FAULT_UNDERVOLTAGE,
    FAULT_SENSOR,
    FAULT_HOMING,
    FAULT_EMERGENCY,
    FAULT_ASSERT,
    FAULT_WATCHDOG_RESET,
    FAULT_LINK,
    FAULT_CARTRIDGE,
    FAULT_CALIBRATION,
    FAULT_TRANSMIT_STALL,
) = range(17)

STATES = ("BOOT", "SELFTEST", "IDLE", "ARMED", "RUNNING", "FAULT")
STATE_BOOT, STATE_SELFTEST, STATE_IDLE, STATE_ARMED, STATE_RUNNING, STATE_FAULT = range(6)

MODES = ("NONE", "TREAT", "CALIBRATE")
MODE_NONE, MODE_TREAT, MODE_CALIBRATE = range(3)

STOP_REASONS = ("OPERATOR", "PAUSE", "LIMIT", "LINK", "SCREEN", "RECORD", "EMERGENCY", "SHUTDOWN")
STOP_OPERATOR, STOP_PAUSE, STOP_LIMIT, STOP_LINK, STOP_SCREEN, STOP_RECORD, STOP_EMERGENCY, STOP_SHUTDOWN = range(8)

# Why a DRIVE was refused: in telemetry and STATUS until the next accepted one.
REFUSALS = (
    "NONE",
    "NOT_ARMED",
    "TOKEN",
    "SEQUENCE",
    "MODE",
    "LEASE",
    "TOLERANCE",
    "TRIP",
    "ZONE",
    "LIMIT",
    "DEPTH",
    "SPEED",
    "SEEN",
    "LENGTH",
    "SESSION",
)
(
    REFUSAL_NONE,
    REFUSAL_NOT_ARMED,
    REFUSAL_TOKEN,
    REFUSAL_SEQUENCE,
    REFUSAL_MODE,
    REFUSAL_LEASE,
    REFUSAL_TOLERANCE,
    REFUSAL_TRIP,
    REFUSAL_ZONE,
    REFUSAL_LIMIT,
    REFUSAL_DEPTH,
    REFUSAL_SPEED,
    REFUSAL_SEEN,
    REFUSAL_LENGTH,
    REFUSAL_SESSION,
) = range(15)

RESET_CAUSES = ("POWER_ON", "RESET_PIN", "WATCHDOG", "SOFTWARE", "BROWN_OUT")
RESET_POWER_ON, RESET_PIN, RESET_WATCHDOG, RESET_SOFTWARE, RESET_BROWN_OUT = range(5)

# EVENT.argument where EVENT.fault is NONE: what caused the change of state. With a fault it is the value that tripped.
EVENT_CAUSES = ("STATE", "STOP", "DRIVE", "DISARM", "HELLO", "BUTTON", "NO_DRIVE", "CLEARED")
(
    CAUSE_STATE,
    CAUSE_STOP,
    CAUSE_DRIVE,
    CAUSE_DISARM,
    CAUSE_HELLO,
    CAUSE_BUTTON,
    CAUSE_NO_DRIVE,
    CAUSE_CLEARED,
) = range(8)

# TELEMETRY.flags
FLAG_CARTRIDGE = 0x01
FLAG_BUTTON = 0x02
FLAG_CONTACT = 0x04
FLAG_MOTOR_POWERED = 0x08
FLAG_NEEDLES_HOME = 0x10
FLAG_DEPTH_VALID = 0x20
FLAG_SPEED_VALID = 0x40

CAPABILITY_SIMULATED = 0x0001
CAPABILITY_CONTACT_FLAG = 0x0002

_RANGES = {
    "B": (0, 0xFF),
    "H": (0, 0xFFFF),
    "I": (0, 0xFFFFFFFF),
    "Q": (0, 0xFFFFFFFFFFFFFFFF),
    "h": (-0x8000, 0x7FFF),
    "i": (-0x80000000, 0x7FFFFFFF),
}


class MessageError(Exception):
    """A value or a payload that does not fit its message: names the field, the value and what is allowed."""


class Field:
    """One field: name, struct code, range that a sender may use, unit, one line of meaning."""

    __slots__ = ("code", "high", "low", "name", "text", "unit")

    def __init__(self, name, code, unit="", text="", low=None, high=None):
        self.name = name
        self.code = code
        self.unit = unit
        self.text = text
        lowest, highest = _RANGES.get(code, (0, 0))
        self.low = lowest if low is None else low
        self.high = highest if high is None else high


class Layout:
    """The payload of one direction of one message: fixed fields, then perhaps a repeated group named `entries`."""

    __slots__ = ("_codes", "_group_codes", "entries", "exact", "fields", "format", "name", "size", "type")

    def __init__(self, name, fields, entries=(), exact=False):
        self.name = name
        self.fields = fields
        self.entries = entries
        self.exact = exact
        self.format = "<" + "".join(field.code for field in fields)
        self.size = struct.calcsize(self.format)
        names = tuple(field.name for field in fields)
        self.type = namedtuple(name, names + ("entries",) if entries else names)
        self._group_codes = "<" + "".join(field.code for field in entries)
        self._codes = self.format

    def pack(self, value):
        """Bytes of `value` (this layout's namedtuple). Raises MessageError for a value outside its range.

        The ranges are checked here because `struct.pack("<H", 70000)` silently gives 4464 on MicroPython.
        """
        return self._pack(value, False)

    def pack_unchecked(self, value):
        """As `pack`, but only the width of each field binds: for tests and for tools that judge a pen."""
        return self._pack(value, True)

    def unpack(self, payload):
        """The namedtuple in `payload`; a longer payload is legal unless the layout is exact (minors append).

        Raises MessageError when the payload is too short or, where exact, of another length.
        """
        length = len(payload)
        if length < self.size or (self.exact and length != self.size):
            raise MessageError(
                "%s has %d bytes, %s %d" % (self.name, length, "must have" if self.exact else "needs at least", self.size)
            )
        if not self.entries:
            return self.type(*struct.unpack_from(self.format, payload, 0))
        size = struct.calcsize(self._group_codes)
        if (length - self.size) % size:
            raise MessageError("%s: %d bytes of entries are no multiple of %d" % (self.name, length - self.size, size))
        group = tuple(struct.unpack_from(self._group_codes, payload, at) for at in range(self.size, length, size))
        return self.type(*(struct.unpack_from(self.format, payload, 0) + (group,)))

    def _pack(self, value, wide):
        values = tuple(value)
        count = len(self.fields)
        if len(values) != count + (1 if self.entries else 0):
            raise MessageError("%s has %d values, needs %d" % (self.name, len(values), count))
        self._check(self.fields, values, wide)
        out = struct.pack(self.format, *values[:count])
        if self.entries:
            for entry in values[count]:
                self._check(self.entries, entry, wide)
                out += struct.pack(self._group_codes, *entry)
        return out

    def _check(self, fields, values, wide):
        for field, value in zip(fields, values):
            if field.code[-1] == "s":
                room = int(field.code[:-1])
                if not (isinstance(value, bytes) and len(value) <= room):
                    raise MessageError("%s.%s is %r, allowed are at most %d bytes" % (self.name, field.name, value, room))
                continue
            low, high = _RANGES[field.code] if wide else (field.low, field.high)
            if not (isinstance(value, int) and low <= value <= high):
                raise MessageError("%s.%s is %r, allowed is %d to %d %s" % (self.name, field.name, value, low, high, field.unit))


class Message:
    """One row of the table: id, name, what it is for, payload, and the reply's payload after its result byte."""

    __slots__ = ("id", "name", "payload", "reply", "text")

    def __init__(self, id, name, text, payload, reply=None):
        self.id = id
        self.name = name
        self.text = text
        self.payload = payload
        self.reply = reply

    @property
    def reply_id(self):
        """Type byte of the reply."""
        return self.id | 0x80


F = Field
Empty = ()

HELLO = Message(
    0x01,
    "HELLO",
    "Opens a session: disarms, clears the plan, gives the new session number in the reply's header.",
    Layout("Hello", (F("major", "B"), F("minor", "B"), F("host_nonce", "I"), F("capabilities", "H"))),
    Layout(
        "HelloReply",
        (
            F("major", "B"),
            F("minor", "B"),
            F("boot_id", "I"),
            F("state", "B"),
            F("fault", "B"),
            F("capabilities", "H", "", "bit 0: simulated, bit 1: has a contact flag"),
            F("reset_cause", "B"),
            F("rx_max", "H", "byte"),
            F("serial", "12s"),
            F("firmware", "8s"),
        ),
    ),
)
SYNC = Message(
    0x02,
    "SYNC",
    "One clock exchange.",
    Layout("Sync", (F("host_us", "Q", "us"),)),
    Layout("SyncReply", (F("host_us", "Q", "us"), F("pen_rx_us", "I", "us"), F("pen_tx_us", "I", "us"))),
)
ARM = Message(
    0x03,
    "ARM",
    "Gives a token for one run. Only a person's START causes it.",
    Layout(
        "Arm",
        (
            F("mode", "B", "", "1 treat, 2 calibrate", 1, 2),
            F("plan_crc", "I"),
            F("depth_ceiling_um", "H", "um", "", DEPTH_MIN_UM, DEPTH_MAX_UM),
            F("boot_id", "I"),
        ),
        exact=True,
    ),
    Layout("ArmReply", (F("arm_token", "H"),)),
)
DISARM = Message(
    0x04, "DISARM", "Ends ARMED or RUNNING: motor off, needles home.", Layout("Disarm", Empty), Layout("DisarmReply", Empty)
)
STREAM = Message(
    0x05,
    "STREAM",
    "Sets the telemetry's period; IDLE only. 0 turns it off.",
    Layout("Stream", (F("period_us", "H", "us"), F("batch", "B", "sample", "samples a frame", 1, 9))),
    Layout("StreamReply", Empty),
)
CLEAR_FAULT = Message(
    0x06,
    "CLEAR_FAULT",
    "Clears the latched fault it names, when its cause is gone.",
    Layout("ClearFault", (F("fault", "B"), F("boot_id", "I"))),
    Layout("ClearFaultReply", Empty),
)
_STATUS_FIELDS = (
    F("zone", "B"),
    F("depth_limit_um", "H", "um"),
    F("depth_um", "H", "um", "asked by the last accepted DRIVE"),
    F("speed_rpm", "H", "rpm", "asked by the last accepted DRIVE"),
    F("arm_token", "H"),
    F("lease_left_ms", "H", "ms"),
    F("refusal", "B"),
    F("refused", "H"),
    F("supply_mv", "H", "mV"),
    F("temperature_dc", "h", "0.1 degC"),
    F("loop_max_us", "H", "us"),
    F("rx_good", "I"),
    F("rx_bad", "H"),
    F("rx_overrun", "H"),
    F("tx_dropped", "H"),
    F("duplicates", "H"),
    F("fault_bits", "I", "", "bit n: fault n seen since boot"),
    F("free_kb", "H", "kB"),
)
STATUS_GET = Message(
    0x07, "STATUS_GET", "Reads the fields of STATUS.", Layout("StatusGet", Empty), Layout("StatusReply", _STATUS_FIELDS)
)
CARTRIDGE_GET = Message(
    0x08,
    "CARTRIDGE_GET",
    "Reads the cartridge's chip.",
    Layout("CartridgeGet", Empty),
    Layout(
        "CartridgeReply",
        (
            F("present", "B"),
            F("id", "Q"),
            F("needles", "B"),
            F("tip_width_um", "H", "um"),
            F("lot", "12s"),
            F("expiry_days", "H", "day", "since 2020-01-01"),
            F("used_ms", "I", "ms"),
        ),
    ),
)
PLAN_WRITE = Message(
    0x0A,
    "PLAN_WRITE",
    "Stages limits of the plan, `offset` in entries; offset 0 begins a new plan. IDLE only.",
    Layout(
        "PlanWrite",
        (F("offset", "B", "entry", "", 0, PLAN_MAX_ZONES - 1),),
        (F("zone", "B"), F("limit_um", "H", "um", "", DEPTH_MIN_UM, DEPTH_MAX_UM)),
    ),
    Layout("PlanWriteReply", Empty),
)
PLAN_COMMIT = Message(
    0x0B,
    "PLAN_COMMIT",
    "Takes the staged plan when its CRC-32 (over the entries' bytes, in order) is the one given. IDLE only.",
    Layout("PlanCommit", (F("plan_crc", "I"),)),
    Layout("PlanCommitReply", Empty),
)
DRIVE = Message(
    0x30,
    "DRIVE",
    "The whole desired motion, every 20 ms, with a lease. No reply; a refused one changes and renews nothing.",
    Layout(
        "Drive",
        (
            F("arm_token", "H"),
            F("lease_ms", "H", "ms", "", LEASE_MIN_MS, LEASE_MAX_MS),
            F("seen_index", "I", "sample", "the last sample the host has judged"),
            F("zone", "B"),
            F("mode", "B", "", "", 1, 2),
            F("depth_limit_um", "H", "um", "", DEPTH_MIN_UM, DEPTH_MAX_UM),
            F("depth_um", "H", "um", "0 or 500..depth_limit", 0, DEPTH_MAX_UM),
            F("speed_rpm", "H", "rpm", "0 or 6000..8000", 0, SPEED_MAX_RPM),
            F("over_tolerance_um", "H", "um", "", OVER_TOLERANCE_MIN_UM, OVER_TOLERANCE_MAX_UM),
            F("trip_ms", "B", "ms", "", TRIP_MIN_MS, TRIP_MAX_MS),
        ),
        exact=True,
    ),
)
STOP = Message(
    0x31,
    "STOP",
    "Motor off, needles home, at once, in every state, for any session and sequence. Always executed.",
    Layout("Stop", (F("reason", "B"),), exact=True),
    Layout("StopReply", Empty),
)
SIMULATE = Message(
    0x3E,
    "SIMULATE",
    "Simulator only; hardware answers UNSUPPORTED.",
    Layout("Simulate", (F("kind", "B"), F("value", "i"))),
    Layout("SimulateReply", Empty),
)
_SAMPLE_FIELDS = (
    F("index", "I", "sample", "counts periods of time, not sends"),
    F("t_us", "I", "us"),
    F("depth_um", "H", "um", "measured reach at the outer dead point of the last cycle"),
    F("speed_rpm", "H", "rpm"),
    F("current_ma", "H", "mA"),
    F("drive_sequence", "H", "", "of the last accepted DRIVE"),
    F("dropped", "H", "sample", "never sent, cumulative"),
    F("state", "B"),
    F("fault", "B"),
    F("refusal", "B"),
    F("flags", "B"),
)
TELEMETRY = Message(0xC0, "TELEMETRY", "One sample of one period.", Layout("Telemetry", _SAMPLE_FIELDS))
TELEMETRY_BATCH = Message(
    0xC1, "TELEMETRY_BATCH", "Samples of slow pens, several a frame.", Layout("TelemetryBatch", Empty, _SAMPLE_FIELDS)
)
STATUS = Message(0xC2, "STATUS", "Ten times a second.", Layout("Status", _STATUS_FIELDS))
EVENT = Message(
    0xC3,
    "EVENT",
    "A change of state, as it happens.",
    Layout(
        "Event",
        (
            F("log_index", "I"),
            F("t_us", "I", "us"),
            F("state", "B"),
            F("fault", "B"),
            F("sample_index", "I"),
            F("argument", "H"),
        ),
    ),
)
BOOT = Message(
    0xC4,
    "BOOT",
    "Sent at start; in mid-session it means the pen restarted.",
    Layout("Boot", (F("boot_id", "I"), F("reset_cause", "B"))),
)

MESSAGES = (
    HELLO,
    SYNC,
    ARM,
    DISARM,
    STREAM,
    CLEAR_FAULT,
    STATUS_GET,
    CARTRIDGE_GET,
    PLAN_WRITE,
    PLAN_COMMIT,
    DRIVE,
    STOP,
    SIMULATE,
    TELEMETRY,
    TELEMETRY_BATCH,
    STATUS,
    EVENT,
    BOOT,
)
BY_ID = {message.id: message for message in MESSAGES}

Hello = HELLO.payload.type
HelloReply = HELLO.reply.type
Sync = SYNC.payload.type
SyncReply = SYNC.reply.type
Arm = ARM.payload.type
ArmReply = ARM.reply.type
Disarm = DISARM.payload.type
Stream = STREAM.payload.type
ClearFault = CLEAR_FAULT.payload.type
StatusGet = STATUS_GET.payload.type
StatusReply = STATUS_GET.reply.type
CartridgeGet = CARTRIDGE_GET.payload.type
CartridgeReply = CARTRIDGE_GET.reply.type
PlanWrite = PLAN_WRITE.payload.type
PlanCommit = PLAN_COMMIT.payload.type
Drive = DRIVE.payload.type
Stop = STOP.payload.type
Simulate = SIMULATE.payload.type
Telemetry = TELEMETRY.payload.type
TelemetryBatch = TELEMETRY_BATCH.payload.type
Status = STATUS.payload.type
Event = EVENT.payload.type
Boot = BOOT.payload.type


def plan_crc(entries):
    """CRC-32 over the plan's entries [(zone, limit_um), ...] as they stand on the wire, in order."""
    import binascii

    crc = 0
    for zone, limit_um in entries:
        crc = binascii.crc32(struct.pack("<BH", zone, limit_um), crc)
    return crc & 0xFFFFFFFF
