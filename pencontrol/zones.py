"""The zone table: which skin areas there are and how deep each may be treated, from `data/zones.csv`.

Depths are micrometres. The wire number of a zone is its row, counted from 1, so rows are only ever appended.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

Mode = Literal["treat", "caution", "blocked"]


@dataclass(frozen=True)
class Zone:
    """One named skin area of the shipped table. A blocked zone has no depths: all are 0."""

    zone: str
    number: int
    map: str
    name: str
    mode: Mode
    default_um: int
    usual_max_um: int
    soft_cap_um: int
    hard_cap_um: int
    passes_min: int
    passes_max: int
    speed_rpm: int
    area_cm2: float
    floor_note: str


class ZoneTableError(Exception):
    """A row of the table that cannot be used: names row, column, value and what is allowed."""


def read_zones(text: str) -> dict[str, Zone]:
    """The table in `text` (CSV with the columns of data/zones.csv), by zone id, in file order. Raises ZoneTableError."""
    zones: dict[str, Zone] = {}
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=1):
        zone = _read_row(number, row)
        if zone.zone in zones:
            raise ZoneTableError(f"zones.csv row {number}: zone {zone.zone} is there twice")
        zones[zone.zone] = zone
    return zones


def shipped_zones() -> dict[str, Zone]:
    """The table that comes with the program."""
    return read_zones(resources.files("pencontrol").joinpath("data/zones.csv").read_text(encoding="utf-8"))


def _read_row(number: int, row: Mapping[str, str]) -> Zone:
    zone = row["zone_id"]
    mode = row["mode"]
    if mode not in ("treat", "caution", "blocked"):
        raise ZoneTableError(f"zones.csv row {number}: mode is {mode!r}, allowed are treat, caution and blocked")
    if mode == "blocked":
        return Zone(zone, number, row["map"], row["name"], "blocked", 0, 0, 0, 0, 0, 0, 0, 0.0, "")
    depths = [_depth_um(number, row, column) for column in ("default_mm", "usual_max_mm", "soft_cap_mm", "hard_cap_mm")]
    if depths != sorted(depths):
        raise ZoneTableError(f"zones.csv row {number}: depths {depths} um must rise from default to hard cap")
    note = row["note"] or ""
    return Zone(
        zone=zone,
        number=number,
        map=row["map"],
        name=row["name"],
        mode="caution" if mode == "caution" else "treat",
        default_um=depths[0],
        usual_max_um=depths[1],
        soft_cap_um=depths[2],
        hard_cap_um=depths[3],
        passes_min=int(row["passes_min"]),
        passes_max=int(row["passes_max"]),
        speed_rpm=int(row["speed_rpm"]),
        area_cm2=float(row["area_cm2"]),
        floor_note="Charts advise 0.2 to 0.5 mm here; this pen cannot go under 0.5 mm." if "cannot go under" in note else "",
    )


def _depth_um(number: int, row: Mapping[str, str], column: str) -> int:
    try:
        depth_um = round(float(row[column]) * 1000)
    except ValueError:
        depth_um = -1
    if not (500 <= depth_um <= 1500):
        raise ZoneTableError(f"zones.csv row {number}: {column} is {row[column]!r}, allowed is 0.5 to 1.5")
    return depth_um
