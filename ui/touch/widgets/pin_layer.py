"""The pins on a figure: where they stand, which of them a finger met, and how they look."""

import math
from collections.abc import Iterable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform

from pencontrol.pins import pin_number
from ui.touch.fonts import font
from ui.touch.views import ZoneMark, mm
from ui.touch.widgets.zone_paint import Inks
from ui.touch.zone_size import TARGET_MM

RADIUS_MM = 2.5  # of the diamond
PLATE_MM = 3.5  # height of the plate with the limit


class PinLayer:
    """The pins of one drawing. Points are pixels of the map."""

    def __init__(self, inks: Inks) -> None:
        self._inks = inks
        self._at: dict[str, QPointF] = {}
        self._marks: dict[str, ZoneMark] = {}

    def place(self, marks: Iterable[ZoneMark], drawing: str, to_screen: QTransform) -> None:
        """Another plan, drawing or size."""
        self._marks = {mark.zone: mark for mark in marks if mark.pin is not None and mark.pin.drawing == drawing}
        self._at = {
            pin: to_screen.map(QPointF(mark.pin.x, mark.pin.y)) for pin, mark in self._marks.items() if mark.pin is not None
        }

    def rects(self) -> dict[str, QRectF]:
        """The target of each pin on this drawing."""
        side = TARGET_MM * self._inks.metrics.px_per_mm
        return {pin: QRectF(at.x() - side / 2, at.y() - side / 2, side, side) for pin, at in self._at.items()}

    def touched(self, point: QPointF) -> list[str]:
        """Pins whose target lies under `point`, the nearest first."""
        reach = TARGET_MM / 2 * self._inks.metrics.px_per_mm
        away = sorted((math.hypot(at.x() - point.x(), at.y() - point.y()), pin) for pin, at in self._at.items())
        return [pin for distance, pin in away if distance <= reach]

    def crowd(self, zone: str) -> tuple[int, float]:
        """How many pins stand in `zone` here, and how far apart the nearest two pins of the drawing are, one of them in it."""
        own = [pin for pin, mark in self._marks.items() if mark.pin is not None and mark.pin.zone == zone]
        pairs = [
            math.hypot(self._at[pin].x() - at.x(), self._at[pin].y() - at.y())
            for pin in own
            for other, at in self._at.items()
            if other != pin
        ]
        return len(own), min(pairs, default=math.inf)

    def paint(self, painter: QPainter, chosen: str, marked: Iterable[str]) -> None:
        """Every pin with its number and limit; `marked` are those the plan or the keyboard has next."""
        nexts = set(marked)
        for pin, at in sorted(self._at.items(), key=lambda each: each[0] == chosen):
            self._paint(painter, self._marks[pin], at, pin == chosen, pin in nexts)

    def _paint(self, painter: QPainter, mark: ZoneMark, at: QPointF, chosen: bool, dashed: bool) -> None:
        theme, px, unit = self._inks.theme, self._inks.metrics.px, self._inks.metrics.px_per_mm
        radius = RADIUS_MM * unit
        plate = QRectF(at.x() + radius * 0.5, at.y() - PLATE_MM * unit / 2, radius * 0.7 + 8.2 * unit, PLATE_MM * unit)
        painter.setPen(QPen(QColor(theme.limit if chosen else theme.edge), px(0.3)))
        painter.setBrush(QColor(theme.ground))
        painter.drawRoundedRect(plate, px(0.8), px(0.8))
        painter.setPen(QColor(theme.text))
        painter.setFont(font(self._inks.metrics, 2.6, 600))
        inner = plate.adjusted(radius * 0.7, 0, -px(0.5), 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, mm(mark.limit_um))
        diamond = QPolygonF([at + QPointF(*each) for each in ((0, -radius), (radius, 0), (0, radius), (-radius, 0))])
        pen = QPen(QColor(theme.accent if dashed and not chosen else theme.limit), px(0.7 if chosen else 0.4))
        if dashed and not chosen:
            pen.setDashPattern([2.4, 1.8])
        painter.setPen(pen)
        painter.setBrush(self._inks.ramp(mark.passes))
        painter.drawPolygon(diamond)
        light = mark.passes >= 3
        if mark.over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(QColor(theme.ground if light else theme.figure_line), Qt.BrushStyle.BDiagPattern))
            painter.drawPolygon(diamond)
        painter.setPen(QColor(theme.ground if light else theme.text))
        painter.setFont(font(self._inks.metrics, 2.6, 700))
        side = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(side, Qt.AlignmentFlag.AlignCenter, str(pin_number(mark.zone)))
