"""The treatment page while the pen runs at 1 kHz: frames, age of what they show, processor, memory. I/O.

`python -m benchmarks.screen.treating [--seconds N]` measures only this.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.reaction.processes import Display
from benchmarks.registry import BenchError, Document
from benchmarks.screen.figures import WARM_S, Spans, as_told, growth, intervals, judged, spans_of
from benchmarks.screen.processes import Witnesses, cpu_s, own_mb
from benchmarks.screen.rig import Bench, Practitioner, chair
from benchmarks.screen.stamps import What
from pencontrol.control.snapshot import State

SETTLE_S = 5.0
LOOK_S = 0.5
MEMORY_S = 2.0
NAMES = ("ui", "control", "recorder", "pen")


def measure(
    display: dict[str, str], witnesses: Witnesses, seconds: float, tell: Callable[[str], None], slow_tick_ms: float = 0.0
) -> Document:
    """`seconds` of a treatment. Raises BenchError."""
    tell(f"{seconds:g} s of treatment")
    with chair(display, seconds + SETTLE_S, slow_tick_ms=slow_tick_ms) as bench:
        person = bench.practitioner()
        person.open()
        bench.live(min(SETTLE_S, seconds))
        page = bench.remote.ask("state")
        if page["page"] != "TREAT":
            raise BenchError(f"the screen shows {page['page']} and not the treatment")
        run = _run(bench, person, seconds, witnesses)
        person.stop()
        person.leave()
    return run


def _run(bench: Bench, person: Practitioner, seconds: float, witnesses: Witnesses) -> Document:
    processes = {name: bench.launcher.process_id(name) for name in NAMES}
    first, began_s = bench.stamps.count, time.monotonic()
    before = {name: cpu_s(process) for name, process in processes.items()}
    sizes: list[tuple[float, float]] = []
    interruptions = 0
    memory_at_s = 0.0
    while (passed_s := time.monotonic() - began_s) < seconds:
        bench.live(min(LOOK_S, seconds - passed_s + 0.01))
        if passed_s >= memory_at_s:
            memory_at_s += MEMORY_S
            sizes.append((passed_s, own_mb(processes["ui"])))
        snapshot = bench.launcher.ring.read_snapshot() if bench.launcher.ring is not None else None
        if snapshot is not None and snapshot.state in (State.PAUSED, State.READY):
            interruptions += 1
            person.start()
    passed_s = time.monotonic() - began_s
    share = {name: round((cpu_s(process) - before[name]) / passed_s, 4) for name, process in processes.items()}
    if bench.stamps.full:
        raise BenchError("the screen's log is full: it painted more often than there was room for")
    rows = bench.stamps.rows(first)
    scheduling = dict(person.scheduling) | {"pen": bench.pen}
    return told(rows, witnesses.stalls()) | {
        "scheduling": scheduling,
        "seconds": round(passed_s, 1),
        "interruptions": interruptions,
        "cpu_share": share,
        "memory": _memory(sizes),
    }


def told(rows: "np.ndarray[tuple[int], np.dtype[np.void]]", stalls: Spans) -> Document:
    """Figures of the stamps of one run."""
    paints = rows[(rows["what"] == What.PAINT) & (rows["about"] > 0)]
    ticks = rows[rows["what"] == What.TICK]
    return {
        "frames": len(paints),
        "frame_interval_ms": as_told(judged(intervals(paints["end_ns"]), stalls)),
        "sample_age_ms": as_told(judged(spans_of(paints["about"], paints["end_ns"]), stalls)),
        "tick_interval_ms": as_told(judged(intervals(ticks["start_ns"]), stalls)),
        "tick_ms": as_told(judged(spans_of(ticks["start_ns"], ticks["end_ns"]), stalls)),
        "paint_ms": as_told(judged(spans_of(paints["start_ns"], paints["end_ns"]), stalls)),
    }


def _memory(sizes: list[tuple[float, float]]) -> Document:
    at_s, size_mb = (np.array(part, np.float64) for part in zip(*sizes, strict=True))
    found = growth(at_s, size_mb)
    warm = at_s >= WARM_S
    return {
        "own_mb_first": float(size_mb[0]),
        "own_mb_warm": float(size_mb[warm][0]) if warm.any() else None,
        "own_mb_last": float(size_mb[-1]),
        "growth": asdict(found) if found is not None else None,
    }


def main() -> int:
    """For whoever works on the treatment page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen.treating", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--slow-tick-ms", type=float, default=0.0, help="break the screen: once a second a tick sleeps so long")
    given = parser.parse_args()
    display = Display(True)
    try:
        with tempfile.TemporaryDirectory(prefix="pencontrol-bench-") as name:
            witnesses = Witnesses(Path(name))
            found = measure(display.environment, witnesses, given.seconds, print, given.slow_tick_ms)
            witnesses.close()
    finally:
        display.close()
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
