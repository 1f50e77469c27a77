"""The screen that takes no touch: wiping, the idle lock and its code, kiosk mode. STOP works through all of them."""

from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QCloseEvent, QEventPoint
from PyQt6.QtWidgets import QApplication

from pencontrol.control.snapshot import State
from tests.ui.conftest import Finger, Rig, click, hand
from ui.touch import happenings as h
from ui.touch.rest import Lock, Rest, Resting
from ui.touch.settings import Tries, is_code, make_code
from ui.touch.widgets.curtain import UNLOCK_NS

P, S = QEventPoint.State.Pressed, QEventPoint.State.Stationary
S_NS = 1_000_000_000


def locked(rig: Rig) -> bool:
    visible: bool = rig.shell.curtain.isVisible()
    return visible


def through(rig: Rig, finger: Finger, at: QPoint) -> None:
    finger.through_window(rig.shell, QEvent.Type.TouchBegin, (1, P, at))
    finger.through_window(rig.shell, QEvent.Type.TouchEnd, (1, QEventPoint.State.Released, at))


def clean(rig: Rig) -> None:
    click(rig.shell.top_bar.more)
    click(rig.touch.more_panel.tiles["clean"])
    rig.frames(1)


def test_the_clean_lock_swallows_everything_but_stop(treating: Rig, finger: Finger) -> None:
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(1)
    clean(treating)
    assert locked(treating)
    before = len(treating.control.commands)
    shell, treat = treating.shell, treating.touch.treat
    for widget in (treat.depth_step.minus_key, treat.map.zones, shell.column.done, shell.top_bar.tile, shell.top_bar.more):
        at = widget.mapTo(shell, widget.rect().center())
        assert shell.childAt(at) is not widget
        through(treating, finger, at)
        hand.mouseClick(shell.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    ring = shell.column.ring.mapTo(shell, shell.column.ring.rect().center())
    finger.through_window(shell, QEvent.Type.TouchBegin, (1, P, ring))
    treating.frames(60)
    finger.through_window(shell, QEvent.Type.TouchEnd, (1, QEventPoint.State.Released, ring))
    shell.column.done.setFocus(Qt.FocusReason.TabFocusReason)
    hand.keyClick(shell.windowHandle(), Qt.Key.Key_Space)
    treating.frames(2)
    assert len(treating.control.commands) == before
    assert treating.control.stops() == 0
    stop = shell.stop_button.mapTo(shell, QPoint(40, 40))
    through(treating, finger, stop)
    assert (first := treating.control.stops()) >= 1
    finger.through_window(shell, QEvent.Type.TouchBegin, (1, P, QPoint(300, 300)))
    finger.through_window(shell, QEvent.Type.TouchUpdate, (1, S, QPoint(300, 300)), (2, P, stop))
    assert (second := treating.control.stops()) > first, "with the cloth on the glass"
    finger.through_window(shell, QEvent.Type.TouchCancel)
    hand.keyClick(shell.windowHandle(), Qt.Key.Key_Pause)
    assert treating.control.stops() > second
    assert locked(treating)


def test_the_clean_lock_is_left_by_a_long_hold(rig: Rig, finger: Finger) -> None:
    clean(rig)
    plate = rig.shell.curtain.plate
    finger.press(plate)
    rig.frames(UNLOCK_NS // 16_000_000 - 2)
    assert locked(rig), "a cloth rests a second"
    rig.frames(4)
    assert not locked(rig)


def test_wiping_with_two_fingers_never_unlocks(rig: Rig, finger: Finger) -> None:
    clean(rig)
    shell, plate = rig.shell, rig.shell.curtain.plate
    at = plate.mapTo(shell, plate.rect().center())
    finger.through_window(shell, QEvent.Type.TouchBegin, (1, P, at))
    rig.frames(100)
    finger.through_window(shell, QEvent.Type.TouchUpdate, (1, S, at), (2, P, at + QPoint(90, 90)))
    rig.frames(60)
    assert locked(rig)
    finger.through_window(shell, QEvent.Type.TouchCancel)


def test_a_hold_under_way_does_not_outlive_the_lock(treating: Rig, finger: Finger) -> None:
    finger.press(treating.shell.column.ring)
    treating.frames(20)
    treating.touch.household.lock_for_cleaning()
    treating.frames(60)
    assert not treating.sent("start")


def test_a_pen_that_starts_to_move_opens_the_lock(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(1)
    clean(treating)
    assert locked(treating)
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    assert not locked(treating), "PAUSE and minus must be within reach"


def test_while_the_pen_runs_cleaning_is_not_offered(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    treating.touch.presenter.show_panel(h.Panel.MORE)
    assert not treating.touch.more_panel.tiles["clean"].isEnabled()
    assert not treating.touch.more_panel.tiles["setup"].isEnabled()


# -- idle lock


def idle_rig(rig: Rig, code: str = "") -> None:
    rig.touch.household.change({"lock_after_s": 60, "dim_after_s": 0, "code": make_code(code, b"s") if code else ""})


@pytest.mark.parametrize(
    ("state", "locks"),
    [(State.CONNECTED, True), (State.NO_PEN, True), (State.READY, False), (State.PAUSED, False), (State.RUNNING, False),
     (State.UNCERTAIN, False), (State.FAULT, False)],
)  # fmt: skip
def test_the_idle_lock_comes_only_when_nobody_may_need_the_screen(rig: Rig, state: State, locks: bool) -> None:
    idle_rig(rig)
    rig.control.publish(rig.clock(), state=state)
    rig.frames(1)
    rig.clock.now_ns += 61 * S_NS
    rig.frames(2)
    assert locked(rig) is locks


def test_the_idle_lock_lies_over_an_open_panel(rig: Rig) -> None:
    idle_rig(rig)
    rig.touch.presenter.show_panel(h.Panel.MORE)
    rig.clock.now_ns += 61 * S_NS
    rig.frames(2)
    back = rig.touch.more_panel.tiles["setup"]
    met = rig.shell.childAt(back.mapTo(rig.shell, back.rect().center()))
    assert rig.shell.curtain.isAncestorOf(met)
    assert rig.shell.childAt(rig.shell.stop_button.geometry().center()) is rig.shell.stop_button


def test_an_alarm_keeps_the_lock_away(rig: Rig) -> None:
    idle_rig(rig)
    rig.control.alarm(rig.clock(), "LOW", "CALIBRATION_DUE", "Calibration due")
    rig.frames(1)
    rig.clock.now_ns += 61 * S_NS
    rig.frames(2)
    assert not locked(rig)


def test_a_touch_puts_the_idle_lock_off(rig: Rig, finger: Finger) -> None:
    idle_rig(rig)
    rig.clock.now_ns += 40 * S_NS
    rig.frames(1)
    through(rig, finger, QPoint(300, 300))
    rig.clock.now_ns += 40 * S_NS
    rig.frames(2)
    assert not locked(rig)


def test_the_code_opens_the_idle_lock_and_wrong_ones_take_longer_and_longer(rig: Rig) -> None:
    idle_rig(rig, "4711")
    rig.clock.now_ns += 61 * S_NS
    rig.frames(2)
    keypad = rig.shell.curtain.keypad
    assert keypad.isVisible()
    assert not rig.shell.curtain.plate.isVisible()

    def enter(code: str) -> None:
        for digit in code:
            keypad.type(digit)
        keypad._finish()

    for _ in range(5):
        enter("1111")
        assert locked(rig)
    enter("4711")
    assert locked(rig), "the right one has to wait as well"
    assert "Wait" in keypad.range.text()
    rig.clock.now_ns += 31 * S_NS
    for digit in "4711":
        hand.keyClick(rig.shell.windowHandle(), getattr(Qt.Key, f"Key_{digit}"))
    assert keypad.shown.text() == "••••", "typed, and not shown"
    hand.keyClick(rig.shell.windowHandle(), Qt.Key.Key_Return)
    assert not locked(rig)


def test_tries_double_their_wait() -> None:
    now = [0]
    tries = Tries(lambda: now[0])
    waits = []
    for _ in range(14):
        tries.told(False)
        waits.append(tries.wait_s())
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:8] == [30, 60, 120, 240]
    assert waits[-1] == 3600
    tries.told(True)
    now[0] += 3600 * S_NS
    assert tries.wait_s() == 0
    tries.told(False)
    assert tries.wait_s() == 0, "the right code gave the tries back"


def test_codes() -> None:
    kept = make_code("123456", b"\x00\x01")
    assert "123456" not in kept
    assert is_code(kept, "123456")
    for wrong in ("123457", "", "12345", "1234567", "١٢٣٤٥٦"):
        assert not is_code(kept, wrong)
    for nonsense in ("", "zz:00", ":", "00", "00:"):
        assert not is_code(nonsense, "1234")
    for bad in ("123", "123456789", "12a4", "", "١٢٣٤"):
        with pytest.raises(ValueError, match="4 to 8"):
            make_code(bad, b"s")


# -- the rules alone


def test_rest_follows_touches_and_time() -> None:
    rest = Rest(10, 20, 0)
    assert rest.look(9 * S_NS, True, False) == Resting()
    assert rest.look(10 * S_NS, True, False) == Resting(dim=True)
    assert rest.look(20 * S_NS, True, False) == Resting(True, Lock.IDLE)
    rest.touched(21 * S_NS)
    assert rest.look(21 * S_NS, True, False) == Resting(False, Lock.IDLE), "a touch lights up and does not unlock"
    rest.unlock(22 * S_NS)
    assert rest.look(22 * S_NS, True, False) == Resting()
    assert rest.look(90 * S_NS, False, False) == Resting(), "somebody may need it"
    assert rest.look(99 * S_NS, True, False) == Resting(), "and the time begins when nobody does"
    rest.set_times(0, 0)
    assert rest.look(9999 * S_NS, True, False) == Resting()
    rest.clean()
    assert rest.look(9999 * S_NS, False, False).lock is Lock.CLEAN
    assert rest.look(9999 * S_NS, False, True).lock is Lock.NONE


# -- kiosk


@pytest.fixture
def kiosk(rig: Rig) -> Rig:
    rig.shell.enter_kiosk()
    QApplication.processEvents()
    rig.frames(2)
    return rig


def left_by(rig: Rig) -> list[Any]:
    told: list[Any] = []
    rig.touch.household.leave.connect(lambda: told.append("left"))
    return told


def hold_corner(rig: Rig, finger: Finger) -> None:
    finger.press(rig.shell.corner)
    rig.frames(190)
    finger.lift(rig.shell.corner)


def test_a_kiosk_fills_the_panel_shows_no_cursor_and_is_not_closed_from_outside(kiosk: Rig) -> None:
    shell = kiosk.shell
    assert shell.isFullScreen()
    assert shell.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert shell.cursor().shape() == Qt.CursorShape.BlankCursor
    event = QCloseEvent()
    QApplication.sendEvent(shell, event)
    assert not event.isAccepted()
    assert shell.isVisible()
    hand.mousePress(shell.stop_button, Qt.MouseButton.LeftButton)
    assert kiosk.control.stops() == 1


def test_the_corner_leaves_after_three_seconds_where_no_code_is_set(kiosk: Rig, finger: Finger) -> None:
    told = left_by(kiosk)
    finger.press(kiosk.shell.corner)
    kiosk.frames(180)
    assert not told
    kiosk.frames(10)
    assert told == ["left"]


def test_the_corner_asks_for_the_code_where_one_is_set(kiosk: Rig, finger: Finger) -> None:
    told = left_by(kiosk)
    kiosk.touch.household.change({"code": make_code("4711", b"s")})
    hold_corner(kiosk, finger)
    keypad = kiosk.touch.keypad_panel.keypad
    assert keypad.isVisible()
    for code, left in (("0000", []), ("4711", ["left"])):
        for digit in code:
            keypad.type(digit)
        click(keypad.enter)
        assert told == left


def test_nobody_leaves_while_the_pen_is_armed_and_without_kiosk_there_is_no_corner(rig: Rig, finger: Finger) -> None:
    assert not rig.shell.corner.isVisible()
    rig.shell.enter_kiosk()
    told = left_by(rig)
    rig.control.open_session(rig.clock(), state=State.RUNNING)
    rig.frames(2)
    hold_corner(rig, finger)
    assert not told


@pytest.mark.parametrize("kind", [Lock.CLEAN, Lock.IDLE])
def test_a_pen_that_is_stopped_while_the_screen_is_locked_opens_no_lock(rig: Rig, kind: Lock) -> None:
    """STOP works on a locked screen, and the pen is STOPPING until it has proven it; the code stays the way in."""
    household = rig.touch.household
    if kind is Lock.CLEAN:
        clean(rig)
    else:
        household.change({"code": make_code("1234", b"salt"), "lock_after_s": 60, "dim_after_s": 0})
        rig.clock.now_ns += 61 * S_NS
        rig.frames(2)
    assert locked(rig)
    hand.mousePress(rig.shell.stop_button, Qt.MouseButton.LeftButton)
    assert rig.control.stops() == 1
    for state in (State.STOPPING, State.CONNECTED):
        rig.control.publish(rig.clock(), state=state)
        rig.frames(1)
        assert locked(rig), state
    rig.control.publish(rig.clock(), state=State.RUNNING)
    rig.frames(1)
    assert not locked(rig), "a pen that runs wants every control within reach"
