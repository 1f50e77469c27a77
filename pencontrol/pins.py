"""Pins of a plan: free-form scars inside a zone, each with a limit that never goes beyond its zone's. Pure.

To record and pen a pin is one more zone: its id is that of its zone, `#` and a number; its number on the wire begins
where the zone table can never end. Places are in the units of the drawing that the pin was set on.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from firmware_protocol import messages
from pencontrol.plan_words import PlanError, range_words, um
from pencontrol.zones import Zone
from sessions.events import PinPlace, ZoneLimit

WIRE_FIRST = 128  # rows of the zone table are numbered from 1 and must stay below
MOST_OF_A_ZONE = 99
AREA_CM2 = 1.0  # of a scar, where nobody said
AREA_MIN_CM2 = 0.1
DRAWING_MOST = 10_000  # units; no drawing is larger
_ID = re.compile(r"(?P<zone>[A-Z0-9.]+)#(?P<number>[1-9][0-9]?)")

Drawing = Literal["face_front", "face_side", "face_side_mirrored", "body_front", "body_back"]
Place = Annotated[int, Field(ge=0, le=DRAWING_MOST)]


class PinRow(BaseModel):
    """`[[pin]]` as it stands in a plan's file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    zone: str
    drawing: Drawing
    at: Annotated[list[Place], Field(min_length=2, max_length=2)]
    depth_mm: Annotated[float, Field(ge=0.5, le=1.5)] | None = None
    limit_mm: Annotated[float, Field(ge=0.5, le=1.5)] | None = None
    speed_rpm: Annotated[int, Field(ge=messages.SPEED_MIN_RPM, le=messages.SPEED_MAX_RPM)] | None = None
    passes: Annotated[int, Field(ge=1, le=8)] | None = None
    area_cm2: Annotated[float, Field(ge=AREA_MIN_CM2, le=100.0, allow_inf_nan=False)] | None = None
    reason: str = ""


class PinPlan(BaseModel):
    """One pin of the plan, complete. `pin` is its id, e.g. `F.CHEEK.R#1`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pin: str
    zone: str
    drawing: Drawing
    x: Place
    y: Place
    depth_um: int
    limit_um: int
    speed_rpm: int
    passes: int
    area_cm2: float = AREA_CM2
    reason: str = ""


class Planned(Protocol):
    """What pins need to know of a planned zone."""

    @property
    def zone(self) -> str:
        """Its id."""
        ...

    @property
    def depth_um(self) -> int:
        """What a tap on it gives."""
        ...

    @property
    def limit_um(self) -> int:
        """Deepest that the plan allows in it."""
        ...

    @property
    def speed_rpm(self) -> int:
        """Planned."""
        ...


def pin_number(pin: str) -> int:
    """The number in a pin's id; 0 for an id of no pin."""
    match = _ID.fullmatch(pin)
    return int(match["number"]) if match else 0


def free_id(zone: str, taken: Iterable[str]) -> str:
    """The id of one more pin in `zone`. Raises PlanError when there are 99."""
    used = set(taken)
    for number in range(1, MOST_OF_A_ZONE + 1):
        if (pin := f"{zone}#{number}") not in used:
            return pin
    raise PlanError(f"{zone} has {MOST_OF_A_ZONE} pins, more are not allowed")


def complete_pins(rows: Sequence[PinRow], zones: Sequence[Planned], table: Mapping[str, Zone], where: str) -> tuple[PinPlan, ...]:
    """The file's rows with what they left out: from the pin's zone, as the plan has it. Raises PlanError."""
    planned = {zone.zone: zone for zone in zones}
    pins: list[PinPlan] = []
    for number, row in enumerate(rows):
        key = f"{where}: pin[{number}]"
        zone = planned.get(row.zone)
        if zone is None:
            raise PlanError(f"{key}.zone is {row.zone!r}, allowed is a zone of this plan: {', '.join(planned)}")
        limit_um = zone.limit_um if row.limit_mm is None else um(row.limit_mm, f"{key}.limit_mm")
        depth_um = min(zone.depth_um, limit_um) if row.depth_mm is None else um(row.depth_mm, f"{key}.depth_mm")
        pins.append(
            PinPlan(
                pin=free_id(row.zone, (pin.pin for pin in pins)),
                zone=row.zone,
                drawing=row.drawing,
                x=row.at[0],
                y=row.at[1],
                depth_um=depth_um,
                limit_um=limit_um,
                speed_rpm=zone.speed_rpm if row.speed_rpm is None else row.speed_rpm,
                passes=1 if row.passes is None else row.passes,
                area_cm2=min(AREA_CM2, table[row.zone].area_cm2) if row.area_cm2 is None else row.area_cm2,
                reason=row.reason.strip(),
            )
        )
    return tuple(pins)


def check_pins(pins: Sequence[PinPlan], zones: Sequence[Planned], table: Mapping[str, Zone], where: str) -> None:
    """Every rule of a pin, again; the zones have passed theirs. Raises PlanError."""
    planned = {zone.zone: zone for zone in zones}
    seen: set[str] = set()
    for number, pin in enumerate(pins):
        key = f"{where}: pin[{number}] {pin.pin}"
        match = _ID.fullmatch(pin.pin)
        if match is None or match["zone"] != pin.zone:
            raise PlanError(f"{key}: the id must be that of its zone, # and 1 to {MOST_OF_A_ZONE}, e.g. {pin.zone}#1")
        if pin.pin in seen:
            raise PlanError(f"{key}: is in the plan twice, once is allowed")
        seen.add(pin.pin)
        zone = planned.get(pin.zone)
        if zone is None:
            raise PlanError(f"{key}: its zone {pin.zone} is not in the plan")
        _check_pin(pin, zone, table[pin.zone], key)


def pin_limits(pins: Sequence[PinPlan], limits: Sequence[ZoneLimit]) -> list[ZoneLimit]:
    """`limits` of the zones with each zone's pins behind it, as the record and the pen hold them."""
    numbers = {pin.pin: WIRE_FIRST + number for number, pin in enumerate(pins)}
    whole: list[ZoneLimit] = []
    for limit in limits:
        whole.append(limit)
        whole += [_limit(pin, numbers[pin.pin], limit) for pin in pins if pin.zone == limit.zone]
    return whole


def _limit(pin: PinPlan, number: int, zone: ZoneLimit) -> ZoneLimit:
    return zone.model_copy(
        update={
            "zone": pin.pin,
            "number": number,
            "name": f"{zone.name}, pin {pin_number(pin.pin)}",
            "default_um": pin.depth_um,
            "limit_um": pin.limit_um,
            "speed_rpm": pin.speed_rpm,
            "passes": pin.passes,
            "area_cm2": pin.area_cm2,
            "reason": pin.reason,
            "pin": PinPlace(zone=pin.zone, drawing=pin.drawing, x=pin.x, y=pin.y),
        }
    )


def _check_pin(pin: PinPlan, zone: Planned, row: Zone, key: str) -> None:
    limit, most = f"{pin.limit_um / 1000:.2f} mm", f"{zone.limit_um / 1000:.2f} mm"
    if not (messages.DEPTH_MIN_UM <= pin.limit_um <= zone.limit_um):
        raise PlanError(f"{key}: limit is {limit}, allowed is 0.50 to its zone's limit {most}")
    if pin.limit_um > row.soft_cap_um and not pin.reason:
        raise PlanError(f"{key}: limit {limit} is above the soft cap of {row.soft_cap_um / 1000:.2f} mm and needs a reason")
    if not (messages.DEPTH_MIN_UM <= pin.depth_um <= pin.limit_um):
        raise PlanError(f"{key}: depth is {pin.depth_um / 1000:.2f} mm, allowed is 0.50 to its limit {limit}")
    if not (messages.SPEED_MIN_RPM <= pin.speed_rpm <= messages.SPEED_MAX_RPM):
        raise PlanError(f"{key}: speed is {pin.speed_rpm}, allowed is {range_words('speed_rpm')}")
    if not (1 <= pin.passes <= 8):
        raise PlanError(f"{key}: passes is {pin.passes}, allowed is 1 to 8")
    if not (AREA_MIN_CM2 <= pin.area_cm2 <= row.area_cm2):
        raise PlanError(f"{key}: area is {pin.area_cm2:g} cm2, allowed is {AREA_MIN_CM2:g} to its zone's {row.area_cm2:g} cm2")
