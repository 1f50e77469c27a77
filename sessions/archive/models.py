"""The clinic's own table beside the record's: receipts. `migrations/` here creates it; the record's tables are in the store."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sessions.store.chain import GENESIS


class ArchiveBase(DeclarativeBase):
    """Base of the archive's own tables, which no station has."""


class ReceiptRow(ArchiveBase):
    """Says that a stream is there up to these three heads, each row read back and the chains recomputed. Never changed.

    A stream that grew later has a further receipt. Without one, rows of a stream are an unfinished copy.
    """

    __tablename__ = "archive_receipts"
    __table_args__ = (Index("archive_receipts_by_first", "first_hash"),)

    station: Mapped[str] = mapped_column(Text, primary_key=True)
    stream: Mapped[str] = mapped_column(Text, primary_key=True)  # as it is named here
    events: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    blocks: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    wires: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)  # as the station names it; the hashes cover this name
    first_hash: Mapped[str] = mapped_column(Text)  # of event 1: the same stream under two stations shows
    events_head: Mapped[str] = mapped_column(Text)
    trace_head: Mapped[str] = mapped_column(Text)
    wires_head: Mapped[str] = mapped_column(Text)
    verified_utc: Mapped[str] = mapped_column(Text)
    program: Mapped[str] = mapped_column(Text)  # version of the program that verified


@dataclass(frozen=True)
class Mark:
    """How far a chain goes: number of its last row, and that row's hash."""

    number: int = 0
    hash: str = GENESIS


Position = tuple[Mark, Mark, Mark]  # of events, trace blocks and tape blocks
START: Position = (Mark(), Mark(), Mark())
