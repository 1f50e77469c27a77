"""What the pen may do now: `decide()`, the only maker of motion. Pure and total.

The lowest of device range, zone hard cap, soft cap without a reason, plan limit, role ceiling, calibration and request
holds; each cut carries its reason to the screen and into the record. Whatever is missing or not as it must be gives zero
authority. Every range check is written so that NaN cannot pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from firmware_protocol import messages
from firmware_protocol.messages import Drive
from sessions.events import ZoneLimit

LEASE_MS = messages.LEASE_MAX_MS
OVER_TOLERANCE_UM = 100
TRIP_MS = 3
# some places hold therapists to 1.0 mm; a clinic may set a role's ceiling lower (`OpenSession.ceiling_um`)
ROLE_CEILINGS_UM: Mapping[str, int] = {"practitioner": 1500, "therapist": 1000, "clinic_lead": 1500}
SAMPLE_MAX_AGE_NS = 150_000_000  # older telemetry gives no authority (pen-link.md, "Retry, clock, telemetry")


class Calibration(Enum):
    """What is known of the pen's calibration. Without a record the pen's own check at ARM is the only one."""

    PASS = auto()
    NOT_RECORDED = auto()
    OVERDUE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Request:
    """What the person asks for in this run. `arm_token` is the pen's answer to ARM."""

    depth_um: int
    speed_rpm: int
    arm_token: int


@dataclass(frozen=True, slots=True)
class FrozenPlan:
    """The session's plan: limits by zone or pin id, its CRC, and the CRC that the pen has committed."""

    zones: Mapping[str, ZoneLimit]
    crc: int
    crc_on_pen: int | None


@dataclass(frozen=True, slots=True)
class JudgedSample:
    """The newest sample that was judged: its number on the wire (u32) and when it was read."""

    wire_index: int
    read_ns: int


_SEAL = object()


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pen may do. `drive` is None where there is no authority at all; `reasons` say what was cut and why.

    Only `decide` can make one: nothing else in the host builds a DRIVE.
    """

    drive: Drive | None
    depth_um: int
    speed_rpm: int
    limit_um: int
    reasons: tuple[str, ...]
    seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("a Decision is made by decide() alone")


def _nothing(reason: str) -> Decision:
    return Decision(drive=None, depth_um=0, speed_rpm=0, limit_um=0, reasons=(reason,), seal=_SEAL)


def whole_of(zone: ZoneLimit, zones: Mapping[str, ZoneLimit]) -> ZoneLimit | None:
    """The zone that a pin lies in; None for a zone, and where the plan has none that a pin may lie in."""
    return zones.get(zone.pin.zone) if zone.pin is not None else None


def zone_limit_um(zone: ZoneLimit, role: str, whole: ZoneLimit | None = None) -> tuple[int, str]:
    """The deepest allowed in `zone` for `role`, and which rule sets it. 0 where a figure is out of the device's range.

    `whole` is what `whole_of` gives: a pin is never allowed more than its zone, and nothing without it.
    """
    candidates = [
        (zone.limit_um, f"the plan's limit for {zone.name}"),
        (zone.hard_cap_um, f"the hard cap for {zone.name}"),
        (messages.DEPTH_MAX_UM, "the pen's range"),
        (ROLE_CEILINGS_UM.get(role, 0), f"the ceiling for the role {role}"),
    ]
    if not zone.reason:
        candidates.append((zone.soft_cap_um, f"the soft cap for {zone.name} (no reason recorded)"))
    if zone.pin is not None:
        if whole is None or whole.zone != zone.pin.zone:
            return 0, f"the zone of {zone.name} is not in the plan"
        candidates.append(zone_limit_um(whole, role))
    limit_um, rule = min(candidates, key=lambda candidate: candidate[0])
    if not (messages.DEPTH_MIN_UM <= limit_um <= messages.DEPTH_MAX_UM):
        return 0, rule
    return limit_um, rule


def grant(
    request_depth_um: int, request_speed_rpm: int, zone: ZoneLimit, role: str, whole: ZoneLimit | None = None
) -> tuple[int, int, tuple[str, ...]]:
    """Depth and speed that may stand for a request in `zone`, and why they differ. (0, 0) where nothing may."""
    limit_um, rule = zone_limit_um(zone, role, whole)
    if limit_um == 0:
        return 0, 0, (f"no depth is allowed: {rule}",)
    reasons = []
    depth_um = request_depth_um
    if not (depth_um >= messages.DEPTH_MIN_UM):
        depth_um = messages.DEPTH_MIN_UM
        reasons.append("raised to 0.50 mm: the pen's shallowest")
    if not (depth_um <= limit_um):
        depth_um = limit_um
        reasons.append(f"cut to {limit_um / 1000:.2f} mm: {rule}")
    speed_rpm = request_speed_rpm
    if not (speed_rpm >= messages.SPEED_MIN_RPM):
        speed_rpm = messages.SPEED_MIN_RPM
        reasons.append(f"raised to {messages.SPEED_MIN_RPM} rpm: the pen's slowest")
    if not (speed_rpm <= messages.SPEED_MAX_RPM):
        speed_rpm = messages.SPEED_MAX_RPM
        reasons.append(f"cut to {messages.SPEED_MAX_RPM} rpm: the pen's fastest")
    return depth_um, speed_rpm, tuple(reasons)


def decide(
    request: Request | None,
    zone: str,
    plan: FrozenPlan | None,
    calibration: Calibration,
    role: str,
    stopping_alarms: frozenset[str],
    sample: JudgedSample | None,
    now_ns: int,
) -> Decision:
    """The motion allowed at `now_ns`, with reasons. Never raises; never above any limit; zero authority when in doubt."""
    if request is None:
        return _nothing("nothing was asked")
    if plan is None:
        return _nothing("no plan is frozen")
    if plan.crc_on_pen is None or plan.crc_on_pen != plan.crc:
        return _nothing("the pen does not hold this plan")
    if calibration not in (Calibration.PASS, Calibration.NOT_RECORDED):
        return _nothing("the pen's calibration does not allow treatment")
    if stopping_alarms:
        return _nothing("an alarm stands: " + ", ".join(sorted(stopping_alarms)))
    limits = plan.zones.get(zone)
    if limits is None:
        return _nothing("no zone of the plan is chosen")
    whole = whole_of(limits, plan.zones)
    for each in (limits, whole):
        if each is not None and each.mode == "caution" and not each.acknowledged:
            return _nothing(f"{each.name} is a caution zone that nobody acknowledged")
    if sample is None:
        return _nothing("no sample was judged")
    if not (0 <= now_ns - sample.read_ns <= SAMPLE_MAX_AGE_NS):
        return _nothing("the last judged sample is too old")
    limit_um, _ = zone_limit_um(limits, role, whole)
    depth_um, speed_rpm, reasons = grant(request.depth_um, request.speed_rpm, limits, role, whole)
    if depth_um == 0:
        return _nothing(reasons[0])
    drive = Drive(
        arm_token=request.arm_token,
        lease_ms=LEASE_MS,
        seen_index=sample.wire_index,
        zone=limits.number,
        mode=messages.MODE_TREAT,
        depth_limit_um=limit_um,
        depth_um=depth_um,
        speed_rpm=speed_rpm,
        over_tolerance_um=OVER_TOLERANCE_UM,
        trip_ms=TRIP_MS,
    )
    return Decision(drive=drive, depth_um=depth_um, speed_rpm=speed_rpm, limit_um=limit_um, reasons=reasons, seal=_SEAL)
