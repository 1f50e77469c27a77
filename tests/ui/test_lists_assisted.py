"""A painted list and the time slider at a keyboard and for a screen reader."""

from typing import Any

import pytest
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter
from pytestqt.qtbot import QtBot

from tests.ui.conftest import PANELS, hand
from ui.touch.metrics import Metrics
from ui.touch.theme import DAY
from ui.touch.widgets.drag_list import DragList
from ui.touch.widgets.row_targets import RowTarget
from ui.touch.widgets.slider import TimeSlider

METRICS = Metrics(PANELS["10.1"][1])
ROW_MM = 15.0


class Plain:
    """Rows that say their item; every fifth is a heading."""

    def height_mm(self, item: Any) -> float:
        return ROW_MM

    def touchable(self, item: Any) -> bool:
        return bool(item % 5)

    def words(self, item: Any) -> str:
        return f"row {item}"

    def paint(self, painter: QPainter, room: QRectF, item: Any, pressed: bool, chosen: bool) -> None:
        """Nothing."""


@pytest.fixture
def shown(qtbot: QtBot) -> DragList:
    made = DragList(Plain(), DAY, METRICS, lambda: 0, "list")
    qtbot.addWidget(made)
    made.resize(400, METRICS.px_at_least(ROW_MM) * 4)
    made.show_items(range(20))
    made.show()
    return made


def rows(shown: DragList) -> dict[str, RowTarget]:
    return {target.accessibleName(): target for target in shown.findChildren(RowTarget) if target.isVisible()}


def test_rows_in_sight_are_children_that_can_be_pressed(shown: DragList, qtbot: QtBot) -> None:
    assert list(rows(shown)) == ["row 1", "row 2", "row 3"], "headings are only said"
    assert "row 0" in shown.accessibleDescription()
    with qtbot.waitSignal(shown.touched) as told:
        rows(shown)["row 2"].animateClick()
    assert told.args == [2]
    shown.scroll_to(METRICS.px_at_least(ROW_MM) * 6)
    assert list(rows(shown)) == ["row 6", "row 7", "row 8", "row 9"]
    assert rows(shown)["row 7"].geometry().contains(shown.row_room(7).center().toPoint())
    with qtbot.waitSignal(shown.touched) as told:
        rows(shown)["row 7"].animateClick()
    assert told.args == [7]
    shown.show_items(())
    assert not rows(shown)


def test_a_finger_goes_through_them(shown: DragList) -> None:
    target = rows(shown)["row 2"]
    assert shown.childAt(target.geometry().center()) is None
    heard: list[int] = []
    shown.touched.connect(heard.append)
    for row in (0, 2):
        hand.mouseClick(shown, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, shown.row_room(row).center().toPoint())
    assert heard == [2], "a heading takes no tap"


def test_arrows_walk_the_rows_and_space_or_enter_taps(shown: DragList, qtbot: QtBot) -> None:
    heard: list[int] = []
    shown.touched.connect(heard.append)
    shown.setFocus(Qt.FocusReason.TabFocusReason)
    hand.keyClick(shown, Qt.Key.Key_Space)
    assert not heard, "nowhere yet"
    hand.keyClick(shown, Qt.Key.Key_Down)
    hand.keyClick(shown, Qt.Key.Key_Space)
    for _ in range(4):
        hand.keyClick(shown, Qt.Key.Key_Down)
    assert shown.accessibleDescription() == "row 6", "over the heading"
    assert shown.row_room(6).bottom() <= shown.height(), "it came into sight"
    hand.keyClick(shown, Qt.Key.Key_Return)
    for _ in range(9):
        hand.keyClick(shown, Qt.Key.Key_PageDown)
    hand.keyClick(shown, Qt.Key.Key_Enter)
    for _ in range(9):
        hand.keyClick(shown, Qt.Key.Key_PageUp)
    hand.keyClick(shown, Qt.Key.Key_Enter)
    assert heard == [1, 6, 19, 1]
    assert shown.row_room(1).top() >= 0
    plain = shown.grab().toImage()
    shown.clearFocus()
    assert shown.grab().toImage() != plain, "it is seen where the keyboard is"


def test_the_sliders_value_is_heard_and_set(qtbot: QtBot) -> None:
    slider = TimeSlider(DAY, METRICS, "time")
    qtbot.addWidget(slider)
    heard: list[float] = []
    slider.moved.connect(heard.append)
    slider.show_at(0.5, (0.0, 1.0), "0:30", "1:00")
    assert slider.value() == 100
    assert not heard, "what is shown is no wish"
    slider.setValue(150)
    assert heard == [0.75]
    hand.keyClick(slider, Qt.Key.Key_Left)
    hand.keyClick(slider, Qt.Key.Key_Home)
    assert heard == [0.75, 0.745, 0.0]
