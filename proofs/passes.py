#!/usr/bin/env python3
"""Strokes and passes found from motor current and speed, against the truth of labelled traces, in every condition.

`--plots` draws docs/images/passes_*.svg anew instead.
"""

import multiprocessing
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import passes_plots  # noqa: E402

from pencontrol.passes import ContactDetector  # noqa: E402
from tests.pencontrol.traces import JUDGED, Sample, Span, conditions, make_trace  # noqa: E402
from tests.pencontrol.traces_passes import MARK_SHARE, PASSES_JUDGED, Style, counted_passes, make_worked  # noqa: E402
from tests.pencontrol.traces_score import BOUNDARY_MS, Score, found_strokes  # noqa: E402

SEED = 1_300_000  # never looked at while the detector was made
TRACES = 10
STROKES = 40
TREATMENTS = 20
ZONES = 6
F1_LEAST = 0.98
ZONES_LEAST = 0.95
COST_MOST_US = 2.0


def strokes_of(job: tuple[str, int]) -> tuple[list[Span], list[Span]]:
    """Truth and find of one trace."""
    name, seed = job
    trace = make_trace(seed, conditions(JUDGED, judged=True)[name], STROKES)
    return trace.truth, found_strokes(trace.samples)


def passes_of(job: tuple[Style, int]) -> tuple[list[int], list[int]]:
    """Truth and count of one treatment, by zone."""
    style, seed = job
    worked = make_worked(seed, JUDGED, PASSES_JUDGED, style, ZONES)
    return worked.passes, counted_passes(worked)


def cost_us(samples: list[Sample]) -> tuple[float, float]:
    """Mean and greatest cost of one sample."""
    detector = ContactDetector()
    start = time.perf_counter()
    for _, sample, depth_um, current_ma, speed_rpm, asked_rpm in samples:
        detector.feed(sample, depth_um, current_ma, speed_rpm, asked_rpm)
    mean = (time.perf_counter() - start) / len(samples)
    detector, greatest = ContactDetector(), 0.0
    for _, sample, depth_um, current_ma, speed_rpm, asked_rpm in samples:
        before = time.perf_counter()
        detector.feed(sample, depth_um, current_ma, speed_rpm, asked_rpm)
        greatest = max(greatest, time.perf_counter() - before)
    return 1e6 * mean, 1e6 * greatest


def main() -> int:
    """Judge every condition, print a line for each, and one to close."""
    if "--plots" in sys.argv[1:]:
        for path in passes_plots.draw_all(ROOT / "docs" / "images"):
            print(path.relative_to(ROOT))
        return 0
    means = [cost_us(make_trace(SEED, JUDGED, STROKES).samples) for _ in range(3)]
    mean_us, greatest_us = min(mean for mean, _ in means), min(greatest for _, greatest in means)
    names = list(conditions(JUDGED, judged=True))
    jobs = [(name, SEED + 1000 * number + 17 * trace) for number, name in enumerate(names) for trace in range(TRACES)]
    scores = {name: Score() for name in names}
    right: dict[Style, int] = dict.fromkeys(MARK_SHARE, 0)
    zones: dict[Style, int] = dict.fromkeys(MARK_SHARE, 0)
    with multiprocessing.Pool() as pool:
        for (name, _), (truth, found) in zip(jobs, pool.imap(strokes_of, jobs), strict=True):
            scores[name].add(truth, found)
        work = [(style, SEED + 100_000 + 13 * number) for style in MARK_SHARE for number in range(TREATMENTS)]
        for (style, _), (true, counted) in zip(work, pool.imap(passes_of, work), strict=True):
            right[style] += sum(one == other for one, other in zip(true, counted, strict=True))
            zones[style] += len(true)
    print(f"{'condition':28} strokes  found  right     F1   edges off: half within, 95 %, 99 %")
    for name, score in scores.items():
        edges = "  ".join(f"{score.edge_ms(share):3} ms" for share in (0.5, 0.95, 0.99))
        print(f"{name:28} {score.true:7} {score.found:6} {score.right:6}  {score.f1:.4f}  {edges}")
    print(f"{'person':28}   zones  right count")
    for style in MARK_SHARE:
        print(f"{style:28} {zones[style]:7} {right[style]:6}  {right[style] / zones[style]:.4f}")
    print(f"one sample costs {mean_us:.2f} us, at most {greatest_us:.0f} us (where the motor has settled)")
    worst = min(scores, key=lambda name: scores[name].f1)
    least = min(right[style] / zones[style] for style in MARK_SHARE)
    edge_ms = max(score.edge_ms(0.95) for score in scores.values())
    kept = scores[worst].f1 >= F1_LEAST and least >= ZONES_LEAST and mean_us < COST_MOST_US
    print(
        f"strokes: F1 {scores[worst].f1:.4f} in the worst of {len(scores)} conditions ({worst}; limit {F1_LEAST}, both edges "
        f"within {BOUNDARY_MS} ms), 95 % of edges within {edge_ms} ms; passes: right in {100 * least:.1f} % of zones or more "
        f"(limit {100 * ZONES_LEAST:.0f} %); {mean_us:.2f} us a sample: {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
