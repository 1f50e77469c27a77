"""A whole treatment of eight zones and the two ways to drive it: presses of a real pointer, and a screen reader's actions.

The program, its record, the pen on its pseudo terminal and the virtual screen are real; the pen's hand is moved over the pen's
side channel. Where things stand on the screen is asked of the accessible tree, never written here.
"""

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from pencontrol.control.grants import like_a_device
from pencontrol.control.snapshot import AlarmView, Snapshot, State
from tests.end_to_end import glove
from tests.end_to_end.glove import ROOT, Glove
from tests.end_to_end.hunger import Hunger
from tests.end_to_end.side import Side

READER = Path(__file__).parent / "reader.py"
SYSTEM_PYTHON = "/usr/bin/python3"
PLAN_NAME = "Eight zones"
ZONES = {
    "F.FOREHEAD": "Forehead",
    "F.MALAR.R": "Cheekbone, right",
    "F.CHEEK.R": "Cheek, right",
    "F.JAW.R": "Jawline, right",
    "F.CHIN": "Chin",
    "F.JAW.L": "Jawline, left",
    "F.CHEEK.L": "Cheek, left",
    "F.MALAR.L": "Cheekbone, left",
}
ANSWER_S = 60  # more than the reader itself waits for a window and for a name in it
STARVED_MS = 40  # of the 100 ms that control waits for the pen's word that it stopped
CONFIRM_S = 3.0  # so long a second press is waited for
BUTTON, CHECK = "push button", "check box"


def missing() -> list[str]:
    """What this machine lacks for a screen reader and a virtual screen."""
    lacks = glove.missing() + [tool for tool in ("dbus-daemon",) if shutil.which(tool) is None]
    if not Path("/usr/share/dbus-1/services/org.a11y.Bus.service").exists():
        lacks.append("at-spi2-core")
    asked = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    try:
        done = subprocess.run([SYSTEM_PYTHON, "-c", asked], capture_output=True, check=False)
    except OSError:
        return [*lacks, SYSTEM_PYTHON]
    return lacks if done.returncode == 0 else [*lacks, "python3-gi with gir1.2-atspi-2.0"]


class Couch(Glove):
    """Program, pen and screen reader together; what drives them is one of the two ways below."""

    def __init__(self, home: Path) -> None:
        (home / "plans").mkdir(parents=True)
        rows = ", ".join(f'{{ id = "{zone}", passes = 1 }}' for zone in ZONES)
        (home / "plans" / "eight.toml").write_text(f'name = "{PLAN_NAME}"\nzone = [{rows}]\n', encoding="utf-8")
        self._folder = Path(tempfile.mkdtemp(prefix="pc-"))  # a bus's address must be short
        self.side = Side(self._folder / "side")
        self._pen_process = subprocess.Popen(
            [sys.executable, "-m", "firmware_protocol.simulator", "--pty", "--seed", "3", "--side", str(self._folder / "side")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        like_a_device(self._pen_process.pid)
        self._hunger = Hunger()
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"XDG_RUNTIME_DIR": str(self._folder)},
            text=True,
        )
        assert self._pen_process.stdout is not None
        assert self._bus.stdout is not None
        more = {
            "DBUS_SESSION_BUS_ADDRESS": self._bus.stdout.readline().strip(),
            "XDG_RUNTIME_DIR": str(self._folder),
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "LANG": "C.UTF-8",
        }
        super().__init__(home, self._pen_process.stdout.readline().strip(), more)
        self._reader = subprocess.Popen(
            [SYSTEM_PYTHON, "-W", "ignore", str(READER)],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> "Couch":
        try:
            super().__enter__()
        except BaseException:
            self.__exit__(None, None, None)  # nothing is left running
            raise
        return self

    def _settle(self) -> None:
        self.look("Open session", BUTTON)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._reader.terminate()
        self._hunger.close()
        super().__exit__(kind, error, trace)
        for process in (self._reader, self._pen_process, self._bus):
            process.terminate()
            process.wait(glove.WAIT_S)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, do: str, **more: Any) -> Any:
        """The screen reader's answer. Fails with its own words."""
        assert self._reader.stdin is not None
        assert self._reader.stdout is not None
        self._reader.stdin.write(json.dumps({"do": do} | more) + "\n")
        self._reader.stdin.flush()
        ready, _, _ = select.select([self._reader.stdout], [], [], ANSWER_S + more.get("seconds", 0))
        assert ready, f"the screen reader has no answer to {do} {more} after {ANSWER_S} s: the program hangs"
        told = json.loads(self._reader.stdout.readline())
        assert told["ok"], f"{told['error']}; control says {self.now.state}: {self.now.reason!r}, {self.now.alarms}"
        return told["found"]

    def look(self, name: str, role: str = "", usable: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("look", name=name, role=role, usable=usable)
        return found

    def middle(self, name: str, role: str = "") -> tuple[int, int]:
        """The pixel in the middle of what bears this name, as soon as it can be pressed."""
        left, top, wide, high = self.look(name, role, usable=True)["room"]
        return left + wide // 2, top + high // 2

    def link_starved(self) -> bool:
        """Control gave the pen up for not answering STOP, and this machine did not let a process like the pen run for so long."""
        given_up = any(alarm.alarm == "STOP_UNCONFIRMED" for alarm in self.now.alarms)
        longest_ms = self._hunger.longest_ms
        print(f"who has the pen's rights was kept waiting for {longest_ms:.0f} ms at the longest")
        return given_up and longest_ms >= STARVED_MS

    def pid(self, process: str) -> int:
        told = json.loads((self.runtime / "processes.json").read_text(encoding="utf-8"))
        return int(told[process])

    def beating(self) -> int:
        """Which screen beats: each has a number of its own."""
        assert self._ring is not None
        return self._ring.heartbeat()[0]

    def mouse(self, way: str) -> None:
        self._x("mousedown" if way == "down" else "mouseup", "1")

    def move(self, place: tuple[int, int]) -> None:
        self._x("mousemove", *map(str, place))


class Pointer:
    """Presses of the real pointer, by pixel."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    def press(self, name: str, role: str = BUTTON) -> None:
        self._couch.move(self._couch.middle(name, role))
        self._couch.mouse("down")
        time.sleep(0.05)
        self._couch.mouse("up")

    def hold(self, name: str, until: Callable[[Snapshot], bool]) -> None:
        self._couch.move(self._couch.middle(name))
        self._couch.mouse("down")
        self._couch.wait(until)
        self._couch.mouse("up")

    def choose(self, zone: str, name: str) -> None:
        """A small zone is enlarged about the finger by the first tap; the same place again chooses it."""
        self.press(name, CHECK)
        time.sleep(0.3)
        if self._couch.now.zone != zone:
            self.press(name, CHECK)
        self._couch.wait(lambda now: now.zone == zone)


class ScreenReader:
    """Actions of the accessible tree."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    def press(self, name: str, role: str = BUTTON) -> None:
        assert self._couch.ask("press", name=name, role=role)

    def hold(self, name: str, until: Callable[[Snapshot], bool]) -> None:
        """Ask, then confirm. Where the machine took longer over it than the program waits, once more."""
        while True:
            asked_s = self.first_press(name)
            assert not until(self._couch.now), "one press is no hold"
            time.sleep(0.3)
            self.press(name)
            if time.monotonic() - asked_s < CONFIRM_S:
                break
            with contextlib.suppress(AssertionError):
                self._couch.wait(until, CONFIRM_S)
                return
        self._couch.wait(until)

    def first_press(self, name: str) -> float:
        """Press, and see that the program waits for a second press; the moment before it, in seconds."""
        while True:
            asked_s = time.monotonic()
            self.press(name)
            told = self._couch.look(name)["description"]
            if told.startswith("press again within 3 s"):
                return asked_s
            assert time.monotonic() - asked_s > CONFIRM_S, told

    def choose(self, zone: str, name: str) -> None:
        self.press(name, CHECK)
        self._couch.wait(lambda now: now.zone == zone)


Way = Pointer | ScreenReader


def on_a_fed_pen(home: Path, act: Callable[[Couch], str]) -> tuple[Path, str]:
    """`act` with a program and a home of its own: that home, and what it gave.

    Where control gave up a simulated pen on a machine that provably did not run it, the pen must stand still, and it is done
    once more, three times at most: a real pen has a processor of its own. Whatever else goes wrong is wrong.
    """
    for tried in range(3):
        with Couch(home / str(tried)) as couch:
            try:
                return couch.home, act(couch)
            except AssertionError:
                if tried == 2 or not couch.link_starved():
                    raise
                couch.side.needles_home()
                print("the machine did not run the simulated pen: a whole treatment is done once more", file=sys.__stderr__)
    raise AssertionError


def open_session(couch: Couch, way: Way) -> None:
    way.press(f"Plan {PLAN_NAME}", CHECK)
    for field, digits in (("Client", "0001"), ("Operator", "01")):
        way.press(field)
        for digit in digits:
            way.press(digit)
        way.press("Done")
    way.hold("Open session", lambda now: now.session is not None and now.session.state == "OPEN")


def runs_or_ran(before: tuple[AlarmView, ...], now: Snapshot) -> bool:
    """It runs; or it ran between two looks, and a guard has stopped it again."""
    return now.state in (State.ARMING, State.RUNNING) or (now.state is State.PAUSED and now.alarms != before)


def start(couch: Couch, way: Way) -> None:
    for _ in range(3):  # a guard may stop a start on a starved machine
        runs = partial(runs_or_ran, couch.now.alarms)
        way.hold("START", runs)
        if (
            couch.wait(lambda now: (now.state is State.RUNNING and now.reached) or now.state is State.PAUSED).state
            is State.RUNNING
        ):
            return
    raise AssertionError(f"START was stopped three times: {couch.now.alarms}")


def one_pass(couch: Couch, way: Way, zone: str) -> None:
    """A stroke in the zone, and the pass is done. A guard that stops in between, on a starved machine, is answered by START."""

    def stroked(now: Snapshot) -> bool:
        return any(each.zone == zone and each.strokes >= 1 for each in now.zones)

    for _ in range(4):
        if stroked(couch.now):
            break
        if couch.now.state is State.PAUSED:
            start(couch, way)
        couch.wait(lambda now: now.reached or now.state is State.PAUSED)
        couch.side.ask(do="strokes", count=1, contact_s=0.5, lift_s=0.25)
        couch.wait(lambda now: stroked(now) or now.state is State.PAUSED)
    way.press("Pass done")
    couch.wait(lambda now: any(each.zone == zone and each.passes == 1 for each in now.zones))


def halt(couch: Couch, way: Way, word: str) -> None:
    if couch.now.state is State.RUNNING:
        way.press(word)
    couch.wait(lambda now: now.state is State.PAUSED)
    assert not couch.side.state()["motor_powered"]


def treat(couch: Couch, way: Way, while_running: Callable[[], None] = lambda: None) -> str:
    """From the plan to the closed record: eight zones; STOP after the third, PAUSE after the sixth. Returns the session's id."""
    open_session(couch, way)
    for number, (zone, name) in enumerate(ZONES.items(), start=1):
        way.choose(zone, name)
        if couch.now.state is not State.RUNNING:
            start(couch, way)
        one_pass(couch, way, zone)
        if number == 1:
            while_running()
        if number in (3, 6, 8):
            halt(couch, way, "PAUSE" if number == 6 else "STOP")
    way.press("Close session")
    way.hold("Close session", lambda now: now.session is not None and now.session.state == "CLOSED")
    session = couch.wait(lambda now: now.session is not None and now.session.recorded).session
    assert session is not None
    return session.id
