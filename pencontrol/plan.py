"""The treatment plan: which zones, how deep, how fast, how often. Read from TOML, judged against the zone table, frozen.

Depths are millimetres in the file (what people say) and integer micrometres everywhere else.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from firmware_protocol import messages
from pencontrol.pins import PinPlan, PinRow, check_pins, complete_pins, pin_limits
from pencontrol.plan_words import PlanError, explain, range_words, um
from pencontrol.zones import Zone
from sessions.events import ZoneLimit

__all__ = ["PinPlan", "Plan", "PlanError", "ZonePlan", "check_plan", "explain", "load_plan", "read_plan", "zone_limits"]


class _Row(BaseModel):
    """`[[zone]]` as it stands in the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    depth_mm: Annotated[float, Field(ge=0.5, le=1.5)] | None = None
    limit_mm: Annotated[float, Field(ge=0.5, le=1.5)] | None = None
    speed_rpm: Annotated[int, Field(ge=messages.SPEED_MIN_RPM, le=messages.SPEED_MAX_RPM)] | None = None
    passes: Annotated[int, Field(ge=1, le=8)] | None = None
    directions_deg: list[Annotated[int, Field(ge=0, le=135, multiple_of=45)]] = []
    reason: str = ""
    acknowledged: bool = False


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=80)]
    indication: Annotated[str, Field(pattern=r"^IN\d\d$")] = "IN11"
    note: str = ""
    zone: Annotated[list[_Row], Field(min_length=1, max_length=messages.PLAN_MAX_ZONES)]
    pin: Annotated[list[PinRow], Field(max_length=messages.PLAN_MAX_ZONES)] = []


class ZonePlan(BaseModel):
    """One zone of the plan, complete: what the file left out came from the zone table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zone: str
    depth_um: int
    limit_um: int
    speed_rpm: int
    passes: int
    directions_deg: tuple[int, ...] = ()
    reason: str = ""
    acknowledged: bool = False


class Plan(BaseModel):
    """A plan that passed every check against the zone table; zones in the order of treatment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    indication: str
    note: str = ""
    zones: tuple[ZonePlan, ...]
    pins: tuple[PinPlan, ...] = ()


def load_plan(path: Path, table: Mapping[str, Zone]) -> Plan:
    """The plan in the TOML file `path`. Raises PlanError for whatever is wrong with it."""
    try:
        text = path.read_bytes().decode("utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise PlanError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise PlanError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{path}: is not TOML: {error}") from None
    return read_plan(values, table, str(path))


def read_plan(values: Mapping[str, Any], table: Mapping[str, Zone], where: str) -> Plan:
    """The plan in the parsed TOML `values`; `where` begins each error. Raises PlanError."""
    try:
        file = _File.model_validate(values)
    except ValidationError as error:
        raise PlanError(f"{where}: {explain(error)}") from None
    zones = tuple(_complete(row, table, where, number) for number, row in enumerate(file.zone))
    pins = complete_pins(file.pin, zones, table, where)
    plan = Plan(name=file.name, indication=file.indication, note=file.note, zones=zones, pins=pins)
    check_plan(plan, table, where)
    return plan


def check_plan(plan: Plan, table: Mapping[str, Zone], where: str) -> None:
    """Every rule of the zone table, again: control calls this for what a screen sends. Raises PlanError."""
    if not (plan.zones and len(plan.zones) + len(plan.pins) <= messages.PLAN_MAX_ZONES):
        found = f"{len(plan.zones)} zones and {len(plan.pins)} pins"
        raise PlanError(f"{where}: {found}, allowed are 1 to {messages.PLAN_MAX_ZONES} together")
    seen: set[str] = set()
    for number, planned in enumerate(plan.zones):
        key = f"{where}: zone[{number}] {planned.zone}"
        if planned.zone in seen:
            raise PlanError(f"{key}: is in the plan twice, once is allowed")
        seen.add(planned.zone)
        _check_zone(planned, table, key)
    check_pins(plan.pins, plan.zones, table, where)


def zone_limits(plan: Plan, table: Mapping[str, Zone]) -> list[ZoneLimit]:
    """The plan as the record and the pen hold it: one limit a zone and pin, with the table's figures beside it."""
    limits = []
    for planned in plan.zones:
        zone = table[planned.zone]
        limits.append(
            ZoneLimit(
                zone=zone.zone,
                number=zone.number,
                name=zone.name,
                mode="caution" if zone.mode == "caution" else "treat",
                default_um=planned.depth_um,
                limit_um=planned.limit_um,
                speed_rpm=planned.speed_rpm,
                passes=planned.passes,
                area_cm2=zone.area_cm2,
                soft_cap_um=zone.soft_cap_um,
                hard_cap_um=zone.hard_cap_um,
                reason=planned.reason,
                acknowledged=planned.acknowledged,
                floor_note=zone.floor_note,
            )
        )
    return pin_limits(plan.pins, limits)


def _complete(row: _Row, table: Mapping[str, Zone], where: str, number: int) -> ZonePlan:
    key = f"{where}: zone[{number}].id"
    zone = table.get(row.id)
    if zone is None:
        near = difflib.get_close_matches(row.id, table, n=3, cutoff=0.5)
        hint = f"; close to it: {', '.join(near)}" if near else ""
        raise PlanError(f"{key} is {row.id!r}, which is no zone of the table{hint}")
    if zone.mode == "blocked":
        raise PlanError(f"{key} is {row.id!r} ({zone.name}): a blocked zone is never treated")
    limit_um = zone.usual_max_um if row.limit_mm is None else um(row.limit_mm, f"{where}: zone[{number}].limit_mm")
    depth_um = min(zone.default_um, limit_um) if row.depth_mm is None else um(row.depth_mm, f"{where}: zone[{number}].depth_mm")
    return ZonePlan(
        zone=row.id,
        depth_um=depth_um,
        limit_um=limit_um,
        speed_rpm=zone.speed_rpm if row.speed_rpm is None else row.speed_rpm,
        passes=zone.passes_min if row.passes is None else row.passes,
        directions_deg=tuple(row.directions_deg),
        reason=row.reason.strip(),
        acknowledged=row.acknowledged,
    )


def _check_zone(planned: ZonePlan, table: Mapping[str, Zone], key: str) -> None:
    zone = table.get(planned.zone)
    if zone is None:
        raise PlanError(f"{key}: is no zone of the table")
    if zone.mode == "blocked":
        raise PlanError(f"{key}: a blocked zone is never treated")
    if not (messages.DEPTH_MIN_UM <= planned.limit_um <= zone.hard_cap_um):
        raise PlanError(
            f"{key}: limit is {planned.limit_um / 1000:.2f} mm, "
            f"allowed is 0.50 to {zone.hard_cap_um / 1000:.2f} mm here (hard cap)"
        )
    if planned.limit_um > zone.soft_cap_um and not planned.reason:
        raise PlanError(
            f"{key}: limit {planned.limit_um / 1000:.2f} mm is above the soft cap of {zone.soft_cap_um / 1000:.2f} mm "
            "and needs a reason"
        )
    if not (messages.DEPTH_MIN_UM <= planned.depth_um <= planned.limit_um):
        raise PlanError(
            f"{key}: depth is {planned.depth_um / 1000:.2f} mm, allowed is 0.50 to its limit {planned.limit_um / 1000:.2f} mm"
        )
    if not (messages.SPEED_MIN_RPM <= planned.speed_rpm <= messages.SPEED_MAX_RPM):
        raise PlanError(f"{key}: speed is {planned.speed_rpm}, allowed is {range_words('speed_rpm')}")
    if not (1 <= planned.passes <= 8):
        raise PlanError(f"{key}: passes is {planned.passes}, allowed is 1 to 8")
    if zone.mode == "caution" and not planned.acknowledged:
        raise PlanError(f"{key}: {zone.name} is a caution zone and needs acknowledged = true")
