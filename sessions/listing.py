"""The list of sessions, page by page, filtered and searched. I/O through the store only; nothing here writes.

A page costs the same however far back it is (it goes on after the last row seen, it does not count its way there), and
no search walks a table from end to end: it runs over `session_keys`, starting from whichever condition fits fewest sessions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, Protocol

from sessions.events import utc_text
from sessions.finding import Condition, conditions_of, newest
from sessions.reading import SessionListing, with_counts
from sessions.store import Store

PAGE_ROWS = 50
MAX_PAGE_ROWS = 500


class NameIndex(Protocol):
    """Finds clients by name; the names live in the memory of who made it, never in the store in clear."""

    def codes(self, text: str) -> Sequence[str]:
        """Codes of the clients whose name has a word that begins with `text`, in any case."""
        ...


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty means all. Codes are matched whole and as they are written.

    `text` is split into words; each must be found in the session's id, a code (client, operator, pen, cartridge, lot, zone), or
    a client's name. `from_utc` is included, `until_utc` is not; both as in the record.
    """

    text: str = ""
    client: str = ""
    operator: str = ""
    pen: str = ""  # serial number
    zone: str = ""  # planned in the session
    cartridge: str = ""
    lot: str = ""  # of the cartridge
    state: Literal["", "OPEN", "CLOSED", "INTERRUPTED"] = ""
    from_utc: str = ""
    until_utc: str = ""


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: the next one begins after it."""

    opened_utc: str
    session: str


@dataclass(frozen=True)
class Page:
    """Some sessions, newest first; `next` is None on the last page."""

    rows: list[SessionListing]
    next: Cursor | None


def page(
    store: Store,
    filters: Filters | None = None,
    after: Cursor | None = None,
    rows: int = PAGE_ROWS,
    names: NameIndex | None = None,
) -> Page:
    """The sessions that fit `filters` (None: all), newest first, from after `after` (None: the newest).

    `rows` is held to 1..500. Without `names` no text finds a client's name. Raises StoreError.
    """
    wanted = max(1, min(rows, MAX_PAGE_ROWS))
    filters = filters or Filters()
    span = (filters.from_utc, filters.until_utc)
    place = (after.opened_utc, after.session) if after else None
    with store.reading() as connection:
        conditions = _conditions(filters)
        for word in filters.text.split():
            found = conditions_of(connection, word, names.codes(word) if names else ())
            conditions.append(found)
        listed = [SessionListing(*row) for row in newest(connection, conditions, span, place, wanted + 1)]
    more, listed = len(listed) > wanted, listed[:wanted]
    shown = [with_counts(store, row) if row.state == "OPEN" else row for row in listed]
    return Page(shown, Cursor(listed[-1].opened_utc, listed[-1].id) if more else None)


def day_span(day: date, zone: tzinfo) -> tuple[str, str]:
    """`from_utc` and `until_utc` of a calendar day where the clinic is (23 or 25 hours when the clocks change)."""
    begin = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return utc_text(round(begin.timestamp()) * 1_000_000_000), utc_text(round(end.timestamp()) * 1_000_000_000)


def _conditions(filters: Filters) -> list[Condition]:
    facets = ("client", "operator", "pen", "zone", "cartridge", "lot", "state")
    chosen = [(facet, str(getattr(filters, facet))) for facet in facets]
    return [Condition({facet: (value,)}) for facet, value in chosen if value]
