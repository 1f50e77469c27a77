"""How the rows of the records' lists look: sessions under their days, events, folders. Paint; keep nothing."""

from typing import Any

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPen

from ui.touch.fitting import draw_fitted
from ui.touch.fonts import font
from ui.touch.records.kit import Kit
from ui.touch.records.telling import DayHead, SessionRow
from ui.touch.widgets.alarm_tile import draw_shape

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Painter:
    """Plates and texts in the kit's colours and sizes."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.strong, self.big = font(kit.metrics, 3.8, 600), font(kit.metrics, 4.2, 600)
        self.plain, self.small, self.pill = font(kit.metrics, 3.2), font(kit.metrics, 3.0), font(kit.metrics, 2.5, 700)

    def plate(self, painter: QPainter, room: QRectF, pressed: bool, chosen: bool = False) -> QRectF:
        """A row's ground, 2 mm from the next; returns the room for its texts."""
        theme, px = self.kit.theme, self.kit.metrics.px
        plate = room.adjusted(0, 0, 0, -px(2))
        width = px(0.4) if chosen else 1
        painter.setPen(QPen(QColor(theme.accent if chosen else theme.line), width))
        painter.setBrush(QColor(theme.pressed if pressed else theme.accent_ground if chosen else theme.raised))
        painter.drawRoundedRect(plate.adjusted(width / 2, width / 2, -width / 2, -width / 2), px(1.6), px(1.6))
        return plate.adjusted(px(3), 0, -px(3), 0)

    def text(self, painter: QPainter, room: QRectF, text: str, made: QFont, colour: str, flags: Qt.AlignmentFlag = LEFT) -> None:
        """One line, smaller where it does not fit."""
        painter.setFont(made)
        painter.setPen(QColor(colour))
        draw_fitted(painter, room, flags, text)

    def pair(self, painter: QPainter, room: QRectF, upper: str, lower: str) -> None:
        """Two lines, one over the other, in the middle of the row; one alone if there is no other."""
        theme, middle, tall = self.kit.theme, room.center().y(), self.kit.metrics.px(5.4)
        if not lower:
            self.text(painter, room, upper, self.strong, theme.text)
            return
        above = QRectF(room.left(), middle - tall, room.width(), tall)
        self.text(painter, above, upper, self.strong, theme.text)
        self.text(painter, above.translated(0, tall * 0.94), lower, self.small, theme.muted)

    def capsule(self, painter: QPainter, right: float, middle: float, text: str) -> float:
        """A framed word that ends at `right`; returns where it begins."""
        px = self.kit.metrics.px
        painter.setFont(self.pill)
        wide, tall = painter.fontMetrics().horizontalAdvance(text) + px(3), px(5)
        room = QRectF(right - wide, middle - tall / 2, wide, tall)
        painter.setPen(QPen(QColor(self.kit.theme.muted), px(0.3)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(room, px(1), px(1))
        painter.setPen(QColor(self.kit.theme.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        return room.left()


class SessionRows(Painter):
    """Days and their sessions: time, client, state, counts, alarms, SIMULATED."""

    def height_mm(self, item: DayHead | SessionRow) -> float:
        """A day is a line, a session a plate of 15 mm and its gap."""
        return 10.0 if isinstance(item, DayHead) else 17.0

    def touchable(self, item: DayHead | SessionRow) -> bool:
        """Only sessions open."""
        return isinstance(item, SessionRow)

    def words(self, item: DayHead | SessionRow) -> str:
        """As it is read out."""
        return item.text if isinstance(item, DayHead) else item.spoken

    def paint(self, painter: QPainter, room: QRectF, item: DayHead | SessionRow, pressed: bool, chosen: bool) -> None:
        """One row."""
        theme, px = self.kit.theme, self.kit.metrics.px
        if isinstance(item, DayHead):
            self.text(painter, room.adjusted(px(1), px(2), 0, 0), item.text, self.plain, theme.muted)
            return
        inner = self.plate(painter, room, pressed, chosen)
        self.text(painter, inner, item.time, self.big, theme.muted)
        right = self._paint_alarms(painter, inner, item)
        painter.setFont(self.plain)
        wide = min(px(30), painter.fontMetrics().horizontalAdvance(item.counts) + 2)
        counts = QRectF(right - px(2) - wide, inner.top(), wide, inner.height())
        self.text(painter, counts, item.counts, self.plain, theme.text, RIGHT)
        left = inner.left() + px(16)
        names = QRectF(left, inner.top(), counts.left() - left, inner.height())
        if item.simulated:
            names.setRight(
                self.capsule(painter, counts.left() - px(2), inner.center().y(), self.kit.words("top.simulated")) - px(2)
            )
        self.pair(painter, names, item.client, item.line)

    def _paint_alarms(self, painter: QPainter, room: QRectF, item: SessionRow) -> float:
        """Shape and count; a hollow mark where there was none. Returns where it begins."""
        theme, px = self.kit.theme, self.kit.metrics.px
        count = QRectF(room.right() - px(6), room.top(), px(6), room.height())
        ink = theme.text if item.alarms else theme.faint
        self.text(painter, count, str(item.alarms), self.strong, ink, RIGHT)
        side = px(4.2)
        shape = QRectF(count.left() - side, room.center().y() - side / 2, side, side)
        draw_shape(painter, shape, "MEDIUM" if item.alarms else "", QColor(ink))
        return shape.left() - px(2)


class PairRows(Painter):
    """Rows of (key, upper, lower, right, priority): events, folders, photos. `key` "" cannot be touched."""

    def height_mm(self, item: Any) -> float:
        """A plate of 15 mm and its gap."""
        return 17.0

    def touchable(self, item: Any) -> bool:
        """Only rows with a key."""
        return bool(item[0])

    def words(self, item: Any) -> str:
        """As it is read out."""
        return ", ".join(part for part in item[1:4] if part)

    def paint(self, painter: QPainter, room: QRectF, item: Any, pressed: bool, chosen: bool) -> None:
        """One row."""
        theme, px = self.kit.theme, self.kit.metrics.px
        _, upper, lower, right, priority = item
        inner = self.plate(painter, room, pressed, chosen)
        if right:
            painter.setFont(self.plain)
            wide = painter.fontMetrics().horizontalAdvance(right) + px(2)
            self.text(painter, inner, right, self.plain, theme.muted, RIGHT)
            inner.setRight(inner.right() - wide)
        if priority is not None:
            side = px(5)
            draw_shape(painter, QRectF(inner.left(), inner.center().y() - side / 2, side, side), priority, QColor(theme.text))
            inner.setLeft(inner.left() + px(9))
        self.pair(painter, inner, upper, lower)
