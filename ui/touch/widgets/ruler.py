"""A bar that is 50 mm long when px/mm is right, with ticks like a ruler's."""

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme

BAR_MM = 50
STEP = 1.004  # a tap: 0.2 mm over 50 mm, as fine as an eye sees at a ruler


class Ruler(QWidget):
    """Draws `BAR_MM` millimetres at the px/mm on trial, which need not be the one that the page is drawn with."""

    def __init__(self, theme: Theme, metrics: Metrics, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics = theme, metrics
        self._px_per_mm = metrics.px_per_mm
        self.setFixedHeight(metrics.px(13))

    def show_scale(self, px_per_mm: float) -> None:
        """The px/mm on trial."""
        self._px_per_mm = px_per_mm
        self.setAccessibleName(f"{BAR_MM} mm = {self.length_px():.0f} px")
        self.update()

    def length_px(self) -> float:
        """How long the bar is drawn."""
        return BAR_MM * self._px_per_mm

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Line, end marks, ticks each millimetre, numbers each centimetre."""
        del event
        painter = QPainter(self)
        px, left = self._metrics.px, (self.width() - self.length_px()) / 2
        base = px(4)
        painter.setPen(QPen(QColor(self._theme.limit), max(1, px(0.2))))
        painter.drawLine(QPointF(left, base), QPointF(left + self.length_px(), base))
        painter.setFont(font(self._metrics, 2.6))
        for at in range(BAR_MM + 1):
            x = left + at * self._px_per_mm
            reach = px(4.4) if at in (0, BAR_MM) else px(3.2) if at % 10 == 0 else px(2.2) if at % 5 == 0 else px(1.4)
            top = base - px(3.4) if at in (0, BAR_MM) else base
            painter.drawLine(QPointF(x, top), QPointF(x, base + reach))
            if at % 10 == 0:
                painter.drawText(round(x) - px(5), base + px(4.6), px(10), px(4), Qt.AlignmentFlag.AlignCenter, str(at))
