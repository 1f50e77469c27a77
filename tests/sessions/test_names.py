"""What names a client is nowhere to be found: not in the database or its log, not in exports, file names, logs, crash reports."""

import base64
import contextlib
import io
import logging
import re
import sys
import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sessions.export import FORMATS, export_sessions
from sessions.people.clients import (
    Identity,
    change_client,
    consent_to_photos,
    enter_client,
    erase_client,
    identity,
    load_client,
    note_client,
    report_adverse,
)
from sessions.people.follow_up import do_follow_up, plan_follow_ups, read_steps
from sessions.people.keys import SECRET_NAME
from sessions.people.names import load_names
from sessions.people.photos import add_photo
from sessions.people.users import enter_user, set_pin, sign_in
from sessions.store import FILE_NAME
from tests.sessions.drawing import DRAWING
from tests.sessions.face import SESSION, face, store_face
from tests.sessions.office import PNG, Office, office
from tests.sessions.test_people import _adverse
from ui.cli import main as program

SECRETS = {
    "name": "Onename Quillword",
    "surname": "Quillword",
    "birth date": "1980-02-03",
    "contact": "onename@quillword.example",
    "note": "faints at the sight of needles",
    "adverse event": "swollen lip for two days",
    "follow-up": "sleeps badly",
    "photograph's place": "/media/camera/onename-quill-0001.png",
    "photograph": PNG.decode("latin1")[8:40],
    "PIN": "739150264",
}


def _told(here: Office) -> None:
    """Everything that is ever told of a client, and a session."""
    named = identity(SECRETS["name"], SECRETS["birth date"], SECRETS["contact"])
    code = enter_client(here.desk, here.keyring, named, "C-0001")
    change_client(here.desk, here.keyring, code, named)
    note_client(here.desk, here.keyring, code, "fear", SECRETS["note"], SESSION)
    consent_to_photos(here.desk, here.keyring, code, True, "photo-2", "5" * 64)
    picture = here.home.parent / SECRETS["photograph's place"].lstrip("/")
    picture.parent.mkdir(parents=True)
    picture.write_bytes(PNG)
    add_photo(here.desk, here.keyring, here.home, code, picture.read_bytes(), SESSION, "F.CHIN", "before")
    report_adverse(here.desk, here.keyring, code, lambda sealed: _adverse("open", sealed), SECRETS["adverse event"])
    plan_follow_ups(here.desk, code, SESSION, here.now_utc, read_steps())
    do_follow_up(here.desk, here.keyring, SESSION, "FU01", "well", SECRETS["follow-up"])
    assert load_names(here.store, here.keyring).codes("quill") == [code]
    enter_user(here.desk, "op-1", "User Example", ["practitioner"])
    set_pin(here.desk, here.keyring, "op-1", SECRETS["PIN"])
    assert sign_in(here.desk, here.keyring, "op-1", SECRETS["PIN"]).let_in
    store_face(here.store, face(seconds=24.0))


def _forms(secret: str) -> Iterator[bytes]:
    plain = secret.encode()
    yield from (plain, secret.upper().encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be"), plain.hex().encode())
    for shift in range(3):  # wherever it begins within base64's groups
        coded = base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 :]
        yield coded.rstrip(b"=")[:-1]


def _found(data: bytes) -> list[str]:
    streams = [data]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):  # a PDF's pages are packed
        packed = (
            base64.a85decode(stream.strip().removesuffix(b"~>"), foldspaces=True) if stream.strip().endswith(b"~>") else stream
        )
        with contextlib.suppress(zlib.error):
            streams.append(zlib.decompress(packed))
    whole = b"\n".join(streams)
    return [what for what, secret in SECRETS.items() if any(form in whole for form in _forms(secret))]


def _leaks(folder: Path) -> dict[str, list[str]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    told = {str(path.relative_to(folder)): _found(str(path.relative_to(folder)).encode() + path.read_bytes()) for path in files}
    return {name: found for name, found in told.items() if found}


def test_nothing_under_home_names_anybody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)  # says every statement with its values
    try:
        with office(home) as here:
            here.store.engine.echo = True
            _told(here)
            here.store.engine.echo = False
            export_sessions(here.store, [SESSION], [name for name in FORMATS if name != "parquet"], home / "exports", DRAWING)
            assert (home / f"{FILE_NAME}-wal").stat().st_size > 0, "the log is looked at too"
            assert _leaks(home) == {}
    finally:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    out, err = capfd.readouterr()
    assert "C-0001" in caplog.text + out + err, "what was said was heard"
    assert _found((caplog.text + out + err).encode()) == []
    names = {path.suffix for path in home.rglob("*")}
    assert {".sqlite", ".sealed", ".pdf", ".key"} <= names


def test_the_search_for_leaks_finds_them(tmp_path: Path) -> None:
    for number, form in enumerate(_forms(SECRETS["note"])):
        (tmp_path / str(number)).write_bytes(b"xx" + form + b"xx")
    (tmp_path / "page.pdf").write_bytes(b"stream\n" + zlib.compress(SECRETS["contact"].encode()) + b"endstream")
    (tmp_path / "Onename Quillword.txt").write_text("")
    assert len(_leaks(tmp_path)) == 8 + 1 + 1


def test_no_error_names_anybody(tmp_path: Path) -> None:
    """Every way to fail while a name is at hand; the whole chain of causes is looked at, not only its last sentence."""
    with office(tmp_path) as here:
        _told(here)
        named = identity(SECRETS["name"])
        attempts: list[Callable[[], object]] = [
            lambda: identity(SECRETS["name"], SECRETS["birth date"] + "x"),
            lambda: identity(SECRETS["name"] * 20),
            lambda: Identity(name=SECRETS["name"] * 20),
            lambda: identity(SECRETS["name"], "", SECRETS["contact"] * 40),
            lambda: enter_client(here.desk, here.keyring, named, "C-0001"),
            lambda: enter_client(here.desk, here.keyring, named, SECRETS["name"]),
            lambda: note_client(here.desk, here.keyring, "C-0001", SECRETS["note"], SECRETS["note"]),
            lambda: change_client(here.desk, here.keyring, "C-0001", named, SECRETS["name"]),
            lambda: note_client(here.desk, here.keyring, "c-9", "fear", SECRETS["note"]),
            lambda: set_pin(here.desk, here.keyring, "op-1", SECRETS["PIN"] + "x"),
            lambda: add_photo(here.desk, here.keyring, here.home, "C-0001", PNG[1:], SESSION, "F.CHIN", "before"),
        ]
        for attempt in attempts:
            assert _found(_failing(attempt).encode()) == [], attempt
        erase_client(here.desk, here.keyring, here.home, "C-0001", "asked_by_client")
        assert _found(_failing(lambda: note_client(here.desk, here.keyring, "C-0001", "fear", SECRETS["note"])).encode()) == []


def _failing(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except Exception as error:
        return "".join(traceback.format_exception(error)) + repr(error)
    raise AssertionError("nothing failed")


def _run(monkeypatch: pytest.MonkeyPatch, home: Path, typed: str, *argv: str) -> int:
    monkeypatch.setenv("PENCONTROL_HOME", str(home))
    monkeypatch.setattr(sys, "argv", ["pencontrol", *argv])
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    with pytest.raises(SystemExit) as ended:
        program.main()
    return int(ended.value.code or 0)


def test_the_command_line_takes_names_from_stdin_and_shows_them_only_when_asked(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed = f"{SECRETS['name']}\n{SECRETS['birth date']}\n{SECRETS['contact']}\n"
    assert _run(monkeypatch, tmp_path, typed, "clients", "add", "--by", "op-1") == 0
    assert _run(monkeypatch, tmp_path, SECRETS["note"], "clients", "note", "c-0001", "--tile", "fear") == 0
    for told in (["list"], ["list", "--json"], ["show", "c-0001"], ["show", "c-0001", "--json"], ["due"]):
        assert _run(monkeypatch, tmp_path, "", "clients", *told) == 0
    assert _run(monkeypatch, tmp_path, "quill\n", "clients", "find") == 0
    assert _run(monkeypatch, tmp_path, "User Example\n", "users", "add", "op-1", "--role", "practitioner") == 0
    assert _run(monkeypatch, tmp_path, SECRETS["PIN"] + "\n", "users", "pin", "op-1") == 0
    assert _run(monkeypatch, tmp_path, f"48211\n{SECRETS['PIN']}\n", "users", "pin", "op-1") == 1
    pin_file = tmp_path_factory.mktemp("pin") / "pin"
    pin_file.write_text(SECRETS["PIN"])
    pin_file.chmod(0o600)
    me = ("--by", "op-1", "--pin-file", str(pin_file))
    assert _run(monkeypatch, tmp_path, "c-0002\n", "clients", "erase", "c-0001", "--reason", "asked_by_client", *me) == 1
    out, err = capsys.readouterr()
    assert "c-0001 was not erased" in err
    assert "c-0001  active" in out
    assert _found((out + err).encode()) == []
    assert _run(monkeypatch, tmp_path, "", "clients", "show", "c-0001", "--names", "--json", *me) == 0
    assert {"name", "birth date", "contact", "note"} <= set(_found(capsys.readouterr().out.encode()))
    assert _run(monkeypatch, tmp_path, "c-0001\n", "clients", "erase", "c-0001", "--reason", "asked_by_client", *me) == 0
    assert _run(monkeypatch, tmp_path, "", "clients", "show", "c-0001", "--names", *me) == 0
    assert _found(capsys.readouterr().out.encode()) == []
    assert _leaks(tmp_path) == {}


def test_a_crash_with_a_name_in_it_is_reported_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"cannot enter {SECRETS['name']} {SECRETS['contact']}")

    monkeypatch.setattr("sessions.people.clients.enter_client", fail)
    assert _run(monkeypatch, tmp_path, f"{SECRETS['name']}\n\n{SECRETS['contact']}\n", "clients", "add") == 1
    out, err = capsys.readouterr()
    assert "failed in a way it should not: RuntimeError" in err
    assert _found((out + err).encode()) == []
    assert "people.py" in (tmp_path / "logs" / "crash.txt").read_text()
    assert _leaks(tmp_path) == {}


def test_a_damaged_name_is_left_out_and_the_others_are_found(tmp_path: Path) -> None:
    with office(tmp_path / "home") as here:
        _told(here)
        other = enter_client(here.desk, here.keyring, identity("Another Otherword"))
        with here.store.writing() as connection:
            connection.exec_driver_sql("UPDATE client_keys SET wrapped_by = 'elsewhere' WHERE client = 'C-0001'")
        names = load_names(here.store, here.keyring)
        assert (names.codes("quill"), names.codes("another")) == ([], [other])
        assert "elsewhere" in _failing(lambda: load_client(here.store, here.keyring, "C-0001"))
    assert (tmp_path / "home" / SECRET_NAME).stat().st_mode & 0o077 == 0


def test_names_show_in_no_text_form(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        code = enter_client(here.desk, here.keyring, identity(SECRETS["name"]))
        client = load_client(here.store, here.keyring, code)
    for shown in (repr(client), str(client), repr(client.identity), f"{client.identity}", repr(here.keyring), repr(vars(client))):
        assert "Quill" not in shown


def test_names_are_found_after_a_restart(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        code = enter_client(here.desk, here.keyring, identity(SECRETS["name"]))
        enter_client(here.desk, here.keyring, identity("Another Otherword"))
        change_client(here.desk, here.keyring, code, identity("Onename Adlword"))
    with office(tmp_path, seed=2) as here:
        names = load_names(here.store, here.keyring)
        assert (names.codes("adl"), names.codes("quill"), names.codes("ot")) == ([code], [], ["c-0002"])
