"""What is offered for the present zone: presets, direction of travel, the next zone; and the notes they make. Pure; no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from firmware_protocol import messages
from pencontrol.control.snapshot import Snapshot, ZoneView
from ui.touch.happenings import END_POINTS, Page, Sheet
from ui.touch.state import Band, ScreenState, limit_um, page, present_zone
from ui.touch.views import mm
from ui.touch.words import Words

DIRECTIONS_DEG = (0, 45, 90, 135)
PRESETS_UM = (500, 750, 1000)  # and the limit itself; fixed places, so that a hand finds them


@dataclass(frozen=True)
class PresetKey:
    """One depth key. `mark`: "asked", "pending" or ""."""

    text: str
    depth_um: int
    enabled: bool
    mark: str


@dataclass(frozen=True)
class WorkView:
    """The keys around the map."""

    presets: tuple[PresetKey, ...]
    direction_deg: int | None  # None: no zone
    direction_line: str
    end_point: str  # word of the present zone's end point
    end_point_code: str
    next_zone: str  # id, "" when every zone has its passes
    next_name: str
    done: bool  # the present zone has its planned passes: the next one is due
    usable: bool
    reaction: bool


@dataclass(frozen=True)
class BandView:
    """Zone and limit, large."""

    name: str
    limit: str
    line: str
    rise: int


def work_view(state: ScreenState, words: Words) -> WorkView:
    """What the keys around the map show."""
    zone, snapshot = present_zone(state), state.snapshot
    usable = snapshot is not None and zone is not None and state.alive and state.linked and page(state) is Page.TREAT
    code = state.sheet.end_points.get(zone.zone, "") if zone is not None else ""
    after = next_zone(snapshot)
    return WorkView(
        presets=presets(state, words, usable),
        direction_deg=direction_deg(state.sheet, zone) if zone is not None else None,
        direction_line=words("treat.pass", number=zone.passes + 1) if zone is not None else "",
        end_point=words(f"treat.end_{code}") if code in END_POINTS else words("treat.end_unsaid"),
        end_point_code=code,
        next_zone=after.zone if after is not None else "",
        next_name=after.name if after is not None else "",
        done=zone is not None and zone.passes >= zone.planned,
        usable=usable,
        reaction=snapshot is not None and page(state) is Page.TREAT,
    )


def presets(state: ScreenState, words: Words, usable: bool) -> tuple[PresetKey, ...]:
    """0.50, 0.75, 1.00 and the limit; what lies beyond the limit is grey."""
    top_um = limit_um(state)
    asked = state.snapshot.asked.depth_um if state.snapshot is not None and usable else 0
    keys = [(mm(depth_um), depth_um) for depth_um in PRESETS_UM]
    keys.append((words("treat.preset_limit", limit=mm(top_um)) if top_um else words("treat.preset_no_limit"), top_um))
    return tuple(
        PresetKey(text, depth_um, usable and messages.DEPTH_MIN_UM <= depth_um <= top_um, _mark(state, depth_um, asked))
        for text, depth_um in keys
    )


def _mark(state: ScreenState, depth_um: int, asked_um: int) -> str:
    if depth_um and depth_um == state.pending_depth_um:
        return "pending"
    return "asked" if depth_um and depth_um == asked_um else ""


def order_deg(sheet: Sheet, zone: str) -> tuple[int, ...]:
    """Directions in the plan's order, then those it does not name."""
    planned = tuple(each for each in sheet.orders.get(zone, ()) if each in DIRECTIONS_DEG)
    return (*planned, *(each for each in DIRECTIONS_DEG if each not in planned))


def direction_deg(sheet: Sheet, zone: ZoneView) -> int:
    """The direction of the pass that is going on: the one chosen by hand, else the plan's for this pass."""
    changed = sheet.directions.get(zone.zone)
    if changed is not None and changed[0] == zone.passes:
        return changed[1]
    return offered_deg(sheet, zone.zone, zone.passes)


def offered_deg(sheet: Sheet, zone: str, done: int) -> int:
    """What the plan offers after `done` passes; it begins again after its last direction."""
    order = sheet.orders.get(zone) or DIRECTIONS_DEG
    return order[done % len(order)]


def turned(sheet: Sheet, zone: ZoneView) -> Sheet:
    """The sheet after one tap on the direction: the next one of the order, for this pass alone."""
    order = order_deg(sheet, zone.zone)
    at = order.index(direction_deg(sheet, zone)) if direction_deg(sheet, zone) in order else -1
    chosen = order[(at + 1) % len(order)]
    return replace(sheet, directions={**sheet.directions, zone.zone: (zone.passes, chosen)})


def next_zone(snapshot: Snapshot | None) -> ZoneView | None:
    """The next zone of the plan that has not had its passes, after the present one and round again."""
    zones = snapshot.zones if snapshot is not None else ()
    names = [zone.zone for zone in zones]
    at = names.index(snapshot.zone) if snapshot is not None and snapshot.zone in names else -1
    for zone in (*zones[at + 1 :], *zones[: max(at, 0)]):
        if zone.passes < zone.planned:
            return zone
    return None


def ended_passes(old: Snapshot, new: Snapshot) -> list[tuple[ZoneView, int]]:
    """(zone as it was, number of the pass) for every pass that was counted between two snapshots of one session."""
    if old.session is None or new.session is None or old.session.id != new.session.id or new.session.state != "OPEN":
        return []
    after: Mapping[str, ZoneView] = {zone.zone: zone for zone in new.zones}
    return [(zone, zone.passes + 1) for zone in old.zones if zone.zone in after and after[zone.zone].passes == zone.passes + 1]


def undone_passes(old: Snapshot, new: Snapshot) -> list[int]:
    """Numbers of the passes that were taken back between two snapshots of one session."""
    if old.session is None or new.session is None or old.session.id != new.session.id:
        return []
    after = {zone.zone: zone.passes for zone in new.zones}
    return [zone.passes for zone in old.zones if after.get(zone.zone, zone.passes) == zone.passes - 1]


def band_view(band: Band | None, state: ScreenState, words: Words) -> BandView | None:
    """The band over the map; None takes it away."""
    zone = present_zone(state)
    if band is None or zone is None or page(state) is not Page.TREAT:
        return None
    line = words({-1: "treat.band_lower", 0: "treat.band_same", 1: "treat.band_higher"}[band.rise])
    return BandView(zone.name, mm(limit_um(state)), line, band.rise)
