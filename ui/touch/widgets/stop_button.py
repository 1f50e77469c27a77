"""STOP: acts on first contact of any finger, on mouse press, on the Pause key, on a screen reader's press. Cannot be disabled
or hidden."""

from PyQt6.QtCore import QEvent, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QTouchEvent
from PyQt6.QtWidgets import QAbstractButton, QWidget

from ui.touch.fonts import digits_font, font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.touch import TOUCHES, pressed_points
from ui.touch.words import Words

SIDE_MM = 44.0
CLEAR_MM = 15.0
BORDER_MM = 1.0


class StopButton(QAbstractButton):
    """Signal `touched` at each contact. One contact may arrive by several ways; the same event is not told twice.

    It is a button for Qt's accessible tree only; the button's own `pressed` comes from a screen reader alone, at once, under
    whatever lid.
    """

    touched = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics, self._words = theme, metrics, words
        self._told = -1
        self._down = False
        self._line = ""
        self._font = digits_font(metrics, 8.4)
        self._line_font = font(metrics, 3.2, 600)
        side = metrics.px_at_least(SIDE_MM)
        self.setFixedSize(side, side)
        self.setObjectName("stop")
        self.setAccessibleName(words("stop.word"))
        self.setAccessibleDescription(words("stop.description"))
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pressed.connect(lambda: self.contact(0))
        self.released.connect(self.lifted)

    def setEnabled(self, enabled: bool) -> None:
        """STOP stays enabled, whatever is asked."""
        del enabled

    def show_line(self, line: str) -> None:
        """The line under the word, e.g. "sent"."""
        if line != self._line:
            self._line = line
            self.update()

    def contact(self, stamp: int) -> None:
        """A finger, mouse or key came down; `stamp` is the event's own time in ms, 0 when it has none."""
        if stamp and stamp == self._told:
            return
        self._told = stamp
        self.touched.emit()
        self._down = True
        self.update()

    def lifted(self) -> None:
        """Nothing presses any more."""
        self._down = False
        self.update()

    def event(self, event: QEvent | None) -> bool:
        """Any finger that comes down on it, also the second one of a touch that began elsewhere."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES:
            if event.type() == QEvent.Type.TouchBegin or pressed_points(event):
                self.contact(event.timestamp())
            elif event.type() != QEvent.Type.TouchUpdate:
                self.lifted()
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Any button."""
        self.contact(event.timestamp() if event is not None else 0)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """The second of two quick presses is a press."""
        self.mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Only the look."""
        del event
        self.lifted()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Red plate, white border of 1 mm, the word."""
        del event
        theme, px = self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = px(BORDER_MM)
        rect = QRectF(self.rect()).adjusted(border / 2, border / 2, -border / 2, -border / 2)
        painter.setPen(QPen(QColor(theme.on_stop), border))
        painter.setBrush(QColor(theme.stop_pressed if self._down else theme.stop))
        painter.drawRoundedRect(rect, px(3.4), px(3.4))
        painter.setPen(QColor(theme.on_stop))
        painter.setFont(self._font)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._words("stop.word"))
        if self._line:
            painter.setFont(self._line_font)
            low = self.rect().adjusted(px(3), self.height() * 7 // 10, -px(3), -px(3))
            painter.drawText(low, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._line)
