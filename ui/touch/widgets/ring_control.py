"""START and PAUSE in one ring: START is a hold with a filling ring, PAUSE acts on contact."""

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from ui.touch.fitting import draw_fitted
from ui.touch.fonts import font
from ui.touch.frame_views import StartView
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.hold import Hold, HoldDesk
from ui.touch.words import Words


class RingControl(Hold):
    """Signals: `completed` (START was held, or pressed twice by a screen reader), `pause` (PAUSE was touched)."""

    pause = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(desk, words("start.word"), parent)
        self._theme, self._metrics, self._words = theme, metrics, words
        self._view = StartView(False, False, "")
        self._word_font = font(metrics, 5.0, 700)
        self._line_font = font(metrics, 2.8)
        self.pressed_down.connect(self._on_contact)

    def show_view(self, view: StartView) -> None:
        """Take a new view; a hold does not survive a change of meaning."""
        if view.pause != self._view.pause:
            self.cancel()
        self._view = view
        self.setEnabled(view.enabled)
        self.setAccessibleName(self._words("pause.word" if view.pause else "start.word"))
        self.setAccessibleDescription(view.reason)
        self.update()

    def wants_hold(self) -> bool:
        """Only START is held."""
        return self.isEnabled() and not self._view.pause

    def contains(self, point: QPointF) -> bool:
        """Inside the circle."""
        centre = QRectF(self.rect()).center()
        offset = point - centre
        radius = min(self.width(), self.height()) / 2
        return offset.x() ** 2 + offset.y() ** 2 <= radius**2

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Ring, word, line."""
        del event
        theme, px = self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = px(1.7)
        side = min(self.width(), self.height()) - width - 2
        ring = QRectF(0, 0, side, side)
        ring.moveCenter(QRectF(self.rect()).center())
        enabled = self.isEnabled()
        edge = theme.accent if self.asking else theme.edge
        painter.setPen(QPen(QColor(edge if enabled else theme.line), width))
        painter.setBrush(QColor(theme.accent_ground if enabled else theme.card))
        painter.drawEllipse(ring)
        if self.progress > 0:
            pen = QPen(QColor(theme.accent), width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(ring, 90 * 16, -round(self.progress * 360 * 16))
        self._paint_words(painter, ring)

    def _paint_words(self, painter: QPainter, ring: QRectF) -> None:
        enabled = self.isEnabled()
        word = self._words("pause.word" if self._view.pause else "start.word")
        painter.setPen(QColor(self._theme.text if enabled else self._theme.faint))
        painter.setFont(self._word_font)
        middle = ring.center().y()
        wide = ring.adjusted(self._metrics.px(3.4), 0, -self._metrics.px(3.4), 0)
        above = QRectF(wide.left(), middle - self._metrics.px(5.2), wide.width(), self._metrics.px(6))
        draw_fitted(painter, above, _CENTRE, word)
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(self._line_font)
        inner = ring.adjusted(ring.width() * 0.14, 0, -ring.width() * 0.14, 0)
        below = QRectF(inner.left(), middle + self._metrics.px(1.2), inner.width(), self._metrics.px(8))
        draw_fitted(painter, below, _TOP, self.prompt or self._view.reason, wrap=True)

    def _on_contact(self) -> None:
        if self._view.pause and self.isEnabled():
            self.pause.emit()


_CENTRE = Qt.AlignmentFlag.AlignCenter
_TOP = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
