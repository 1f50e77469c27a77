"""A small filled or hollow dot: there, or not there. Never in an alarm's colour."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from ui.touch.metrics import Metrics
from ui.touch.theme import Theme


class Lamp(QWidget):
    """Filled when on, a hollow ring when not."""

    def __init__(self, theme: Theme, metrics: Metrics, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics = theme, metrics
        self.on = False
        self.setFixedSize(metrics.px(3.4), metrics.px(3.4))

    def show_on(self, on: bool) -> None:
        """Filled or hollow."""
        if on != self.on:
            self.on = on
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The dot."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self._metrics.px(0.5)
        colour = QColor(self._theme.accent if self.on else self._theme.muted)
        painter.setPen(QPen(colour, width))
        painter.setBrush(colour if self.on else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(self.rect()).adjusted(width, width, -width, -width))
