"""The pen of pen link 1: bytes and time in, bytes and motion out. Shared by the boards and the simulated pen.

Runs unchanged on CPython 3.11 and MicroPython 1.27 (no I/O, no clock). The parts beside it: `pen_motion` (states, lease),
`pen_guards` (own trips), `pen_plan` (limits, DRIVE's rules), `pen_requests` (request and reply), `pen_output` (telemetry),
`pen_service` (date, parameters, log), `pen_calibration` (raw and true), `pen_storage` (what outlives power).
"""

from firmware_protocol.frame import TO_PEN_WIRE_BYTES, Deframer, Frame
from firmware_protocol.messages import (
    BOOT,
    DRIVE,
    EVENT,
    FAULT_TRANSMIT_STALL,
    FLAG_BUTTON,
    FLAG_CARTRIDGE,
    FLAG_CONTACT,
    FLAG_DEPTH_VALID,
    FLAG_MOTOR_POWERED,
    FLAG_NEEDLES_HOME,
    FLAG_SPEED_VALID,
    REFUSAL_LENGTH,
    REFUSAL_SESSION,
    STATE_ARMED,
    STATE_RUNNING,
    STATUS,
    STOP,
    Boot,
    Event,
    MessageError,
    Status,
    Telemetry,
)
from firmware_protocol.pen_calibration import Calibrated, Calibration
from firmware_protocol.pen_clock import BASE_PERIOD_US, Hold, elapsed_us, is_reached
from firmware_protocol.pen_guards import Guards
from firmware_protocol.pen_hardware import Hardware
from firmware_protocol.pen_log import Log
from firmware_protocol.pen_motion import Motion
from firmware_protocol.pen_output import Output, Sampling
from firmware_protocol.pen_requests import Identity, Requests
from firmware_protocol.pen_service import Service
from firmware_protocol.pen_storage import Storage

STATUS_PERIOD_US = 100000
TRANSMIT_STALL_US = 250000  # telemetry that found no room for so long: nobody can be judging it


class Pen:
    """One pen. Times are u32 microseconds of its own clock; `firmware_protocol.pen_hardware` says what `hardware` must do."""

    guards_type: type[Guards] = Guards
    calibration_type: type[Calibration] = Calibration

    def __init__(
        self, hardware: Hardware, boot_id: int, reset_cause: int, serial: bytes, firmware: bytes, capabilities: int
    ) -> None:
        """Starts in BOOT with the motor off. `serial` at most 12 bytes, `firmware` 8, `boot_id` another u32 every start."""
        self._deframer = Deframer(TO_PEN_WIRE_BYTES)
        self.output = Output()
        self.sampling = Sampling(self.output)
        storage = Storage(hardware)
        calibration = self.calibration_type(storage)
        self.motion = Motion(Calibrated(hardware, calibration), reset_cause, boot_id, self.guards_type)
        self.service = Service(storage, calibration, self.motion, Log())
        identity = Identity(boot_id, reset_cause, serial, firmware, capabilities)
        self.requests = Requests(identity, self.motion, self.service, self.sampling, self.output, self._deframer)
        self._started = False
        self._tick_us = 0
        self._grid_us = BASE_PERIOD_US
        self._last_step_us = 0
        self._status_phase_us = 0
        self._stalled = Hold()
        self.output.send(BOOT.id, BOOT.payload.pack(Boot(boot_id, reset_cause)), False)

    @property
    def state(self) -> int:
        """STATE_... of messages."""
        return self.motion.state

    @property
    def fault(self) -> int:
        """FAULT_... of messages."""
        return self.motion.fault

    @property
    def index(self) -> int:
        """Number of the newest sample."""
        return self.sampling.index

    @property
    def step_us(self) -> int:
        """Time from one `step` to the next: 1000, or 500 while the host asked for a stream that needs it."""
        return self.sampling.step_us

    def receive(self, data: bytes, now_us: int) -> None:
        """Take bytes from the host in any chunking and act on them at once. Never raises on bad bytes."""
        for frame in self._deframer.feed(data):
            self.hear(frame, now_us)
            self._report(now_us)

    def hear(self, frame: Frame, now_us: int) -> None:
        """Act on one good frame. STOP acts before it answers, and passes every check but its own length."""
        if frame.kind == STOP.id:
            try:
                stop = STOP.payload.unpack(frame.payload)
            except MessageError:
                self.requests.bad_payloads += 1
                return
            self.motion.stop(stop.reason)
            self.output.put(self.requests.stopped(frame))
        elif frame.kind == DRIVE.id:
            self._drive(frame, now_us)
        else:
            wire = self.requests.answer(frame, now_us)
            if wire:
                self.output.put(wire)

    def step(self, now_us: int) -> None:
        """Once per `step_us`: read, judge, move, and send what is due. A late step counts the periods it missed."""
        if not self._started:
            self._started = True
            self._tick_us = self._last_step_us = (now_us - BASE_PERIOD_US) & 0xFFFFFFFF
        grid_us = min(self._grid_us, self.step_us)  # the finer one, across a change of it
        self._grid_us = self.step_us
        about_us = (now_us + grid_us // 2) & 0xFFFFFFFF
        early = not is_reached(about_us, self._tick_us)  # more than half a step: none has passed
        passed_us = 0 if early else elapsed_us(about_us, self._tick_us) // grid_us * grid_us
        self._tick_us = (self._tick_us + passed_us) & 0xFFFFFFFF
        due = self.sampling.pass_time(passed_us)
        self.motion.step(now_us, elapsed_us(now_us, self._last_step_us))
        self._last_step_us = now_us
        self.service.step()
        if self.state in (STATE_ARMED, STATE_RUNNING) and self._stalled.lasted(self.sampling.full, now_us, TRANSMIT_STALL_US):
            self.motion.trip(FAULT_TRANSMIT_STALL, self.sampling.dropped)
        self._report(now_us)
        if due:
            self.sampling.add(self._sample(now_us))
        self._status_phase_us += passed_us
        if self._status_phase_us >= STATUS_PERIOD_US:
            self._status_phase_us %= STATUS_PERIOD_US
            if self.output.session:
                self.output.send(STATUS.id, STATUS.payload.pack(Status(*self.requests.status(now_us))), True)
            self.motion.longest_step_us = 0

    def take_output(self) -> bytes:
        """Wire bytes for the host; what is taken is gone. Bounded: unread telemetry is dropped and counted."""
        return self.output.take()

    def link_lost(self, now_us: int) -> None:
        """DTR, TCP or HUP fell: ARMED and RUNNING latch FAULT LINK; session, stream and unsent bytes end."""
        self.motion.link_lost()
        self._report(now_us)
        self.requests.close_session()
        self.sampling.stop()
        self.output.clear()

    def _drive(self, frame: Frame, now_us: int) -> None:
        try:
            drive = DRIVE.payload.unpack(frame.payload)
        except MessageError:
            self.requests.bad_payloads += 1
            self.motion.refuse(REFUSAL_LENGTH)
            return
        if self.output.session == 0 or frame.session != self.output.session:
            self.motion.refuse(REFUSAL_SESSION)
            return
        age_us = self.sampling.age_us(drive.seen_index)
        self.motion.drive(drive, frame.sequence, self.requests.plan.limits_um, age_us, now_us)

    def _report(self, now_us: int) -> None:
        """EVENT for each change of state; `sample_index` is the sample that caused it."""
        happened = self.motion.happened
        self.motion.happened = []
        for state, fault, argument in happened:
            event = Event(self.service.log.last + 1, now_us, state, fault, self.index, argument)
            record = EVENT.payload.pack(event)
            self.service.log.add(record)
            self.output.send(EVENT.id, record, False)

    def _sample(self, now_us: int) -> Telemetry:
        found = self.motion.readings
        flags = FLAG_CARTRIDGE if found.cartridge else 0
        flags |= FLAG_BUTTON if found.button else 0
        flags |= FLAG_CONTACT if found.contact else 0
        flags |= FLAG_MOTOR_POWERED if found.motor_powered else 0
        flags |= FLAG_NEEDLES_HOME if found.needles_home else 0
        flags |= FLAG_DEPTH_VALID if found.depth_valid else 0
        flags |= FLAG_SPEED_VALID if found.speed_valid else 0
        return Telemetry(
            self.index,
            now_us,
            max(0, min(found.depth_um, 0xFFFF)),
            max(0, min(found.speed_rpm, 0xFFFF)),
            max(0, min(found.current_ma, 0xFFFF)),
            self.motion.drive_sequence,
            self.sampling.dropped,
            self.state,
            self.fault,
            self.motion.refusal,
            flags,
        )
