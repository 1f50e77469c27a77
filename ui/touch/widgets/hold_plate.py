"""A rounded plate that is held: its outline fills clockwise. For everything else that raises risk or cannot be taken back."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from ui.touch.fitting import draw_fitted
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HOLD_NS, Hold, HoldDesk


def outline(rect: QRectF, radius: float, fraction: float) -> QPainterPath:
    """The part of a rounded rectangle's outline that `fraction` covers, clockwise from the top middle."""
    whole = QPainterPath()
    top = QPointF(rect.center().x(), rect.top())
    whole.moveTo(top)
    whole.lineTo(rect.right() - radius, rect.top())
    whole.arcTo(QRectF(rect.right() - 2 * radius, rect.top(), 2 * radius, 2 * radius), 90, -90)
    whole.lineTo(rect.right(), rect.bottom() - radius)
    whole.arcTo(QRectF(rect.right() - 2 * radius, rect.bottom() - 2 * radius, 2 * radius, 2 * radius), 0, -90)
    whole.lineTo(rect.left() + radius, rect.bottom())
    whole.arcTo(QRectF(rect.left(), rect.bottom() - 2 * radius, 2 * radius, 2 * radius), 270, -90)
    whole.lineTo(rect.left(), rect.top() + radius)
    whole.arcTo(QRectF(rect.left(), rect.top(), 2 * radius, 2 * radius), 180, -90)
    whole.lineTo(top)
    if fraction >= 1:
        return whole
    part = QPainterPath(whole.pointAtPercent(0))
    steps = max(2, round(fraction * 120))
    for step in range(1, steps + 1):
        part.lineTo(whole.pointAtPercent(fraction * step / steps))
    return part


def paint_focus(painter: QPainter, theme: Theme, width: int, rect: QRectF, radius: float) -> None:
    """Where the keyboard is."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.text), width, Qt.PenStyle.DotLine))
    painter.drawRoundedRect(rect.adjusted(width, width, -width, -width), radius, radius)
    painter.restore()


class HoldPlate(Hold):
    """Two lines of text on a plate. Disabled, the second line says why."""

    def __init__(
        self,
        desk: HoldDesk,
        theme: Theme,
        metrics: Metrics,
        title: str,
        parent: QWidget | None = None,
        hold_ns: int = HOLD_NS,
    ) -> None:
        super().__init__(desk, title, parent, hold_ns)
        self._theme, self._metrics = theme, metrics
        self._title, self._line = title, ""
        self._title_font = font(metrics, 4.0, 600)
        self._line_font = font(metrics, 2.8)

    def show_text(self, title: str, line: str) -> None:
        """What is held for, and how or why not."""
        self._title, self._line = title, line
        self.setAccessibleName(title)
        self.setAccessibleDescription(line)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Plate, progress, words."""
        del event
        theme, px = self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = px(0.9)
        rect = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.setPen(QPen(QColor(theme.accent if self.isEnabled() else theme.line), 1))
        painter.setBrush(QColor(theme.accent_ground if self.isEnabled() else theme.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(1.6), px(1.6))
        if self.hasFocus():
            paint_focus(painter, theme, px(0.5), QRectF(self.rect()), px(1.6))
        if self.progress > 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), width))
            painter.drawPath(outline(rect, px(1.6), self.progress))
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        px, middle, width = self._metrics.px, self.height() / 2, self.width()
        painter.setPen(QColor(self._theme.text if self.isEnabled() else self._theme.faint))
        painter.setFont(self._title_font)
        flags = Qt.AlignmentFlag.AlignCenter
        line = self.prompt or self._line
        if not line:
            draw_fitted(painter, QRectF(self.rect()), flags, self._title)
            return
        draw_fitted(painter, QRectF(px(2), middle - px(5.4), width - px(4), px(5.4)), flags, self._title)
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(self._line_font)
        draw_fitted(painter, QRectF(px(2), middle + px(0.4), width - px(4), px(4.4)), flags, line)
