"""How a zone looks: pass ramp, hatching, the badge with its ring of planned passes. Paints; keeps nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.views import ZoneMark, mm
from ui.touch.words import Words

SIDES = ("R", "L")  # the client's, as the drawings call them
LETTERS: Mapping[str, str] = {side: side for side in SIDES}
BADGE_MM = 2.35  # radius
GAP_DEGREES = 22


def side_letters(words: Words) -> Mapping[str, str]:
    """What the reader calls the client's right and left."""
    return {side: words(f"map.side.{side}") for side in SIDES}


@dataclass(frozen=True)
class Inks:
    """What is needed to paint zones in one theme on one panel."""

    theme: Theme
    metrics: Metrics

    def ramp(self, passes: int) -> QColor:
        """One hue, lighter with every pass; safe for colour-blind eyes."""
        ramp = self.theme.ramp
        return QColor(ramp[min(passes, len(ramp) - 1)])


def paint_zone(painter: QPainter, inks: Inks, path: QPainterPath, mark: ZoneMark | None, blocked: bool) -> None:
    """Fill and outline. A zone outside the plan stays dim; blocked and over-plan ones are hatched."""
    theme = inks.theme
    edge = QPen(QColor(theme.bar), inks.metrics.px(0.3))
    edge.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(edge)
    painter.setBrush(inks.ramp(mark.passes) if mark else QColor(theme.outside))
    painter.drawPath(path)
    if blocked or (mark is not None and mark.over):
        light = mark is not None and mark.passes >= 3
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(QColor(theme.ground if light else theme.figure_line), Qt.BrushStyle.BDiagPattern))
        painter.drawPath(path)


def paint_choice(painter: QPainter, inks: Inks, path: QPainterPath, moving: bool) -> None:
    """The present zone: a white outline, wider while the pen runs."""
    pen = QPen(QColor(inks.theme.limit), inks.metrics.px(0.8 if moving else 0.55))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def paint_next(painter: QPainter, inks: Inks, path: QPainterPath) -> None:
    """What the plan has next: a dashed outline, quieter than the present zone's."""
    pen = QPen(QColor(inks.theme.accent), inks.metrics.px(0.4))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setDashPattern([3.0, 2.4])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def paint_badge(painter: QPainter, inks: Inks, at: QPointF, mark: ZoneMark, chosen: bool, scale: float = 1.0) -> None:
    """Number of passes on a dark disc; around it one arc for each planned pass, bright when done."""
    theme, px = inks.theme, inks.metrics.px
    radius = inks.metrics.px_per_mm * BADGE_MM * scale
    disc = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.ground))
    painter.drawEllipse(disc)
    ring = disc.adjusted(radius * 0.16, radius * 0.16, -radius * 0.16, -radius * 0.16)
    planned = max(1, mark.planned)
    share = 360 / planned
    gap = GAP_DEGREES if planned > 1 else 0
    for number in range(planned):
        done = number < mark.passes
        pen = QPen(QColor(theme.accent if done else theme.edge), px(0.45 if done else 0.3))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        start = 90 - number * share - gap / 2
        painter.drawArc(ring, round(start * 16), -round((share - gap) * 16))
    painter.setPen(QColor(theme.text if chosen or mark.passes else theme.muted))
    painter.setFont(font(inks.metrics, 2.75 * scale, 700))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(mark.passes))


def paint_mark(painter: QPainter, inks: Inks, at: QPointF, mark: ZoneMark, chosen: bool, counts: bool) -> None:
    """What a zone of the plan says of itself: its passes, or its limit in mm where no pass is counted."""
    if counts:
        paint_badge(painter, inks, at, mark, chosen)
        return
    room = inks.metrics.px_per_mm * BADGE_MM * 2
    painter.setPen(QColor(inks.theme.text))
    painter.setFont(font(inks.metrics, 2.75, 600))
    painter.drawText(QRectF(at.x() - room, at.y() - room, 2 * room, 2 * room), Qt.AlignmentFlag.AlignCenter, mm(mark.limit_um))


def paint_lock(painter: QPainter, inks: Inks, at: QPointF) -> None:
    """A small padlock for a blocked zone."""
    size = inks.metrics.px_per_mm * 1.5
    painter.setPen(QPen(QColor(inks.theme.muted), inks.metrics.px(0.3)))
    painter.setBrush(QColor(inks.theme.ground))
    body = QRectF(at.x() - size * 0.7, at.y() - size * 0.2, size * 1.4, size)
    painter.drawArc(QRectF(at.x() - size * 0.45, at.y() - size * 0.95, size * 0.9, size * 1.3), 0, 180 * 16)
    painter.setBrush(QColor(inks.theme.muted))
    painter.drawRoundedRect(body, size * 0.15, size * 0.15)


def paint_sides(painter: QPainter, inks: Inks, sides: dict[str, QPointF], room: QSize, zoomed: bool) -> None:
    """The sides' letters beside the figure; in the upper corners of a narrow room, where a head is round; in an enlarged one in
    the lower corners, on a ground of their own: zones lie everywhere."""
    painter.setFont(font(inks.metrics, 4.6, 600))
    painter.setPen(QColor(inks.theme.muted))
    side = inks.metrics.px(7)
    for letter, point in sides.items():
        x = min(max(point.x() - side / 2, 0), room.width() - side)
        y = min(max(point.y() - side / 2, side * 1.6), room.height() - side)
        if abs(x - point.x() + side / 2) > side / 2:
            y = side * 0.3
        if zoomed:
            y = room.height() - side
            painter.fillRect(QRectF(x, y, side, side), QColor(inks.theme.ground))
        painter.drawText(QRectF(x, y, side, side), Qt.AlignmentFlag.AlignCenter, letter)
