"""Cartridges, media lots, certificates and templates: put on record, looked up, listed. I/O through the store."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import select

from sessions.events import Body
from sessions.people.entries import ACTIVE, OPEN, Entry
from sessions.people.keys import PeopleError
from sessions.people.register import STATION, Desk, entries, entry, record
from sessions.store import Store
from sessions.store.models import SessionKeyRow, SessionRow

AnyThing = TypeVar("AnyThing", bound=Body)


@dataclass(frozen=True)
class CartridgeUse:
    """A session in which a cartridge was."""

    session: str
    client: str
    utc: str
    how: str  # opened (told by the session itself), first, replacement, discarded


def put(desk: Desk, kind: type[AnyThing], **told: Any) -> AnyThing:
    """Put a thing on record: `kind` is one of `bodies.STATION_KINDS`. Raises PeopleError that names the field, StoreError."""
    try:
        body = kind.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PeopleError(f"{'.'.join(map(str, first['loc']))} is {first['input']!r}; {first['msg']}") from None
    record(desk, STATION, body)
    return body


def cartridge_uses(store: Store, cartridge: str) -> list[CartridgeUse]:
    """Where the cartridge was used, oldest first: by session_opened, and by what was told of replacements. Raises StoreError.

    A cartridge may be used when this is empty, or when it only names sessions that the next one resumes.
    """
    query = (
        select(SessionRow.id, SessionRow.client, SessionRow.opened_utc)
        .join(SessionKeyRow, SessionKeyRow.session == SessionRow.id)
        .where(SessionKeyRow.facet == "cartridge", SessionKeyRow.value == cartridge)
    )
    with store.reading() as connection:
        uses = [CartridgeUse(row.id, row.client, row.opened_utc, "opened") for row in connection.execute(query)]
    found = entry(store, "cartridge", cartridge)
    for use in found.state.get("uses", []) if found else []:
        uses.append(CartridgeUse(use["session"], use["client"], use["utc"], use["how"]))
    return sorted(uses, key=lambda use: (use.utc, use.session))


def lots_in_date(store: Store, today: str) -> list[Entry]:
    """Lots of media that are neither withdrawn nor expired on `today` (ISO), the last day that counts. Raises StoreError."""
    return [found for found in entries(store, "lot", ACTIVE) if found.due_utc >= today]


def newest_certificate(store: Store, pen: str) -> Entry | None:
    """The pen's newest certificate that was not withdrawn, whatever it decided; None without one. Raises StoreError."""
    held = [found for found in entries(store, "certificate", ACTIVE) if found.state.get("pen") == pen]
    return max(held, key=lambda found: (found.state["issued"], found.number), default=None)


def templates(store: Store) -> list[Entry]:
    """Plans to start from, by code, each in its newest version. Raises StoreError."""
    return entries(store, "template", ACTIVE)


def open_adverse_events(store: Store) -> list[Entry]:
    """Adverse events that are neither resolved nor known to last, by client and report. Raises StoreError."""
    return entries(store, "adverse", OPEN)
