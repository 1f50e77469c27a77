"""What the screen must hold, and the verdict. Pure.

All times are milliseconds with witnessed stalls removed. The figures are the design's: 20 ms is a frame and a quarter, 15 ms of
age is less than a frame, 40 ms from contact to wire is five needle cycles.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from benchmarks.screen.conditions import ENOUGH_FOR_P99

Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]
INTERVAL_P99_MS, INTERVAL_MAX_MS = 20.0, 50.0
AGE_P99_MS = 15.0
CPU_SHARE = 0.30
STOP_P99_MS, STOP_MAX_MS = 15.0, 40.0
FIRST_PAINT_MS, OPEN_MS, PAN_P95_MS = 400.0, 500.0, 33.0
BACK_MS = 1500.0  # from the kill to the truth on show, the motor standing
MEMORY_MB = 100.0
GROWTH_MB_A_DAY = 10.0  # established: the lower bound of the slope
GROWTH_RUN_S = 300.0  # a shorter run says nothing about a day
REMOVED_MOST = 0.05


def _at_most(name: str, found: float, allowed: float, unit: str = "ms") -> list[str]:
    return [] if found <= allowed else [f"{name} is {found:.1f} {unit}, allowed are {allowed:.1f} {unit}"]


def frame_gates(run: Mapping[str, Any]) -> list[str]:
    """The treatment's run: sentences about what it does not hold."""
    interval, age, memory = run["frame_interval_ms"]["clean"], run["sample_age_ms"]["clean"], run["memory"]
    sentences = [
        *_at_most("frame interval p99", interval["p99"], INTERVAL_P99_MS),
        *_at_most("the longest frame interval", interval["max"], INTERVAL_MAX_MS),
        *_at_most("sample age when painted p99", age["p99"], AGE_P99_MS),
        *_at_most("the screen's share of a core", run["cpu_share"]["ui"] * 100, CPU_SHARE * 100, "%"),
    ]
    growth = memory["growth"]
    if growth is not None and run["seconds"] >= GROWTH_RUN_S:
        sentences += _at_most("growth that the run establishes", growth["low"], GROWTH_MB_A_DAY, "MB a day")
    return sentences


def stop_gates(places: Iterable[Mapping[str, Any]]) -> list[str]:
    """STOP on every page."""
    sentences: list[str] = []
    for place in places:
        clean, name = place["clean"], f"STOP on {place['place']}"
        if not place["raw"]["n"]:
            sentences.append(f"{name}: could not be reached, nothing was measured")
            continue
        if place["raw"]["n"] < place["asked"]:
            sentences.append(f"{name}: pressed {place['raw']['n']} times of {place['asked']}")
        if clean["n"] >= ENOUGH_FOR_P99:
            sentences += _at_most(f"{name}: contact to wire p99", clean["p99"], STOP_P99_MS)
        sentences += _at_most(f"{name}: the longest from contact to wire", clean["max"], STOP_MAX_MS)
        if place["unanswered"]:
            sentences.append(f"{name}: {place['unanswered']} of {place['raw']['n']} presses put no frame on the wire")
    return sentences


def start_gates(start: Mapping[str, Any]) -> list[str]:
    """Start-up: paint, and the STOP that is pressed the moment it is seen."""
    return [
        *_at_most("first paint with STOP p95", start["first_paint_ms"]["clean"]["p95"], FIRST_PAINT_MS),
        *_at_most(
            "STOP pressed at the first paint: the longest wait", start["stop_at_first_paint_ms"]["clean"]["max"], STOP_MAX_MS
        ),
    ]


def back_gates(back: Mapping[str, Any]) -> list[str]:
    """A screen that was killed in mid-run."""
    return _at_most("a killed screen is back with the truth p95", back["truth_ms"]["clean"]["p95"], BACK_MS)


def record_gates(records: Mapping[str, Any]) -> list[str]:
    """The long session."""
    return [
        *_at_most("opening 75 minutes p95", records["open_ms"]["clean"]["p95"], OPEN_MS),
        *_at_most("panning p95", records["pan_ms"]["clean"]["p95"], PAN_P95_MS),
        *_at_most("memory that opening takes, at its peak", records["memory_peak_mb"], MEMORY_MB, "MB"),
    ]


def too_many_removed(document: Mapping[str, Any]) -> list[str]:
    """Sentences about figures of which more than 5 % were left out: they cannot be judged."""
    run, places = document["treating"], document["stop"]
    presses = sum(place["raw"]["n"] for place in places)
    shares = {
        "frame intervals": run["frame_interval_ms"]["removed_share"],
        "sample ages": run["sample_age_ms"]["removed_share"],
        "presses of STOP": sum(place["removed"] for place in places) / max(1, presses),
        "drags": document["records"]["pan_ms"]["removed_share"],
    }
    return [
        f"{share:.1%} of the {name} were left out for witnessed stalls" for name, share in shares.items() if share > REMOVED_MOST
    ]


def verdict(broken: list[str], controls: Iterable[Mapping[str, Any]], unclear: list[str]) -> Verdict:
    """FAIL: a gate is broken, or a broken screen passes. INCONCLUSIVE: the host stood still too often to say PASS."""
    if broken or any(not control["broken_gates"] for control in controls):
        return "FAIL"
    return "INCONCLUSIVE" if unclear else "PASS"
