"""Which schema a database has, and the way to the newest. Alembic is only loaded when there is something to do. I/O."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection, text

from sessions.store.errors import NewerSchema, StoreError

HEAD = "0003"  # newest file in sessions/migrations/versions
KNOWN = ("0001", "0002", "0003")
_SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
}

Transaction = Callable[[], AbstractContextManager[Connection]]


def revision_of(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database. Raises StoreError for a database of another program."""
    tables = set(connection.execute(text(_TABLES[connection.dialect.name])).scalars())
    if not tables:
        return None
    if not {"alembic_version", "closures"} <= tables:
        raise StoreError(f"this database belongs to another program: its tables are {', '.join(sorted(tables)[:5])}")
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return str(found[0]) if found else None


def bring_to_head(reading: Transaction, writing: Transaction, place: str) -> None:
    """Create or upgrade the schema in one transaction; a few hundred microseconds when there is nothing to do."""
    with reading() as connection:
        if _check(revision_of(connection), place):
            return
    with writing() as connection:  # the lock is held now: another process may have done it meanwhile
        if not _check(revision_of(connection), place):
            _upgrade(connection)


def _check(revision: str | None, place: str) -> bool:
    """Whether `revision` is the newest. Raises NewerSchema."""
    if revision is not None and revision not in KNOWN:
        raise NewerSchema(
            f"{place}: schema {revision} was written by a newer version of this program; this one knows up to {HEAD}. "
            "Update the program; the records are untouched"
        )
    return revision == HEAD


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
