"""Zone maps: reads the anatomical drawings into plain paths, roles and label points.

A drawing says what a shape is (its role), never which colour it has: the page paints every role with the token of its
theme, and every zone with the lightness of its passes. Paint order is ground, zones, features.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Final, Literal, TypeAlias

Move: TypeAlias = tuple[Literal["M"], float, float]
Line: TypeAlias = tuple[Literal["L"], float, float]
Curve: TypeAlias = tuple[Literal["C"], float, float, float, float, float, float]
Close: TypeAlias = tuple[Literal["Z"]]
Command: TypeAlias = Move | Line | Curve | Close
Path: TypeAlias = tuple[Command, ...]

ASSETS: Final = FilePath(__file__).parent / "assets" / "zones"
VIEWS: Final = ("face_front", "face_side", "body_front", "body_back")

FILL_ROLES: Final = ("skin", "hair", "gap", "line", "fine", "ink", "shade", "light", "eye", "iris")
"""skin, hair: the figure; gap: the seam under the zones; line, fine: contour and detail on the figure; ink: detail over
zones; shade, light: soft modelling over everything; eye, iris: the eyeball."""
STROKE_ROLES: Final = ("line", "fine", "ink")

_NS: Final = "{http://www.w3.org/2000/svg}"
_TOKEN: Final = re.compile(r"([A-Za-z])|([-+]?(?:\d+\.?\d*|\.\d+))|([\s,]+)|(.)", re.DOTALL)
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
_COUNT: Final = {"M": 2, "L": 2, "C": 6, "Z": 0}


class ArtError(ValueError):
    """A drawing that cannot be used: names the file, the element and what is allowed there."""

    def __init__(self, file: str, element: str, problem: str, allowed: str) -> None:
        super().__init__(f"{file}: {element}: {problem}; allowed: {allowed}")
        self.file = file
        self.element = element
        self.allowed = allowed


@dataclass(frozen=True)
class Shape:
    """One drawn shape: filled with a role, or stroked with a role at a width in drawing units.

    `colour` is the illustrator's own choice for the role, for whoever has no token for it.
    """

    path: Path
    fill: str | None
    stroke: str | None
    width: float
    opacity: float
    colour: str


@dataclass(frozen=True)
class View:
    """One drawing with its zones; inner outlines are holes (odd-even filling). `sides`: where the letters L and R stand."""

    name: str
    title: str
    width: float
    height: float
    ground: tuple[Shape, ...]
    features: tuple[Shape, ...]
    zones: dict[str, Path]
    labels: dict[str, tuple[float, float]]
    sides: dict[str, tuple[float, float]]

    def label_point(self, zone: str) -> tuple[float, float]:
        """Where the pass number of this zone reads best."""
        try:
            return self.labels[zone]
        except KeyError:
            raise ArtError(self.name, f"zone {zone}", "not in this view", ", ".join(sorted(self.zones))) from None

    def mirrored(self) -> View:
        """The same drawing from the client's other side: flipped, with .L and .R exchanged."""
        return View(
            self.name,
            self.title,
            self.width,
            self.height,
            tuple(self._flip_shape(shape) for shape in self.ground),
            tuple(self._flip_shape(shape) for shape in self.features),
            {other_side(zone): self._flip(path) for zone, path in self.zones.items()},
            {other_side(zone): (self.width - x, y) for zone, (x, y) in self.labels.items()},
            {("L" if side == "R" else "R"): (self.width - x, y) for side, (x, y) in self.sides.items()},
        )

    def _flip_shape(self, shape: Shape) -> Shape:
        return replace(shape, path=self._flip(shape.path))

    def _flip(self, path: Path) -> Path:
        return tuple(_flip_command(command, self.width) for command in path)


def other_side(zone: str) -> str:
    """The zone of the client's other side; zones on the midline keep their name."""
    if zone.endswith(".R"):
        return zone[:-1] + "L"
    if zone.endswith(".L"):
        return zone[:-1] + "R"
    return zone


def load_view(path: FilePath) -> View:
    """Read one drawing; raises ArtError when it is anything else than these pages can paint."""
    file = path.name
    try:
        root = ET.parse(path).getroot()
    except (OSError, ET.ParseError) as error:
        raise ArtError(file, "file", str(error), "a readable SVG drawing") from error
    if root.tag != f"{_NS}svg":
        raise ArtError(file, root.tag, "wrong root element", "svg")
    width, height = _view_box(file, root.get("viewBox", ""))
    groups = {group.get("id", ""): group for group in root.findall(f"{_NS}g")}
    for need in ("ground", "features", "zones"):
        if need not in groups:
            raise ArtError(file, f"g {need}", "missing", "one group each of ground, features, zones")
    zones: dict[str, Path] = {}
    labels: dict[str, tuple[float, float]] = {}
    for node in _paths(file, groups["zones"]):
        zone = node.get("id", "")
        if not zone or zone in zones:
            raise ArtError(file, f"zone {zone!r}", "id missing or used twice", "one path for each zone id")
        zones[zone] = parse_path(node.get("d", ""), file, f"zone {zone}")
        labels[zone] = _pair(file, f"zone {zone} data-label", node.get("data-label", ""))
        if zones[zone][-1] != ("Z",):
            raise ArtError(file, f"zone {zone}", "outline is open", "closed outlines")
    return View(
        root.get("data-name", path.stem),
        (root.findtext(f"{_NS}title") or path.stem).strip(),
        width,
        height,
        _shapes(file, groups["ground"]),
        _shapes(file, groups["features"]),
        zones,
        labels,
        _sides(file, root),
    )


def parse_path(data: str, file: str, element: str) -> Path:
    """Read path data of absolute M, L, C and Z only."""
    allowed = "absolute M, L, C, Z with finite numbers, starting with M"
    commands: list[Command] = []
    letter = ""
    numbers: list[float] = []

    def flush() -> None:
        if not letter:
            if numbers:
                raise ArtError(file, element, "numbers before the first command", allowed)
            return
        count = _COUNT[letter]
        if count == 0:
            if numbers:
                raise ArtError(file, element, "numbers after Z", allowed)
            commands.append(("Z",))
            return
        if not numbers or len(numbers) % count or (letter == "M" and len(numbers) != 2):
            raise ArtError(file, element, f"{letter} with {len(numbers)} numbers", allowed)
        for at in range(0, len(numbers), count):
            n = numbers[at : at + count]
            if letter == "M":
                commands.append(("M", n[0], n[1]))
            elif letter == "L":
                commands.append(("L", n[0], n[1]))
            else:
                commands.append(("C", n[0], n[1], n[2], n[3], n[4], n[5]))

    for match in _TOKEN.finditer(data):
        word, number, _, other = match.groups()
        if other is not None or (word is not None and word not in _COUNT):
            raise ArtError(file, element, f"{match.group()!r} in path data", allowed)
        if word is not None:
            flush()
            letter = word
            numbers = []
        elif number is not None:
            numbers.append(float(number))
    flush()
    if not commands or commands[0][0] != "M":
        raise ArtError(file, element, "empty path or no M at its start", allowed)
    return tuple(commands)


def _flip_command(command: Command, width: float) -> Command:
    if command[0] == "M":
        return ("M", width - command[1], command[2])
    if command[0] == "L":
        return ("L", width - command[1], command[2])
    if command[0] == "C":
        _, x1, y1, x2, y2, x, y = command
        return ("C", width - x1, y1, width - x2, y2, width - x, y)
    return command


def _shapes(file: str, group: ET.Element) -> tuple[Shape, ...]:
    shapes: list[Shape] = []
    for at, node in enumerate(_paths(file, group)):
        element = f"{group.get('id')} path {at + 1}"
        fill, stroke = node.get("data-fill"), node.get("data-stroke")
        if (fill is None) == (stroke is None):
            raise ArtError(file, element, "needs one role", "either data-fill or data-stroke")
        if fill is not None and fill not in FILL_ROLES:
            raise ArtError(file, element, f"fill role {fill!r}", ", ".join(FILL_ROLES))
        if stroke is not None and stroke not in STROKE_ROLES:
            raise ArtError(file, element, f"stroke role {stroke!r}", ", ".join(STROKE_ROLES))
        width = _number(file, f"{element} stroke-width", node.get("stroke-width", "0"))
        opacity = _number(file, f"{element} opacity", node.get("opacity", "1"))
        if not 0 < opacity <= 1 or width < 0 or (stroke is not None and width == 0):
            raise ArtError(file, element, f"opacity {opacity:g}, width {width:g}", "opacity over 0 up to 1, strokes wider than 0")
        colour = node.get("stroke" if fill is None else "fill", "")
        if not _COLOUR.fullmatch(colour):
            raise ArtError(file, element, f"colour {colour!r}", "#RRGGBB")
        shapes.append(Shape(parse_path(node.get("d", ""), file, element), fill, stroke, width, opacity, colour))
    return tuple(shapes)


def _paths(file: str, group: ET.Element) -> list[ET.Element]:
    for node in group.iter():
        if "transform" in node.attrib or "class" in node.attrib or "style" in node.attrib:
            raise ArtError(file, node.get("id") or node.tag, "transform, class or style", "presentation attributes only")
        if node is not group and node.tag != f"{_NS}path":
            raise ArtError(file, node.tag, "not a path", "path elements only")
    return list(group)


def _view_box(file: str, text: str) -> tuple[float, float]:
    parts = text.split()
    if len(parts) != 4 or parts[:2] != ["0", "0"]:
        raise ArtError(file, "svg viewBox", repr(text), "0 0 width height")
    width, height = (_number(file, "svg viewBox", part) for part in parts[2:])
    if width <= 0 or height <= 0:
        raise ArtError(file, "svg viewBox", repr(text), "a width and a height over 0")
    return width, height


def _sides(file: str, root: ET.Element) -> dict[str, tuple[float, float]]:
    found = {side: root.get(f"data-side-{side}") for side in ("L", "R")}
    return {side: _pair(file, f"svg data-side-{side}", text) for side, text in found.items() if text is not None}


def _pair(file: str, element: str, text: str) -> tuple[float, float]:
    parts = text.split(",")
    if len(parts) != 2:
        raise ArtError(file, element, repr(text), "x,y")
    return _number(file, element, parts[0]), _number(file, element, parts[1])


def _number(file: str, element: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ArtError(file, element, repr(text), "a number") from None
    if not math.isfinite(value):
        raise ArtError(file, element, repr(text), "a finite number")
    return value
