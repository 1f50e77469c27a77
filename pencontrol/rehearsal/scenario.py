"""The host's part of a scenario file: plan, operator's actions, expectations (docs/scenarios.md). Pure but for reading it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pencontrol.plan import Plan, PlanError, explain, load_plan, read_plan
from pencontrol.zones import Zone

Action = Literal[
    "zone",
    "ask",
    "start",
    "pause",
    "stop",
    "pass_done",
    "pass_undo",
    "note",
    "acknowledge",
    "clear_fault",
    "close",
    "resume",
    "kill",
    "freeze",
    "wait_state",
]
LONGEST_S = 3600.0
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "zone": ("zone",),
    "ask": ("depth_mm", "speed_rpm"),
    "note": ("code",),
    "kill": ("process",),
    "freeze": ("for_s",),
    "wait_state": ("state",),
}
_MAY: Mapping[str, tuple[str, ...]] = {"note": ("code", "text"), "acknowledge": ("alarm",), "wait_state": ("state", "for_s")}


class ScenarioError(Exception):
    """One plain sentence: which file, row and key, the value found, what is allowed."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class About(_Strict):
    """`[scenario]`."""

    name: str = ""
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    client: str = "C-0001"
    operator: str = "P-01"
    role: str = "practitioner"
    plan: str = ""  # a file, beside the scenario; or give [plan] itself


class OperatorRow(_Strict):
    """`[[operator]]`: one thing the person does. `at_s` counts from the first START."""

    do: Action
    at_s: Annotated[float, Field(ge=0, le=LONGEST_S)] = 0.0
    zone: str = ""
    depth_mm: float | None = None
    speed_rpm: int | None = None
    code: str = ""
    text: str = ""
    alarm: str = ""
    process: Literal["", "control", "recorder", "ui", "pen"] = ""
    state: str = ""
    for_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    refused: bool = False  # control must refuse this


class ZoneExpectation(_Strict):
    """`[expect.zones."ID"]`: bounds, each optional."""

    passes: int | None = None
    strokes_min: int | None = None
    strokes_max: int | None = None
    contact_s_min: float | None = None
    contact_s_max: float | None = None
    max_depth_um_max: int | None = None


class TripExpectation(_Strict):
    """`[[expect.trip]]`: one trip that must be on record, with its latest times."""

    guard: Literal["CONTROL", "PEN"]
    alarm: str = ""
    stop_on_wire_us_max: int | None = None
    motor_off_us_max: int | None = None
    needles_home_us_max: int | None = None


class Expectations(_Strict):
    """`[expect]`: what must come out. What is not named is not judged."""

    state: Literal["CLOSED", "INTERRUPTED"] = "CLOSED"
    samples_min: int | None = None
    samples_lost_max: int | None = None
    alarms: list[str] | None = None  # exactly these, each once or more, in any order
    zones: dict[str, ZoneExpectation] = {}
    trip: list[TripExpectation] = []


class _File(_Strict):
    scenario: About = About()
    plan: dict[str, Any] | None = None
    operator: Annotated[list[OperatorRow], Field(min_length=1)]
    hand: list[dict[str, Any]] = []  # the simulated pen's own: it checks them
    fault: list[dict[str, Any]] = []
    expect: Expectations = Expectations()


@dataclass(frozen=True)
class Scenario:
    """A scenario that passed every check."""

    path: Path
    about: About
    plan: Plan
    before: tuple[OperatorRow, ...]  # up to and including the first START: done as soon as the pen is ready
    rows: tuple[OperatorRow, ...]  # by time
    expect: Expectations


def load_scenario(path: Path, table: Mapping[str, Zone]) -> Scenario:
    """The scenario in the TOML file `path`. Raises ScenarioError for whatever is wrong with it."""
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}: is not TOML: {error}") from None
    try:
        file = _File.model_validate(values)
    except ValidationError as error:
        raise ScenarioError(f"{path}: {explain(error)}") from None
    for number, row in enumerate(file.operator):
        _check_row(row, f"{path}: operator[{number}]")
    plan = _plan(file, path, table)
    first = next((number for number, row in enumerate(file.operator) if row.do == "start" and not row.refused), None)
    if first is None:
        raise ScenarioError(f"{path}: no operator row has do = 'start'; times count from the first one")
    rows = tuple(file.operator[first + 1 :])
    if any(later.at_s < earlier.at_s for earlier, later in pairwise(rows)):
        raise ScenarioError(f"{path}: operator rows must stand in the order of their at_s")
    return Scenario(path, file.scenario, plan, tuple(file.operator[: first + 1]), rows, file.expect)


def _plan(file: _File, path: Path, table: Mapping[str, Zone]) -> Plan:
    try:
        if file.plan is not None:
            if file.scenario.plan:
                raise ScenarioError(f"{path}: has both [plan] and scenario.plan, one of them is allowed")
            return read_plan(file.plan, table, f"{path}: plan")
        if not file.scenario.plan:
            raise ScenarioError(f"{path}: has no plan: give [plan] or scenario.plan = 'file.toml'")
        return load_plan(path.parent / file.scenario.plan, table)
    except PlanError as error:
        raise ScenarioError(str(error)) from None


def _check_row(row: OperatorRow, where: str) -> None:
    given = {key for key in row.model_fields_set if key not in ("do", "at_s", "refused")}
    needed = _NEEDS.get(row.do, ())
    for key in needed:
        if key not in given:
            raise ScenarioError(f"{where}: do = '{row.do}' needs {key}")
    allowed = set(needed) | set(_MAY.get(row.do, ()))
    for key in sorted(given - allowed):
        raise ScenarioError(f"{where}: do = '{row.do}' has no key {key}; allowed are {', '.join(sorted(allowed)) or 'none'}")
