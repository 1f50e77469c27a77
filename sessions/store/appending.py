"""Appends to a stream from outside the recorder: signatures, corrections, and the streams of people and the station. I/O.

The head is read inside the transaction, which holds the write lock: whoever else writes comes before or after, never between.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from sessions.afterwards import AFTERWARDS
from sessions.events import Body, Event
from sessions.store.errors import WriteRefused
from sessions.store.rows import Malformed
from sessions.store.store import Store
from sessions.store.writing import JOURNAL, Group
from sessions.vocabulary import is_session_stream


def append(store: Store, stream: str, actor: str, bodies: Sequence[Body], utc_ns: int, mono_ns: int) -> list[Event]:
    """Append `bodies` to `stream` in one transaction, durable on return; the events as they are on record.

    A session takes only kinds of `sessions.afterwards`, and only after its session_closed.
    Raises WriteRefused when the stream does not take them, StoreError; then nothing was stored.
    """
    with store.writing() as connection:
        return append_within(connection, stream, actor, bodies, utc_ns, mono_ns)


def append_within(
    connection: Connection, stream: str, actor: str, bodies: Sequence[Body], utc_ns: int, mono_ns: int
) -> list[Event]:
    """As `append`, inside a transaction of `Store.writing` that does more than this. Raises WriteRefused."""
    group = Group(connection, {})
    head = group.head(stream)
    if is_session_stream(stream):
        _require_afterwards(stream, head.opened, head.closed, bodies)
    try:
        events = [group.say(stream, actor, body, utc_ns, mono_ns) for body in bodies]
    except Malformed as error:
        raise WriteRefused(f"{stream}: {error}") from None
    group.insert()
    return events


def _require_afterwards(stream: str, opened: bool, closed: bool, bodies: Sequence[Body]) -> None:
    if stream.startswith(JOURNAL):
        raise WriteRefused(f"{stream}: this is control's own journal; nobody else writes there")
    if not opened:
        raise WriteRefused(f"{stream}: no session of that id is on record")
    if not closed:
        raise WriteRefused(f"{stream}: the session is still open; only after its end can anything be added")
    allowed = tuple(AFTERWARDS.values())
    for body in bodies:
        if not isinstance(body, allowed):
            found = type(body).model_fields["kind"].default
            raise WriteRefused(f"{stream}: {found!r} cannot be added to a session; allowed are {', '.join(sorted(AFTERWARDS))}")
