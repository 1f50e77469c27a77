"""Rows of a painted list as its children in the accessible tree: those in sight, tapped by an action."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QWidget

from ui.touch.widgets.touch import TapButton


class RowTarget(TapButton):
    """One row for a screen reader; fingers and mouse go through it to the list, and it is never drawn."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent=parent)
        self.row = -1
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # at the keyboard the list's arrows walk the rows
        self.setUpdatesEnabled(False)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Nothing: the list draws its rows."""


class RowTargets:
    """As few targets as there are rows to show; a row that comes takes the one of a row that went."""

    def __init__(self, room: QWidget, tap: Callable[[int], None]) -> None:
        self._room, self._tap = room, tap
        self._targets: list[RowTarget] = []

    def show_rows(self, rows: Mapping[int, tuple[str, QRect]]) -> None:
        """By row: what it says, and where it stands in the list."""
        while len(self._targets) < len(rows):
            self._targets.append(self._make())
        for at, target in enumerate(self._targets):
            target.setVisible(at < len(rows))
        for target, (row, (name, place)) in zip(self._targets, rows.items(), strict=False):
            target.row = row
            if target.accessibleName() != name:
                target.setAccessibleName(name)
            target.setGeometry(place)

    def _make(self) -> RowTarget:
        target = RowTarget(self._room)
        target.clicked.connect(lambda: self._tap(target.row))
        return target
