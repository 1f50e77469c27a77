"""Opening a 75 minute session in the real records page and dragging its replay, beside plain pyqtgraph on the same samples. I/O.

`python -m benchmarks.screen.records [--home FOLDER] [--times N] [--no-peers]` measures only this. A store once made in FOLDER
is used again.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reaction.processes import Display
from benchmarks.record.made import SESSION
from benchmarks.registry import BenchError, Document
from benchmarks.screen.figures import as_told, intervals, judged
from benchmarks.screen.processes import Witnesses, rss_mb, rss_peak_from_now, rss_peak_mb
from benchmarks.screen.rig import ROOT, Bench, chair, environment
from benchmarks.screen.stamps import What
from benchmarks.screen.store import make_store
from sessions.store import FILE_NAME

SAMPLES = 4_500_000
QUIET_S = 1.0
DRAG_STEP_PX, DRAG_STEPS = 5, 60
FRAME_S = 0.016
ZOOMS = (4.0, 16.0, 16.0)  # one after the other: 19 minutes, 70 s and 4.4 s wide
MODES = ("downsampled", "raw")


def measure(
    display: dict[str, str], witnesses: Witnesses, home: Path, times: int, peers: bool, tell: Callable[[str], None]
) -> Document:
    """Everything about the long session. The store is made in `home` when it is not there yet. Raises BenchError."""
    if not (home / FILE_NAME).exists():
        tell("storing a 75 minute session")
        make_store(home, SAMPLES, tell)
    tell("opening and dragging it")
    with chair(display, 60 + times * 20, home) as bench:
        document = opened(bench, witnesses, times) | dragged(bench, witnesses)
    document["peers"] = {mode: peer(display, home, mode, tell) for mode in MODES} if peers else {}
    return document


def visit_records(bench: Bench) -> None:
    """To the list, everything of it there."""
    bench.remote.ask("page", page="RECORDS")
    bench.until(lambda: bench.remote.ask("state")["page"] == "RECORDS", "the records page")
    bench.until(lambda: not bench.remote.ask("state")["busy"], "the list")
    bench.live(1.0)


def open_once(bench: Bench, section: str = "replay", patience_s: float = 60.0) -> int:
    """Touch the row, wait until nothing is asked for any more. Returns the number of rows there were before."""
    first = bench.stamps.count
    bench.remote.ask("open", session=SESSION, section=section)
    # Not a word to the screen while it works: only the log is looked at until the trace has come and nothing follows it.
    end = time.monotonic() + patience_s
    seen, quiet_s = 0, time.monotonic()
    while True:
        bench.watch()
        count = len(bench.stamps.of(What.TRACK, first))
        if count != seen:
            seen, quiet_s = count, time.monotonic()
        elif seen and time.monotonic() - quiet_s > QUIET_S:
            told = bench.remote.ask("track")
            if told["samples"] == SAMPLES and not told["missing"]:
                return first
            quiet_s = time.monotonic()
        if time.monotonic() > end:
            raise BenchError(f"the trace of {SESSION} was not whole within {patience_s:g} s")
        time.sleep(0.05)


def opened(bench: Bench, witnesses: Witnesses, times: int) -> dict[str, Any]:
    """Opening `times` times: seconds to the head, to the first picture and to the whole trace; stalls; memory."""
    ui = bench.launcher.process_id("ui")
    visit_records(bench)
    before_mb = rss_mb(ui)
    rss_peak_from_now(ui)
    head, first_picture, whole, gaps = [], [], [], []  # [start, end] each
    for _ in range(times):
        first = open_once(bench)
        rows = bench.stamps.rows(first)
        open_ns = rows[rows["what"] == What.OPEN]["start_ns"][0]
        tracks = rows[rows["what"] == What.TRACK]["end_ns"]
        head.append((open_ns, rows[rows["what"] == What.RECORD]["end_ns"][0]))
        first_picture.append((open_ns, tracks[0]))
        whole.append((open_ns, tracks[-1]))
        ticks = rows[rows["what"] == What.TICK]["start_ns"]
        gaps += intervals(ticks[(ticks >= open_ns) & (ticks <= tracks[-1] + 50_000_000)]).tolist()
        bench.until(lambda: not bench.remote.ask("state")["busy"], "the verification", 120)
    return {
        "samples": SAMPLES,
        "columns": bench.remote.ask("track")["columns"],
        "opens": times,
        "head_ms": _told(head, witnesses),
        "first_picture_ms": _told(first_picture, witnesses),
        "open_ms": _told(whole, witnesses),
        "frame_gap_while_opening_ms": _told(gaps, witnesses),
        "memory_before_mb": before_mb,
        "memory_open_mb": round(rss_mb(ui) - before_mb, 1),
        "memory_peak_mb": round(rss_peak_mb(ui) - before_mb, 1),
    }


def _told(spans: Sequence[Sequence[int]], witnesses: Witnesses) -> dict[str, object]:
    return as_told(judged(np.array(spans, np.int64).reshape(-1, 2), witnesses.stalls()))


def dragged(bench: Bench, witnesses: Witnesses) -> dict[str, Any]:
    """A finger drags the speed trace at three widths; from each movement to its painted picture."""
    by_width: list[dict[str, object]] = []
    everything: list[tuple[int, int]] = []
    x, y, width, height = bench.remote.ask("where")["trace"]
    for factor in ZOOMS:
        bench.remote.ask("zoom", factor=factor)
        bench.live(0.3)
        took: list[tuple[int, int]] = []
        for towards in (-1, 1, -1):  # away from the beginning first, where the window stands
            took += _drag(bench, (x + (width * 3 // 4 if towards < 0 else width // 4), y + height // 2), towards)
        by_width.append({"seconds_wide": round(bench.remote.ask("span") / 1000, 1)} | _told(took, witnesses))
        everything += took
    return {"pan_ms": _told(everything, witnesses), "pan_by_width_ms": by_width}


def _drag(bench: Bench, place: tuple[int, int], towards: int) -> list[tuple[int, int]]:
    """One drag in small steps, each sent when the one before is on show, at most one a frame."""
    finger, (x, y) = bench.finger, place
    finger.move(x, y)
    bench.live(0.1)
    finger.press()
    took: list[tuple[int, int]] = []
    for step in range(1, DRAG_STEPS + 1):
        first = bench.stamps.count
        at_ns = finger.move(x + towards * step * DRAG_STEP_PX, y)
        end = time.monotonic() + 0.5
        while not len(drags := bench.stamps.of(What.DRAG, first)) and time.monotonic() < end:
            time.sleep(0.001)
        if len(drags):  # the first steps only tell a drag from a tap, and at the end of the trace nothing moves
            took.append((at_ns, int(drags["end_ns"][0])))
        time.sleep(max(0.0, FRAME_S - (time.monotonic_ns() - at_ns) / 1e9))
    finger.lift()
    bench.live(0.1)
    if len(took) < DRAG_STEPS // 2:
        raise BenchError(f"of {DRAG_STEPS} steps of a drag only {len(took)} moved the replay")
    return took


def peer(display: dict[str, str], home: Path, mode: str, tell: Callable[[str], None]) -> Document:
    """Plain pyqtgraph, in a process of its own on the same display."""
    tell(f"plain pyqtgraph, {mode}")
    command = [sys.executable, "-m", "benchmarks.screen.plain", "--home", str(home), "--session", SESSION, "--mode", mode]
    with environment(display):
        told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=dict(os.environ))
    if told.returncode:
        raise BenchError(f"plain pyqtgraph, {mode}, ended with {told.returncode}: {told.stderr.strip()[-400:]}")
    document: Document = json.loads(told.stdout)
    return document


def main() -> int:
    """For whoever works on the records page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen.records", description=__doc__)
    parser.add_argument("--home", type=Path, help="folder for the store; kept")
    parser.add_argument("--times", type=int, default=5, help="how often the session is opened")
    parser.add_argument("--no-peers", action="store_true", help="without plain pyqtgraph")
    given = parser.parse_args()
    display = Display(True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="pencontrol-bench-") as name,
            contextlib.closing(Witnesses(Path(name))) as witnesses,
        ):
            home = given.home or Path(name) / "home"
            found = measure(display.environment, witnesses, home, given.times, not given.no_peers, print)
    finally:
        display.close()
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
