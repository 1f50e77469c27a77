"""Buttons that hear fingers themselves: a mouse made from touch knows the first finger only."""

from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QEventPoint, QTouchEvent
from PyQt6.QtWidgets import QPushButton, QWidget

TOUCHES = frozenset({QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel})


class TapButton(QPushButton):
    """A tap by any finger, whatever the others rest on: `clicked` when it lifts inside, or `pressed` with `on_contact`."""

    def __init__(
        self, text: str, accessible: str = "", role: str = "", parent: QWidget | None = None, on_contact: bool = False
    ) -> None:
        super().__init__(text, parent)
        self._on_contact = on_contact
        self.setAutoRepeat(False)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a tap gives no focus; Tab and Space are for work at a desk
        self.setAccessibleName(accessible or text)
        if role:
            self.setProperty("role", role)

    def event(self, event: QEvent | None) -> bool:
        """Touch like a mouse press and release; the rest as usual."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES and self.isEnabled():
            self._touch(event)
            event.accept()
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        kind = event.type()
        if kind == QEvent.Type.TouchCancel:
            self.setDown(False)
            return
        if self._on_contact:
            self.setDown(kind != QEvent.Type.TouchEnd)
            if kind == QEvent.Type.TouchBegin:
                self.pressed.emit()
            return
        points = local_points(self, event)
        inside = bool(points) and self.rect().contains(points[0].toPoint())
        if kind == QEvent.Type.TouchEnd:
            meant = inside and self.isDown()  # an end without its beginning is nobody's tap
            self.setDown(False)
            if meant:
                self.click()
        else:
            self.setDown(inside)


def set_state(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property and let the style see it; does nothing when it already has that value."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        style = widget.style()
        if style is not None:
            style.unpolish(widget)
            style.polish(widget)


def local_points(widget: QWidget, event: QTouchEvent) -> list[QPointF]:
    """Every finger of this event, in the widget's coordinates."""
    return [widget.mapFromGlobal(point.globalPosition()) for point in event.points()]


def pressed_points(event: QTouchEvent) -> list[QPointF]:
    """Where fingers came down in this very event, in screen coordinates."""
    return [point.globalPosition() for point in event.points() if point.state() == QEventPoint.State.Pressed]
