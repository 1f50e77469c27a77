"""The first picture: a STOP that acts, says what holds, and hands over to whoever reads control's word."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QWidget

from pencontrol.control.ring import Ring
from pencontrol.control.snapshot import AlarmView, State
from tests.ui.conftest import PANELS, Finger, HandClock, hand
from tests.ui.fake_control import FakeControl
from ui.touch import happenings as h
from ui.touch.frame_views import STOP_CONFIRM_NS, first_word
from ui.touch.guard import Guard
from ui.touch.metrics import Metrics
from ui.touch.outfit import Outfit
from ui.touch.screen import Screen
from ui.touch.stop_line import StopLine
from ui.touch.theme import DAY
from ui.touch.words import load_words

WORDS = load_words()


class Early:
    """A screen that has been shown, and nothing more."""

    def __init__(self, folder: Path, panel: str = "10.1") -> None:
        size, px_per_mm = PANELS[panel]
        self.clock = HandClock()
        self.control = FakeControl(folder / "run", self.clock())
        ring = Ring(self.control.runtime.ring)
        stop = StopLine(ring, self.control.runtime.stop_pipe)
        self.guard = Guard(stop)
        outfit = Outfit(folder / "home", DAY, Metrics(px_per_mm), WORDS, self.clock)
        self.screen = Screen(self.control.runtime, ring, stop, self.guard, outfit)
        self.screen.begin(False, size)
        self.screen.frame_timer.stop()
        QApplication.processEvents()

    @property
    def word(self) -> str:
        return self.screen.shell.column.word.text()

    @property
    def message(self) -> str:
        return self.screen.shell.column.message.text()

    @property
    def stops(self) -> int:
        return self.control.ring.stop_count

    def later(self, ns: int) -> None:
        self.clock.now_ns += ns
        self.screen.first.tick()

    def core(self) -> None:
        """Control's word can be read from now on; no page is there."""
        start = self.screen.start
        start._put(start._left[0].fetch())
        assert self.screen.core is not None
        assert self.screen.touch is None

    def frame(self) -> None:
        self.clock.now_ns += 16_000_000
        assert self.screen.core is not None
        self.screen.core.presenter.tick()
        QApplication.processEvents()

    def close(self) -> None:
        self.screen.close()
        self.screen.shell.deleteLater()
        self.screen.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.control.close()


@pytest.fixture
def early(tmp_path: Path) -> Iterator[Early]:
    made = Early(tmp_path)
    yield made
    made.close()


def test_the_first_picture_says_that_nothing_is_known(early: Early) -> None:
    column = early.screen.shell.column
    assert (early.word, column.reason.text()) == (WORDS("state.UNCERTAIN"), WORDS("reason.starting"))
    assert early.screen.shell.top_bar.tile.accessibleName() == WORDS("reason.starting"), "not: no alarms"
    assert not column.ring.isEnabled()
    assert not column.done.isEnabled()
    assert not column.undo.isEnabled()


@pytest.mark.parametrize("way", ["finger", "mouse", "pause key", "screen reader"])
def test_every_way_to_stop_acts_on_the_first_picture(early: Early, finger: Finger, way: str) -> None:
    shell, stop = early.screen.shell, early.screen.shell.stop_button
    if way == "finger":
        finger.press(stop)
    elif way == "mouse":
        hand.mousePress(stop, Qt.MouseButton.LeftButton)
    elif way == "pause key":
        hand.keyPress(shell, Qt.Key.Key_Pause)
    else:
        stop.pressed.emit()
    assert (early.stops, os.read(early.control.stop_pipe, 9)) == (1, b"\x01")
    assert early.word == WORDS("state.STOPPING")


def test_a_stop_that_nobody_confirms_says_so_after_a_quarter_of_a_second(early: Early) -> None:
    early.screen.first.stop()
    early.later(STOP_CONFIRM_NS)
    assert early.word == WORDS("state.STOPPING")
    early.screen.first.stop()
    early.later(1)
    assert (early.word, early.message) == (WORDS("state.UNCERTAIN"), WORDS("stop.unconfirmed"))
    assert early.screen.shell.column.message.property("loud")


@pytest.mark.parametrize(("state", "after_ns", "word"), [
    (State.CONNECTED, 20_000_000, "state.STOPPED"),
    (State.UNCERTAIN, 20_000_000, "state.STOPPING"),
    (State.UNCERTAIN, STOP_CONFIRM_NS + 1, "state.UNCERTAIN"),
])  # fmt: skip
def test_who_takes_over_goes_on_with_the_stop_that_was_pressed(early: Early, state: State, after_ns: int, word: str) -> None:
    early.screen.first.stop()
    early.clock.now_ns += after_ns
    early.control.publish(early.clock(), state=state)
    early.core()
    assert early.screen.core is not None
    assert early.screen.core.presenter.state.stop_ns == early.screen.first.stopped_ns
    if state is State.UNCERTAIN:
        assert early.word == WORDS(word)
    else:
        assert early.screen.core.presenter.state.stop is h.Stop.CONFIRMED


def test_stop_is_heard_once_by_whoever_took_over(early: Early) -> None:
    early.core()
    early.screen.shell.stop.emit()
    assert early.stops == 1
    assert early.screen.core is not None
    assert early.screen.core.presenter.state.stop is h.Stop.SENT
    assert early.word == WORDS("state.STOPPING")


def test_the_frame_tells_the_truth_before_there_is_a_page(early: Early) -> None:
    alarm = AlarmView(alarm="OVER_DEPTH", priority="HIGH", occurrence=1, words="Too deep", detail="")
    early.control.open_session(early.clock(), State.FAULT, fault="OVER_DEPTH", alarms=(alarm,))
    early.core()
    early.frame()
    bar, column = early.screen.shell.top_bar, early.screen.shell.column
    assert early.word == WORDS("state.FAULT")
    assert bar.pen.text() == "PEN-0042"
    assert bar.tile.accessibleName() != WORDS("alarm.none")
    assert re.fullmatch(r"\d\d:\d\d", bar.clock.text())
    assert early.control.ring.heartbeat()[1] > 0
    assert not column.ring.isEnabled()


def test_start_is_not_offered_before_its_page_is_there(early: Early) -> None:
    early.control.open_session(early.clock(), State.READY)
    early.core()
    early.frame()
    column = early.screen.shell.column
    assert early.word == WORDS("state.READY")
    assert not column.ring.isEnabled()
    column.start.emit()
    column.pass_done.emit()
    early.frame()
    assert [command["do"] for command in early.control.serve()] == ["hello"]
    early.screen.start.complete()
    early.control.publish(early.clock())
    early.frame()
    assert column.ring.isEnabled()
    assert early.screen.touch is not None
    assert early.screen.shell.stack.currentWidget() is early.screen.touch.treat


def test_pages_that_come_later_show_what_was_known_before(early: Early) -> None:
    early.control.open_session(early.clock(), State.READY)
    early.core()
    for _ in range(20):
        early.frame()
    early.screen.start.complete()
    touch = early.screen.touch
    assert touch is not None
    assert touch.treat.isVisible()
    assert len(touch.treat.map.zones.zone_names()) > 10
    assert touch.treat.depth_step.plus_key.isEnabled(), "what is asked was known"


def test_an_error_before_there_are_alarms_is_said_beside_stop_and_becomes_one(early: Early) -> None:
    error = ImportError("no such module")
    early.guard(type(error), error, None)
    assert early.stops == 1
    assert (early.word, early.message) == (WORDS("state.UNCERTAIN"), WORDS("alarm.screen"))
    early.core()
    assert early.screen.core is not None
    assert early.screen.core.presenter.state.faults == ("ImportError: no such module",)
    early.guard(type(error), error, None)
    assert len(early.screen.core.presenter.state.faults) == 2


def test_what_is_touched_before_it_has_a_meaning_does_nothing(early: Early) -> None:
    for part in early.screen.shell.findChildren(QAbstractButton):
        if part.isVisible() and part is not early.screen.shell.stop_button:
            hand.mouseClick(part, Qt.MouseButton.LeftButton)
    assert early.stops == 0
    early.core()
    early.frame()
    assert early.word == WORDS("state.STOPPED")
    assert early.screen.shell.top_bar.tile.accessibleName() == WORDS("alarm.none")


class Windows(QObject):
    """Remembers every window that comes up."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QWidget] = []

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        if event is not None and event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


def test_what_comes_later_opens_no_window_and_takes_no_keyboard(early: Early, qapp: QApplication) -> None:
    windows = Windows()
    qapp.installEventFilter(windows)
    early.screen.start.complete()
    QApplication.processEvents()
    qapp.removeEventFilter(windows)
    assert windows.shown == []
    assert early.screen.shell.isActiveWindow()


@pytest.mark.parametrize("panel", sorted(PANELS))
def test_stop_stands_where_it_will_stand(tmp_path: Path, panel: str) -> None:
    made = Early(tmp_path, panel)
    stop = made.screen.shell.stop_button
    before = stop.geometry()
    assert made.screen.shell.childAt(before.center()) is stop
    made.screen.start.complete()
    QApplication.processEvents()
    assert stop.geometry() == before
    assert [part for part in made.screen.shell.children() if isinstance(part, QWidget)][-1] is stop, "above every panel"
    assert made.screen.shell.childAt(before.center()) is stop
    made.close()


def test_a_screen_that_is_closed_while_it_comes_up_leaves_nothing_behind(early: Early) -> None:
    early.core()
    steps = early.screen._put_touch(early.screen.start._left[0].fetch())
    for _ in range(6):
        next(steps)
    steps.close()  # type: ignore[attr-defined]


def test_each_first_word_is_one_the_column_has_room_for() -> None:
    for stop_ns, failed in ((None, False), (0, False), (-STOP_CONFIRM_NS, False), (None, True)):
        view = first_word(WORDS, 1, stop_ns, failed)
        assert view.key in ("UNCERTAIN", "STOPPING")
        assert view.loud == (failed or stop_ns == -STOP_CONFIRM_NS)
