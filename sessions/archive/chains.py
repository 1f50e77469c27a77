"""The three chains of a stream as rows of any database, and the check of one row. Pure but for the queries it is handed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select

from sessions.archive.models import Mark, Position
from sessions.store.chain import block_hash, event_hash, wire_hash
from sessions.store.models import BlockRow, EventRow, WireRow
from sessions.store.rows import Malformed, records_of, row_event, tape_of
from sessions.store.tape_fields import TraceOf

Row = dict[str, Any]  # by column; `stream` as the station names it


@dataclass(frozen=True)
class Chain:
    """One of the three: its table, the column it counts by, and how a row's hash is computed anew."""

    words: str
    table: Table
    key: str
    compute: Callable[[Any, TraceOf], str]

    @property
    def column(self) -> Column[int]:
        """What it counts by."""
        return self.table.c[self.key]

    def rows(self, stream: str, after: int, upto: int) -> Select[Any]:
        """The rows of `stream` numbered after+1 to upto, in order."""
        table = self.table
        return select(table).where(table.c.stream == stream, self.column > after, self.column <= upto).order_by(self.column)

    def last(self, stream: Any) -> Select[Any]:
        """Number and hash of the last row of `stream`."""
        return select(self.column, self.table.c.hash).where(self.table.c.stream == stream).order_by(self.column.desc()).limit(1)


def _event(row: Any, _: TraceOf) -> str:
    return event_hash(row.prev_hash, row_event(row))


def _block(row: Any, _: TraceOf) -> str:
    return block_hash(row.prev_hash, row.stream, row.block, row.first_index, row.lost, row.layout, records_of(row))


def _wire(row: Any, trace_of: TraceOf) -> str:
    return wire_hash(row.prev_hash, row.stream, row.wire, row.layout, tape_of(row, trace_of))


CHAINS = (
    Chain("event", EventRow.__table__, "number", _event),  # type: ignore[arg-type]
    Chain("block", BlockRow.__table__, "block", _block),  # type: ignore[arg-type]
    Chain("tape block", WireRow.__table__, "wire", _wire),  # type: ignore[arg-type]
)


def follow(chain: Chain, rows: Sequence[Row], mark: Mark, trace_of: TraceOf) -> Mark:
    """The mark after `rows`, which must be whole and follow `mark`. Raises Malformed at the first row that does not.

    `trace_of` gives the trace that the stream's tape is packed against.
    """
    for row in rows:
        number = mark.number + 1
        if row[chain.key] != number:
            raise Malformed(f"{chain.words} {number} is missing")
        if row["prev_hash"] != mark.hash:
            raise Malformed(f"{chain.words} {number} does not follow the one before it")
        try:
            computed = chain.compute(SimpleNamespace(**row), trace_of)
        except ValueError:
            raise Malformed(f"{chain.words} {number} cannot be read") from None
        if computed != row["hash"]:
            raise Malformed(f"{chain.words} {number} was changed after it was written")
        mark = Mark(number, row["hash"])
    return mark


def standing(connection: Connection, stream: str) -> Position:
    """How far the chains of `stream` go in this database."""
    marks = []
    for chain in CHAINS:
        found = connection.execute(chain.last(stream)).first()
        marks.append(Mark(*found) if found else Mark())
    return marks[0], marks[1], marks[2]
