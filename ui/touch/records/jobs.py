"""What the librarian is asked to do: each makes a job that runs in its thread with the store. I/O, read-only."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.touch.records.query import Query

if TYPE_CHECKING:
    from sessions.audit import Verdict
    from sessions.listing import Cursor, Page
    from sessions.store import Store
    from ui.touch.records.course import Course
    from ui.touch.records.librarian import Ticket
    from ui.touch.records.record import Record
    from ui.touch.records.track import Track

ROWS = 40


def list_page(query: Query, after: Cursor | None, zone: tzinfo | None) -> Callable[[Store, Ticket], Page]:
    """The next rows of the list. With a day, only that day's by the clinic's clock."""

    def job(store: Store, _ticket: Ticket) -> Page:
        from sessions.listing import Filters, day_span, page

        begin, end = day_span(query.day, zone or _own_zone()) if query.day else ("", "")
        return page(store, Filters(text=query.text, from_utc=begin, until_utc=end), after, ROWS)

    return job


def open_session(session: str, in_words: Callable[[Record], Record]) -> Callable[[Store, Ticket], Track]:
    """One session: its record in the screen's words is told on the way, then comes its trace with the pyramids."""

    def job(store: Store, ticket: Ticket) -> Track:
        from ui.touch.records.record import load_record

        with undisturbed():
            record = load_record(store, session)
            ticket.tell(in_words(record))
            return open_track(session, record.opened_mono_ns)(store, ticket)

    return job


def open_track(session: str, opened_mono_ns: int) -> Callable[[Store, Ticket], Track]:
    """Its trace alone: for who went away before it came."""

    def job(store: Store, ticket: Ticket) -> Track:
        from ui.touch.records.loading import load_track

        return load_track(store, session, opened_mono_ns, ticket, time.monotonic_ns)

    return job


def check(session: str, home: Path) -> Callable[[Store, Ticket], Verdict]:
    """The verification of its chains and signatures, with this station's key as the one that is known."""

    def job(store: Store, _ticket: Ticket) -> Any:
        from sessions.audit import verify
        from sessions.keyfile import KeyFileError
        from sessions.signing.key import own_key_id

        try:
            own = own_key_id(home)
        except KeyFileError:
            own = ""
        return verify(store, session, [own] if own else None)

    return job


def course_of(client: str) -> Callable[[Store, Ticket], Course]:
    """A client's sessions over time."""

    def job(store: Store, ticket: Ticket) -> Course:
        from ui.touch.records.course import load_course

        return load_course(store, client, ticket)

    return job


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Without the garbage collector: thousands of events call it, and each look through them is a late frame."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _own_zone() -> tzinfo:
    from datetime import datetime

    own = datetime.now().astimezone().tzinfo
    assert own is not None, "a moment that was made local has a zone"
    return own
