"""Which zone a gloved finger meant. Pure: names in, name out."""

from collections.abc import Collection, Mapping
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


def choose(direct: str, near: Collection[str], limits_um: Mapping[str, int], blocked: Collection[str]) -> Pick:
    """A touch inside a zone means that zone. A miss means, of what lies within 5 mm, the zone with the lowest limit;
    a blocked zone wins over all, for a miss near the eye must never choose its neighbour. `limits_um` is the plan."""
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
