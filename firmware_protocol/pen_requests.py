"""Requests and replies of the pen: session, sequence, reply cache, and one handler a message. No I/O, no clock.

Runs unchanged on CPython and MicroPython. Every reply is a result byte, then the reply's fields only where it is OK. A
repeat (same session, sequence and type) is answered from the cache and not executed (pen-link.md, "Retry").
"""

from collections import namedtuple

from firmware_protocol.frame import (
    FLAG_REPLY_WANTED,
    MAJOR,
    TO_HOST_WIRE_BYTES,
    TO_PEN_WIRE_BYTES,
    Deframer,
    Frame,
    encode_frame,
    is_newer,
)
from firmware_protocol.messages import (
    ARM,
    BAD_CRC,
    BAD_SESSION,
    BAD_STATE,
    BAD_VERSION,
    BUSY,
    BY_ID,
    CAUSE_DISARM,
    CAUSE_HELLO,
    DENIED,
    DEPTH_MAX_UM,
    DEPTH_MIN_UM,
    HELLO,
    LOCKED,
    MINOR,
    MODE_CALIBRATE,
    MODE_TREAT,
    OK,
    STATE_FAULT,
    STATE_IDLE,
    UNSUPPORTED,
    Arm,
    ArmReply,
    CartridgeReply,
    ClearFault,
    Hello,
    HelloReply,
    MessageError,
    PlanCommit,
    PlanWrite,
    Simulate,
    StatusReply,
    Stream,
    Sync,
    SyncReply,
)
from firmware_protocol.pen_motion import Motion
from firmware_protocol.pen_output import Output, Sampling
from firmware_protocol.pen_plan import Plan
from firmware_protocol.pen_service import Service

CACHED_REPLIES = 4  # one request is in flight; the others are late repeats
ARM_FRAME_LONGEST_US = 4000
HIGHEST_REQUEST = 0x3F

Identity = namedtuple("Identity", ("boot_id", "reset_cause", "serial", "firmware", "capabilities"))


class Requests:
    """Answers requests. What was not executed has a counter that says why."""

    def __init__(
        self, identity: Identity, motion: Motion, service: Service, sampling: Sampling, output: Output, deframer: Deframer
    ) -> None:
        self.plan = Plan()
        self.duplicates = 0
        self.bad_types = 0
        self.bad_payloads = 0
        self.bad_sessions = 0
        self.stale = 0
        self._identity = identity
        self._motion = motion
        self._service = service
        self._sampling = sampling
        self._output = output  # its session is 0 as long as no host has said HELLO
        self._deframer = deframer
        self._last_session = identity.boot_id % 255
        self._nonce = 0
        self._last = 0
        self._void_sequence: int | None = None
        self._cache: list[tuple[int, int, int, bytes]] = []

    def close_session(self) -> None:
        """The link fell: whoever comes next says HELLO first."""
        self._output.session = 0
        self._cache = []

    def answer(self, frame: Frame, now_us: int) -> bytes:
        """Execute a request, or not; the reply's wire bytes, empty where none is due.

        Checks in the order of pen-link.md, "Frame": type, payload length, session, sequence.
        """
        if frame.kind == HELLO.id:
            return self._hello(frame)
        message = BY_ID.get(frame.kind)
        if message is None or message.reply is None:
            self.bad_types += 1
            return self._reply(frame, frame.session, UNSUPPORTED) if 0 < frame.kind <= HIGHEST_REQUEST else b""
        try:
            value = message.payload.unpack(frame.payload)
        except MessageError:
            self.bad_payloads += 1
            return b""
        if self._output.session == 0 or frame.session != self._output.session:
            self.bad_sessions += 1
            return self._reply(frame, frame.session, BAD_SESSION)
        for session, sequence, kind, wire in self._cache:
            if session == frame.session and sequence == frame.sequence and kind == frame.kind:
                self.duplicates += 1
                return wire
        if not is_newer(frame.sequence, self._last):
            self.stale += 1
            return self._reply(frame, frame.session, BAD_STATE)
        self._last = frame.sequence
        if frame.kind == ARM.id and frame.sequence == self._void_sequence:
            result, reply = BAD_STATE, None
        else:
            name = message.name.lower()  # the handler has the message's name
            handler = getattr(self._service, name, None) or getattr(self, "_" + name)
            result, reply = handler(value, now_us)
        wire = self._reply(frame, frame.session, result, b"" if reply is None else message.reply.pack(reply))
        self._cache = self._cache[1 - CACHED_REPLIES :]
        self._cache.append((frame.session, frame.sequence, frame.kind, wire))
        return wire

    def stopped(self, frame: Frame) -> bytes:
        """A STOP was executed: no ARM that was sent before it may arm after it. Returns the reply.

        STOP of this session moves the request window, so an ARM on its way is old when it comes. A STOP of another session
        says nothing about our sequence: there the one request that can be in flight is void if it is an ARM.
        """
        if frame.session != self._output.session:
            self._void_sequence = (self._last + 1) & 0xFFFF
        elif is_newer(frame.sequence, self._last):
            self._last = frame.sequence
        self._cache = [kept for kept in self._cache if kept[2] != ARM.id]
        return self._reply(frame, frame.session, OK, b"", True)

    def status(self, now_us: int) -> StatusReply:
        """The fields of STATUS."""
        motion = self._motion
        bad = self._deframer.bad + self.bad_types + self.bad_payloads + self.bad_sessions + self.stale
        return StatusReply(
            motion.run.zone,
            motion.run.depth_limit_um,
            motion.run.depth_um,
            motion.run.speed_rpm,
            motion.token,
            motion.lease_left_ms(now_us),
            motion.refusal,
            motion.refused,
            max(0, min(motion.readings.supply_mv, 0xFFFF)),
            max(-0x8000, min(motion.readings.temperature_dc, 0x7FFF)),
            min(motion.longest_step_us, 0xFFFF),
            self._deframer.good & 0xFFFFFFFF,
            bad & 0xFFFF,
            self._deframer.overrun & 0xFFFF,
            self._output.dropped_frames,
            self.duplicates & 0xFFFF,
            motion.fault_bits,
            max(0, min(motion.hardware.free_kb(), 0xFFFF)),
            self._service.storage.state,
            self._service.parameters.crc,
            self._service.calibration.crc,
        )

    def _reply(self, frame: Frame, session: int, result: int, fields: bytes = b"", always: bool = False) -> bytes:
        if not (always or frame.flags & FLAG_REPLY_WANTED):
            return b""
        payload = bytes([result]) + fields
        return encode_frame(frame.kind | 0x80, session, 0, frame.sequence, payload, TO_HOST_WIRE_BYTES)[1:]

    def _hello(self, frame: Frame) -> bytes:
        """A new session: disarmed, no plan, nothing cached; the stream goes on. An equal nonce is a repeat: only a reply."""
        try:
            hello: Hello = HELLO.payload.unpack(frame.payload)
        except MessageError:
            self.bad_payloads += 1
            return b""
        if hello.major != MAJOR:
            return self._reply(frame, frame.session, BAD_VERSION)
        if self._output.session == 0 or hello.host_nonce != self._nonce:
            self._motion.open_session(CAUSE_HELLO)
            self.plan.clear()
            self._service.open_session()
            self._cache = []
            self._void_sequence = None
            self._nonce = hello.host_nonce
            self._last = frame.sequence
            self._last_session = self._last_session % 255 + 1
            self._output.session = self._last_session
        else:
            self.duplicates += 1
        reply = HelloReply(
            MAJOR,
            MINOR,
            self._identity.boot_id,
            self._motion.state,
            self._motion.fault,
            self._identity.capabilities,
            self._identity.reset_cause,
            TO_PEN_WIRE_BYTES,
            self._identity.serial,
            self._identity.firmware,
        )
        return self._reply(frame, self._output.session, OK, HELLO.reply.pack(reply))

    def _sync(self, sync: Sync, now_us: int) -> tuple[int, SyncReply | None]:
        return OK, SyncReply(sync.host_us, now_us, now_us)

    def _arm(self, arm: Arm, now_us: int) -> tuple[int, ArmReply | None]:
        """Every precondition of pen-link.md, "Messages", 03; the result says which kind failed."""
        motion = self._motion
        found = motion.readings
        streams = self._sampling.on and self._sampling.frame_us <= ARM_FRAME_LONGEST_US
        treat = arm.mode == MODE_TREAT
        refusal = OK
        if motion.state != STATE_IDLE:  # no self-test passed, a fault, or armed already
            refusal = BAD_STATE
        elif arm.mode not in (MODE_TREAT, MODE_CALIBRATE):
            refusal = UNSUPPORTED
        elif arm.boot_id != self._identity.boot_id or not (DEPTH_MIN_UM <= arm.depth_ceiling_um <= DEPTH_MAX_UM):
            refusal = DENIED
        elif found.motor_powered or not found.needles_home or self._service.storage.writing:
            refusal = BUSY
        elif not found.cartridge or not streams or (treat and not self.plan.committed):
            refusal = DENIED
        elif treat and arm.plan_crc != self.plan.crc:
            refusal = BAD_CRC
        elif treat and not self._service.allows_treatment:
            refusal = LOCKED
        if refusal != OK:
            return refusal, None
        return OK, ArmReply(motion.arm(arm.mode, arm.depth_ceiling_um, now_us))

    def _disarm(self, disarm: object, now_us: int) -> tuple[int, None]:
        self._motion.end(CAUSE_DISARM)
        return OK, None

    def _stream(self, stream: Stream, now_us: int) -> tuple[int, None]:
        """IDLE, and FAULT too: the motor is off in both, and a host that comes back to a fault must see what the pen sees."""
        if self._motion.state not in (STATE_IDLE, STATE_FAULT):
            return BAD_STATE, None
        return self._sampling.set(stream.period_us, stream.batch), None

    def _clear_fault(self, clear: ClearFault, now_us: int) -> tuple[int, None]:
        if clear.boot_id != self._identity.boot_id:
            return DENIED, None
        return self._motion.clear_fault(clear.fault), None

    def _status_get(self, get: object, now_us: int) -> tuple[int, StatusReply]:
        return OK, self.status(now_us)

    def _cartridge_get(self, get: object, now_us: int) -> tuple[int, CartridgeReply]:
        return OK, self._motion.hardware.cartridge()

    def _plan_write(self, write: PlanWrite, now_us: int) -> tuple[int, None]:
        if self._motion.state != STATE_IDLE:
            return BAD_STATE, None
        return self.plan.write(write.offset, write.entries), None

    def _plan_commit(self, commit: PlanCommit, now_us: int) -> tuple[int, None]:
        if self._motion.state != STATE_IDLE:
            return BAD_STATE, None
        return self.plan.commit(commit.plan_crc), None

    def _simulate(self, simulate: Simulate, now_us: int) -> tuple[int, None]:
        return OK if self._motion.hardware.simulate(simulate.kind, simulate.value) else UNSUPPORTED, None
