"""A screen that is killed in mid-run: when STOP is on show again, and when with the truth. Seen from outside. I/O.

`python -m benchmarks.screen.back [--times N]` measures only this.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.reaction.processes import Display
from benchmarks.registry import BenchError, Document
from benchmarks.screen.figures import as_told, judged
from benchmarks.screen.finger import Finger, is_stop_red
from benchmarks.screen.processes import Witnesses
from benchmarks.screen.rig import Practitioner, chair, environment, last_words
from pencontrol.control.snapshot import State
from pencontrol.launcher import Launcher, LaunchError, Options, Simulated
from pencontrol.rehearsal.chair import ChairError
from ui.cli.screen import WATCH_S

LOOK_S = 0.001
GIVE_UP_S = 10.0
STANDING = (State.CONNECTED, State.READY, State.PAUSED, State.FAULT)  # by telemetry: UNCERTAIN is none of them
MOMENTS = ("painted", "truth", "standing")
Spot = tuple[int, int]


def measure(display: dict[str, str], witnesses: Witnesses, times: int, tell: Callable[[str], None]) -> Document:
    """`times` kills, each in mid-run. Raises BenchError."""
    tell("killing the screen in mid-run again and again")
    with chair(display, 5) as bench:
        where = bench.remote.ask("where")
    x, y, width, height = where["stop"]
    plate = (x + width // 5, y + height // 5)  # beside the word
    x, y, width, height = where["lamp"]
    lamp = (x + width // 2, y + height // 2)
    with _with_screen(display) as launcher, contextlib.closing(Finger(display["DISPLAY"])) as eye:
        kills = [_kill(launcher, eye, plate, lamp) for _ in range(times)]
    stalls = witnesses.stalls()
    told: Document = {"kills": times}
    for moment in MOMENTS:
        spans = np.array([(kill["killed"], kill[moment]) for kill in kills], np.int64)
        told[f"{moment}_ms"] = as_told(judged(spans, stalls))
    return told


@contextlib.contextmanager
def _with_screen(display: dict[str, str]) -> Iterator[Launcher]:
    with tempfile.TemporaryDirectory(prefix="pencontrol-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        options = Options(
            home=folder / "home",
            pen=Simulated(hand="practice"),
            screen=(sys.executable, "-m", "ui.touch"),
            log=folder / "processes.log",
        )
        try:
            with environment(display), Launcher(options) as launcher:
                yield launcher
        except (ChairError, LaunchError) as error:
            raise BenchError(f"{error}{last_words(folder)}") from None


def _kill(launcher: Launcher, eye: Finger, plate: Spot, lamp: Spot) -> dict[str, int]:
    """Up to RUNNING, kill -9, and the moments after; the launcher looks as often as the program's own does."""
    ring = launcher.ring
    if ring is None:
        raise BenchError("the launcher has no ring")
    person = Practitioner(launcher.runtime, ring, True, lambda: _watch(launcher, ()))
    person.open()
    lit = eye.sees(*lamp)
    found: dict[str, int] = {"killed": time.monotonic_ns()}
    os.kill(launcher.process_id("ui"), signal.SIGKILL)
    person.leave()  # spoke as that screen, and goes with it
    gone = False
    watch_at = limit = time.monotonic()
    limit += GIVE_UP_S
    while any(moment not in found for moment in MOMENTS):
        now_s = time.monotonic()
        if now_s >= watch_at:
            watch_at = now_s + WATCH_S
            _watch(launcher, ("ui",))
            snapshot = ring.read_snapshot()
            if snapshot is not None and snapshot.state in STANDING:
                found.setdefault("standing", time.monotonic_ns())
        red = is_stop_red(eye.sees(*plate))
        gone = gone or not red
        if gone and red:
            found.setdefault("painted", time.monotonic_ns())
            if "standing" in found and eye.sees(*lamp) == lit:  # it is lit by control's snapshot alone
                found.setdefault("truth", time.monotonic_ns())
        if now_s > limit:
            raise BenchError(f"a killed screen was not back within {GIVE_UP_S:g} s: {sorted(found)}")
        time.sleep(LOOK_S)
    return found


def _watch(launcher: Launcher, may: tuple[str, ...]) -> None:
    if died := [name for name in launcher.watch() if name not in may]:
        raise BenchError(f"{' and '.join(died)} died")


def main() -> int:
    """For whoever works on the return."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen.back", description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    display = Display(True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="pencontrol-bench-") as name,
            contextlib.closing(Witnesses(Path(name))) as witnesses,
        ):
            print(json.dumps(measure(display.environment, witnesses, given.times, print), indent=1))
    finally:
        display.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
