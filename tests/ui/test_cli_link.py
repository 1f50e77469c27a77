"""`pencontrol pens` and `pencontrol conformance`: what they print, their exit codes, and that no real motor runs unasked."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from firmware_protocol import messages as m
from firmware_protocol.conformance import book, runner
from firmware_protocol.discovery import Candidate
from firmware_protocol.enquiry import NoPen, PenFound
from tests.firmware_protocol.broken_requests import EchoesHalf, with_requests
from tests.firmware_protocol.conformance_bench import VirtualLine
from ui.cli.common import PlainError
from ui.cli.main import app

QUICK = ("hello_fields", "sync_echoes", "stop_in_idle")
PENS = {
    "COM3": PenFound("COM3", "PEN-0042", "1.4", "1.0", "2027-01-31", False),
    "COM7": PenFound("COM7", "SIM-0001", "sim-1.0", "1.0", "never", True),
}


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that are plugged in; a pen answers at those of PENS."""
    plugged: list[str] = []

    def enquire(url: str) -> PenFound:
        if url not in PENS:
            raise NoPen(f"{url}: nobody there speaks the pen link.")
        return PENS[url]

    monkeypatch.setattr(
        "firmware_protocol.discovery.candidates", lambda: [Candidate(url, 1, 2, "", "", False) for url in plugged]
    )
    monkeypatch.setattr("firmware_protocol.enquiry.enquire", enquire)
    return plugged


def test_no_pen(ports: list[str]) -> None:
    said = call("pens")
    assert said.exit_code == 0
    assert "No pen found" in said.stdout
    assert json.loads(call("pens", "--json").stdout) == {"pens": [], "others": []}


def test_pens_and_what_is_none(ports: list[str]) -> None:
    ports += ["COM3", "COM5", "COM7"]
    said = call("pens").stdout.splitlines()
    assert said[0] == "COM3  serial number PEN-0042  firmware 1.4  link 1.0  calibration due 2027-01-31"
    assert said[1].endswith("SIMULATED")
    assert said[2] == "COM5: nobody there speaks the pen link."
    told = json.loads(call("pens", "--json").stdout)
    assert told["others"] == [{"port": "COM5", "why": "COM5: nobody there speaks the pen link."}]
    assert told["pens"][0] == {
        "port": "COM3",
        "serial_number": "PEN-0042",
        "firmware": "1.4",
        "protocol": "1.0",
        "calibration_due": "2027-01-31",
        "simulated": False,
    }


class Port(VirtualLine):
    """A virtual pen as `conformance` opens it."""

    made: ClassVar[list["Port"]] = []
    capabilities = m.CAPABILITY_SIMULATED
    pen_type: Any = None

    def __init__(self, url: str) -> None:
        chosen = {"pen_type": self.pen_type} if self.pen_type else {}
        super().__init__(capabilities=self.capabilities, **chosen)
        self.closed = False
        Port.made.append(self)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Port]]:
    monkeypatch.setattr(runner, "PortLine", Port)
    monkeypatch.setattr(book, "CHECKS", tuple(check for check in book.CHECKS if check.name in QUICK))
    monkeypatch.setattr(Port, "made", [])
    yield Port
    assert all(line.closed for line in Port.made)


def test_a_good_pen(port: type[Port]) -> None:
    said = call("conformance", "COM7")
    assert said.exit_code == 0
    assert said.stdout.splitlines()[-1] == "all 3 rules kept"


def test_json_is_one_document(port: type[Port]) -> None:
    told = json.loads(call("conformance", "COM7", "--json").stdout)
    assert [set(check) for check in told["checks"]] == [{"name", "passed", "expected", "found"}] * 3
    assert sorted(check["name"] for check in told["checks"]) == sorted(QUICK)
    assert told["passed"] is True


def test_a_broken_pen(port: type[Port], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "pen_type", with_requests(EchoesHalf))
    said = call("conformance", "COM7", "--json")
    assert isinstance(said.exception, PlainError)
    assert str(said.exception) == "COM7: 1 of 3 rules broken: sync_echoes."
    assert json.loads(said.stdout)["passed"] is False


def test_a_real_motor_does_not_run_unasked(port: type[Port], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "capabilities", 0)
    said = call("conformance", "COM7")
    assert isinstance(said.exception, PlainError)
    assert "Its motor will run" in str(said.exception)
    assert "--yes-the-motor-may-run" in str(said.exception)
    assert said.stdout == ""
    assert port.made[0].pen.requests._last == 0 or port.made[0].pen.state in (m.STATE_BOOT, m.STATE_SELFTEST, m.STATE_IDLE)
    assert call("conformance", "COM7", "--yes-the-motor-may-run").exit_code == 0


def test_help_says_that_the_motor_runs() -> None:
    said = " ".join(call("conformance", "--help").stdout.split())
    assert "MOTOR OF A REAL PEN RUNS" in said
    assert "Example:" in said


def test_wrong_use_and_no_port() -> None:
    assert call("conformance").exit_code == 2
    command = [sys.executable, "-m", "ui.cli.main", "conformance", "/dev/no-such-pen"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "/dev/no-such-pen: there is no such port; plug the pen in, or choose another port.\n"
    assert ended.stdout == ""
