"""What each zone received, counted from the events on record. Pure.

Control counts while it happens and says so in session_closed; this is for sessions that ended without that, and for
checking it. Counts carried over from the session resumed are included, as in control's own totals.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sessions.dose import strikes_per_cm2
from sessions.events import (
    Body,
    CartridgeChanged,
    PassCorrected,
    PassCounted,
    SessionOpened,
    SettingAsked,
    SettingReached,
    Stroke,
    ZoneTotals,
)


@dataclass
class _Count:
    limit_um: int
    area_cm2: float
    passes: int = 0
    strokes: int = 0
    contact_s: float = 0.0
    max_depth_um: int = 0
    strikes_per_cm2: float = 0.0


def derive_totals(bodies: Iterable[Body]) -> list[ZoneTotals]:
    """Totals per zone in the plan's order, from a session's bodies in their order; empty without a session_opened.

    Passes are those counted less those corrected. Speed for the strikes is the setting that held when a stroke ended.
    """
    counts: dict[str, _Count] = {}
    needles = speed_rpm = 0
    for body in bodies:
        match body:
            case SessionOpened():
                needles = body.cartridge.needles
                for planned in body.zones:
                    counts[planned.zone] = _Count(planned.limit_um, planned.area_cm2)
                for carried in body.carried:
                    _carry(counts.setdefault(carried.zone, _Count(carried.limit_um, 0.0)), carried)
            case SettingAsked():
                speed_rpm = body.granted_speed_rpm
            case SettingReached():
                speed_rpm = body.speed_rpm
            case CartridgeChanged():
                needles = body.new.needles
            case Stroke() if body.zone in counts:
                count = counts[body.zone]
                contact_s = body.contact_ms / 1000
                count.strokes += 1
                count.contact_s += contact_s
                count.max_depth_um = max(count.max_depth_um, body.max_depth_um)
                count.strikes_per_cm2 += strikes_per_cm2(needles, speed_rpm, contact_s, count.area_cm2)
            case PassCounted() if body.zone in counts:
                counts[body.zone].passes += 1
            case PassCorrected() if body.zone in counts:
                count = counts[body.zone]
                count.passes = max(0, count.passes + body.corrected - body.counted)
            case _:
                pass
    return [_total(zone, count) for zone, count in counts.items()]


def _carry(count: _Count, carried: ZoneTotals) -> None:
    count.passes += carried.passes
    count.strokes += carried.strokes
    count.contact_s += carried.contact_s
    count.max_depth_um = max(count.max_depth_um, carried.max_depth_um)
    count.strikes_per_cm2 += carried.strikes_per_cm2


def _total(zone: str, count: _Count) -> ZoneTotals:
    return ZoneTotals(
        zone=zone,
        passes=count.passes,
        strokes=count.strokes,
        contact_s=round(count.contact_s, 3),
        limit_um=count.limit_um,
        max_depth_um=count.max_depth_um,
        strikes_per_cm2=round(count.strikes_per_cm2, 1),
    )
