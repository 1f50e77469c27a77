"""`pencontrol archive` as a person or a timer calls it: one JSON document, plain sentences, exit codes, never a password."""

import json
from pathlib import Path
from typing import Any

import pytest

from sessions.archive import ArchiveError, clinic_url
from sessions.archive.address import shown
from sessions.archive.errors import unreached
from tests.sessions.archiving import keep, make_station
from tests.sessions.face import face
from tests.sessions.postgres import Server
from ui.cli import main as program

SECRET = "s3cret-Word"


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    monkeypatch.setattr("sys.argv", ["pencontrol", "archive", *arguments])
    code = 0
    try:
        program.main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_run_its_repetition_and_its_verification(
    tmp_path: Path, postgres: Server, clinic_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = make_station(tmp_path)
    where = ("--home", str(home), "--to", postgres.url(clinic_database))

    def told(*more: str) -> dict[str, Any]:
        code, out, err = call(monkeypatch, capsys, *where, "--json", *more)
        assert (code, err) == (0, "")
        return dict(json.loads(out))

    assert told("--dry-run")["sessions_copied"] == 2
    assert told("--verify")["not_archived"] == 3
    with postgres.connect(clinic_database) as connection:  # neither has written
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone() == (0,)
    first = told()
    assert (first["sessions_copied"], first["streams_copied"], first["verified"], first["problems"]) == (2, 1, 3, [])
    second = told()
    assert (second["sessions_copied"], second["sessions_already_there"], second["bytes"]) == (0, 2, 0)
    compared = told("--verify")
    assert (compared["sessions_verified"], compared["streams_verified"], compared["bytes"]) == (2, 1, first["bytes"])
    monkeypatch.setenv("PENCONTROL_ARCHIVE", where[3])
    code, out, err = call(monkeypatch, capsys, *where[:2])
    assert (code, err) == (0, "")
    assert "2 were there already" in out
    assert "1 sessions have no end yet and stay here" in out


def test_a_problem_is_told_and_ends_with_1(
    tmp_path: Path, postgres: Server, clinic_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.url(clinic_database)
    make_station(tmp_path / "one")
    keep(tmp_path / "two", face("S-20261121-093000-0000", 24.0, client="c-9999"))
    assert call(monkeypatch, capsys, "--home", str(tmp_path / "one"), "--to", url)[0] == 0
    code, out, err = call(monkeypatch, capsys, "--home", str(tmp_path / "two"), "--to", url, "--json")
    assert code == 1
    assert json.loads(out)["problems"] == [err.strip()]
    assert err.startswith("S-20261121-093000-0000: the clinic's database holds another event")


def test_no_error_shows_the_password(
    tmp_path: Path, postgres: Server, clinic_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres.connect("postgres") as connection:
        connection.execute("CREATE ROLE locked LOGIN PASSWORD 'another'")
    socket = postgres.url(clinic_database).partition("host=")[2].partition("&")[0]
    addresses = {
        postgres.url(clinic_database, "locked", SECRET): "user or password is wrong",
        postgres.url(clinic_database, "locked"): "it asks for a password",
        postgres.url("nowhere", "clinic", SECRET): "there is no database of that name",
        postgres.url(clinic_database, "nobody-known", SECRET): "there is no user of that name",
        f"postgresql+psycopg://clinic:{SECRET}@/records?host={socket}/missing": "nothing answers at that address",
        f"postgresql+psycopg://clinic:{SECRET}@127.0.0.1:1/records": "nothing answers at that address",
        f"postgresql+psycopg://clinic:x@{SECRET}@host/records": "more than one @",
        f"postgresql+psycopg://clinic:{SECRET}@host": "names no database",
        f"postgresql+psycopg://clinic:{SECRET}@host:port/records": "no database URL",
        f"mysql://clinic:{SECRET}@host/records": "allowed: postgresql+psycopg://",
        f"clinic:{SECRET}@host": "no database URL",
        postgres.url(clinic_database) + f"&sslmode={SECRET}": "cannot be reached",
    }
    for address, words in addresses.items():
        code, out, err = call(monkeypatch, capsys, "--home", str(tmp_path), "--to", address)
        assert (code, out) == (1, ""), err
        assert words in err, (words, err)
        assert SECRET not in err
        assert err.count("\n") == 1, err
    # What the driver says is never passed on where it may repeat an address (no name is looked up here: it could take long).
    for said, words in ((f"failed to resolve host '{SECRET}'", "no host of that name"), (SECRET, "cannot be reached (OSError)")):
        told = str(unreached("op@db/records", OSError(said)))
        assert words in told
        assert SECRET not in told


def test_where_it_went_is_told_without_secrets() -> None:
    assert shown(clinic_url(f"postgresql://op:{SECRET}@db.clinic:5433/records?passfile=x")) == "op@db.clinic:5433/records"
    with pytest.raises(ArchiveError):
        clinic_url("")


def test_dry_run_and_verify_exclude_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--home", str(tmp_path), "--to", "postgresql://host/records", "--dry-run", "--verify")
    code, _, err = call(monkeypatch, capsys, *arguments)
    assert code == 1
    assert "exclude each other" in err
