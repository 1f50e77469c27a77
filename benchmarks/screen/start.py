"""From starting the screen's process to a painted, living STOP, seen and pressed from outside the screen. I/O.

`python -m benchmarks.screen.start [--times N]` measures only this.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reaction.processes import Display, end
from benchmarks.registry import BenchError, Document
from benchmarks.screen.figures import as_told, intervals, judged, times_of
from benchmarks.screen.finger import Finger, is_stop_red
from benchmarks.screen.processes import Witnesses, cpu_s
from benchmarks.screen.rig import ROOT, chair, environment, last_words
from pencontrol.control.grants import leave_control_its_core
from pencontrol.control.ring import Ring
from pencontrol.launcher import Launcher, LaunchError, Options, Simulated
from pencontrol.runtime import Runtime

LOOK_S = 0.001
GIVE_UP_S = 10.0
AFTER_S = 5.0  # how long the frames after the first paint are watched
BETWEEN_S = 0.5


def measure(display: dict[str, str], witnesses: Witnesses, times: int, tell: Callable[[str], None]) -> Document:
    """`times` warm starts, after one that only warms. Raises BenchError."""
    tell("starting the screen again and again")
    with chair(display, 5) as bench:
        x, y, width, height = bench.remote.ask("where")["stop"]
    spot = (x + width // 5, y + height // 5)  # on the plate, beside the word
    middle = (x + width // 2, y + height // 2)
    with _no_screen(display) as (launcher, home), contextlib.closing(Finger(display["DISPLAY"])) as finger:
        starts = [_start(launcher, home, finger, display, spot, middle) for _ in range(times + 1)][1:]
    gaps = np.concatenate([start["gaps"] for start in starts])
    return {
        "starts": times,
        "first_paint_ms": _told(starts, "began", "painted", witnesses),
        "first_paint_cpu_ms": round(float(np.median([start["cpu_s"] for start in starts])) * 1000, 1),
        "stop_answers_ms": _told(starts, "began", "answered", witnesses),
        "stop_at_first_paint_ms": _told(starts, "pressed", "answered", witnesses),
        "first_heartbeat_ms": _told(starts, "began", "beat", witnesses),
        "frame_gap_after_paint_ms": asdict(times_of(gaps)),
        "worst_gap_of_each_start_ms": [round(float(start["gaps"].max()) / 1e6, 1) for start in starts],
        "watched_s": AFTER_S,
    }


def _told(starts: list[dict[str, Any]], begin: str, end: str, witnesses: Witnesses) -> dict[str, object]:
    return as_told(judged(np.array([(start[begin], start[end]) for start in starts], np.int64), witnesses.stalls()))


@contextlib.contextmanager
def _no_screen(display: dict[str, str]) -> Iterator[tuple[Launcher, Path]]:
    with tempfile.TemporaryDirectory(prefix="pencontrol-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        options = Options(home=folder / "home", pen=Simulated(hand="practice"), log=folder / "processes.log")
        try:
            with environment(display), Launcher(options) as launcher:
                _until_pen(launcher)
                yield launcher, options.home
        except LaunchError as error:
            raise BenchError(f"{error}{last_words(folder)}") from None


def _until_pen(launcher: Launcher) -> None:
    ring, limit = launcher.ring, time.monotonic() + GIVE_UP_S
    while ring is not None:
        snapshot = ring.read_snapshot()
        if snapshot is not None and snapshot.pen is not None and snapshot.recorder:
            return
        if launcher.watch() or time.monotonic() > limit:
            raise BenchError("the chair did not come up")
        time.sleep(0.02)


def _start(
    launcher: Launcher, home: Path, finger: Finger, display: dict[str, str], spot: tuple[int, int], middle: tuple[int, int]
) -> dict[str, Any]:
    """One start: when STOP is on show, when a press made at that moment has counted, and the frames after."""
    finger.move(*middle)
    with environment(display):
        began_ns = time.monotonic_ns()
        screen = _popen(launcher.runtime, home)
    try:
        limit = time.monotonic() + GIVE_UP_S
        while not is_stop_red(finger.sees(*spot)):
            if time.monotonic() > limit or screen.poll() is not None:
                raise BenchError(f"no STOP was painted within {GIVE_UP_S:g} s")
            time.sleep(LOOK_S)
        painted_ns, took_s = time.monotonic_ns(), cpu_s(screen.pid)
        ring = launcher.ring
        if ring is None:
            raise BenchError("the launcher has no ring")
        stops = ring.stop_count
        pressed_ns = finger.press()
        while ring.stop_count == stops:
            if time.monotonic() > limit:
                raise BenchError("the first press of STOP was never answered")
            time.sleep(LOOK_S / 4)
        answered_ns = time.monotonic_ns()
        finger.lift()
        beat_ns, gaps = _beats(ring, painted_ns)
    finally:
        end(screen)
    time.sleep(BETWEEN_S)
    moments = {"began": began_ns, "painted": painted_ns, "pressed": pressed_ns, "answered": answered_ns, "beat": beat_ns}
    return moments | {"gaps": gaps, "cpu_s": took_s}


def _beats(ring: Ring, since_ns: int) -> tuple[int, Any]:
    """Heartbeats after the first paint: when the first came, and from each frame tick to the next."""
    moments: list[int] = []
    limit = time.monotonic() + AFTER_S
    while time.monotonic() < limit:
        beat_ns = ring.heartbeat()[2]
        if beat_ns > (moments[-1] if moments else since_ns):
            moments.append(beat_ns)
        time.sleep(LOOK_S)
    if not moments:
        raise BenchError(f"no heartbeat in the {AFTER_S:g} s after the first paint")
    moments.append(max(moments[-1], time.monotonic_ns() - 16_000_000))  # one that hangs to the end is a gap, too
    spans = intervals(np.array(moments, np.uint64))
    return moments[0], spans[:, 1] - spans[:, 0]


def _popen(runtime: Runtime, home: Path) -> subprocess.Popen[bytes]:
    """As the launcher starts it."""
    command = [sys.executable, "-m", "ui.touch", "--runtime", str(runtime.folder), "--home", str(home)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=leave_control_its_core,
    )


def main() -> int:
    """For whoever works on the start."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen.start", description=__doc__)
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
