"""trace.csv: the trace chain rebuilt from its samples, and the columns that only repeat them. I/O: reads the file.

An hour has millions of lines: they are read many at once, and one by one only where something is not written as the export
writes it, to say what.
"""

import struct
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from sessions.events import NO_AGE, TRACE_FIELDS, TRACE_FORMAT, utc_text
from sessions.export.events_csv import safe
from sessions.export.trace_csv import HEADER, HEADER_LINE, Lines
from sessions.export.trace_lines import samples_of
from sessions.export.verify.document import Record
from sessions.export.verify.findings import Findings, Unreadable
from sessions.export.verify.lines import lines
from sessions.facts import Facts
from sessions.reading import Trace, as_trace
from sessions.store.chain import GENESIS, block_hash
from sessions.store.records import join_traces

NAME = "trace.csv"
_PIECE = 1 << 21  # bytes: some 16 000 lines, as many as are laid out at once
_MONO, _AGE, _ZONE = (TRACE_FIELDS.index(name) for name in ("mono_ns", "age_us", "zone"))


def rebuild(path: Path, record: Record, facts: Facts, findings: Findings) -> tuple[list[str], Trace | None]:
    """The hashes of the blocks as far as the chain holds, and the samples when all of them do. Raises Unreadable, OSError."""
    trace = read_whole(path, facts)
    rows: _Whole | _Samples = _Samples(path, facts) if trace is None else _Whole(trace)
    hashes: list[str] = []
    pieces: list[bytes] = []
    for expected, block in enumerate(record.blocks, start=1):
        begin, previous = rows.line + 1, hashes[-1] if hashes else GENESIS
        data = rows.take(max(0, block.samples))
        found = block_hash(previous, record.session, expected, block.first_index, block.lost, block.layout, data)
        if found != block.hash or (block.block, block.prev_hash) != (expected, previous):
            findings.problems.append(f"block {expected} rebuilt from {NAME} breaks the chain (lines {begin} to {rows.line})")
            return hashes, None
        hashes.append(found)
        if trace is None:
            pieces.append(data)
    if rows.take(1):
        findings.problems.append(f"{NAME} has more samples than the chain")
    elif rows.wrong:
        findings.problems.append(rows.wrong)
    else:
        findings.checked.append(f"{NAME}: every column of {rows.line - 1} samples")
    return hashes, as_trace(b"".join(pieces)) if trace is None else trace


def read_whole(path: Path, facts: Facts) -> Trace | None:
    """All samples of a file that is written just as the export writes; None for any other. Raises OSError."""
    made, found, rest = Lines(facts), list[Trace](), b""
    with path.open("rb") as file:
        if file.readline(_PIECE) != HEADER_LINE:
            return None
        while piece := file.read(_PIECE):
            whole, line_feed, rest = (rest + piece).rpartition(b"\n")
            if not line_feed:
                return None
            samples = samples_of(whole + line_feed, made)
            if samples is None:
                return None
            found.append(samples)
    if rest:
        return None
    return join_traces(found) if found else as_trace(b"")


class _Whole:
    """As `_Samples`, of samples that are read already and rightly."""

    wrong = ""

    def __init__(self, trace: Trace) -> None:
        self.line = 1
        self._trace = trace

    def take(self, count: int) -> bytes:
        """As `_Samples.take`."""
        part = self._trace[self.line - 1 : self.line - 1 + count]
        self.line += len(part)
        return part.tobytes()


class _Samples:
    """The records of the file, packed as in the trace; remembers the first line that does not repeat its sample rightly."""

    def __init__(self, path: Path, facts: Facts) -> None:
        self.line = 1
        self.wrong = ""
        self._path = path
        self._opened_mono_ns = facts.opened_mono_ns
        opened = datetime.fromisoformat(facts.opened_utc)
        self._opened_utc_us = int(opened.timestamp()) * 1_000_000 + opened.microsecond
        self._zones = {zone.number: safe(zone.zone) for zone in facts.opened.zones}
        self._seconds: tuple[int, str] = (-1, "")
        self._records = self._read()

    def take(self, count: int) -> bytes:
        """The next `count` records, or as many as there are. Raises Unreadable, OSError."""
        return b"".join(islice(self._records, count))

    def _read(self) -> Iterator[bytes]:
        pack = struct.Struct(TRACE_FORMAT).pack
        head = len(HEADER) - len(TRACE_FIELDS)
        for row in lines(self._path, HEADER):
            self.line += 1
            try:
                values = [int(cell) if cell or at != _AGE else NO_AGE for at, cell in enumerate(row[head:])]
                record = pack(*values)
                right = self._derived(values[_MONO], values[_ZONE])
            except (ValueError, OverflowError, OSError, struct.error):
                raise Unreadable(f"{NAME} line {self.line} is no sample") from None
            right += [str(value) for value in values]
            if values[_AGE] == NO_AGE:
                right[head + _AGE] = ""
            if row != right and not self.wrong:
                names = [name for name, cell, told in zip(HEADER, row, right, strict=True) if cell != told]
                self.wrong = f"{NAME} line {self.line}: {', '.join(names)} is not what its sample says"
            yield record

    def _derived(self, mono_ns: int, zone: int) -> list[str]:
        since_us = (mono_ns - self._opened_mono_ns) // 1000
        second, micros = divmod(since_us + self._opened_utc_us, 1_000_000)
        if second != self._seconds[0]:
            self._seconds = (second, utc_text(second * 1_000_000_000)[:20])
        whole, part = divmod(abs(since_us), 1_000_000)
        since = f"{'-' if since_us < 0 else ''}{whole}.{part:06d}"
        return [f"{self._seconds[1]}{micros:06d}Z", since, self._zones.get(zone, "")]
