"""The whole chair on a virtual display, as the bench runs it: launcher, control, recorder, simulated pen, and the screen. I/O."""

import contextlib
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.reaction.driver import Driver
from benchmarks.registry import BenchError
from benchmarks.screen.finger import Finger
from benchmarks.screen.stamps import StampReader
from benchmarks.screen.wishes import Wishes
from pencontrol.control import commands
from pencontrol.control.grants import like_a_device
from pencontrol.control.snapshot import Snapshot, State
from pencontrol.launcher import Launcher, LaunchError, Options, Simulated
from pencontrol.rehearsal.chair import ChairError

ROOT = Path(__file__).parents[2]
TURN_S = 0.01
READY_S = 30.0
STEADY_S = 0.8  # less than the second after which a screen that was broken on purpose sleeps again
STEADY_GAP_NS = 60_000_000
FRAMES_A_SECOND = 70  # room in the log; the frame timer asks for 66.7
RESERVE_ROWS = 200_000
Thing = TypeVar("Thing")


class Remote:
    """The bench's end of the line into the screen."""

    def __init__(self, path: Path) -> None:
        """Raises OSError while nobody listens."""
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.settimeout(READY_S)
        try:
            self._line.connect(str(path))
        except OSError:
            self._line.close()
            raise
        self._held = b""

    def ask(self, do: str, **about: object) -> Any:
        """One order, answered when it is done. Raises BenchError when the screen is gone."""
        try:
            self._line.sendall(json.dumps({"do": do} | about).encode())
            while b"\n" not in self._held:
                data = self._line.recv(65536)
                if not data:
                    raise BenchError(f"the screen hung up at {do!r}")
                self._held += data
        except OSError as error:
            raise BenchError(f"the screen did not answer {do!r}: {error}") from None
        line, _, self._held = self._held.partition(b"\n")
        return json.loads(line)["is"]

    def close(self) -> None:
        """Hang up."""
        self._line.close()


class Practitioner(Driver):
    """The person of the reaction bench, who here stops and starts at will."""

    def start(self) -> None:
        """START, as the screen's own would be. Raises BenchError when control has hung up: who never reads is dropped."""
        self._start()
        if self._chair is not None and not self._chair.connected:
            raise BenchError("control hung up on the practitioner")

    def stop(self) -> None:
        """Pause, and wait until the pen stands."""
        self._say(commands.Pause(number=self._number()))
        self._wait(lambda now: now.state in (State.PAUSED, State.READY), "PAUSED")

    def shut(self) -> None:
        """Close the session, the pen standing; the socket stays."""
        self._say(commands.CloseSession(number=self._number()))
        self._wait(lambda now: now.session is not None and now.session.state == "CLOSED" and now.session.recorded, "the record")

    def wait(self, condition: Callable[[Snapshot], bool], what: str) -> None:
        """Until control says so. Raises BenchError."""
        self._wait(condition, what)

    def leave(self) -> None:
        """Let go of control's socket, nothing running."""
        if self._chair is not None:
            self._chair.close()

    def _number(self) -> int:
        if self._chair is None:
            raise BenchError("the practitioner has not come yet")
        return self._chair.next_number()


@dataclass
class Bench:
    """A running chair."""

    launcher: Launcher
    folder: Path
    home: Path
    stamps: StampReader
    wire: StampReader
    remote: Remote
    finger: Finger
    display: str
    pen: str  # how the simulated pen is scheduled

    def watch(self) -> None:
        """Raises BenchError when a process has died: nothing that was measured counts then."""
        died = self.launcher.watch()
        if died:
            raise BenchError(f"{' and '.join(died)} died{last_words(self.folder)}")

    def live(self, seconds: float) -> None:
        """Let time pass, watching."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.watch()
            time.sleep(min(left, 0.05))

    def until(self, condition: Callable[[], bool], what: str, seconds: float = READY_S) -> None:
        """Wait, watching. Raises BenchError."""
        end = time.monotonic() + seconds
        while not condition():
            self.watch()
            if time.monotonic() > end:
                raise BenchError(f"waited {seconds:g} s for {what}; the screen says {self.remote.ask('state')}")
            time.sleep(TURN_S)

    def practitioner(self) -> Practitioner:
        """Who opens sessions and presses START."""
        ring = self.launcher.ring
        if ring is None:
            raise BenchError("the launcher has no ring")
        return Practitioner(self.launcher.runtime, ring, True, self.watch)

    def settle(self) -> None:
        """Until the screen draws steadily: nothing of its start is left."""
        ring = self.launcher.ring
        steady = began = time.monotonic()
        while ring is not None and time.monotonic() - steady < STEADY_S:
            if time.monotonic_ns() - ring.heartbeat()[2] > STEADY_GAP_NS:
                steady = time.monotonic()
            if steady - began > READY_S:
                raise BenchError("the screen never drew steadily")
            self.watch()
            time.sleep(0.005)

    @property
    def stop_place(self) -> tuple[int, int]:
        """The middle of STOP."""
        x, y, width, height = self.remote.ask("where")["stop"]
        return x + width // 2, y + height // 2


@contextlib.contextmanager
def chair(
    display: dict[str, str],
    seconds: float,
    home: Path | None = None,
    slow_tick_ms: float = 0.0,
    slow_stop_ms: float = 0.0,
) -> Iterator[Bench]:
    """A chair with its screen up and steady. `seconds`: how long it will be measured. Raises BenchError."""
    with (
        tempfile.TemporaryDirectory(prefix="pencontrol-bench-", ignore_cleanup_errors=True) as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        rows = int(seconds * FRAMES_A_SECOND * 2) + RESERVE_ROWS
        wishes = Wishes(name, rows, slow_tick_ms, slow_stop_ms)
        home = home or folder / "home"
        home.mkdir(exist_ok=True)
        options = Options(
            home=home,
            pen=Simulated(hand="practice"),
            screen=(sys.executable, "-m", "benchmarks.screen.touch"),
            control=(sys.executable, "-m", "benchmarks.screen.control"),
            log=folder / "processes.log",
        )
        try:
            with environment(wishes.environment() | display):
                launcher = stack.enter_context(Launcher(options))
            yield _connected(stack, launcher, wishes, folder, home, display["DISPLAY"])
        except (ChairError, LaunchError) as error:
            raise BenchError(f"{error}{last_words(folder)}") from None


def _connected(stack: contextlib.ExitStack, launcher: Launcher, wishes: Wishes, folder: Path, home: Path, display: str) -> Bench:
    remote = _patient(lambda: Remote(wishes.line), launcher, folder)
    stamps = _patient(lambda: StampReader(wishes.screen_log), launcher, folder)
    wire = _patient(lambda: StampReader(wishes.wire_log), launcher, folder)
    finger = Finger(display)
    for each in (remote, stamps, wire, finger):
        stack.callback(each.close)
    bench = Bench(launcher, folder, home, stamps, wire, remote, finger, display, like_a_device(launcher.process_id("pen")))
    bench.until(lambda: bool(remote.ask("state")["linked"]), "the screen to find control")
    bench.until(lambda: remote.ask("state")["pen"] == "CONNECTED", "the pen")
    bench.settle()
    return bench


def _patient(make: Callable[[], Thing], launcher: Launcher, folder: Path) -> Thing:
    end = time.monotonic() + READY_S
    while True:
        try:
            return make()
        except (OSError, ValueError):
            if launcher.watch() or time.monotonic() > end:
                raise BenchError(f"the chair did not come up{last_words(folder)}") from None
            time.sleep(TURN_S)


@contextlib.contextmanager
def environment(more: dict[str, str]) -> Iterator[None]:
    """For children: the launcher hands its own environment on."""
    before = dict(os.environ)
    os.environ.update(more)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), before.get("PYTHONPATH", ""))))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def last_words(folder: Path) -> str:
    """The end of the processes' log, for whoever must find out why."""
    try:
        lines = (folder / "processes.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"\n  | {line}" for line in lines[-8:])
