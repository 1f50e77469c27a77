"""The map of skin areas: drawn from the art, coloured by passes, touched through a pick buffer."""

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTouchEvent,
    QTransform,
)
from PyQt6.QtWidgets import QWidget

from ui.touch.figure import Figure, Shape
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.pick import MISS_MM, Hit, Pick, choose
from ui.touch.theme import Theme
from ui.touch.views import MapView, ZoneMark
from ui.touch.widgets.touch import TOUCHES, local_points
from ui.touch.widgets.zone_paint import Inks, paint_badge, paint_choice, paint_lock, paint_zone

FADE_MM = 5.0
Pixels = npt.NDArray[np.uint8]


class ZoneMap(QWidget):
    """Signal `picked` with a Pick: what the finger met. Acts when the finger lifts; a finger that slid away chose nothing."""

    picked = pyqtSignal(object)

    def __init__(self, theme: Theme, metrics: Metrics, blocked: frozenset[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._metrics = theme, metrics
        self._inks = Inks(theme, metrics)
        self._blocked = blocked
        self._figure: Figure | None = None
        self._marks: dict[str, ZoneMark] = {}
        self._chosen, self._moving, self._contact, self._turned = "", False, False, False
        self._to_screen = QTransform()
        self._under, self._over = QPixmap(), QPixmap()
        self._pick = np.zeros((1, 1), dtype=np.uint8)
        self._names: list[str] = []
        self._pressed_at: QPointF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)

    def show_figure(self, figure: Figure) -> None:
        """Another view of the body."""
        self._figure = figure
        self.setAccessibleName(figure.title)
        self._prepare()

    def turn(self, turned: bool) -> None:
        """Upside down, for a practitioner at the head of the couch."""
        self._turned = turned
        self._prepare()

    def show_map(self, view: MapView) -> None:
        """Passes and the present zone."""
        marks = {mark.zone: mark for mark in view.marks}
        other_plan = marks.keys() != self._marks.keys()
        self._marks = marks
        if other_plan:
            self._prepare()
        self._chosen, self._moving = view.selected, view.moving
        self.update()

    def show_contact(self, contact: bool) -> None:
        """Whether the needles touch skin now."""
        if contact != self._contact:
            self._contact = contact
            self.update()

    def to_screen(self, point: QPointF) -> QPointF:
        """From the drawing's coordinates to own ones."""
        return self._to_screen.map(point)

    def zone_names(self) -> list[str]:
        """The zones of the figure on show."""
        return list(self._names)

    def pick_at(self, point: QPointF) -> Pick:
        """What a touch at `point` (own coordinates) means."""
        x, y = round(point.x()), round(point.y())
        height, width = self._pick.shape
        if not (0 <= x < width and 0 <= y < height):
            return Pick(Hit.NOTHING)
        limits = {zone: mark.limit_um for zone, mark in self._marks.items()}
        direct = int(self._pick[y, x])
        return choose(self._names[direct - 1] if direct else "", self._near(x, y), limits, self._blocked)

    def _near(self, x: int, y: int) -> set[str]:
        reach = self._metrics.px(MISS_MM)
        top, left = max(0, y - reach), max(0, x - reach)
        window = self._pick[top : y + reach + 1, left : x + reach + 1]
        rows, columns = np.ogrid[: window.shape[0], : window.shape[1]]
        round_window = (rows + top - y) ** 2 + (columns + left - x) ** 2 <= reach**2
        return {self._names[number - 1] for number in np.unique(window[round_window]) if number}

    def event(self, event: QEvent | None) -> bool:
        """A finger."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES:
            points = local_points(self, event)
            if event.type() == QEvent.Type.TouchBegin and len(points) == 1:
                self._pressed_at = points[0]
            elif event.type() == QEvent.Type.TouchEnd and len(points) == 1:
                self._lift(points[0])
            elif len(points) != 1:
                self._pressed_at = None
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Contact."""
        self._pressed_at = event.position() if event is not None else None

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Lifting."""
        if event is not None:
            self._lift(event.position())

    def _lift(self, point: QPointF) -> None:
        start, self._pressed_at = self._pressed_at, None
        if start is None or (point - start).manhattanLength() > self._metrics.px(8):
            return
        pick = self.pick_at(start)
        if pick.hit is not Hit.NOTHING:
            self.picked.emit(pick)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Another size: everything is drawn anew, once."""
        del event
        self._prepare()

    def _prepare(self) -> None:
        figure = self._figure
        if figure is None or self.width() < 2 or self.height() < 2:
            return
        self._to_screen = figure.fit(QRectF(self.rect()), self._turned, self._marks)
        self._under = self._layer(figure.ground)
        self._over = self._layer(figure.features)
        self._names = list(figure.zones)
        self._pick = self._pick_buffer(figure)
        self.update()

    def _layer(self, shapes: tuple[Shape, ...]) -> QPixmap:
        layer = QPixmap(self.size())
        layer.fill(Qt.GlobalColor.transparent)
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(self._to_screen)
        for shape in shapes:
            colour = QColor(shape.colour(self._theme))
            painter.setOpacity(shape.opacity)
            painter.setPen(_round_pen(colour, shape.width) if shape.width else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(QBrush(Qt.BrushStyle.NoBrush) if shape.width else QBrush(colour))
            painter.drawPath(shape.path)
        painter.resetTransform()
        painter.setOpacity(1.0)
        self._fade(painter)
        painter.end()
        return layer

    def _fade(self, painter: QPainter) -> None:
        """The figure ends softly where the frame cuts it."""
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        for x, y in ((0, self.height()), (self.width(), 0)):
            fade = self._metrics.px(FADE_MM) / max(x, y)
            veil = QLinearGradient(0, 0, x, y)
            for at, alpha in ((0.0, 0), (fade, 255), (1 - fade, 255), (1.0, 0)):
                veil.setColorAt(at, QColor(0, 0, 0, alpha))
            painter.fillRect(self.rect(), veil)

    def _pick_buffer(self, figure: Figure) -> Pixels:
        image = QImage(self.width(), self.height(), QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        painter.setTransform(self._to_screen)
        painter.setPen(Qt.PenStyle.NoPen)
        for number, zone in enumerate(figure.zones.values(), start=1):
            painter.setBrush(QColor(number, number, number))
            painter.drawPath(zone.path)
        painter.end()
        bits = image.constBits()
        assert bits is not None
        flat: Pixels = np.frombuffer(bits.asstring(image.sizeInBytes()), dtype=np.uint8)
        return flat.reshape(image.height(), image.bytesPerLine())[:, : image.width()]

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Figure, zones, features, badges, L and R."""
        del event
        figure = self._figure
        if figure is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._under)
        paths = {zone: self._to_screen.map(shape.path) for zone, shape in figure.zones.items()}
        for zone, path in paths.items():
            paint_zone(painter, self._inks, path, self._marks.get(zone), zone in self._blocked)
        painter.drawPixmap(0, 0, self._over)
        if self._chosen in paths:
            paint_choice(painter, self._inks, paths[self._chosen], self._moving and self._contact)
        for zone, shape in figure.zones.items():
            at = self._to_screen.map(shape.label)
            mark = self._marks.get(zone)
            if zone in self._blocked:
                paint_lock(painter, self._inks, at)
            elif mark is not None:
                paint_badge(painter, self._inks, at, mark, zone == self._chosen)
        self._paint_sides(painter, figure)

    def _paint_sides(self, painter: QPainter, figure: Figure) -> None:
        painter.setFont(font(self._metrics, 4.6, 600))
        painter.setPen(QColor(self._theme.muted))
        side = self._metrics.px(7)
        for letter, at in figure.sides.items():
            point = self._to_screen.map(at)
            x = min(max(point.x() - side / 2, 0), self.width() - side)
            y = min(max(point.y() - side / 2, side * 1.6), self.height() - side)
            painter.drawText(QRectF(x, y, side, side), Qt.AlignmentFlag.AlignCenter, letter)


def _round_pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
