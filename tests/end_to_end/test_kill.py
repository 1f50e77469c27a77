"""kill -9 of each process in mid-treatment: the pen stands still in time, the record is whole, the session can be resumed."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pencontrol.control import commands
from pencontrol.control.snapshot import Snapshot, State
from pencontrol.launcher import Launcher, Options, Simulated
from pencontrol.plan import load_plan
from pencontrol.rehearsal.chair import Chair
from pencontrol.zones import shipped_zones
from sessions.audit import verify
from sessions.events import ZoneTotals
from sessions.reading import list_sessions, load_events, totals_for_resume
from sessions.store import open_store
from tests.end_to_end.side import Side

PLAN = Path(__file__).parents[2] / "pencontrol" / "data" / "plans" / "full_face.toml"
STAND_IN = Path(__file__).parent / "beating_screen.py"
WITHIN_NS = 350_000_000
WAIT_S = 30.0


class Station:
    """Real processes, driven by this test as their screen; `ui` is a process that only beats."""

    def __init__(self, launcher: Launcher, side: Side, home: Path) -> None:
        assert launcher.ring is not None
        self.launcher, self.side, self.home = launcher, side, home
        self.chair = Chair(launcher.runtime, launcher.ring, instance=4711)
        self.beating = True

    def wait(self, condition: Callable[[Snapshot], bool], seconds: float = WAIT_S) -> Snapshot:
        deadline = time.monotonic() + seconds
        while True:
            if self.beating:
                self.chair.beat()
            self.launcher.watch()
            now = self.chair.snapshot()
            if now is not None and condition(now):
                return now
            assert time.monotonic() < deadline, (
                (now.state, now.reason, now.fault, now.alarms) if now is not None else "no snapshot"
            )
            time.sleep(0.005)

    def say(self, command: commands.Command) -> str:
        self.chair.say(command)
        deadline = time.monotonic() + WAIT_S
        while (answer := self.chair.answer(command.number)) is None:
            assert time.monotonic() < deadline
            if self.beating:
                self.chair.beat()
            time.sleep(0.002)
        return answer

    def treat(self, resumed_from: str = "", carried: list[dict[str, object]] | None = None) -> str:
        self.chair.connect()
        self.wait(lambda now: now.state is State.CONNECTED and now.recorder and now.cartridge is not None)
        plan = load_plan(PLAN, shipped_zones()).model_dump(mode="json")
        opening = commands.OpenSession(
            number=self.chair.next_number(),
            plan=plan,
            client="C-0001",
            operator="P-01",
            resumed_from=resumed_from,
            carried=carried or [],
        )
        assert self.say(opening) == ""
        assert self.say(commands.SelectZone(number=self.chair.next_number(), zone="F.CHEEK.R")) == ""
        self.wait(lambda now: now.state in (State.READY, State.PAUSED))
        self.chair.beat()
        start = commands.Start(number=self.chair.next_number(), instance=4711, heartbeat=self.chair.beats, stops=self.chair.stops)
        assert self.say(start) == ""
        now = self.wait(lambda now: now.state is State.RUNNING and now.reached)
        assert now.session is not None
        return now.session.id

    def let(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.wait(lambda _: time.monotonic() > until)

    def meanwhile(self, look: Callable[[], bool]) -> None:
        """Look at the disk, which takes its time, until the answer is yes; the screen beats all the while."""
        deadline, seen = time.monotonic() + WAIT_S, []

        def looking() -> None:
            while time.monotonic() < deadline:
                if look():
                    seen.append(True)
                    return
                time.sleep(0.02)

        thread = threading.Thread(target=looking)
        thread.start()
        self.wait(lambda _: not thread.is_alive(), 2 * WAIT_S)
        thread.join()
        assert seen, "what is waited for has not come on record"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    side = tmp_path / "side"
    options = Options(home=tmp_path / "home", pen=Simulated(seed=2, side=side), log=tmp_path / "log")
    with Launcher(options) as launcher:
        driven = Station(launcher, Side(side), tmp_path / "home")
        yield driven
        driven.chair.close()


def closed_as(home: Path, session: str) -> str:
    with open_store(home) as store:
        return next(row.state for row in list_sessions(store) if row.id == session)


def strokes_on_record(totals: list[ZoneTotals]) -> int:
    return sum(each.strokes for each in totals if each.zone == "F.CHEEK.R")


@pytest.mark.parametrize("victim", ["control", "recorder"])
def test_kill_9_in_mid_treatment(station: Station, victim: str) -> None:
    session = station.treat()
    station.let(0.4)
    station.side.ask(do="strokes", count=2, contact_s=0.5, lift_s=0.3)
    before: list[int] = []

    def both_on_record() -> bool:
        with open_store(station.home) as store:
            before[:] = [event.event.number for event in load_events(store, session)]
            return strokes_on_record(totals_for_resume(store, session)) == 2

    station.meanwhile(both_on_record)
    running = station.wait(lambda _: True)
    assert running.state is State.RUNNING, running.alarms
    killed_ns = time.monotonic_ns()
    os.kill(station.launcher.process_id(victim), signal.SIGKILL)
    if victim == "control":
        station.chair.close()
        time.sleep(0.4)
        station.wait(lambda now: now.session is None)
    else:
        station.wait(lambda now: now.session is not None and now.session.state == "INTERRUPTED" and now.session.recorded)
    assert station.side.motor_off_after(killed_ns) <= WITHIN_NS
    truth = station.side.needles_home()
    assert truth["state"] in ("IDLE", "FAULT")
    assert not truth["motor_powered"]
    deadline = time.monotonic() + WAIT_S
    while closed_as(station.home, session) != "INTERRUPTED":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with open_store(station.home) as store:
        after = [event.event.number for event in load_events(store, session)]
        assert after == list(range(1, len(after) + 1))
        assert after[: len(before)] == before
        assert verify(store, session).holds
        totals = totals_for_resume(store, session)
    carried = [each.model_dump(mode="json") for each in totals]
    assert strokes_on_record(totals) == 2

    if station.chair.connected is False:
        station.chair.connect()
    station.wait(lambda now: now.state in (State.FAULT, State.CONNECTED) and now.recorder)
    now = station.wait(lambda now: now.pen is not None)
    for view in now.alarms:
        station.say(commands.Acknowledge(number=station.chair.next_number(), alarm=view.alarm, occurrence=view.occurrence))
    if now.fault != "NONE":
        assert station.say(commands.ClearFault(number=station.chair.next_number(), fault=now.fault)) == ""
    resumed = station.treat(resumed_from=session, carried=carried)
    assert resumed != session
    now = station.wait(lambda now: now.session is not None and now.session.id == resumed)
    assert next(zone.strokes for zone in now.zones if zone.zone == "F.CHEEK.R") == 2


def test_kill_9_of_the_screen_in_mid_treatment(tmp_path: Path) -> None:
    side = tmp_path / "side"
    screen = (sys.executable, str(STAND_IN), "--plan", str(PLAN))
    options = Options(home=tmp_path / "home", pen=Simulated(seed=2, side=side), screen=screen, log=tmp_path / "log")
    with Launcher(options) as launcher:
        station = Station(launcher, Side(side), tmp_path / "home")
        station.beating = False
        now = station.wait(lambda now: now.state is State.RUNNING and now.reached)
        assert now.session is not None
        session = now.session.id
        station.let(0.5)
        killed_ns = time.monotonic_ns()
        os.kill(launcher.process_id("ui"), signal.SIGKILL)
        station.wait(lambda now: now.session is not None and now.session.state == "INTERRUPTED" and now.session.recorded)
        station.wait(lambda _: launcher.restarts("ui") == 1)
        assert station.side.motor_off_after(killed_ns) <= WITHIN_NS
        station.let(1.0)
        truth = station.side.state()
        assert not truth["motor_powered"]
        assert truth["state"] in ("IDLE", "FAULT")
        assert closed_as(station.home, session) == "INTERRUPTED"


def test_the_launcher_killed_takes_everything_down_and_the_pen_stops(tmp_path: Path) -> None:
    import subprocess

    scenario = Path(__file__).parents[2] / "scenarios" / "quick.toml"
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli.main", "rehearse", str(scenario), "--home", str(tmp_path / "home")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    ids: dict[str, int] = {}
    while not ids or _state_of(ids) != "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.05)
        ids = _children_of(process.pid) or ids
    time.sleep(0.5)
    process.kill()
    process.wait()
    deadline = time.monotonic() + WAIT_S
    while any(_alive(ids[name]) for name in ("control", "recorder", "pen")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with open_store(tmp_path / "home") as store:
        (row,) = list_sessions(store)
        assert row.state == "INTERRUPTED"
        assert verify(store, row.id).holds


def _runtime_of(launcher: int) -> Path | None:
    for folder in Path("/dev/shm").glob("pencontrol-*"):
        try:
            control = json.loads((folder / "processes.json").read_text())["control"]
            parent = int(Path(f"/proc/{control}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError, KeyError):  # another test's, which goes just now
            continue
        if parent == launcher:
            return folder
    return None


def _children_of(launcher: int) -> dict[str, int]:
    folder = _runtime_of(launcher)
    if folder is None:
        return {}
    ids: dict[str, int] = json.loads((folder / "processes.json").read_text())
    _FOLDERS[ids["control"]] = folder
    return ids


_FOLDERS: dict[int, Path] = {}


def _state_of(ids: dict[str, int]) -> str:
    from pencontrol.control.ring import Ring

    ring = Ring(_FOLDERS[ids["control"]] / "ring")
    snapshot = ring.read_snapshot()
    ring.close()
    return snapshot.state.value if snapshot is not None else ""


def _alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
