"""A whole run: what is new on the station goes to the clinic, the rest is found to be there. I/O through the passage."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from sessions.archive.clinic import Clinic
from sessions.archive.copying import CHUNK_BYTES, Passage
from sessions.archive.errors import ArchiveError, StreamError
from sessions.archive.models import START, Position, ReceiptRow
from sessions.archive.station import STATION_FILE, Stream, bytes_between, closed_sessions, mark_at, open_sessions, other_streams
from sessions.store import Store, StoreError

Tell = Callable[[int, int, str], None]  # bytes done, bytes in all, stream


@dataclass
class Report:
    """What a run did, or with a dry run would do; counts of sessions, and of the streams outside sessions."""

    to: str
    station: str
    dry_run: bool = False
    sessions_copied: int = 0  # were not there, or not whole
    sessions_extended: int = 0  # were there, and grew since
    sessions_already_there: int = 0
    sessions_open: int = 0  # stay here until they end
    streams_copied: int = 0
    streams_extended: int = 0
    streams_already_there: int = 0
    verified: int = 0  # sessions and streams read back, every chain recomputed
    bytes: int = 0  # sent
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Work:
    stream: Stream
    after: Position


def archive(
    store: Store, clinic: Clinic, station: str, utc_ns: Callable[[], int], tell: Tell, chunk_bytes: int = CHUNK_BYTES
) -> Report:
    """Copy what is new. A stream that cannot be copied is a problem in the report and keeps no other back.

    Raises ArchiveError when the run cannot go on, StoreError for the station's own store.
    """
    report = Report(clinic.place, station)
    work = _plan(store, clinic, report)
    total = sum(bytes_between(store, item.stream, item.after) for item in work)
    done = 0

    def moved(count: int, name: str) -> None:
        nonlocal done
        done += count
        tell(done, total, name)

    passage = Passage(store, clinic, station, utc_ns, moved, chunk_bytes)
    for item in work:
        tell(done, total, item.stream.name)
        try:
            sent = passage.copy(item.stream, item.after)
        except StreamError as error:
            report.problems.append(str(error))
        except StoreError as error:
            report.problems.append(f"{item.stream.name}: {error}")
        else:
            report.verified += 1
            report.bytes += sent
            _count(report, item.stream, "already_there" if not sent else "copied" if item.after == START else "extended")
    return report


def dry_run(store: Store, clinic: Clinic, station: str) -> Report:
    """What `archive` would copy; nothing is written anywhere."""
    report = Report(clinic.place, station, dry_run=True)
    for item in _plan(store, clinic, report):
        report.bytes += bytes_between(store, item.stream, item.after)
        _count(report, item.stream, "copied" if item.after == START else "extended")
    return report


def _count(report: Report, stream: Stream, what: str) -> None:
    name = f"{'sessions' if stream.is_session else 'streams'}_{what}"
    setattr(report, name, getattr(report, name) + 1)


def _plan(store: Store, clinic: Clinic, report: Report) -> list[_Work]:
    """What is not there up to its present end; counts what is."""
    receipts = clinic.receipts(report.station)
    sessions, others = closed_sessions(store), other_streams(store)
    if clinic.ready and not receipts:
        _require_new_station(store, clinic, report.station, others)
    work = []
    for stream in [*sessions, *others]:
        _, after = receipts.get(stream.name_there(report.station), ("", START))
        if after != stream.position:
            if lacking := _lacking(store, stream, after):
                report.problems.append(lacking)
            else:
                work.append(_Work(stream, after))
        else:
            _count(report, stream, "already_there")
    report.sessions_open = open_sessions(store)
    return work


def _lacking(store: Store, stream: Stream, after: Position) -> str:
    """Why `stream` cannot go on where its receipt ends; "" when it can."""
    for number, mark in enumerate(after):
        if mark.number and mark_at(store, stream.name, mark.number, number) != mark:
            return (
                f"{stream.name}: was archived with other content, or with more than this station has now; "
                f"is this an old copy of the record, or another station with the same {STATION_FILE}?"
            )
    return ""


def _require_new_station(store: Store, clinic: Clinic, station: str, others: list[Stream]) -> None:
    """Raises ArchiveError when this record was archived under another station's id before."""
    first = [mark_at(store, stream.name, 1, 0).hash for stream in others if stream.position[0].number]
    with clinic.transaction() as connection:
        known = select(ReceiptRow.station, ReceiptRow.source).where(
            ReceiptRow.first_hash == any_(bindparam("first", first, ARRAY(Text))),
            ReceiptRow.station != station,
            ReceiptRow.source != ReceiptRow.stream,
        )
        found = connection.execute(known.limit(1)).first()
    if found:
        raise ArchiveError(
            f"{found.source} of this record is archived as station {found.station}'s, and {STATION_FILE} here says {station}; "
            f"write {found.station} into it, or everything outside sessions would be there twice"
        )
