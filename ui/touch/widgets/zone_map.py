"""The map of skin areas: drawn from the art, coloured by passes, touched through a pick buffer."""

from collections.abc import Mapping

import numpy as np
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QRegion, QResizeEvent, QTouchEvent, QTransform
from PyQt6.QtWidgets import QWidget

from ui.touch.figure import Figure, Paths
from ui.touch.metrics import Metrics
from ui.touch.pick import MISS_MM, Hit, Pick, choose
from ui.touch.theme import Theme
from ui.touch.views import MapView, ZoneMark
from ui.touch.widgets.pick_buffer import number_at, numbers_near, pick_buffer
from ui.touch.widgets.pin_layer import PinLayer
from ui.touch.widgets.touch import TOUCHES, local_points
from ui.touch.widgets.zone_layers import paint_layer
from ui.touch.widgets.zone_paint import LETTERS, Inks, paint_choice, paint_lock, paint_mark, paint_next, paint_sides, paint_zone
from ui.touch.widgets.zone_targets import ZoneTargets
from ui.touch.zone_size import enlargement, enlargement_for_pins

ZOOM_NS = 10_000_000_000  # an enlarged map that nobody touches becomes whole again


class ZoneMap(QWidget):
    """Signals: `touched` (where, own coordinates), `picked` with a Pick, what the finger met; `zoomed`.

    It acts when the finger lifts; one that slid away chose nothing.

    A zone too small for a glove is enlarged by the first tap, about the very place that was touched: the same place again
    chooses it.
    """

    touched = pyqtSignal(QPointF)
    picked = pyqtSignal(object)
    zoomed = pyqtSignal(bool)

    def __init__(
        self,
        theme: Theme,
        metrics: Metrics,
        blocked: frozenset[str],
        parent: QWidget | None = None,
        letters: Mapping[str, str] = LETTERS,
        counts: bool = True,
    ) -> None:
        """`letters`: what stands for the client's R and L in the reader's language. `counts`: passes, not limits."""
        super().__init__(parent)
        self._theme, self._metrics, self._letters, self._counts = theme, metrics, letters, counts
        self._inks = Inks(theme, metrics)
        self._blocked = blocked
        self._figure: Figure | None = None
        self._marks: dict[str, ZoneMark] = {}
        self._chosen, self._moving, self._contact, self._turned = "", False, False, False
        self._to_screen = QTransform()
        self._under, self._over = QPixmap(), QPixmap()
        self._stale = False
        self._paths: Paths = {}
        self._pick = np.zeros((1, 1), dtype=np.uint8)
        self._names: list[str] = []
        self._pressed_at: QPointF | None = None
        self._next = ""
        self._pins = PinLayer(self._inks)
        self._zoom = 1.0
        self._zoom_at = QPointF()
        self._zoomed_ns: int | None = None
        self._at_key = ""  # where the keyboard is
        self._targets = ZoneTargets(self, lambda zone: self.picked.emit(Pick(Hit.ZONE, zone)))
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_figure(self, figure: Figure) -> None:
        """Another view of the body."""
        self._figure = figure
        self.setAccessibleName(figure.title)
        self._set_zoom(1.0)
        self._prepare()

    def turn(self, turned: bool) -> None:
        """Upside down, for a practitioner at the head of the couch."""
        self._turned = turned
        self._set_zoom(1.0)
        self._prepare()

    def overview(self) -> None:
        """The whole figure again."""
        if self._zoom != 1.0:
            self._set_zoom(1.0)
            self._prepare()

    def tick(self, now_ns: int) -> None:
        """One frame later: an enlarged map that nobody uses becomes whole again."""
        if self._zoom == 1.0:
            return
        if self._zoomed_ns is None:
            self._zoomed_ns = now_ns
        elif now_ns - self._zoomed_ns > ZOOM_NS:
            self.overview()

    def show_next(self, zone: str) -> None:
        """The zone that the plan has next; "" for none."""
        if zone != self._next:
            self._next = zone
            self.update()

    def show_map(self, view: MapView) -> None:
        """Passes and the present zone."""
        marks = {mark.zone: mark for mark in view.marks}
        if (marks, view.selected, view.moving) == (self._marks, self._chosen, self._moving):
            return  # the strikes beside the map, which change ten times a second
        other_plan = marks.keys() != self._marks.keys()
        self._marks = marks
        self._targets.show_marks(marks, view.selected)
        if other_plan:
            self._set_zoom(1.0)
            self._prepare()
        elif view.selected != self._chosen:
            self.overview()
        if not other_plan and self._figure is not None:
            self._pins.place(marks.values(), self._figure.place, self._to_screen)  # passes and limits may be others
        self._chosen, self._moving = view.selected, view.moving
        self.update()

    def show_contact(self, contact: bool) -> None:
        """Whether the needles touch skin now."""
        if contact != self._contact:
            self._contact = contact
            if self._chosen in self._paths:
                self.update(self._near(self._paths[self._chosen].boundingRect(), 1.0))

    def to_screen(self, point: QPointF) -> QPointF:
        """From the drawing's coordinates to own ones."""
        return self._to_screen.map(point)

    def zone_names(self) -> list[str]:
        """The zones of the figure on show."""
        return list(self._names)

    def places(self) -> list[str]:
        """Zones and pins of the figure on show."""
        return [*self._names, *self._pins.rects()]

    def place_at(self, point: QPointF) -> tuple[str, str, QPoint]:
        """The zone that lies exactly under `point`, "" for none, the drawing's name and the place in its own units."""
        back, _ = self._to_screen.inverted()
        return self._zone_under(point), self._figure.place if self._figure else "", back.map(point).toPoint()

    def pick_at(self, point: QPointF) -> Pick:
        """What a touch at `point` (own coordinates) means."""
        if not self.rect().contains(point.toPoint()):
            return Pick(Hit.NOTHING)
        limits = {zone: mark.limit_um for zone, mark in self._marks.items()}
        near = {self._names[number - 1] for number in numbers_near(self._pick, point, self._metrics.px(MISS_MM))}
        return choose(self._zone_under(point), near, limits, self._blocked, self._pins.touched(point))

    def _zone_under(self, point: QPointF) -> str:
        number = number_at(self._pick, point)
        return self._names[number - 1] if number else ""

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

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows walk the plan's zones in their order, Space chooses; for work at a desk."""
        if event is None or not self._marks:
            return
        zones = list(self._marks)
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step:
            at = self._at_key or self._chosen
            self._at_key = zones[(zones.index(at) + step if at in zones else 0) % len(zones)]
            self.setAccessibleDescription(self._marks[self._at_key].name)
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._at_key:
            self.picked.emit(Pick(Hit.ZONE, self._at_key))
            self._at_key = ""
        else:
            super().keyPressEvent(event)

    def _lift(self, point: QPointF) -> None:
        start, self._pressed_at = self._pressed_at, None
        if start is None or (point - start).manhattanLength() > self._metrics.px(8):
            return
        pick = self.pick_at(start)
        if self._zoom == 1.0 and (scale := self._scale_for(pick)) > 1.0:
            self._set_zoom(scale, start)
            self._prepare()
        elif pick.hit is not Hit.NOTHING:
            self.touched.emit(start)
            self.picked.emit(pick)

    def _scale_for(self, pick: Pick) -> float:
        """How far to enlarge before this touch may choose; 1.0: it may."""
        pin = self._marks[pick.zone].pin if pick.hit is Hit.ZONE else None
        zone = pin.zone if pin is not None else pick.zone
        if pick.hit is not Hit.ZONE or zone not in self._names:
            return 1.0
        mask = self._pick == self._names.index(zone) + 1
        count, nearest_px = self._pins.crowd(zone)
        crowded = enlargement_for_pins(int(mask.sum()), count, nearest_px, self._metrics.px_per_mm)
        return max(crowded, 1.0 if pin is not None else enlargement(mask, self._metrics.px_per_mm))

    def _set_zoom(self, scale: float, about: QPointF | None = None) -> None:
        self._zoomed_ns = None
        self._zoom_at = about if about is not None else QPointF()
        if scale != self._zoom:
            self._zoom = scale
            self.zoomed.emit(scale != 1.0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Another size: everything is drawn anew, once."""
        del event
        self._set_zoom(1.0)
        self._prepare()

    def _prepare(self) -> None:
        figure = self._figure
        if figure is None or self.width() < 2 or self.height() < 2:
            return
        self._to_screen = figure.fit(QRectF(self.rect()), self._turned, self._marks)
        if self._zoom != 1.0:
            at = self._zoom_at
            self._to_screen *= QTransform.fromTranslate(-at.x(), -at.y())
            self._to_screen *= QTransform.fromScale(self._zoom, self._zoom)
            self._to_screen *= QTransform.fromTranslate(at.x(), at.y())
        self._stale = True  # drawn when it is on show: of sizes on the way to the last, none is
        self._paths = figure.paths(self._to_screen)
        self._names = list(figure.zones)
        self._pick = pick_buffer(figure, self.size(), self._to_screen)
        self._pins.place(self._marks.values(), figure.place, self._to_screen)
        self._targets.place(figure, self._to_screen, self._pins.rects())
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Figure, zones, features, badges, L and R: what lies where something has changed."""
        figure = self._figure
        if figure is None:
            return
        if self._stale:
            self._stale = False
            self._under = paint_layer(figure.ground, self.size(), self._to_screen, self._inks)
            self._over = paint_layer(figure.features, self.size(), self._to_screen, self._inks)
        changed = event.region() if event is not None else QRegion(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._under)
        paths = {zone: path for zone, path in self._paths.items() if changed.intersects(self._near(path.boundingRect(), 1.0))}
        for zone, path in paths.items():
            paint_zone(painter, self._inks, path, self._marks.get(zone), zone in self._blocked)
        painter.drawPixmap(0, 0, self._over)
        if self._next in paths and self._next != self._chosen:
            paint_next(painter, self._inks, paths[self._next])
        if self.hasFocus() and self._at_key in paths:
            paint_next(painter, self._inks, paths[self._at_key])
        if (whole := self._whole_of(self._chosen)) in paths:
            paint_next(painter, self._inks, paths[whole])
        if self._chosen in paths:
            paint_choice(painter, self._inks, paths[self._chosen], self._moving and self._contact)
        for zone, shape in figure.zones.items():
            at = self._to_screen.map(shape.label)
            mark = self._marks.get(zone) if changed.intersects(self._near(QRectF(at, at), 5.0)) else None
            if zone in self._blocked:
                paint_lock(painter, self._inks, at)
            elif mark is not None and (self._counts or zone != self._next):  # a pin is being set there
                paint_mark(painter, self._inks, at, mark, zone == self._chosen, self._counts)
        self._pins.paint(painter, self._chosen, (self._next, self._at_key if self.hasFocus() else ""))
        sides = {self._letters.get(side, side): self._to_screen.map(at) for side, at in figure.sides.items()}
        paint_sides(painter, self._inks, sides, self.size(), self._zoom != 1.0)

    def _near(self, part: QRectF, air_mm: float) -> QRect:
        """With `air_mm` around it, where outlines and badges reach."""
        air = self._metrics.px(air_mm)
        return part.adjusted(-air, -air, air, air).toAlignedRect()

    def _whole_of(self, place: str) -> str:
        """The zone that a pin of the plan lies in; "" for what is no pin."""
        mark = self._marks.get(place)
        return mark.pin.zone if mark is not None and mark.pin is not None else ""
