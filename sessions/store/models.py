"""The tables, typed. The migrations in `sessions.migrations` create them; a test holds both to the same columns.

`events`, `blocks` and `wires` are the record; `sessions` and `closures` repeat what a list of sessions needs, so that listing
reads neither events nor blocks. Every row of these is written once.

`session_keys`, `key_values`, `entries` and `mentions` are an index of the record and nothing more: they may be dropped and
made again from the events (`sessions.people.rebuild`), and nobody proves anything by them. `client_keys` is the one table whose
rows are destroyed: that is how a client is erased.
"""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

WideInteger = BigInteger().with_variant(Integer, "sqlite")  # 64 bits everywhere; SQLite's INTEGER already is
# Codes are searched by ranges, which must be ranges of characters whatever language the database was made for.
Code = Text().with_variant(Text(collation="C"), "postgresql")


class Base(DeclarativeBase):
    """Base of all tables."""


class SessionRow(Base):
    """One row per session_opened event."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_by_time", "opened_utc", "id"), Index("sessions_by_client", "client", "opened_utc"))

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    opened_utc: Mapped[str] = mapped_column(Text)
    client: Mapped[str] = mapped_column(Text)
    operator: Mapped[str] = mapped_column(Text)
    simulated: Mapped[bool] = mapped_column(Boolean)
    resumed_from: Mapped[str] = mapped_column(Text)
    plan_crc: Mapped[int] = mapped_column(WideInteger)
    pen_serial: Mapped[str] = mapped_column(Text)
    zones: Mapped[int] = mapped_column(Integer)  # planned zones


class ClosureRow(Base):
    """One row per session end, by control (CLOSED) or by the recorder (INTERRUPTED)."""

    __tablename__ = "closures"

    session: Mapped[str] = mapped_column(Text, ForeignKey("sessions.id"), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    utc: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(WideInteger)  # of the session_closed event
    passes: Mapped[int] = mapped_column(Integer)
    alarms: Mapped[int] = mapped_column(Integer)


class EventRow(Base):
    """One event; `hash` covers the row and `prev_hash`."""

    __tablename__ = "events"
    __table_args__ = ({"sqlite_with_rowid": False},)  # clustered by stream: one session is one stretch of the file

    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(WideInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    utc: Mapped[str] = mapped_column(Text)
    mono_ns: Mapped[int] = mapped_column(WideInteger)
    actor: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)  # canonical JSON
    prev_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)


class WireRow(Base):
    """About one second of control's tape, compressed; `hash` covers the uncompressed bytes, the header and `prev_hash`."""

    __tablename__ = "wires"

    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    wire: Mapped[int] = mapped_column(WideInteger, primary_key=True, autoincrement=False)
    layout: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)  # bytes, uncompressed
    codec: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    prev_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)


class BlockRow(Base):
    """About one second of trace, compressed; `hash` covers the uncompressed records, the header and `prev_hash`."""

    __tablename__ = "blocks"

    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    block: Mapped[int] = mapped_column(WideInteger, primary_key=True, autoincrement=False)
    first_index: Mapped[int] = mapped_column(WideInteger)
    samples: Mapped[int] = mapped_column(Integer)
    lost: Mapped[int] = mapped_column(WideInteger)  # samples missing so far in the stream
    layout: Mapped[str] = mapped_column(Text)
    codec: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    prev_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)


class SessionKeyRow(Base):
    """That a session can be found by `value` in `facet`. State OPEN is the only row that is ever taken out again."""

    __tablename__ = "session_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the key is the row: each search is one range, in order of time

    facet: Mapped[str] = mapped_column(Code, primary_key=True)  # client, operator, pen, zone, cartridge, lot, state, tail
    value: Mapped[str] = mapped_column(Code, primary_key=True)
    opened_utc: Mapped[str] = mapped_column(Code, primary_key=True)
    session: Mapped[str] = mapped_column(Code, primary_key=True)


class KeyValueRow(Base):
    """Each value of `session_keys` once: text is looked for here, among thousands, and not among millions."""

    __tablename__ = "key_values"
    __table_args__ = ({"sqlite_with_rowid": False},)

    facet: Mapped[str] = mapped_column(Code, primary_key=True)
    folded: Mapped[str] = mapped_column(Code, primary_key=True)  # in lower case
    value: Mapped[str] = mapped_column(Code, primary_key=True)


class ClientKeyRow(Base):
    """A client's own key, wrapped by the station's. Without this row what is sealed for the client is unreadable for ever."""

    __tablename__ = "client_keys"

    client: Mapped[str] = mapped_column(Code, primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_by: Mapped[str] = mapped_column(Text)  # which station key: the start of its digest


class EntryRow(Base):
    """How a person or a thing stands now, after the newest event about it."""

    __tablename__ = "entries"
    __table_args__ = (Index("entries_by_status", "sort", "status", "due_utc", "code"),)

    sort: Mapped[str] = mapped_column(Code, primary_key=True)  # client, user, role, cartridge, lot, certificate, ...
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    status: Mapped[str] = mapped_column(Text)
    due_utc: Mapped[str] = mapped_column(Code)  # expiry or due time, "" for none
    state: Mapped[str] = mapped_column(Text)  # canonical JSON, `sessions.people.states`
    stream: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(WideInteger)  # of the newest event about it


class MentionRow(Base):
    """That an event is about `subject`, e.g. `user/op-1`: its history without reading the whole stream."""

    __tablename__ = "mentions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    subject: Mapped[str] = mapped_column(Code, primary_key=True)
    stream: Mapped[str] = mapped_column(Code, primary_key=True)
    number: Mapped[int] = mapped_column(WideInteger, primary_key=True, autoincrement=False)
