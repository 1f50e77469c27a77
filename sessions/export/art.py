"""The drawing that the zone map is made from, as plain numbers; whoever has the SVG files converts them. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

MIRRORED = "_mirrored"

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
    name: str = ""  # what a pin calls this drawing


@dataclass(frozen=True)
class ZoneArt:
    """Every view there is; a report shows those that hold a zone of its session, and those that a pin was set on.

    A mirrored view shows what another one shows from the client's other side: it is for the pins set on it.
    """

    views: tuple[View, ...]

    def views_with(self, zones: set[str], drawings: Collection[str] = ()) -> tuple[View, ...]:
        """Those named in `drawings` and the fewest others, in order, that together show every drawable one of `zones`."""
        chosen = [view for view in self.views if view.name and view.name in drawings]
        missing = set(zones)
        for view in chosen:
            missing -= view.zones.keys()
        whole = [view for view in self.views if not view.name.endswith(MIRRORED)]
        for view in sorted(whole, key=lambda view: -len(zones & view.zones.keys())):
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
