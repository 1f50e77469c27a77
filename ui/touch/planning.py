"""The plans that may be chosen, and what is said to control when a session is opened or resumed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pencontrol.control.snapshot import Snapshot, ZoneView
from pencontrol.plan import PinPlan, Plan, PlanError, ZonePlan, check_plan, load_plan
from pencontrol.zones import Zone
from sessions.events import PinPlace, SessionOpened, ZoneLimit, ZoneTotals
from ui.touch.words import Words

SHIPPED = Path(__file__).parents[2] / "pencontrol" / "data" / "plans"
OPENED_FILE = "opened_plan.json"


@dataclass(frozen=True)
class PlanChoice:
    """One plan file: its plan, or the sentence that says what is wrong with it."""

    path: str
    plan: Plan | None
    error: str = ""
    name_id: str = ""  # of a shipped plan: the screen says its name in the reader's language; what is opened keeps the file's


def list_plans(home: Path, table: Mapping[str, Zone]) -> tuple[PlanChoice, ...]:
    """The clinic's plans first, then the shipped ones; a broken file is listed with its error."""
    own = (_choice(path, table) for path in sorted((home / "plans").glob("*.toml")))
    shipped = (replace(_choice(path, table), name_id=path.stem) for path in sorted(SHIPPED.glob("*.toml")))
    return (*own, *shipped)


def shown_name(choice: PlanChoice, words: Words) -> str:
    """A shipped plan in the reader's language, a clinic's own as the clinic calls it, a broken file by its file name."""
    if choice.name_id and words.has(f"plan.{choice.name_id}"):
        return words(f"plan.{choice.name_id}")
    return choice.plan.name if choice.plan is not None else choice.path.rpartition("/")[2]


def _choice(path: Path, table: Mapping[str, Zone]) -> PlanChoice:
    try:
        return PlanChoice(str(path), load_plan(path, table))
    except PlanError as error:
        return PlanChoice(str(path), None, str(error).removeprefix(f"{path}: "))


def remember_plan(home: Path, plan: Mapping[str, Any]) -> None:
    """Keep the plan that was opened, so that an interrupted session is resumed with the very same. Raises OSError."""
    fresh = home / (OPENED_FILE + ".new")
    fresh.write_text(json.dumps(plan), encoding="utf-8")
    fresh.replace(home / OPENED_FILE)


def plan_to_resume(home: Path, snapshot: Snapshot) -> dict[str, Any]:
    """The plan of the interrupted session: the remembered one if its limits are control's, else rebuilt from control's zones."""
    try:
        plan = Plan.model_validate_json((home / OPENED_FILE).read_bytes())
    except (OSError, ValueError):
        return _rebuilt(snapshot)
    limits = [*((zone.zone, zone.limit_um) for zone in plan.zones), *((pin.pin, pin.limit_um) for pin in plan.pins)]
    zones, pins = [zone for zone in snapshot.zones if zone.pin is None], [zone for zone in snapshot.zones if zone.pin is not None]
    held = [(zone.zone, zone.limit_um) for zone in (*zones, *pins)]
    return plan.model_dump(mode="json") if sorted(limits) == sorted(held) else _rebuilt(snapshot)


def template(session: str, name: str, opened: SessionOpened, table: Mapping[str, Zone]) -> PlanChoice:
    """The plan of an earlier session to choose again; judged by the zone table as it is now."""
    path = f"session:{session}"
    plan = Plan(
        name=name,
        indication=opened.indication,
        note=f"Template {session}.",
        zones=tuple(
            ZonePlan(
                zone=limit.zone,
                depth_um=limit.default_um,
                limit_um=limit.limit_um,
                speed_rpm=limit.speed_rpm,
                passes=limit.passes,
                reason=limit.reason,
                acknowledged=limit.acknowledged,
            )
            for limit in opened.zones
            if limit.pin is None
        ),
        pins=tuple(_pin(limit, limit.pin) for limit in opened.zones if limit.pin is not None),
    )
    try:
        check_plan(plan, table, name)
    except PlanError as error:
        return PlanChoice(path, None, str(error).removeprefix(f"{name}: "))
    return PlanChoice(path, plan)


def carried_totals(zones: tuple[ZoneView, ...]) -> list[dict[str, Any]]:
    """What the interrupted session had counted, zone by zone."""
    return [
        ZoneTotals(
            zone=zone.zone,
            passes=zone.passes,
            strokes=zone.strokes,
            contact_s=zone.contact_s,
            limit_um=zone.limit_um,
            max_depth_um=zone.max_depth_um,
            strikes_per_cm2=zone.strikes_per_cm2,
        ).model_dump(mode="json")
        for zone in zones
    ]


def _rebuilt(snapshot: Snapshot) -> dict[str, Any]:
    resumed = snapshot.session.id if snapshot.session else ""
    return {
        "name": f"Resumed {resumed}",
        "indication": (snapshot.session.indication if snapshot.session else "") or "IN11",
        "note": f"Rebuilt from the zones of {resumed}.",
        "zones": [
            {
                "zone": zone.zone,
                "depth_um": zone.default_um,
                "limit_um": zone.limit_um,
                "speed_rpm": zone.speed_rpm,
                "passes": zone.planned,
                "directions_deg": [],
                "reason": f"carried over from {resumed}",
                "acknowledged": zone.mode == "caution",
            }
            for zone in snapshot.zones
            if zone.pin is None
        ],
        "pins": [
            {
                "pin": zone.zone,
                "zone": zone.pin.zone,
                "drawing": zone.pin.drawing,
                "x": zone.pin.x,
                "y": zone.pin.y,
                "depth_um": zone.default_um,
                "limit_um": zone.limit_um,
                "speed_rpm": zone.speed_rpm,
                "passes": zone.planned,
                "reason": f"carried over from {resumed}",
            }
            for zone in snapshot.zones
            if zone.pin is not None
        ],
    }


def _pin(limit: ZoneLimit, place: PinPlace) -> PinPlan:
    values = {
        "pin": limit.zone,
        "zone": place.zone,
        "drawing": place.drawing,
        "x": place.x,
        "y": place.y,
        "depth_um": limit.default_um,
        "limit_um": limit.limit_um,
        "speed_rpm": limit.speed_rpm,
        "passes": limit.passes,
        "area_cm2": limit.area_cm2,
        "reason": limit.reason,
    }
    return PinPlan.model_validate(values)
