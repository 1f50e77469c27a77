"""Cable faults in the running simulator: from the command line, through the side channel, over a pty; few, in real time."""

import contextlib
import json
import resource
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
from firmware_protocol.conformance.answers import Unfit
from firmware_protocol.conformance.probe import Probe
from firmware_protocol.conformance.runner import PortLine
from firmware_protocol.simulator.device import Device
from firmware_protocol.simulator.scenario import read_scenario

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pty and Unix sockets")

DAYS = 2500


class Rig:
    """One simulator over a pty with a side channel, and a probe at the host's end."""

    def __init__(self, side: Path, *faults: str) -> None:
        self.side = side
        arguments = [argument for fault in faults for argument in ("--fault", fault)]
        command = [sys.executable, "-m", "firmware_protocol.simulator", "--pty", "--side", str(side), *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.line: PortLine | None = None

    def probe(self) -> Probe:
        self.line = PortLine(self.url)
        return Probe(self.line, DAYS)

    def say(self, **command: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.side))
            line.sendall(json.dumps(command).encode() + b"\n")
            told: dict[str, Any] = json.loads(line.makefile().readline())
        assert told["ok"], told
        return told

    def end(self) -> None:
        if self.line is not None:
            self.line.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "side")
    yield rig
    rig.end()


def test_frames_of_another_version_are_not_heard_and_stop_is(rig: Rig) -> None:
    probe = rig.probe()
    probe.fresh(plan=False)
    rig.say(do="fault", name="wrong_version_to_pen")
    assert probe.ask(m.STOP, m.STOP_OPERATOR).result == m.OK
    with pytest.raises(Unfit):
        probe.settle()
    rig.say(do="clear", name="wrong_version_to_pen")
    probe.settle()


def test_a_stall_ends_by_itself_and_then_all_of_it_comes(rig: Rig) -> None:
    probe = rig.probe()
    probe.fresh(plan=False)
    probe.show()
    probe.forget()
    rig.say(do="fault", name="cable_stall", value=300)
    start = time.monotonic()
    probe.settle()
    assert time.monotonic() - start > 0.2
    probe.run(0.2)
    first, last = probe.samples[0], probe.samples[-1]
    assert last.index - first.index + 1 - len(probe.samples) == last.dropped - first.dropped
    assert rig.say(do="state")["faults"] == {}


def test_a_slow_reader_makes_the_pen_drop_and_count(rig: Rig) -> None:
    probe = rig.probe()
    probe.fresh(plan=False)
    rig.say(do="fault", name="slow_reader", value=8000)
    probe.forget()
    probe.run(1.5)
    first, last = probe.samples[0], probe.samples[-1]
    assert last.dropped - first.dropped > 300
    assert last.index - first.index + 1 - len(probe.samples) == last.dropped - first.dropped


def test_torn_frames_from_the_start(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "side", "torn_to_host=0.3")
    try:
        probe = rig.probe()
        probe.line.write(probe.frame(m.HELLO, 1, 0, 5, 0))
        probe.run(0.5)  # STATUS and replies come, some of them torn
        for number in range(40):
            probe.line.write(probe.frame(m.HELLO, 1, 0, 5 + number, 0))
            probe.run(0.01)
        assert 3 < probe.deframer.bad < 40
        assert len(probe.replies) > 10
    finally:
        rig.end()


def test_a_cable_that_is_out_from_the_start_prints_its_url_and_waits_quietly(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    rig = Rig(tmp_path / "side", "disconnect")
    try:
        assert rig.url.startswith("/dev/")
        time.sleep(1.5)
        rig.say(do="clear", name="disconnect")
        assert rig.process.stdout
        rig.url = rig.process.stdout.readline().strip()
        assert rig.probe().greet().major == 1
    finally:
        if rig.line is not None:
            rig.line.close()
        rig.process.send_signal(signal.SIGTERM)
        rig.process.wait(30)
        with contextlib.suppress(OSError):
            rig.end()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0


def test_scenario_rows_strike_for_their_time() -> None:
    rows = "[[fault]]\nat_s = 0.1\ndo = 'drop'\nvalue = 1\nfor_s = 0.2\n[[fault]]\nat_s = 0.5\ndo = 'cable_stall'\nvalue = 100"
    device = Device(1, boot_id=5, scenario=read_scenario(rows, "rows.toml"))
    device._armed_step = 0
    seen: dict[str, list[int]] = {"drop": [], "cable_stall": []}
    for step in range(1, 1000):
        device.step(step * 1000, step * 1_000_000)
        for name in seen:
            if name in device.faults:
                seen[name].append(step)
    assert (seen["drop"][0], len(seen["drop"])) == (100, 200)
    assert (seen["cable_stall"][0], len(seen["cable_stall"])) == (500, 100)
