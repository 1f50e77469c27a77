"""One run, from ARM to proof of standstill: token, DRIVE book-keeping, and the time line of a trip. Pure."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from firmware_protocol import messages
from firmware_protocol.messages import Telemetry
from pencontrol.control.supervisor import Supervisor
from pencontrol.limits import OVER_TOLERANCE_UM
from sessions.events import Trip

DRIVE_PERIOD_NS = 20_000_000
NOT_ACCEPTED_NS = 100_000_000
TRIP_PATIENCE_NS = 1_000_000_000  # needles are home 50 ms after power off; a trip is written down by then in any case


class Phase(Enum):
    """Where a run is."""

    ARMING = auto()
    RUNNING = auto()
    STOPPING = auto()


@dataclass(slots=True)
class TripWatch:
    """A trip in the making: filled in as wire and telemetry show each step, all times from when control read the sample."""

    guard: Literal["CONTROL", "PEN"]
    alarm: str
    sample_index: int
    depth_um: int
    limit_um: int
    read_ns: int
    decided_ns: int
    wire_ns: int | None = None
    motor_off_ns: int | None = None
    home_ns: int | None = None

    def observe(self, telemetry: Telemetry, read_ns: int) -> None:
        """A later sample: is the motor unpowered, are the needles home?"""
        if self.motor_off_ns is None and not (telemetry.flags & messages.FLAG_MOTOR_POWERED):
            self.motor_off_ns = read_ns
        if self.home_ns is None and telemetry.flags & messages.FLAG_NEEDLES_HOME:
            self.home_ns = read_ns

    def complete(self, now_ns: int) -> bool:
        """Everything was seen, or it is too late to wait."""
        return self.home_ns is not None or now_ns - self.read_ns > TRIP_PATIENCE_NS

    def event(self) -> Trip:
        """For the record."""

        def after_us(at_ns: int | None) -> int | None:
            return None if at_ns is None else (at_ns - self.read_ns) // 1000

        return Trip(
            guard=self.guard,
            alarm=self.alarm,
            sample_index=self.sample_index,
            depth_um=self.depth_um,
            limit_um=self.limit_um,
            tolerance_um=OVER_TOLERANCE_UM,
            decided_us=(self.decided_ns - self.read_ns) // 1000,
            stop_on_wire_us=after_us(self.wire_ns),
            motor_off_us=after_us(self.motor_off_ns),
            needles_home_us=after_us(self.home_ns),
        )


@dataclass(frozen=True, slots=True)
class _Sent:
    sequence: int
    depth_um: int
    speed_rpm: int
    sent_ns: int


class Run:
    """Made by a person's START; there is never more than one."""

    def __init__(self) -> None:
        self.phase = Phase.ARMING
        self.token = 0
        self.arm_by_ns = 0  # ARM waits until the pen stands, at most until then; 0: it was sent
        self.supervisor: Supervisor | None = None
        self.next_drive_ns = 0
        self.last_drive_ns = 0
        self.accepted_ns = 0
        self.accepted_depth_um = 0
        self.accepted_speed_rpm = 0
        self.entering = ""  # a zone with a lower limit, waiting until the needles are shallow enough for it
        self.entering_since_ns = 0
        self.stop_source = ""
        self.stop_reason = messages.STOP_OPERATOR
        self.reached_told = True
        self.changed_ns = 0
        self._sent: deque[_Sent] = deque(maxlen=64)
        self._accepted_sequence: int | None = None

    def armed(self, token: int, now_ns: int) -> None:
        """The pen gave `token`: DRIVE begins."""
        self.phase = Phase.RUNNING
        self.token = token
        self.next_drive_ns = now_ns
        self.last_drive_ns = now_ns
        self.accepted_ns = now_ns

    def sent(self, sequence: int, depth_um: int, speed_rpm: int, now_ns: int) -> int:
        """A DRIVE left; returns by how much it is late, in nanoseconds (0 when in time)."""
        self._sent.append(_Sent(sequence, depth_um, speed_rpm, now_ns))
        late_ns = max(0, now_ns - self.next_drive_ns)
        self.next_drive_ns += DRIVE_PERIOD_NS
        if self.next_drive_ns <= now_ns:
            self.next_drive_ns = now_ns + DRIVE_PERIOD_NS  # after a stall: no burst, the newest word is enough
        self.last_drive_ns = now_ns
        return late_ns

    def observe(self, telemetry: Telemetry, read_ns: int) -> bool:
        """What the sample says of accepted DRIVEs; True when the pen has newly taken a setting that differs."""
        sequence = telemetry.drive_sequence
        if sequence == self._accepted_sequence:
            return False
        taken = next((sent for sent in self._sent if sent.sequence == sequence), None)
        if taken is None:
            return False
        self._accepted_sequence = sequence
        self.accepted_ns = taken.sent_ns
        if (taken.depth_um, taken.speed_rpm) == (self.accepted_depth_um, self.accepted_speed_rpm):
            return False
        self.accepted_depth_um = taken.depth_um
        self.accepted_speed_rpm = taken.speed_rpm
        self.changed_ns = read_ns
        self.reached_told = False
        if self.supervisor is None:
            self.supervisor = Supervisor(read_ns, taken.depth_um, taken.speed_rpm)
        else:
            self.supervisor.accepted(read_ns, taken.depth_um, taken.speed_rpm)
        return True

    def keeps(self, sequences: Collection[int]) -> bool:
        """Would `observe` take no other setting from samples that name these DRIVEs?"""
        now = (self.accepted_depth_um, self.accepted_speed_rpm)
        return all((sent.depth_um, sent.speed_rpm) == now for sent in self._sent if sent.sequence in sequences)

    def unaccepted_ns(self, now_ns: int) -> int:
        """How long the pen has taken no DRIVE although some were sent."""
        return now_ns - self.accepted_ns if self._sent else 0

    @property
    def answered(self) -> bool:
        """Has the pen taken a DRIVE of this run?"""
        return self._accepted_sequence is not None
