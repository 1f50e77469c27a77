"""Holds what repeats the record for searching against the events of one stream. I/O: reads the store.

`session_keys`, `key_values`, `entries` and `mentions` prove nothing, but whoever looks for a session, a person or a thing
believes them. `sessions.people.register.rebuild` makes them anew from the events.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from sessions.events import Event, SessionOpened
from sessions.people.entries import Entry, Subject, step, subjects
from sessions.people.register import state_of
from sessions.store import Store
from sessions.store.keys import WORDED, keys_of
from sessions.store.models import ClosureRow, EntryRow, EventRow, KeyValueRow, MentionRow, SessionKeyRow
from sessions.store.rows import row_event
from sessions.vocabulary import is_session_stream, read_body


def index_problems(store: Store, stream: str) -> list[str]:
    """One sentence for each row of the index about `stream` that is not what its events say. Raises StoreError.

    Says nothing of a stream whose events cannot be read: that is for `sessions.audit`.
    """
    with store.reading() as connection:
        rows = connection.execute(select(EventRow.__table__).where(EventRow.stream == stream).order_by(EventRow.number)).all()
        try:
            events = [row_event(row) for row in rows]
            return (
                _of_session(connection, stream, events) if is_session_stream(stream) else _of_people(connection, stream, events)
            )
        except (ValidationError, ValueError, TypeError, KeyError):
            return []


def _of_session(connection: Connection, session: str, events: Sequence[Event]) -> list[str]:
    opening = next((event for event in events if event.kind == "session_opened"), None)
    state = connection.execute(select(ClosureRow.state).where(ClosureRow.session == session)).scalar() or ""
    opened = [(session, opening.utc, SessionOpened.model_validate(opening.body), state)] if opening else []
    told = {tuple(row.values()) for row in keys_of(opened)}
    stored = {tuple(row) for row in connection.execute(select(SessionKeyRow.__table__).where(SessionKeyRow.session == session))}
    wrong = [f"the index finds it by {facet} {value!r}, and no event says so" for facet, value, *_ in sorted(stored - told)]
    wrong += [f"the index does not find it by {facet} {value!r}" for facet, value, *_ in sorted(told - stored)]
    for facet, value, *_ in sorted(told):
        key = (KeyValueRow.facet == facet, KeyValueRow.folded == value.lower(), KeyValueRow.value == value)
        if facet in WORDED and connection.execute(select(KeyValueRow.value).where(*key)).first() is None:
            wrong.append(f"the index does not find the words {facet} {value!r}")
    return wrong


def _of_people(connection: Connection, stream: str, events: Sequence[Event]) -> list[str]:
    told: dict[Subject, Entry] = {}
    mentioned: set[tuple[str, int]] = set()
    for event in events:
        body = read_body(event)
        for subject in subjects(event, body):
            told[subject] = step(told.get(subject), subject, event, body)
            mentioned.add(("/".join(subject), event.number))
    rows = connection.execute(select(EntryRow.__table__).where(EntryRow.stream == stream)).all()
    stored = {(row.sort, row.code): _entry(row) for row in rows}
    wrong = [
        f"the list of people and things has {'/'.join(subject)} otherwise than the events"
        for subject in sorted(told.keys() | stored.keys())
        if told.get(subject) != stored.get(subject)
    ]
    found = connection.execute(select(MentionRow.subject, MentionRow.number).where(MentionRow.stream == stream))
    unlike = mentioned ^ {(row.subject, row.number) for row in found}
    return wrong + [f"the history of {subject} is not what the events say (event {number})" for subject, number in sorted(unlike)]


def _entry(row: Any) -> Entry | None:
    """None for a row that cannot be read: it is no entry that any event makes."""
    try:
        return Entry(row.sort, row.code, row.status, row.due_utc, state_of(row.state), row.stream, row.number)
    except (ValueError, TypeError):
        return None
