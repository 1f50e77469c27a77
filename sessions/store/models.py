"""The tables, typed. The migrations in `sessions.migrations` create them; a test holds both to the same columns.

`events` and `blocks` are the record; `sessions` and `closures` repeat what a list of sessions needs, so that listing
reads neither events nor blocks. Every row is written once.
"""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

WideInteger = BigInteger().with_variant(Integer, "sqlite")  # 64 bits everywhere; SQLite's INTEGER already is


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
