"""Puts a signature under a session: the newest event of its stream until something else is added. I/O."""

import base64

from sqlalchemy import Connection, select

from sessions.afterwards import Meaning, Signed
from sessions.events import Event, SessionOpened, utc_text
from sessions.signing.key import StationKey
from sessions.signing.statement import content_sha256, statement_of
from sessions.store import Store, WriteRefused
from sessions.store.appending import append_within
from sessions.store.models import EventRow
from sessions.store.rows import row_event
from sessions.store.writing import Group
from sessions.vocabulary import read_body


def sign_session(
    store: Store,
    key: StationKey,
    session: str,
    person: str,
    meaning: Meaning,
    utc_ns: int,
    mono_ns: int,
    role: str = "",
    name: str = "",
) -> Event:
    """Sign everything on record of `session` as `person`, in one transaction: nothing comes between reading and signing.

    `role` "" is the role under which the session was opened, if `person` opened it. Who calls this has made sure that it is
    `person`, and that what is signed verifies. Raises WriteRefused: not on record, still open, no role; StoreError.
    """
    with store.writing() as connection:
        head = Group(connection, {}).head(session)
        role = role or _role_at_opening(connection, session, person)
        if head.closed and not role:
            raise WriteRefused(f"{session}: {person} did not open this session, so their role must be said (--role)")
        public = base64.b64encode(key.public).decode()
        told = Signed(
            person=person,
            name=name,
            role=role,
            meaning=meaning,
            utc=utc_text(utc_ns),
            covers=max(1, head.number),
            content_sha256=content_sha256(session, head.number, head.hash, head.block_hash, head.wire_hash),
            events_head=head.hash,
            trace_head=head.block_hash,
            wires_head=head.wire_hash,
            key_id=key.key_id,
            public_key=public,
            signature="",
        )
        signature = base64.b64encode(key.sign(statement_of(session, told))).decode()
        signed = told.model_copy(update={"signature": signature})
        (event,) = append_within(connection, session, person, [signed], utc_ns, mono_ns)
    return event


def _role_at_opening(connection: Connection, session: str, person: str) -> str:
    row = connection.execute(select(EventRow.__table__).where(EventRow.stream == session, EventRow.number == 1)).first()
    opened = read_body(row_event(row)) if row else None
    return opened.role if isinstance(opened, SessionOpened) and opened.operator == person else ""
