"""The store: rows are only ever added, in order; what cannot be opened is named; the head of the schema is reached once."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, inspect

import sessions.migrations
from sessions.audit import verify
from sessions.events import TRACE_BYTES, Note, make_event
from sessions.reading import list_sessions, load_events
from sessions.store import (
    FILE_NAME,
    CannotOpen,
    DiskFull,
    NewerSchema,
    NotADatabase,
    StoreBusy,
    StoreError,
    WriteRefused,
    open_store,
    schema,
)
from sessions.store import store as store_module
from sessions.store.chain import block_hash, event_hash
from sessions.store.models import Base
from sessions.store.records import pack_records, unpack_records
from sessions.store.rows import Malformed, records_of
from sessions.store.writing import Writer
from tests.sessions.face import SESSION, START_MONO_NS, START_UTC_NS, face, store_face

TABLES = ("sessions", "closures", "events", "blocks")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_store(tmp_path) as store:
        store_face(store, face(seconds=24.0))
    return tmp_path


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET rowid_free = 1", "DELETE FROM {}", "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"]
)
def test_rows_are_never_changed_deleted_or_replaced_even_by_a_stranger(home: Path, table: str, change: str) -> None:
    with sqlite3.connect(home / FILE_NAME) as stranger:
        before = stranger.execute(f"SELECT * FROM {table}").fetchall()
        column = stranger.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]
        with pytest.raises(sqlite3.IntegrityError):
            stranger.execute(change.format(table).replace("rowid_free", column))
        assert stranger.execute(f"SELECT * FROM {table}").fetchall() == before != []
    stranger.close()


def test_every_table_refuses_update_and_delete_through_the_store(home: Path) -> None:
    with open_store(home) as store:
        for table in TABLES:
            with pytest.raises(WriteRefused, match="never changed or deleted"), store.writing() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")


def test_a_row_out_of_order_or_out_of_chain_is_refused_by_the_database(home: Path) -> None:
    columns = "stream, number, kind, utc, mono_ns, actor, body, prev_hash, hash"
    stranger = sqlite3.connect(home / FILE_NAME)
    last = stranger.execute("SELECT max(number) FROM events").fetchone()[0]
    row = f"'{SESSION}', {{}}, 'note', '', 0, 'P-01', '{{{{}}}}', '{{}}', 'x'"
    with pytest.raises(sqlite3.IntegrityError, match="next of its stream"):
        stranger.execute(f"INSERT INTO events ({columns}) VALUES ({row.format(last + 2, '0' * 64)})")
    with pytest.raises(sqlite3.IntegrityError, match="hash before it"):
        stranger.execute(f"INSERT INTO events ({columns}) VALUES ({row.format(last + 1, '0' * 64)})")
    stranger.close()


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        ("UPDATE events SET body = replace(body, '750', '950') WHERE number = 1", "event 1 was changed"),
        ("UPDATE events SET actor = 'P-02' WHERE number = 5", "event 5 was changed"),
        ("DELETE FROM events WHERE number = 7", "event 7 is missing"),
        ("UPDATE blocks SET lost = 3 WHERE block = 4", "block 4 was changed"),
        ("UPDATE blocks SET data = (SELECT data FROM blocks WHERE block = 5) WHERE block = 4", "block 4 was changed"),
        ("UPDATE blocks SET data = x'00' WHERE block = 2", "block 2 cannot be unpacked"),
        ("DELETE FROM blocks WHERE block = 3", "block 3 is missing"),
    ],
)
def test_what_gets_past_the_triggers_breaks_the_chain(home: Path, tamper: str, problem: str) -> None:
    stranger = sqlite3.connect(home / FILE_NAME)
    for (name,) in stranger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        stranger.execute(f"DROP TRIGGER {name}")
    stranger.execute(tamper)
    stranger.commit()
    stranger.close()
    with open_store(home) as store:
        assert any(problem in found for found in verify(store, SESSION).problems)


def test_a_cut_tail_holds_but_has_another_head(home: Path) -> None:
    with open_store(home) as store:
        head = verify(store, SESSION).events_head
    stranger = sqlite3.connect(home / FILE_NAME)
    stranger.execute("DROP TRIGGER events_no_delete")
    stranger.execute("DROP TRIGGER closures_no_delete")
    stranger.execute("DELETE FROM events WHERE number > 20")
    stranger.execute("DELETE FROM closures")
    stranger.commit()
    stranger.close()
    with open_store(home) as store:
        cut = verify(store, SESSION)
        assert verify(store, SESSION, heads=[head]).problems == [
            f"head {head} is nowhere in this record: its end was cut off, or it was written anew"
        ]
    assert cut.holds
    assert cut.events_head != head


def test_head_is_the_newest_migration_and_models_are_what_it_makes(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(sessions.migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == schema.HEAD
    assert {revision.revision for revision in script.walk_revisions()} == set(schema.KNOWN)
    with open_store(tmp_path) as store:
        found = inspect(store.engine)
        for table in Base.metadata.sorted_tables:
            columns = {column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(table.name)}
            dialect = store.engine.dialect
            wanted = {column.name: (column.type.compile(dialect), column.nullable) for column in table.columns}
            assert columns == wanted, table.name
            assert {index["name"] for index in found.get_indexes(table.name)} == {index.name for index in table.indexes}


def test_alembic_is_not_loaded_when_the_schema_is_there(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sessions.store import open_store; "
        f"open_store(Path({str(home)!r})).close(); print('alembic' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_two_processes_may_make_the_same_store_at_once(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from sessions.store import open_store; open_store(Path({str(tmp_path)!r})).close()"
    running = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 4


def test_settings_that_durability_rests_on(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "trusted_schema")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0}


def test_newer_schema_is_refused_and_untouched(home: Path) -> None:
    with sqlite3.connect(home / FILE_NAME) as stranger:
        stranger.execute("UPDATE alembic_version SET version_num = '0999'")
    stranger.close()
    with pytest.raises(NewerSchema, match=r"0999.*newer version"):
        open_store(home)


def test_no_database_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("not a database, but a shopping list, long enough to be looked at " * 20)
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(NotADatabase, match=FILE_NAME):
        open_store(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as stranger:
        stranger.execute("CREATE TABLE recipes (name TEXT)")
    stranger.close()
    with pytest.raises(StoreError, match="recipes"):
        open_store(tmp_path)


def test_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotOpen):
        open_store(tmp_path / "file" / "home")


@pytest.mark.parametrize("url", ["postgresql+psycopg://clinic/records", "sqlite://", "what is this"])
def test_other_urls_say_what_is_allowed(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///PATH"):
        open_store(url)


def test_full_disk_stores_nothing_and_the_store_goes_on_when_there_is_room(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with open_store(tmp_path) as store:
        writer = Writer(store)
        writer.write(told.events[:3])
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")  # as small as the file is now
        with pytest.raises(DiskFull, match="disk is full"):
            writer.write([*told.events[3:], *told.blocks])
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert len(load_events(store, SESSION)) == 3
        assert all(outcome.on_record for outcome in writer.write([*told.events, *told.blocks]))
        assert verify(store, SESSION).holds


def test_a_lock_held_elsewhere_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_BUSY_MS", 50)
    with open_store(home) as store:
        event.listen(store.engine, "connect", lambda driver, _: driver.execute("PRAGMA busy_timeout=50"))
        store.engine.dispose()
        other = sqlite3.connect(home / FILE_NAME, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="write lock"):
            Writer(store).write([make_event("J-x", 1, START_UTC_NS, START_MONO_NS, "control", Note(code="x"))])
        other.execute("ROLLBACK")
        other.close()


def test_a_writer_that_another_one_overtook_recovers(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with open_store(tmp_path) as store:
        first, second = Writer(store), Writer(store)
        first.write(told.events[:3])
        second.write(told.events[3:6])
        with pytest.raises(WriteRefused):
            first.write(told.events[3:8])
        assert all(outcome.on_record for outcome in first.write(told.events))
        assert verify(store, SESSION).holds


def test_a_copy_of_the_folder_is_a_whole_record(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("copy") / "home"
    shutil.copytree(home, copy)
    with open_store(copy) as store:
        assert verify(store, SESSION).holds


def test_folder_with_records_is_for_its_user_only(tmp_path: Path) -> None:
    open_store(tmp_path / "home").close()
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
    assert os.access(tmp_path / "home", os.W_OK)


def test_session_opened_twice_or_in_the_journal_is_refused(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    opening = told.events[0]
    with open_store(tmp_path) as store:
        outcomes = Writer(store).write(
            [opening, opening.model_copy(update={"number": 2}), opening.model_copy(update={"stream": "J-1"})]
        )
        assert [outcome.on_record for outcome in outcomes] == [True, False, False]
        never = told.events[-1].model_copy(update={"stream": "S-never", "number": 1})
        assert "never opened" in Writer(store).write([never])[0].why
        assert len(list_sessions(store)) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [({"layout": "trace/9"}, "trace/9"), ({"records": b"x" * 47}, "47 bytes"), ({"first_index": 5}, "first index 5")],
)
def test_block_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    block = face(seconds=24.0).blocks[0]
    with open_store(tmp_path) as store:
        outcome = Writer(store).write([type(block)(**{**vars(block), **change})])[0]
    assert not outcome.on_record
    assert words in outcome.why


@given(st.integers(1, 40).flatmap(lambda samples: st.binary(min_size=samples * TRACE_BYTES, max_size=samples * TRACE_BYTES)))
def test_packed_records_come_back(records: bytes) -> None:
    assert unpack_records(*pack_records(records), len(records) // TRACE_BYTES) == records


@given(st.binary(max_size=200), st.integers(1, 5))
def test_unpacking_junk_is_malformed(data: bytes, samples: int) -> None:
    row = SimpleNamespace(codec="zstd-columns", data=data, samples=samples, block=1)
    with pytest.raises(Malformed):
        records_of(row)
    with pytest.raises(Malformed, match="packed as 'lz4'"):
        records_of(SimpleNamespace(codec="lz4", data=data, samples=samples, block=1))


def test_hashes_are_what_the_documentation_says() -> None:
    note = make_event("J-1", 2, START_UTC_NS, START_MONO_NS, "P-01", Note(code="x", text="Grüße"))
    canonical = (
        '{"actor":"P-01","body":{"code":"x","text":"Grüße","zone":""},"kind":"note","mono_ns":5000000000000,"number":2,'
        '"prev":"' + "a" * 64 + '","stream":"J-1","utc":"2026-11-21T09:30:00.000000Z"}'
    )
    assert event_hash("a" * 64, note) == hashlib.sha256(canonical.encode()).hexdigest()
    header = '{"block":1,"first_index":5,"layout":"trace/1","lost":0,"prev":"' + "b" * 64 + '","stream":"S-1"}\n'
    expected = hashlib.sha256(header.encode() + b"records").hexdigest()
    assert block_hash("b" * 64, "S-1", 1, 5, 0, "trace/1", b"records") == expected
