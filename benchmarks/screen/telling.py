"""The document for a person. Pure."""

from typing import Any

from benchmarks.registry import Document


def lines(document: Document) -> list[str]:
    """Figures with witnessed stalls removed, the raw ones behind them where they differ; then what was not held."""
    run, start, records = document["treating"], document["start"], document["records"]
    growth, share = run["memory"]["growth"], run["cpu_share"]
    grown = f"{growth['mb_a_day']:g} MB a day ({growth['low']:g} to {growth['high']:g})" if growth else "too short to say"
    out = [
        f"{run['seconds']:g} s of treatment at 1 kHz, {run['frames']} frames; {document['conditions']['display']}",
        f"frame interval: {_times(run['frame_interval_ms'])}",
        f"sample age when painted: {_times(run['sample_age_ms'])}",
        f"share of a core: screen {share['ui']:.1%}, control {share['control']:.1%}, recorder {share['recorder']:.1%}",
        f"growth of the screen: {grown}",
        f"first paint: {_times(start['first_paint_ms'])}; STOP pressed then: {_times(start['stop_at_first_paint_ms'])}",
        f"killed in mid-run: back with the truth {_times(document['back']['truth_ms'])}",
        f"frames in the {start['watched_s']:g} s after it: longest gap {start['frame_gap_after_paint_ms']['max']:.1f} ms",
        f"75 minutes, {records['samples']} samples: whole in {_times(records['open_ms'])}",
        f"  first picture {records['first_picture_ms']['clean']['p50']:.0f} ms; longest frame gap meanwhile"
        f" {records['frame_gap_while_opening_ms']['clean']['max']:.1f} ms",
        f"  dragged: {_times(records['pan_ms'])}",
        f"  memory {records['memory_open_mb']:.0f} MB, at its peak {records['memory_peak_mb']:.0f}",
    ]
    for mode, peer in records["peers"].items():
        out.append(
            f"  plain pyqtgraph, {mode}: open {peer['open_ms']:.0f} ms, pan p95 {peer['pan_ms']['p95']:.1f} ms,"
            f" memory {peer['memory_open_mb']:.0f} MB, at its peak {peer['memory_peak_mb']:.0f}"
        )
    out.append("STOP, contact to frame on the wire:")
    for place in document["stop"]:
        away = f"; {place['moved_away']} presses led to another page" if place["moved_away"] else ""
        out.append(f"  {place['place']:<38}{place['pen']:<9}{_times(place)}{away}")
    for control in document["negative_controls"]:
        found = "; ".join(control["broken_gates"]) or "NOT NOTICED: the gates measure nothing"
        out.append(f"broken on purpose, {control['name']}: {found}")
    out += [f"not held: {sentence}" for sentence in document["broken_gates"]]
    out += [f"cannot be judged: {sentence}" for sentence in document["unclear"]]
    short = "" if document["full"] else " (a short run: too little to establish the last percentiles)"
    return [*out, f"verdict: {document['verdict']}{short}"]


def _times(figures: dict[str, Any]) -> str:
    clean, raw = figures["clean"], figures["raw"]
    told = f"p50 {clean['p50']:.1f}, p95 {clean['p95']:.1f}, p99 {clean['p99']:.1f}, max {clean['max']:.1f} ms, n {raw['n']}"
    if figures["removed"]:
        told += f" ({figures['removed']} left out; raw p99 {raw['p99']:.1f}, max {raw['max']:.1f})"
    return told
