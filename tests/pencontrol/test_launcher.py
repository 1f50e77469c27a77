"""What has died is started again by the next look at it; nothing else is."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pencontrol.launcher import RESTART_PAUSE_S, Launcher, Options
from ui.cli.screen import WATCH_S

IDLE = (sys.executable, "-S", "-c", "import time; time.sleep(600)")
LEAVES = (sys.executable, "-S", "-c", "pass")
PAUSED_S = RESTART_PAUSE_S * 1.01
FAILS = (sys.executable, "-S", "-c", "raise SystemExit(3)")


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


Make = Callable[[tuple[str, ...]], tuple[Launcher, Clock]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Launcher] = []

    def start(screen: tuple[str, ...]) -> tuple[Launcher, Clock]:
        clock = Clock()
        launcher = Launcher(Options(tmp_path / "home", "no pen", screen, IDLE, tmp_path / "log"), clock)
        made.append(launcher)
        launcher.__enter__()
        return launcher, clock

    yield start
    for launcher in made:
        launcher.end()


def dies(process: int) -> None:
    """Wait for its death, and leave it to be found by who started it."""
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("victim", ["ui", "control", "recorder"])
def test_what_was_killed_is_back_at_the_next_look(make: Make, victim: str) -> None:
    launcher, clock = make(IDLE)
    clock.now_s += PAUSED_S
    assert launcher.watch() == []
    for killed in (1, 2):
        before = launcher.process_id(victim)
        os.kill(before, signal.SIGKILL)
        dies(before)
        assert launcher.watch() == [victim]
        after = launcher.process_id(victim)
        assert after != before
        assert launcher.restarts(victim) == killed
        assert json.loads(launcher.runtime.processes.read_text())[victim] == after
        assert launcher.watch() == []
        clock.now_s += PAUSED_S


def test_a_screen_that_cannot_start_is_tried_again_but_not_without_a_pause(make: Make) -> None:
    launcher, clock = make(FAILS)
    for tried in (0, 1, 2):
        dies(launcher.process_id("ui"))
        assert launcher.watch() == []
        assert launcher.restarts("ui") == tried
        clock.now_s += PAUSED_S
        assert launcher.watch() == ["ui"]


def test_a_screen_that_was_closed_stays_closed(make: Make) -> None:
    launcher, clock = make(LEAVES)
    dies(launcher.process_id("ui"))
    clock.now_s += 10 * PAUSED_S
    assert launcher.watch() == []
    assert launcher.screen_closed


def test_who_watches_the_chair_looks_often_enough_to_take_nothing_from_the_return() -> None:
    assert WATCH_S <= 0.02
    assert RESTART_PAUSE_S <= 0.05
