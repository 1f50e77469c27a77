"""The bench with what a replay needs: real trace records, and the record of a session as the recorder took it."""

from struct import Struct

from pencontrol.control import commands
from pencontrol.control.motion import Guard, judge
from pencontrol.replay import Record
from pencontrol.replay.record import TraceBlock
from sessions.events import TRACE_FORMAT, Event
from tests.pencontrol.bench import Bench

_PACK = Struct(TRACE_FORMAT).pack


class TapeBench(Bench):
    """Its monotonic clock moves on with each reading, so that a time measured in control's own steps is one."""

    def __init__(self, seed: int = 1, guard: Guard = judge) -> None:
        super().__init__(seed, guard)
        self._read = 0
        self.station.tape._mono_ns = self._mono_ns

    def _mono_ns(self) -> int:
        self._read += 1
        return self.now_ns + self._read * 37_000 % 900_000

    def _publish(self, values: tuple[int, ...]) -> bytes:
        self.samples.append(values)
        return _PACK(*values)

    def record(self, session: str = "S-1") -> Record:
        """What is on record of `session` now."""
        events = {event["number"]: Event.model_validate(event) for event in self.events if event["stream"] == session}
        trace: dict[int, TraceBlock] = {}
        for head, records in zip(self.blocks, self.records, strict=True):
            if head["stream"] == session:
                told = TraceBlock(head["block"], head["first_index"], head["lost"], head["layout"], records)
                trace[told.block] = told
        wires = list(dict.fromkeys(block for stream, block in self.tape if stream == session))
        return Record(session, [events[number] for number in sorted(events)], list(trace.values()), wires)

    def lose_recorder(self) -> None:
        self.recorder_alive = False
        self.control.recorder_lost(self.now_ns)

    def regain_recorder(self) -> None:
        self.recorder_alive = True
        self._messages = type(self._messages)()
        self.control.recorder_ready(self.now_ns)

    def close(self) -> str:
        return self.say(commands.CloseSession(number=self.number()))
