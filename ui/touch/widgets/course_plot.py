"""Depth over a client's sessions, one line a zone: the chosen one bright, the others faint behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme

TOP_MM_DEPTH = 1.6


@dataclass(frozen=True)
class CoursePoint:
    """One visit: day, deepest and limit in mm, whether it came too early."""

    day: date
    depth_mm: float
    limit_mm: float
    early: bool


@dataclass(frozen=True)
class CourseLine:
    """A zone's visits, oldest first, and the days between which the next one is due."""

    points: tuple[CoursePoint, ...]
    due: tuple[date, date] | None = None


class CoursePlot(QWidget):
    """Shows lines; the first is the chosen one."""

    def __init__(
        self, theme: Theme, metrics: Metrics, say: Callable[[date], str], accessible: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._metrics, self._say = theme, metrics, say
        self._lines: tuple[CourseLine, ...] = ()
        self._due_text = self._early_text = ""
        self._font = font(metrics, 2.7)
        self._strong = font(metrics, 2.7, 600)
        self.setAccessibleName(accessible)

    def show_lines(self, lines: Sequence[CourseLine], due_text: str, early_text: str, spoken: str) -> None:
        """The chosen zone first."""
        self._lines = tuple(lines)
        self._due_text, self._early_text = due_text, early_text
        self.setAccessibleDescription(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Axes, what is due, the faint lines, the chosen one."""
        del event
        if not self._lines or not self._lines[0].points:
            return
        px = self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(px(9.5), px(2), self.width() - px(13.5), self.height() - px(10))
        days = [point.day for line in self._lines for point in line.points]
        due = self._lines[0].due
        first, last = min(days), max([*days, due[1]] if due else days)
        span = max(14, (last - first).days)
        self._paint_axes(painter, room, first, span)
        if due is not None:
            begin, end = (room.left() + (day - first).days / span * room.width() for day in due)
            painter.fillRect(QRectF(begin, room.top(), max(2.0, end - begin), room.height()), QColor(self._theme.accent_ground))
            painter.setFont(self._strong)
            painter.setPen(QColor(self._theme.accent))
            wide = painter.fontMetrics().horizontalAdvance(self._due_text)
            left = min(max(room.left(), (begin + end - wide) / 2), room.right() - wide)
            painter.drawText(QPointF(left, room.top() + px(4)), self._due_text)
        for line in reversed(self._lines[1:]):
            self._paint_line(painter, room, line, first, span, False)
        self._paint_line(painter, room, self._lines[0], first, span, True)

    def _paint_axes(self, painter: QPainter, room: QRectF, first: date, span: int) -> None:
        theme, px = self._theme, self._metrics.px
        painter.setFont(self._font)
        for value in (0.5, 1.0, 1.5):
            y = self._y(room, value)
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(theme.muted))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - px(3), room.left() - px(1.4), px(6)), flags, f"{value:.1f}")
        ticks = max(1, min(5, int(room.width() // px(26))))
        for number in range(ticks + 1):
            day = first + timedelta(days=round(span * number / ticks))
            x = room.left() + (day - first).days / span * room.width()
            wide = px(22)
            left = min(max(0.0, x - wide / 2), self.width() - wide)
            flags = Qt.AlignmentFlag.AlignHCenter
            if number in (0, ticks):
                flags = Qt.AlignmentFlag.AlignLeft if not number else Qt.AlignmentFlag.AlignRight
                left = x if not number else x - wide
            painter.drawText(QRectF(left, room.bottom() + px(2), wide, px(5)), flags, self._say(day))

    def _paint_line(self, painter: QPainter, room: QRectF, line: CourseLine, first: date, span: int, chosen: bool) -> None:
        theme, px = self._theme, self._metrics.px
        at = [
            QPointF(room.left() + (point.day - first).days / span * room.width(), self._y(room, point.depth_mm))
            for point in line.points
        ]
        painter.setPen(QPen(QColor(theme.depth_trace if chosen else theme.edge), px(0.5 if chosen else 0.25)))
        painter.drawPolyline(QPolygonF(at))
        if not chosen:
            return
        for point, place in zip(line.points, at, strict=True):
            limit = self._y(room, point.limit_mm)
            painter.setPen(QPen(QColor(theme.limit), px(0.4)))
            painter.drawLine(QPointF(place.x() - px(3), limit), QPointF(place.x() + px(3), limit))
            painter.setPen(QPen(QColor(theme.card), px(0.6)))
            painter.setBrush(QColor(theme.depth_trace))
            painter.drawEllipse(place, px(1.5), px(1.5))
            if point.early:
                painter.setPen(QColor(theme.text))
                painter.setFont(self._strong)
                wide = painter.fontMetrics().horizontalAdvance(self._early_text)
                left = min(max(room.left(), place.x() - wide / 2), room.right() - wide)
                painter.drawText(QPointF(left, place.y() + px(5.4)), self._early_text)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _y(self, room: QRectF, depth_mm: float) -> float:
        return room.bottom() - depth_mm / TOP_MM_DEPTH * room.height()
