"""A session told in one piece: what its events say, put together for summaries and reports. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sessions.events import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    Body,
    CartridgeChanged,
    Enforcement,
    Event,
    FaultCleared,
    LinkChanged,
    MediaApplied,
    Note,
    Numbing,
    PassCorrected,
    PassCounted,
    PassNoted,
    SessionClosed,
    SessionOpened,
    Stroke,
    Trip,
    ZoneSelected,
    ZoneTotals,
)
from sessions.totals import derive_totals
from sessions.vocabulary import read_body


@dataclass
class AlarmStory:
    """One occurrence of an alarm, from raised to cleared and acknowledged; times in seconds since the session opened."""

    raised: AlarmRaised
    at_s: float
    utc: str
    cleared_s: float | None = None
    acknowledged_s: float | None = None
    acknowledged_by: str = ""


@dataclass(frozen=True)
class Told:
    """A body with who and when."""

    body: Any
    at_s: float
    utc: str
    actor: str


@dataclass
class Facts:
    """What the record says about one session."""

    session: str
    opened: SessionOpened
    opened_utc: str
    opened_mono_ns: int
    closed: SessionClosed | None  # the event that ended it; a later one is only in the events
    closed_utc: str
    closed_by: str
    ended_s: float | None  # after opening
    samples: int
    samples_lost: int
    totals: list[ZoneTotals]
    passes: list[Told] = field(default_factory=list)
    corrections: list[Told] = field(default_factory=list)
    alarms: list[AlarmStory] = field(default_factory=list)
    trips: list[Told] = field(default_factory=list)
    notes: list[Told] = field(default_factory=list)
    selections: list[Told] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    links: list[Told] = field(default_factory=list)
    faults_cleared: list[Told] = field(default_factory=list)
    numbing: list[Told] = field(default_factory=list)
    media: list[Told] = field(default_factory=list)
    cartridges: list[Told] = field(default_factory=list)  # changes of it
    passes_noted: list[Told] = field(default_factory=list)

    @property
    def state(self) -> str:
        """OPEN, CLOSED or INTERRUPTED."""
        return self.closed.state if self.closed else "OPEN"

    @property
    def enforcement(self) -> Enforcement | None:
        """Control's own report; None when it ended without one."""
        return self.closed.enforcement if self.closed else None

    def summary(self) -> dict[str, Any]:
        """Keys and units as in cli.md (`rehearse`)."""
        return {
            "session": self.session,
            "state": self.state,
            "samples": self.samples,
            "samples_lost": self.samples_lost,
            "alarms": [
                {"id": alarm.raised.alarm, "priority": alarm.raised.priority, "at_s": alarm.at_s} for alarm in self.alarms
            ],
            "trips": [_trip(told.body) for told in self.trips],
            "zones": {total.zone: total.model_dump(mode="json", exclude={"zone"}) for total in self.totals},
        }


def gather(
    session: str, events: Sequence[Event], closing: int, samples: int, samples_lost: int, bodies: Sequence[Body] | None = None
) -> Facts:
    """The facts of `session`; `closing` is the number of the event that ended it, 0 for none; `bodies` where they were read.

    Totals are those the end reports; without an end, or when it names no zone, they are derived from the events.
    Raises ValueError when there is no session_opened.
    """
    bodies = [read_body(event) for event in events] if bodies is None else bodies
    first = next(((event, body) for event, body in zip(events, bodies, strict=True) if isinstance(body, SessionOpened)), None)
    if first is None:
        raise ValueError(f"session {session} has no session_opened")
    begin, opened = first
    facts = Facts(session, opened, begin.utc, begin.mono_ns, None, "", "", None, samples, samples_lost, [])
    for event, body in zip(events, bodies, strict=True):
        if isinstance(body, SessionClosed) and event.number == closing:
            facts.closed, facts.closed_utc, facts.closed_by = body, event.utc, event.actor
            facts.ended_s = _after(begin, event)
        else:
            _sort_in(facts, Told(body, _after(begin, event), event.utc, event.actor))
    facts.totals = facts.closed.zones if facts.closed and facts.closed.zones else derive_totals(bodies)
    return facts


def _sort_in(facts: Facts, told: Told) -> None:
    match told.body:
        case AlarmRaised():
            facts.alarms.append(AlarmStory(told.body, told.at_s, told.utc))
        case AlarmCleared():
            if story := _story(facts, told.body.alarm, told.body.occurrence):
                story.cleared_s = told.at_s
        case AlarmAcknowledged():
            if story := _story(facts, told.body.alarm, told.body.occurrence):
                story.acknowledged_s, story.acknowledged_by = told.at_s, told.actor
        case Trip():
            facts.trips.append(told)
        case PassCounted():
            facts.passes.append(told)
        case PassCorrected():
            facts.corrections.append(told)
        case Note():
            facts.notes.append(told)
        case ZoneSelected():
            facts.selections.append(told)
        case Stroke():
            facts.strokes.append(told.body)
        case LinkChanged():
            facts.links.append(told)
        case FaultCleared():
            facts.faults_cleared.append(told)
        case Numbing():
            facts.numbing.append(told)
        case MediaApplied():
            facts.media.append(told)
        case CartridgeChanged():
            facts.cartridges.append(told)
        case PassNoted():
            facts.passes_noted.append(told)
        case _:
            pass


def _story(facts: Facts, alarm: str, occurrence: int) -> AlarmStory | None:
    for story in reversed(facts.alarms):
        if story.raised.alarm == alarm and story.raised.occurrence == occurrence:
            return story
    return None


def _after(begin: Event, event: Event) -> float:
    """Seconds after opening, by the monotonic clock; by wall time when the station was restarted in between."""
    seconds = (event.mono_ns - begin.mono_ns) / 1e9
    if event.actor == "recorder":
        wall = (datetime.fromisoformat(event.utc) - datetime.fromisoformat(begin.utc)).total_seconds()
        if abs(wall - seconds) > 1.0:
            return round(wall, 3)
    return round(seconds, 3)


def _trip(trip: Trip) -> dict[str, Any]:
    return trip.model_dump(mode="json", exclude={"kind", "alarm", "tolerance_um"})
