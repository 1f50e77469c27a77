"""Opens the store: engine, SQLite settings, schema check. I/O."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from sessions.store.errors import CannotOpen, StoreError, plain_errors
from sessions.store.schema import bring_to_head

FILE_NAME = "records.sqlite"
_BUSY_MS = 5000

_PRAGMAS = (
    # Readers never wait for the writer, and the writer never for readers.
    ("journal_mode", "WAL"),
    # WAL's default NORMAL may lose the last commits at a power cut: an acknowledged event must survive that too.
    ("synchronous", "FULL"),
    # A closure without its session is no record.
    ("foreign_keys", "ON"),
    # A screen and the recorder may open the same new file at once: wait for the lock, do not fail.
    ("busy_timeout", str(_BUSY_MS)),
    # Bounds the -wal file after a long session (64 MiB); it is cut back at the next checkpoint.
    ("journal_size_limit", str(64 << 20)),
    # REPLACE deletes silently unless triggers run for it as well.
    ("recursive_triggers", "ON"),
    # A file from elsewhere must not run functions from its schema.
    ("trusted_schema", "OFF"),
    # A destroyed key is overwritten with zeros, not only forgotten.
    ("secure_delete", "ON"),
    # A damaged page is reported when read, not spread.
    ("cell_size_check", "ON"),
)


class Store:
    """An open record store. Thread-safe; one transaction per `reading()` or `writing()` block."""

    def __init__(self, engine: Engine, place: str) -> None:
        self.engine = engine
        self.place = place  # for error texts

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot of the record. Raises StoreError."""
        with plain_errors(self.place), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable when the block is left; nothing is stored when it raises. Raises StoreError."""
        with plain_errors(self.place), self.engine.connect() as connection:
            connection = connection.execution_options(pencontrol_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(where: Path | str) -> Store:
    """The store of the home folder `where`, or at a database URL; made when missing, brought to the newest schema.

    Raises StoreError: CannotOpen, NotADatabase, Damaged, NewerSchema, StoreBusy, DiskFull.
    """
    url = _url(where)
    place = str(url.database)
    if where and isinstance(where, Path):
        _make_folder(where)
    engine = create_engine(url)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    store = Store(engine, place)
    try:
        bring_to_head(store.reading, store.writing, place)
    except BaseException:
        engine.dispose()
        raise
    return store


def _url(where: Path | str) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where / FILE_NAME))
    try:
        url = make_url(where)
    except ArgumentError:
        raise StoreError(f"{where!r} is no database URL; allowed: sqlite:///PATH") from None
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        shown = url.render_as_string(hide_password=True)
        raise StoreError(f"{shown}: this version keeps records in an SQLite file only; allowed: sqlite:///PATH")
    return url


def _make_folder(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # people are in there: for this user only
    except OSError as error:
        raise CannotOpen(f"{home}: the folder for records cannot be made: {error.strerror}") from error


def _on_connect(driver: Any, _record: object) -> None:
    # The driver would begin transactions itself, and not before DDL: with None, `_on_begin` alone does.
    driver.isolation_level = None
    cursor = driver.cursor()
    # First, so that it also covers the switch to WAL; asked before set, as setting it needs a lock.
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    for name, value in _PRAGMAS:
        if name == "journal_mode" and cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            continue
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A writer takes the lock at the start: a read that turns into a write could be refused half-way.
    write = connection.get_execution_options().get("pencontrol_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
