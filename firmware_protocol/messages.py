"""The one table of pen link 1: every message, field, unit and range. PROTOCOL.md, C header and vectors come from it.

Runs unchanged on CPython and MicroPython (so: plain classes, namedtuples, integers). `messages.pyi` beside it gives the
same table to the type checker; `python -m firmware_protocol.generate --check` holds the two together.
"""

import binascii
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
CALIBRATION_BYTES = 33  # the block that CALIBRATION_READ and _WRITE address by offset
DAYS_WITHOUT_END = 0xFFFF  # valid_until_days of a certificate that does not expire: test stands and simulated pens
LOG_READ_MOST = 14  # records in one reply: 14 * 16 bytes fit 254 on the wire

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
EVENT_CAUSES = ("STATE", "STOP", "DRIVE", "DISARM", "HELLO", "BUTTON", "NO_DRIVE", "CLEARED", "STORED", "STORE_FAILED")
(
    CAUSE_STATE,
    CAUSE_STOP,
    CAUSE_DRIVE,
    CAUSE_DISARM,
    CAUSE_HELLO,
    CAUSE_BUTTON,
    CAUSE_NO_DRIVE,
    CAUSE_CLEARED,
    CAUSE_STORED,
    CAUSE_STORE_FAILED,
) = range(10)

# STATUS.storage: how the last PARAMETER_COMMIT or CALIBRATION_COMMIT of this boot fares; one write at a time.
STORAGE_STATES = ("IDLE", "WRITING", "DONE", "FAILED")
STORAGE_IDLE, STORAGE_WRITING, STORAGE_DONE, STORAGE_FAILED = range(4)

CALIBRATION_STATUSES = ("NONE", "PASS", "LOCKED")
CALIBRATION_NONE, CALIBRATION_PASS, CALIBRATION_LOCKED = range(3)

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

    __slots__ = ("code", "high", "low", "name", "since", "text", "unit")

    def __init__(self, name, code, unit="", text="", low=None, high=None, since=0):
        """`since`: the minor version that appended it; a payload from before then ends earlier, and the field reads 0."""
        self.name = name
        self.code = code
        self.unit = unit
        self.text = text
        self.since = since
        lowest, highest = _RANGES.get(code, (0, 0))
        self.low = lowest if low is None else low
        self.high = highest if high is None else high


class Layout:
    """The payload of one direction of one message: fixed fields, then perhaps a repeated group named `entries`."""

    __slots__ = ("_group_codes", "_lengths", "entries", "exact", "fields", "format", "name", "size", "type")

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
        minors = sorted({field.since for field in fields} | {0})
        self._lengths = [struct.calcsize("<" + "".join(f.code for f in fields if f.since <= minor)) for minor in minors]

    @property
    def least(self):
        """Bytes that a peer of minor 0 sends."""
        return self._lengths[0]

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

        One that ends where an earlier minor ended is legal too: what that minor did not know reads 0. Raises MessageError
        when the payload is too short or, where exact, of another length.
        """
        length = len(payload)
        if length < self.size and length in self._lengths and not self.entries:
            payload = bytes(payload) + bytes(self.size - length)
            length = self.size
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
    Layout(
        "Hello",
        (
            F("major", "B", "", "the host's; another than the pen's is BAD_VERSION"),
            F("minor", "B", "", "the host's"),
            F("host_nonce", "I", "", "another one for each HELLO that shall open a session"),
            F("capabilities", "H", "", "of the host: no bit is given yet, send 0"),
        ),
    ),
    Layout(
        "HelloReply",
        (
            F("major", "B", "", "the pen's"),
            F("minor", "B", "", "the pen's"),
            F("boot_id", "I", "", "another one at every start; ARM and CLEAR_FAULT must give it back"),
            F("state", "B", "", "after this HELLO"),
            F("fault", "B", "", "the latched one"),
            F("capabilities", "H", "", "bit 0: simulated, bit 1: has a contact flag"),
            F("reset_cause", "B", "", "why the pen started"),
            F("rx_max", "H", "byte", "longest frame the pen hears, delimiters included"),
            F("serial", "12s", "", "ASCII, the pen's own for life"),
            F("firmware", "8s", "", "ASCII, the firmware's version"),
        ),
    ),
)
SYNC = Message(
    0x02,
    "SYNC",
    "One clock exchange.",
    Layout("Sync", (F("host_us", "Q", "us", "any clock of the host"),)),
    Layout(
        "SyncReply",
        (
            F("host_us", "Q", "us", "as asked"),
            F("pen_rx_us", "I", "us", "the pen's clock when it heard"),
            F("pen_tx_us", "I", "us", "and when it answered"),
        ),
    ),
)
ARM = Message(
    0x03,
    "ARM",
    "Gives a token for one run. Only a person's START causes it.",
    Layout(
        "Arm",
        (
            F("mode", "B", "", "1 treat, 2 calibrate", 1, 2),
            F("plan_crc", "I", "", "of the committed plan; calibrate mode does not look at it"),
            F("depth_ceiling_um", "H", "um", "no depth_limit of this run may be deeper", DEPTH_MIN_UM, DEPTH_MAX_UM),
            F("boot_id", "I", "", "as HELLO gave it: a host that missed a restart arms nothing"),
        ),
        exact=True,
    ),
    Layout("ArmReply", (F("arm_token", "H", "", "never 0; void after any stop"),)),
)
DISARM = Message(
    0x04, "DISARM", "Ends ARMED or RUNNING: motor off, needles home.", Layout("Disarm", Empty), Layout("DisarmReply", Empty)
)
STREAM = Message(
    0x05,
    "STREAM",
    "Sets the telemetry's period. In IDLE, and in FAULT, where a host that comes back must see what the pen sees.",
    Layout(
        "Stream", (F("period_us", "H", "us", "a multiple of 500; 0: off"), F("batch", "B", "sample", "samples a frame", 1, 9))
    ),
    Layout("StreamReply", Empty),
)
CLEAR_FAULT = Message(
    0x06,
    "CLEAR_FAULT",
    "Clears the latched fault it names, when its cause is gone.",
    Layout("ClearFault", (F("fault", "B", "", "the one that is latched"), F("boot_id", "I", "", "as HELLO gave it"))),
    Layout("ClearFaultReply", Empty),
)
_STATUS_FIELDS = (
    F("zone", "B", "", "of the last accepted DRIVE of this run"),
    F("depth_limit_um", "H", "um", "of the last accepted DRIVE"),
    F("depth_um", "H", "um", "asked by the last accepted DRIVE"),
    F("speed_rpm", "H", "rpm", "asked by the last accepted DRIVE"),
    F("arm_token", "H", "", "0: none is valid"),
    F("lease_left_ms", "H", "ms", "0: no lease"),
    F("refusal", "B", "", "of the newest DRIVE"),
    F("refused", "H", "frame", "DRIVEs refused since the start"),
    F("supply_mv", "H", "mV", "supply voltage"),
    F("temperature_dc", "h", "0.1 degC", "of the motor or its driver"),
    F("loop_max_us", "H", "us", "longest time between two steps of the pen's loop since the last STATUS"),
    F("rx_good", "I", "frame", "frames heard whole"),
    F("rx_bad", "H", "frame", "frames refused, for whatever cause"),
    F("rx_overrun", "H", "frame", "of these, too long"),
    F("tx_dropped", "H", "frame", "frames that found no room"),
    F("duplicates", "H", "request", "repeats answered from the cache"),
    F("fault_bits", "I", "", "bit n: fault n seen since boot"),
    F("free_kb", "H", "kB", "free memory"),
    F("storage", "B", "", "how the last COMMIT fares"),
    F("parameters_crc", "I", "", "of the parameters in force, as PARAMETER_COMMIT gives it"),
    F("calibration_crc", "I", "", "of the calibration block in force, 0 without one"),
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
            F("present", "B", "", "0: out, and all else 0"),
            F("id", "Q", "", "of the chip, unique"),
            F("needles", "B", "", "how many"),
            F("tip_width_um", "H", "um", "across the stroke"),
            F("lot", "12s", "", "ASCII"),
            F("expiry_days", "H", "day", "last day, since 2020-01-01"),
            F("used_ms", "I", "ms", "time with the motor running"),
        ),
    ),
)
TODAY = Message(
    0x09,
    "TODAY",
    "Tells the pen, which has no calendar, the date; held for this session. ARM judges the calibration's end by it.",
    Layout("Today", (F("today_days", "H", "day", "since 2020-01-01", 1, DAYS_WITHOUT_END - 1),)),
    Layout("TodayReply", Empty),
)
PLAN_WRITE = Message(
    0x0A,
    "PLAN_WRITE",
    "Stages limits of the plan, `offset` in entries; offset 0 begins a new plan. IDLE only.",
    Layout(
        "PlanWrite",
        (F("offset", "B", "entry", "of the first entry here", 0, PLAN_MAX_ZONES - 1),),
        (
            F("zone", "B", "", "number of the zone, as DRIVE gives it"),
            F("limit_um", "H", "um", "deepest depth_limit for it", DEPTH_MIN_UM, DEPTH_MAX_UM),
        ),
    ),
    Layout("PlanWriteReply", Empty),
)
PLAN_COMMIT = Message(
    0x0B,
    "PLAN_COMMIT",
    "Takes the staged plan when its CRC-32 (over the entries' bytes, in order) is the one given. IDLE only.",
    Layout("PlanCommit", (F("plan_crc", "I", "", "over zone u8, limit_um u16 of every entry"),)),
    Layout("PlanCommitReply", Empty),
)
PARAMETER_GET = Message(
    0x10,
    "PARAMETER_GET",
    "Reads one parameter: the value in force, the staged one, and what is allowed.",
    Layout("ParameterGet", (F("id", "B", "", "of the parameter"),)),
    Layout(
        "ParameterGetReply",
        (
            F("id", "B", "", "as asked"),
            F("value", "i", "", "in force"),
            F("staged", "i", "", "what PARAMETER_COMMIT would store"),
            F("low", "i", "", "least that PARAMETER_SET takes"),
            F("high", "i", "", "most that it takes"),
            F("initial", "i", "", "where nothing is stored"),
        ),
    ),
)
PARAMETER_SET = Message(
    0x11,
    "PARAMETER_SET",
    "Stages one parameter; nothing changes before PARAMETER_COMMIT. IDLE only.",
    Layout("ParameterSet", (F("id", "B", "", "of the parameter"), F("value", "i", "", "in its own unit"))),
    Layout("ParameterSetReply", Empty),
)
PARAMETER_COMMIT = Message(
    0x12,
    "PARAMETER_COMMIT",
    "Stores the staged set when its CRC-32 (over id u8, value i32 of every parameter by rising id) is the one given. IDLE only. "
    "Answers IN_PROGRESS; in force when STATUS shows the storage DONE.",
    Layout("ParameterCommit", (F("parameters_crc", "I", "", "of the set the host means to store"),)),
    Layout("ParameterCommitReply", Empty),
)
_PART_FIELDS = (F("octet", "B", "", "one byte of the block"),)
CALIBRATION_READ = Message(
    0x14,
    "CALIBRATION_READ",
    "Reads bytes of the calibration block in force; all zero where there is none.",
    Layout(
        "CalibrationRead",
        (
            F("offset", "B", "byte", "of the first one wanted", 0, CALIBRATION_BYTES - 1),
            F("count", "B", "byte", "how many; past the end: DENIED", 1, CALIBRATION_BYTES),
        ),
    ),
    Layout("CalibrationReadReply", (F("offset", "B", "byte", "as asked"),), _PART_FIELDS),
)
CALIBRATION_WRITE = Message(
    0x15,
    "CALIBRATION_WRITE",
    "Stages bytes of a calibration block from `offset` on; a repeat is harmless. IDLE only.",
    Layout("CalibrationWrite", (F("offset", "B", "byte", "of the first one here", 0, CALIBRATION_BYTES - 1),), _PART_FIELDS),
    Layout("CalibrationWriteReply", Empty),
)
CALIBRATION_COMMIT = Message(
    0x16,
    "CALIBRATION_COMMIT",
    "Stores the staged block when every byte was written, its values are allowed and its CRC-32 is the one given. IDLE only. "
    "Answers IN_PROGRESS; in force when STATUS shows the storage DONE.",
    Layout("CalibrationCommit", (F("calibration_crc", "I", "", "the block's own `crc`"),)),
    Layout("CalibrationCommitReply", Empty),
)
_EVENT_FIELDS = (
    F("log_index", "I", "", "counts events since the pen started, from 1"),
    F("t_us", "I", "us", "the pen's clock"),
    F("state", "B", "", "from now on"),
    F("fault", "B", "", "the latched one"),
    F("sample_index", "I", "sample", "the sample that caused it"),
    F("argument", "H", "", "the cause without a fault, else the value that tripped"),
)
LOG_INFO = Message(
    0x18,
    "LOG_INFO",
    "Which records the event log holds: the newest ones since the pen started. Both 0 where it is empty.",
    Layout("LogInfo", Empty),
    Layout("LogInfoReply", (F("first_index", "I", "", "oldest kept"), F("last_index", "I", "", "newest"))),
)
LOG_READ = Message(
    0x19,
    "LOG_READ",
    "Reads records from `first_index` on; fewer come back where the log ends. A record is the EVENT that was sent.",
    Layout(
        "LogRead",
        (F("first_index", "I", "", "one that is kept, else DENIED"), F("count", "B", "record", "how many", 1, LOG_READ_MOST)),
    ),
    Layout("LogReadReply", Empty, _EVENT_FIELDS),
)
DRIVE = Message(
    0x30,
    "DRIVE",
    "The whole desired motion, every 20 ms, with a lease. No reply; a refused one changes and renews nothing.",
    Layout(
        "Drive",
        (
            F("arm_token", "H", "", "as ARM gave it"),
            F("lease_ms", "H", "ms", "motor off this long after the pen heard it, unless renewed", LEASE_MIN_MS, LEASE_MAX_MS),
            F("seen_index", "I", "sample", "the last sample the host has judged"),
            F("zone", "B", "", "where the pen is held, by the host's word"),
            F("mode", "B", "", "ARM's", 1, 2),
            F("depth_limit_um", "H", "um", "what the pen's guard judges by", DEPTH_MIN_UM, DEPTH_MAX_UM),
            F("depth_um", "H", "um", "0 or 500..depth_limit", 0, DEPTH_MAX_UM),
            F("speed_rpm", "H", "rpm", "0 or 6000..8000", 0, SPEED_MAX_RPM),
            F("over_tolerance_um", "H", "um", "past the limit, before it trips", OVER_TOLERANCE_MIN_UM, OVER_TOLERANCE_MAX_UM),
            F("trip_ms", "B", "ms", "for this long", TRIP_MIN_MS, TRIP_MAX_MS),
        ),
        exact=True,
    ),
)
STOP = Message(
    0x31,
    "STOP",
    "Motor off, needles home, at once, in every state, for any session and sequence. Always executed.",
    Layout("Stop", (F("reason", "B", "", "for the record; EMERGENCY latches a fault"),), exact=True),
    Layout("StopReply", Empty),
)
SIMULATE = Message(
    0x3E,
    "SIMULATE",
    "Simulator only; hardware answers UNSUPPORTED.",
    Layout("Simulate", (F("kind", "B", "", "what shall happen"), F("value", "i", "", "how much"))),
    Layout("SimulateReply", Empty),
)
_SAMPLE_FIELDS = (
    F("index", "I", "sample", "counts periods of time, not sends"),
    F("t_us", "I", "us", "the pen's clock when it measured"),
    F("depth_um", "H", "um", "measured reach at the outer dead point of the last cycle"),
    F("speed_rpm", "H", "rpm", "measured, one cycle a turn"),
    F("current_ma", "H", "mA", "of the motor"),
    F("drive_sequence", "H", "", "of the last accepted DRIVE"),
    F("dropped", "H", "sample", "never sent, cumulative"),
    F("state", "B", "", "now"),
    F("fault", "B", "", "the latched one"),
    F("refusal", "B", "", "of the newest DRIVE; NONE after one that was accepted"),
    F("flags", "B", "", "bits 0 to 6: cartridge, button, contact, powered, home, depth valid, speed valid"),
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
    Layout("Event", _EVENT_FIELDS),
)
BOOT = Message(
    0xC4,
    "BOOT",
    "Sent at start; in mid-session it means the pen restarted.",
    Layout("Boot", (F("boot_id", "I", "", "of this start"), F("reset_cause", "B", "", "why it started"))),
)

# Not a message: what CALIBRATION_READ, _WRITE and the storage hold. raw = a + (1 + b) * true, as the pen's sensor counts.
CALIBRATION = Layout(
    "CalibrationBlock",
    (
        F("a_um", "h", "um", "raw reach where the true reach is 0, by the fitted line", -300, 300),
        F("b_ppm", "i", "ppm", "slope of raw over true reach, less 1", -100000, 100000),
        F("speed_ppm", "i", "ppm", "raw over true speed, less 1", -100000, 100000),
        F("certificate", "16s", "", "number of the certificate, padded with zeros"),
        F("valid_until_days", "H", "day", "last day, since 2020-01-01; 65535: without end"),
        F("status", "B", "", "0 none, 1 pass, 2 locked", 0, 2),
        F("crc", "I", "", "CRC-32 of the 29 bytes before"),
    ),
    exact=True,
)

Parameter = namedtuple("Parameter", ("id", "name", "unit", "low", "high", "initial", "text"))

PARAMETER_SPIN_UP, PARAMETER_CURRENT_TRIP, PARAMETER_TEMPERATURE_TRIP, PARAMETER_BUTTON_HOLD = range(1, 5)
# Each range ends at the rule of this protocol: a parameter can make a guard stricter, never looser.
PARAMETERS = (
    Parameter(PARAMETER_SPIN_UP, "spin_up_ms", "ms", 500, 1500, 1500, "from a stand, before the speed is judged"),
    Parameter(PARAMETER_CURRENT_TRIP, "current_trip_ma", "mA", 650, 1200, 1200, "more than this for 20 ms is OVERCURRENT"),
    Parameter(PARAMETER_TEMPERATURE_TRIP, "temperature_trip_dc", "0.1 degC", 400, 600, 600, "more for 100 ms is OVERTEMPERATURE"),
    Parameter(PARAMETER_BUTTON_HOLD, "button_hold_ms", "ms", 1, 50, 1, "the pen's button stops when held this long"),
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
    TODAY,
    PLAN_WRITE,
    PLAN_COMMIT,
    PARAMETER_GET,
    PARAMETER_SET,
    PARAMETER_COMMIT,
    CALIBRATION_READ,
    CALIBRATION_WRITE,
    CALIBRATION_COMMIT,
    LOG_INFO,
    LOG_READ,
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
Today = TODAY.payload.type
PlanWrite = PLAN_WRITE.payload.type
PlanCommit = PLAN_COMMIT.payload.type
ParameterGet = PARAMETER_GET.payload.type
ParameterGetReply = PARAMETER_GET.reply.type
ParameterSet = PARAMETER_SET.payload.type
ParameterCommit = PARAMETER_COMMIT.payload.type
CalibrationRead = CALIBRATION_READ.payload.type
CalibrationReadReply = CALIBRATION_READ.reply.type
CalibrationWrite = CALIBRATION_WRITE.payload.type
CalibrationCommit = CALIBRATION_COMMIT.payload.type
CalibrationBlock = CALIBRATION.type
LogInfo = LOG_INFO.payload.type
LogInfoReply = LOG_INFO.reply.type
LogRead = LOG_READ.payload.type
LogReadReply = LOG_READ.reply.type
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
    crc = 0
    for zone, limit_um in entries:
        crc = binascii.crc32(struct.pack("<BH", zone, limit_um), crc)
    return crc & 0xFFFFFFFF


def parameters_crc(values):
    """CRC-32 over a whole set of parameters {id: value}: id u8, value i32 of each, by rising id."""
    crc = 0
    for number in sorted(values):
        crc = binascii.crc32(struct.pack("<Bi", number, values[number]), crc)
    return crc & 0xFFFFFFFF


def calibration_bytes(a_um, b_ppm, speed_ppm, certificate, valid_until_days, status):
    """The 33 bytes of a calibration block, its CRC-32 worked out. Raises MessageError for a value that is not allowed."""
    fields = CALIBRATION.pack(CalibrationBlock(a_um, b_ppm, speed_ppm, certificate, valid_until_days, status, 0))[:-4]
    return fields + struct.pack("<I", binascii.crc32(fields) & 0xFFFFFFFF)
