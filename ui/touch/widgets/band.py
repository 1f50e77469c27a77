"""Which zone and limit hold from now on, large over the map for two seconds. Touches go through it."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from ui.touch.fitting import draw_fitted
from ui.touch.fonts import digits_font, font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.words import Words
from ui.touch.zone_work import BandView

HEIGHT_MM = 34.0


class Band(QWidget):
    """A child of the map's card; touches go through it to the map."""

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics, self._words = theme, metrics, words
        self._view: BandView | None = None
        self._digits, self._line = digits_font(metrics, 12.0), font(metrics, 3.4)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("band")
        self.hide()

    def show_band(self, view: BandView | None) -> None:
        """None takes it away."""
        self._view = view
        self.setVisible(view is not None)
        if view is not None:
            self.setAccessibleName(f"{view.name}, {self._words('treat.band_limit')} {view.limit} mm, {view.line}")
            self.raise_()
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Name, limit, whether it rose or fell."""
        del event
        view, theme, px = self._view, self._theme, self._metrics.px
        if view is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(theme.limit), px(0.4)))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(rect, px(1.6), px(1.6))
        centre = Qt.AlignmentFlag.AlignCenter
        room = rect.adjusted(px(3), 0, -px(3), 0)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(self._metrics, 6.4, 700))
        draw_fitted(painter, QRectF(room.left(), px(1.6), room.width(), px(8.6)), centre, view.name, wrap=True, least=0.45)
        painter.setFont(self._digits)
        painter.drawText(QRectF(room.left(), px(10.0), room.width(), px(15)), centre, view.limit)
        half = painter.fontMetrics().horizontalAdvance(view.limit) / 2
        self._paint_rise(painter, QPointF(room.center().x() - half - px(7), px(17.5)), view.rise)
        painter.setFont(self._line)
        painter.setPen(QColor(theme.muted))
        unit = QRectF(room.center().x() + half + px(2), px(17), px(12), px(6))
        painter.drawText(unit, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._words("unit.mm"))
        draw_fitted(painter, QRectF(room.left(), px(25.6), room.width(), px(6)), centre, view.line)

    def _paint_rise(self, painter: QPainter, at: QPointF, rise: int) -> None:
        """A wedge that points up or down: never the colour alone, never the number alone."""
        if rise == 0:
            return
        side = self._metrics.px(2.6)
        points = [QPointF(-side, -rise * -side * 0.8), QPointF(side, -rise * -side * 0.8), QPointF(0, -rise * side)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.limit))
        painter.drawPolygon(QPolygonF([at + point for point in points]))
