"""The drawing that the zone map is made from, as plain numbers; whoever has the SVG files converts them. Pure."""

from dataclasses import dataclass, field
from typing import Literal

Move = tuple[Literal["M"], float, float]
Line = tuple[Literal["L"], float, float]
Curve = tuple[Literal["C"], float, float, float, float, float, float]  # x1, y1, x2, y2, x, y
Close = tuple[Literal["Z"]]
Command = Move | Line | Curve | Close
Path = tuple[Command, ...]


@dataclass(frozen=True)
class Shade:
    """A filled shape that is no zone: hair, an ear, a lid. `darkness` from 0 (paper) to 1 (ink)."""

    path: Path
    darkness: float


@dataclass(frozen=True)
class View:
    """One drawing, e.g. the face from the front. x to the right, y downwards, 0 to `width` and 0 to `height`."""

    title: str
    width: float
    height: float
    outline: tuple[Path, ...]  # stroked thinly, not filled
    zones: dict[str, Path]  # zone id -> closed path
    labels: dict[str, tuple[float, float]] = field(default_factory=dict)  # where a zone's number goes; else its middle
    under: tuple[Shade, ...] = ()  # below the zones, first to last
    over: tuple[Shade, ...] = ()  # above the zones


@dataclass(frozen=True)
class ZoneArt:
    """Every view there is; a report shows those that hold a zone of its session."""

    views: tuple[View, ...]

    def views_with(self, zones: set[str]) -> tuple[View, ...]:
        """The fewest views, in order, that together show every drawable one of `zones`."""
        chosen: list[View] = []
        missing = set(zones)
        for view in sorted(self.views, key=lambda view: -len(zones & view.zones.keys())):
            if missing & view.zones.keys():
                chosen.append(view)
                missing -= view.zones.keys()
        return tuple(view for view in self.views if view in chosen)


def bounds(path: Path) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the points of `path`, control points included. Raises ValueError when it has none."""
    points = [(command[at], command[at + 1]) for command in path for at in range(1, len(command), 2)]
    if not points:
        raise ValueError("a path without points has no bounds")
    xs, ys = [float(x) for x, _ in points], [float(y) for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)
