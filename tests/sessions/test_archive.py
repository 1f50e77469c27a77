"""The clinic's copy: whole, once, verified there, never changed; what does not fit is named and keeps nothing else back."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

import sessions.archive
from sessions.archive import ArchiveError, archive, check, clinic, clinic_url, dry_run, open_clinic, station_id
from sessions.archive.check import Checked
from sessions.archive.models import ArchiveBase
from sessions.archive.station import STATION_FILE
from sessions.store import FILE_NAME, open_store
from sessions.store.models import Base
from sessions.store.writing import Writer
from tests.sessions.archiving import TABLES, difference, keep, make_station, note, run_archive
from tests.sessions.face import START_MONO_NS, START_UTC_NS, face
from tests.sessions.postgres import Server

TRIGGERS_0002 = "7c179dc86c1f49b12940d7d46baba8f0bb550109875faaf42a3e18fc54de8146"
FIRST, SECOND, OPEN = "S-20261121-093000-0000", "S-20261121-093001-0000", "S-20261122-100000-0000"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_station(tmp_path_factory.mktemp("prepared") / "home")


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "home"))


@pytest.fixture
def url(postgres: Server, clinic_database: str) -> str:
    return postgres.url(clinic_database)


def checked(home: Path, url: str) -> Checked:
    with open_store(home) as store, open_clinic(clinic_url(url), migrate=False) as there:
        return check(store, there, station_id(home), lambda *_: None)


def last_event(home: Path, stream: str) -> int:
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as connection:
        return int(connection.execute("SELECT max(number) FROM events WHERE stream = ?", (stream,)).fetchone()[0])


def tamper(home: Path, *statements: str) -> None:
    """Change the station's file behind its triggers."""
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as stranger:
        for (name,) in stranger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            stranger.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            stranger.execute(statement)
        stranger.commit()


def tamper_there(postgres: Server, database: str, *statements: str) -> None:
    """As an administrator there could."""
    with postgres.connect(database) as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger fires
        for statement in statements:
            connection.execute(statement.encode())


def test_all_arrives_row_for_row_and_a_second_run_finds_it_there(
    home: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    told: list[tuple[int, int, str]] = []
    first = run_archive(home, url, tell=lambda *now: told.append(now))
    assert difference([home], postgres, clinic_database) == []
    assert (first.sessions_copied, first.streams_copied, first.sessions_open, first.verified) == (2, 1, 1, 3)
    assert first.problems == []
    assert told[-1][0] == told[-1][1] == first.bytes > 100_000
    second = run_archive(home, url)
    assert (second.sessions_copied, second.sessions_already_there, second.streams_already_there, second.bytes) == (0, 2, 1, 0)
    found = checked(home, url)
    assert (found.sessions_verified, found.streams_verified, found.not_archived, found.problems) == (2, 1, 0, [])
    assert found.bytes == first.bytes
    with postgres.connect(clinic_database) as connection:
        receipts = connection.execute("SELECT source, events, events_head, verified_utc FROM archive_receipts").fetchall()
        heads = connection.execute(
            "SELECT hash FROM events e WHERE number = (SELECT max(number) FROM events WHERE stream = e.stream)"
        )
        assert {row[2] for row in receipts} == {row[0] for row in heads}
    assert {row[0] for row in receipts} == {FIRST, SECOND, "J-journal"}
    assert {row[3] for row in receipts} == {"2026-11-21T09:30:00.000000Z"}


def test_dry_run_says_what_a_run_will_do_and_writes_nothing(home: Path, url: str, postgres: Server, clinic_database: str) -> None:
    with open_store(home) as store, open_clinic(clinic_url(url), migrate=False) as there:
        foreseen = dry_run(store, there, station_id(home))
    with postgres.connect(clinic_database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone() == (0,)
    done = run_archive(home, url)
    assert (foreseen.sessions_copied, foreseen.streams_copied, foreseen.bytes) == (2, 1, done.bytes)
    note(home, "J-journal", 4, "later")
    with open_store(home) as store, open_clinic(clinic_url(url), migrate=False) as there:
        assert dry_run(store, there, station_id(home)).streams_extended == 1
    assert checked(home, url).not_archived == 1


def test_what_is_added_to_an_archived_session_follows_with_the_next_run(
    home: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    run_archive(home, url)
    number = last_event(home, FIRST)
    note(home, FIRST, number + 1, "signed later")
    note(home, "J-journal", 4, "a further day")
    again = run_archive(home, url)
    assert (again.sessions_extended, again.streams_extended, again.sessions_already_there) == (1, 1, 1)
    assert 0 < again.bytes < 300  # only what is new
    assert difference([home], postgres, clinic_database) == []
    with postgres.connect(clinic_database) as connection:
        counts = connection.execute("SELECT events FROM archive_receipts WHERE stream = %s ORDER BY events", (FIRST,)).fetchall()
    assert counts == [(number,), (number + 1,)]
    assert checked(home, url).problems == []


def test_an_open_session_stays_until_it_has_an_end(home: Path, url: str, postgres: Server, clinic_database: str) -> None:
    assert run_archive(home, url).sessions_open == 1
    with open_store(home) as store:
        assert Writer(store).close_open("", "the station ended", START_UTC_NS, START_MONO_NS) == [OPEN]
    report = run_archive(home, url)
    assert (report.sessions_copied, report.sessions_open) == (1, 0)
    with postgres.connect(clinic_database) as connection:
        assert connection.execute("SELECT state FROM closures WHERE session = %s", (OPEN,)).fetchone() == ("INTERRUPTED",)
    assert difference([home], postgres, clinic_database) == []


def test_the_clinics_rows_are_never_changed_deleted_or_emptied(
    home: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    run_archive(home, url)
    refused = "never changed or deleted"
    with postgres.connect(clinic_database) as connection:
        for table in (*TABLES, "archive_receipts"):
            column = "stream" if table in ("events", "blocks", "wires", "archive_receipts") else None
            column = column or ("id" if table == "sessions" else "session")
            before = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert before is not None
            assert before[0] > 0
            for change in (
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
                f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({_key(table)}) DO UPDATE SET {column} = 'x'",
            ):
                with pytest.raises(psycopg.errors.IntegrityError, match=f"{refused}|next of its stream"):
                    connection.execute(change.encode())
            assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == before
        last = "INSERT INTO events SELECT stream, number + {}, kind, utc, mono_ns, actor, body, {}, hash FROM events e "
        last += "WHERE number = (SELECT max(number) FROM events WHERE stream = e.stream)"
        with pytest.raises(psycopg.errors.IntegrityError, match="number must be the next of its stream"):
            connection.execute(last.format(2, "hash").encode())
        with pytest.raises(psycopg.errors.IntegrityError, match="prev_hash must be the hash before it"):
            connection.execute(last.format(1, "prev_hash").encode())


def _key(table: str) -> str:
    keys = {"sessions": "id", "closures": "session", "events": "stream, number", "blocks": "stream, block"}
    return {**keys, "wires": "stream, wire", "archive_receipts": "station, stream, events, blocks, wires"}[table]


def test_other_content_under_the_same_id_is_named_and_changes_nothing(
    home: Path, tmp_path: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    run_archive(home, url)
    other = tmp_path / "other"
    keep(other, face(FIRST, 24.0, client="c-9999"))
    keep(other, face("S-20261121-120000-FFFF", 24.0, client="c-9999"))
    note(other, FIRST, last_event(other, FIRST) + 1, "so that this one is longer")
    report = run_archive(other, url)
    assert len(report.problems) == 1
    assert FIRST in report.problems[0]
    assert "holds another event" in report.problems[0]
    assert report.sessions_copied == 1
    assert checked(home, url).problems == []
    with postgres.connect(clinic_database) as connection:
        assert connection.execute("SELECT client FROM sessions WHERE id = %s", (FIRST,)).fetchone() == ("c-0000",)


def test_streams_of_the_same_name_at_two_chairs_stand_side_by_side(
    home: Path, tmp_path: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    other = make_station(tmp_path / "other", sessions=1, chair=1)
    run_archive(home, url)
    assert run_archive(other, url).problems == []
    assert difference([home, other], postgres, clinic_database) == []
    assert checked(home, url).streams_verified == checked(other, url).streams_verified == 1


def test_a_copy_of_the_folder_is_the_same_station_and_its_sessions_are_there_already(
    home: Path, tmp_path: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    run_archive(home, url)
    copy = Path(shutil.copytree(home, tmp_path / "copy"))
    again = run_archive(copy, url)
    assert (again.sessions_already_there, again.streams_already_there, again.verified) == (2, 1, 0)
    note(copy, "J-journal", 4, "at the copy")
    note(home, "J-journal", 4, "at the old place")
    assert run_archive(copy, url).problems == []
    with open_store(home) as store, open_clinic(clinic_url(url), migrate=False) as there:
        (foreseen,) = dry_run(store, there, station_id(home)).problems
    (problem,) = run_archive(home, url).problems
    assert foreseen == problem
    assert "J-journal" in problem
    assert "old copy" in problem
    (found,) = checked(home, url).problems
    assert "J-journal" in found


def test_a_station_that_lost_its_id_is_not_archived_twice(home: Path, url: str, postgres: Server, clinic_database: str) -> None:
    run_archive(home, url)
    known = station_id(home)
    (home / STATION_FILE).unlink()
    with pytest.raises(ArchiveError, match=f"J-journal.*{known}"):
        run_archive(home, url)
    (home / STATION_FILE).write_text("chair one")
    with pytest.raises(ArchiveError, match="allowed is st- and 12 hexadecimal digits"):
        station_id(home)
    (home / STATION_FILE).write_text(known)
    assert run_archive(home, url).problems == []


def test_the_same_session_from_another_station_is_compared_and_found_there(home: Path, tmp_path: Path, url: str) -> None:
    keep(tmp_path / "other", face(FIRST, 24.0, client="c-0000"))
    run_archive(home, url)
    report = run_archive(tmp_path / "other", url)
    assert (report.sessions_copied, report.sessions_already_there, report.verified, report.bytes) == (0, 1, 1, 0)
    assert report.problems == []


def test_a_session_that_is_longer_there_is_no_receipt_for_a_shorter_one(home: Path, tmp_path: Path, url: str) -> None:
    keep(tmp_path / "other", face(FIRST, 24.0, client="c-0000"))
    note(home, FIRST, last_event(home, FIRST) + 1, "signed here")
    run_archive(home, url)
    report = run_archive(tmp_path / "other", url)
    (problem,) = report.problems
    assert problem.startswith(f"{FIRST}: the clinic's database ends with event")
    assert report.verified == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE events SET actor = 'op-9' WHERE stream = '{}' AND number = 5", "event 5 was changed"),
        ("UPDATE blocks SET data = zeroblob(9) WHERE stream = '{}' AND block = 4", "cannot be unpacked"),
        ("UPDATE wires SET hash = prev_hash WHERE stream = '{}' AND wire = 3", "tape block 3 was changed"),
        ("DELETE FROM events WHERE stream = '{}' AND number = 7", "number must be the next"),
    ],
)
def test_a_record_damaged_on_the_station_does_not_arrive_and_the_others_do(
    home: Path, url: str, postgres: Server, clinic_database: str, change: str, words: str
) -> None:
    tamper(home, change.format(FIRST))
    report = run_archive(home, url)
    (problem,) = report.problems
    assert problem.startswith(FIRST)
    assert words in problem
    assert report.sessions_copied == 1
    with postgres.connect(clinic_database) as connection:
        for table in TABLES:
            key = _key(table).split(",")[0]
            found = connection.execute(f"SELECT count(*) FROM {table} WHERE {key} = %s".encode(), (FIRST,)).fetchone()
            assert found == (0,), table


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE events SET actor = 'op-9' WHERE stream = '{0}' AND number = 5", "another event 5"),
        ("UPDATE blocks SET lost = 3 WHERE stream = '{0}' AND block = 4", "another block 4 under this name; unlike are lost"),
        ("UPDATE sessions SET client = 'c-9999' WHERE id = '{0}'", "another row in sessions"),
        ("DELETE FROM closures WHERE session = '{0}'", "row in closures is missing"),
        ("DELETE FROM events WHERE stream = '{0}' AND number = 5", "event 5 is missing in the clinic's database"),
        ("DELETE FROM wires WHERE stream = '{0}' AND wire = 3", "less of it than its receipt says"),
        ("DELETE FROM events WHERE stream = '{0}'; DELETE FROM blocks WHERE stream = '{0}'", "less of it than its receipt says"),
        (
            "INSERT INTO wires SELECT stream, 4, layout, size, codec, data, hash, prev_hash FROM wires "
            "WHERE stream = '{0}' AND wire = 3",
            "ends with tape block 4",
        ),
    ],
)
def test_what_an_administrator_changes_there_is_found(
    home: Path, url: str, postgres: Server, clinic_database: str, change: str, words: str
) -> None:
    run_archive(home, url)
    tamper_there(postgres, clinic_database, *change.format(FIRST).split(";"))
    found = checked(home, url)
    (problem,) = found.problems
    assert problem.startswith(FIRST)
    assert words in problem
    assert (found.sessions_verified, found.streams_verified) == (1, 1)


def test_what_is_gone_from_the_station_is_found(home: Path, url: str) -> None:
    run_archive(home, url)
    tamper(home, *(f"DELETE FROM {table} WHERE {_key(table).split(',')[0]} = '{FIRST}'" for table in reversed(TABLES)))
    assert any(FIRST in problem and "no longer on this station" in problem for problem in checked(home, url).problems)


def test_text_that_the_clinic_cannot_hold_is_named(home: Path, url: str) -> None:
    number = last_event(home, SECOND)
    note(home, SECOND, number + 1, "a \0 in a body is written as an escape")
    keep(home, face("S-20261121-130000-0000", 24.0, client="c-\0"))
    report = run_archive(home, url)
    assert report.sessions_copied == 2
    (problem,) = report.problems
    assert problem.startswith("S-20261121-130000-0000")
    assert "NUL" in problem


def test_a_chair_needs_only_to_read_and_to_add(home: Path, url: str, postgres: Server, clinic_database: str) -> None:
    with open_clinic(clinic_url(url)):
        pass
    with postgres.connect(clinic_database) as connection:
        connection.execute(f"CREATE ROLE chair_{clinic_database} LOGIN".encode())
        connection.execute(f"GRANT USAGE ON SCHEMA {clinic_database} TO chair_{clinic_database}".encode())
        connection.execute(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {clinic_database} TO chair_{clinic_database}".encode())
    mine = postgres.url(clinic_database, f"chair_{clinic_database}")
    assert run_archive(home, mine).problems == []
    assert difference([home], postgres, clinic_database) == []
    with postgres.connect(clinic_database, f"chair_{clinic_database}") as chair:
        for beyond in ("DELETE FROM events", "TRUNCATE events", "ALTER TABLE events DISABLE TRIGGER ALL"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                chair.execute(beyond.encode())


def test_a_schema_newer_than_this_program_is_refused_and_untouched(
    home: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    run_archive(home, url)
    for table, words in (("alembic_version", "schema 0999"), ("archive_version", "archive schema 0999")):
        with postgres.connect(clinic_database) as connection:
            (before,) = connection.execute(f"SELECT version_num FROM {table}".encode()).fetchone() or ("",)
            connection.execute(f"UPDATE {table} SET version_num = '0999'".encode())
            for migrate in (True, False):
                with pytest.raises(ArchiveError, match=rf"{words} was written by a newer version"):
                    open_clinic(clinic_url(url), migrate)
            assert connection.execute(f"SELECT version_num FROM {table}".encode()).fetchone() == ("0999",)
            connection.execute(f"UPDATE {table} SET version_num = '{before}'".encode())


def test_a_database_that_is_not_ours_or_cannot_hold_the_record_is_refused(postgres: Server, clinic_database: str) -> None:
    with postgres.connect(clinic_database) as connection:
        connection.execute("CREATE TABLE recipes (name text)")
        connection.execute("CREATE TABLE alembic_version (version_num text)")
    with pytest.raises(ArchiveError, match="another program: its tables are alembic_version, recipes"):
        open_clinic(clinic_url(postgres.url(clinic_database)))
    with pytest.raises(ArchiveError, match="stores text as LATIN1; allowed is UTF8"):
        open_clinic(clinic_url(postgres.url(postgres.new_database("LATIN1"))))


def test_chairs_that_come_first_at_once_make_the_schema_once(url: str) -> None:
    failures: list[BaseException] = []

    def come() -> None:
        try:
            open_clinic(clinic_url(url)).close()
        except BaseException as error:
            failures.append(error)

    chairs = [threading.Thread(target=come) for _ in range(4)]
    for chair in chairs:
        chair.start()
    for chair in chairs:
        chair.join()
    assert failures == []


def test_the_migrations_make_the_models_there_too(url: str) -> None:
    folder = Path(sessions.archive.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == clinic.HEAD
    assert {revision.revision for revision in script.walk_revisions()} == set(clinic.KNOWN)
    open_clinic(clinic_url(url)).close()
    engine = create_engine(url)
    found = inspect(engine)
    for table in [*Base.metadata.sorted_tables, *ArchiveBase.metadata.sorted_tables]:
        columns = {column["name"]: (str(column["type"]), column["nullable"]) for column in found.get_columns(table.name)}
        wanted = {column.name: (str(column.type.compile(engine.dialect)), column.nullable) for column in table.columns}
        assert columns == wanted, table.name
        assert {index["name"] for index in found.get_indexes(table.name)} == {index.name for index in table.indexes}
    engine.dispose()


def test_the_triggers_of_stores_that_exist_are_written_as_they_were(tmp_path: Path) -> None:
    """Migrations 0001 and 0002 were released for SQLite: whatever PostgreSQL needs, these statements stay."""
    open_store(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        tables = ", ".join(f"'{table}'" for table in TABLES)
        query = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({tables}) ORDER BY name"
        told = "\n".join(f"{name} {sql}" for name, sql in connection.execute(query))
    assert hashlib.sha256(told.encode()).hexdigest() == TRIGGERS_0002


def test_the_station_id_is_made_once(tmp_path: Path) -> None:
    made = station_id(tmp_path, lambda size: bytes(range(size)))
    assert made == "st-000102030405"
    assert station_id(tmp_path, os.urandom) == made
    assert (tmp_path / STATION_FILE).read_text() == made + "\n"


def test_a_server_that_goes_away_is_one_plain_sentence(home: Path, url: str, postgres: Server, clinic_database: str) -> None:
    def end_it(done: int, _total: int, _name: str) -> None:
        if done > 30_000:
            with postgres.connect("postgres") as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pencontrol archive'"
                )

    with pytest.raises(ArchiveError) as caught:
        run_archive(home, url, chunk_bytes=20_000, tell=end_it)
    assert "the connection was lost while S-20261121-093000-0000 was on its way" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert run_archive(home, url).problems == []
    assert difference([home], postgres, clinic_database) == []


def test_archive_holds_no_key(home: Path, url: str, postgres: Server, clinic_database: str) -> None:
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as connection:
        connection.execute("INSERT INTO client_keys VALUES ('c-0000', x'00', 'k')")
        connection.commit()
    run_archive(home, url)
    with postgres.connect(clinic_database) as connection:
        assert connection.execute("SELECT count(*) FROM client_keys").fetchone() == (0,)


def test_two_runs_of_one_station_at_once_leave_all_there_once(
    home: Path, url: str, postgres: Server, clinic_database: str
) -> None:
    reports, failures = [], []
    station_id(home)  # processes may make it at once, threads of one may not

    def run() -> None:
        try:
            with open_store(home) as store, open_clinic(clinic_url(url)) as there:
                reports.append(archive(store, there, station_id(home), lambda: START_UTC_NS, lambda *_: None, 10_000))
        except BaseException as error:
            failures.append(error)

    runs = [threading.Thread(target=run) for _ in range(3)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    assert failures == []
    assert [report.problems for report in reports] == [[]] * 3
    assert difference([home], postgres, clinic_database) == []
