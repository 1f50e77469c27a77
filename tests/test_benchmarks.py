"""The reaction bench: figures and gates on made-up numbers, the machinery end to end; and the grants it withholds."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import registry
from benchmarks.reaction import bench_runs, lines
from benchmarks.reaction.conditions import ANSWERS_P999, ANSWERS_P9999, PRIVILEGED, Plan, plans
from benchmarks.reaction.figures import CORE_TICK, FLOOR, OURS, RECORD, TICK, UNANSWERED, figures, percentiles, read_log
from benchmarks.reaction.gates import broken, conclusive, enough, verdict
from benchmarks.reaction.processes import compile_all, end, start_witness
from benchmarks.registry import BenchError, Options
from pencontrol.control import grants
from pencontrol.control.grants import Grants

ROOT = Path(__file__).parents[1]
MS = 1_000_000
US = 1_000


# figures


def log(*rows: tuple[int, float, float]) -> Any:
    """(what, start in ms, took in ms) as the pen writes it."""
    return np.array([(what, 0, int(start * MS), int(took * MS)) for what, start, took in rows], dtype=RECORD)


def quiet(count: int, from_ms: float = 0.0) -> list[tuple[int, float, float]]:
    """Answers of 50 us (ours) and 20 us (floor), half a period apart."""
    ours = [(OURS, from_ms + n, 0.05) for n in range(count)]
    return ours + [(FLOOR, from_ms + n + 0.5, 0.02) for n in range(count)]


def test_a_percentile_is_a_time_that_was_measured() -> None:
    told = percentiles(np.arange(1, 1001, dtype=np.uint64) * US)
    assert told == {"p50": 500.0, "p99": 990.0, "p999": 999.0, "p9999": 1000.0, "max": 1000.0}
    assert percentiles(np.array([], dtype=np.uint64)) == {}


def test_a_quiet_run_keeps_every_answer() -> None:
    found = figures(log(*quiet(100)), floor_is_witness=True)
    assert (found.samples, found.floor_samples, found.removed_share, found.unexplained_over_1ms) == (100, 100, 0.0, 0)
    assert found.ours_us == found.ours_clean_us
    assert found.ours_us["p50"] == 50.0
    assert found.floor_us["p50"] == 20.0


@pytest.mark.parametrize(
    "witness",
    [(TICK, 200.5, 9.5), (FLOOR, 200.5, 9.6), (CORE_TICK, 200.2, 9.9)],
    ids=["pen's timer", "C channel", "timer on control's core"],
)
def test_a_stall_that_a_witness_saw_is_left_out_and_counted(witness: tuple[int, float, float]) -> None:
    found = figures(log(*quiet(99), (OURS, 200.0, 10.1), witness), floor_is_witness=True)
    assert found.removed_share == pytest.approx(0.01)
    assert found.unexplained_over_1ms == 0
    assert found.ours_us["max"] == 10100.0  # raw figures keep it
    assert found.ours_clean_us["max"] == 50.0


def test_the_backlog_of_a_stall_belongs_to_it() -> None:
    rows = [(OURS, 200.0 + n, 10.0 - n + 0.15 * (n + 1)) for n in range(10)]  # judged one after the other once it is over
    found = figures(log(*quiet(990, from_ms=1000.0), *rows, (TICK, 200.0, 10.0)), floor_is_witness=True)
    assert found.removed_share == pytest.approx(0.01)
    assert found.unexplained_over_1ms == 0


def test_a_slow_answer_without_a_witness_stays() -> None:
    found = figures(log(*quiet(99), (OURS, 200.0, 10.0)), floor_is_witness=True)
    assert (found.removed_share, found.unexplained_over_1ms) == (0.0, 1)
    assert found.ours_clean_us["max"] == 10000.0
    assert found.worst[0] == {"at_s": 0.2, "us": 10000.0, "left_us": 10000.0}


def test_the_timer_on_the_core_sees_what_is_over_before_the_floors_sample_leaves() -> None:
    """0.45 ms from 0.1 ms after ours left on: the C channel answers as ever."""
    rows = [*quiet(99), (OURS, 200.0, 0.6), (FLOOR, 200.5, 0.07)]
    assert figures(log(*rows), floor_is_witness=True).removed_share == 0.0
    found = figures(log(*rows, (CORE_TICK, 200.2, 0.35)), floor_is_witness=True)
    assert found.removed_share == pytest.approx(0.01)
    assert figures(log(*rows, (CORE_TICK, 200.2, 0.09)), floor_is_witness=True).removed_share == 0.0, "no more than a wake-up"


def test_the_timer_on_the_core_explains_its_own_time_and_no_more() -> None:
    rows = [*quiet(99), (OURS, 200.0, 1.3)]
    assert figures(log(*rows, (CORE_TICK, 200.2, 0.2)), floor_is_witness=True).unexplained_over_1ms == 1
    assert figures(log(*rows, (CORE_TICK, 200.2, 0.25)), floor_is_witness=True).unexplained_over_1ms == 0


def test_a_short_stall_does_not_excuse_a_long_answer() -> None:
    found = figures(log(*quiet(99), (OURS, 200.0, 50.0), (TICK, 210.0, 0.4)), floor_is_witness=True)
    assert (found.removed_share, found.unexplained_over_1ms) == (0.0, 1)


@pytest.mark.parametrize(
    ("took_ms", "held_ms", "unexplained"),
    [(1.1, 0.3, 0), (1.1, 0.19, 1), (3.0, 1.55, 1), (3.0, 1.61, 0), (1.0, 0.0, 0)],
)
def test_over_1_ms_is_explained_when_1_ms_is_left_without_the_witnessed_time(
    took_ms: float, held_ms: float, unexplained: int
) -> None:
    found = figures(log(*quiet(99), (OURS, 200.0, took_ms), (FLOOR, 200.5, held_ms)), floor_is_witness=True)
    assert found.unexplained_over_1ms == unexplained  # a stall counts with a quarter for the backlog


def test_a_floor_that_stands_in_line_behind_control_is_no_witness() -> None:
    rows = log(*quiet(99), (OURS, 200.0, 10.0), (FLOOR, 200.5, 9.6))
    found = figures(rows, floor_is_witness=False)
    assert (found.removed_share, found.unexplained_over_1ms) == (0.0, 1)


def test_the_floor_is_not_its_own_witness() -> None:
    alone = figures(log(*quiet(99), (FLOOR, 200.5, 3.0)), floor_is_witness=True)
    assert (alone.floor_clean_us["max"], alone.floor_unexplained_over_1ms) == (3000.0, 1)
    seen = figures(log(*quiet(99), (OURS, 200.0, 3.5), (FLOOR, 200.5, 3.0)), floor_is_witness=True)
    assert (seen.floor_clean_us["max"], seen.floor_unexplained_over_1ms, seen.unexplained_over_1ms) == (20.0, 0, 0)
    timer = figures(log(*quiet(99), (FLOOR, 200.5, 3.0), (TICK, 200.5, 2.0)), floor_is_witness=False)
    assert timer.floor_unexplained_over_1ms == 0


def test_an_answer_that_never_came_is_an_answer_of_its_full_wait() -> None:
    found = figures(log(*quiet(99), (OURS | UNANSWERED, 200.0, 500.0)), floor_is_witness=True)
    assert (found.samples, found.unanswered, found.unexplained_over_1ms) == (100, 1, 1)
    assert found.ours_us["max"] == 500_000.0


def test_an_empty_log_measures_nothing() -> None:
    found = figures(log(), floor_is_witness=True)
    assert found.samples == 0
    assert broken(Plan("x", "pty", "judged"), vars(found)) == ["nothing was measured"]


# gates

GOOD = {"p50": 60.0, "p99": 150.0, "p999": 400.0, "p9999": 700.0, "max": 900.0}
GOOD_FLOOR = {"p50": 25.0, "p99": 120.0, "p999": 300.0, "p9999": 500.0, "max": 700.0}


def run_of(**changes: Any) -> dict[str, Any]:
    run: dict[str, Any] = {"samples": ANSWERS_P9999, "unanswered": 0, "removed_share": 0.01, "unexplained_over_1ms": 0}
    run |= {"ours_clean_us": dict(GOOD), "floor_clean_us": dict(GOOD_FLOOR)}
    for name, value in changes.items():
        if name in GOOD:
            run["ours_clean_us"][name] = value
        else:
            run[name] = value
    return run


@pytest.mark.parametrize(
    ("transport", "changes", "word"),
    [
        ("pty", {}, ""),
        ("socket", {}, ""),
        ("pty", {"p50": 105.0}, ""),
        ("pty", {"p50": 105.1}, "p50"),
        ("pty", {"p99": 300.0}, ""),
        ("pty", {"p99": 300.1}, "p99 "),
        ("socket", {"p99": 200.1}, "p99 "),
        ("pty", {"p999": 900.1}, "p99.9 "),
        ("socket", {"p999": 900.1}, "p99.9 "),
        ("pty", {"p9999": 2500.1}, "p99.99"),
        ("socket", {"p9999": 750.1}, "p99.99"),
        ("pty", {"p9999": 751.0}, ""),
        ("pty", {"unexplained_over_1ms": 1}, "no witness"),
        ("pty", {"unanswered": 1}, "no answer"),
        ("pty", {"p99": float("nan")}, "p99 "),
    ],
)
def test_each_gate_by_its_edge(transport: Any, changes: dict[str, Any], word: str) -> None:
    sentences = broken(Plan("x", transport, "judged"), run_of(**changes))
    assert bool(sentences) is bool(word)
    assert word in " ".join(sentences)


def test_p999_on_the_pty_has_a_ceiling_whatever_the_floor_does() -> None:
    floor = GOOD_FLOOR | {"p999": 5000.0}
    assert broken(Plan("x", "pty", "judged"), run_of(p999=2600.0, floor_clean_us=floor))
    assert not broken(Plan("x", "socket", "judged"), run_of(p999=2600.0, floor_clean_us=floor))


def test_without_privilege_only_p99_counts() -> None:
    plan = Plan("x", "pty", "no privilege")
    assert not broken(plan, run_of(p50=400.0, p99=500.0, p9999=9000.0, unexplained_over_1ms=7))
    assert broken(plan, run_of(p99=500.1))


def test_more_than_five_per_cent_removed_is_never_a_pass() -> None:
    assert conclusive(run_of(removed_share=0.05))
    assert not conclusive(run_of(removed_share=0.0501))
    judged = Plan("x", "pty", "judged")
    assert verdict([(judged, run_of(removed_share=0.06, passed=False))]) == "INCONCLUSIVE"


def test_the_verdict_needs_every_judged_run_and_every_negative_control() -> None:
    judged, control, told = Plan("a", "pty", "judged"), Plan("b", "pty", "negative control"), Plan("c", "pty", "told")
    passed, failed = run_of(passed=True), run_of(passed=False)
    assert verdict([(judged, passed), (control, failed), (told, failed)]) == "PASS"
    assert verdict([(judged, failed), (control, failed)]) == "FAIL"
    assert verdict([(judged, passed), (control, passed)]) == "FAIL"  # a gate that lets this through measures nothing
    assert verdict([(judged, passed), (control, run_of(removed_share=0.5, passed=False))]) == "INCONCLUSIVE"
    assert verdict([(judged, failed), (control, run_of(removed_share=0.5, passed=False))]) == "FAIL"


def test_a_short_run_says_that_it_is_one() -> None:
    assert enough(Plan("x", "pty", "judged", ANSWERS_P9999), run_of())
    assert not enough(Plan("x", "pty", "judged", ANSWERS_P9999), run_of(samples=ANSWERS_P999))
    assert enough(Plan("x", "pty", "told"), run_of(samples=ANSWERS_P999))


def test_the_runs_are_those_that_were_asked_for() -> None:
    every = plans(short=False)
    judged = [plan for plan in every if plan.role == "judged"]
    assert {(plan.transport, plan.answers) for plan in judged} == {("pty", 240_000), ("socket", 240_000)}
    controls = [plan for plan in every if plan.role == "negative control"]
    assert {(plan.in_screen, plan.commit_s) for plan in controls} == {(True, 0.0), (False, 0.05)}
    assert {plan.withheld for plan in every if plan.role == "no privilege"} == {PRIVILEGED}
    for transport in ("pty", "socket"):
        told = [plan for plan in every if plan.role == "told" and plan.transport == transport]
        assert {plan.withheld for plan in told} >= {("core",), ("idle states",), ("priority",)}
        assert [plan.hogs for plan in told if plan.hogs] == [2]
    assert {plan.role for plan in plans(short=True)} == {"judged", "no privilege", "negative control"}


# the machinery


@pytest.fixture(scope="module")
def short_runs() -> dict[str, Any]:
    """2 s as granted and 2 s with a slow commit in control's thread, over a pty, without a screen."""
    if sys.platform != "linux":
        pytest.skip("NOT TESTED: the reaction bench runs on Linux only")
    if shutil.which("gcc") is None:
        pytest.skip("NOT TESTED: no gcc on this machine, so no pen and no floor for the reaction bench")
    granted = Plan("as granted", "pty", "judged", screen=False)
    slow = Plan("slow commit", "pty", "negative control", screen=False, commit_s=0.05)
    return bench_runs(Options(seconds=2.0), [granted, slow])


def test_a_short_run_measures_both_channels(short_runs: dict[str, Any]) -> None:
    granted = short_runs["runs"][0]
    assert granted["samples"] > 100
    assert 0 < granted["floor_us"]["p50"] < granted["ours_us"]["p50"]
    for name in ("floor_us", "ours_us", "ours_clean_us", "floor_clean_us"):
        assert set(granted[name]) == {"p50", "p99", "p999", "p9999", "max"}
    keys = {"transport", "conditions", "removed_share", "unexplained_over_1ms", "negative_control", "passed"}
    assert keys <= set(granted)
    assert {"ui", "recorder", "core", "idle_states", "fifo", "hogs"} <= set(granted["conditions"])
    assert set(granted["control"]) == {"cpu_share", "waited_for_core_ms", "page_faults"}
    fifo = granted["conditions"]["fifo"].startswith("FIFO")
    assert granted["conditions"]["witnesses"] == ["pen's timer"] + ["C channel", "timer on control's core"] * fifo
    assert granted["negative_control"] is False
    assert short_runs["verdict"] in ("PASS", "FAIL", "INCONCLUSIVE")
    assert short_runs["full"] is False


def test_the_witness_notes_that_it_could_not_run(tmp_path: Path) -> None:
    if sys.platform != "linux" or shutil.which("gcc") is None:
        pytest.skip("NOT TESTED: the bench's witness needs Linux and gcc")
    compile_all(tmp_path)
    witness = start_witness(tmp_path / "witness", max(os.sched_getaffinity(0)), tmp_path / "log")
    time.sleep(0.3)
    if witness.poll() is not None:
        pytest.skip("NOT TESTED: no right to SCHED_FIFO or locked memory, so no timer on control's core")
    witness.send_signal(signal.SIGSTOP)
    time.sleep(0.05)
    witness.send_signal(signal.SIGCONT)
    time.sleep(0.05)
    end(witness)
    seen = read_log(tmp_path / "log")
    assert set(seen["what"]) == {CORE_TICK}
    assert seen["took_ns"].max() > 49_000_000, "the time it was held up, from its tick on"


def test_the_gates_refuse_a_slow_commit(short_runs: dict[str, Any]) -> None:
    slow = short_runs["runs"][1]
    assert slow["negative_control"] is True
    assert slow["passed"] is False
    assert slow["ours_us"]["p99"] > 10_000  # 50 ms in every second
    assert any("p99 " in sentence for sentence in slow["broken_gates"])


def test_the_words_for_a_person(short_runs: dict[str, Any]) -> None:
    told = "\n".join(lines(short_runs))
    assert "slow commit, pty: p99 is" in told
    assert told.endswith("too few answers to establish the last percentiles)")


def test_benchmarks_are_found_by_name() -> None:
    assert "reaction" in registry.names()
    assert "registry" not in registry.names()
    with pytest.raises(BenchError, match=r"there is no benchmark 'speed'; there are .*reaction"):
        registry.load("speed")


def test_an_unknown_benchmark_is_one_sentence() -> None:
    command = [sys.executable, "-m", "ui.cli.main", "bench", "speed"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stderr.startswith("there is no benchmark 'speed'")
    assert told.stdout == ""


# grants

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED: grants are asked for on Linux only")


class Kernel:
    """Takes every call and grants it, or refuses it with `error`."""

    def __init__(self, error: OSError | None = None) -> None:
        self.error = error
        self.calls: list[str] = []

    def call(self, name: str, result: Any = None) -> Any:
        def asked(*arguments: Any) -> Any:
            self.calls.append(name)
            if self.error is not None:
                raise self.error
            return result

        return asked


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kernel:
    import resource
    import signal

    fake = Kernel()
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1})
    monkeypatch.setattr(os, "sched_setaffinity", fake.call("core"))
    monkeypatch.setattr(os, "sched_setscheduler", fake.call("priority"))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: fake.calls.append(f"limit {limits}"))
    monkeypatch.setattr(signal, "signal", lambda number, handler: fake.calls.append(f"handler {number.name}"))
    monkeypatch.setattr(grants, "lock_memory", lambda: "refused: for this test")
    monkeypatch.setattr(grants, "DMA_LATENCY", tmp_path / "cpu_dma_latency")
    return fake


@LINUX
def test_every_grant_is_tried_and_says_what_came_of_it(kernel: Kernel) -> None:
    (grants.DMA_LATENCY).write_bytes(b"")
    asked = Grants()
    assert set(asked.words.values()) == {"not asked for yet"}
    words = asked.words
    asked.take()
    assert words == {"core": "core 1", "idle states": "not held", "priority": "FIFO 10", "memory": "refused: for this test"}
    asked.armed(True)
    assert words["idle states"] == "held off while armed"
    assert grants.DMA_LATENCY.read_bytes() == bytes(4)
    asked.armed(False)
    assert words is asked.words  # who holds the words sees them change


@LINUX
def test_handler_and_limit_come_before_fifo(kernel: Kernel) -> None:
    Grants(withheld=("core", "memory", "idle states")).take()
    assert kernel.calls == ["handler SIGXCPU", "limit (200000, 1000000)", "priority"]


@LINUX
def test_a_refusal_is_told_in_the_systems_words(kernel: Kernel) -> None:
    kernel.error = PermissionError(1, "Operation not permitted")
    asked = Grants()
    asked.take()
    asked.armed(True)
    assert asked.words["core"] == "refused: Operation not permitted"
    assert asked.words["priority"] == "refused: Operation not permitted"
    assert asked.words["idle states"] == "refused: No such file or directory"


@LINUX
def test_what_is_withheld_is_not_even_tried(kernel: Kernel) -> None:
    asked = Grants(withheld=grants.NAMES)
    asked.take()
    asked.armed(True)
    assert kernel.calls == []
    assert set(asked.words.values()) == {"withheld"}


def test_a_grant_that_does_not_exist_cannot_be_withheld() -> None:
    with pytest.raises(ValueError, match="no such grant: speed"):
        Grants(withheld=("speed",))


FOR_REAL = """
import os, threading, time
from pencontrol.control.grants import Grants
asked = Grants(withheld=("core",))
asked.take()
print(asked.words["priority"])
print(os.sched_getscheduler(0) == os.SCHED_FIFO | os.SCHED_RESET_ON_FORK)
helper = threading.Thread(target=lambda: print(os.sched_getscheduler(0) == os.SCHED_OTHER))
helper.start(); helper.join()
print(asked.words["memory"])
end = time.monotonic() + 20
while asked.words["priority"] == "FIFO 10" and time.monotonic() < end:
    pass
print(asked.words["priority"])
print(os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_OTHER)
"""


@LINUX
def test_fifo_for_real_is_not_inherited_and_ends_with_a_spin() -> None:
    told = subprocess.run([sys.executable, "-c", FOR_REAL], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    priority, fifo, helper, memory, after, normal = told.stdout.splitlines()
    assert helper == "True"
    assert normal == "True"
    assert memory.startswith(("locked", "refused: "))
    if priority.startswith("refused: "):
        pytest.skip(f"NOT TESTED: FIFO is {priority} here")
    assert (priority, fifo) == ("FIFO 10", "True")
    assert after == "normal: FIFO 10 given up after 200 ms without a pause"
