"""Depth as a bar from 0 to 1.5 mm: filled as measured, a ring where it is asked, a tick at the limit."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from firmware_protocol import messages
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme


class DepthBar(QWidget):
    """Filled to the measured depth; empty when it is missing."""

    def __init__(self, theme: Theme, metrics: Metrics, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics = theme, metrics
        self._depth_um: int | None = None
        self._limit_um = 0
        self._asked_um = 0
        self.setFixedHeight(metrics.px(3.2))

    def show_depth(self, depth_um: int | None, limit_um: int) -> None:
        """Micrometres; None is missing, limit 0 is none."""
        if (depth_um, limit_um) != (self._depth_um, self._limit_um):
            self._depth_um, self._limit_um = depth_um, limit_um
            self.update()

    def show_asked(self, asked_um: int) -> None:
        """What is asked, as a hollow ring on the bar; 0 is nothing."""
        if asked_um != self._asked_um:
            self._asked_um = asked_um
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Trough, fill, tick."""
        del event
        theme, px = self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = px(1.5)
        trough = QRectF(0, (self.height() - thick) / 2, self.width(), thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(trough, thick / 2, thick / 2)
        scale = self.width() / messages.DEPTH_MAX_UM
        if self._depth_um:
            painter.setBrush(QColor(theme.depth_trace))
            filled = QRectF(trough.left(), trough.top(), max(thick, min(self._depth_um * scale, self.width())), thick)
            painter.drawRoundedRect(filled, thick / 2, thick / 2)
        if self._asked_um:
            side = self.height() - px(0.6)
            ring = QRectF(0, 0, side, side)
            ring.moveCenter(QPointF(min(self._asked_um * scale, self.width() - side / 2), self.height() / 2))
            painter.setPen(QPen(QColor(theme.text), px(0.35)))
            painter.setBrush(QColor(theme.card))
            painter.drawEllipse(ring)
        if self._limit_um:
            painter.setPen(QPen(QColor(theme.limit), px(0.5)))
            x = min(self._limit_um * scale, self.width() - px(0.3))
            painter.drawLine(round(x), 0, round(x), self.height())
