"""The clinic's database, open and at the newest schema. I/O."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from sessions.archive.address import SILENCE_S, clinic_engine, shown
from sessions.archive.errors import ArchiveError, plain_errors, unreached
from sessions.archive.models import Mark, Position, ReceiptRow
from sessions.store.errors import StoreError
from sessions.store.schema import HEAD as RECORD_HEAD
from sessions.store.schema import KNOWN as RECORD_KNOWN
from sessions.store.schema import bring_to_head, revision_of

HEAD = "a0001"  # newest file in sessions/archive/migrations/versions
KNOWN = ("a0001",)
_VERSION_TABLE = "archive_version"
_SCRIPTS = Path(__file__).resolve().parent / "migrations"
_MIGRATING = 0x70656E63  # advisory lock of whoever migrates
_STREAM_CLASS = 0x70656E  # advisory locks of streams: this, and a hash of the name
_OLDEST_SERVER = 120_000


class Clinic:
    """An open clinic's database; one transaction per `transaction()` block."""

    def __init__(self, engine: Engine, place: str, ready: bool) -> None:
        self.place = place
        self.ready = ready  # False: empty, only a dry run may go on
        self._engine = engine

    @contextmanager
    def transaction(self, stream: str = "", about: str = "") -> Iterator[Connection]:
        """Durable when the block is left, nothing when it raises. With `stream`, nobody else is at that stream meanwhile.

        `about` names the stream in errors. Raises ArchiveError, StreamError.
        """
        with plain_errors(self.place, about), self._engine.begin() as connection:
            if stream:
                lock = text("SELECT pg_advisory_xact_lock(:class, hashtext(:stream))")
                connection.execute(lock, {"class": _STREAM_CLASS, "stream": stream})
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """One transaction, alone among all that migrate."""
        with self.transaction() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            yield connection

    def receipts(self, station: str) -> dict[str, tuple[str, Position]]:
        """By the stream's name there: its name at `station`, and how far the newest receipt goes."""
        if not self.ready:
            return {}
        row = ReceiptRow.__table__.c
        in_order = (
            select(row.stream, row.source, row.events, row.events_head, row.blocks, row.trace_head, row.wires, row.wires_head)
            .where(row.station == station)
            .order_by(row.stream, row.events, row.blocks, row.wires)  # of each stream the newest is taken last
        )
        with self.transaction() as connection:
            return {
                found.stream: (
                    found.source,
                    (
                        Mark(found.events, found.events_head),
                        Mark(found.blocks, found.trace_head),
                        Mark(found.wires, found.wires_head),
                    ),
                )
                for found in connection.execute(in_order)
            }

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> "Clinic":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_clinic(url: URL, migrate: bool = True, silence_s: float = SILENCE_S) -> Clinic:
    """Connect, and bring the schema to the newest unless `migrate` is False. An answer is awaited for `silence_s`.

    Raises ArchiveError.
    """
    clinic = Clinic(clinic_engine(url, silence_s), shown(url), ready=True)
    try:
        _greet(clinic)
        if migrate:
            _bring_to_head(clinic)
        with clinic.transaction() as connection:
            clinic.ready = _is_ready(connection, clinic.place)
    except StoreError as error:
        clinic.close()
        raise ArchiveError(str(error)) from None
    except BaseException:
        clinic.close()
        raise
    return clinic


def _greet(clinic: Clinic) -> None:
    """The first connection. Raises ArchiveError when the server cannot hold the record."""
    try:
        connection = clinic._engine.connect()
    except DBAPIError as error:
        raise unreached(clinic.place, error.orig or error) from None
    with plain_errors(clinic.place), connection:
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        schema = connection.execute(text("SELECT current_schema()")).scalar()
    if version < _OLDEST_SERVER:
        raise ArchiveError(f"{clinic.place}: PostgreSQL {version // 10_000} is too old; allowed are 12 and newer")
    if encoding != "UTF8":
        raise ArchiveError(f"{clinic.place}: the database stores text as {encoding}; allowed is UTF8")
    if schema is None:
        raise ArchiveError(f"{clinic.place}: this user's search_path names no schema that is there")


def _bring_to_head(clinic: Clinic) -> None:
    """The record's tables by the record's own migrations, then the archive's."""
    bring_to_head(clinic.transaction, clinic.migrating, clinic.place)
    with clinic.transaction() as connection:
        if _own_revision(connection, clinic.place) == HEAD:
            return
    with clinic.migrating() as connection:  # the lock is held now: another chair may have done it meanwhile
        if _own_revision(connection, clinic.place) != HEAD:
            _upgrade(connection)


def _is_ready(connection: Connection, place: str) -> bool:
    """False for an empty database. Raises ArchiveError for a schema between none and the newest."""
    found = revision_of(connection)
    if found is None:
        return False
    if found not in RECORD_KNOWN:
        raise _newer(place, f"schema {found}", RECORD_HEAD)
    if found != RECORD_HEAD or _own_revision(connection, place) != HEAD:
        raise ArchiveError(f"{place}: its schema is {found}, this program's is {RECORD_HEAD}; `pencontrol archive` brings it up")
    return True


def _own_revision(connection: Connection, place: str) -> str | None:
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": _VERSION_TABLE}).scalar() is None:
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()
    if found is not None and found not in KNOWN:
        raise _newer(place, f"archive schema {found}", HEAD)
    return found


def _newer(place: str, found: str, known: str) -> ArchiveError:
    return ArchiveError(
        f"{place}: {found} was written by a newer version of this program; this one knows up to {known}. "
        "Update this station's program; the records are untouched"
    )


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = _VERSION_TABLE
    command.upgrade(config, HEAD)
