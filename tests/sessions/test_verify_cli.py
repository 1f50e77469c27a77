"""`pencontrol sign` and `pencontrol verify` as somebody at a prompt uses them."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from sessions.export import export_sessions
from sessions.people.users import enter_user
from sessions.signing.key import PUBLIC_NAME, SECRET_NAME
from sessions.store import FILE_NAME, open_store
from tests.sessions.face import SESSION, face, store_face
from tests.sessions.office import office
from ui.cli import main as cli


class Prompt:
    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._monkeypatch, self._capsys = home, monkeypatch, capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.argv", ["pencontrol", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self._capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), said.out, said.err


@pytest.fixture
def prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Prompt:
    home = tmp_path / "home"
    with open_store(home) as store:
        store_face(store, face(seconds=16.0))
    monkeypatch.setenv("PENCONTROL_HOME", str(home))
    return Prompt(home, monkeypatch, capsys)


def _export(prompt: Prompt, out: Path) -> Path:
    with open_store(prompt.home) as store:
        (folder,) = export_sessions(store, [SESSION], ["csv", "json"], out)
    return folder


def test_sign_then_verify_store_and_folder(prompt: Prompt, tmp_path: Path) -> None:
    assert prompt.run("verify", SESSION)[1].endswith("no signature\n")
    code, out, err = prompt.run("sign", SESSION, "--as", "P-01", "--meaning", "performed", "--name", "A. Name")
    assert (code, err) == (0, "")
    assert "signed as event 144, performed by P-01, practitioner" in out
    code, out, _ = prompt.run("verify", SESSION)
    assert code == 0
    assert "VALID: performed by A. Name (P-01), practitioner" in out
    folder = _export(prompt, tmp_path / "out")
    code, out, _ = prompt.run("verify", str(folder), "--key", str(prompt.home / PUBLIC_NAME), "--json")
    told = json.loads(out)
    assert (code, told["problems"]) == (0, [])
    assert [each["words"] for each in told["signatures"]] == ["VALID"]
    head, tape = told["events_head"], told["wires_head"]
    assert prompt.run("verify", str(folder), "--head", head[:20].upper(), "--head", tape)[0] == 0
    assert prompt.run("verify", SESSION, "--head", head)[1].count(f"head {head}: event 144, the newest") == 1


def test_verify_names_what_is_wrong(prompt: Prompt, tmp_path: Path) -> None:
    prompt.run("sign", SESSION, "--as", "P-01", "--meaning", "performed")
    folder = _export(prompt, tmp_path / "out")
    other = "ab" * 32
    code, out, err = prompt.run("verify", str(folder), "--key", other)
    assert (code, "UNKNOWN KEY: performed by P-01" in out) == (1, True)
    assert f"{SESSION}: the signature in event 144 is UNKNOWN KEY" in err
    code, _, err = prompt.run("verify", SESSION, "--head", "c" * 64)
    assert (code, err.count("\n")) == (1, 1)
    assert f"{SESSION}: head {'c' * 64} is nowhere in this record" in err
    lines = (folder / "trace.csv").read_bytes().splitlines(keepends=True)
    (folder / "trace.csv").write_bytes(b"".join([*lines[:5], lines[5].replace(b",", b",1", 1), *lines[6:]]))
    assert "trace.csv was changed after the export (and 1 more)" in prompt.run("verify", str(folder))[2]


def test_a_session_signed_by_another_station_is_found_without_being_asked(prompt: Prompt) -> None:
    prompt.run("sign", SESSION, "--as", "P-01", "--meaning", "performed")
    (prompt.home / SECRET_NAME).unlink()
    assert prompt.run("verify", SESSION)[0] == 0, "this station never signed: there is nothing to compare with"
    (prompt.home / SECRET_NAME).write_bytes(bytes(32))
    (prompt.home / SECRET_NAME).chmod(0o600)
    assert "UNKNOWN KEY" in prompt.run("verify", SESSION)[2]
    (prompt.home / SECRET_NAME).chmod(0o644)
    assert "others may use it" in prompt.run("verify", SESSION)[2]


def test_a_record_that_does_not_verify_is_not_signed(prompt: Prompt) -> None:
    stranger = sqlite3.connect(prompt.home / FILE_NAME)
    stranger.execute("DROP TRIGGER events_no_update")
    stranger.execute("UPDATE events SET actor = 'x' WHERE number = 7")
    stranger.commit()
    stranger.close()
    code, _, err = prompt.run("sign", SESSION, "--as", "P-01", "--meaning", "performed")
    assert code == 1
    assert "not signed, the record does not verify: event 7 was changed after it was written" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sign", SESSION, "--as", "P-01", "--meaning", "liked"], "meaning 'liked'; allowed are performed, reviewed, approved"),
        (["sign", SESSION, "--as", " ", "--meaning", "performed"], "needs the code of a person"),
        (["sign", SESSION, "--as", "op-9", "--meaning", "performed"], "their role must be said (--role)"),
        (["sign", "S-none", "--as", "op-9", "--meaning", "performed"], "no session 'S-none' is on record"),
        (["verify", "S-none"], "no session 'S-none' is on record"),
        (["verify", SESSION, "--head", "xyz"], "'xyz' is no head; allowed are 16 to 64 hexadecimal digits"),
        (["verify", SESSION, "--key", "xyz"], "neither a key's fingerprint (64 hexadecimal digits) nor a file"),
    ],
)
def test_wrong_words_get_one_plain_sentence(prompt: Prompt, words: list[str], told: str) -> None:
    code, _, err = prompt.run(*words)
    assert code == 1
    assert told in err
    assert err.count("\n") == 1


INDEX = (
    ("UPDATE session_keys SET value = 'c-0009' WHERE facet = 'client'", "finds it by client 'c-0009', and no event says so"),
    ("DELETE FROM session_keys WHERE facet = 'zone' AND value = 'F.CHIN'", "does not find it by zone 'F.CHIN'"),
    ("UPDATE session_keys SET opened_utc = '2020' WHERE facet = 'pen'", "finds it by pen"),
    ("UPDATE session_keys SET value = 'OPEN' WHERE facet = 'state'", "finds it by state 'OPEN'"),
    ("DELETE FROM key_values WHERE facet = 'lot'", "does not find the words lot"),
    ("UPDATE closures SET passes = passes + 1", "the list of session ends was changed: passes"),
    ("UPDATE closures SET alarms = 0", "the list of session ends was changed: alarms"),
    ("UPDATE sessions SET zones = 1", "the list of sessions was changed: zones"),
)


def _edit(home: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(home / FILE_NAME)) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        assert connection.execute(sql).rowcount > 0, f"{sql} changes nothing"
        connection.commit()


@pytest.mark.parametrize(("sql", "words"), INDEX)
def test_an_edited_row_that_repeats_the_record_is_found(prompt: Prompt, sql: str, words: str) -> None:
    assert prompt.run("verify", SESSION)[0] == 0
    _edit(prompt.home, sql)
    code, _, err = prompt.run("verify", SESSION)
    assert code == 1
    assert words in err
    if "index" in err:
        assert "pencontrol reindex" in err
        assert prompt.run("reindex", "--check")[0] == 1
        assert prompt.run("reindex")[0] == 0
        assert prompt.run("reindex", "--check")[0] == 0
        assert prompt.run("verify", SESSION)[0] == 0


def test_an_edited_list_of_people_and_things_is_found(prompt: Prompt) -> None:
    with office(prompt.home) as here:
        enter_user(here.desk, "op-7", "User Example", ["practitioner"])
        enter_user(here.desk, "op-8", "User Example", ["practitioner"])
    assert prompt.run("verify", "station")[0] == 0
    _edit(prompt.home, "UPDATE entries SET status = 'locked' WHERE code = 'op-7'")
    code, _, err = prompt.run("verify", "station")
    assert (code, "has user/op-7 otherwise than the events" in err) == (1, True)
    _edit(prompt.home, "DELETE FROM mentions WHERE subject = 'user/op-8'")
    assert "(and 1 more)" in prompt.run("verify", "station")[2]
    assert "user/op-7, user/op-8" in prompt.run("reindex")[1]
    assert prompt.run("verify", "station")[0] == 0


def test_the_index_is_not_made_anew_under_an_open_session(prompt: Prompt) -> None:
    with open_store(prompt.home) as store:
        store_face(store, face("S-20261122-093000-0002", seconds=16.0, end=False))
    code, out, err = prompt.run("reindex")
    assert (code, out) == (1, "")
    assert "S-20261122-093000-0002 is open" in err
    assert prompt.run("reindex", "--check", "--json")[1] == '{\n  "differed": [],\n  "rebuilt": false\n}\n'


def test_a_correction_at_the_prompt_is_added_and_voids(prompt: Prompt) -> None:
    prompt.run("sign", SESSION, "--as", "P-01", "--meaning", "performed")
    words = ("correct", SESSION, "--event", "1", "--reason", "wrong tile", "--as", "P-01")
    code, out, _ = prompt.run(*words, "--field", "indication", "--to", "IN02", "--json")
    told = json.loads(out)
    assert (code, told["corrects"], told["number"]) == (0, 1, 145)
    assert (told["old"], told["new"]) == ('"acne scars, atrophic"', '"IN02"')
    code, out, _ = prompt.run(*words, "--field", "role_ceiling_um", "--to", "1000")
    assert (code, "event 146 corrects event 1, role_ceiling_um: 1500 to 1000" in out) == (0, True)
    code, _, err = prompt.run(*words, "--field", "role_ceiling_um", "--to", "NaN")
    assert (code, "event 1: role_ceiling_um cannot be" in err) == (1, True)
    assert "VOIDED BY event 145" in prompt.run("verify", SESSION)[1]
