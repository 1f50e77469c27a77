"""By what a session can be found: the rows of `session_keys` and `key_values`, written with the events they come from. I/O."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, tuple_

from sessions.events import SessionOpened
from sessions.store.models import KeyValueRow, SessionKeyRow

OPEN = "OPEN"
# Of these the values are looked up by text; a session's id and its last part are looked up as they are.
WORDED = ("client", "operator", "pen", "zone", "cartridge", "lot")
_AT_ONCE = 400  # values asked for in one query: every database allows this many parameters

Row = dict[str, Any]


def opened_keys(session: str, opened_utc: str, opened: SessionOpened) -> list[Row]:
    """The rows of `session_keys` for a session that has just opened, each once. Pure."""
    found = [
        ("client", opened.client),
        ("operator", opened.operator),
        ("pen", opened.pen.serial),
        ("cartridge", opened.cartridge.id if opened.cartridge.present else ""),
        ("lot", opened.cartridge.lot if opened.cartridge.present else ""),
        ("state", OPEN),
        ("tail", session.rpartition("-")[2].lower()),
        *(("zone", planned.zone) for planned in opened.zones),
    ]
    return [
        {"facet": facet, "value": value, "opened_utc": opened_utc, "session": session}
        for facet, value in dict.fromkeys(found)
        if value
    ]


def add_keys(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert rows that are not there yet, and their values where those are new."""
    if not rows:
        return
    connection.execute(insert(SessionKeyRow), rows)
    values = {(row["facet"], row["value"].lower(), row["value"]) for row in rows if row["facet"] in WORDED}
    known: set[tuple[str, str, str]] = set()
    ordered = sorted(values)
    for part in (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE)):
        key = tuple_(KeyValueRow.facet, KeyValueRow.folded, KeyValueRow.value)
        query = select(KeyValueRow.facet, KeyValueRow.folded, KeyValueRow.value).where(key.in_(part))
        known.update((row.facet, row.folded, row.value) for row in connection.execute(query))
    new = [
        {"facet": facet, "folded": folded, "value": value}
        for facet, folded, value in ordered
        if (facet, folded, value) not in known
    ]
    if new:
        connection.execute(insert(KeyValueRow), new)


def close_key(connection: Connection, session: str, opened_utc: str, state: str) -> None:
    """The session is OPEN no longer but `state`."""
    where = (SessionKeyRow.facet == "state", SessionKeyRow.value == OPEN)
    place = (SessionKeyRow.opened_utc == opened_utc, SessionKeyRow.session == session)
    connection.execute(delete(SessionKeyRow).where(*where, *place))
    add_keys(connection, [{"facet": "state", "value": state, "opened_utc": opened_utc, "session": session}])


def keys_of(opened: Iterable[tuple[str, str, SessionOpened, str]]) -> list[Row]:
    """The rows of many sessions, each (id, opened_utc, session_opened, state or "" while it is open). Pure."""
    rows: list[Row] = []
    for session, opened_utc, body, state in opened:
        rows += [
            {**row, "value": state} if row["facet"] == "state" and state else row
            for row in opened_keys(session, opened_utc, body)
        ]
    return rows
