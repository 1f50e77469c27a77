"""From "open session" to the event that freezes the plan: every check again, gates as they truly are. Pure."""

import re
from collections.abc import Mapping
from datetime import date

from pydantic import ValidationError

from firmware_protocol import messages
from pencontrol.control.commands import OpenSession
from pencontrol.limits import ROLE_CEILINGS_UM, whole_of, zone_limit_um
from pencontrol.plan import Plan, PlanError, check_plan, explain, zone_limits
from pencontrol.zones import Zone
from sessions.events import Cartridge, GateState, PenIdentity, SessionOpened, ZoneLimit, ZoneTotals

CODE = re.compile(r"^[A-Za-z]{1,4}-[0-9]{1,8}$")
UNBUILT_GATES = ("Screening", "Patch test", "Consent", "Preparation", "Media", "Numbing")


class Refused(Exception):
    """Why the session cannot be opened, as one plain sentence."""


def open_event(
    command: OpenSession,
    table: Mapping[str, Zone],
    pen: PenIdentity,
    cartridge: Cartridge,
    versions: Mapping[str, str],
    today: date,
    calibration: GateState,
) -> SessionOpened:
    """The frozen plan with everything the limits rest on. Raises Refused."""
    for what, code in (("client", command.client), ("operator", command.operator)):
        if not CODE.match(code):
            raise Refused(f"{what} is {code!r}, allowed is a code such as C-0001 or P-01")
    if command.role not in ROLE_CEILINGS_UM:
        raise Refused(f"role is {command.role!r}, allowed are {', '.join(sorted(ROLE_CEILINGS_UM))}")
    try:
        plan = Plan.model_validate(command.plan)
        check_plan(plan, table, "plan")
        carried = [ZoneTotals.model_validate(totals) for totals in command.carried]
    except ValidationError as error:
        raise Refused(f"plan: {explain(error)}") from None
    except PlanError as error:
        raise Refused(str(error)) from None
    limits, ceiling_um = zone_limits(plan, table), ROLE_CEILINGS_UM[command.role]
    if command.ceiling_um:
        if not (messages.DEPTH_MIN_UM <= command.ceiling_um <= messages.DEPTH_MAX_UM):
            raise Refused(f"ceiling_um is {command.ceiling_um}, allowed is {messages.DEPTH_MIN_UM} to {messages.DEPTH_MAX_UM}")
        ceiling_um = min(ceiling_um, command.ceiling_um)
        limits = [_under(limit, ceiling_um) for limit in limits]
    by_zone = {limit.zone: limit for limit in limits}
    entries = tuple((limit.number, zone_limit_um(limit, command.role, whole_of(limit, by_zone))[0]) for limit in limits)
    return SessionOpened(
        client=command.client,
        operator=command.operator,
        role=command.role,
        role_ceiling_um=ceiling_um,
        indication=plan.indication,
        plan_crc=messages.plan_crc(entries),
        zones=limits,
        pen=pen,
        cartridge=cartridge,
        gates=[*gates(cartridge, today, bool(command.resumed_from), command.consent), calibration],
        versions=dict(versions),
        resumed_from=command.resumed_from,
        carried=carried,
        note=plan.note,
    )


def _under(limit: ZoneLimit, ceiling_um: int) -> ZoneLimit:
    """The zone as the operator may treat it: the frozen plan, the pen's plan and every guard hold by this."""
    capped = {"limit_um": min(limit.limit_um, ceiling_um), "default_um": min(limit.default_um, ceiling_um)}
    return limit.model_copy(update=capped)


def gates(cartridge: Cartridge, today: date, resumed: bool, consent: str = "") -> list[GateState]:
    """What stands between client and needles. What nobody asked is NOT RECORDED, never green.

    A cartridge is for one session; only the resumed part of that session may go on with it.
    """
    states = [GateState(gate=gate, status="NOT RECORDED", detail="this version does not ask for it") for gate in UNBUILT_GATES]
    if consent:
        signed = GateState(gate="Consent", status="GREEN", detail=consent)
        states = [signed if state.gate == "Consent" else state for state in states]
    return [*states, cartridge_gate(cartridge, today, resumed)]


def cartridge_gate(cartridge: Cartridge, today: date, resumed: bool) -> GateState:
    """Whether this cartridge may touch skin; `resumed`: it is the one of the session that goes on."""
    if not cartridge.present:
        return GateState(gate="Cartridge", status="RED", detail="no cartridge in the pen")
    if date.fromisoformat(cartridge.expires) < today:
        return GateState(gate="Cartridge", status="RED", detail=f"lot {cartridge.lot} expired on {cartridge.expires}")
    if cartridge.used_ms > 0 and not resumed:
        used_s = cartridge.used_ms / 1000
        return GateState(gate="Cartridge", status="RED", detail=f"already used for {used_s:.1f} s: take a new one")
    detail = f"lot {cartridge.lot}, in date until {cartridge.expires}; other chairs' use is not checked"
    return GateState(gate="Cartridge", status="NOT RECORDED", detail=detail)
