"""Appends to the store: groups in one transaction, duplicates recognised, gaps refused. I/O.

One writer at a time: the heads of the chains are remembered, and the database refuses whatever does not follow them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from sessions.events import Body, Event, SessionClosed, SessionOpened, make_event
from sessions.store.chain import event_hash
from sessions.store.head import ACTOR, Head, read_head
from sessions.store.keys import add_keys, close_key, opened_keys
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
from sessions.vocabulary import read_body

KEPT_BLOCKS = 2  # of trace: a block of tape begins and ends with one of trace, or with no more than two
JOURNAL = "J-"  # streams outside a session

Item = Event | Block | WireBlock


@dataclass(frozen=True)
class Outcome:
    """What became of one item: on record (now, or already before), or refused and why."""

    item: Item
    on_record: bool
    why: str = ""


class Writer:
    """Appends events and blocks; keeps each stream's head so that a commit needs no search."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heads: dict[str, Head] = {}

    def write(self, items: Sequence[Item]) -> list[Outcome]:
        """Store what is new in one transaction; durable on return. Raises StoreError, and then nothing was stored.

        An event of a session that the recorder has closed itself, or a person has signed, is kept further on than control
        counted.
        """
        with self._fresh_on_error(), self._store.writing() as connection:
            group = Group(connection, self._heads)
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
            group = Group(connection, self._heads)
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

    def __init__(self, heads: dict[str, Head]) -> None:
        self._heads = heads

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._heads.clear()


class Group:
    """The rows of one transaction, and the heads as they will be after it."""

    def __init__(self, connection: Connection, known: dict[str, Head]) -> None:
        self._connection = connection
        self._known = known
        self.heads: dict[str, Head] = {}
        self._sessions: list[dict[str, object]] = []
        self._keys: list[dict[str, object]] = []
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
        add_keys(self._connection, self._keys)
        self._keys.clear()

    def interrupt(self, session: str, reason: str, utc_ns: int, mono_ns: int) -> None:
        """Append the session's end with the totals derived from its events."""
        bodies = [read_body(event) for event in self._stored_events(session)]
        body = SessionClosed(state="INTERRUPTED", reason=reason, zones=derive_totals(bodies), enforcement=None)
        event = self.say(session, ACTOR, body, utc_ns, mono_ns)
        self._close(self.head(session), event, body)

    def say(self, stream: str, actor: str, body: Body, utc_ns: int, mono_ns: int) -> Event:
        """Append what does not come from control. Raises Malformed."""
        head = self.head(stream)
        event = make_event(stream, head.number + 1, utc_ns, mono_ns, actor, body)
        checked_body(event)
        head.foreign.append(event.number)
        self._append(head, event)
        return event

    def _add_event(self, event: Event) -> Outcome:
        head = self.head(event.stream)
        sent = event
        if (number := head.place(event.number)) != event.number:
            event = event.model_copy(update={"number": number})
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
            self._keys += opened_keys(event.stream, event.utc, body)
        if isinstance(body, SessionClosed) and not head.opened:
            return Outcome(sent, False, f"a session_closed, but {event.stream} was never opened")
        self._append(head, event)
        if isinstance(body, SessionClosed) and not head.closed:
            self._close(head, event, body)
        return Outcome(sent, True)

    def _add_block(self, block: Block) -> Outcome:
        head = self.head(block.stream)
        if block.block <= head.block:
            return self._compare_block(block)
        if block.block != head.block + 1:
            return Outcome(block, False, f"block {block.block} of {block.stream} after {head.block}: a gap")
        check_block(block)
        row = block_row(block, head.block_hash)
        head.block, head.block_hash = block.block, str(row["hash"])
        head.trace = [*head.trace, block][-KEPT_BLOCKS:]
        self._blocks.append(row)
        return Outcome(block, True)

    def _add_wire(self, block: WireBlock) -> Outcome:
        head = self.head(block.stream)
        if block.wire <= head.wire:
            return self._compare_wire(block)
        if block.wire != head.wire + 1:
            return Outcome(block, False, f"block {block.wire} of {block.stream}'s tape after {head.wire}: a gap")
        check_wire(block)
        row = wire_row(block, head.wire_hash, head.trace)
        head.wire, head.wire_hash = block.wire, str(row["hash"])
        self._wires.append(row)
        return Outcome(block, True)

    def _append(self, head: Head, event: Event) -> None:
        row = event_row(event, head.hash)
        head.number, head.hash = event.number, str(row["hash"])
        self._events.append(row)

    def _close(self, head: Head, event: Event, body: SessionClosed) -> None:
        self.insert()
        raised = select(func.count()).where(EventRow.stream == event.stream, EventRow.kind == "alarm_raised")
        alarms = self._connection.execute(raised).scalar_one()
        self._connection.execute(insert(ClosureRow), [closure_row(event, body, alarms)])
        opened_utc = self._connection.execute(select(SessionRow.opened_utc).where(SessionRow.id == event.stream)).scalar_one()
        close_key(self._connection, event.stream, opened_utc, body.state)
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

    def head(self, stream: str) -> Head:
        """Where `stream` stands with what this transaction has taken in."""
        if stream not in self.heads:
            known = self._known.get(stream)
            self.heads[stream] = known.copy() if known else read_head(self._connection, stream)
        return self.heads[stream]
