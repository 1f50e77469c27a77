"""STOP pressed by XTEST on every page and panel, until its frame is on the wire. I/O.

`python -m benchmarks.screen.stops [--presses N] [--home FOLDER]` measures only this.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.reaction.processes import Display
from benchmarks.record.made import SESSION
from benchmarks.registry import BenchError, Document
from benchmarks.screen.figures import as_told, judged
from benchmarks.screen.processes import Witnesses
from benchmarks.screen.records import SAMPLES
from benchmarks.screen.rig import Bench, Practitioner, chair
from benchmarks.screen.store import make_store
from pencontrol.control.snapshot import State
from sessions.store import FILE_NAME
from ui.touch import happenings as h
from ui.touch.state import HOMES

ANSWER_S = 1.0
LOOK_S = 0.0003
DOWN_S = 0.03
FRAME_S = 0.016
START_S = 10.0
RUN_S = 0.25  # the pen runs so long, and up to a frame more, before the next press
OPENING_S = 2.5  # a press somewhere within this after the row was touched: reading, showing, then verifying
REACH_S = 5.0
PANEL_SHARE = 0.5  # of the presses on a page: a panel changes nothing in STOP's way
OPENING_SHARE = 0.2  # of the presses elsewhere: each waits for the verification, 10 s


@dataclass(frozen=True)
class Place:
    """Where STOP is pressed. `running`: the pen runs, else it is connected and stands."""

    name: str
    page: str
    panel: str = "NONE"
    section: str = ""
    running: bool = False
    locked: bool = False


def panels(home: h.Page) -> list[h.Panel]:
    """The panels that can lie over `home`: its own, and those that belong to no page."""
    return [panel for panel in h.Panel if panel is not h.Panel.NONE and HOMES.get(panel, home) is home and panel not in OF_SETUP]


def over(home: h.Page, name: str, running: bool = False) -> list[Place]:
    """A page, then each panel over it."""
    laid = [Place(f"{name}, {panel.value.lower()} panel", home.value, panel.value, running=running) for panel in panels(home)]
    return [Place(name, home.value, running=running), *laid]


OF_SETUP = (h.Panel.KEYPAD,)  # what it asks for is asked there
TREAT = over(h.Page.TREAT, "treat", running=True)
PREPARE = over(h.Page.PREPARE, "prepare")
CLOSED = over(h.Page.CLOSED, "closed session")
AROUND = [Place("setup", "SETUP"), Place("setup, keypad", "SETUP", "KEYPAD"), Place("clean screen lock", "PREPARE", locked=True)]
SECTIONS = ("list", "search", "summary", "replay", "events", "photos", "course", "export")
RECORDS = [Place(f"records, {section}", "RECORDS", section=section) for section in SECTIONS]
PLAYING = Place("records, replay playing at 16x", "RECORDS", section="replay")
OPENING = Place("records, opening 75 minutes", "RECORDS", section="replay")


class Presser:
    """Goes to each place, presses, and keeps count."""

    def __init__(self, bench: Bench, witnesses: Witnesses, presses: int, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._bench, self._witnesses, self._presses = bench, witnesses, presses
        self._chance = Random(1)
        self._stop = bench.stop_place
        self.told: list[Document] = []

    def at(self, place: Place, go: Callable[[], None], person: Practitioner | None = None, presses: int = 0) -> None:
        """Press there `presses` times; `go` gets there, and back when a press has led away."""
        took: list[tuple[int, int]] = []
        moved_away = unanswered = latched = 0
        self._tell(f"STOP: {place.name}")
        presses = presses or max(1, round(self._presses * (PANEL_SHARE if place.panel != "NONE" else 1)))
        for number in range(
            presses if self._go(place, go) else 0
        ):  # a place that cannot be reached has no figures: no gate passes
            if place is OPENING:
                go()
            elif not self._is_at(place):
                moved_away += number > 0
                self._go(place, go)
            if person is not None:
                self._run(person)
            self._bench.finger.move(*self._stop)
            time.sleep(self._chance.random() * (OPENING_S if place is OPENING else FRAME_S))
            begin_ns, end_ns = self._press()
            unanswered += end_ns == 0
            took.append((begin_ns, end_ns or begin_ns + int(ANSWER_S * 1e9)))
            latched += self._rest()
        figures = judged(np.array(took, np.int64).reshape(-1, 2), self._witnesses.stalls())
        about = {"place": place.name, "pen": "RUNNING" if place.running else "at rest"}
        self.told.append(about | as_told(figures) | {"unanswered": unanswered, "moved_away": moved_away, "latched": latched})

    def _press(self) -> tuple[int, int]:
        """(just before the press, the frame was on the wire); the second 0: no frame came."""
        bench = self._bench
        first = bench.wire.count
        began_ns = bench.finger.press()
        limit = time.monotonic() + ANSWER_S
        while bench.wire.count == first and time.monotonic() < limit:
            time.sleep(LOOK_S)
        wired_ns = int(bench.wire.rows(first)["start_ns"][0]) if bench.wire.count > first else 0
        time.sleep(DOWN_S)
        bench.finger.lift()
        return began_ns, wired_ns

    def _rest(self) -> bool:
        """Until control says that the pen stands: a STOP while one is under way sends nothing new. True: the pen latched."""
        limit, latched = time.monotonic() + ANSWER_S * 5, False
        while (state := self._state()) not in (State.CONNECTED, State.READY, State.PAUSED):
            if state is State.FAULT and not latched:  # no proof within 100 ms: control sent an EMERGENCY
                latched = True
                self._bench.remote.ask("clear_fault")
            if time.monotonic() > limit:
                raise BenchError(f"the pen did not come to rest after STOP; control says {self._said()}")
            self._bench.watch()
            time.sleep(0.01)
        return latched

    def _run(self, person: Practitioner) -> None:
        """START until the pen takes it: just after a STOP it says BUSY while the needles go home."""
        limit = time.monotonic() + START_S
        while self._state() is not State.RUNNING:
            if self._state() in (State.PAUSED, State.READY):
                person.start()
            if time.monotonic() > limit:
                raise BenchError(f"the pen did not run within {START_S:g} s of START; control says {self._said()}")
            self._bench.live(0.05)
        self._bench.live(RUN_S)

    def _state(self) -> State | None:
        ring = self._bench.launcher.ring
        snapshot = ring.read_snapshot() if ring is not None else None
        return snapshot.state if snapshot is not None else None

    def _said(self) -> str:
        ring = self._bench.launcher.ring
        now = ring.read_snapshot() if ring is not None else None
        if now is None:
            return "nothing"
        alarms = [f"{alarm.alarm} ({alarm.detail})" for alarm in now.alarms]
        return f"{now.state.value}, fault {now.fault}, {now.reason or 'no reason'}, alarms {alarms}"

    def _is_at(self, place: Place) -> bool:
        state = self._bench.remote.ask("state")
        there = (state["page"], state["panel"], state["locked"]) == (place.page, place.panel, place.locked)
        return there and (not place.section or state["section"] == place.section)

    def _go(self, place: Place, go: Callable[[], None]) -> bool:
        go()
        limit = time.monotonic() + REACH_S
        while not self._is_at(place):
            if time.monotonic() > limit:
                return False
            self._bench.live(0.02)
        self._bench.live(0.2)
        return True


def measure(
    display: dict[str, str],
    witnesses: Witnesses,
    home: Path,
    presses: int,
    tell: Callable[[str], None],
    slow_stop_ms: float = 0.0,
    only_treat: bool = False,
) -> list[Document]:
    """Every place, one entry each. Raises BenchError."""
    if not only_treat and not (home / FILE_NAME).exists():
        make_store(home, SAMPLES, tell)
    with chair(display, 60, home, slow_stop_ms=slow_stop_ms) as bench:
        presser = Presser(bench, witnesses, presses, tell)
        if not only_treat:
            _at_rest(bench, presser, presses)
        person = bench.practitioner()
        person.open()
        person.stop()
        for place in TREAT[:1] if only_treat else TREAT:
            presser.at(place, partial(_panel, bench, place), person)
        if not only_treat:
            bench.remote.ask("panel", panel="NONE")
            person.shut()
            for place in CLOSED:
                presser.at(place, partial(_panel, bench, place))
        person.leave()
        return presser.told


def _at_rest(bench: Bench, presser: Presser, presses: int) -> None:
    for place in PREPARE:
        presser.at(place, partial(_panel, bench, place))
    bench.remote.ask("panel", panel="NONE")
    for place in AROUND:
        presser.at(place, partial(_around, bench, place))
    bench.remote.ask("unlock")
    bench.remote.ask("page", page="RECORDS")
    bench.live(1.5)

    def opened(place: Place) -> None:
        bench.remote.ask("page", page="RECORDS")
        if bench.remote.ask("track")["samples"] != SAMPLES and place.section not in ("list", "search"):
            bench.remote.ask("open", session=SESSION, section=place.section)
            bench.until(lambda: bench.remote.ask("track")["samples"] == SAMPLES, "the trace", 60)
            bench.until(lambda: not bench.remote.ask("state")["busy"], "the verification", 120)
        do = {"do": "search"} if place.section == "search" else {"do": "section", "section": place.section}
        bench.remote.ask(**do)

    for place in RECORDS:
        presser.at(place, partial(opened, place))

    def playing() -> None:
        opened(PLAYING)
        bench.remote.ask("play_on")

    presser.at(PLAYING, playing)

    def opening() -> None:
        bench.until(lambda: not bench.remote.ask("state")["busy"], "the verification", 120)
        bench.remote.ask("page", page="RECORDS")
        bench.remote.ask("open", session=SESSION, section="replay")

    opening()
    bench.until(lambda: not bench.remote.ask("state")["busy"], "the verification", 120)
    presser.at(OPENING, opening, presses=max(5, int(presses * OPENING_SHARE)))
    bench.until(lambda: not bench.remote.ask("state")["busy"], "the verification", 120)
    bench.remote.ask("page", page="")


def _panel(bench: Bench, place: Place) -> None:
    bench.remote.ask("page", page="")
    bench.remote.ask("panel", panel=place.panel)


def _around(bench: Bench, place: Place) -> None:
    if place.locked:
        bench.remote.ask("page", page="")
        bench.remote.ask("lock")
        return
    bench.remote.ask("page", page=place.page)
    if place.panel == "KEYPAD":
        bench.remote.ask("keypad")


def main() -> int:
    """For whoever works on STOP's way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screen.stops", description=__doc__)
    parser.add_argument("--presses", type=int, default=20, help="on each page")
    parser.add_argument("--home", type=Path, help="folder for the store; kept")
    parser.add_argument("--slow-stop-ms", type=float, default=0.0, help="break the screen: STOP's handler sleeps so long")
    parser.add_argument("--only-treat", action="store_true")
    given = parser.parse_args()
    display = Display(True)
    try:
        with tempfile.TemporaryDirectory(prefix="pencontrol-bench-") as name:
            witnesses = Witnesses(Path(name))
            home = given.home or Path(name) / "home"
            told: Any = measure(display.environment, witnesses, home, given.presses, print, given.slow_stop_ms, given.only_treat)
            witnesses.close()
    finally:
        display.close()
    print(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
