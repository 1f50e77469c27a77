"""Verifies a stream on record: its three hash chains, the rows that repeat it in lists, its signatures. I/O: reads the store.

What it proves: no event or block was changed, removed from the middle, added or moved since it was written. What it does
not: that nothing was cut off at the end, or everything written anew. A head noted elsewhere shows the first (`heads`), the
station's known key the second (`trusted`).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase
from zstandard import ZstdError

from sessions.events import Event, SessionClosed, SessionOpened
from sessions.heads import look_up
from sessions.reading import StoredBlock, StoredEvent, Trace
from sessions.signing import Standing, standings
from sessions.store import Store
from sessions.store.chain import GENESIS, event_hash
from sessions.store.lookup import trace_in
from sessions.store.models import BlockRow, ClosureRow, EventRow, SessionRow, WireRow
from sessions.store.records import unpack_traces
from sessions.store.rows import (
    Block,
    Malformed,
    WireBlock,
    checked_body,
    closure_row,
    event_row,
    hash_of_block,
    hash_of_wire,
    row_event,
    session_row,
    tape_of,
    trace_of_row,
)
from sessions.store.tape_fields import MAX_BLOCKS, TraceOf

_FETCH = 64  # blocks of about a second
_TOGETHER = 16  # of them are unpacked at once: that costs half

Keep = Callable[[StoredBlock, bytes], object]


@dataclass(frozen=True)
class Verdict:
    """What verification found; `problems` is empty when all holds, and the first one names the first wrong row."""

    stream: str
    events: int
    events_head: str
    blocks: int
    samples: int
    trace_head: str
    problems: list[str]
    wires: int = 0
    wires_head: str = GENESIS
    signatures: list[Standing] = field(default_factory=list)
    heads_found: list[str] = field(default_factory=list)  # where each head asked for stands, in words

    @property
    def holds(self) -> bool:
        """Whether every row follows the one before it, and every signature and head asked for is what it should be."""
        return not self.problems


def verify(
    store: Store, stream: str, trusted: Collection[str] | None = None, heads: Sequence[str] = (), keep: Keep | None = None
) -> Verdict:
    """Recompute all of `stream`. Raises StoreError when the database cannot be read; what is in it is a problem told.

    `trusted`: ids of the keys known to be the station's (None: any key will do). `heads`: beginnings of heads noted
    elsewhere, which must be in the record. `keep` is told every block of trace that could be unpacked, so that whoever wants
    the samples as well need not read them again.
    """
    problems: list[str] = []
    events, event_hashes = _events(store, stream, problems)
    if any(isinstance(body, SessionOpened) for _, body in events) or _rows(store, SessionRow, SessionRow.id == stream):
        _check_lists(store, stream, events, problems)
    trace = _TraceChain(store, stream, keep)
    tape = _TapeChain(store, stream, trace_in(store, stream, trace.unpacked))
    tape.rest()
    trace.rest()
    problems += trace.problems + tape.problems
    trace_hashes, tape_hashes = trace.hashes, tape.hashes
    signatures = standings([stored for stored, _ in events], set(trace_hashes), set(tape_hashes), trusted)
    problems += signature_problems(signatures)
    found, missing = look_up(heads, {"event": event_hashes, "trace block": trace_hashes, "tape block": tape_hashes})
    return Verdict(
        stream=stream,
        events=len(event_hashes),
        events_head=_last(event_hashes),
        blocks=len(trace_hashes),
        samples=trace.samples,
        trace_head=_last(trace_hashes),
        problems=problems + missing,
        wires=len(tape_hashes),
        wires_head=_last(tape_hashes),
        signatures=signatures,
        heads_found=found,
    )


def signature_problems(signatures: Sequence[Standing]) -> list[str]:
    """A signature that was voided is none: the record says so itself, and rightly."""
    wrong = (each for each in signatures if each.standing in ("BROKEN", "UNKNOWN KEY"))
    return [f"the signature in event {each.number} is {each.standing}: {each.why}" for each in wrong]


def _events(store: Store, stream: str, problems: list[str]) -> tuple[list[tuple[StoredEvent, object]], list[str]]:
    """The events with their bodies (None: not in the vocabulary) as far as they can be read, and all their hashes."""
    events: list[tuple[StoredEvent, object]] = []
    hashes: list[str] = []
    rows = _rows(store, EventRow, EventRow.stream == stream)
    for expected, row in enumerate(rows, start=1):
        if row.number != expected:
            problems.append(f"event {expected} is missing, {row.number} comes instead")
            break
        event, told = _readable(row)
        if event is None:
            problems.append(f"event {expected} was changed after it was written: it cannot be read")
        elif row.hash != told["hash"] and row.hash != event_hash(_last(hashes), event):
            problems.append(f"event {expected} was changed after it was written")
        elif row.prev_hash != _last(hashes):
            problems.append(f"event {expected} does not follow the one before it")
        elif row.body != told["body"]:
            problems.append(f"event {expected} was changed after it was written: its body is not written as the record writes")
        hashes.append(str(row.hash))
        if event is not None:
            events.append((StoredEvent(event, row.prev_hash, row.hash), _body(event, problems)))
    return events, hashes


def _readable(row: Any) -> tuple[Event | None, dict[str, Any]]:
    """The event, and the row that it makes; None for what is none."""
    try:
        event = row_event(row)
        told = event_row(event, row.prev_hash)
    except (ValidationError, ValueError, TypeError, RecursionError):
        return None, {}
    return (event if isinstance(row.prev_hash, str) else None), told


def _body(event: Event, problems: list[str]) -> object:
    try:
        return checked_body(event)
    except Malformed as error:
        problems.append(f"event {event.number}: {error}")
        return None


def _check_lists(store: Store, stream: str, events: list[tuple[StoredEvent, object]], problems: list[str]) -> None:
    """What the lists of sessions say must be what the events say."""
    opened = next(((s.event, body) for s, body in events if isinstance(body, SessionOpened)), None)
    closed = next(((s.event, body) for s, body in events if isinstance(body, SessionClosed)), None)
    told = session_row(*opened) if opened else None
    _same_row("the list of sessions", told, _rows(store, SessionRow, SessionRow.id == stream), problems)
    if closed:
        alarms = sum(s.event.kind == "alarm_raised" and s.event.number < closed[0].number for s, _ in events)
    ending = closure_row(*closed, alarms) if closed else None
    _same_row("the list of session ends", ending, _rows(store, ClosureRow, ClosureRow.session == stream), problems)


def _same_row(place: str, told: dict[str, Any] | None, rows: Sequence[Any], problems: list[str]) -> None:
    if told is None or not rows:
        if rows:
            problems.append(f"{place} has a row that no event accounts for")
        elif told is not None:
            problems.append(f"{place} has no row, though the events have one")
        return
    wrong = [name for name, value in told.items() if getattr(rows[0], name) != value]
    if wrong:
        problems.append(f"{place} was changed: {', '.join(wrong)} is not what the events say")


class _Chain:
    """One chain of blocks, followed row by row: the hashes so far, and what is wrong with them."""

    name, number = "", ""  # in words, and the column that it counts by

    def __init__(self, store: Store, table: type[DeclarativeBase], where: Any) -> None:
        self.hashes: list[str] = []
        self.problems: list[str] = []
        self._rows = _iter(store, table, where, self.problems, self.name)

    def hashes_of(self, row: Any, number: int, after: Collection[str]) -> list[str]:
        """The block's hash after each of `after`. Raises Malformed."""
        raise NotImplementedError

    def rest(self) -> None:
        """Follow it to its end."""
        while self.step():
            pass

    def step(self) -> bool:
        """Follow it by one row; False when that was not possible."""
        row = next(self._rows, None)
        if row is None:
            return False
        expected = len(self.hashes) + 1
        name, number = self.name.format(expected), getattr(row, self.number)
        if number != expected:
            self.problems.append(f"{name} is missing, {number} comes instead")
            self._rows = iter(())
            return False
        try:
            if row.hash not in self.hashes_of(row, expected, (row.prev_hash, _last(self.hashes))):
                self.problems.append(f"{name} was changed after it was written")
            elif row.prev_hash != _last(self.hashes):
                self.problems.append(f"{name} does not follow the one before it")
        except Malformed as error:
            self.problems.append(str(error))
        except (ValueError, TypeError, MemoryError, OverflowError):
            self.problems.append(f"{name} was changed after it was written: it cannot be read")
        self.hashes.append(str(row.hash))
        return True


class _TraceChain(_Chain):
    """Blocks of trace. The newest stay at hand, unpacked, for the tape of the same time."""

    name, number = "block {}", "block"

    def __init__(self, store: Store, stream: str, keep: Keep | None) -> None:
        super().__init__(store, BlockRow, BlockRow.stream == stream)
        self._stream = stream
        self._keep = keep
        self._rows = self._together(self._rows)
        self._unpacked: dict[int, Trace] = {}  # those ahead, by number
        self._newest: dict[int, Trace] = {}
        self.samples = 0

    def _together(self, rows: Iterator[Any]) -> Iterator[Any]:
        while part := list(islice(rows, _TOGETHER)):
            self._unpacked = _unpacked(part)
            yield from part

    def hashes_of(self, row: Any, number: int, after: Collection[str]) -> list[str]:
        trace = self._unpacked.pop(number, None)
        if trace is None:
            trace = trace_of_row(row)
        records = trace.tobytes()
        self.samples += row.samples
        self._newest[number] = trace
        self._newest.pop(number - MAX_BLOCKS, None)
        block = Block(self._stream, number, row.first_index, row.lost, row.layout, records)
        if self._keep:
            self._keep(StoredBlock(number, row.first_index, row.samples, row.lost, row.layout, row.prev_hash, row.hash), records)
        return [hash_of_block(block, prev_hash) for prev_hash in dict.fromkeys(after)]

    def unpacked(self, number: int) -> Trace | None:
        """The block, if it can be had without reading it again."""
        while len(self.hashes) < number and self.step():
            pass
        return self._newest.get(number)


class _TapeChain(_Chain):
    """Blocks of tape, likewise."""

    name, number = "block {} of tape", "wire"

    def __init__(self, store: Store, stream: str, trace_of: TraceOf) -> None:
        super().__init__(store, WireRow, WireRow.stream == stream)
        self._stream = stream
        self._trace_of = trace_of

    def hashes_of(self, row: Any, number: int, after: Collection[str]) -> list[str]:
        block = WireBlock(self._stream, number, row.layout, tape_of(row, self._trace_of))
        return [hash_of_wire(block, prev_hash) for prev_hash in dict.fromkeys(after)]


def _unpacked(rows: Sequence[Any]) -> dict[int, Trace]:
    """The blocks by number; none when any of them cannot be unpacked: then each is looked at by itself."""
    try:
        traces = unpack_traces([(row.codec, row.data, row.samples) for row in rows])
    except (ZstdError, ValueError, TypeError, MemoryError, OverflowError):
        return {}
    return {row.block: trace for row, trace in zip(rows, traces, strict=True)}


def _iter(store: Store, table: type[DeclarativeBase], where: Any, problems: list[str], name: str) -> Iterator[Any]:
    key = list(table.__table__.primary_key)[-1]
    rows = 0
    with store.reading() as connection:
        try:
            for row in connection.execute(select(table.__table__).where(where).order_by(key)).yield_per(_FETCH):
                rows += 1
                yield row
        except (TypeError, ValueError, OverflowError):  # a value of another type than the column's
            problems.append(f"{name.format(rows + 1)} cannot be read")


def _rows(store: Store, table: type[DeclarativeBase], where: Any) -> Sequence[Any]:
    with store.reading() as connection:
        return connection.execute(select(table.__table__).where(where).order_by(*table.__table__.primary_key)).all()


def _last(hashes: Sequence[str]) -> str:
    return hashes[-1] if hashes else GENESIS
