"""The highest alarm with shape, words and count; flashes by priority, never by colour alone."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from ui.touch.fitting import draw_fitted, fits, fitted
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

if TYPE_CHECKING:
    from pencontrol.control.snapshot import AlarmView

ONE_LINE = 0.78  # of the size of the words; a longer text takes two lines
FLASH_NS = {"HIGH": 500_000_000, "MEDIUM": 2_000_000_000}  # a whole period: 2 Hz and 0.5 Hz; LOW is steady


def lit(priority: str, now_ns: int) -> bool:
    """Whether a flashing alarm shows its full colour at this moment."""
    period = FLASH_NS.get(priority)
    return period is None or now_ns % period < period // 2


def alarm_colours(theme: Theme, priority: str) -> tuple[QColor, QColor]:
    """(ground, ink) of a priority."""
    ground, ink = {
        "HIGH": (theme.high, theme.on_high),
        "MEDIUM": (theme.medium, theme.on_medium),
        "LOW": (theme.low, theme.on_low),
    }[priority]
    return QColor(ground), QColor(ink)


def draw_shape(painter: QPainter, box: QRectF, priority: str, colour: QColor) -> None:
    """HIGH: triangle with a bar, MEDIUM: diamond, LOW: circle, none: hollow circle."""
    pen = QPen(colour, max(1.5, box.width() / 11))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    centre = box.center()
    if priority == "HIGH":
        painter.drawPolygon(QPolygonF([QPointF(centre.x(), box.top()), box.bottomRight(), box.bottomLeft()]))
    elif priority == "MEDIUM":
        corners = (QPointF(centre.x(), box.top()), QPointF(box.right(), centre.y()))
        painter.drawPolygon(QPolygonF([*corners, QPointF(centre.x(), box.bottom()), QPointF(box.left(), centre.y())]))
    else:
        painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    if priority:
        low = 0.16 if priority == "HIGH" else 0.0
        painter.drawLine(
            QPointF(centre.x(), box.top() + box.height() * (0.3 + low)),
            QPointF(centre.x(), box.top() + box.height() * (0.5 + low)),
        )
        painter.setBrush(colour)
        radius = pen.widthF() * 0.3
        painter.drawEllipse(QPointF(centre.x(), box.top() + box.height() * (0.7 + low * 0.9)), radius, radius)


class AlarmTile(TapButton):
    """Takes the list of alarms, highest first. The frame tick calls `flash`. Before the first list nothing is known."""

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__("", words("reason.starting"), parent=parent)
        self._theme, self._metrics, self._words = theme, metrics, words
        self._alarms: tuple[AlarmView, ...] = ()
        self._known = False
        self._lit = True
        self._font, self._small = font(metrics, 3.6, 600), font(metrics, 2.7)

    def show_alarms(self, alarms: "tuple[AlarmView, ...]") -> None:
        """The list, highest first."""
        self._alarms, self._known = alarms, True
        self.setAccessibleName(
            self._words("alarm.bar", count=len(alarms), first=alarms[0].words) if alarms else self._words("alarm.none")
        )
        self.update()

    def flash(self, now_ns: int) -> None:
        """One frame later; repaints only when the light changes."""
        shown = not self._alarms or not self._alarms[0].active or lit(self._alarms[0].priority, now_ns)
        if shown != self._lit:
            self._lit = shown
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Ground, shape, words, count."""
        del event
        theme, px = self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        first = self._alarms[0] if self._alarms else None
        colour, ink = alarm_colours(theme, first.priority) if first else (QColor(theme.ground), QColor(theme.muted))
        full = first is not None and self._lit
        painter.setPen(QPen(colour if first else QColor(theme.line), px(0.5) if first else 1))
        painter.setBrush(colour if full else QColor(theme.ground))
        painter.drawRoundedRect(rect, px(1.6), px(1.6))
        if not full:
            ink = QColor(theme.text if first else theme.muted)
        side = px(4.6)
        shape = QRectF(px(3), rect.center().y() - side / 2, side, side)
        if self._known:
            draw_shape(painter, shape, first.priority if first else "", ink)
        self._paint_words(painter, first, ink, shape.right() + px(2.6))

    def _paint_words(self, painter: QPainter, first: "AlarmView | None", ink: QColor, left: float) -> None:
        px, height = self._metrics.px, self.height()
        painter.setPen(ink)
        painter.setFont(self._font)
        left_middle = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if first is None:
            text = self._words("alarm.none" if self._known else "missing")
            painter.drawText(QRectF(left, 0, self.width() - left, height), left_middle, text)
            return
        count = self._words("alarm.count", count=len(self._alarms))
        room = px(3) + (px(14) if len(self._alarms) > 1 else 0)
        width = self.width() - left - room
        one_line = fits(fitted(self._font, first.words, width, least=ONE_LINE), first.words, width, 0, False)
        upper = QRectF(left, height * 0.12, width, height * 0.44) if one_line else QRectF(left, px(0.6), width, height * 0.66)
        draw_fitted(painter, upper, left_middle, first.words, wrap=not one_line)
        if len(self._alarms) > 1:
            box = QRectF(self.width() - px(16), 0, px(13.5), height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        painter.setFont(self._small)
        priority = self._words(f"priority.{first.priority}")
        low = f"{priority} · {first.detail}" if first.detail else priority
        if not (one_line and fits(fitted(self._small, low, width, least=0.85), low, width, 0, False)):
            low = priority  # the figures stand in the list behind the tile
        lower = (
            QRectF(left, height * 0.53, width, height * 0.36) if one_line else QRectF(left, height * 0.68, width, height * 0.28)
        )
        draw_fitted(painter, lower, left_middle, low)
