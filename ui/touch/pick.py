"""Which zone a gloved finger meant. Pure: names in, name out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MISS_MM = 5.0


class Hit(StrEnum):
    """What a touch on the map met."""

    ZONE = "ZONE"
    BLOCKED = "BLOCKED"
    OUTSIDE = "OUTSIDE"  # a zone that is not in this plan
    NOTHING = "NOTHING"


@dataclass(frozen=True)
class Pick:
    """What was met, and which zone."""

    hit: Hit
    zone: str = ""


def choose(
    direct: str, near: Collection[str], limits_um: Mapping[str, int], blocked: Collection[str], pins: Sequence[str] = ()
) -> Pick:
    """A touch inside a zone means that zone. A miss means, of what lies within 5 mm, the zone with the lowest limit;
    a blocked zone wins over all, for a miss near the eye must never choose its neighbour. `limits_um` is the plan.

    `pins` are those whose target was touched, the nearest first: of them and the zone the lowest limit wins, and of equals
    the pin.
    """
    zone = _zone(direct, near, limits_um, blocked)
    planned = [pin for pin in pins if pin in limits_um]
    if zone.hit is Hit.BLOCKED or not planned:
        return zone
    pin = min(planned, key=limits_um.__getitem__)
    return zone if zone.hit is Hit.ZONE and limits_um[zone.zone] < limits_um[pin] else Pick(Hit.ZONE, pin)


def _zone(direct: str, near: Collection[str], limits_um: Mapping[str, int], blocked: Collection[str]) -> Pick:
    if direct:
        return _told(direct, limits_um, blocked)
    for zone in sorted(near):
        if zone in blocked:
            return Pick(Hit.BLOCKED, zone)
    candidates = sorted((limits_um[zone], zone) for zone in near if zone in limits_um)
    return Pick(Hit.ZONE, candidates[0][1]) if candidates else Pick(Hit.NOTHING)


def _told(zone: str, limits_um: Mapping[str, int], blocked: Collection[str]) -> Pick:
    if zone in blocked:
        return Pick(Hit.BLOCKED, zone)
    return Pick(Hit.ZONE if zone in limits_um else Hit.OUTSIDE, zone)
