"""A slider along a session's time: 15 mm to touch, the zones as stretches, alarms as marks in their shapes."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QTouchEvent
from PyQt6.QtWidgets import QAbstractSlider, QWidget

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.alarm_tile import alarm_colours, draw_shape
from ui.touch.widgets.touch import TOUCHES, local_points

HIGH_MM = 15.0
KNOB_MM = 4.0  # radius
STEPS = 200  # of the value that a screen reader and the arrow keys know


@dataclass(frozen=True)
class SliderStretch:
    """A part of the line, 0 to 1, with a name where there is room for it."""

    begin: float
    end: float
    name: str


@dataclass(frozen=True)
class SliderMark:
    """A moment, 0 to 1, in an alarm's shape."""

    at: float
    priority: str


class TimeSlider(QAbstractSlider):
    """Signals: `moved` with the fraction under the finger, at contact and while it slides; `lifted` at the end.

    Qt's own slider is underneath for its value in the accessible tree and its arrow keys; a finger's place is finer than that.
    """

    moved = pyqtSignal(float)
    lifted = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics = theme, metrics
        self._stretches: tuple[SliderStretch, ...] = ()
        self._marks: tuple[SliderMark, ...] = ()
        self.at = 0.0
        self._window = (0.0, 1.0)
        self._texts = ("", "")
        self._down = self._showing = False
        self._small = font(metrics, 3.4)
        self.setFixedHeight(metrics.px_at_least(HIGH_MM))
        self.setAccessibleName(accessible)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, STEPS)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.valueChanged.connect(self._on_value)

    def show_line(self, stretches: Sequence[SliderStretch], marks: Sequence[SliderMark]) -> None:
        """Another session's line."""
        self._stretches, self._marks = tuple(stretches), tuple(marks)
        self.update()

    def show_at(self, at: float, window: tuple[float, float], now: str, whole: str) -> None:
        """Where the replay stands, which part the traces show, and both in words."""
        if (at, window, (now, whole)) != (self.at, self._window, self._texts):
            self.at, self._window, self._texts = at, window, (now, whole)
            self.setAccessibleDescription(f"{now} / {whole}")
            self._showing = True
            self.setValue(round(at * STEPS))
            self._showing = False
            self.update()

    def event(self, event: QEvent | None) -> bool:
        """One finger slides."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES and self.isEnabled():
            points = local_points(self, event)
            if event.type() in (QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate) and points:
                self._slide(points[0])
            else:
                self._lift()
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Contact."""
        if event is not None:
            self._slide(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Sliding."""
        if event is not None and self._down:
            self._slide(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Lifting."""
        del event
        self._lift()

    def _on_value(self, value: int) -> None:
        """An arrow key or a screen reader."""
        if not self._showing:
            self.moved.emit(value / STEPS)
            self.lifted.emit()

    def _slide(self, point: QPointF) -> None:
        left, width = self._line()
        self._down = True
        self.moved.emit(min(1.0, max(0.0, (point.x() - left) / width)))
        self.update()

    def _lift(self) -> None:
        self._down = False
        self.lifted.emit()
        self.update()

    def _line(self) -> tuple[float, float]:
        inset = self._metrics.px(KNOB_MM)
        return float(inset), float(max(1, self.width() - 2 * inset))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Times above, the line with zones and marks in the middle, the knob."""
        del event
        theme, px = self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, width = self._line()
        thick = px(2.6)
        line = QRectF(left, self.height() * 0.62 - thick / 2, width, thick)
        self._paint_line(painter, line)
        painter.setPen(QPen(QColor(theme.accent), px(0.35)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        begin, end = self._window
        if end - begin < 0.995:
            room = QRectF(left + begin * width, line.top() - px(0.9), max(px(1.2), (end - begin) * width), thick + px(1.8))
            painter.drawRoundedRect(room, px(0.6), px(0.6))
        self._paint_marks(painter, line)
        knob = QPointF(left + self.at * width, line.center().y())
        painter.setPen(QPen(QColor(theme.ground), px(0.6)))
        painter.setBrush(QColor(theme.text if self._down else theme.accent))
        painter.drawEllipse(knob, px(KNOB_MM * (0.82 if self._down else 0.7)), px(KNOB_MM * (0.82 if self._down else 0.7)))
        painter.setFont(self._small)
        painter.setPen(QColor(theme.muted))
        top = QRectF(left, 0, width, px(4.6))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._texts[0])
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._texts[1])

    def _paint_line(self, painter: QPainter, line: QRectF) -> None:
        theme, px = self._theme, self._metrics.px
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(line, line.height() / 2, line.height() / 2)
        painter.setBrush(QColor(theme.edge))
        gap = px(0.3)
        for stretch in self._stretches:
            begin, end = line.left() + stretch.begin * line.width(), line.left() + stretch.end * line.width()
            room = QRectF(begin, line.top(), max(1.0, end - begin - gap), line.height())
            painter.drawRoundedRect(room, px(0.5), px(0.5))

    def _paint_marks(self, painter: QPainter, line: QRectF) -> None:
        side = self._metrics.px(2.8)
        for mark in self._marks:
            ground, _ = alarm_colours(self._theme, mark.priority)
            if mark.priority == "HIGH":
                ground = QColor(self._theme.on_high)  # the dark red of the plate would not be seen on this ground
            room = QRectF(line.left() + mark.at * line.width() - side / 2, line.bottom() + side * 0.25, side, side)
            draw_shape(painter, room, mark.priority, ground)
