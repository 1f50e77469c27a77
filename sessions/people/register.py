"""Writes what happens to people and things: events, and in the same transaction how they stand then. I/O.

`entries` and `mentions` repeat the events; `rebuild` makes them anew, and `differences` says where they have parted.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, or_, select, update

from sessions.events import Body, Event, SessionOpened, canonical
from sessions.people.entries import Entry, Subject, step, subjects
from sessions.store import Store
from sessions.store.appending import append_within
from sessions.store.keys import WORDED, add_keys, keys_of
from sessions.store.models import ClosureRow, EntryRow, EventRow, KeyValueRow, MentionRow, SessionKeyRow, SessionRow
from sessions.store.rows import row_event
from sessions.vocabulary import SORTS, read_body

STATION = "station"
_AT_ONCE = 500


@dataclass(frozen=True)
class Desk:
    """Who writes, where and by which clocks: handed to everything that changes people and things."""

    store: Store
    actor: str  # a person's code, or the program's own word
    utc_ns: Callable[[], int]
    mono_ns: Callable[[], int]


def record(desk: Desk, stream: str, body: Body) -> Event:
    """One event, durable on return. Raises WriteRefused, StoreError; then nothing was stored."""
    with desk.store.writing() as connection:
        return record_within(connection, desk, stream, body)


def record_within(connection: Connection, desk: Desk, stream: str, body: Body) -> Event:
    """As `record`, inside a transaction of `Store.writing` that does more than this."""
    (event,) = append_within(connection, stream, desk.actor, [body], desk.utc_ns(), desk.mono_ns())
    for subject in subjects(event, body):
        before = entry_within(connection, *subject)
        _put(connection, step(before, subject, event, body), new=before is None)
        connection.execute(insert(MentionRow), [_mention(subject, event)])
    return event


def client_stream(client: str) -> str:
    """The stream of a client's events."""
    return f"client/{client}"


def next_number(connection: Connection, stream: str) -> int:
    """The number that the next event of `stream` will have; holds inside a writing transaction."""
    query = select(EventRow.number).where(EventRow.stream == stream).order_by(EventRow.number.desc()).limit(1)
    return int(connection.execute(query).scalar() or 0) + 1


def entry_within(connection: Connection, sort: str, code: str) -> Entry | None:
    """How the subject stands; None when nothing is on record about it."""
    row = connection.execute(select(EntryRow.__table__).where(EntryRow.sort == sort, EntryRow.code == code)).first()
    return _entry(row) if row is not None else None


def entry(store: Store, sort: str, code: str) -> Entry | None:
    """As `entry_within`, in a transaction of its own. Raises StoreError."""
    with store.reading() as connection:
        return entry_within(connection, sort, code)


def entries(store: Store, sort: str, status: str = "", due_until: str = "", limit: int | None = None) -> list[Entry]:
    """All of a sort, by code; with `due_until` only those due at or before it, by due time. Raises StoreError."""
    query = select(EntryRow.__table__).where(EntryRow.sort == sort).limit(limit)
    if status:
        query = query.where(EntryRow.status == status)
    if due_until:
        query = query.where(EntryRow.due_utc != "", EntryRow.due_utc <= due_until).order_by(EntryRow.due_utc, EntryRow.code)
    else:
        query = query.order_by(EntryRow.code)
    with store.reading() as connection:
        return [_entry(row) for row in connection.execute(query)]


def history(store: Store, sort: str, code: str, until_utc: str = "") -> list[tuple[Event, Body]]:
    """Every event about the subject in order, up to and with `until_utc`. Raises StoreError."""
    told = (EventRow.stream == MentionRow.stream) & (EventRow.number == MentionRow.number)
    query = select(EventRow.__table__).select_from(MentionRow).join(EventRow, told)
    query = query.where(MentionRow.subject == f"{sort}/{code}").order_by(EventRow.stream, EventRow.number)
    if until_utc:
        query = query.where(EventRow.utc <= until_utc)
    with store.reading() as connection:
        events = [row_event(row) for row in connection.execute(query)]
    return [(event, read_body(event)) for event in events]


def as_of(store: Store, sort: str, code: str, utc: str) -> Entry | None:
    """How the subject stood at `utc`: what a record of that time must name. Raises StoreError."""
    found: Entry | None = None
    for event, body in history(store, sort, code, utc):
        found = step(found, (sort, code), event, body)
    return found


def folded(connection: Connection) -> tuple[dict[Subject, Entry], set[tuple[str, str, int]]]:
    """The entries and mentions that the events give, from the first to the last."""
    found: dict[Subject, Entry] = {}
    mentioned: set[tuple[str, str, int]] = set()
    for event in _events(connection):
        body = read_body(event)
        for subject in subjects(event, body):
            found[subject] = step(found.get(subject), subject, event, body)
            mentioned.add(("/".join(subject), event.stream, event.number))
    return found, mentioned


def rebuild(store: Store) -> None:
    """Make `entries`, `mentions`, `session_keys` and `key_values` anew from the record, in one transaction. Raises StoreError."""
    with store.writing() as connection:
        found, mentioned = folded(connection)
        for table in (EntryRow, MentionRow, SessionKeyRow, KeyValueRow):
            connection.execute(delete(table))
        for made in found.values():
            _put(connection, made, new=True)
        names = ("subject", "stream", "number")
        rows = [dict(zip(names, mention, strict=True)) for mention in sorted(mentioned)]
        if rows:
            connection.execute(insert(MentionRow), rows)
        for part in _opened(connection):
            add_keys(connection, keys_of(part))


def differences(store: Store) -> list[str]:
    """Subjects whose entry is not what the events give, and the like for mentions and sessions' keys."""
    with store.reading() as connection:
        found, mentioned = folded(connection)
        stored = {(row.sort, row.code): _entry(row) for row in connection.execute(select(EntryRow.__table__))}
        wrong = {"/".join(subject) for subject in found.keys() | stored.keys() if found.get(subject) != stored.get(subject)}
        mentions = {(row.subject, row.stream, row.number) for row in connection.execute(select(MentionRow.__table__))}
        wrong |= {subject for subject, _, _ in mentions ^ mentioned}
        keys = {tuple(row.values()) for part in _opened(connection) for row in keys_of(part)}
        wrong |= {key[3] for key in keys ^ {tuple(row) for row in connection.execute(select(SessionKeyRow.__table__))}}
        values = {(facet, value.lower(), value) for facet, value, _, _ in keys if facet in WORDED}
        stored_values = {tuple(row) for row in connection.execute(select(KeyValueRow.__table__))}
        wrong |= {f"{facet} {value}" for facet, _, value in values ^ stored_values}
    return sorted(wrong)


def _events(connection: Connection) -> Iterator[Event]:
    """Events of people and things, each stream in order."""
    for sort in sorted(SORTS):
        # streams of a sort are one range of the key: `client` and all that begins with `client/`
        mine = or_(EventRow.stream == sort, (EventRow.stream > f"{sort}/") & (EventRow.stream < f"{sort}0"))
        query = select(EventRow.__table__).where(mine).order_by(EventRow.stream, EventRow.number)
        for row in connection.execute(query):
            yield row_event(row)


def _opened(connection: Connection) -> Iterator[list[tuple[str, str, SessionOpened, str]]]:
    """All sessions by some hundreds: id, opened_utc, session_opened, state."""
    opening = (EventRow.stream == SessionRow.id) & (EventRow.kind == "session_opened")
    query = select(SessionRow.id, SessionRow.opened_utc, EventRow.body, ClosureRow.state).join(EventRow, opening)
    query = query.outerjoin(ClosureRow, ClosureRow.session == SessionRow.id).order_by(SessionRow.id).limit(_AT_ONCE)
    after = ""
    while rows := connection.execute(query.where(SessionRow.id > after)).all():
        part: list[tuple[str, str, SessionOpened, str]] = []
        for row in rows:
            with suppress(ValidationError):  # damaged: verifying says so
                part.append((row.id, row.opened_utc, SessionOpened.model_validate_json(row.body), row.state or ""))
        yield part
        after = rows[-1].id


def _put(connection: Connection, made: Entry, new: bool) -> None:
    values = {**vars(made), "state": canonical(made.state).decode()}
    if new:
        connection.execute(insert(EntryRow), [values])
    else:
        where = (EntryRow.sort == made.sort, EntryRow.code == made.code)
        connection.execute(update(EntryRow).where(*where).values(**values))


def state_of(text: str) -> dict[str, Any]:
    """The state of a row of `entries`."""
    return dict(json.loads(text))


def _entry(row: Any) -> Entry:
    return Entry(row.sort, row.code, row.status, row.due_utc, state_of(row.state), row.stream, row.number)


def _mention(subject: Subject, event: Event) -> dict[str, object]:
    return {"subject": "/".join(subject), "stream": event.stream, "number": event.number}
