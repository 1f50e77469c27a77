"""The host's hot path: telemetry's fields to samples, a thousand times a second and more. Pure; times are handed in.

What is asked of the clock is asked once a read, what is looked up in an object once a read: each costs as much as a step
of arithmetic on every sample.
"""

from collections.abc import Sequence
from struct import Struct, error
from typing import Any

from firmware_protocol.clock import ClockSync
from firmware_protocol.counting import SampleCount
from firmware_protocol.frame import CRC_BYTES, HEADER_BYTES, MAJOR
from firmware_protocol.happenings import Sample
from firmware_protocol.messages import TELEMETRY, Telemetry
from firmware_protocol.runs import SampleRun, ends

OtherLength = error
NO_EXPRESS = b"\xff"  # begins no body of this major
_U32 = 0xFFFFFFFF
_HALF = 1 << 31
# The fields in a body of this minor's length; raises OtherLength. No function around it: a call costs as much again.
express_fields = Struct(f"<{HEADER_BYTES}x{TELEMETRY.payload.format.removeprefix('<')}{CRC_BYTES}x").unpack
_tuple = tuple.__new__  # half the time of a NamedTuple's own constructor, for fields that are known to fit


def express_head(session: int) -> bytes:
    """How the body of a telemetry frame of this session begins, one whose header leaves nothing else to judge."""
    return bytes((MAJOR, TELEMETRY.id, session, 0))


class Samples:
    """Makes samples of what the wire gave, and knows the newest one's age."""

    __slots__ = ("_read_ns", "count")

    def __init__(self) -> None:
        self.count = SampleCount()
        self._read_ns = 0  # when the newest sample was read; 0: none in this session

    def new_session(self, same_boot: bool) -> None:
        """The next sample is the first of a session, of the same run of the pen or of another."""
        if same_boot:
            self.count.new_session()
        else:
            self.count.new_boot()

    def leave_session(self) -> None:
        """No sample is of any age until the next one."""
        self._read_ns = 0

    def age_us(self, clock: ClockSync, now_ns: int) -> int | None:
        """Age of the newest sample at `now_ns`: the larger of the synced age and the time since its index was new.

        A synced age below zero is passed on as it is: the clocks disagree. None without a sample or a SYNC.
        """
        if not self._read_ns:
            return None
        age_us = clock.age_us(self.count.t_us, now_ns)
        return age_us if age_us is None or age_us < 0 else max(age_us, (now_ns - self._read_ns) // 1000)

    def take(self, run: Sequence[tuple[Any, ...]], clock: ClockSync, now_ns: int) -> list[Sample]:
        """The samples in `run` (telemetry's fields, oldest first, read at `now_ns`); an index that is not newer gives none."""
        count = self.count
        take = count.take
        pen_us = clock.age_us(0, now_ns)  # the pen's time at `now_ns`, modulo its wrap
        samples = []
        for fields in run:
            t_us = fields[1]
            if take(fields[0], t_us, fields[6]):
                age_us = None if pen_us is None else ((pen_us - t_us + _HALF) & _U32) - _HALF
                samples.append(_tuple(Sample, (count.index, count.t_us, age_us, now_ns, _tuple(Telemetry, fields))))
        if samples:
            self._read_ns = now_ns
        return samples

    def take_run(self, rows: bytes, clock: ClockSync, now_ns: int) -> SampleRun | None:
        """The samples in `rows` (of `runs.rows_of`) at once. None, and nothing is taken, where the first index is not newer."""
        count = self.count
        first, last_us = ends(rows)
        if not count.take(first[0], first[1], first[6]):
            return None
        run = SampleRun(rows, count.index, count.t_us - first[1], clock.age_us(0, now_ns), now_ns)
        count.take_on(len(run) - 1, last_us)
        self._read_ns = now_ns
        return run
