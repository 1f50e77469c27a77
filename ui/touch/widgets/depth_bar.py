"""Depth as a bar from 0 to 1.5 mm: filled as measured, a ring where it is asked, a tick at the limit, a block beyond it."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from firmware_protocol import messages
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.views import OVER_UM


class DepthBar(QWidget):
    """Filled to the measured depth; empty when it is missing."""

    def __init__(self, theme: Theme, metrics: Metrics, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics = theme, metrics
        self._depth_um: int | None = None
        self._limit_um = 0
        self._asked_um = 0
        self.setFixedHeight(metrics.px(3.2))

    @property
    def over(self) -> bool:
        """Whether the needles are plainly beyond the limit."""
        return bool(self._limit_um and self._depth_um and self._depth_um > self._limit_um + OVER_UM)

    def show_depth(self, depth_um: int | None, limit_um: int) -> None:
        """Micrometres; None is missing, limit 0 is none."""
        if (depth_um, limit_um) != (self._depth_um, self._limit_um):
            self._depth_um, self._limit_um = depth_um, limit_um
            self.update()

    def show_limit(self, limit_um: int) -> None:
        """Another limit at once: the tick never waits for the next figures."""
        self.show_depth(self._depth_um, limit_um)

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
        if self.over and self._depth_um:
            painter.setBrush(QColor(theme.limit))
            begin, end = self._limit_um * scale, min(self._depth_um * scale, self.width())
            painter.drawRect(QRectF(begin, 0, end - begin, self.height()))
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
