"""Reads the record: lists, events, traces, summaries. I/O through the store only; nothing here writes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select, func, select
from sqlalchemy.orm import DeclarativeBase

from sessions.events import AlarmRaised, Body, Event, SessionOpened, ZoneTotals
from sessions.facts import Facts, gather
from sessions.store import Damaged, NoSuchSession, Store
from sessions.store.lookup import trace_lookup
from sessions.store.models import BlockRow, ClosureRow, EventRow, SessionRow, WireRow
from sessions.store.records import TRACE_DTYPE as TRACE_DTYPE
from sessions.store.rows import Malformed, records_of, row_event, tape_of
from sessions.totals import derive_totals
from sessions.vocabulary import read_body

Trace = npt.NDArray[np.void]
State = Literal["OPEN", "CLOSED", "INTERRUPTED"]


@dataclass(frozen=True, slots=True)
class SessionListing:
    """One line of the list of sessions; `closed_utc` is "" and `state` OPEN while no end is on record."""

    id: str
    opened_utc: str
    closed_utc: str
    state: str
    client: str
    operator: str
    zones: int
    passes: int
    alarms: int
    simulated: bool
    resumed_from: str


@dataclass(frozen=True)
class StoredEvent:
    """An event with its place in the hash chain."""

    event: Event
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class StoredWire:
    """A block of tape's header with its place in the hash chain."""

    wire: int
    layout: str
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class StoredBlock:
    """A block's header with its place in the hash chain; `samples` is how many records it holds."""

    block: int
    first_index: int
    samples: int
    lost: int
    layout: str
    prev_hash: str
    hash: str


def listing_columns() -> list[Any]:
    """The columns of `SessionListing`, in its order, from sessions outer-joined to closures."""
    return [
        SessionRow.id,
        SessionRow.opened_utc,
        func.coalesce(ClosureRow.utc, ""),
        func.coalesce(ClosureRow.state, "OPEN"),
        SessionRow.client,
        SessionRow.operator,
        SessionRow.zones,
        func.coalesce(ClosureRow.passes, 0),
        func.coalesce(ClosureRow.alarms, 0),
        SessionRow.simulated,
        SessionRow.resumed_from,
    ]


def list_sessions(store: Store, limit: int | None = None, offset: int = 0, client: str = "") -> list[SessionListing]:
    """Sessions, newest first; `client` narrows to one client code."""
    query = (
        select(*listing_columns())
        .outerjoin(ClosureRow, ClosureRow.session == SessionRow.id)
        .order_by(SessionRow.opened_utc.desc(), SessionRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if client:
        query = query.where(SessionRow.client == client)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    listings = [SessionListing(*row) for row in rows]
    return [with_counts(store, listing) if listing.state == "OPEN" else listing for listing in listings]


def count_sessions(store: Store) -> int:
    """How many sessions are on record."""
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(SessionRow)).scalar_one()


def list_open(store: Store) -> list[str]:
    """Ids of the sessions without an end, oldest first."""
    ended = select(ClosureRow.session).where(ClosureRow.session == SessionRow.id).exists()
    with store.reading() as connection:
        return list(connection.execute(select(SessionRow.id).where(~ended).order_by(SessionRow.opened_utc)).scalars())


def with_counts(store: Store, listing: SessionListing) -> SessionListing:
    """With passes and alarms from its events: only for sessions still open, which are few."""
    bodies = load_bodies(store, listing.id)
    passes = sum(zone.passes for zone in derive_totals(bodies))
    return replace(listing, passes=passes, alarms=sum(isinstance(body, AlarmRaised) for body in bodies))


def require_session(store: Store, session: str) -> None:
    """Raises NoSuchSession."""
    with store.reading() as connection:
        if connection.execute(select(SessionRow.id).where(SessionRow.id == session)).first() is None:
            raise NoSuchSession(session)


def closing_number(store: Store, session: str) -> int:
    """Number of the event that ended the session; 0 while it is open."""
    with store.reading() as connection:
        return connection.execute(select(ClosureRow.number).where(ClosureRow.session == session)).scalar() or 0


def load_events(store: Store, stream: str) -> list[StoredEvent]:
    """All events of a stream, in order; empty for an unknown one."""
    with store.reading() as connection:
        rows = connection.execute(_stream(EventRow, EventRow.stream == stream).order_by(EventRow.number)).all()
    return [StoredEvent(row_event(row), row.prev_hash, row.hash) for row in rows]


def load_bodies(store: Store, stream: str) -> list[Body]:
    """The typed bodies of a stream, in order."""
    return [read_body(stored.event) for stored in load_events(store, stream)]


def iter_blocks(store: Store, stream: str) -> Iterator[tuple[StoredBlock, bytes]]:
    """Each block of a stream with its uncompressed records, in order. Raises Damaged at one that cannot be unpacked."""
    with store.reading() as connection:
        for row in connection.execute(_stream(BlockRow, BlockRow.stream == stream).order_by(BlockRow.block)):
            header = StoredBlock(row.block, row.first_index, row.samples, row.lost, row.layout, row.prev_hash, row.hash)
            try:
                yield header, records_of(row)
            except Malformed as error:
                raise Damaged(str(error)) from None


def iter_wires(store: Store, stream: str) -> Iterator[tuple[StoredWire, bytes]]:
    """Each block of a stream's tape, uncompressed, in order. Raises Damaged at one that cannot be unpacked."""
    with store.reading() as connection:
        trace_of = trace_lookup(connection, stream)
        for row in connection.execute(_stream(WireRow, WireRow.stream == stream).order_by(WireRow.wire)):
            try:
                yield StoredWire(row.wire, row.layout, row.prev_hash, row.hash), tape_of(row, trace_of)
            except Malformed as error:
                raise Damaged(str(error)) from None


def load_trace(store: Store, stream: str) -> Trace:
    """Every stored sample, in order, as one structured array of TRACE_DTYPE (read-only). Raises Damaged."""
    return as_trace(b"".join(records for _, records in iter_blocks(store, stream)))


def as_trace(records: bytes) -> Trace:
    """Records back to back as a structured array over the same memory."""
    return np.frombuffer(records, dtype=TRACE_DTYPE)


def trace_counts(store: Store, stream: str) -> tuple[int, int]:
    """Samples on record, and samples lost, by the blocks' headers."""
    query = select(func.coalesce(func.sum(BlockRow.samples), 0), func.coalesce(func.max(BlockRow.lost), 0))
    with store.reading() as connection:
        samples, lost = connection.execute(query.where(BlockRow.stream == stream)).one()
    return int(samples), int(lost)


def load_facts(store: Store, session: str) -> Facts:
    """Everything a report tells of a session, from its events. Raises NoSuchSession."""
    require_session(store, session)
    events = [stored.event for stored in load_events(store, session)]
    samples, lost = trace_counts(store, session)
    return gather(session, events, closing_number(store, session), samples, lost)


def summary(store: Store, session: str) -> dict[str, Any]:
    """What `rehearse` and `export` tell of a session, in the keys of cli.md. Raises NoSuchSession."""
    return load_facts(store, session).summary()


def totals_for_resume(store: Store, session: str) -> list[ZoneTotals]:
    """The totals a session resumed from this one carries over. Raises NoSuchSession."""
    return load_facts(store, session).totals


def opening(store: Store, session: str) -> SessionOpened:
    """The session_opened of a session. Raises NoSuchSession."""
    return load_facts(store, session).opened


def _stream(table: type[DeclarativeBase], where: Any) -> Select[Any]:
    return select(table.__table__).where(where)
