"""Appends to the store: groups in one transaction, duplicates recognised, gaps refused. I/O.

One writer at a time: the heads of the chains are remembered, and the database refuses whatever does not follow them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from sessions.events import Event, SessionClosed, SessionOpened, make_event, read_body
from sessions.store.chain import GENESIS, event_hash
from sessions.store.models import BlockRow, ClosureRow, EventRow, SessionRow, WireRow
from sessions.store.rows import (
    Block,
    Malformed,
    WireBlock,
    block_row,
    check_block,
    check_wire,
    checked_body,
    closure_row,
    event_row,
    hash_of_block,
    hash_of_wire,
    row_event,
    session_row,
    wire_row,
)
from sessions.store.store import Store
from sessions.totals import derive_totals

ACTOR = "recorder"
JOURNAL = "J-"  # streams outside a session

Item = Event | Block | WireBlock


@dataclass(frozen=True)
class Outcome:
    """What became of one item: on record (now, or already before), or refused and why."""

    item: Item
    on_record: bool
    why: str = ""


@dataclass
class _Head:
    """Where a stream stands."""

    number: int = 0
    hash: str = GENESIS
    block: int = 0
    block_hash: str = GENESIS
    wire: int = 0
    wire_hash: str = GENESIS
    opened: bool = False
    closed: bool = False
    own: int = 0  # number of the event this recorder closed the session with, 0: none

    def copy(self) -> "_Head":
        return _Head(**vars(self))


class Writer:
    """Appends events and blocks; keeps each stream's head so that a commit needs no search."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heads: dict[str, _Head] = {}

    def write(self, items: Sequence[Item]) -> list[Outcome]:
        """Store what is new in one transaction; durable on return. Raises StoreError, and then nothing was stored.

        An event of a session that the recorder has closed itself is kept one number further on than control counted.
        """
        with self._fresh_on_error(), self._store.writing() as connection:
            group = _Group(connection, self._heads)
            outcomes = [group.add(item) for item in items]
            group.insert()
        self._heads.update(group.heads)
        return outcomes

    def close_open(self, live: str, reason: str, utc_ns: int, mono_ns: int) -> list[str]:
        """Close every session without an end, except `live`, as INTERRUPTED for `reason`; returns their ids.

        Each gets a session_closed event with the totals its events show. One transaction. Raises StoreError.
        """
        ended = select(ClosureRow.session).where(ClosureRow.session == SessionRow.id).exists()
        query = select(SessionRow.id).where(~ended, SessionRow.id != live).order_by(SessionRow.opened_utc)
        with self._store.reading() as connection:
            if not connection.execute(query.limit(1)).first():
                return []
        with self._fresh_on_error(), self._store.writing() as connection:
            group = _Group(connection, self._heads)
            sessions = [str(session) for session in connection.execute(query).scalars()]
            for session in sessions:
                group.interrupt(session, reason, utc_ns, mono_ns)
            group.insert()
        self._heads.update(group.heads)
        return sessions

    def _fresh_on_error(self) -> "_Forget":
        return _Forget(self._heads)


class _Forget:
    """After a failed transaction the heads are read again: another process may have written."""

    def __init__(self, heads: dict[str, _Head]) -> None:
        self._heads = heads

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._heads.clear()


class _Group:
    """The rows of one transaction, and the heads as they will be after it."""

    def __init__(self, connection: Connection, known: dict[str, _Head]) -> None:
        self._connection = connection
        self._known = known
        self.heads: dict[str, _Head] = {}
        self._sessions: list[dict[str, object]] = []
        self._events: list[dict[str, object]] = []
        self._blocks: list[dict[str, object]] = []
        self._wires: list[dict[str, object]] = []

    def add(self, item: Item) -> Outcome:
        """Take `item` in when it is the next of its stream."""
        try:
            if isinstance(item, Event):
                return self._add_event(item)
            return self._add_block(item) if isinstance(item, Block) else self._add_wire(item)
        except Malformed as error:
            return Outcome(item, False, str(error))

    def insert(self) -> None:
        """Send the rows gathered so far."""
        rows_of = ((SessionRow, self._sessions), (EventRow, self._events), (BlockRow, self._blocks), (WireRow, self._wires))
        for table, rows in rows_of:
            if rows:
                self._connection.execute(insert(table), rows)
                rows.clear()

    def interrupt(self, session: str, reason: str, utc_ns: int, mono_ns: int) -> None:
        """Append the session's end with the totals derived from its events."""
        bodies = [read_body(event) for event in self._stored_events(session)]
        body = SessionClosed(state="INTERRUPTED", reason=reason, zones=derive_totals(bodies), enforcement=None)
        head = self._head(session)
        event = make_event(session, head.number + 1, utc_ns, mono_ns, ACTOR, body)
        head.own = event.number
        self._append(head, event)
        self._close(head, event, body)

    def _add_event(self, event: Event) -> Outcome:
        head = self._head(event.stream)
        sent = event
        if head.own and event.number >= head.own:
            event = event.model_copy(update={"number": event.number + 1})
        if event.number <= head.number:
            return self._compare_event(sent, event)
        if event.number != head.number + 1:
            return Outcome(sent, False, f"event {event.number} of {event.stream} after {head.number}: a gap")
        body = checked_body(event)
        if isinstance(body, SessionOpened):
            if head.opened or event.stream.startswith(JOURNAL):
                return Outcome(sent, False, f"a session_opened where {event.stream} cannot have one")
            head.opened = True
            self._sessions.append(session_row(event, body))
        if isinstance(body, SessionClosed) and not head.opened:
            return Outcome(sent, False, f"a session_closed, but {event.stream} was never opened")
        self._append(head, event)
        if isinstance(body, SessionClosed) and not head.closed:
            self._close(head, event, body)
        return Outcome(sent, True)

    def _add_block(self, block: Block) -> Outcome:
        head = self._head(block.stream)
        if block.block <= head.block:
            return self._compare_block(block)
        if block.block != head.block + 1:
            return Outcome(block, False, f"block {block.block} of {block.stream} after {head.block}: a gap")
        check_block(block)
        row = block_row(block, head.block_hash)
        head.block, head.block_hash = block.block, str(row["hash"])
        self._blocks.append(row)
        return Outcome(block, True)

    def _add_wire(self, block: WireBlock) -> Outcome:
        head = self._head(block.stream)
        if block.wire <= head.wire:
            return self._compare_wire(block)
        if block.wire != head.wire + 1:
            return Outcome(block, False, f"block {block.wire} of {block.stream}'s tape after {head.wire}: a gap")
        check_wire(block)
        row = wire_row(block, head.wire_hash)
        head.wire, head.wire_hash = block.wire, str(row["hash"])
        self._wires.append(row)
        return Outcome(block, True)

    def _append(self, head: _Head, event: Event) -> None:
        row = event_row(event, head.hash)
        head.number, head.hash = event.number, str(row["hash"])
        self._events.append(row)

    def _close(self, head: _Head, event: Event, body: SessionClosed) -> None:
        self.insert()
        raised = select(func.count()).where(EventRow.stream == event.stream, EventRow.kind == "alarm_raised")
        alarms = self._connection.execute(raised).scalar_one()
        self._connection.execute(insert(ClosureRow), [closure_row(event, body, alarms)])
        head.closed = True

    def _compare_event(self, sent: Event, event: Event) -> Outcome:
        self.insert()
        found = select(EventRow.prev_hash, EventRow.hash)
        row = self._connection.execute(found.where(EventRow.stream == event.stream, EventRow.number == event.number)).first()
        if row is None or event_hash(row.prev_hash, event) != row.hash:
            return Outcome(sent, False, f"event {event.number} of {event.stream} is on record with other content")
        return Outcome(sent, True)

    def _compare_block(self, block: Block) -> Outcome:
        self.insert()
        found = select(BlockRow.prev_hash, BlockRow.hash)
        row = self._connection.execute(found.where(BlockRow.stream == block.stream, BlockRow.block == block.block)).first()
        if row is None or hash_of_block(block, row.prev_hash) != row.hash:
            return Outcome(block, False, f"block {block.block} of {block.stream} is on record with other content")
        return Outcome(block, True)

    def _compare_wire(self, block: WireBlock) -> Outcome:
        self.insert()
        found = select(WireRow.prev_hash, WireRow.hash)
        row = self._connection.execute(found.where(WireRow.stream == block.stream, WireRow.wire == block.wire)).first()
        if row is None or hash_of_wire(block, row.prev_hash) != row.hash:
            return Outcome(block, False, f"block {block.wire} of {block.stream}'s tape is on record with other content")
        return Outcome(block, True)

    def _stored_events(self, stream: str) -> Iterator[Event]:
        self.insert()
        for row in self._connection.execute(
            select(EventRow.__table__).where(EventRow.stream == stream).order_by(EventRow.number)
        ):
            yield row_event(row)

    def _head(self, stream: str) -> _Head:
        if stream not in self.heads:
            known = self._known.get(stream)
            self.heads[stream] = known.copy() if known else _read_head(self._connection, stream)
        return self.heads[stream]


def _read_head(connection: Connection, stream: str) -> _Head:
    """Where `stream` stands in the database."""
    head = _Head()
    event = select(EventRow.number, EventRow.hash).where(EventRow.stream == stream).order_by(EventRow.number.desc()).limit(1)
    if row := connection.execute(event).first():
        head.number, head.hash = row.number, row.hash
    block = select(BlockRow.block, BlockRow.hash).where(BlockRow.stream == stream).order_by(BlockRow.block.desc()).limit(1)
    if row := connection.execute(block).first():
        head.block, head.block_hash = row.block, row.hash
    wire = select(WireRow.wire, WireRow.hash).where(WireRow.stream == stream).order_by(WireRow.wire.desc()).limit(1)
    if row := connection.execute(wire).first():
        head.wire, head.wire_hash = row.wire, row.hash
    head.opened = connection.execute(select(SessionRow.id).where(SessionRow.id == stream)).first() is not None
    closure = select(ClosureRow.number, EventRow.actor).join(
        EventRow, (EventRow.stream == ClosureRow.session) & (EventRow.number == ClosureRow.number)
    )
    if row := connection.execute(closure.where(ClosureRow.session == stream)).first():
        head.closed = True
        head.own = row.number if row.actor == ACTOR else 0
    return head
