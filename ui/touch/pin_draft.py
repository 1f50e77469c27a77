"""Pins that are being set into a plan, before the session is opened: what may be asked and what comes out. Pure; no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from firmware_protocol import messages
from pencontrol.pins import AREA_CM2, PinPlan, free_id
from pencontrol.plan import Plan, PlanError, ZonePlan, check_plan
from pencontrol.plan_words import um
from pencontrol.zones import Zone
from sessions.events import PinPlace
from ui.touch.views import MapView, ZoneMark


@dataclass(frozen=True)
class PinDraft:
    """`plan` with the pins written so far; `begun` is the one whose limit is asked or waits for its hold."""

    plan: Plan
    begun: PinPlan | None = None
    limited: bool = False  # the limit of `begun` was typed
    chosen: str = ""  # an existing pin that was tapped


def begin(draft: PinDraft, table: Mapping[str, Zone], zone: str, drawing: str, x: int, y: int) -> PinDraft:
    """A pin at a place in a zone of the plan; its limit is still to be asked. Raises PlanError."""
    planned = zone_of(draft.plan, zone)
    if planned is None:
        raise PlanError(f"{zone} is not in the plan")
    top_um = most_um(planned, table[zone])
    values = {
        "pin": free_id(zone, (pin.pin for pin in draft.plan.pins)),
        "zone": zone,
        "drawing": drawing,
        "x": x,
        "y": y,
        "depth_um": min(planned.depth_um, top_um),
        "limit_um": top_um,
        "speed_rpm": planned.speed_rpm,
        "passes": 1,
        "area_cm2": min(AREA_CM2, table[zone].area_cm2),
        "reason": planned.reason,
    }
    begun = PinPlan.model_validate(values)
    check_plan(draft.plan.model_copy(update={"pins": (*draft.plan.pins, begun)}), table, draft.plan.name)
    return replace(draft, begun=begun, limited=False, chosen="")


def limit(draft: PinDraft, table: Mapping[str, Zone], typed_mm: str) -> PinDraft:
    """The limit of the pin that was begun. Raises PlanError for one that it may not have."""
    if draft.begun is None:
        return draft
    limit_um = um(float(typed_mm), "limit_mm")
    begun = draft.begun.model_copy(update={"limit_um": limit_um, "depth_um": min(draft.begun.depth_um, limit_um)})
    check_plan(draft.plan.model_copy(update={"pins": (*draft.plan.pins, begun)}), table, draft.plan.name)
    return replace(draft, begun=begun, limited=True)


def write(draft: PinDraft) -> PinDraft:
    """The hold was completed: the begun pin is in the plan, or the chosen one is out of it."""
    pins = draft.plan.pins
    if draft.begun is not None and draft.limited:
        pins = (*pins, draft.begun)
    elif draft.chosen:
        pins = tuple(pin for pin in pins if pin.pin != draft.chosen)
    return PinDraft(draft.plan.model_copy(update={"pins": pins}))


def zone_of(plan: Plan, zone: str) -> ZonePlan | None:
    """The zone as the plan has it."""
    return next((each for each in plan.zones if each.zone == zone), None)


def most_um(planned: ZonePlan, row: Zone) -> int:
    """The deepest limit that may be typed here: the zone's, and the soft cap unless the zone carries a reason."""
    return min(planned.limit_um, messages.DEPTH_MAX_UM, planned.limit_um if planned.reason else row.soft_cap_um)


def map_of(draft: PinDraft | None, table: Mapping[str, Zone]) -> MapView:
    """The plan on the figure, with its pins and the begun one."""
    if draft is None:
        return MapView((), "", "", "", "", False)
    marks = [
        ZoneMark(zone.zone, zone.limit_um, 0, zone.passes, False, table[zone.zone].name, pin=None) for zone in draft.plan.zones
    ]
    for pin in (*draft.plan.pins, *((draft.begun,) if draft.begun is not None else ())):
        place = PinPlace(zone=pin.zone, drawing=pin.drawing, x=pin.x, y=pin.y)
        name = f"{table[pin.zone].name} {pin.pin.partition('#')[2]}"
        marks.append(ZoneMark(pin.pin, pin.limit_um, 0, pin.passes, False, name, pin=place))
    return MapView(tuple(marks), draft.begun.pin if draft.begun is not None else draft.chosen, "", "", "", False)
