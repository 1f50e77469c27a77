"""Verifies an exported folder by itself: needs neither database nor pen. I/O: reads the folder.

Checked: every file against manifest.json, the event chain in session.json from the first event to the head, and, when
trace.csv is there too, the trace chain rebuilt from its rows.
"""

import csv
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sessions.events import NO_AGE, TRACE_FIELDS, TRACE_FORMAT, Event
from sessions.export.files import FORMAT, MANIFEST, sha256_of
from sessions.store.chain import GENESIS, block_hash, event_hash


@dataclass(frozen=True)
class FolderVerdict:
    """What was checked, in words, and what was found wrong; the heads are to be compared with a printed PDF."""

    folder: str
    session: str
    events_head: str
    trace_head: str
    checked: list[str]
    problems: list[str]

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was found."""
        return not self.problems


def verify_folder(folder: Path) -> FolderVerdict:
    """Check an exported session. Never raises for what is in the folder: that is a problem in the verdict."""
    checked: list[str] = []
    problems: list[str] = []
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            return FolderVerdict(str(folder), "", "", "", [], [f"{MANIFEST} is none of {FORMAT}"])
        files: dict[str, Any] = manifest["files"]
        events_head, trace_head = str(manifest["events_head"]), str(manifest["trace_head"])
        for name, told in sorted(files.items()):
            _check_file(folder, name, told, checked, problems)
        if "session.json" in files and (folder / "session.json").is_file():
            document = json.loads((folder / "session.json").read_bytes())
            if document["session"] != manifest["session"]:
                problems.append(f"session.json is of session {document['session']}, the manifest of {manifest['session']}")
            problems += [f"at the export: {problem}" for problem in document["chain"]["problems"]]
            _check_events(document, events_head, checked, problems)
            if "trace.csv" in files and (folder / "trace.csv").is_file():
                _check_trace(folder / "trace.csv", document, trace_head, checked, problems)
    except OSError as error:
        return FolderVerdict(str(folder), "", "", "", checked, [*problems, f"{error.filename}: {error.strerror}"])
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        return FolderVerdict(str(folder), "", "", "", checked, [*problems, f"a file has not the form it should have: {error}"])
    return FolderVerdict(str(folder), str(manifest["session"]), events_head, trace_head, checked, problems)


def _check_file(folder: Path, name: str, told: dict[str, Any], checked: list[str], problems: list[str]) -> None:
    path = folder / name
    if Path(name).name != name or not path.is_file():
        problems.append(f"{name} is missing")
    elif path.stat().st_size != told["size"] or sha256_of(path) != told["sha256"]:
        problems.append(f"{name} was changed after the export")
    else:
        checked.append(f"{name}: as exported")


def _check_events(document: dict[str, Any], head: str, checked: list[str], problems: list[str]) -> None:
    previous = GENESIS
    for expected, told in enumerate(document["events"], start=1):
        row = dict(told)
        prev_hash, found = row.pop("prev_hash"), row.pop("hash")
        try:
            event = Event.model_validate(row)
        except ValidationError:
            problems.append(f"event {expected} in session.json is no event")
            return
        if (
            event.stream != document["session"]
            or event.number != expected
            or prev_hash != previous
            or event_hash(prev_hash, event) != found
        ):
            problems.append(f"event {expected} in session.json breaks the chain")
            return
        previous = found
    if previous != head:
        problems.append("the events in session.json do not end at the head in the manifest")
    else:
        checked.append(f"event chain: {len(document['events'])} events to the head")


def _check_trace(path: Path, document: dict[str, Any], head: str, checked: list[str], problems: list[str]) -> None:
    previous, samples = GENESIS, 0
    with path.open(newline="", encoding="utf-8") as file:
        records = _records(csv.DictReader(file))
        for block in document["blocks"]:
            data = b"".join(islice(records, block["samples"]))
            found = block_hash(
                previous, document["session"], block["block"], block["first_index"], block["lost"], block["layout"], data
            )
            if found != block["hash"]:
                problems.append(f"block {block['block']} rebuilt from trace.csv breaks the chain")
                return
            previous = found
            samples += block["samples"]
        if next(records, None) is not None:
            problems.append("trace.csv has more samples than the chain")
    if previous != head:
        problems.append("the samples in trace.csv do not end at the head in the manifest")
    else:
        checked.append(f"trace chain: {samples} samples to the head")


def _records(rows: Iterable[dict[str, str]]) -> Iterator[bytes]:
    pack = struct.Struct(TRACE_FORMAT).pack
    for row in rows:
        yield pack(*(int(row[name]) if row[name] else NO_AGE for name in TRACE_FIELDS))
