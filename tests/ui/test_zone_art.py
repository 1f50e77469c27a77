"""The zone drawings: complete, readable by the app, left and right where the client has them, nothing overlapping."""

import csv
import re
from functools import cache
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ui.touch.art import ASSETS, FILL_ROLES, STROKE_ROLES, VIEWS, ArtError, View, load_view, other_side, parse_path
from ui.touch.art import Path as Outline

Mask = NDArray[np.bool_]
STEP = 2.0  # drawing units per raster cell
MIN_AREA = {"face_front": 3000.0, "face_side": 2500.0, "body_front": 1200.0, "body_back": 1200.0}
BEFORE_THE_CLIENT = {"face_front", "body_front"}


@cache
def view(name: str) -> View:
    return load_view(ASSETS / f"{name}.svg")


def flatten(path: Outline) -> list[NDArray[np.float64]]:
    """Every outline as a closed polygon; curves in sixteen pieces."""
    rings: list[list[tuple[float, float]]] = []
    for command in path:
        if command[0] == "M":
            rings.append([(command[1], command[2])])
        elif command[0] == "L":
            rings[-1].append((command[1], command[2]))
        elif command[0] == "C":
            x0, y0 = rings[-1][-1]
            _, x1, y1, x2, y2, x3, y3 = command
            for k in range(1, 17):
                t, s = k / 16, 1 - k / 16
                a, b, c, d = s**3, 3 * s * s * t, 3 * s * t * t, t**3
                rings[-1].append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return [np.array(ring) for ring in rings]


def inside(path: Outline, x: NDArray[np.float64], y: NDArray[np.float64]) -> Mask:
    """Odd-even test of points against a path."""
    odd = np.zeros(np.broadcast(x, y).shape, dtype=np.bool_)
    for ring in flatten(path):
        for (xa, ya), (xb, yb) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if ya == yb:
                continue
            crosses = (y >= min(ya, yb)) & (y < max(ya, yb))
            odd ^= crosses & (x < xa + (y - ya) * (xb - xa) / (yb - ya))
    return odd


@cache
def masks(name: str) -> dict[str, Mask]:
    drawn = view(name)
    xs = np.arange(STEP / 2, drawn.width, STEP)[None, :]
    ys = np.arange(STEP / 2, drawn.height, STEP)[:, None]
    made: dict[str, Mask] = {}
    for zone, path in drawn.zones.items():
        points = np.vstack(flatten(path))
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        columns = (xs[0] >= x0) & (xs[0] <= x1)
        rows = (ys[:, 0] >= y0) & (ys[:, 0] <= y1)
        mask = np.zeros((ys.size, xs.size), dtype=np.bool_)
        mask[np.ix_(rows, columns)] = inside(path, xs[:, columns], ys[rows])
        made[zone] = mask
    return made


def grown(mask: Mask) -> Mask:
    """The mask and its four neighbours."""
    out = mask.copy()
    out[1:] |= mask[:-1]
    out[:-1] |= mask[1:]
    out[:, 1:] |= mask[:, :-1]
    out[:, :-1] |= mask[:, 1:]
    return out


def table() -> dict[str, str]:
    text = files("pencontrol").joinpath("data/zones.csv").read_text(encoding="utf-8")
    return {row["zone_id"]: row["map"] for row in csv.DictReader(text.splitlines())}


def test_every_zone_of_the_table_is_drawn_and_none_is_invented() -> None:
    drawn = {zone for name in VIEWS for zone in view(name).zones}
    assert drawn == set(table())


def test_the_face_shows_every_face_zone_at_once() -> None:
    assert set(view("face_front").zones) == {zone for zone, part in table().items() if part == "face"}


def test_the_side_view_shows_one_side_and_its_mirror_the_other() -> None:
    right = view("face_side")
    left = right.mirrored()
    assert not any(zone.endswith(".L") for zone in right.zones)
    assert set(left.zones) == {other_side(zone) for zone in right.zones}
    assert set(right.zones) | set(left.zones) == set(view("face_front").zones)
    x, y = right.label_point("F.CHEEK.R")
    assert left.label_point("F.CHEEK.L") == (right.width - x, y)
    assert left.sides == {"L": (right.width - right.sides["R"][0], right.sides["R"][1])}
    assert left.mirrored().zones.keys() == right.zones.keys()


@pytest.mark.parametrize("name", VIEWS)
def test_paths_use_absolute_commands_only(name: str) -> None:
    text = (ASSETS / f"{name}.svg").read_text(encoding="utf-8")
    data = re.findall(r'\sd="([^"]*)"', text)
    assert data
    assert set("".join(re.findall(r"[A-Za-z]", " ".join(data)))) <= set("MLCZ")
    assert "transform" not in text
    assert "class=" not in text


@pytest.mark.parametrize("name", VIEWS)
def test_shapes_carry_known_roles(name: str) -> None:
    drawn = view(name)
    assert drawn.name == name
    assert drawn.title
    for shape in (*drawn.ground, *drawn.features):
        assert (shape.fill in FILL_ROLES) != (shape.stroke in STROKE_ROLES)


@pytest.mark.parametrize("name", VIEWS)
def test_zones_neither_overlap_nor_touch(name: str) -> None:
    fat = {zone: grown(mask) for zone, mask in masks(name).items()}
    meeting = [(a, b) for a, b in combinations(fat, 2) if bool((fat[a] & masks(name)[b]).any())]
    assert meeting == []


@pytest.mark.parametrize("name", VIEWS)
def test_left_and_right_are_the_clients(name: str) -> None:
    drawn = view(name)
    if name == "face_side":
        return
    viewers_left = "R" if name in BEFORE_THE_CLIENT else "L"
    middle = int(drawn.width / 2 / STEP)
    for zone, mask in masks(name).items():
        if zone[-2:] not in (".L", ".R"):
            continue
        columns = np.flatnonzero(mask.any(axis=0))
        if zone[-1] == viewers_left:
            assert columns.max() < middle, zone
        else:
            assert columns.min() >= middle, zone
    for side, (x, _) in drawn.sides.items():
        assert (x < drawn.width / 2) == (side == viewers_left)


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "face_side"])
def test_halves_are_symmetrical_in_size(name: str) -> None:
    for zone, mask in masks(name).items():
        assert mask.sum() == pytest.approx(masks(name)[other_side(zone)].sum(), rel=0.02), zone


@pytest.mark.parametrize("name", VIEWS)
def test_numbers_stand_inside_their_zone(name: str) -> None:
    drawn = view(name)
    for zone, path in drawn.zones.items():
        x, y = drawn.label_point(zone)
        assert bool(inside(path, np.array([x]), np.array([y]))[0]), zone


@pytest.mark.parametrize("name", VIEWS)
def test_zones_are_large_enough_to_hit(name: str) -> None:
    for zone, mask in masks(name).items():
        assert mask.sum() * STEP * STEP >= MIN_AREA[name], zone


def test_an_unknown_zone_is_named_with_what_there_is() -> None:
    with pytest.raises(ArtError, match=r"F\.NOWHERE.*F\.CHIN"):
        view("face_front").label_point("F.NOWHERE")


@pytest.mark.parametrize(
    "data", ["", "m0,0 l1,1", "M0,0 H5", "M0 L1,1", "M0,0 C1,1 2,2", "5 M0,0", "L1,1", "M0,0 L1,1 Z3", "M0,0 L1;1", "M0,0 3,3"]
)
def test_other_path_data_is_refused(data: str) -> None:
    with pytest.raises(ArtError, match=r"x\.svg: zone A"):
        parse_path(data, "x.svg", "zone A")


def test_path_data_reads_numbers_however_they_are_set_apart() -> None:
    assert parse_path("M1,2L3 4C1,1,2,2 3,-.5Z", "x.svg", "zone A") == (
        ("M", 1.0, 2.0),
        ("L", 3.0, 4.0),
        ("C", 1.0, 1.0, 2.0, 2.0, 3.0, -0.5),
        ("Z",),
    )


GOOD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20" data-side-R="1,2"><title>T</title>'
    '<g id="ground"><path data-fill="skin" fill="#101112" d="M0,0 L1,0 L1,1 Z"/></g>'
    '<g id="zones"><path id="A.R" data-label="0.5,0.2" d="M0,0 L1,0 L1,1 Z"/></g>'
    '<g id="features"><path data-stroke="line" stroke="#101112" stroke-width="2" opacity="0.5" d="M0,0 L1,0"/></g></svg>'
)


def test_a_small_drawing_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "small.svg"
    path.write_text(GOOD, encoding="utf-8")
    drawn = load_view(path)
    assert (drawn.name, drawn.title, drawn.width, drawn.height) == ("small", "T", 10.0, 20.0)
    assert drawn.sides == {"R": (1.0, 2.0)}
    (line,) = drawn.features
    assert (line.fill, line.stroke, line.width, line.opacity, line.colour) == (None, "line", 2.0, 0.5, "#101112")
    assert drawn.mirrored().zones == {"A.L": (("M", 10.0, 0.0), ("L", 9.0, 0.0), ("L", 9.0, 1.0), ("Z",))}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<svg", "<svh", "file"),
        ('viewBox="0 0 10 20"', 'viewBox="5 0 10 20"', "viewBox"),
        ('viewBox="0 0 10 20"', 'viewBox="0 0 0 20"', "viewBox"),
        ('id="features"', 'id="other"', "features"),
        ('data-fill="skin"', 'data-fill="red"', "red"),
        ('data-stroke="line"', 'data-stroke="skin"', "skin"),
        ('data-fill="skin"', "", "data-fill or data-stroke"),
        ('fill="#101112"', 'fill="url(#a)"', "#RRGGBB"),
        ('opacity="0.5"', 'opacity="2"', "opacity"),
        ('opacity="0.5"', 'transform="scale(2)"', "presentation attributes"),
        ('stroke-width="2"', 'stroke-width="nan"', "finite"),
        ('id="A.R"', "", "id missing"),
        ('data-label="0.5,0.2"', 'data-label="0.5"', "x,y"),
        ('L1,1 Z"/></g><g id="features">', 'L1,1"/></g><g id="features">', "closed"),
        ("<title>T</title>", '<title>T</title><g id="zones"><rect/></g>', ""),
    ],
)
def test_a_bad_drawing_is_refused_by_name(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    path = tmp_path / "bad.svg"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    if not says:
        load_view(path)  # the later group of the same name is the one that counts
        return
    with pytest.raises(ArtError, match=r"bad\.svg") as caught:
        load_view(path)
    assert says in str(caught.value)
    assert caught.value.allowed


def test_a_missing_drawing_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ArtError, match=r"none\.svg"):
        load_view(tmp_path / "none.svg")
