"""The screen bench: figures and gates on made-up numbers, its stamps, its witness, and its way into the real screen."""

import copy
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import registry
from benchmarks.registry import BenchError, Options
from benchmarks.screen import gates, places, stops
from benchmarks.screen.conditions import FULL, FULL_PRESSES, FULL_S, plan_of
from benchmarks.screen.control import is_stop
from benchmarks.screen.figures import JUDGED_S, WARM_S, growth, intervals, judged, times_of
from benchmarks.screen.finger import is_stop_red
from benchmarks.screen.rig import Remote
from benchmarks.screen.stamps import DTYPE, StampReader, StampWriter, What
from benchmarks.screen.telling import lines
from benchmarks.screen.treating import told
from benchmarks.screen.wishes import Wishes
from firmware_protocol import messages
from firmware_protocol.link import Link
from firmware_protocol.stopping import REPEAT_NS, Stopping
from pencontrol.control.ring import create_ring
from pencontrol.runtime import Runtime
from ui.touch import happenings as h
from ui.touch import state as s
from ui.touch.records.page import SECTIONS
from ui.touch.rest import Lock
from ui.touch.theme import THEMES

ROOT = Path(__file__).parents[1]
MS = 1_000_000


# figures


def spans(*each: tuple[float, float]) -> Any:
    """(start, took) in ms."""
    return np.array([(int(start * MS), int((start + took) * MS)) for start, took in each], np.int64).reshape(-1, 2)


def test_percentiles_are_times_that_were_measured() -> None:
    found = times_of(np.arange(1, 1001) * MS)
    assert (found.n, found.p50, found.p95, found.p99, found.max) == (1000, 500.0, 950.0, 990.0, 1000.0)
    few = times_of(np.arange(1, 11) * MS)
    assert (few.p50, few.p95, few.p99) == (5.0, 10.0, 10.0)


def test_nothing_measured_passes_no_gate() -> None:
    document = made()
    document["treating"]["frame_interval_ms"] = vars(judged(spans(), spans())) | {"clean": vars(times_of(np.zeros(0, np.int64)))}
    assert any("frame interval" in sentence for sentence in gates.frame_gates(document["treating"]))


def test_a_long_frame_that_a_witness_explains_is_left_out_and_counted() -> None:
    frames = intervals(np.array([0, 16, 32, 72, 88], np.uint64) * MS)
    found = judged(frames, spans((40.0, 20.0)))
    assert (found.removed, found.removed_share) == (1, 0.25)
    assert (found.raw.max, found.clean.max) == (40.0, 16.0)


@pytest.mark.parametrize("stall", [(40.0, 5.0), (200.0, 20.0)], ids=["short", "elsewhere"])
def test_a_stall_that_is_too_short_or_elsewhere_excuses_nothing(stall: tuple[float, float]) -> None:
    frames = intervals(np.array([0, 16, 32, 72, 88], np.uint64) * MS)
    assert judged(frames, spans(stall)).clean.max == 40.0


def test_a_frame_of_the_usual_length_is_never_left_out() -> None:
    frames = intervals(np.arange(20, dtype=np.uint64) * 16 * MS)
    assert judged(frames, spans((0.0, 300.0))).removed == 0


def test_a_steady_leak_is_told_with_its_bounds() -> None:
    at_s = np.arange(0.0, 600.0, 2.0)
    found = growth(at_s, 90.0 + at_s * 50 / 86_400)
    assert found is not None
    assert found.low <= found.mb_a_day <= found.high
    assert found.mb_a_day == pytest.approx(50.0, abs=0.1)


def test_one_step_of_memory_is_no_leak() -> None:
    at_s = np.arange(0.0, 600.0, 2.0)
    found = growth(at_s, np.where(at_s > 400, 91.0, 90.0))
    assert found is not None
    assert found.low == 0.0
    warming = growth(at_s, 90.0 + np.minimum(at_s, WARM_S))
    assert warming is not None
    assert warming.mb_a_day == 0.0
    short = at_s[at_s < WARM_S + JUDGED_S - 10]
    assert growth(short, short) is None


def test_frames_and_ages_come_from_paints_with_a_trace() -> None:
    rows = np.zeros(5, DTYPE)
    for at, (what, start, end, about) in enumerate(
        [
            (What.TICK, 10, 11, 0),
            (What.PAINT, 11, 14, 9),
            (What.PAINT, 20, 21, 0),
            (What.TICK, 26, 27, 0),
            (What.PAINT, 28, 31, 24),
        ]
    ):
        rows[at] = (what, start * MS, end * MS, about * MS)
    found: Any = told(rows, spans())
    assert found["frames"] == 2
    assert found["frame_interval_ms"]["raw"]["max"] == 17.0
    assert found["sample_age_ms"]["raw"]["p50"] == 5.0
    assert found["sample_age_ms"]["raw"]["max"] == 7.0


# gates


def times(**figures: float) -> dict[str, Any]:
    each = {"n": 200, "p50": 1.0, "p95": 2.0, "p99": 3.0, "max": 4.0} | figures
    return {"raw": dict(each), "clean": each, "removed": 0, "removed_share": 0.0}


def made() -> dict[str, Any]:
    """A document that holds every gate by its edge."""
    treating = {
        "seconds": 600.0,
        "frames": 37_000,
        "frame_interval_ms": times(p99=20.0, max=50.0),
        "sample_age_ms": times(p99=15.0, max=60.0),
        "cpu_share": {"ui": 0.30, "control": 0.1, "recorder": 0.01, "pen": 0.06},
        "memory": {"growth": {"mb_a_day": 5.0, "low": 10.0, "high": 30.0, "samples": 200}},
    }
    peer = {"open_ms": 900.0, "pan_ms": {"p95": 80.0}, "memory_open_mb": 130.0, "memory_peak_mb": 420.0}
    records = {
        "samples": 4_500_000,
        "open_ms": times(p95=500.0),
        "first_picture_ms": times(),
        "frame_gap_while_opening_ms": times(),
        "pan_ms": times(p95=33.0),
        "memory_open_mb": 80.0,
        "memory_peak_mb": 100.0,
        "peers": {"raw": peer},
    }
    start = {
        "first_paint_ms": times(p95=400.0),
        "stop_at_first_paint_ms": times(max=40.0),
        "watched_s": 5.0,
        "frame_gap_after_paint_ms": {"max": 20.0},
    }
    stop = [times(p99=15.0, max=40.0) | {"place": "setup", "pen": "at rest", "asked": 200, "unanswered": 0, "moved_away": 0}]
    return {"treating": treating, "records": records, "start": start, "stop": stop, "back": {"truth_ms": times(p95=1500.0)}}


def broken(document: dict[str, Any]) -> list[str]:
    return [
        *gates.frame_gates(document["treating"]),
        *gates.stop_gates(document["stop"]),
        *gates.start_gates(document["start"]),
        *gates.back_gates(document["back"]),
        *gates.record_gates(document["records"]),
    ]


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("treating", "frame_interval_ms", "clean", "p99"), 20.1, "frame interval p99"),
        (("treating", "frame_interval_ms", "clean", "max"), 50.1, "longest frame interval"),
        (("treating", "sample_age_ms", "clean", "p99"), 15.1, "sample age"),
        (("treating", "cpu_share", "ui"), 0.302, "share of a core"),
        (("treating", "memory", "growth", "low"), 10.1, "growth"),
        (("stop", 0, "clean", "p99"), 15.1, "STOP on setup: contact to wire p99"),
        (("stop", 0, "clean", "max"), 40.1, "longest from contact to wire"),
        (("stop", 0, "unanswered"), 1, "1 of 200 presses put no frame on the wire"),
        (("start", "first_paint_ms", "clean", "p95"), 400.1, "first paint"),
        (("start", "stop_at_first_paint_ms", "clean", "max"), 40.1, "at the first paint"),
        (("back", "truth_ms", "clean", "p95"), 1500.1, "back with the truth"),
        (("records", "open_ms", "clean", "p95"), 500.1, "opening 75 minutes"),
        (("records", "pan_ms", "clean", "p95"), 33.1, "panning"),
        (("records", "memory_peak_mb"), 100.1, "memory"),
        (("records", "pan_ms", "clean", "p95"), float("nan"), "panning"),
    ],
)
def test_each_gate_by_its_edge(path: tuple[Any, ...], value: float, word: str) -> None:
    document = made()
    assert broken(document) == []
    part: Any = document
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    (sentence,) = broken(document)
    assert word in sentence


def test_few_presses_are_judged_by_their_maximum_alone() -> None:
    document = made()
    document["stop"][0]["clean"] |= {"n": 40, "p99": 39.0, "max": 39.0}
    assert broken(document) == []


def test_a_page_that_cannot_be_reached_is_no_pass() -> None:
    document = made()
    document["stop"][0] |= vars(judged(spans(), spans())) | {"raw": {"n": 0}}
    assert broken(document) == ["STOP on setup: could not be reached, nothing was measured"]


def test_too_few_presses_are_no_pass() -> None:
    document = made()
    document["stop"][0]["asked"] = 201
    assert broken(document) == ["STOP on setup: pressed 200 times of 201"]


def test_stop_is_pressed_on_every_page_panel_and_section() -> None:
    """A page, panel or section that somebody adds is pressed too, or this fails; its tabs are held against the running screen."""
    assert {place.page for place in places.EVERY} == {page.value for page in h.Page}
    laid = {(place.page, place.panel) for place in places.EVERY}
    for panel in h.Panel:
        for page in h.Page:
            if page not in h.VISITS and s.HOMES.get(panel, page) is page and panel is not h.Panel.KEYPAD:
                assert (page.value, panel.value) in laid
    assert {place.panel for place in places.SETUP} == {"NONE", "KEYPAD", "ALARMS", "MORE"}
    assert {place.section for place in places.RECORDS} == {"list", "search", *SECTIONS}
    assert {place.lid for place in places.EVERY} == {lock.value for lock in Lock if lock is not Lock.NONE} | {""}
    running = {(place.page, place.running) for place in places.EVERY if place is not places.FROZEN}
    assert running == {(page.value, page is h.Page.TREAT) for page in h.Page}  # elsewhere the pen cannot run
    names = [place.name for place in places.EVERY]
    assert len(set(names)) == len(names)


def test_a_short_run_says_nothing_about_a_day() -> None:
    document = made()
    document["treating"]["memory"]["growth"]["low"] = 500.0
    document["treating"]["seconds"] = 20.0
    assert broken(document) == []


def test_more_than_five_per_cent_left_out_is_never_a_pass() -> None:
    document = made()
    assert gates.too_many_removed(document) == []
    document["treating"]["sample_age_ms"]["removed_share"] = 0.051
    document["stop"][0]["removed"] = 11
    unclear = gates.too_many_removed(document)
    assert len(unclear) == 2
    seen = [{"broken_gates": ["noticed"]}]
    assert gates.verdict([], seen, unclear) == "INCONCLUSIVE"
    assert gates.verdict(["slow"], seen, unclear) == "FAIL"


def test_a_broken_screen_that_passes_fails_the_bench() -> None:
    assert gates.verdict([], [{"broken_gates": ["noticed"]}, {"broken_gates": ["noticed"]}], []) == "PASS"
    assert gates.verdict([], [{"broken_gates": ["noticed"]}, {"broken_gates": []}], []) == "FAIL"


def test_the_words_for_a_person() -> None:
    document = copy.deepcopy(made())
    document["treating"]["frame_interval_ms"] |= {"removed": 3, "raw": {"n": 9, "p99": 44.0, "max": 88.0}}
    document |= {
        "verdict": "FAIL",
        "full": False,
        "broken_gates": ["panning p95 is 40.0 ms, allowed are 33.0 ms"],
        "unclear": [],
        "conditions": {"display": "Xvfb, 1280x800"},
        "negative_controls": [{"name": "asleep", "broken_gates": []}],
    }
    said = "\n".join(lines(document))
    assert "(3 left out; raw p99 44.0, max 88.0)" in said
    assert "broken on purpose, asleep: NOT NOTICED" in said
    assert "not held: panning p95 is 40.0 ms" in said
    assert said.endswith("verdict: FAIL (a short run: too little to establish the last percentiles)")


def test_a_bench_is_as_long_as_was_asked() -> None:
    assert plan_of(Options()) == FULL
    assert FULL.full
    assert (FULL.treat_s, FULL.presses) == (FULL_S, FULL_PRESSES)
    short = plan_of(Options(short=True))
    assert (short.treat_s, short.presses, short.full) == (20.0, 20, False)
    assert plan_of(Options(seconds=FULL_S, short=True)).full
    assert plan_of(Options(seconds=0.5)).presses == 5
    assert "screen" in registry.names()


# what is stamped


def test_stamps_are_read_as_they_were_written(tmp_path: Path) -> None:
    writer = StampWriter(tmp_path / "log", 3)
    with closing(StampReader(tmp_path / "log")) as reader:
        assert reader.count == 0
        writer.put(What.TICK, 1, 2)
        writer.put(What.PAINT, 3, 4, 5)
        assert reader.count == 2
        assert not reader.full
        assert reader.rows().tolist() == [(What.TICK, 1, 2, 0), (What.PAINT, 3, 4, 5)]
        assert reader.of(What.PAINT, 1)["about"].tolist() == [5]
        writer.put(What.WIRE, 6, 6)
        writer.put(What.WIRE, 7, 7)  # no room any more
        assert reader.full
        assert reader.count == 3


def test_what_is_measured_carries_nothing_of_the_bench() -> None:
    names = ("sqlalchemy", "benchmarks.screen.whole", "benchmarks.screen.records")
    code = f"import sys, benchmarks.screen.control, benchmarks.screen.touch; print(*(name in sys.modules for name in {names}))"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert seen.stdout.split() == ["False"] * 3, seen.stderr


def test_every_frame_of_a_stop_is_known_and_no_other() -> None:
    stopping, link = Stopping(), Link(7)
    for session in (1, 255):
        assert is_stop(stopping.begin(messages.STOP_OPERATOR, session, 1, 0))
        assert is_stop(stopping.repeat(REPEAT_NS))
        stopping.pending = False
    hello = link.poll(0)
    assert hello
    assert not is_stop(hello)
    assert not is_stop(link.drive(messages.Drive(1, 200, 5, 3, messages.MODE_TREAT, 1000, 750, 6800, 100, 3)))
    assert not is_stop(b"")


def test_stop_is_the_only_red() -> None:
    def colour(text: str) -> tuple[int, int, int]:
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)

    for theme in THEMES.values():
        assert is_stop_red(colour(theme.stop))
        for other in (theme.ground, theme.card, theme.on_stop, theme.text, theme.medium, theme.low):
            assert not is_stop_red(colour(other))


def test_the_witness_notices_that_it_stood_still(tmp_path: Path) -> None:
    from benchmarks.screen.processes import Witnesses

    try:
        witnesses = Witnesses(tmp_path)
    except BenchError as error:
        pytest.skip(f"NOT TESTED: {error}")
    with closing(witnesses):
        for process in witnesses._processes:
            process.send_signal(signal.SIGSTOP)
        began_ns = time.monotonic_ns()
        time.sleep(0.006)
        for process in witnesses._processes:
            process.send_signal(signal.SIGCONT)
        limit = time.monotonic() + 5
        stalls = witnesses.stalls()
        while not len(long := stalls[stalls[:, 1] - stalls[:, 0] > 3 * MS]) and time.monotonic() < limit:
            time.sleep(0.01)
            stalls = witnesses.stalls()
    assert len(long)
    assert (long[:, 1] > began_ns).all()


# the way into the real screen


@pytest.fixture(scope="module")
def screen() -> Iterator[tuple[Remote, Wishes]]:
    """The bench's entry of the screen, offscreen, at a chair where nobody sits; its ticks are slow on purpose."""
    with tempfile.TemporaryDirectory(prefix="pencontrol-bench-") as name:
        wishes = Wishes(name, 2000, slow_tick_ms=60.0)
        runtime = Runtime(Path(name))
        create_ring(runtime.ring)
        os.mkfifo(runtime.stop_pipe)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.screen.touch", "--runtime", name, "--home", name],
            cwd=ROOT,
            env=os.environ | wishes.environment() | {"QT_QPA_PLATFORM": "offscreen"},
        )
        try:
            with closing(_connected(process, wishes)) as remote:
                yield remote, wishes
        finally:
            process.kill()
            process.wait()


def _connected(process: subprocess.Popen[bytes], wishes: Wishes) -> Remote:
    limit = time.monotonic() + 30
    while True:
        try:
            return Remote(wishes.line)
        except OSError:
            assert process.poll() is None, "the screen ended"
            assert time.monotonic() < limit
            time.sleep(0.02)


def test_the_real_screen_stamps_its_frames(screen: tuple[Remote, Wishes]) -> None:
    remote, wishes = screen
    x, y, width, height = remote.ask("where")["stop"]
    assert (width, height) == (261, 261)
    assert (x, y) > (900, 400)
    with closing(StampReader(wishes.screen_log)) as stamps:
        limit = time.monotonic() + 20
        while len(ticks := stamps.of(What.TICK)) < 90:
            assert time.monotonic() < limit
            time.sleep(0.05)
        took = (ticks["end_ns"] - ticks["start_ns"]) / MS
        assert (took >= 60).sum() >= 1  # asleep once a second, as it was told to
        assert len(stamps.of(What.PAINT))


class Seat:
    """As much of `rig.Bench` as going somewhere takes."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    def until(self, condition: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, what
            time.sleep(0.02)


def test_the_bench_goes_where_it_wants(screen: tuple[Remote, Wishes]) -> None:
    """Wherever the screen can be without a pen, panels with something in them and locks included; and back."""
    remote, _ = screen
    seat: Any = Seat(remote)
    assert tuple(remote.ask("state")["tabs"]) == places.TABS
    for place in (*places.PREPARE, *places.SETUP, *places.LOCKED, *places.RECORDS[:2]):
        remote.ask("ask", what="free")
        stops.go(seat, place)
        state = remote.ask("state")
        assert (state["page"], state["panel"], state["lid"]) == (place.page, place.panel, place.lid), place
        assert not place.section or state["section"] == place.section, place
    remote.ask("section", section="replay")
    assert remote.ask("track") == {"samples": 0, "missing": 0}
    remote.ask("ask", what="free")
    remote.ask("page", page="")
    assert remote.ask("state")["lid"] == ""
