"""What raises risk is held for 0.8 s, and everything unexpected ends the hold."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QEventPoint
from PyQt6.QtWidgets import QWidget

from pencontrol.control.snapshot import State
from tests.ui.conftest import Finger, Rig, hand
from ui.touch.happenings import Panel
from ui.touch.widgets.hold import HOLD_NS, HoldTimer

P, S = QEventPoint.State.Pressed, QEventPoint.State.Stationary
U = QEventPoint.State.Updated


def ring(rig: Rig) -> QWidget:
    found: QWidget = rig.shell.column.ring
    return found


def hold(rig: Rig, widget: QWidget, frames: int = 51) -> None:
    """By mouse; 51 frames of 16 ms are 816 ms."""
    hand.mousePress(widget, Qt.MouseButton.LeftButton)
    rig.frames(frames)


def test_800_ms_and_not_one_frame_less(treating: Rig) -> None:
    hold(treating, ring(treating), 49)
    assert not treating.sent("start")
    treating.frames(1)
    assert len(treating.sent("start")) == 1
    treating.frames(60)
    assert len(treating.sent("start")) == 1, "once, however long it is held"


def test_start_carries_this_screen_and_its_heartbeat(treating: Rig) -> None:
    hold(treating, ring(treating))
    told = treating.sent("start")[0]
    instance, count, _ = treating.control.ring.heartbeat()
    assert told["instance"] == instance == treating.sent("hello")[0]["instance"]
    assert 0 <= count - told["heartbeat"] <= 3


def test_a_finger_holds_too(treating: Rig, finger: Finger) -> None:
    finger.press(ring(treating))
    treating.frames(51)
    assert len(treating.sent("start")) == 1


def lift(rig: Rig, finger: Finger) -> None:
    finger.lift(ring(rig))


def slide_off(rig: Rig, finger: Finger) -> None:
    finger.send(ring(rig), QEvent.Type.TouchUpdate, (1, U, QPoint(1, 1)))


def second_finger_on_it(rig: Rig, finger: Finger) -> None:
    middle = ring(rig).rect().center()
    finger.send(ring(rig), QEvent.Type.TouchUpdate, (1, S, middle), (2, P, middle + QPoint(20, 0)))


def second_finger_elsewhere(rig: Rig, finger: Finger) -> None:
    middle = ring(rig).mapTo(rig.shell, ring(rig).rect().center())
    finger.through_window(rig.shell, QEvent.Type.TouchUpdate, (1, S, middle), (2, P, QPoint(300, 300)))


def alarm(rig: Rig, finger: Finger) -> None:
    rig.control.alarm(rig.clock(), "LOW", "PASS", "Pass over plan")


def page_change(rig: Rig, finger: Finger) -> None:
    session = rig.control.snapshot.session
    assert session is not None
    rig.control.publish(rig.clock(), session=session.model_copy(update={"state": "CLOSED"}))


def panel(rig: Rig, finger: Finger) -> None:
    rig.touch.presenter.show_panel(Panel.ALARMS)


def lost_link(rig: Rig, finger: Finger) -> None:
    rig.control.hang_up()


def silent_control(rig: Rig, finger: Finger) -> None:
    rig.publishing = False
    rig.clock.now_ns += 600_000_000


def fault(rig: Rig, finger: Finger) -> None:
    rig.control.publish(rig.clock(), state=State.FAULT, fault="STALL")


def own_error(rig: Rig, finger: Finger) -> None:
    rig.touch.presenter.failed("ValueError: test")


@pytest.mark.parametrize(
    "end",
    [
        lift,
        slide_off,
        second_finger_on_it,
        second_finger_elsewhere,
        alarm,
        page_change,
        panel,
        lost_link,
        silent_control,
        fault,
        own_error,
    ],
)
def test_cancelled_by(treating: Rig, finger: Finger, end: Callable[[Rig, Finger], None]) -> None:
    finger.press(ring(treating))
    treating.frames(25)
    assert treating.shell.column.ring.progress > 0.4
    end(treating, finger)
    treating.frames(3)
    assert treating.shell.column.ring.progress == 0
    treating.frames(60)
    assert not treating.sent("start")


def test_a_finger_that_rests_elsewhere_keeps_a_hold_from_beginning(treating: Rig, finger: Finger) -> None:
    ground, middle = QPoint(960, 750), ring(treating).mapTo(treating.shell, ring(treating).rect().center())
    finger.through_window(treating.shell, QEvent.Type.TouchBegin, (1, P, ground))
    finger.through_window(treating.shell, QEvent.Type.TouchUpdate, (1, S, ground), (2, P, middle))
    treating.frames(60)
    assert not treating.sent("start")
    released = QEventPoint.State.Released
    finger.through_window(treating.shell, QEvent.Type.TouchEnd, (1, released, ground), (2, released, middle))
    finger.through_window(treating.shell, QEvent.Type.TouchBegin, (1, P, middle))
    treating.frames(60)
    assert len(treating.sent("start")) == 1, "alone it holds"
    finger.through_window(treating.shell, QEvent.Type.TouchEnd, (1, released, middle))


def test_cancelled_by_lifting_the_mouse_or_sliding_off(treating: Rig) -> None:
    target = ring(treating)
    hand.mousePress(target, Qt.MouseButton.LeftButton)
    treating.frames(20)
    hand.mouseRelease(target, Qt.MouseButton.LeftButton)
    treating.frames(60)
    hand.mousePress(target, Qt.MouseButton.LeftButton)
    treating.frames(20)
    hand.mouseMove(target, QPoint(-30, -30))
    treating.frames(60)
    assert not treating.sent("start")


def test_a_touch_in_the_corner_beside_the_ring_holds_nothing(treating: Rig, finger: Finger) -> None:
    finger.press(ring(treating), QPoint(2, 2))
    treating.frames(60)
    assert not treating.sent("start")


def test_pause_is_a_tap_that_acts_on_contact(treating: Rig, finger: Finger) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    finger.press(ring(treating))
    assert len(treating.sent("pause")) == 1
    treating.frames(20)
    assert treating.shell.column.ring.progress == 0, "PAUSE fills no ring"
    treating.frames(60)
    assert not treating.sent("start")


def test_the_finger_that_held_start_does_not_pause(treating: Rig, finger: Finger) -> None:
    finger.press(ring(treating))
    treating.frames(51)
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    finger.lift(ring(treating))
    assert not treating.sent("pause")


def test_start_is_not_offered_without_a_zone_or_before_a_session(rig: Rig) -> None:
    hold(rig, ring(rig))
    rig.control.open_session(rig.clock(), chosen="")
    rig.frames(2)
    hold(rig, ring(rig))
    assert not rig.sent("start")


def test_the_timer_alone() -> None:
    timer = HoldTimer()
    assert timer.fraction(5) == 0
    timer.press(1000)
    assert timer.fraction(1000 + HOLD_NS // 2) == pytest.approx(0.5)
    assert timer.fraction(1000 + 2 * HOLD_NS) == 1
    assert timer.fraction(0) == 0, "a clock that went back completes nothing"
    timer.cancel()
    assert not timer.held
