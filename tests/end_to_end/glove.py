"""A gloved finger under Xvfb: real X presses at the places of the 1280 x 800 panel, and a look at control's own truth."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from pencontrol.control.ring import Ring
from pencontrol.control.snapshot import Snapshot

ROOT = Path(__file__).parents[2]
NEEDS = ("Xvfb", "xdotool")
WAIT_S = 30.0
FIRST_FRAMES = 120  # beats, one a frame: pages and figures are brought a piece a frame after the first of them

# Centres of what is pressed, in pixels of the 1280 x 800 panel.
PLAN = (135, 210)
CLIENT = (765, 190)
OPERATOR = (915, 190)
KEY_0 = (865, 633)
KEY_1 = (73, 354)
DONE = (782, 726)
OPEN = (460, 737)
START = (1137, 285)
STOP = (1137, 655)
PASS_DONE = (1090, 408)
DEEPER = (394, 719)
DEPTH_HOLD = (237, 719)
CLOSE = (924, 418)
MORE = (1087, 47)
MORE_SETUP = (171, 278)
SETUP_BACK = (109, 743)
SETUP_DIM = (731, 409)
SETUP_ANEW = (568, 743)
MORE_RECORDS = (470, 278)
RECORDS_FIRST = (500, 316)
RECORDS_REPLAY = (89, 349)
REPLAY_ZONE = (640, 741)
CLOSE_HOLD = (470, 723)
ZONES = {
    "F.CHEEK.R": (602, 443),
    "F.CHEEK.L": (752, 443),
    "F.FOREHEAD": (677, 264),
    "F.CHIN": (677, 517),
    "F.MALAR.R": (593, 395),
    "F.MALAR.L": (762, 395),
    "F.JAW.R": (609, 505),
    "F.JAW.L": (746, 505),
}


def missing() -> list[str]:
    return [tool for tool in NEEDS if shutil.which(tool) is None]


class Glove:
    """The whole program on a virtual screen, and one finger. `more` goes into the program's environment."""

    def __init__(self, home: Path, pen: str = "sim", more: Mapping[str, str] | None = None) -> None:
        self.home, self._pen = home, pen
        self.runtime = Path()  # known when the program runs
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._server.stdout is not None
        display = self._server.stdout.readline().strip()  # a number that was free
        assert display, "the virtual screen did not start"
        self._environment = os.environ | {"DISPLAY": f":{display}", "QT_QPA_PLATFORM": "xcb"} | dict(more or {})
        self._program: subprocess.Popen[bytes] | None = None
        self._ring: Ring | None = None

    def __enter__(self) -> "Glove":
        self._until(lambda: self._x("getmouselocation") == 0, WAIT_S, "the virtual screen")
        self._program = subprocess.Popen(
            [sys.executable, "-m", "ui.cli.main", "--pen", self._pen, "--home", str(self.home)],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._until(self._find_ring, WAIT_S, "the ring file")
        self.wait(lambda now: now.pen is not None and now.recorder)
        self._settle()
        return self

    def _settle(self) -> None:
        assert self._ring is not None
        ring = self._ring
        self._until(lambda: ring.heartbeat()[1] >= FIRST_FRAMES, WAIT_S, "the pages")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._program is not None:
            self._program.terminate()
            self._program.wait(WAIT_S)
        if self._ring is not None:
            self._ring.close()
        self._server.terminate()
        self._server.wait(WAIT_S)
        if self._server.stdout is not None:
            self._server.stdout.close()

    @property
    def now(self) -> Snapshot:
        assert self._ring is not None
        deadline = time.monotonic() + WAIT_S
        while (snapshot := self._ring.read_snapshot()) is None:
            assert time.monotonic() < deadline, "control's snapshot cannot be read"
            time.sleep(0.001)  # control is writing it just now, and may have lost the processor over it
        return snapshot

    def wait(self, condition: Callable[[Snapshot], bool], seconds: float = WAIT_S) -> Snapshot:
        """The first snapshot of which `condition` holds."""
        deadline = time.monotonic() + seconds
        while not condition(now := self.now):
            assert time.monotonic() < deadline, now
            time.sleep(0.02)
        return now

    def tap(self, place: tuple[int, int]) -> None:
        self._press(place, lambda: time.sleep(0.08))

    def hold(self, place: tuple[int, int], until: Callable[[Snapshot], bool]) -> None:
        """As a person does: until it has happened."""
        self._press(place, lambda: self.wait(until))

    def choose(self, zone: str) -> None:
        """Tap a zone; where it is small the first tap enlarges it about the finger, and the same place again chooses it."""
        self.tap(ZONES[zone])
        if self.now.zone != zone:
            self.tap(ZONES[zone])
        self.wait(lambda now: now.zone == zone)

    def open_session(self) -> None:
        self.tap(PLAN)
        for field, zeros in ((CLIENT, 3), (OPERATOR, 1)):
            self.tap(field)
            for _ in range(zeros):
                self.tap(KEY_0)
            self.tap(KEY_1)
            self.tap(DONE)
        self.hold(OPEN, lambda now: now.session is not None and now.session.state == "OPEN")
        time.sleep(0.4)

    def _press(self, place: tuple[int, int], meanwhile: Callable[[], object]) -> None:
        x, y = map(str, place)
        assert self._x("mousemove", x, y) == 0
        self._x("mousedown", "1")
        meanwhile()
        self._x("mouseup", "1")
        time.sleep(0.25)

    def _x(self, *arguments: str) -> int:
        done = subprocess.run(
            ["xdotool", *arguments], env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        return done.returncode

    def _find_ring(self) -> bool:
        assert self._program is not None
        for folder in Path("/dev/shm").glob("pencontrol-*"):
            try:
                control = json.loads((folder / "processes.json").read_text(encoding="utf-8"))["control"]
                parent = int(Path(f"/proc/{control}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError, KeyError):
                continue
            if parent == self._program.pid:
                self.runtime = folder
                self._ring = Ring(folder / "ring")
                return self._ring.read_snapshot() is not None
        return False

    @staticmethod
    def _until(condition: Callable[[], bool], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come in {seconds} s"
            time.sleep(0.05)
