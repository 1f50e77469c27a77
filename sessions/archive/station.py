"""What the station has to archive: closed sessions, and the streams outside sessions; and which station this is. I/O."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, cast, func, select, text

from sessions.archive.chains import CHAINS, Row
from sessions.archive.errors import ArchiveError
from sessions.archive.models import Mark, Position
from sessions.keyfile import KeyFileError, make_secret
from sessions.store import Store
from sessions.store.models import ClosureRow, SessionRow

STATION_FILE = "station.id"
_STATION = re.compile(r"st-[0-9a-f]{12}")
_CHUNK_ROWS = 2000

# Names of all streams, by jumping from one to the next: the tables have no shorter index of them than their own keys.
_STREAMS = """
WITH RECURSIVE {0}_streams(stream) AS (
    SELECT min(stream) FROM {0}
    UNION ALL SELECT (SELECT min(stream) FROM {0} WHERE stream > {0}_streams.stream) FROM {0}_streams WHERE stream IS NOT NULL
)
SELECT stream FROM {0}_streams WHERE stream IS NOT NULL
"""


@dataclass(frozen=True)
class Stream:
    """One stream of the station, and how far its chains go."""

    name: str
    is_session: bool
    position: Position

    def name_there(self, station: str) -> str:
        """What it is called in the clinic's database: a session's id as it is, the others with the station behind it."""
        return self.name if self.is_session else f"{self.name}@{station}"


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of a stream, of each chain those that come next; `done`: nothing comes after it."""

    rows: tuple[list[Row], list[Row], list[Row]]
    done: bool


def station_id(home: Path, random: Callable[[int], bytes] = os.urandom) -> str:
    """This station's id, made on first use and kept beside the records, so that a copy of the folder is the same station.

    It is no secret. Raises ArchiveError.
    """
    path = home / STATION_FILE
    try:
        if not path.exists():
            make_secret(path, f"st-{random(6).hex()}\n".encode())
        found = path.read_text(encoding="utf-8", errors="replace").strip()
    except KeyFileError as error:
        raise ArchiveError(str(error)) from None
    except OSError as error:
        raise ArchiveError(f"{path}: the station's id cannot be read: {error.strerror}") from None
    if not _STATION.fullmatch(found):
        raise ArchiveError(f"{path}: holds {found[:40]!r}; allowed is st- and 12 hexadecimal digits")
    return found


def closed_sessions(store: Store) -> list[Stream]:
    """Every session with an end, oldest first."""
    query = (
        select(SessionRow.id, *_marks(SessionRow.id))
        .join(ClosureRow, ClosureRow.session == SessionRow.id)
        .order_by(SessionRow.opened_utc, SessionRow.id)
    )
    with store.reading() as connection:
        return [_stream(row, True) for row in connection.execute(query)]


def other_streams(store: Store) -> list[Stream]:
    """Every stream that is no session's: control's journals, clients, people, the station."""
    with store.reading() as connection:
        names: set[str] = set()
        for chain in CHAINS:
            names.update(connection.execute(text(_STREAMS.format(chain.table.name))).scalars())
        names.difference_update(connection.execute(select(SessionRow.id)).scalars())
        found = []
        for name in sorted(names):
            row = connection.execute(select(text(":name").bindparams(name=name), *_marks(name))).one()
            found.append(_stream(row, False))
        return found


def open_sessions(store: Store) -> int:
    """How many sessions have no end yet, and stay here."""
    with store.reading() as connection:
        sessions = connection.execute(select(func.count()).select_from(SessionRow)).scalar_one()
        return int(sessions - connection.execute(select(func.count()).select_from(ClosureRow)).scalar_one())


def session_rows(store: Store, session: str) -> list[tuple[type[SessionRow] | type[ClosureRow], Row]]:
    """What a list of sessions needs of this one."""
    with store.reading() as connection:
        opened = connection.execute(select(SessionRow.__table__).where(SessionRow.id == session)).mappings().one()
        closed = connection.execute(select(ClosureRow.__table__).where(ClosureRow.session == session)).mappings().one()
    return [(SessionRow, dict(opened)), (ClosureRow, dict(closed))]


def mark_at(store: Store, stream: str, number: int, chain: int) -> Mark:
    """The mark at row `number` of a chain (its place in CHAINS); the first mark when there is no such row."""
    with store.reading() as connection:
        found = connection.execute(CHAINS[chain].rows(stream, number - 1, number)).first()
    return Mark(number, found.hash) if found else Mark()


def bytes_between(store: Store, stream: Stream, after: Position) -> int:
    """Bytes of event bodies and packed blocks from `after` to the stream's position."""
    total = 0
    with store.reading() as connection:
        for chain, begin, end in zip(CHAINS, after, stream.position, strict=True):
            if end.number > begin.number:
                table = chain.table
                size = func.length(cast(table.c.body, LargeBinary) if "body" in table.c else table.c.data)
                query = select(func.coalesce(func.sum(size), 0)).where(table.c.stream == stream.name)
                total += connection.execute(query.where(chain.column > begin.number, chain.column <= end.number)).scalar_one()
    return total


def size_of(row: Row) -> int:
    """Bytes of a row's content, as `bytes_between` counts them."""
    return len(row["body"].encode()) if "body" in row else len(row["data"])


def next_chunk(store: Store, stream: Stream, after: Position, limit_bytes: int) -> Chunk:
    """The rows after `after`, about `limit_bytes` of them. No read of the station stays open while they travel."""
    taken: tuple[list[Row], list[Row], list[Row]] = ([], [], [])
    left = limit_bytes
    with store.reading() as connection:
        for chain, rows, begin, end in zip(CHAINS, taken, after, stream.position, strict=True):
            for row in _lazily(connection.execute(chain.rows(stream.name, begin.number, end.number)).mappings()):
                if left <= 0 or sum(map(len, taken)) >= _CHUNK_ROWS:
                    return Chunk(taken, False)
                rows.append(dict(row))
                left -= size_of(rows[-1])
    return Chunk(taken, True)


def _lazily(rows: Any) -> Iterator[Any]:
    try:
        yield from rows
    finally:
        rows.close()


def _marks(stream: Any) -> list[Any]:
    columns: list[Any] = []
    for chain in CHAINS:
        last = chain.last(stream)
        columns += [last.with_only_columns(column).scalar_subquery() for column in (chain.column, chain.table.c.hash)]
    return columns


def _stream(row: Any, is_session: bool) -> Stream:
    name, *found = row
    marks = [Mark(number, head) if number else Mark() for number, head in zip(found[::2], found[1::2], strict=True)]
    return Stream(name, is_session, (marks[0], marks[1], marks[2]))
