"""STOP pressed by XTEST on every page and panel, until its frame is on the wire. I/O.

`python -m benchmarks.screen.stops [--presses N] [--only WORD] [--home FOLDER]` measures only this.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.reaction.processes import Display
from benchmarks.record.made import SESSION
from benchmarks.registry import BenchError, Document
from benchmarks.screen import gates
from benchmarks.screen.figures import as_told, judged
from benchmarks.screen.places import CLOSED, EVERY, OPENING, Place
from benchmarks.screen.processes import Witnesses
from benchmarks.screen.records import SAMPLES
from benchmarks.screen.rig import Bench, Practitioner, chair
from benchmarks.screen.store import make_store
from pencontrol.control.snapshot import Snapshot, State
from sessions.store import FILE_NAME

ANSWER_S = 1.0
LOOK_S = 0.0003
DOWN_S = 0.012  # a light tap
FRAME_S = 0.016
START_S = 10.0
START_AGAIN_S = 0.3  # control lets a START wait 0.2 s for the needles to come home
RUN_S = 0.06  # the pen runs so long, and up to a frame more, before the next press
TURN_S = 0.003
OPENING_S = 2.5  # presses within this after the row was touched: reading and showing, and the beginning of the verification
REACH_S = 5.0
SETTLE_S = 0.2
VERIFIED_S = 120.0
CALM_S = 0.5
AT_REST = (State.CONNECTED, State.READY, State.PAUSED)


class Presser:
    """Goes to each place, presses, and keeps count."""

    def __init__(self, bench: Bench, witnesses: Witnesses, presses: int, tell: Callable[[str], None]) -> None:
        self._bench, self._witnesses, self._presses, self._tell = bench, witnesses, presses, tell
        self._chance = Random(1)
        self._stop = bench.stop_place
        self._took: list[tuple[int, int]] = []
        self._unanswered = self._latched = self._moved = 0
        self.told: list[Document] = []

    def at(self, place: Place, person: Practitioner | None = None) -> None:
        """Press there; back to it when a press has led away. A place that cannot be reached has no figures: no gate passes."""
        began_s = self._begin()
        if self._reached(place, True):
            for number in range(self._presses):
                if not self._is_at(place):
                    self._moved += number > 0
                    self._reached(place, False)
                if place.running and person is not None:
                    self._run(person)
                self._press(FRAME_S)
        self._end(place, began_s)

    def while_opening(self, place: Place) -> None:
        """Press again and again while the long session opens, as often as it takes."""
        began_s = self._begin()
        bench = self._bench
        bench.remote.ask("ask", what="free")
        go(bench, place)  # once before: the first time reads modules too
        while len(self._took) < self._presses:
            bench.remote.ask("page", page="RECORDS")
            bench.remote.ask("open", session=SESSION, section=place.section)
            until_s = time.monotonic() + OPENING_S
            while time.monotonic() < until_s and len(self._took) < self._presses:
                self._press(FRAME_S * 4)
            verified(bench)
        self._end(place, began_s)

    def _begin(self) -> float:
        self._took.clear()
        self._unanswered = self._latched = self._moved = 0
        return time.monotonic()

    def _end(self, place: Place, began_s: float) -> None:
        figures = judged(np.array(self._took, np.int64).reshape(-1, 2), self._witnesses.stalls())
        clean, took_s = figures.clean, time.monotonic() - began_s
        about = {"place": place.name, "pen": "RUNNING" if place.running else "at rest", "asked": self._presses}
        found = {"unanswered": self._unanswered, "moved_away": self._moved, "latched": self._latched}
        self.told.append(about | as_told(figures) | found | {"seconds": round(took_s, 1)})
        sums = f"p50 {clean.p50:.1f}, p99 {clean.p99:.1f}, max {clean.max:.1f} ms, n {figures.raw.n} in {took_s:.0f} s"
        self._tell(f"STOP on {place.name}: {sums}; {', '.join(f'{name} {count}' for name, count in found.items())}")

    def _press(self, within_s: float) -> None:
        """One press at a moment nobody chose, until the pen stands again."""
        bench = self._bench
        bench.finger.move(*self._stop)
        time.sleep(self._chance.random() * within_s)
        first = bench.wire.count
        began_ns = bench.finger.press()
        limit_s = time.monotonic() + ANSWER_S
        while bench.wire.count == first and time.monotonic() < limit_s:
            time.sleep(LOOK_S)
        wired_ns = int(bench.wire.rows(first)["start_ns"][0]) if bench.wire.count > first else 0
        time.sleep(DOWN_S)
        bench.finger.lift()
        self._unanswered += wired_ns == 0
        self._took.append((began_ns, wired_ns or began_ns + int(ANSWER_S * 1e9)))
        self._rest(wired_ns)

    def _rest(self, wired_ns: int) -> None:
        """Until control has said since that the pen stands: a STOP while one is under way sends nothing new."""
        limit_s, calm_s, latched = time.monotonic() + START_S, 0.0, False
        while (now := self._seen()) is None or now.mono_ns <= wired_ns or now.state not in AT_REST:
            if now is not None and now.state is State.FAULT and time.monotonic() > calm_s:
                latched, calm_s = True, time.monotonic() + CALM_S  # no proof within 100 ms: an EMERGENCY was sent
                self._bench.remote.ask("ask", what="calm")
            if time.monotonic() > limit_s:
                raise BenchError(f"the pen did not come to rest after STOP; control says {self._said()}")
            self._bench.watch()
            time.sleep(TURN_S)
        self._latched += latched

    def _run(self, person: Practitioner) -> None:
        """START, and some of the run."""
        limit_s, again_s = time.monotonic() + START_S, 0.0
        while (now := self._seen()) is None or now.state is not State.RUNNING:
            if now is not None and now.state in (State.PAUSED, State.READY) and time.monotonic() > again_s:
                if again_s:
                    self._bench.remote.ask("ask", what="calm")  # an alarm that nobody has seen refuses START
                person.start()
                again_s = time.monotonic() + START_AGAIN_S
            if time.monotonic() > limit_s:
                raise BenchError(f"the pen did not run within {START_S:g} s of START; control says {self._said()}")
            self._bench.watch()
            time.sleep(TURN_S)
        self._bench.live(RUN_S)

    def _seen(self) -> Snapshot | None:
        ring = self._bench.launcher.ring
        return ring.read_snapshot() if ring is not None else None

    def _said(self) -> str:
        now = self._seen()
        if now is None:
            return "nothing"
        alarms = [f"{alarm.alarm} ({alarm.detail})" for alarm in now.alarms]
        return f"{now.state.value}, fault {now.fault}, {now.reason or 'no reason'}, alarms {alarms}"

    def _is_at(self, place: Place) -> bool:
        state = self._bench.remote.ask("state")
        there = (state["page"], state["panel"], state["lid"]) == (place.page, place.panel, place.lid)
        return there and (not place.section or state["section"] == place.section)

    def _reached(self, place: Place, fresh: bool) -> bool:
        """Whether the place was reached; `fresh`: from another one."""
        if fresh:
            self._bench.remote.ask("ask", what="free")
        go(self._bench, place)
        limit_s = time.monotonic() + REACH_S
        while not self._is_at(place):
            if time.monotonic() > limit_s:
                return False
            self._bench.live(FRAME_S)
        self._bench.live(SETTLE_S if fresh else FRAME_S)
        return True


def go(bench: Bench, place: Place) -> None:
    """To the page, its section, its panel; then what makes the place."""
    ask = bench.remote.ask
    ask("page", page=place.page if place.page in ("SETUP", "RECORDS") else "")
    if place.page == "SETUP":
        ask("tab", tab=place.section)
    elif place.page == "RECORDS":
        bench.until(lambda: ask("state")["section"] != "", "the records")
        if place.section not in ("list", "search"):
            open_session(bench, place)
        ask(**({"do": "search"} if place.section == "search" else {"do": "section", "section": place.section}))
    if place.panel != "NONE":
        ask("panel", panel=place.panel)
    for what in (*place.asks, *filter(None, (place.lid,))):
        ask("ask", what=what)


def open_session(bench: Bench, place: Place) -> None:
    """The long session, unless it is the one on show."""
    ask = bench.remote.ask
    if ask("state")["session_shown"]:
        return
    ask("open", session=SESSION, section=place.section)
    bench.until(lambda: ask("track")["samples"] == SAMPLES, "the trace", VERIFIED_S)
    verified(bench)


def verified(bench: Bench) -> None:
    """Until nothing is read any more."""
    bench.until(lambda: not bench.remote.ask("state")["busy"], "the verification", VERIFIED_S)


def measure(
    display: dict[str, str],
    witnesses: Witnesses,
    home: Path,
    presses: int,
    tell: Callable[[str], None],
    slow_stop_ms: float = 0.0,
    places: Sequence[Place] = EVERY,
) -> list[Document]:
    """Every place, one entry each. Raises BenchError."""
    if any(place.page == "RECORDS" for place in places) and not (home / FILE_NAME).exists():
        make_store(home, SAMPLES, tell)
    with chair(display, 60, home, slow_stop_ms=slow_stop_ms) as bench:
        presser = Presser(bench, witnesses, presses, tell)
        treated = [place for place in places if place.page == "TREAT"]
        closed = [place for place in places if place in CLOSED]
        for place in places:
            if place is OPENING:
                presser.while_opening(place)
            elif place not in treated and place not in closed:
                presser.at(place)
        if treated or closed:
            _with_a_session(bench, presser, treated, closed)
        return presser.told


def _with_a_session(bench: Bench, presser: Presser, treated: Sequence[Place], closed: Sequence[Place]) -> None:
    bench.remote.ask("ask", what="free")
    bench.remote.ask("page", page="")
    person = bench.practitioner()
    person.open()
    person.stop()
    for place in treated:
        presser.at(place, person)
    bench.remote.ask("ask", what="free")
    if closed:
        person.shut()
    for place in closed:
        presser.at(place)
    person.leave()


def main() -> int:
    """For whoever works on STOP's way. Exit code 1 when a gate is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen.stops", description=__doc__)
    parser.add_argument("--presses", type=int, default=20, help="at each place")
    parser.add_argument("--only", default="", help="places whose name has this in it")
    parser.add_argument("--home", type=Path, help="folder for the store; kept")
    parser.add_argument("--slow-stop-ms", type=float, default=0.0, help="break the screen: STOP's handler sleeps so long")
    given = parser.parse_args()
    places = [place for place in EVERY if given.only in place.name]
    display = Display(True)
    try:
        with tempfile.TemporaryDirectory(prefix="pencontrol-bench-") as name:
            witnesses = Witnesses(Path(name))
            home = given.home or Path(name) / "home"
            told = measure(display.environment, witnesses, home, given.presses, print, given.slow_stop_ms, places)
            witnesses.close()
    finally:
        display.close()
    print(json.dumps(told, indent=1))
    broken = gates.stop_gates(told)
    for sentence in broken:
        print(f"not held: {sentence}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
