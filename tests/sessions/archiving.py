"""Stations with something on record, archivers that die on command, and the comparison that decides: row by row, no chain."""

import contextlib
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from sessions.archive import ArchiveError, archive, clinic_url, open_clinic, station_id
from sessions.archive.run import Report
from sessions.events import WIRE_LAYOUT, Note, make_event
from sessions.store import FILE_NAME, open_store
from sessions.store.rows import WireBlock
from sessions.store.writing import Writer
from tests.sessions.face import START_MONO_NS, START_UTC_NS, Face, face
from tests.sessions.postgres import Server

TABLES = ("sessions", "closures", "events", "blocks", "wires")
_KEYS = {"sessions": "id", "closures": "session", "events": "stream, number", "blocks": "stream, block", "wires": "stream, wire"}
_UNRECEIPTED = """
SELECT stream, max(number) FROM events GROUP BY stream EXCEPT SELECT stream, max(events) FROM archive_receipts GROUP BY stream
"""
DONE, FAILED = 0, 1


def keep(home: Path, told: Face, tape: int = 3) -> None:
    """Put a session on record, with some tape."""
    wires = [WireBlock(told.stream, n, WIRE_LAYOUT, f"{told.stream} {n} ".encode() * 40) for n in range(1, tape + 1)]
    with open_store(home) as store:
        outcomes = Writer(store).write([*told.events, *told.blocks, *wires])
        assert all(outcome.on_record for outcome in outcomes)


def note(home: Path, stream: str, number: int, text: str = "") -> None:
    """One more event of a stream."""
    said = make_event(stream, number, START_UTC_NS + number, START_MONO_NS + number, "op-1", Note(code="x", text=text))
    with open_store(home) as store:
        assert Writer(store).write([said])[0].on_record


def make_station(home: Path, sessions: int = 2, chair: int = 0, seconds: float = 24.0) -> Path:
    """A station with closed sessions of its own, one still open, and a journal whose name every chair has."""
    for number in range(sessions):
        keep(home, face(f"S-20261121-{93000 + number:06d}-{chair:04X}", seconds, client=f"c-{number:04d}"))
    keep(home, face(f"S-20261122-100000-{chair:04X}", seconds, end=False), tape=0)
    for number in (1, 2, 3):
        note(home, "J-journal", number, f"chair {chair}")
    return home


def run_archive(home: Path, url: str, chunk_bytes: int = 4 << 20, tell: Callable[[int, int, str], None] | None = None) -> Report:
    """One run, as `pencontrol archive` does it."""
    with open_store(home) as store, open_clinic(clinic_url(url)) as clinic:
        return archive(store, clinic, station_id(home), lambda: START_UTC_NS, tell or (lambda *_: None), chunk_bytes)


def run_apart(home: Path, url: str, chunk_bytes: int, at_statement: int, act: Callable[[], None]) -> Callable[[], int]:
    """An archiver in a process of its own that calls `act` before its statement `at_statement` (0: never).

    Statements are counted in the clinic's database, commits too. Returns what waits for it: DONE, FAILED, or minus the signal.
    """
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            count_statements(at_statement, act)
            report = run_archive(home, url, chunk_bytes)
            code = FAILED if report.problems else DONE
        except ArchiveError:
            code = FAILED
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    """SIGKILL for this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_and_take(server: Server) -> Callable[[], None]:
    """SIGKILL for the server; the archiver goes on and finds out."""

    def act() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.group, signal.SIGKILL)

    return act


def count_statements(at_statement: int, act: Callable[[], None]) -> None:
    """From now on, in this process: call `act` before statement `at_statement` of the clinic's database, commits counted."""
    seen = 0

    def count(*arguments: Any) -> None:
        nonlocal seen
        connection = arguments[0]
        if connection.dialect.name == "postgresql":
            seen += 1
            if seen == at_statement:
                act()

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


def difference(homes: list[Path], server: Server, database: str) -> list[str]:
    """What is not row for row in the clinic's database as on the stations; empty when all is there, once."""
    wanted: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
    for home in homes:
        station = station_id(home)
        for table, rows in wanted.items():
            rows += _rows_here(home, table, station)
    wrong = []
    with server.connect(database) as connection:
        for table, rows in wanted.items():
            found = connection.execute(f"SELECT * FROM {table} ORDER BY {_KEYS[table]}".encode()).fetchall()
            if found != sorted(rows, key=lambda row: row[:2]):
                missing, more = set(rows) - set(found), set(found) - set(rows)
                wrong.append(
                    f"{table}: {len(rows)} here, {len(found)} there, {len(missing)} missing, {len(more)} that are not ours"
                )
        unreceipted = connection.execute(_UNRECEIPTED).fetchall()
    return wrong + [f"no receipt for {stream} up to event {number}" for stream, number in unreceipted]


def _rows_here(home: Path, table: str, station: str) -> list[tuple[Any, ...]]:
    """What the station has that belongs into the archive, as it should stand there."""
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as connection:
        every = {row[0] for row in connection.execute("SELECT id FROM sessions")}
        closed = {row[0] for row in connection.execute("SELECT session FROM closures")}
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    kept = [row for row in rows if row[0] in closed or row[0] not in every]
    named = [row if row[0] in every else (f"{row[0]}@{station}", *row[1:]) for row in kept]
    return [(*row[:4], bool(row[4]), *row[5:]) for row in named] if table == "sessions" else named
