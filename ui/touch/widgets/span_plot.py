"""A stretch of a recorded trace: lowest to highest in each pixel column, limit as a dashed line, zones named, a cursor.

Painted by itself and not by pyqtgraph: it gets two arrays no longer than it is wide, and draws one polyline. The look is that
of the live traces. A finger drags it, two fingers zoom, a tap sets the cursor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PyQt6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QTouchEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from ui.touch.decimation import Floats
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.touch import TOUCHES, local_points

AXIS_MM = 9.5
SLOP_MM = 2.0


@dataclass(frozen=True)
class PlotScale:
    """What the height means: lowest and highest value, lines at the ticks, and the allowed band, if there is one."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    band: tuple[float, float] | None = None


@dataclass(frozen=True)
class PlotView:
    """What is on show. Columns count from the left; `limits` are (from column, to column, value, words)."""

    lows: Floats
    highs: Floats
    width: float  # of the columns in all, in columns: the bins may reach a little beyond
    limits: Sequence[tuple[float, float, float, str]] = ()
    names: Sequence[tuple[float, float, str]] = ()
    cursor: float | None = None
    ghosts: Sequence[float] = field(default=())  # columns of what is marked: trips, alarms


class SpanPlot(QWidget):
    """Signals: `dragged` by columns, `zoomed` (factor, column), `tapped` (column)."""

    dragged = pyqtSignal(float)
    zoomed = pyqtSignal(float, float)
    tapped = pyqtSignal(float)

    def __init__(
        self, theme: Theme, metrics: Metrics, colour: str, scale: PlotScale, accessible: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._metrics, self._scale = theme, metrics, scale
        self._view: PlotView | None = None
        self._pen = QPen(QColor(colour), 2)
        self._limit_pen = QPen(QColor(theme.limit), metrics.px(0.3))
        self._limit_pen.setDashPattern([5.0, 3.0])
        self._tick_font, self._name_font = font(metrics, 2.7), font(metrics, 2.6, 600)
        self._touched: list[QPointF] = []
        self._start: QPointF | None = None
        self._dragging = False
        self.setAccessibleName(accessible)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)

    def show_view(self, view: PlotView) -> None:
        """Another stretch, or another place of the cursor."""
        self._view = view
        self.update()

    def columns(self) -> int:
        """Pixel columns of the trace."""
        return max(16, self.width() - self._metrics.px(AXIS_MM) - 1)

    def event(self, event: QEvent | None) -> bool:
        """One finger drags or taps, two zoom."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES:
            points = local_points(self, event)
            if event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel):
                if len(points) == 1 and event.type() == QEvent.Type.TouchEnd:
                    self._lift(points[0])
                self._touched, self._start = [], None
            elif len(points) == 2 and len(self._touched) == 2:
                self._pinch(points)
            elif len(points) == 1 and event.type() == QEvent.Type.TouchUpdate:
                self._move(points[0])
            elif len(points) == 1:
                self._press(points[0])
            if len(points) > 1:
                self._start = None
            self._touched = points if event.type() in (QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate) else []
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Contact."""
        if event is not None:
            self._press(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Dragging."""
        if event is not None:
            self._move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Lifting."""
        if event is not None:
            self._lift(event.position())

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """A mouse with a wheel zooms, too."""
        if event is not None and event.angleDelta().y():
            self.zoomed.emit(2.0 if event.angleDelta().y() > 0 else 0.5, self._column(event.position()))

    def _press(self, point: QPointF) -> None:
        self._start, self._touched, self._dragging = point, [point], False

    def _move(self, point: QPointF) -> None:
        if self._start is None or not self._touched:
            return
        if not self._dragging and abs(point.x() - self._start.x()) > self._metrics.px(SLOP_MM):
            self._dragging = True
        if self._dragging:
            self.dragged.emit(self._touched[0].x() - point.x())
            self._touched = [point]

    def _lift(self, point: QPointF) -> None:
        start, self._start = self._start, None
        if start is not None and not self._dragging and self.rect().contains(point.toPoint()):
            self.tapped.emit(self._column(start))

    def _pinch(self, points: list[QPointF]) -> None:
        before = abs(self._touched[0].x() - self._touched[1].x())
        after = abs(points[0].x() - points[1].x())
        if min(before, after) >= self._metrics.px(4):
            self.zoomed.emit(after / before, self._column((points[0] + points[1]) / 2))

    def _column(self, point: QPointF) -> float:
        return min(max(0.0, point.x() - self._metrics.px(AXIS_MM)), float(self.columns()))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Band, ticks, names, trace, limit, cursor."""
        del event
        theme, left = self._theme, self._metrics.px(AXIS_MM)
        painter = QPainter(self)
        room = QRectF(left, 0, self.columns(), self.height())
        if self._scale.band:
            low, high = self._scale.band
            painter.fillRect(QRectF(left, self._y(high), room.width(), self._y(low) - self._y(high)), QColor(theme.band))
        painter.setFont(self._tick_font)
        for value, text in self._scale.ticks:
            y = round(self._y(value))
            painter.setPen(QColor(theme.line))
            painter.drawLine(left, y, self.width(), y)
            painter.setPen(QColor(theme.muted))
            tall = self._metrics.px(4)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - tall / 2, left - self._metrics.px(1.0), tall), flags, text)
        if self._view is None:
            return
        painter.setClipRect(room)
        painter.translate(left, 0)
        self._paint_trace(painter, self._view)
        self._paint_marks(painter, self._view)

    def _paint_trace(self, painter: QPainter, view: PlotView) -> None:
        painter.setPen(self._pen)
        step = view.width / max(1, len(view.lows))
        known = np.flatnonzero(~np.isnan(view.lows))
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            if len(run):
                painter.drawPolyline(self._line(view, run, step))

    def _line(self, view: PlotView, run: np.ndarray[tuple[int], np.dtype[np.intp]], step: float) -> QPolygonF:
        """Two points a column, up in one and down in the next.

        Written straight into the polygon's memory: a thousand points as Python objects wake the garbage collector, and its
        round through the whole program is a frame of 80 ms.
        """
        y = np.empty(2 * len(run))
        lows, highs = self._ys(view.lows[run]), self._ys(view.highs[run])
        y[0::4], y[1::4] = lows[0::2], highs[0::2]
        y[2::4], y[3::4] = highs[1::2], lows[1::2]
        polygon = QPolygonF()
        polygon.fill(QPointF(), 2 * len(run))
        memory = polygon.data()
        memory.setsize(32 * len(run))
        points = np.frombuffer(memory, np.float64).reshape(-1, 2)  # type: ignore[call-overload]  # it is a buffer
        points[:, 0] = np.repeat((run + 0.5) * step, 2)
        points[:, 1] = y
        if len(run) == 1:
            points[1, 0] += 0.5  # a lone value is a dot and not nothing
        return polygon

    def _paint_marks(self, painter: QPainter, view: PlotView) -> None:
        theme, px = self._theme, self._metrics.px
        painter.setPen(self._limit_pen)
        for begin, end, value, _ in view.limits:
            painter.drawLine(QLineF(begin, self._y(value), end, self._y(value)))
        painter.setFont(self._name_font)
        metrics = painter.fontMetrics()
        for begin, end, value, text in view.limits:
            if text and metrics.horizontalAdvance(text) + px(2) < end - begin:
                painter.setPen(QColor(theme.limit))
                painter.drawText(QPointF(begin + px(1), self._y(value) - px(0.8)), text)
        painter.setPen(QColor(theme.muted))
        for begin, end, text in view.names:
            if metrics.horizontalAdvance(text) + px(2) < end - begin:
                painter.drawText(QPointF(begin + px(1), px(2.9)), text)
        painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
        for column in view.ghosts:
            painter.drawLine(QLineF(column, 0, column, self.height()))
        if view.cursor is not None:
            painter.setPen(QPen(QColor(theme.text), px(0.35)))
            painter.drawLine(QLineF(view.cursor, 0, view.cursor, self.height()))

    def _y(self, value: float) -> float:
        share = (value - self._scale.low) / (self._scale.high - self._scale.low)
        return self.height() - 2 - share * (self.height() - 4)

    def _ys(self, values: Floats) -> Floats:
        shares: Floats = (values - self._scale.low) / (self._scale.high - self._scale.low)
        return self.height() - 2 - shares * (self.height() - 4)
