"""One session as the screen tells it: read once from its events, frozen. `load_record` is I/O, the rest is pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessions.events import (
    AlarmRaised,
    Body,
    Event,
    PassCorrected,
    PassCounted,
    SessionOpened,
    Trip,
    ZoneSelected,
    ZoneTotals,
)

if TYPE_CHECKING:
    from sessions.facts import Facts
    from sessions.store import Store

Work = tuple[float, str, int]  # seconds after the opening, zone, its passes from then on


@dataclass(frozen=True)
class Mark:
    """A moment to jump to. `index` is the pen's sample, where the event names one."""

    kind: str  # "alarm", "trip" or "zone"
    at_s: float
    priority: str = ""
    zone: str = ""
    words: str = ""
    index: int | None = None


@dataclass(frozen=True)
class Line:
    """One event of the list: number, when, kind, who, and its body for whoever puts it in words."""

    number: int
    at_s: float
    utc: str
    kind: str
    actor: str
    body: Body


@dataclass(frozen=True)
class Record:
    """Everything about a session except its trace and its verification."""

    session: str
    state: str
    opened_utc: str
    closed_utc: str
    opened_mono_ns: int
    ended_s: float | None
    opened: SessionOpened
    totals: tuple[ZoneTotals, ...]
    samples: int
    samples_lost: int
    over_limit: int | None  # None: control ended without its own report
    marks: tuple[Mark, ...]
    work: tuple[Work, ...]
    lines: tuple[Line, ...]

    def name(self, zone: str) -> str:
        """A zone as the plan names it."""
        return next((each.name for each in self.opened.zones if each.zone == zone), zone)

    def zone_numbered(self, number: int) -> str:
        """The zone with this number on the wire; "" for none."""
        return next((each.zone for each in self.opened.zones if each.number == number), "")

    def zone_at(self, at_s: float) -> str:
        """The zone chosen at that moment; "" before the first."""
        chosen = [mark.zone for mark in self.marks if mark.kind == "zone" and mark.at_s <= at_s]
        return chosen[-1] if chosen else ""

    def passes_at(self, at_s: float) -> dict[str, int]:
        """Passes of each planned zone as they stood at that moment."""
        passes = {zone.zone: 0 for zone in self.opened.zones}
        passes |= {carried.zone: carried.passes for carried in self.opened.carried}
        passes |= {zone: count for when, zone, count in self.work if when <= at_s}
        return passes


def load_record(store: Store, session: str) -> Record:
    """Read `session`. Raises NoSuchSession, StoreError."""
    from sessions.facts import gather
    from sessions.reading import closing_number, load_events, require_session, trace_counts
    from sessions.vocabulary import read_body

    require_session(store, session)
    events = [stored.event for stored in load_events(store, session)]
    samples, lost = trace_counts(store, session)
    bodies = [read_body(event) for event in events]  # thousands: once for all
    return record_of(gather(session, events, closing_number(store, session), samples, lost, bodies), events, bodies)


def record_of(facts: Facts, events: list[Event], bodies: list[Body] | None = None) -> Record:
    """What the screen tells of a session; `bodies` where they were read already."""
    from sessions.vocabulary import read_body

    lines = tuple(
        Line(event.number, (event.mono_ns - facts.opened_mono_ns) / 1e9, event.utc, event.kind, event.actor, body)
        for event, body in zip(events, bodies or map(read_body, events), strict=True)
    )
    return Record(
        facts.session,
        facts.state,
        facts.opened_utc,
        facts.closed_utc,
        facts.opened_mono_ns,
        facts.ended_s,
        facts.opened,
        tuple(facts.totals),
        facts.samples,
        facts.samples_lost,
        facts.enforcement.over_limit if facts.enforcement else None,
        tuple(mark for line in lines if (mark := _mark(line)) is not None),
        tuple(_work(facts.opened, lines)),
        lines,
    )


def _mark(line: Line) -> Mark | None:
    match line.body:
        case AlarmRaised() as alarm:
            return Mark("alarm", line.at_s, alarm.priority, words=alarm.words)
        case Trip() as trip:
            return Mark("trip", line.at_s, "HIGH", words=trip.alarm, index=trip.sample_index)
        case ZoneSelected() as chosen:
            return Mark("zone", line.at_s, zone=chosen.zone)
    return None


def _work(opened: SessionOpened, lines: tuple[Line, ...]) -> list[Work]:
    passes: dict[str, int] = {carried.zone: carried.passes for carried in opened.carried}
    told: list[Work] = []
    for line in lines:
        body: Any = line.body
        if isinstance(body, PassCounted):
            passes[body.zone] = passes.get(body.zone, 0) + 1
        elif isinstance(body, PassCorrected):
            passes[body.zone] = max(0, passes.get(body.zone, 0) + body.corrected - body.counted)
        else:
            continue
        told.append((line.at_s, body.zone, passes[body.zone]))
    return told
