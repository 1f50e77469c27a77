"""Every earlier schema, with data in it, comes to the newest one whole; and there is no way back."""

import importlib
import json
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, text

import sessions.migrations
from sessions.audit import verify
from sessions.listing import Filters, page
from sessions.people.register import differences
from sessions.reading import list_sessions
from sessions.store import FILE_NAME, Store, open_store, schema
from sessions.store.chain import GENESIS
from sessions.store.models import Base
from sessions.store.rows import block_row, closure_row, event_row, session_row
from sessions.store.schema import KNOWN
from sessions.vocabulary import read_body
from tests.sessions.face import SESSION, Face, face

EARLIER = [revision for revision in KNOWN if revision != schema.HEAD]
OTHER = "S-20261122-080000-00AF"


def _make(home: Path, revision: str, *told: Face, spoil: str = "") -> None:
    """A database as the program of `revision` left it; the body of the opening of session `spoil` is damaged."""
    home.mkdir()
    engine = create_engine(f"sqlite:///{home / FILE_NAME}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(sessions.migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for session in told:
            _insert_session(connection, session, session.stream == spoil)
    engine.dispose()


def _insert_session(connection: Connection, told: Face, spoil: bool) -> None:
    opened = read_body(told.events[0])
    _insert(connection, "sessions", session_row(told.events[0], opened))  # type: ignore[arg-type]
    head = GENESIS
    for event in told.events:
        row = event_row(event, head)
        head = str(row["hash"])
        _insert(connection, "events", {**row, "body": "{"} if spoil and event.number == 1 else row)
    head = GENESIS
    for block in told.blocks:
        row = block_row(block, head)
        head = str(row["hash"])
        _insert(connection, "blocks", row)
    if told.events[-1].kind == "session_closed":
        closed = read_body(told.events[-1])
        _insert(connection, "closures", closure_row(told.events[-1], closed, 3))  # type: ignore[arg-type]


def _insert(connection: Connection, table: str, row: dict[str, object]) -> None:
    """Only what the table had then: later columns are for migrations to fill."""
    then = {str(found[1]) for found in connection.execute(text(f"PRAGMA table_info({table})"))}
    names = [name for name in row if name in then]
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
    connection.execute(text(sql), {name: row[name] for name in names})


def _shape(store: Store) -> dict[str, object]:
    found = inspect(store.engine)
    with store.reading() as connection:
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")).all()
    tables = {table: _columns(found.get_columns(table)) for table in Base.metadata.tables}
    indexes = {table: sorted(str(index["name"]) for index in found.get_indexes(table)) for table in Base.metadata.tables}
    return {"tables": tables, "indexes": indexes, "triggers": [tuple(trigger) for trigger in triggers]}


def _columns(columns: object) -> list[tuple[str, str, object]]:
    return [(column["name"], str(column["type"]), column["nullable"]) for column in columns]  # type: ignore[attr-defined]


@pytest.mark.parametrize("revision", EARLIER)
def test_every_earlier_store_is_brought_up_with_its_data(tmp_path: Path, revision: str) -> None:
    open_store(tmp_path / "new").close()
    _make(tmp_path / "old", revision, face(seconds=24.0), face(OTHER, seconds=24.0, client="C-0002", end=False))
    with open_store(tmp_path / "old") as old, open_store(tmp_path / "new") as new:
        assert _shape(old) == _shape(new)
        with old.reading() as connection:
            assert schema.revision_of(connection) == schema.HEAD
        for session in (SESSION, OTHER):
            assert verify(old, session).holds
        assert {(row.id, row.state) for row in list_sessions(old)} == {(SESSION, "CLOSED"), (OTHER, "OPEN")}
        assert [row.id for row in page(old, Filters(text="7f3a chin")).rows] == [SESSION]
        assert [row.id for row in page(old, Filters(state="OPEN", client="C-0002", zone="F.CHIN")).rows] == [OTHER]
        assert [row.id for row in page(old, Filters(cartridge="9f27c4d1", lot="L2609-B", text="c-0001")).rows] == [SESSION]
        assert differences(old) == []


def test_a_damaged_session_does_not_keep_the_others_from_being_opened(tmp_path: Path) -> None:
    _make(tmp_path / "old", "0002", face(seconds=24.0), face(OTHER, seconds=24.0), spoil=OTHER)
    with open_store(tmp_path / "old") as store:
        assert [row.id for row in page(store, Filters(zone="F.CHIN")).rows] == [SESSION]
        assert {row.id for row in page(store).rows} == {SESSION, OTHER}, "the list has it all the same"
        assert verify(store, SESSION).holds


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    _make(tmp_path / "old", "0002", face(seconds=24.0))
    with sqlite3.connect(tmp_path / "old" / FILE_NAME) as stranger:
        stranger.execute("CREATE TABLE mentions (x)")  # in the way of the new table
    stranger.close()
    before = _dump(tmp_path / "old" / FILE_NAME)
    with pytest.raises(Exception, match="mentions"):
        open_store(tmp_path / "old")
    assert _dump(tmp_path / "old" / FILE_NAME) == before


def test_there_is_no_way_back() -> None:
    folder = Path(sessions.migrations.__file__).parent / "versions"
    names = sorted(path.stem for path in folder.glob("v*.py"))
    assert len(names) == len(KNOWN)
    for name in names:
        with pytest.raises(RuntimeError, match="no way back"):
            importlib.import_module(f"sessions.migrations.versions.{name}").downgrade()


def _dump(file: Path) -> str:
    database = sqlite3.connect(file)
    told = json.dumps([list(database.iterdump()), database.execute("SELECT version_num FROM alembic_version").fetchall()])
    database.close()
    return told
