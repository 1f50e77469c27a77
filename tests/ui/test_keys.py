"""The whole screen by keyboard, for work at a desk: Tab goes round, Space taps and holds, arrows walk the map."""

from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtWidgets import QApplication, QPushButton

from tests.ui.conftest import Finger, Rig, hand
from tests.ui.test_walk import reachable
from ui.touch.widgets.hold import Hold

TAB = Qt.FocusReason.TabFocusReason


def test_tab_reaches_every_target_of_the_page(treating: Rig) -> None:
    wanted = {widget for widget, _ in reachable(treating.shell) if widget.isEnabled()}
    seen = set()
    for _ in range(120):
        treating.shell.focusNextChild()
        seen.add(QApplication.focusWidget())
    assert wanted <= seen, {widget.accessibleName() for widget in wanted - seen}


def test_space_held_is_a_hold_and_let_go_is_none(treating: Rig) -> None:
    ring = treating.shell.column.ring
    ring.setFocus(TAB)
    hand.keyPress(ring, Qt.Key.Key_Space)
    treating.frames(30)
    hand.keyRelease(ring, Qt.Key.Key_Space)
    treating.frames(60)
    assert not treating.sent("start")
    hand.keyPress(ring, Qt.Key.Key_Space)
    treating.frames(51)
    hand.keyRelease(ring, Qt.Key.Key_Space)
    assert len(treating.sent("start")) == 1


def test_whoever_loses_the_keyboard_holds_nothing(treating: Rig) -> None:
    ring = treating.shell.column.ring
    ring.setFocus(TAB)
    hand.keyPress(ring, Qt.Key.Key_Space)
    treating.frames(20)
    treating.shell.focusNextChild()
    treating.frames(60)
    assert not treating.sent("start")


def test_space_taps(treating: Rig) -> None:
    plus = treating.touch.treat.depth_step.plus_key
    plus.setFocus(TAB)
    hand.keyClick(plus, Qt.Key.Key_Space)
    assert treating.state.pending_depth_um == 800


def test_arrows_walk_the_map_in_the_plans_order_and_space_chooses(treating: Rig) -> None:
    zones = treating.touch.treat.map.zones
    zones.setFocus(TAB)
    hand.keyClick(zones, Qt.Key.Key_Right)
    assert "Cheek, left" in zones.accessibleDescription()
    hand.keyClick(zones, Qt.Key.Key_Left)
    hand.keyClick(zones, Qt.Key.Key_Left)
    assert "Cheekbone, left" in zones.accessibleDescription()
    hand.keyClick(zones, Qt.Key.Key_Space)
    assert [told["zone"] for told in treating.sent("select_zone")] == ["F.MALAR.L"]


def test_a_tap_gives_nobody_the_keyboard(treating: Rig) -> None:
    plus = treating.touch.treat.depth_step.plus_key
    hand.mouseClick(plus, Qt.MouseButton.LeftButton)
    assert not plus.hasFocus()
    for kind in (QPushButton, Hold):
        for widget in treating.shell.findChildren(kind):
            assert widget.focusPolicy() in (Qt.FocusPolicy.TabFocus, Qt.FocusPolicy.NoFocus), widget.accessibleName()


def test_the_end_of_a_touch_that_began_elsewhere_is_no_tap(treating: Rig, finger: Finger) -> None:
    plus = treating.touch.treat.depth_step.plus_key
    finger.lift(plus)
    finger.send(plus, QEvent.Type.TouchCancel)
    finger.press(plus, QPoint(-5, -5))
    finger.lift(plus)
    assert treating.state.pending_depth_um is None


def test_enter_taps_and_holds_as_space_does(treating: Rig) -> None:
    plus, ring = treating.touch.treat.depth_step.plus_key, treating.shell.column.ring
    plus.setFocus(TAB)
    hand.keyClick(plus, Qt.Key.Key_Return)
    assert treating.state.pending_depth_um == 800
    ring.setFocus(TAB)
    hand.keyPress(ring, Qt.Key.Key_Enter)
    treating.frames(30)
    assert not treating.sent("start")
    treating.frames(21)
    hand.keyRelease(ring, Qt.Key.Key_Enter)
    assert len(treating.sent("start")) == 1
