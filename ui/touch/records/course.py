"""A client's course: sessions over time, and when each zone may be treated again. `load_course` is I/O, the rest is pure.

The days come from the clinic's table of courses: 28 to 42 days between sessions; under 21 days a zone needs a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessions.store import Store
    from ui.touch.records.librarian import Ticket

EARLIEST_DAYS, LATEST_DAYS, SHORT_DAYS = 28, 42, 21
MOST_SESSIONS = 60


@dataclass(frozen=True)
class Visit:
    """What one zone received in one session."""

    session: str
    opened_utc: str
    zone: str
    name: str
    passes: int
    max_depth_um: int
    limit_um: int


@dataclass(frozen=True)
class Course:
    """Every zone of every session of a client, oldest first; `more` when there were older sessions than are told."""

    client: str
    visits: tuple[Visit, ...]
    sessions: int
    more: bool


@dataclass(frozen=True)
class ZoneCourse:
    """One zone: its visits with the days since the one before, and when the next is due."""

    zone: str
    name: str
    visits: tuple[Visit, ...]
    days: tuple[int | None, ...]  # since the visit before; None for the first
    due_from: date
    due_until: date

    @property
    def short(self) -> tuple[bool, ...]:
        """Of each visit: whether it came too early."""
        return tuple(days is not None and days < SHORT_DAYS for days in self.days)


def load_course(store: Store, client: str, ticket: Ticket) -> Course:
    """The client's newest sessions. Raises StoreError."""
    from sessions.reading import list_sessions, load_facts

    listed = list_sessions(store, MOST_SESSIONS + 1, 0, client)
    visits: list[Visit] = []
    for listing in reversed(listed[:MOST_SESSIONS]):
        ticket.breathe()
        facts = load_facts(store, listing.id)
        names = {zone.zone: zone.name for zone in facts.opened.zones}
        carried = {zone.zone: zone.passes for zone in facts.opened.carried}
        for total in facts.totals:
            passes = total.passes - carried.get(total.zone, 0)
            if passes > 0 or (total.contact_s > 0 and total.zone not in carried):
                name = names.get(total.zone, total.zone)
                visits.append(Visit(listing.id, listing.opened_utc, total.zone, name, passes, total.max_depth_um, total.limit_um))
    return Course(client, tuple(visits), min(len(listed), MOST_SESSIONS), len(listed) > MOST_SESSIONS)


def by_zone(course: Course, zone: tzinfo | None) -> list[ZoneCourse]:
    """The zones, the one treated last first. Sessions of the same day count as one visit's day: 0 days apart is resumed work."""
    grouped: dict[str, list[Visit]] = {}
    for visit in course.visits:
        grouped.setdefault(visit.zone, []).append(visit)
    made = []
    for name, visits in grouped.items():
        dates = [day_of(visit, zone) for visit in visits]
        gaps = [(after - before).days for before, after in pairwise(dates)]
        days = (None, *(gap if gap else None for gap in gaps))
        due = (dates[-1] + timedelta(days=EARLIEST_DAYS), dates[-1] + timedelta(days=LATEST_DAYS))
        made.append(ZoneCourse(name, visits[-1].name, tuple(visits), days, *due))
    return sorted(made, key=lambda each: (each.visits[-1].opened_utc, each.zone), reverse=True)


def day_of(visit: Visit, zone: tzinfo | None) -> date:
    """The day of the visit by the clinic's clock."""
    return datetime.fromisoformat(visit.opened_utc).astimezone(zone).date()
