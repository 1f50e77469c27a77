"""Verifies the clinic's copy against the station's own record, row by row. Nothing is written. I/O through the passage."""

from dataclasses import dataclass, field

from sessions.archive.clinic import Clinic
from sessions.archive.copying import CHUNK_BYTES, Passage
from sessions.archive.errors import StreamError
from sessions.archive.models import START
from sessions.archive.run import Tell
from sessions.archive.station import bytes_between, closed_sessions, other_streams
from sessions.store import Store, StoreError


@dataclass
class Checked:
    """What was compared, and what was found wrong."""

    to: str
    station: str
    sessions_verified: int = 0
    streams_verified: int = 0
    not_archived: int = 0  # sessions and streams that have no receipt yet, or grew since
    bytes: int = 0  # compared
    problems: list[str] = field(default_factory=list)


def check(store: Store, clinic: Clinic, station: str, tell: Tell, chunk_bytes: int = CHUNK_BYTES) -> Checked:
    """Every stream of this station that has a receipt. Raises ArchiveError, StoreError."""
    report = Checked(clinic.place, station)
    receipts = clinic.receipts(station)
    here = {stream.name_there(station): stream for stream in [*closed_sessions(store), *other_streams(store)]}
    report.not_archived = sum(receipts.get(name, ("", START))[1] != stream.position for name, stream in here.items())
    receipted = [(stream, receipts[name][1]) for name, stream in here.items() if name in receipts]
    total = sum(bytes_between(store, stream, START) for stream, _ in receipted)

    def moved(count: int, name: str) -> None:
        report.bytes += count
        tell(report.bytes, total, name)

    passage = Passage(store, clinic, station, lambda: 0, moved, chunk_bytes)
    for name, (source, _) in receipts.items():
        if name not in here:
            report.problems.append(f"{source}: is in the clinic's database, but no longer on this station")
    for stream, receipt in receipted:
        try:
            found = passage.compare(stream)
        except (StreamError, StoreError) as error:
            report.problems.append(str(error))
            continue
        if any(mark.number < told.number for mark, told in zip(found, receipt, strict=True)):
            report.problems.append(f"{stream.name}: the clinic's database has less of it than its receipt says")
        elif stream.is_session:
            report.sessions_verified += 1
        else:
            report.streams_verified += 1
    return report
