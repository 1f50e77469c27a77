"""All parts of the bench, one after the other. I/O."""

import contextlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.reaction.processes import Display
from benchmarks.registry import BenchError, Document, Options
from benchmarks.screen import back, gates, records, start, stops, treating
from benchmarks.screen.conditions import Plan, plan_of
from benchmarks.screen.places import TREAT
from benchmarks.screen.processes import Witnesses
from benchmarks.screen.store import make_store

SLOW_TICK_MS, SLOW_STOP_MS = 60.0, 50.0


def measure(options: Options) -> Document:
    """The document of `pencontrol bench screen`. Raises BenchError when a part cannot be measured."""
    if not sys.platform.startswith("linux"):
        raise BenchError("bench screen needs Linux: it presses by XTEST on Xvfb, and its witness asks for cores and priorities")
    display = Display(True)
    try:
        if display.words != "Xvfb":
            raise BenchError("bench screen presses on a real X display and needs Xvfb")
        with (
            tempfile.TemporaryDirectory(prefix="pencontrol-bench-", ignore_cleanup_errors=True) as name,
            contextlib.closing(Witnesses(Path(name))) as witnesses,
        ):
            return _measure(options, plan_of(options), display, witnesses, Path(name))
    finally:
        display.close()


def _measure(options: Options, plan: Plan, display: Display, witnesses: Witnesses, folder: Path) -> Document:
    tell, on, home = options.tell, display.environment, folder / "home"
    load_before = round(os.getloadavg()[0], 2)
    controls = _controls(on, witnesses, folder / "control", plan, tell)  # first: a bench that cannot fail needs no more time
    document: Document = {"treating": treating.measure(on, witnesses, plan.treat_s, tell)}
    tell("storing a 75 minute session")
    make_store(home, records.SAMPLES, tell)
    document["records"] = records.measure(on, witnesses, home, plan.opens, True, tell)
    document["start"] = start.measure(on, witnesses, plan.starts, tell)
    document["back"] = back.measure(on, witnesses, plan.starts, tell)
    document["stop"] = stops.measure(on, witnesses, home, plan.presses, tell)
    document["negative_controls"] = controls
    broken = [
        *gates.frame_gates(document["treating"]),
        *gates.stop_gates(document["stop"]),
        *gates.start_gates(document["start"]),
        *gates.back_gates(document["back"]),
        *gates.record_gates(document["records"]),
    ]
    unclear = gates.too_many_removed(document)
    conditions = {
        "display": f"{display.words}, 1280x800",
        "cpus": os.cpu_count(),
        "load_before": load_before,
        "witness": witnesses.words,
        "witnessed_stalls": len(witnesses.stalls()),
        "kernel": platform.release(),
        "python": platform.python_version(),
    } | document["treating"].pop("scheduling")
    return {
        "verdict": gates.verdict(broken, document["negative_controls"], unclear),
        "full": plan.full,
        "broken_gates": broken,
        "unclear": unclear,
        "conditions": conditions,
    } | document


def _controls(on: dict[str, str], witnesses: Witnesses, home: Path, plan: Plan, tell: Callable[[str], None]) -> list[Document]:
    """Screens that were broken on purpose: each must break the gate that is meant for it."""
    run = treating.measure(on, witnesses, plan.control_s, tell, slow_tick_ms=SLOW_TICK_MS)
    places = stops.measure(on, witnesses, home, plan.control_presses, tell, slow_stop_ms=SLOW_STOP_MS, places=TREAT[:1])
    return [
        {
            "name": f"once a second a frame tick sleeps {SLOW_TICK_MS:g} ms",
            "frame_interval_ms": run["frame_interval_ms"],
            "broken_gates": [sentence for sentence in gates.frame_gates(run) if "frame interval" in sentence],
        },
        {
            "name": f"STOP's handler sleeps {SLOW_STOP_MS:g} ms",
            "stop": places,
            "broken_gates": [sentence for sentence in gates.stop_gates(places) if "contact to wire" in sentence],
        },
    ]
