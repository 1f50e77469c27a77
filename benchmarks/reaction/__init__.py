"""`pencontrol bench reaction`: from a sample over the limit to its STOP, ours beside a C program's, by a C pen.

What is measured, how, and how to read it: docs/reaction.md.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.reaction.conditions import SHORT_S, Plan, plans
from benchmarks.reaction.gates import verdict
from benchmarks.reaction.processes import Display, compile_all
from benchmarks.reaction.rig import Rig, measure
from benchmarks.registry import BenchError, Document, Options

HEADING = (
    f"{'run':<38}{'wire':<8}{'answers':>8}{'p50':>8}{'p99':>8}{'p99.9':>8}{'p99.99':>9}{'floor p50':>11}{'removed':>9}  passed"
)


def bench(options: Options) -> Document:
    """All runs one after the other. Raises BenchError when one cannot be made."""
    return bench_runs(options, plans(options.short))


def bench_runs(options: Options, chosen: list[Plan]) -> Document:
    """The given runs. Raises BenchError."""
    if not sys.platform.startswith("linux"):
        raise BenchError("bench reaction needs Linux: its pen asks for cores, priorities and ptys there")
    seconds = options.seconds if options.seconds is not None else SHORT_S if options.short else None
    done = []
    display = Display(any(plan.screen for plan in chosen))
    try:
        with tempfile.TemporaryDirectory(prefix="pencontrol-bench-") as folder:
            compile_all(Path(folder))
            for number, plan in enumerate(chosen, 1):
                options.tell(f"{number} of {len(chosen)}: {plan.name}, {plan.transport}")
                done.append((plan, measure(Rig(Path(folder), display, seconds), plan)))
    finally:
        display.close()
    runs = [run for _, run in done]
    return {"verdict": verdict(done), "full": all(run["enough_samples"] for run in runs), "runs": runs}


def lines(document: Document) -> list[str]:
    """One line a run, then what each run did not hold, then the verdict."""
    out = [HEADING]
    for run in document["runs"]:
        ours, floor = run["ours_clean_us"], run["floor_clean_us"]
        if not ours or not floor:
            out.append(f"{run['conditions']['name']:<38}{run['transport']:<8}       0  nothing was measured")
            continue
        figures = f"{ours['p50']:>8.0f}{ours['p99']:>8.0f}{ours['p999']:>8.0f}{ours['p9999']:>9.0f}{floor['p50']:>11.0f}"
        passed = "yes" if run["passed"] else "no" if run["conclusive"] else "inconclusive"
        told = f"{run['conditions']['name']:<38}{run['transport']:<8}{run['samples']:>8}{figures}"
        out.append(f"{told}{run['removed_share']:>9.2%}  {passed}{' (must not)' if run['negative_control'] else ''}")
    out.append("microseconds, witnessed stalls removed")
    for run in document["runs"]:
        out += [f"{run['conditions']['name']}, {run['transport']}: {sentence}" for sentence in run["broken_gates"]]
    short = "" if document["full"] else " (a short run: too few answers to establish the last percentiles)"
    return [*out, f"verdict: {document['verdict']}{short}"]
