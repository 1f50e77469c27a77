"""What can go wrong with the store, in words for the person who must mend it. Pure but for the sqlite3 error codes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError


class StoreError(Exception):
    """Base of all store errors: one plain sentence that names the place and the cause."""


class CannotOpen(StoreError):
    """The file or its folder cannot be opened or written."""


class NotADatabase(StoreError):
    """The file is there but is no SQLite database."""


class Damaged(StoreError):
    """The database's own structure is broken."""


class NewerSchema(StoreError):
    """A newer version of this program has written the database."""


class DiskFull(StoreError):
    """No space left: nothing of the transaction was stored."""


class StoreBusy(StoreError):
    """Another process held the write lock longer than the wait allows."""


class WriteRefused(StoreError):
    """The database refused a change: rows are only ever added, in order."""


class NoSuchSession(StoreError):
    """No session of that id is on record."""

    def __init__(self, session: str) -> None:
        super().__init__(f"no session {session!r} is on record")


_BY_CODE: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_FULL: (DiskFull, "the disk is full, nothing was stored; free some space"),
    sqlite3.SQLITE_NOTADB: (NotADatabase, "this file is no SQLite database; it was left as it is"),
    sqlite3.SQLITE_CORRUPT: (Damaged, "the database is damaged; keep the file and restore a copy beside it"),
    sqlite3.SQLITE_CANTOPEN: (CannotOpen, "cannot be opened; does the folder exist, and may this user write there?"),
    sqlite3.SQLITE_READONLY: (CannotOpen, "cannot be written; file or folder is read-only for this user"),
    sqlite3.SQLITE_PERM: (CannotOpen, "access was denied by the system"),
    sqlite3.SQLITE_IOERR: (CannotOpen, "the disk reported an error while reading or writing"),
    sqlite3.SQLITE_BUSY: (StoreBusy, "another process holds the write lock"),
    sqlite3.SQLITE_LOCKED: (StoreBusy, "another connection holds the write lock"),
    sqlite3.SQLITE_CONSTRAINT: (WriteRefused, "the change was refused"),
}


def translate(error: BaseException, place: str) -> StoreError | None:
    """The plain error behind a driver's error at `place`, or None when it is none of ours to explain."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    code = getattr(cause, "sqlite_errorcode", None)
    found = _BY_CODE.get(code & 0xFF) if code is not None else None
    if found is None:
        return StoreError(f"{place}: {cause}")
    kind, words = found
    return kind(f"{place}: {words} ({cause})")


@contextmanager
def plain_errors(place: str) -> Iterator[None]:
    """Raise a StoreError in place of a driver's error; everything else passes through."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        plain = translate(error, place)
        if plain is None:
            raise
        raise plain from error
    except UnicodeDecodeError as error:  # SQLite quotes what it found in a broken schema, and the driver cannot read it
        raise Damaged(f"{place}: {_BY_CODE[sqlite3.SQLITE_CORRUPT][1]}") from error
