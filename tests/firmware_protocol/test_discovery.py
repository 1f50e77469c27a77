"""Which ports could be a pen, by what pyserial lists; and what a pen says when it is asked."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware_protocol import messages as m
from firmware_protocol.discovery import candidate_urls, candidates, url_of
from firmware_protocol.enquiry import NoPen, OpenFailed, PenFound, calibration_due, enquire
from tests.firmware_protocol.real_lines import pty_pen


@dataclass
class Port:
    """A port as pyserial lists it."""

    device: str
    vid: int | None = 0x1A86
    pid: int | None = 0x7523
    serial_number: str | None = None
    description: str = "USB serial"


def pico(device: str, serial_number: str = "") -> Port:
    return Port(device, 0x2E8A, 0x0005, serial_number)


def test_only_usb_ports_and_known_boards_first() -> None:
    ports = [
        Port("/dev/ttyS0", None, None),
        Port("/dev/ttyUSB0"),
        pico("/dev/ttyACM1", "B"),
        pico("/dev/ttyACM0", "A"),
    ]
    found = candidates(ports)
    assert [each.url for each in found] == ["/dev/ttyACM0", "/dev/ttyACM1", "/dev/ttyUSB0"]
    assert [each.known for each in found] == [True, True, False]
    assert found[2].serial_number == ""


def test_ports_are_in_the_order_of_their_numbers() -> None:
    ports = [Port(f"COM{number}") for number in (10, 9, 2)] + [Port("COM")]
    assert [each.url for each in candidates(ports)] == ["COM", "COM2", "COM9", "COM10"]


def test_of_the_two_names_on_macos_the_one_that_opens() -> None:
    ports = [Port("/dev/cu.usbmodem11"), Port("/dev/tty.usbmodem11"), Port("/dev/tty.alone")]
    assert [each.url for each in candidates(ports)] == ["/dev/cu.usbmodem11", "/dev/tty.alone"]


def test_a_pen_that_comes_back_under_another_name_is_known_by_its_number() -> None:
    before = [pico("/dev/ttyACM0", "E66"), pico("/dev/ttyACM1", "F77")]
    after = [pico("/dev/ttyACM1", "F77"), pico("/dev/ttyACM2", "E66")]
    assert url_of("E66", before) == "/dev/ttyACM0"
    assert url_of("E66", after) == "/dev/ttyACM2"
    assert url_of("E66", before[1:]) is None


def test_a_number_that_two_carry_or_none_is_nobodys() -> None:
    twins = [Port("/dev/ttyUSB0", serial_number="0001"), Port("/dev/ttyUSB1", serial_number="0001")]
    assert url_of("0001", twins) is None
    assert url_of("", [Port("/dev/ttyUSB0"), Port("/dev/ttyUSB1", serial_number="")]) is None


def test_the_ports_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [Port("COM4"), pico("COM3")])
    assert candidate_urls() == ["COM3", "COM4"]


def block(valid_until_days: int, status: int) -> bytes:
    return m.calibration_bytes(3, -200, 100, b"CERT-1", valid_until_days, status)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (block(2555, m.CALIBRATION_PASS), "2026-12-30"),
        (block(m.DAYS_WITHOUT_END, m.CALIBRATION_PASS), "never"),
        (block(2555, m.CALIBRATION_LOCKED), "locked"),
        (block(2555, m.CALIBRATION_NONE), "none"),
        (bytes(m.CALIBRATION_BYTES), "none"),
        (b"\1\2", "not readable"),
    ],
)
def test_when_calibration_is_due(data: bytes, words: str) -> None:
    assert calibration_due(data) == words


@pytest.fixture
def pen_url() -> Iterator[str]:
    command = [sys.executable, "-m", "firmware_protocol.simulator", "--tcp", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pen:
        assert pen.stdout
        yield pen.stdout.readline().strip()
        pen.terminate()


def test_a_pen_that_answers(pen_url: str) -> None:
    found = enquire(pen_url)
    assert found == PenFound(pen_url, "SIM-0001", "sim-1.0", "1.0", "never", True)
    assert enquire(pen_url) == found


@pytest.mark.skipif(sys.platform == "win32", reason="needs pty")
def test_a_port_where_nobody_answers() -> None:
    with pty_pen() as silent, pytest.raises(NoPen, match="nobody there speaks the pen link"):
        enquire(silent.url)


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OpenFailed, match="there is no such port"):
        enquire(str(tmp_path / "none"))
