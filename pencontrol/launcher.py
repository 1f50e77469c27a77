"""Starts and watches the processes of one chair: recorder, control, screen, and a simulated pen when one was asked for.

What dies is started again, the old one killed first; control always comes back stopped, and nothing re-arms by itself.
Every child holds the reading end of a lifeline pipe: when the launcher is gone, they end.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from pencontrol.control.grants import leave_control_its_core, like_a_device
from pencontrol.control.ring import Ring, create_ring
from pencontrol.orphans import end_with_parent
from pencontrol.runtime import Runtime

MEMORY_FOLDER = Path("/dev/shm")
PEN_START_S = 10.0
END_S = 2.0
RESTART_PAUSE_S = 0.05  # from start to start: what cannot start must not take a core


class LaunchError(Exception):
    """A process could not be started: one plain sentence."""


@dataclass(frozen=True)
class Simulated:
    """A simulated pen to start as a process of its own."""

    seed: int = 1
    scenario: Path | None = None
    hand: str = "idle"
    side: Path | None = None


@dataclass
class Child:
    """One watched process."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started_s: float = 0.0


@dataclass
class Options:
    """What to start. `control` is the command that runs control: another one than the default is for tests."""

    home: Path
    pen: str | Simulated
    screen: Sequence[str] = ()
    control: Sequence[str] = field(default_factory=lambda: (sys.executable, "-m", "pencontrol.control"))
    log: Path | None = None


class Launcher:
    """Use as a context manager: everything is started on entry and ended on exit. Call `watch` at least ten times a second."""

    def __init__(self, options: Options, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: monotonic seconds."""
        self._options, self._clock = options, clock
        self._children: dict[str, Child] = {}
        self._pen: subprocess.Popen[bytes] | None = None
        self._lifeline = os.pipe()
        self._log = open(options.log, "ab") if options.log is not None else None  # noqa: SIM115, PTH123 - lives as long as we do
        parent = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() and os.access(MEMORY_FOLDER, os.W_OK) else None
        self.runtime = Runtime(Path(tempfile.mkdtemp(prefix="pencontrol-", dir=parent)))
        self.ring: Ring | None = None
        self.pen_url = ""

    def __enter__(self) -> "Launcher":
        try:
            self._start_all()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def watch(self) -> list[str]:
        """Start again, at once, what has died; the names of it. The screen ending with exit code 0 is a wish, not a death.

        Only what lived for less than `RESTART_PAUSE_S` waits until that has passed.
        """
        died = []
        for child in self._children.values():
            process = child.process
            if process is None or process.poll() is None:
                continue
            if child.name == "ui" and process.returncode == 0:
                continue
            if self._clock() - child.started_s < RESTART_PAUSE_S:
                continue
            died.append(child.name)
            child.restarts += 1
            if child.name == "control" and self.ring is not None:
                self.ring.next_generation()
            self._spawn(child)
        if died:
            self._tell_processes()
        return died

    @property
    def screen_closed(self) -> bool:
        """The person closed the screen: the program ends."""
        child = self._children.get("ui")
        return child is not None and child.process is not None and child.process.poll() == 0

    def restarts(self, name: str) -> int:
        """How often `name` had to be started again."""
        return self._children[name].restarts

    def process_id(self, name: str) -> int:
        """The process id of "control", "recorder", "ui" or "pen"."""
        process = self._pen if name == "pen" else self._children[name].process
        if process is None:
            raise LaunchError(f"{name} is not running")
        return process.pid

    def end(self) -> None:
        """Control first (it stops the pen and closes the record), then screen, recorder and pen; then the runtime folder."""
        with contextlib.suppress(OSError):
            os.close(self._lifeline[1])
        for name in ("ui", "control", "recorder"):
            child = self._children.pop(name, None)
            if child is not None and child.process is not None:
                _end(child.process)
        if self._pen is not None:
            _end(self._pen)
            if self._pen.stdout is not None:
                self._pen.stdout.close()
            self._pen = None
        with contextlib.suppress(OSError):
            os.close(self._lifeline[0])
        if self.ring is not None:
            self.ring.close()
            self.ring = None
        if self._log is not None:
            self._log.close()
            self._log = None
        shutil.rmtree(self.runtime.folder, ignore_errors=True)

    def _start_all(self) -> None:
        runtime, options = self.runtime, self._options
        options.home.mkdir(parents=True, exist_ok=True)
        create_ring(runtime.ring)
        self.ring = Ring(runtime.ring)
        self.ring.next_generation()
        os.mkfifo(runtime.stop_pipe, 0o600)
        self.pen_url = options.pen if isinstance(options.pen, str) else self._start_pen(options.pen)
        lifeline = str(self._lifeline[0])
        control = [*options.control, "--runtime", str(runtime.folder), "--pen", self.pen_url]
        self._add("control", [*control, "--lifeline", lifeline])
        recorder = [sys.executable, "-m", "sessions.recorder", "--feed", str(runtime.feed), "--home", str(options.home)]
        self._add("recorder", [*recorder, "--lifeline", lifeline])
        if options.screen:
            screen = [*options.screen, "--runtime", str(runtime.folder), "--home", str(options.home)]
            self._add("ui", [*screen, "--lifeline", lifeline])
        self._tell_processes()

    def _add(self, name: str, arguments: list[str]) -> None:
        child = Child(name, arguments)
        self._children[name] = child
        self._spawn(child)

    def _spawn(self, child: Child) -> None:
        if child.process is not None:
            _kill(child.process)
        child.started_s = self._clock()
        child.process = subprocess.Popen(
            child.arguments,
            pass_fds=(self._lifeline[0],),
            stdin=subprocess.DEVNULL,
            stdout=self._log if self._log is not None else sys.stderr.fileno(),
            stderr=self._log if self._log is not None else None,
            preexec_fn=None if child.name == "control" else leave_control_its_core,
            start_new_session=True,  # Ctrl-C is the launcher's to answer
        )

    def _start_pen(self, pen: Simulated) -> str:
        arguments = [sys.executable, "-m", "firmware_protocol.simulator", "--pty", "--seed", str(pen.seed), "--hand", pen.hand]
        if pen.scenario is not None:
            arguments += ["--scenario", str(pen.scenario)]
        arguments += ["--side", str(pen.side or self.runtime.side)]
        self._pen = subprocess.Popen(
            arguments,
            stdout=subprocess.PIPE,
            stderr=self._log if self._log is not None else None,
            stdin=subprocess.DEVNULL,
            preexec_fn=_prepare_pen,
            start_new_session=True,
        )
        like_a_device(self._pen.pid)  # where it is not permitted the pen is as late as the rest of the machine
        if self._pen.stdout is None:
            raise LaunchError("the simulated pen has no output")
        url = self._pen.stdout.readline().decode().strip()
        if not url:
            raise LaunchError(f"the simulated pen ended with exit code {self._pen.wait(PEN_START_S)} before it said where it is")
        return url

    def _tell_processes(self) -> None:
        ids = {name: child.process.pid for name, child in self._children.items() if child.process is not None}
        if self._pen is not None:
            ids["pen"] = self._pen.pid
        draft = self.runtime.processes.with_suffix(".new")
        draft.write_text(json.dumps(ids), encoding="utf-8")
        draft.replace(self.runtime.processes)


def _prepare_pen() -> None:
    end_with_parent()
    leave_control_its_core()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
