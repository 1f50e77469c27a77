"""The zone art as Qt paths in the theme's colours: one figure is one view of the body."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainterPath, QTransform

from ui.touch import art
from ui.touch.theme import Theme

Paths = dict[str, QPainterPath]
AIR = 0.07  # of the drawing's width, around the zones that are wanted


@dataclass(frozen=True)
class Shape:
    """A shape of the drawing: filled, or stroked where `width` is not 0. `role` is what it depicts."""

    role: str
    own_colour: str
    opacity: float
    width: float
    path: QPainterPath

    def colour(self, theme: Theme) -> str:
        """The theme's token for the role; the artist's colour where the theme has none."""
        return theme.figure_colours().get(self.role, self.own_colour)


@dataclass(frozen=True)
class ZoneShape:
    """A zone's outline and where its number stands."""

    path: QPainterPath
    label: QPointF


@dataclass(frozen=True)
class Figure:
    """One view. Coordinates are the drawing's own; `sides` says where L and R stand."""

    name: str
    title: str
    width: float
    height: float
    ground: tuple[Shape, ...]
    features: tuple[Shape, ...]
    zones: dict[str, ZoneShape]
    sides: dict[str, QPointF]
    place: str = ""  # what a pin calls this drawing: its name, with `_mirrored` for the client's other side

    def frame(self, wanted: Collection[str]) -> QRectF:
        """The part of the drawing that shows the `wanted` zones with some air; the whole drawing when it has none of them."""
        whole = QRectF(0, 0, self.width, self.height)
        part = QRectF()
        for zone, shape in self.zones.items():
            if zone in wanted:
                part = part.united(shape.path.boundingRect())
        if part.isEmpty():
            return whole
        air = AIR * self.width
        return part.adjusted(-air, -air, air, air).intersected(whole)

    def fit(self, room: QRectF, turned: bool, wanted: Collection[str]) -> QTransform:
        """From the drawing to `room`: what is wanted as large as it goes, in the middle; upside down when turned."""
        part = self.frame(wanted)
        scale = min(room.width() / part.width(), room.height() / part.height())
        made = QTransform()
        made.translate(room.center().x(), room.center().y())
        made.rotate(180.0 if turned else 0.0)
        made.scale(scale, scale)
        made.translate(-part.center().x(), -part.center().y())
        return made

    def paths(self, to_screen: QTransform) -> Paths:
        """The zones' outlines on the screen."""
        return {zone: to_screen.map(shape.path) for zone, shape in self.zones.items()}


def painter_path(commands: art.Path) -> QPainterPath:
    """The drawing's commands as a Qt path; inner outlines are holes."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for command in commands:
        match command:
            case ("M", x, y):
                path.moveTo(x, y)
            case ("L", x, y):
                path.lineTo(x, y)
            case ("C", x1, y1, x2, y2, x, y):
                path.cubicTo(x1, y1, x2, y2, x, y)
            case _:
                path.closeSubpath()
    return path


def figure_of(view: art.View) -> Figure:
    """The drawing, ready to paint."""
    return Figure(
        view.name,
        view.title,
        view.width,
        view.height,
        tuple(_shape(shape) for shape in view.ground),
        tuple(_shape(shape) for shape in view.features),
        {zone: ZoneShape(painter_path(path), QPointF(*view.label_point(zone))) for zone, path in view.zones.items()},
        {side: QPointF(*at) for side, at in view.sides.items()},
    )


def load_figure(folder: Path, name: str, mirrored: bool) -> Figure:
    """The drawing `name` in `folder`. Raises art.ArtError when it cannot be used."""
    view = art.load_view(folder / f"{name}.svg")
    made = figure_of(view.mirrored() if mirrored else view)
    return replace(made, place=f"{name}_mirrored" if mirrored else name)


def _shape(shape: art.Shape) -> Shape:
    return Shape(
        shape.fill or shape.stroke or "",
        shape.colour,
        shape.opacity,
        shape.width if shape.stroke else 0.0,
        painter_path(shape.path),
    )
