"""A pad for a signature: what one finger draws, as strokes. It knows nothing of whose it is."""

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QTouchEvent
from PyQt6.QtWidgets import QWidget

from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.touch import TOUCHES, local_points

THOUSAND = 1000
MOST_POINTS = 20_000
LINE_MM = 0.6


class SignaturePad(QWidget):
    """Signal `drawn` after each stroke. `strokes` are in thousandths of the pad's width from its upper left corner.

    A second finger draws nothing: it may be on its way to STOP.
    """

    drawn = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, accessible: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics, self._hint = theme, metrics, hint
        self._strokes: list[list[tuple[int, int]]] = []
        self._drawing = False
        self.setAccessibleName(accessible)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)

    @property
    def strokes(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """What was drawn so far."""
        return tuple(tuple(stroke) for stroke in self._strokes)

    def clear(self) -> None:
        """An empty pad; what was drawn is gone."""
        self._strokes, self._drawing = [], False
        self.update()
        self.drawn.emit()

    def event(self, event: QEvent | None) -> bool:
        """The first finger draws."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES and self.isEnabled():
            points = local_points(self, event)
            if event.type() == QEvent.Type.TouchBegin:
                self._begin(points[0])
            elif event.type() == QEvent.Type.TouchUpdate and points:
                self._move(points[0])
            else:
                self._end()
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """As a finger."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """As a finger."""
        if event is not None:
            self._move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """As a finger."""
        del event
        self._end()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Ground, a line to write on, and the strokes."""
        del event
        theme, px = self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(QColor(theme.ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(1.6), px(1.6))
        base = self.height() * 3 // 4
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(px(6), base, self.width() - px(6), base)
        if not self._strokes:
            painter.setPen(QColor(theme.muted))
            room = QRectF(0, base, self.width(), self.height() - base)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._hint)
        ink = QPen(QColor(theme.text), max(1.0, LINE_MM * px(10) / 10))
        ink.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(ink)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        unit = max(1, self.width()) / THOUSAND
        for stroke in self._strokes:
            painter.drawPolyline(QPolygonF([QPointF(x * unit, y * unit) for x, y in stroke]))

    def _begin(self, point: QPointF) -> None:
        self._drawing = True
        self._strokes.append([])
        self._take(point)

    def _move(self, point: QPointF) -> None:
        if self._drawing:
            self._take(point)

    def _end(self) -> None:
        if self._drawing:
            self._drawing = False
            self.drawn.emit()

    def _take(self, point: QPointF) -> None:
        if not self.rect().contains(point.toPoint()) or sum(map(len, self._strokes)) >= MOST_POINTS:
            return
        unit = THOUSAND / max(1, self.width())
        spot = (round(point.x() * unit), round(point.y() * unit))
        if not self._strokes[-1] or self._strokes[-1][-1] != spot:
            self._strokes[-1].append(spot)
            self.update()
