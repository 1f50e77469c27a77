"""events.csv: against session.json row by row, or, where that was not exported, by its own chain. I/O: reads the file."""

import json
import re
from pathlib import Path

from sessions.events import Event
from sessions.export.events_csv import HEADER, row_of, safe
from sessions.export.verify.document import follow
from sessions.export.verify.findings import Findings, Unreadable
from sessions.export.verify.lines import lines
from sessions.reading import StoredEvent

NAME = "events.csv"
_HASH = HEADER[-1]
_GUARDED = re.compile(r"([;|]\s*)'")


def check_rows(path: Path, events: list[StoredEvent], opened_mono_ns: int, pseudonymous: bool, findings: Findings) -> None:
    """Each row must be the one that its event makes. Raises Unreadable, OSError."""
    rows = lines(path, HEADER)
    for line, stored in enumerate(events, start=2):
        found = next(rows, None)
        if found is None:
            findings.problems.append(f"{NAME} ends before event {stored.event.number}")
            return
        right = row_of(stored, opened_mono_ns, pseudonymous)
        if wrong := [name for name, cell, told in zip(HEADER, found, right, strict=True) if cell != told]:
            findings.problems.append(
                f"{NAME} line {line}: {', '.join(wrong)} of event {stored.event.number} is not as in the chain"
            )
            return
    if next(rows, None) is not None:
        findings.problems.append(f"{NAME} line {len(events) + 2} is of no event in the chain")
        return
    findings.checked.append(f"{NAME}: {len(events)} rows, one for each event")


def read_chain(path: Path, session: str, findings: Findings) -> list[StoredEvent]:
    """The events of an export without session.json, as far as their chain holds. Raises Unreadable, OSError."""
    rows: list[tuple[Event, str | None, str]] = []
    for line, row in enumerate(lines(path, HEADER), start=2):
        told = dict(zip(HEADER, row, strict=True))
        try:
            event = Event(
                stream=session,
                number=int(told["number"]),
                kind=_as_it_was(told["kind"]),
                utc=_as_it_was(told["utc"]),
                mono_ns=int(told["mono_ns"]),
                actor=_as_it_was(told["actor"]),
                body=json.loads(told["body_json"]),
            )
        except (ValueError, RecursionError):
            raise Unreadable(f"{NAME} line {line} is no event") from None
        rows.append((event, None, told[_HASH]))
    return follow(rows, NAME, findings)


def _as_it_was(cell: str) -> str:
    """Without the apostrophes that kept a spreadsheet from running it."""
    bare = cell[1:] if cell.startswith("'") and safe(cell[1:]) == cell else cell
    inner = _GUARDED.sub(r"\1", bare)
    return inner if safe(inner) == cell else bare
