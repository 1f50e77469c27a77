"""Clients: entered, changed, noted, shown, erased. What names them is sealed with a key of their own. I/O through the store."""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import select

from sessions.events import Body, Event
from sessions.people import bodies as b
from sessions.people.entries import ACTIVE, ERASED
from sessions.people.keys import Erased, Keyring, PeopleError, destroy
from sessions.people.photos import remove_photos
from sessions.people.register import Desk, client_stream, entries, next_number, record_within
from sessions.people.sealing import seal_text, unseal_text
from sessions.reading import load_events
from sessions.store import Store
from sessions.store.models import EntryRow
from sessions.vocabulary import read_body

_SETTLE_MS = 200


class Identity(BaseModel):
    """What names a client. Only ever in memory, or sealed; its text form shows nothing, so that no log can."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=200)
    born: str = ""  # ISO date, "" unknown
    contact: str = Field(default="", max_length=400)

    @field_validator("name")
    @classmethod
    def _not_blank(cls, name: str) -> str:
        if not name.strip():
            raise ValueError("the name is empty")
        return " ".join(name.split())

    @field_validator("born")
    @classmethod
    def _is_date(cls, born: str) -> str:
        if born:
            date.fromisoformat(born)
        return born

    def __repr__(self) -> str:
        return "<Identity>"

    __str__ = __repr__


@dataclass(frozen=True, repr=False)
class ClientNote:
    """A note as it was written."""

    number: int
    utc: str
    actor: str
    code: str
    session: str
    text: str


@dataclass(repr=False)
class Client:
    """A client with all that is on record. `identity` is None, and no text is readable, once erased."""

    code: str
    status: str
    entered_utc: str
    identity: Identity | None
    photo_consent: bool = False
    notes: list[ClientNote] = field(default_factory=list)
    photos: list[b.PhotoAdded] = field(default_factory=list)
    adverse: list[b.AdverseEvent] = field(default_factory=list)
    consents: list[tuple[str, b.ConsentSigned]] = field(default_factory=list)  # when, and to what
    erased_utc: str = ""

    def __repr__(self) -> str:
        return f"<Client {self.code}>"


def identity(name: str, born: str = "", contact: str = "") -> Identity:
    """Raises PeopleError, which says what is wrong and never what was typed."""
    try:
        return Identity(name=name, born=born, contact=contact)
    except ValidationError as error:
        allowed = {
            "name": "a name has 1 to 200 characters",
            "born": "a birth date is written as 1990-01-31",
            "contact": "a contact has at most 400 characters",
        }
        raise PeopleError(allowed[str(error.errors(include_input=False, include_url=False)[0]["loc"][0])]) from None


def enter_client(desk: Desk, keyring: Keyring, told: Identity, code: str = "") -> str:
    """A new client with a key of its own; the code, the next free `c-0001` when none is given. Raises PeopleError, StoreError."""
    with desk.store.writing() as connection:
        code = code or _next_code(desk.store)
        _check_code(code)
        stream = client_stream(code)
        if next_number(connection, stream) != 1:
            raise PeopleError(f"client {code} is on record already")
        key = keyring.make(connection, code)
        sealed = seal_text(key, place(stream, "identity", 1), told.model_dump_json(), keyring.random)
        record_within(connection, desk, stream, b.ClientEntered(sealed=sealed))
    return code


def change_client(desk: Desk, keyring: Keyring, code: str, told: Identity, reason: str = "") -> None:
    """Name, birth date and contact from now on. Raises PeopleError, StoreError."""
    _say(desk, keyring, code, "identity", told.model_dump_json(), lambda sealed: b.ClientChanged(sealed=sealed, reason=reason))


def note_client(desk: Desk, keyring: Keyring, code: str, tile: str, text: str, session: str = "") -> None:
    """A note: a coded tile, and text that is sealed. Raises PeopleError, StoreError."""
    _say(desk, keyring, code, "note", text, lambda sealed: b.ClientNoted(code=tile, session=session, sealed=sealed))


def consent_to_photos(
    desk: Desk, keyring: Keyring, code: str, given: bool, version: str, text_sha256: str, language: str = ""
) -> None:
    """Whether photographs may be taken from now on, by which text (no digest: by none). Raises PeopleError, StoreError."""
    consent = b.PhotoConsent(given=given, version=version, text_sha256=text_sha256, language=language)
    _say(desk, keyring, code, "", "", lambda _: consent)


def report_adverse(desk: Desk, keyring: Keyring, code: str, report: Callable[[str], b.AdverseEvent], text: str = "") -> None:
    """An adverse event, or how it stands later; `report(sealed)` gives the body. Raises PeopleError, StoreError."""
    _say(desk, keyring, code, "adverse", text, report)


def load_client(store: Store, keyring: Keyring, code: str) -> Client:
    """Everything on record of a client, opened. Raises PeopleError: unknown, or sealed by another station."""
    events = load_events(store, client_stream(code))
    if not events:
        raise PeopleError(f"no client {code!r} is on record")
    with store.reading() as connection:
        try:
            key = keyring.load(connection, code)
        except Erased:
            key = None
    client = Client(code, ACTIVE, "", None)
    for stored in events:
        _take_in(client, stored.event, read_body(stored.event), key)
    return client


def erase_client(desk: Desk, keyring: Keyring, home: Path, code: str, reason: str) -> bool:
    """Destroy the client's key, photographs and signed consents: nothing sealed can be read again, every chain still verifies.

    `reason`: asked_by_client, retention_over or entered_by_mistake. The key's row is removed and zeroed in the transaction
    that says so, and SQLite's log is then emptied into the file, so that no older page keeps it. False when another process was
    reading just then: the log is emptied when the last process closes the records, or by `settle`.
    Raises PeopleError, StoreError.
    """
    stream = client_stream(code)
    with desk.store.writing() as connection:
        if next_number(connection, stream) == 1:
            raise PeopleError(f"no client {code!r} is on record")
        if not destroy(connection, code):
            raise Erased(code)
        photos = [read_body(stored.event) for stored in load_events(desk.store, stream)]
        names = [body.photo for body in photos if isinstance(body, b.PhotoAdded)]
        papers = [body.paper for body in photos if isinstance(body, b.ConsentSigned)]
        body = b.ClientErased.model_validate({"reason": reason, "photos": len(names), "consents": len(papers)})
        record_within(connection, desk, stream, body)
    remove_photos(home, names + papers)
    return settle(desk.store)


def settle(store: Store) -> bool:
    """Empty SQLite's write-ahead log into the database file; False when somebody is reading. True for other databases."""
    if store.engine.dialect.name != "sqlite":
        return True
    with contextlib.closing(store.engine.raw_connection()) as raw:
        cursor = raw.cursor()
        usual_ms = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        # While it waits for readers it keeps writers out, and the recorder of a running session may not wait for a second.
        cursor.execute(f"PRAGMA busy_timeout={_SETTLE_MS}")
        try:
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual_ms}")
            cursor.close()
    return not busy


def list_clients(store: Store) -> list[dict[str, Any]]:
    """Every client by code, without a name: status, when entered, how many photos and notes. Raises StoreError."""
    names = ("entered_utc", "photo_consent", "photos", "notes")
    return [
        {"client": found.code, "status": found.status, **{name: found.state.get(name) for name in names}}
        for found in entries(store, "client")
    ]


def place(stream: str, field: str, number: int) -> str:
    """Where a sealed text belongs."""
    return f"{stream}|{field}|{number}"


def _say(desk: Desk, keyring: Keyring, code: str, field: str, text: str, body: Callable[[str], Body]) -> Event:
    """An event of a client that is there, with `text` sealed for its number; no text gives an empty one."""
    stream = client_stream(code)
    with desk.store.writing() as connection:
        number = next_number(connection, stream)
        if number == 1:
            raise PeopleError(f"no client {code!r} is on record")
        key = keyring.load(connection, code)
        sealed = seal_text(key, place(stream, field, number), text, keyring.random) if text else ""
        try:
            return record_within(connection, desk, stream, body(sealed))
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
            raise PeopleError(f"client {code}: {where} is not as the record allows") from None


def _take_in(client: Client, event: Event, body: Body, key: bytes | None) -> None:
    def opened(field: str, sealed: str) -> str:
        return unseal_text(key, place(event.stream, field, event.number), sealed) if key and sealed else ""

    match body:
        case b.ClientEntered() | b.ClientChanged():
            client.entered_utc = client.entered_utc or event.utc
            text = opened("identity", body.sealed)
            client.identity = Identity.model_validate_json(text) if text else None
        case b.ClientNoted():
            note = ClientNote(event.number, event.utc, event.actor, body.code, body.session, opened("note", body.sealed))
            client.notes.append(note)
        case b.PhotoConsent():
            client.photo_consent = body.given
        case b.ConsentSigned():
            client.consents.append((event.utc, body))
        case b.PhotoAdded():
            client.photos.append(body)
        case b.AdverseEvent():
            client.adverse.append(body)
        case b.ClientErased():
            client.status, client.erased_utc, client.identity = ERASED, event.utc, None
        case _:
            pass


def _next_code(store: Store) -> str:
    with store.reading() as connection:
        taken = connection.execute(select(EntryRow.code).where(EntryRow.sort == "client")).scalars().all()
    numbers = [int(code[2:]) for code in taken if code.startswith("c-") and code[2:].isdigit()]
    return f"c-{max(numbers, default=0) + 1:04}"


def _check_code(code: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", code):
        raise PeopleError("a client's code has 1 to 32 letters, digits, dots, dashes or underscores, e.g. c-0001")
