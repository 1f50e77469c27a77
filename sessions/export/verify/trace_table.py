"""trace.csv: the trace chain rebuilt from its samples, and the columns that only repeat them. I/O: reads the file."""

import struct
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from sessions.events import NO_AGE, TRACE_FIELDS, TRACE_FORMAT, utc_text
from sessions.export.events_csv import safe
from sessions.export.trace_csv import HEADER
from sessions.export.verify.document import Record
from sessions.export.verify.findings import Findings, Unreadable
from sessions.export.verify.lines import lines
from sessions.facts import Facts
from sessions.store.chain import GENESIS, block_hash

NAME = "trace.csv"
_MONO, _AGE, _ZONE = (TRACE_FIELDS.index(name) for name in ("mono_ns", "age_us", "zone"))


def rebuild(path: Path, record: Record, facts: Facts, findings: Findings) -> list[str]:
    """The hashes of the blocks as far as the chain holds. Raises Unreadable, OSError."""
    rows = _Samples(path, facts)
    records = iter(rows)
    hashes: list[str] = []
    for expected, block in enumerate(record.blocks, start=1):
        begin, previous = rows.line + 1, hashes[-1] if hashes else GENESIS
        data = b"".join(islice(records, max(0, block.samples)))
        found = block_hash(previous, record.session, expected, block.first_index, block.lost, block.layout, data)
        if found != block.hash or (block.block, block.prev_hash) != (expected, previous):
            findings.problems.append(f"block {expected} rebuilt from {NAME} breaks the chain (lines {begin} to {rows.line})")
            return hashes
        hashes.append(found)
    if next(records, None) is not None:
        findings.problems.append(f"{NAME} has more samples than the chain")
    elif rows.wrong:
        findings.problems.append(rows.wrong)
    else:
        findings.checked.append(f"{NAME}: every column of {rows.line - 1} samples")
    return hashes


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

    def __iter__(self) -> Iterator[bytes]:
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
