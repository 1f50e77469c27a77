"""What a run must hold, and the verdict over all of them. Pure.

The figures come from what they mean: 7.5 ms is one needle cycle at 8000 rpm, 2.5 ms a third and 0.75 ms a tenth of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from benchmarks.reaction.conditions import ANSWERS_P999, ANSWERS_P9999, Plan

Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]
P50_OVER_FLOOR_US = 80.0
P99_US = {"pty": 300.0, "socket": 200.0}
P99_UNPRIVILEGED_US = 500.0
P999_FLOORS = 3.0
P999_PTY_US = 2500.0
P9999_US = {"pty": 2500.0, "socket": 750.0}
REMOVED_MOST = 0.05


def broken(plan: Plan, run: Mapping[str, Any]) -> list[str]:
    """The gates that `run` does not hold, one sentence each; all figures with witnessed stalls removed. Empty: it passes.

    Every run is held against the same gates, negative controls too; only without privilege p99 alone counts.
    """
    ours, floor = run["ours_clean_us"], run["floor_clean_us"]
    if not ours or not floor:
        return ["nothing was measured"]
    sentences = []

    def at_most(name: str, found: float, allowed: float) -> None:
        if not (found <= allowed):
            sentences.append(f"{name} is {found:.1f} us, allowed are {allowed:.1f} us")

    if run["unanswered"]:
        sentences.append(f"{run['unanswered']} samples beyond the limit had no answer")
    if plan.role == "no privilege":
        at_most("p99", ours["p99"], P99_UNPRIVILEGED_US)
        return sentences
    at_most("p50", ours["p50"], floor["p50"] + P50_OVER_FLOOR_US)
    at_most("p99", ours["p99"], P99_US[plan.transport])
    at_most("p99.9", ours["p999"], P999_FLOORS * floor["p999"])
    if plan.transport == "pty":
        at_most("p99.9", ours["p999"], P999_PTY_US)
    at_most("p99.99", ours["p9999"], P9999_US[plan.transport])
    if run["unexplained_over_1ms"]:
        sentences.append(f"{run['unexplained_over_1ms']} answers took over 1 ms and no witness explains it")
    return sentences


def conclusive(run: Mapping[str, Any]) -> bool:
    """May this run be judged at all? Not when more than 5 % of its answers were left out."""
    return bool(run["removed_share"] <= REMOVED_MOST)


def enough(plan: Plan, run: Mapping[str, Any]) -> bool:
    """Are there answers enough for the last percentile that is judged? With fewer, p99.99 is close to the maximum."""
    needed = ANSWERS_P9999 if plan.answers >= ANSWERS_P9999 else ANSWERS_P999
    return bool(run["samples"] >= needed)


def verdict(runs: Iterable[tuple[Plan, Mapping[str, Any]]]) -> Verdict:
    """FAIL: a run that decides does not pass, or a negative control does. INCONCLUSIVE: one of them cannot be judged."""
    kinds: set[Verdict] = set()
    for plan, run in runs:
        if plan.role == "told":
            continue
        if not conclusive(run):
            kinds.add("INCONCLUSIVE")
        elif (plan.role == "negative control") == bool(run["passed"]):
            kinds.add("FAIL")
    if "FAIL" in kinds:
        return "FAIL"
    return "INCONCLUSIVE" if kinds else "PASS"
