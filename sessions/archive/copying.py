"""One stream's way to the clinic: chunk by chunk, each read back and its chains recomputed before the commit. I/O.

A chunk's rows that are there already (an earlier run was killed, another chair was faster) are compared, not sent again. So
one procedure copies, resumes, extends and verifies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import cast

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from sessions.archive.chains import CHAINS, Row, follow, standing
from sessions.archive.clinic import Clinic
from sessions.archive.errors import StreamError
from sessions.archive.models import START, Mark, Position, ReceiptRow
from sessions.archive.station import Stream, mark_at, next_chunk, session_rows, size_of
from sessions.events import utc_text
from sessions.store import Store
from sessions.store.lookup import trace_lookup
from sessions.store.rows import Malformed

CHUNK_BYTES = 4 << 20

Progress = Callable[[int, str], None]  # bytes further on, and the stream's name


@dataclass
class Passage:
    """Between one station's store and the clinic's database."""

    store: Store
    clinic: Clinic
    station: str
    utc_ns: Callable[[], int]
    moved: Progress = lambda _bytes, _name: None
    chunk_bytes: int = CHUNK_BYTES

    def copy(self, stream: Stream, after: Position = START) -> int:
        """Bring `stream` over from `after` on, and leave a receipt; the bytes sent. Raises StreamError, ArchiveError, StoreError.

        `after` is where an earlier receipt ends.
        """
        there = stream.name_there(self.station)
        position, sent, done = after, 0, False
        while not done:
            chunk = next_chunk(self.store, stream, position, self.chunk_bytes)
            with self.clinic.transaction(there, stream.name) as connection:
                marks = []
                chunk_sent = 0
                for number, rows in enumerate(chunk.rows):
                    chunk_sent += self._bring(connection, stream, number, rows)
                    marks.append(self._compare(connection, stream, number, rows, position[number]))
                position = marks[0], marks[1], marks[2]
                if chunk.done:
                    self._conclude(connection, stream, position)
            sent, done = sent + chunk_sent, chunk.done
            self.moved(sum(size_of(row) for rows in chunk.rows for row in rows), stream.name)
        return sent

    def compare(self, stream: Stream) -> Position:
        """Read everything of `stream` back, row by row against the station's. Raises StreamError, ArchiveError, StoreError."""
        there = stream.name_there(self.station)
        with self.clinic.transaction(about=stream.name) as connection:
            upto = standing(connection, there)
            if stream.is_session:
                self._compare_session(connection, stream)
        self._not_beyond(stream, upto)
        stream = Stream(stream.name, stream.is_session, upto)
        position, done = START, False
        while not done:
            chunk = next_chunk(self.store, stream, position, self.chunk_bytes)
            with self.clinic.transaction(about=stream.name) as connection:
                marks = [self._compare(connection, stream, n, rows, position[n]) for n, rows in enumerate(chunk.rows)]
            position, done = (marks[0], marks[1], marks[2]), chunk.done
            self.moved(sum(size_of(row) for rows in chunk.rows for row in rows), stream.name)
        return position

    def _bring(self, connection: Connection, stream: Stream, number: int, rows: list[Row]) -> int:
        """Insert those of `rows` that are not there; their bytes."""
        if not rows:
            return 0
        chain, there = CHAINS[number], stream.name_there(self.station)
        last = Mark(*(connection.execute(chain.last(there)).first() or ()))
        known = {row[chain.key]: row["hash"] for row in rows} | {rows[0][chain.key] - 1: rows[0]["prev_hash"]}
        if last.number in known and known[last.number] != last.hash:
            raise StreamError(
                f"{stream.name}: the clinic's database holds another {chain.words} {last.number} under this name; "
                "nothing there was changed"
            )
        missing = [row for row in rows if row[chain.key] > last.number]
        if missing:
            connection.execute(insert(chain.table), [{**row, "stream": there} for row in missing])
        return sum(map(size_of, missing))

    def _compare(self, connection: Connection, stream: Stream, number: int, rows: list[Row], after: Mark) -> Mark:
        """Read `rows` back, hold them against the station's, and recompute the chain over what came back."""
        if not rows:
            return after
        chain, there = CHAINS[number], stream.name_there(self.station)
        found = connection.execute(chain.rows(there, rows[0][chain.key] - 1, rows[-1][chain.key])).mappings()
        back = [{**row, "stream": stream.name} for row in found]
        by_number = {row[chain.key]: row for row in back}
        for row in rows:
            other = by_number.get(row[chain.key])
            if other is None:
                raise StreamError(f"{stream.name}: {chain.words} {row[chain.key]} is missing in the clinic's database")
            if other != row:
                unlike = ", ".join(name for name in row if row[name] != other[name])
                raise StreamError(
                    f"{stream.name}: the clinic's database holds another {chain.words} {row[chain.key]} under this name; "
                    f"unlike are {unlike}; nothing there was changed"
                )
        try:
            return follow(chain, back, after, trace_lookup(connection, there))
        except Malformed as error:
            # It equals what the station has: so the station's own record is damaged.
            raise StreamError(f"{stream.name}: {error}, on this station already; it was not archived") from None

    def _conclude(self, connection: Connection, stream: Stream, position: Position) -> None:
        """The session's own rows, and the receipt, once everything of the stream is there."""
        there = stream.name_there(self.station)
        self._not_beyond(stream, standing(connection, there))
        if stream.is_session:
            for model, row in session_rows(self.store, stream.name):
                connection.execute(postgresql_insert(model).values(row).on_conflict_do_nothing())
            self._compare_session(connection, stream)
        events, blocks, wires = position
        receipt = {
            "station": self.station,
            "stream": there,
            "source": stream.name,
            "first_hash": mark_at(self.store, stream.name, 1, 0).hash,
            "events": events.number,
            "events_head": events.hash,
            "blocks": blocks.number,
            "trace_head": blocks.hash,
            "wires": wires.number,
            "wires_head": wires.hash,
            "verified_utc": utc_text(self.utc_ns()),
            "program": version("pencontrol"),
        }
        connection.execute(postgresql_insert(ReceiptRow).values(receipt).on_conflict_do_nothing())

    def _compare_session(self, connection: Connection, stream: Stream) -> None:
        for model, row in session_rows(self.store, stream.name):
            table = cast(Table, model.__table__)
            (key,) = table.primary_key.columns
            found = connection.execute(select(table).where(key == row[key.name])).mappings().first()
            if found is None:
                raise StreamError(f"{stream.name}: its row in {table.name} is missing in the clinic's database")
            if dict(found) != row:
                raise StreamError(f"{stream.name}: the clinic's database holds another row in {table.name} under this name")

    def _not_beyond(self, stream: Stream, there: Position) -> None:
        """Raises StreamError when the clinic's database has more of `stream` than the station."""
        for number, (chain, mark) in enumerate(zip(CHAINS, there, strict=True)):
            if mark.number and mark_at(self.store, stream.name, mark.number, number) != mark:
                raise StreamError(
                    f"{stream.name}: the clinic's database ends with {chain.words} {mark.number} of this name, which this "
                    "station does not have or has otherwise; is this an old copy of the record?"
                )
