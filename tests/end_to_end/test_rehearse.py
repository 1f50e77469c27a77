"""Scenarios against the real processes: what `pencontrol rehearse` prints, and each guard alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pencontrol.rehearsal.scenario import load_scenario
from pencontrol.zones import shipped_zones
from ui.cli.rehearsal import play

ROOT = Path(__file__).parents[2]


def run_cli(*arguments: str | Path, timeout_s: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        env=os.environ | environment,
        check=False,
    )


def rehearse(scenario: str, home: Path) -> dict[str, Any]:
    done = run_cli("rehearse", ROOT / "scenarios" / scenario, "--home", home, "--json")
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_quick_treatment_ends_closed_with_its_counts_and_exports(tmp_path: Path) -> None:
    told = rehearse("quick.toml", tmp_path)
    assert told["state"] == "CLOSED"
    assert told["expectations_met"] is True
    assert told["samples_lost"] == 0
    assert told["samples"] > 8000
    assert told["alarms"] == []
    assert told["trips"] == []
    zone = told["zones"]["F.CHEEK.R"]
    assert set(zone) >= {"passes", "strokes", "contact_s", "limit_um", "max_depth_um", "strikes_per_cm2"}
    assert zone["limit_um"] == 1000
    listed = json.loads(run_cli("sessions", "--home", tmp_path, "--json").stdout)
    assert [row["id"] for row in listed] == [told["session"]]
    out = tmp_path / "out"
    exported = run_cli("export", told["session"], "--home", tmp_path, "--format", "pdf,csv", "--out", out)
    assert exported.returncode == 0, exported.stderr
    folder = out / told["session"]
    assert {file.name for file in folder.iterdir()} == {"session.pdf", "events.csv", "trace.csv", "manifest.json"}
    assert (folder / "session.pdf").read_bytes().startswith(b"%PDF")
    for target in (told["session"], folder):
        verified = run_cli("verify", target, "--home", tmp_path, "--json")
        assert verified.returncode == 0, verified.stderr
        assert json.loads(verified.stdout)["problems"] == []
    text = (folder / "events.csv").read_text(encoding="utf-8")
    (folder / "events.csv").write_text(text.replace("F.CHIN", "F.CHUN"), encoding="utf-8")
    tampered = run_cli("verify", folder)
    assert tampered.returncode == 1
    assert "events.csv" in tampered.stderr


def test_control_alone_stops_a_runaway(tmp_path: Path) -> None:
    told = rehearse("runaway.toml", tmp_path)
    (trip,) = told["trips"]
    assert trip["guard"] == "CONTROL"
    assert trip["limit_um"] == 750
    assert 850 < trip["depth_um"] < 1000
    assert trip["stop_on_wire_us"] < 20_000
    assert trip["motor_off_us"] < 50_000
    assert trip["needles_home_us"] < 150_000
    assert told["alarms"][0]["priority"] == "HIGH"


def test_the_pen_alone_stops_a_runaway(tmp_path: Path) -> None:
    scenario = load_scenario(ROOT / "scenarios" / "runaway_pen_alone.toml", shipped_zones())
    told = play(scenario, "", tmp_path, (sys.executable, "-m", "tests.end_to_end.blind_control"))
    assert told["expectations_met"], told["unmet"]
    (trip,) = told["trips"]
    assert trip["guard"] == "PEN"
    assert trip["motor_off_us"] < 50_000
    assert trip["needles_home_us"] < 150_000


def test_a_scenario_that_is_not_met_exits_1_and_says_what(tmp_path: Path) -> None:
    text = (ROOT / "scenarios" / "runaway.toml").read_text(encoding="utf-8")
    changed = tmp_path / "wrong.toml"
    changed.write_text(text.replace('alarms = ["DEPTH_OVER_LIMIT"]', "alarms = []"), encoding="utf-8")
    done = run_cli("rehearse", changed, "--home", tmp_path)
    assert done.returncode == 1
    assert "alarm DEPTH_OVER_LIMIT was raised and not expected" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "check", "{bad}"], "zone[0].limit_mm is 1.6, allowed is 0.5 to 1.5 mm"),
        (["plan", "check", "{unknown_zone}"], "no zone of the table"),
        (["plan", "check", "{unknown_key}"], "zone[0].depht_mm is an unknown key"),
        (["plan", "check", "{prose}"], "is not TOML"),
        (["plan", "check", "{missing}"], "cannot be read"),
        (["rehearse", "{prose}"], "is not TOML"),
        (["rehearse", "scenarios/quick.toml", "--pen", "/dev/ttyNOWHERE7", "--home", "{home}"], "/dev/ttyNOWHERE7"),
        (["export", "S-NONE", "--home", "{home}"], "S-NONE"),
        (["export", "S-NONE", "--format", "docx", "--home", "{home}"], "docx"),
        (["simulate", "--fault", "gremlins"], "gremlins"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_1(tmp_path: Path, arguments: list[str], words: str) -> None:
    files = {
        "bad": 'name = "x"\nzone = [{ id = "F.CHIN", limit_mm = 1.6 }]\n',
        "unknown_zone": 'name = "x"\nzone = [{ id = "F.CHIM" }]\n',
        "unknown_key": 'name = "x"\nzone = [{ id = "F.CHIN", depht_mm = 0.5 }]\n',
        "prose": "dear colleague, please treat the chin",
    }
    names = {"home": str(tmp_path / "home"), "missing": str(tmp_path / "missing.toml")}
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        names[name] = str(tmp_path / f"{name}.toml")
    done = run_cli(*[argument.format(**names) for argument in arguments])
    assert done.returncode == 1, done.stdout + done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_port_that_answers_nonsense_is_said_to_speak_something_else(tmp_path: Path) -> None:
    pen = subprocess.Popen(
        [sys.executable, "-m", "firmware_protocol.simulator", "--pty", "--fault", "nonsense"], stdout=subprocess.PIPE, text=True
    )
    assert pen.stdout is not None
    try:
        url = pen.stdout.readline().strip()
        done = run_cli("rehearse", ROOT / "scenarios" / "quick.toml", "--pen", url, "--home", tmp_path)
    finally:
        pen.terminate()
        pen.wait(30)
        pen.stdout.close()
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "does not speak pen link 1" in done.stderr or "nothing answers" in done.stderr


def test_wrong_use_exits_2() -> None:
    assert run_cli("rehearse").returncode == 2
    assert run_cli("no-such-command").returncode == 2
    assert run_cli("simulate", "--tcp", "nowhere").returncode == 2


@pytest.mark.parametrize(
    "command", [[], ["simulate"], ["rehearse"], ["sessions"], ["export"], ["verify"], ["doctor"], ["plan"], ["plan", "check"]]
)
def test_every_help_has_an_example(command: list[str]) -> None:
    done = run_cli(*command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    if command != ["plan"]:
        assert "Example" in done.stdout


def test_doctor_names_what_it_found_and_how_to_mend_it(tmp_path: Path) -> None:
    done = run_cli("doctor", "--home", tmp_path, "--json")
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert set(findings) >= {"display", "ports", "own core", "idle states", "priority", "disk", "clock", "database", "versions"}
    assert set(findings) >= {"sound", "control's loop"}
    assert done.returncode == (1 if any(finding["verdict"] == "bad" for finding in findings.values()) else 0)
    assert "pencontrol" in findings["versions"]["found"]
    (tmp_path / "records.sqlite").write_bytes(b"not a database at all, and long enough to be read as one" * 40)
    broken = run_cli("doctor", "--home", tmp_path, "--json")
    assert broken.returncode == 1
    assert next(f for f in json.loads(broken.stdout)["findings"] if f["name"] == "database")["verdict"] == "bad"
