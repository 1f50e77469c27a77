"""The simulator as its users start it: a subprocess, a real pty or TCP port, real time. Few, and tolerant of a busy machine."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, TO_HOST_WIRE_BYTES, Deframer, Frame, encode_frame
from tests.firmware_protocol.pen_bench import PLAN, PLAN_CRC

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pty and Unix sockets")

WAIT_S = 30.0


class Rig:
    """One simulator, its side channel, and a bare host end of the cable."""

    def __init__(self, side: Path, *arguments: str) -> None:
        self.side = side
        command = [sys.executable, "-m", "firmware_protocol.simulator", *arguments, "--side", str(side)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.fd = -1
        self.socket: socket.socket | None = None
        self.session = 0
        self.sequence = 0
        self.samples: list[m.Telemetry] = []
        self.open()

    def open(self) -> None:
        if self.url.startswith("tcp://"):
            host, _, port = self.url[6:].rpartition(":")
            self.socket = socket.create_connection((host, int(port)))
            self.fd = self.socket.fileno()
        else:
            self.fd = os.open(self.url, os.O_RDWR | os.O_NOCTTY)
        os.set_blocking(self.fd, False)
        self._deframer = Deframer(TO_HOST_WIRE_BYTES)

    def close(self) -> None:
        if self.socket:
            self.socket.close()
            self.socket = None
        elif self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    def hear(self, seconds: float, until: int = -1) -> Frame | None:
        """Read for so long, or until a frame of type `until`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.fd], [], [], left)
            if not ready:
                break
            found = None
            for frame in self._deframer.feed(os.read(self.fd, 4096)):
                if frame.kind == m.TELEMETRY.id:
                    self.samples.append(m.TELEMETRY.payload.unpack(frame.payload))
                elif frame.kind == until:
                    found = frame
            if found:
                return found
        return None

    def hear_samples(self, count: int) -> None:
        """Read until so many samples have come."""
        end = time.monotonic() + WAIT_S
        while len(self.samples) < count:
            assert time.monotonic() < end, f"{len(self.samples)} of {count} samples"
            self.hear(0.1)

    def ask(self, message: "m.Message[Any, Any]", *values: Any) -> Any:
        self.sequence += 1
        payload = message.payload.pack(message.payload.type(*values))
        os.write(self.fd, encode_frame(message.id, self.session, FLAG_REPLY_WANTED, self.sequence, payload))
        frame = self.hear(WAIT_S, message.reply_id)
        assert frame is not None
        assert frame.payload[0] == m.OK, m.RESULTS[frame.payload[0]]
        if message is m.HELLO:
            self.session = frame.session
        return message.reply.unpack(frame.payload[1:])

    def arm(self) -> int:
        until = time.monotonic() + WAIT_S
        while (hello := self.ask(m.HELLO, 1, 0, time.monotonic_ns() & 0xFFFFFFFF, 0)).state != m.STATE_IDLE:
            assert time.monotonic() < until
        self.ask(m.STREAM, 1000, 1)
        self.ask(m.PLAN_WRITE, 0, PLAN)
        self.ask(m.PLAN_COMMIT, PLAN_CRC)
        token: int = self.ask(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, hello.boot_id).arm_token
        return token

    def drive(self, token: int, seconds: float) -> int:
        """DRIVE every 20 ms; when the last one was written."""
        self.hear(0.1, m.TELEMETRY.id)
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            number += 1
            seen = self.samples[-1].index if self.samples else 0
            drive = m.Drive(token, 200, seen, 3, m.MODE_TREAT, 1200, 1000, 7000, 100, 3)
            written_ns = time.monotonic_ns()
            os.write(self.fd, encode_frame(m.DRIVE.id, self.session, 0, number, m.DRIVE.payload.pack(drive)))
            self.hear(0.02)
        return written_ns

    def say(self, **command: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.side))
            line.sendall(json.dumps(command).encode() + b"\n")
            told: dict[str, Any] = json.loads(line.makefile().readline())
        assert told["ok"], told
        return told

    def wait(self, seconds: float = WAIT_S, **wanted: Any) -> dict[str, Any]:
        """The first state with these values."""
        end = time.monotonic() + seconds
        while True:
            state = self.say(do="state")
            if all(state[key] == value for key, value in wanted.items()):
                return state
            assert time.monotonic() < end, (wanted, state)
            time.sleep(0.01)

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture(params=[["--pty"], ["--tcp", "127.0.0.1:0"]], ids=["pty", "tcp"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "side", *request.param)
    yield rig
    rig.end()


def test_telemetry_has_no_gap(rig: Rig) -> None:
    hello = rig.ask(m.HELLO, 1, 0, 7, 0)
    assert hello.capabilities & m.CAPABILITY_SIMULATED
    rig.hear(0.1)
    rig.ask(m.STREAM, 1000, 1)
    rig.hear_samples(800)
    first, last = rig.samples[0], rig.samples[-1]
    assert last.index - first.index + 1 - len(rig.samples) == last.dropped - first.dropped
    assert (last.t_us - first.t_us) & 0xFFFFFFFF == pytest.approx(1000 * (last.index - first.index), rel=0.01)


def test_a_host_that_falls_silent_is_stopped_by_the_lease(rig: Rig) -> None:
    written_ns = rig.drive(rig.arm(), 0.6)
    rig.wait(state="FAULT", fault="HOST_TIMEOUT", needles_home=True)
    journal = rig.say(do="journal")["journal"]
    running = [change for change in journal if change["state"] == "RUNNING"]
    tripped = next(change for change in journal if change["state"] == "FAULT")
    assert running
    assert not tripped["motor_powered"]
    assert tripped["mono_ns"] - written_ns <= 220_000_000


def test_a_host_that_closes_the_port_is_stopped_at_once_and_may_come_back(rig: Rig) -> None:
    rig.drive(rig.arm(), 0.4)
    closed_ns = time.monotonic_ns()
    rig.close()
    rig.wait(state="FAULT", fault="LINK", needles_home=True)
    tripped = next(change for change in rig.say(do="journal")["journal"] if change["state"] == "FAULT")
    assert tripped["mono_ns"] - closed_ns < 150_000_000
    rig.open()
    rig.samples.clear()
    hello = rig.ask(m.HELLO, 1, 0, 9, 0)
    assert hello.fault == m.FAULT_LINK
    rig.ask(m.CLEAR_FAULT, m.FAULT_LINK, hello.boot_id)
    rig.ask(m.STREAM, 1000, 1)
    rig.hear_samples(1)


def test_stop_is_answered_while_telemetry_flows(rig: Rig) -> None:
    rig.drive(rig.arm(), 0.4)
    asked = time.monotonic()
    rig.ask(m.STOP, m.STOP_OPERATOR)
    assert time.monotonic() - asked < 0.1
    assert not rig.say(do="state")["motor_powered"]


@pytest.mark.parametrize("rig", [["--pty"]], indirect=True)  # the kernel's TCP buffers hold minutes of telemetry
def test_a_host_that_does_not_read_loses_samples_and_nothing_else(rig: Rig) -> None:
    rig.ask(m.HELLO, 1, 0, 7, 0)
    rig.hear(0.1)
    rig.ask(m.STREAM, 1000, 1)
    end = time.monotonic() + 20
    while rig.say(do="state")["dropped"] == 0:
        assert time.monotonic() < end
        time.sleep(0.1)
    rig.samples.clear()
    rig.hear_samples(800)
    first, last = rig.samples[0], rig.samples[-1]
    assert last.dropped > 0
    assert last.index - first.index + 1 - len(rig.samples) == last.dropped - first.dropped
    rig.ask(m.SYNC, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_cleanly(tmp_path: Path, number: int) -> None:
    rig = Rig(tmp_path / "side", "--pty")
    try:
        rig.process.send_signal(number)
        assert rig.process.wait(WAIT_S) == 0
        assert not rig.side.exists()
    finally:
        rig.end()


def test_a_pulled_cable_and_a_new_one(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "side", "--tcp", "127.0.0.1:0")
    try:
        rig.drive(rig.arm(), 0.3)
        rig.say(do="fault", name="disconnect")
        rig.wait(state="FAULT", fault="LINK")
        rig.close()
        with pytest.raises(ConnectionRefusedError):
            rig.open()
        rig.say(do="clear", name="disconnect")
        assert rig.process.stdout
        assert rig.process.stdout.readline().strip() == rig.url
        rig.open()
        assert rig.ask(m.HELLO, 1, 0, 9, 0).fault == m.FAULT_LINK
    finally:
        rig.end()


def test_a_second_client_is_turned_away(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "side", "--tcp", "127.0.0.1:0")
    try:
        rig.ask(m.HELLO, 1, 0, 7, 0)
        host, _, port = rig.url[6:].rpartition(":")
        with socket.create_connection((host, int(port))) as second:
            second.settimeout(WAIT_S)
            assert second.recv(1) == b""
        rig.ask(m.SYNC, 1)
    finally:
        rig.end()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pty", "--fault", "boom"], "there is no fault 'boom'"),
        (["--pty", "--scenario", "/nowhere.toml"], "/nowhere.toml cannot be read"),
        (["--tcp", "nohost"], "'nohost' is not HOST:PORT"),
        ([], "one of the arguments --pty --tcp is required"),
    ],
)
def test_options_that_cannot_be_met(arguments: list[str], words: str) -> None:
    command = [sys.executable, "-m", "firmware_protocol.simulator", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
