"""Holds what a replay gives against what is on record. Pure.

Compared in full: every byte written and when, every event of control (all fields, both clocks included), every trace record
and block header, and the tape that the replay makes of itself. Left out: events that the recorder wrote (a session whose
control was lost) and those that people added after the end, as no input of control's leads to them, and what the record
tells of the time after the last input on tape.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import unpack_from
from typing import Any

from firmware_protocol.recording import Damaged, Entry, decode
from pencontrol.control.tape import NAMES
from pencontrol.replay.record import Record, TraceBlock
from sessions.events import BODIES, TRACE_BYTES, TRACE_FIELDS, TRACE_FORMAT, Event, SessionClosed, canonical

KEPT_DIFFERENCES = 20
SHOWN = 160  # characters of a value


@dataclass(frozen=True, slots=True)
class Place:
    """An input: its number on the tape (from 1), seconds after the session's opening, what it was."""

    number: int
    at_s: float
    what: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as on record, at the input that brought it about."""

    place: Place
    about: str
    recorded: str
    replayed: str

    def told(self) -> dict[str, Any]:
        """For JSON."""
        where = {"input": self.place.number, "at_s": self.place.at_s, "what": self.place.what}
        return {**where, "about": self.about, "recorded": self.recorded, "replayed": self.replayed}

    def sentence(self) -> str:
        """For a person."""
        return (
            f"input {self.place.number} ({self.place.what}, {self.place.at_s:.6f} s): {self.about}: "
            f"recorded {self.recorded}, replayed {self.replayed}"
        )


@dataclass
class Report:
    """What was compared and what differs."""

    session: str
    inputs: int = 0
    bytes_from_pen: int = 0
    bytes_to_pen: int = 0
    writes: int = 0
    events: int = 0
    samples: int = 0
    tape_blocks: int = 0
    complete: bool = False  # the replay came to the session's end
    events_after: int = 0  # on record, later than the last input on tape
    samples_after: int = 0
    events_by_recorder: int = 0
    enforcement: dict[str, Any] | None = None  # as replayed
    notes: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    differing: int = 0
    replayed_events: list[Event] = field(default_factory=list)
    replayed_trace: list[TraceBlock] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """Whether nothing differs."""
        return not self.differing

    def differ(self, place: Place, about: str, recorded: object, replayed: object) -> None:
        """Note a difference; only the first few are kept."""
        self.differing += 1
        if len(self.differences) < KEPT_DIFFERENCES:
            self.differences.append(Difference(place, about, _short(recorded), _short(replayed)))

    def told(self) -> dict[str, Any]:
        """The JSON document of `replay`."""
        plain = ("session", "identical", "inputs", "bytes_from_pen", "bytes_to_pen", "writes", "events", "samples")
        more = ("tape_blocks", "complete", "events_after", "samples_after", "events_by_recorder", "enforcement", "notes")
        return {
            **{name: getattr(self, name) for name in (*plain, *more)},
            "differing": self.differing,
            "differences": [difference.told() for difference in self.differences],
        }


def said_by_control(event: Event) -> bool:
    """Not the recorder's own, and not added by a person after the end."""
    return event.actor != "recorder" and event.kind in BODIES


class Comparison:
    """Takes what control says during a replay, at the input it says it."""

    def __init__(self, record: Record, report: Report, place_of: Callable[[int], Place]) -> None:
        """`place_of` tells an input by its number."""
        self._record = record
        self._report = report
        self._events = [event for event in record.events if said_by_control(event)]
        report.events_by_recorder = len(record.events) - len(self._events)
        self._sample_inputs = array("L")
        self._place_of = place_of

    def sample(self, number: int) -> None:
        """Input `number` brought a sample."""
        self._sample_inputs.append(number)

    def event(self, event: Event, place: Place) -> None:
        """Control said this; said again to a new recorder it does not count."""
        report = self._report
        if event.number <= report.events:
            return
        report.events += 1
        report.replayed_events.append(event)
        if report.events > len(self._events):
            report.differ(place, f"event {event.number}", "nothing", _told(event))
            return
        recorded = self._events[report.events - 1]
        # the recorder numbers on after an end of its own
        if _told(recorded) != _told(event):
            report.differ(place, f"event {event.number}", _told(recorded), _told(event))
        body = BODIES[event.kind].model_validate(event.body)
        if isinstance(body, SessionClosed) and body.enforcement is not None:
            report.enforcement = body.enforcement.model_dump(mode="json")

    def block(self, block: TraceBlock, place: Place) -> None:
        """Control sent a block of trace."""
        report = self._report
        if block.block <= len(report.replayed_trace):
            return
        begin = report.samples
        report.replayed_trace.append(block)
        report.samples += len(block.records) // TRACE_BYTES
        if block.block > len(self._record.trace):
            report.differ(place, f"trace block {block.block}", "nothing", f"{len(block.records)} bytes")
            return
        recorded = self._record.trace[block.block - 1]
        if recorded.records != block.records:
            at = _first_difference(recorded.records, block.records) // TRACE_BYTES
            where = self._place_of(self._sample_inputs[begin + at]) if begin + at < len(self._sample_inputs) else place
            told = (_sample(each.records, at) for each in (recorded, block))
            report.differ(where, f"sample {at + 1} of trace block {block.block}", *told)
        if (recorded.first_index, recorded.lost, recorded.layout) != (block.first_index, block.lost, block.layout):
            heads = [f"first {each.first_index}, lost {each.lost}, {each.layout}" for each in (recorded, block)]
            report.differ(place, f"head of trace block {block.block}", *heads)

    def wire(self, number: int, data: bytes, place: Place) -> None:
        """The replay made a block of tape of itself."""
        report = self._report
        if number <= report.tape_blocks:
            return
        report.tape_blocks = number
        recorded = self._record.wires[number - 1] if number <= len(self._record.wires) else b""
        if recorded != data:
            report.differ(place, f"tape block {number}", *_tape_difference(recorded, data))

    def end(self, place: Place, last_ns: int) -> None:
        """The last input was played. `last_ns`: its time."""
        report = self._report
        for event in self._events[report.events :]:
            if event.mono_ns <= last_ns or report.complete:
                report.differ(place, f"event {event.number}", _told(event), "nothing")
            else:
                report.events_after += 1
        for block in self._record.trace[len(report.replayed_trace) :]:
            samples = len(block.records) // TRACE_BYTES
            if report.complete or self._ends_by(block, last_ns):
                report.differ(place, f"trace block {block.block}", f"{samples} samples", "nothing")
            else:
                report.samples_after += samples
        missing = len(self._record.wires) - report.tape_blocks
        # of a tape that ends early the last block was not full when control ended: the replay does not send it either
        if missing > (0 if report.complete else 1):
            report.differ(place, "tape blocks", len(self._record.wires), report.tape_blocks)

    @staticmethod
    def _ends_by(block: TraceBlock, last_ns: int) -> bool:
        last = len(block.records) // TRACE_BYTES - 1
        if last < 0:
            return True
        at_ns: int = unpack_from(TRACE_FORMAT, block.records, last * TRACE_BYTES)[TRACE_FIELDS.index("mono_ns")]
        return at_ns <= last_ns


def _told(event: Event) -> str:
    """All of an event but its number, which the recorder may have moved on."""
    return canonical(event.model_dump(mode="json", exclude={"number"})).decode()


def _first_difference(one: bytes, other: bytes) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _sample(records: bytes, at: int) -> str:
    piece = records[at * TRACE_BYTES : (at + 1) * TRACE_BYTES]
    if len(piece) < TRACE_BYTES:
        return "no sample"
    fields = unpack_from(TRACE_FORMAT, piece)
    return ", ".join(f"{name} {value}" for name, value in zip(TRACE_FIELDS, fields, strict=True))


def _tape_difference(recorded: bytes, replayed: bytes) -> tuple[str, str]:
    one, other = _entries(recorded), _entries(replayed)
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return _entry(one, at), _entry(other, at)


def _entries(block: bytes) -> list[Entry]:
    found: list[Entry] = []
    try:
        found.extend(decode(block))
    except Damaged:
        return found
    return found


def _entry(entries: list[Entry], at: int) -> str:
    if at >= len(entries):
        return "nothing"
    entry = entries[at]
    return f"{NAMES.get(entry.kind, f'kind {entry.kind}')} at {entry.at_ns} ns: {entry.data[:40].hex()}"


def _short(value: object) -> str:
    text = value.hex(" ") if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
