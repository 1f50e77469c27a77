"""The plan's zones as children of the map in the accessible tree: choosing one is an action, as a finger's tap is."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QPaintEvent, QTransform
from PyQt6.QtWidgets import QWidget

from ui.touch.figure import Figure
from ui.touch.views import ZoneMark
from ui.touch.widgets.touch import TapButton


class ZoneTarget(TapButton):
    """One zone for a screen reader; fingers and mouse go through it to the map, and it is never drawn. Checked: it is chosen."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__("", name, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # at the keyboard the map's arrows walk the zones
        self.setCheckable(True)
        self.setUpdatesEnabled(False)

    def nextCheckState(self) -> None:
        """Only control's word decides which zone is chosen."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Nothing: the map draws its zones."""


class ZoneTargets:
    """Keeps one target for each zone of the plan that the figure on show has, in the plan's order."""

    def __init__(self, room: QWidget, pick: Callable[[str], None]) -> None:
        self._room, self._pick = room, pick
        self._targets: dict[str, ZoneTarget] = {}
        self._shown: tuple[dict[str, ZoneMark], str] = ({}, "")

    def show_marks(self, marks: Mapping[str, ZoneMark], chosen: str) -> None:
        """Names, counts, and which zone is chosen."""
        if self._shown == (marks, chosen):
            return
        self._shown = (dict(marks), chosen)
        if list(marks) != list(self._targets):
            for old in self._targets.values():
                old.hide()
                old.deleteLater()
            self._targets = {zone: self._make(zone) for zone in marks}
        for zone, mark in marks.items():
            target = self._targets[zone]
            target.setAccessibleName(mark.name or zone)
            target.setAccessibleDescription(mark.line)
            target.setChecked(zone == chosen)

    def place(self, figure: Figure, to_screen: QTransform, pins: Mapping[str, QRectF]) -> None:
        """Each target about its zone's label, so that its middle lies in the zone; zones of other figures are hidden.

        `pins`: the target of each pin on the figure.
        """
        room = self._room.rect()
        for zone, target in self._targets.items():
            shape = figure.zones.get(zone)
            target.setVisible(shape is not None or zone in pins)
            if zone in pins:
                target.setGeometry(_about(pins[zone].center(), pins[zone], room))
            elif shape is not None:
                target.setGeometry(_about(to_screen.map(shape.label), to_screen.mapRect(shape.path.boundingRect()), room))

    def _make(self, zone: str) -> ZoneTarget:
        target = ZoneTarget(zone, self._room)
        target.clicked.connect(lambda: self._pick(zone))
        return target


def _about(label: QPointF, whole: QRectF, room: QRect) -> QRect:
    """The largest part of `whole` with `label` in its middle, as far as the map shows it; at least one pixel."""
    half_wide = min(label.x() - whole.left(), whole.right() - label.x())
    half_high = min(label.y() - whole.top(), whole.bottom() - label.y())
    part = QRectF(label.x() - half_wide, label.y() - half_high, 2 * half_wide, 2 * half_high).toAlignedRect() & room
    if part.isEmpty():
        x, y = min(max(round(label.x()), 0), room.right()), min(max(round(label.y()), 0), room.bottom())
        return QRect(x, y, 1, 1)
    return part
