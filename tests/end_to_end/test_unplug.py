"""The cable is pulled in mid-treatment and put back: told, recorded, and nothing re-arms by itself."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pencontrol.control import commands
from pencontrol.control.grants import like_a_device
from pencontrol.control.snapshot import State
from pencontrol.launcher import Launcher, Options
from tests.end_to_end.side import Side
from tests.end_to_end.test_kill import WITHIN_NS, Station


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    side = tmp_path / "side"
    arguments = [sys.executable, "-m", "firmware_protocol.simulator", "--tcp", "127.0.0.1:0", "--side", str(side)]
    pen = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    like_a_device(pen.pid)
    assert pen.stdout is not None
    url = pen.stdout.readline().strip()
    try:
        with Launcher(Options(home=tmp_path / "home", pen=url, log=tmp_path / "log")) as launcher:
            driven = Station(launcher, Side(side), tmp_path / "home")
            yield driven
            driven.chair.close()
    finally:
        pen.terminate()
        pen.wait(30)
        pen.stdout.close()


def test_unplugged_in_mid_treatment_and_plugged_in_again(station: Station) -> None:
    session = station.treat()
    station.let(0.5)
    pulled_ns = time.monotonic_ns()
    station.side.ask(do="fault", name="disconnect")
    now = station.wait(lambda now: now.state is State.NO_PEN)
    assert any(view.alarm == "LINK_LOST" and view.active for view in now.alarms)
    assert now.session is not None
    assert (now.session.id, now.session.state) == (session, "OPEN")
    assert station.side.motor_off_after(pulled_ns) <= WITHIN_NS
    station.side.ask(do="clear", name="disconnect")
    station.wait(lambda now: now.pen is not None and now.state is State.FAULT)
    station.let(1.0)
    now = station.wait(lambda now: now.state is State.FAULT)
    assert not station.side.state()["motor_powered"]
    assert station.launcher.restarts("control") == 0
    for view in now.alarms:
        station.say(commands.Acknowledge(number=station.chair.next_number(), alarm=view.alarm, occurrence=view.occurrence))
    assert station.say(commands.ClearFault(number=station.chair.next_number(), fault="LINK")) == ""
    station.wait(lambda now: now.state is State.PAUSED)
    station.chair.beat()
    start = commands.Start(
        number=station.chair.next_number(), instance=4711, heartbeat=station.chair.beats, stops=station.chair.stops
    )
    assert station.say(start) == ""
    station.wait(lambda now: now.state is State.RUNNING and now.reached)
