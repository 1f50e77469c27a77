"""Buttons that hear fingers themselves: a mouse made from touch knows the first finger only."""

from PyQt6.QtCore import QEvent, QPointF, Qt, QTimer, QTimerEvent
from PyQt6.QtGui import QEventPoint, QKeyEvent, QResizeEvent, QTouchEvent
from PyQt6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QWidget

from ui.touch.assistance import may_assist

TIGHT = (None, "1", "2", "3", "4")  # each a size of its own in the stylesheet
SLACK_PX = 6  # a key that is marked has a thicker edge
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
TOUCHES = frozenset({QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel})


class TapButton(QPushButton):
    """A tap by any finger, whatever the others rest on: `clicked` when it lifts inside, or `pressed` with `on_contact`.

    Space and Enter tap it for work at a desk. A screen reader presses it by Qt's own action, which ends in `clicked` as well.
    """

    def __init__(
        self, text: str, accessible: str = "", role: str = "", parent: QWidget | None = None, on_contact: bool = False
    ) -> None:
        super().__init__(text, parent)
        self._on_contact = on_contact
        self._telling = False
        self.setAutoRepeat(False)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a tap gives no focus; Tab and Space are for work at a desk
        self.setAccessibleName(accessible or text)
        if role:
            self.setProperty("role", role)

    def setText(self, text: str | None) -> None:
        """Another text, smaller where it is too long for the key."""
        if text != self.text():
            super().setText(text)
            self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The text has other room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The largest size of the stylesheet in which the whole text has room."""
        style = self.style()
        if not self.text() or style is None or self.width() <= 0:
            return
        self.ensurePolished()
        for tight in TIGHT:
            set_state(self, "tight", tight)
            option = QStyleOptionButton()
            self.initStyleOption(option)
            room = style.subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
            if self.fontMetrics().horizontalAdvance(self.text().replace("&&", "&")) + SLACK_PX <= room:
                return

    def setChecked(self, checked: bool) -> None:
        """Show it checked or not."""
        told, self._telling = self._telling, True
        super().setChecked(checked)
        self._telling = told

    def nextCheckState(self) -> None:
        """A tap checks it, or takes that back."""
        told, self._telling = self._telling, True
        super().nextCheckState()
        self._telling = told

    def checkStateSet(self) -> None:
        """A screen reader's action on a key that can be checked only turns the check over: make a tap of it."""
        if not self._telling:
            QTimer.singleShot(0, self._tap_instead)

    def _tap_instead(self) -> None:
        self.setChecked(not self.isChecked())
        if may_assist(self):
            self.click()

    def timerEvent(self, event: QTimerEvent | None) -> None:
        """The end of a screen reader's press, 100 ms after its beginning; no tap for what lies under a panel or a lock."""
        muted = not may_assist(self)
        before = self.blockSignals(True) if muted else self.signalsBlocked()
        super().timerEvent(event)
        self.blockSignals(before)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Enter taps as Space does."""
        if event is not None and event.key() in ENTER:
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

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
