"""Where a stream stands: the newest of each chain, and what others than control have put in. I/O: reads the database."""

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from sessions.afterwards import AFTERWARDS
from sessions.store.chain import GENESIS
from sessions.store.models import BlockRow, ClosureRow, EventRow, SessionRow, WireRow
from sessions.store.rows import Block

ACTOR = "recorder"


@dataclass
class Head:
    """Where a stream stands. `foreign`: numbers of the events that control did not count, in order."""

    number: int = 0
    hash: str = GENESIS
    block: int = 0
    block_hash: str = GENESIS
    wire: int = 0
    wire_hash: str = GENESIS
    opened: bool = False
    closed: bool = False
    foreign: list[int] = field(default_factory=list)
    trace: list[Block] = field(default_factory=list)  # the newest blocks, which the tape of that time is packed against

    def copy(self) -> "Head":
        """For one transaction to change."""
        return replace(self, foreign=list(self.foreign), trace=list(self.trace))

    def place(self, number: int) -> int:
        """Where control's event `number` stands in the stream: further on by what others have added before it."""
        for taken in self.foreign:
            number += number >= taken
        return number


def read_head(connection: Connection, stream: str) -> Head:
    """Where `stream` stands in the database."""
    head = Head()
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
        added = select(EventRow.number).where(EventRow.stream == stream, EventRow.number > row.number)
        later = connection.execute(added.where(EventRow.kind.in_(AFTERWARDS)).order_by(EventRow.number)).scalars()
        head.foreign = [row.number] * (row.actor == ACTOR) + list(later)
    return head
