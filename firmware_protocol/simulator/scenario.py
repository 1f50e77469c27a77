"""The pen's part of a scenario file: `[[hand]]` and `[[fault]]` rows and `scenario.seed`. Pure, but for reading the file.

Times are seconds after the pen was first armed. The other tables belong to the host and are not looked at.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from firmware_protocol.simulator.faults import FAULTS, FaultError, check_fault
from firmware_protocol.simulator.hand import Strokes

LONGEST_S = 86_400.0
HARDEST_N = 20.0
MOST_STROKES = 100_000


class ScenarioError(ValueError):
    """A scenario that cannot be used: names the file, the row, the key, the value and what is allowed."""


@dataclass(frozen=True, slots=True)
class HandRow:
    """What the hand does at one time: `strokes`, `press`, `lift` or `button`."""

    at_s: float
    do: str
    strokes: Strokes | None = None
    force_n: float = 0.0
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FaultRow:
    """What goes wrong at one time; `for_s` None: it stays."""

    at_s: float
    do: str
    value: float
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Rows by time. `seed` None: the file names none."""

    seed: int | None = None
    hand: tuple[HandRow, ...] = ()
    faults: tuple[FaultRow, ...] = ()


AnyRow = TypeVar("AnyRow", HandRow, FaultRow)

_HAND_KEYS: dict[str, tuple[str, ...]] = {
    "strokes": ("count", "contact_s", "lift_s", "force_n", "tremor"),
    "press": ("force_n",),
    "lift": (),
    "button": ("hold_s",),
}


class _Row:
    """One row while it is read: every complaint says where it stands."""

    def __init__(self, where: str, row: object) -> None:
        self.where = where
        if not isinstance(row, dict):
            raise ScenarioError(f"{where} is {row!r}, it must be a table")
        self.values: dict[str, Any] = row

    def only(self, allowed: tuple[str, ...]) -> None:
        for key, value in self.values.items():
            if key not in allowed:
                raise ScenarioError(f"{self.where}: key {key!r} (value {value!r}) is not known; allowed is {', '.join(allowed)}")

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or value not in allowed:
            raise ScenarioError(f"{self.where}: {key} is {value!r}, allowed is {', '.join(allowed)}")
        return value

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not (low <= value <= high):
            found = "missing" if value is None else repr(value)
            raise ScenarioError(f"{self.where}: {key} is {found}, allowed is a number from {low:g} to {high:g}")
        return float(value)

    def count(self, key: str, low: int, high: int) -> int:
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not (low <= value <= high):
            found = "missing" if value is None else repr(value)
            raise ScenarioError(f"{self.where}: {key} is {found}, allowed is a whole number from {low} to {high}")
        return value


def _hand_row(row: _Row) -> HandRow:
    do = row.choice("do", tuple(_HAND_KEYS))
    row.only(("at_s", "do", *_HAND_KEYS[do]))
    at_s = row.number("at_s", 0, LONGEST_S)
    if do == "strokes":
        strokes = Strokes(
            count=row.count("count", 1, MOST_STROKES),
            contact_s=row.number("contact_s", 0.01, LONGEST_S, Strokes.contact_s),
            lift_s=row.number("lift_s", 0.0, LONGEST_S, Strokes.lift_s),
            force_n=row.number("force_n", 0.0, HARDEST_N, Strokes.force_n),
            tremor=row.number("tremor", 0.0, 1.0, Strokes.tremor),
        )
        return HandRow(at_s, do, strokes=strokes)
    if do == "press":
        return HandRow(at_s, do, force_n=row.number("force_n", 0.0, HARDEST_N))
    if do == "button":
        return HandRow(at_s, do, hold_s=row.number("hold_s", 0.001, 60.0))
    return HandRow(at_s, do)


def _fault_row(row: _Row) -> FaultRow:
    do = row.choice("do", tuple(FAULTS))
    row.only(("at_s", "do", "value", "for_s"))
    at_s = row.number("at_s", 0, LONGEST_S)
    for_s = row.number("for_s", 0.001, LONGEST_S) if "for_s" in row.values else None
    asked = row.number("value", -1e9, 1e9) if "value" in row.values else None
    try:
        _, value = check_fault(do, asked)
    except FaultError as wrong:
        raise ScenarioError(f"{row.where}: value is {row.values['value']!r}: {wrong}") from None
    return FaultRow(at_s, do, value, for_s)


def _rows(tables: dict[str, Any], key: str, name: str, read: Callable[[_Row], AnyRow]) -> tuple[AnyRow, ...]:
    found = tables.get(key, [])
    if not isinstance(found, list):
        raise ScenarioError(f"{name}: {key} is {found!r}, it must be rows that begin with [[{key}]]")
    rows = [read(_Row(f"{name}: [[{key}]] row {number}", row)) for number, row in enumerate(found, start=1)]
    return tuple(sorted(rows, key=lambda row: row.at_s))


def read_scenario(text: str, name: str) -> Scenario:
    """The pen's part of the TOML in `text`; `name` is what complaints call the file. Raises ScenarioError."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise ScenarioError(f"{name} is no TOML: {wrong}") from None
    head = tables.get("scenario", {})
    seed = head.get("seed") if isinstance(head, dict) else None
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or not (0 <= seed < 2**32)):
        raise ScenarioError(f"{name}: [scenario]: seed is {seed!r}, allowed is a whole number from 0 to {2**32 - 1}")
    return Scenario(seed, _rows(tables, "hand", name, _hand_row), _rows(tables, "fault", name, _fault_row))


def load_scenario(path: Path) -> Scenario:
    """As `read_scenario`, from a file. Raises ScenarioError for one that cannot be read, too."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise ScenarioError(f"{path} cannot be read: {wrong}") from None
    return read_scenario(text, str(path))
