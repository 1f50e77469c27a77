"""Copies the store while it is in use, into one file, and checks the copy. I/O, SQLite only.

Clients' keys are left out unless asked for: a backup without them can be kept for ever, as an erased client is erased in it too.
Kept with them, it brings back every client there was when it was made: after an erasure such a backup must be destroyed
or made again. The station's key files and the photographs are never in it: they are files beside the database.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sessions.store import FILE_NAME, StoreError
from sessions.store.errors import plain_errors

_PAGES = 4096  # 16 MiB between two tellings
_COUNTED = ("sessions", "closures", "events", "blocks", "wires")

Progress = Callable[[int, int], None]  # pages done, pages in all


@dataclass(frozen=True)
class Backup:
    """What was written and found in it."""

    file: Path
    size: int  # bytes
    rows: dict[str, int]
    client_keys: int  # kept in it


def back_up(home: Path, target: Path, with_keys: bool = False, progress: Progress | None = None) -> Backup:
    """Copy the records of `home` into the new file `target`. Raises StoreError; then `target` is not there.

    The copy is of one moment, however long it takes and whatever is recorded meanwhile; nobody has to wait for it.
    """
    source = home / FILE_NAME
    if not source.is_file():
        raise StoreError(f"{source}: there are no records to back up")
    if target.exists():
        raise StoreError(f"{target}: there is a file of that name; a backup replaces nothing")
    draft = target.with_name(f".{target.name}.part")
    try:
        # for this user only, from the first byte on
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with plain_errors(str(target)):
            counts, keys = _copy(source, draft, with_keys, progress)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        os.link(draft, target)
    except OSError as error:
        raise StoreError(f"{target}: the backup cannot be written: {error.strerror}") from None
    finally:
        for leftover in (draft, draft.with_name(draft.name + "-journal")):
            leftover.unlink(missing_ok=True)
    return Backup(target, target.stat().st_size, counts, keys)


def _copy(source: Path, draft: Path, with_keys: bool, progress: Progress | None) -> tuple[dict[str, int], int]:
    with _opened(f"{source.absolute().as_uri()}?mode=ro") as records, _opened(str(draft)) as copy:
        # An open read transaction is the moment: without it a commit elsewhere would begin the copy anew, for ever.
        records.execute("BEGIN")
        wanted = _counts(records)
        records.backup(copy, pages=_PAGES, progress=lambda _, left, total: progress(total - left, total) if progress else None)
        records.execute("COMMIT")
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        copy.execute("PRAGMA secure_delete = ON")
        if not with_keys:
            copy.execute("DELETE FROM client_keys")
        problems = [row[0] for row in copy.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
        found = _counts(copy)
        if problems or found != wanted:
            raise StoreError(f"{draft}: the copy is not what it should be: {'; '.join(problems) or f'{found}, not {wanted}'}")
        return found, int(copy.execute("SELECT count(*) FROM client_keys").fetchone()[0])


def _counts(database: sqlite3.Connection) -> dict[str, int]:
    return {table: int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in _COUNTED}


@contextlib.contextmanager
def _opened(name: str) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(name, uri=name.startswith("file:"), isolation_level=None, timeout=5.0)
    try:
        yield database
    finally:
        database.close()
