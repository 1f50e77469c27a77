"""`pencontrol replay` on a treatment of the real processes: everything equal; one byte changed and it says so."""

import json
import sqlite3
from pathlib import Path

import pytest

from sessions.reading import iter_wires
from sessions.store import open_store
from sessions.store.tape import pack_tape
from tests.end_to_end.test_rehearse import rehearse, run_cli


def test_a_rehearsed_session_is_replayed_to_the_last_byte_and_a_changed_byte_is_found(tmp_path: Path) -> None:
    told = rehearse("quick.toml", tmp_path)
    session, file = told["session"], tmp_path / "session.rec"
    done = run_cli("replay", session, "--home", tmp_path, "--json", "--save", file)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["identical"] is True
    assert report["complete"] is True
    assert report["samples"] == told["samples"]
    assert report["writes"] > 300
    assert report["enforcement"]["judged"] > 7000
    assert report["exports"] == dict.fromkeys(("session.pdf", "events.csv", "trace.csv", "session.json"), True)
    assert report["differences"] == []
    by_file = run_cli("replay", file, "--json")
    assert by_file.returncode == 0
    assert json.loads(by_file.stdout) == report
    shown = run_cli("replay", session, "--home", tmp_path)
    assert "the replay is identical" in shown.stdout

    change_a_byte(tmp_path / "records.sqlite", session)
    done = run_cli("replay", session, "--home", tmp_path, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["identical"] is False
    abouts = [difference["about"] for difference in report["differences"]]
    assert abouts[0] == "the record itself"
    assert any(about.startswith(("sample", "bytes on the wire")) for about in abouts[1:]), abouts
    shown = run_cli("replay", session, "--home", tmp_path)
    assert shown.returncode == 1
    assert "the replay DIFFERS" in shown.stdout


def change_a_byte(database: Path, session: str) -> None:
    """One byte of a telemetry frame in the fifth second of the tape, past the triggers."""
    with open_store(database.parent) as store:
        data = bytearray([block for _, block in iter_wires(store, session)][4])
    at = data.index(b"\x01\xc0", 400) + 1  # major, TELEMETRY
    data[at + 8] ^= 1
    stranger = sqlite3.connect(database)
    for (name,) in stranger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        stranger.execute(f"DROP TRIGGER {name}")
    stranger.execute("UPDATE wires SET codec = ?, data = ? WHERE wire = 5", pack_tape(bytes(data)))
    stranger.commit()
    stranger.close()


@pytest.mark.parametrize(
    ("what", "words"),
    [("S-NONE", "S-NONE"), ("{junk}", "recording"), ("{torn}", "no inputs on record"), ("{other}", "holds no session")],
)
def test_what_cannot_be_replayed_gets_one_sentence(tmp_path: Path, what: str, words: str) -> None:
    from firmware_protocol.recording import header
    from pencontrol.replay import Record, save

    for name, content in (
        ("junk", b"dear colleague"),
        ("torn", save(Record("S-1"))),
        ("other", header({"url": "x"})),
    ):
        (tmp_path / name).write_bytes(content)
    done = run_cli("replay", what.format(**{name: tmp_path / name for name in ("junk", "torn", "other")}), "--home", tmp_path)
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
