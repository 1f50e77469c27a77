"""A screen reader's way: it presses twice what a finger holds, and meets no more than a finger would.

`animateClick` and `toggle` are what Qt's accessible actions "Press" and "Toggle" call. `pressed` alone is the beginning of
a press, which is all that a hold and STOP hear of it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QEventPoint
from PyQt6.QtWidgets import QAbstractButton

from pencontrol.control.snapshot import State
from tests.ui.conftest import Finger, Rig, hand, let_timers
from tests.ui.test_holds import alarm, fault, lost_link, own_error, page_change, panel, silent_control
from ui.touch import happenings as h
from ui.touch.assistance import lid_over
from ui.touch.widgets.hold import BOUNCE_NS, CONFIRM_NS, Question
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.zone_targets import ZoneTarget

AGAIN = "press again within 3 s"
BARE = QPoint(960, 750)  # ground that takes no touch


def press(widget: QAbstractButton) -> None:
    """A whole press: Qt ends it by a timer of its own after 100 ms."""
    widget.animateClick()
    let_timers(130)


def ring(rig: Rig) -> Any:
    return rig.shell.column.ring


def open_panel(rig: Rig) -> h.Panel:
    found: h.Panel = rig.state.panel
    return found


def later(rig: Rig, seconds: float) -> None:
    rig.frames(round(seconds / 0.016))


def targets(rig: Rig) -> dict[str, ZoneTarget]:
    found: list[ZoneTarget] = rig.touch.treat.map.zones.findChildren(ZoneTarget)
    return {target.accessibleName(): target for target in found if target.isVisible()}


def test_the_second_press_within_3_s_is_the_hold(treating: Rig) -> None:
    press(ring(treating))
    treating.frames(1)
    assert ring(treating).asking
    assert ring(treating).accessibleDescription().startswith(AGAIN)
    later(treating, 2.5)
    assert not treating.sent("start"), "one press, however long ago, starts nothing"
    press(ring(treating))
    assert len(treating.sent("start")) == 1
    later(treating, 4)
    assert len(treating.sent("start")) == 1
    assert AGAIN not in ring(treating).accessibleDescription()


def test_it_is_seen_that_a_second_press_is_waited_for(treating: Rig) -> None:
    treating.touch.presenter.step(h.Axis.DEPTH, 1)
    treating.frames(1)
    for hold in (ring(treating), treating.touch.treat.depth_step.plate):
        before = hold.grab().toImage()
        hold.pressed.emit()
        assert hold.asking
        seen = hold.grab().toImage()
        assert seen != before
        treating.touch.holds.again = ""
        assert hold.grab().toImage() != seen, "the words are seen, not only an edge"
        treating.touch.holds.again = AGAIN
        later(treating, 3.1)
        assert hold.grab().toImage() == before


def test_three_seconds_and_no_more(treating: Rig) -> None:
    ring(treating).pressed.emit()
    later(treating, 3.02)
    assert not ring(treating).asking
    ring(treating).pressed.emit()
    treating.clock.now_ns += 3_100_000_000  # a screen that hung has drawn no frame since
    ring(treating).pressed.emit()
    assert not treating.sent("start"), "it asks anew"
    later(treating, 0.5)
    ring(treating).pressed.emit()
    assert len(treating.sent("start")) == 1


def test_a_press_that_bounces_confirms_nothing(treating: Rig) -> None:
    for _ in range(3):
        ring(treating).pressed.emit()
        treating.frames(5)
    assert not treating.sent("start")
    later(treating, 0.1)
    ring(treating).pressed.emit()
    assert len(treating.sent("start")) == 1


def finger_elsewhere(rig: Rig, finger: Finger) -> None:
    finger.through_window(rig.shell, QEvent.Type.TouchBegin, (1, QEventPoint.State.Pressed, BARE))
    finger.through_window(rig.shell, QEvent.Type.TouchEnd, (1, QEventPoint.State.Released, BARE))


def mouse_elsewhere(rig: Rig, finger: Finger) -> None:
    hand.mouseClick(rig.shell.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, BARE)


def touched_itself(rig: Rig, finger: Finger) -> None:
    middle = ring(rig).mapTo(rig.shell, ring(rig).rect().center())
    finger.through_window(rig.shell, QEvent.Type.TouchBegin, (1, QEventPoint.State.Pressed, middle))
    finger.through_window(rig.shell, QEvent.Type.TouchEnd, (1, QEventPoint.State.Released, middle))


def stop(rig: Rig, finger: Finger) -> None:
    rig.shell.stop_button.pressed.emit()


def another_zone(rig: Rig, finger: Finger) -> None:
    targets(rig)["Chin"].click()


def another_hold(rig: Rig, finger: Finger) -> None:
    rig.touch.treat.depth_step.plus_key.click()
    rig.touch.treat.depth_step.plate.pressed.emit()
    assert not rig.touch.treat.depth_step.plate.asking, "it only takes the other's question back"


def greyed(rig: Rig, finger: Finger) -> None:
    ring(rig).setEnabled(False)
    ring(rig).setEnabled(True)


def locked(rig: Rig, finger: Finger) -> None:
    rig.touch.household.lock_for_cleaning()
    rig.frames(2)
    rig.touch.household._unlock()


def keyboard_leaves(rig: Rig, finger: Finger) -> None:
    ring(rig).setFocus(Qt.FocusReason.TabFocusReason)
    rig.shell.focusNextChild()


def the_pens_own_start(rig: Rig, finger: Finger) -> None:
    for state in (State.RUNNING, State.PAUSED):
        rig.control.publish(rig.clock(), state=state)
        rig.frames(2)


@pytest.mark.parametrize(
    "end",
    [
        finger_elsewhere,
        mouse_elsewhere,
        touched_itself,
        stop,
        another_zone,
        another_hold,
        greyed,
        locked,
        keyboard_leaves,
        the_pens_own_start,
        alarm,
        page_change,
        panel,
        lost_link,
        silent_control,
        fault,
        own_error,
    ],
)
def test_a_question_is_taken_back_by(treating: Rig, finger: Finger, end: Callable[[Rig, Finger], None]) -> None:
    ring(treating).pressed.emit()
    treating.frames(25)
    assert ring(treating).asking
    end(treating, finger)
    treating.frames(3)
    assert not ring(treating).asking
    ring(treating).pressed.emit()
    assert not treating.sent("start"), "this press is a first one again, or none"


def test_no_question_while_a_finger_is_on_the_screen_or_holds(treating: Rig, finger: Finger) -> None:
    finger.through_window(treating.shell, QEvent.Type.TouchBegin, (1, QEventPoint.State.Pressed, BARE))
    ring(treating).pressed.emit()
    assert not ring(treating).asking
    finger.through_window(treating.shell, QEvent.Type.TouchEnd, (1, QEventPoint.State.Released, BARE))
    hand.mousePress(ring(treating), Qt.MouseButton.LeftButton)
    treating.frames(20)
    ring(treating).pressed.emit()
    treating.frames(31)
    assert len(treating.sent("start")) == 1, "the hold goes on by itself"


def test_pause_is_one_press_and_never_half_a_start(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    ring(treating).pressed.emit()
    assert len(treating.sent("pause")) == 1
    treating.control.publish(treating.clock(), state=State.PAUSED)
    later(treating, 0.5)
    ring(treating).pressed.emit()
    assert not treating.sent("start"), "who pauses twice, to be sure, starts nothing"


def test_stop_is_one_press_at_once_under_whatever_lid(treating: Rig) -> None:
    before = treating.control.stops()
    treating.shell.stop_button.animateClick()
    assert treating.control.stops() == before + 1, "it does not wait for the end of the press"
    let_timers(130)
    assert treating.control.stops() == before + 1
    treating.touch.household.lock_for_cleaning()
    treating.frames(2)
    treating.shell.stop_button.animateClick()
    assert treating.control.stops() == before + 2


def test_what_lies_under_a_panel_or_a_lock_is_not_pressed(treating: Rig) -> None:
    treat = treating.touch.treat
    presets = [key for key in treat.presets.keys if key.isEnabled()]
    treating.touch.presenter.show_panel(h.Panel.CLOSE)
    treating.frames(1)
    press(treat.map.next_key)
    press(presets[-1])
    view = treat.map.keys["body"]
    view.toggle()
    targets(treating)["Chin"].toggle()
    let_timers(20)
    assert not treating.sent("select_zone")
    assert treating.state.pending_depth_um is None
    assert not view.isChecked()
    treat.depth_step.plate.pressed.emit()
    assert not treat.depth_step.plate.asking
    plate = next(panel for panel in treating.shell.panels if panel.isVisible()).findChild(HoldPlate)
    plate.pressed.emit()
    later(treating, 0.5)
    plate.pressed.emit()
    assert len(treating.sent("close_session")) == 1, "the panel's own can be"
    treating.touch.household.lock_for_cleaning()
    treating.frames(2)
    ring(treating).pressed.emit()
    assert not ring(treating).asking
    assert lid_over(ring(treating)) is treating.shell.curtain


def test_the_first_press_on_a_dimmed_screen_only_wakes_it(rig: Rig) -> None:
    rig.touch.household.change({"dim_after_s": 60, "lock_after_s": 0})
    rig.clock.now_ns += 61_000_000_000
    rig.frames(2)
    assert rig.shell.veil.isVisible()
    press(rig.shell.top_bar.more)
    assert open_panel(rig) is h.Panel.NONE
    rig.frames(2)
    assert not rig.shell.veil.isVisible()
    press(rig.shell.top_bar.more)
    assert open_panel(rig) is h.Panel.MORE


def test_who_presses_by_a_screen_reader_is_there(rig: Rig) -> None:
    rig.touch.household.change({"dim_after_s": 60, "lock_after_s": 0})
    rig.clock.now_ns += 50_000_000_000
    press(rig.shell.top_bar.more)
    rig.clock.now_ns += 50_000_000_000
    rig.frames(2)
    assert not rig.shell.veil.isVisible()


def test_zones_of_the_plan_are_children_of_the_map(treating: Rig) -> None:
    shown = targets(treating)
    assert {"Cheek, right", "Cheek, left", "Chin", "Forehead"} <= set(shown)
    assert [name for name, target in shown.items() if target.isChecked()] == ["Cheek, right"]
    assert shown["Cheek, right"].accessibleDescription() == "limit 1.00 mm · 1 of 3 done"
    zones = treating.touch.treat.map.zones
    assert zones._figure is not None
    for name, target in shown.items():
        pick = zones.pick_at(QPoint(target.geometry().center()).toPointF())
        shape = zones._figure.zones[pick.zone].path.boundingRect()
        assert zones._to_screen.mapRect(shape).toAlignedRect().contains(target.geometry())
        assert treating.touch.treat.map.zones._marks[pick.zone].name == name, "its middle lies in its zone"
    shown["Cheek, left"].toggle()
    let_timers(20)
    assert [told["zone"] for told in treating.sent("select_zone")] == ["F.CHEEK.L"]
    assert not shown["Cheek, left"].isChecked(), "only control's word chooses"
    treating.control.publish(treating.clock(), zone="F.CHEEK.L")
    treating.frames(2)
    assert shown["Cheek, left"].isChecked()
    assert not shown["Cheek, right"].isChecked()
    hand.mouseClick(treating.touch.treat.map.keys["back"], Qt.MouseButton.LeftButton)
    assert not targets(treating), "no zone of a face on a back"


def test_keys_that_can_be_checked_hear_the_action_as_a_tap(treating: Rig) -> None:
    treat = treating.touch.treat
    treat.map.keys["body"].toggle()
    let_timers(20)
    assert treat.map.keys["body"].isChecked()
    assert not treat.map.keys["face"].isChecked()
    treat.presets.freeze_key.toggle()
    let_timers(20)
    treating.frames(1)
    assert treating.state.frozen
    assert treat.presets.freeze_key.isChecked()
    treat.zone_keys.turn_key.toggle()
    let_timers(20)
    assert treat.zone_keys.turn_key.isChecked()


def test_what_the_screen_says_is_in_its_names(treating: Rig) -> None:
    treating.frames(20, samples=True)
    treat, column = treating.touch.treat, treating.shell.column
    assert treat.depth_card.digits.accessibleName() == "Depth: 0.75 mm"
    assert treat.speed_card.digits.accessibleName().startswith("Speed: 6")
    assert column.word.accessibleName() == f"State of the pen: {column.word.text()}"


def test_the_question_alone() -> None:
    question = Question()
    assert not question.confirms(5)
    question.ask(1000)
    assert not question.confirms(1000 + BOUNCE_NS - 1)
    assert question.confirms(1000 + BOUNCE_NS)
    assert question.confirms(1000 + CONFIRM_NS)
    assert not question.confirms(1001 + CONFIRM_NS)
    assert not question.confirms(0), "a clock that went back confirms nothing"
    assert question.over(0)
    question.cancel()
    assert not question.over(1001 + CONFIRM_NS)
