"""session.json: its form, its event chain, and that everything else in it is what the events say. Pure but for reading it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sessions.events import VOCABULARY, Event
from sessions.export.beside import Beside, read_beside
from sessions.export.session_json import FORMAT
from sessions.export.verify.findings import Findings, Unreadable, key_of, read_json
from sessions.facts import Facts, gather
from sessions.reading import StoredBlock, StoredEvent
from sessions.store.chain import GENESIS, event_hash
from sessions.vocabulary import read_body

NAME = "session.json"


class _Chain(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    events: int
    events_head: str
    blocks: int
    trace_head: str
    wires: int = 0
    wires_head: str = GENESIS
    problems: list[str]


class _Block(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    block: int
    first_index: int
    samples: int
    lost: int
    layout: str
    prev_hash: str
    hash: str


class _Document(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="allow")

    format: str
    vocabulary: int
    pseudonymous: bool
    session: str
    chain: _Chain
    beside: dict[str, Any] | None = None  # not in exports older than this line
    events: list[dict[str, Any]]
    blocks: list[_Block]


@dataclass(frozen=True)
class Record:
    """What session.json tells, as far as its chain holds. Pseudonymous: the hashes are "", nothing holds them."""

    session: str
    events: list[StoredEvent]
    blocks: list[StoredBlock]
    chain: _Chain
    told: dict[str, Any]
    facts: Facts | None  # None: the events do not tell a session
    closing: int  # number of the event that ended it, 0: none
    beside: Beside  # as told: the session's own chains do not hold it

    @property
    def tells_beside(self) -> bool:
        """Whether anything is told that other chains hold."""
        return self.beside != Beside()


def read_document(path: Path, pseudonymous: bool, findings: Findings) -> Record:
    """Raises Unreadable, OSError."""
    data, told = read_json(path)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Unreadable(f"{NAME} is none of {FORMAT}")
    try:
        document = _Document.model_validate(told)
        text = json.dumps(told, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        if text.encode() != data:
            findings.problems.append(f"{NAME} was changed: it is not written as the export writes")
    except ValidationError as error:
        raise Unreadable(f"{NAME} is none of {FORMAT}: {key_of(error)} is missing or not what it should be") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{NAME} is none of {FORMAT}: it holds what cannot be written again") from None
    if document.vocabulary > VOCABULARY:
        raise Unreadable(f"{NAME} is of vocabulary {document.vocabulary}; this program knows up to {VOCABULARY}: update it")
    if document.pseudonymous != pseudonymous:
        findings.problems.append(f"{NAME} and the manifest do not agree whether codes were replaced")
    findings.problems += [f"at the export: {problem}" for problem in document.chain.problems]
    events = _unhashed(document, findings) if pseudonymous else _chained(document, findings)
    closing = _closing(events)
    facts = _facts(document, events, closing, findings)
    try:
        beside = read_beside(document.beside) if document.beside is not None else Beside()
    except ValueError:
        raise Unreadable(f"{NAME} is none of {FORMAT}: beside is not what it should be") from None
    blocks = [StoredBlock(**block.model_dump()) for block in document.blocks]
    record = Record(document.session, events, blocks, document.chain, told, facts, closing, beside)
    _check_told(record, pseudonymous, findings)
    return record


def follow(rows: Sequence[tuple[Event, str | None, str]], where: str, findings: Findings) -> list[StoredEvent]:
    """The events (with the hash before, None: not told, and their own) as far as the chain goes through them."""
    events: list[StoredEvent] = []
    head = GENESIS
    for expected, (event, prev_hash, told) in enumerate(rows, start=1):
        if event.number != expected or prev_hash not in (None, head) or event_hash(head, event) != told:
            findings.problems.append(f"event {expected} in {where} breaks the chain")
            break
        events.append(StoredEvent(event, head, told))
        head = told
    return events


def _chained(document: _Document, findings: Findings) -> list[StoredEvent]:
    rows: list[tuple[Event, str | None, str]] = []
    for expected, told in enumerate(document.events, start=1):
        row = dict(told)
        prev_hash, found = row.pop("prev_hash", None), row.pop("hash", None)
        try:
            event = Event.model_validate(row, strict=True)
            if event.stream != document.session or not isinstance(prev_hash, str) or not isinstance(found, str):
                raise ValueError
        except ValueError:
            findings.problems.append(f"event {expected} in {NAME} is no event of this session")
            break
        rows.append((event, prev_hash, found))
    return follow(rows, NAME, findings)


def _unhashed(document: _Document, findings: Findings) -> list[StoredEvent]:
    events: list[StoredEvent] = []
    for expected, row in enumerate(document.events, start=1):
        try:
            events.append(StoredEvent(Event.model_validate(row, strict=True), "", ""))
        except ValidationError:
            findings.problems.append(f"event {expected} in {NAME} is no event of this session")
            break
    return events


def _closing(events: list[StoredEvent]) -> int:
    """Number of the event that ended the session, 0: none."""
    return next((each.event.number for each in events if each.event.kind == "session_closed"), 0)


def _facts(document: _Document, events: list[StoredEvent], closing: int, findings: Findings) -> Facts | None:
    """What the events tell in one piece."""
    for stored in events:
        try:
            read_body(stored.event)
        except (KeyError, ValidationError):
            findings.problems.append(f"event {stored.event.number} in {NAME} is not in the vocabulary")
            return None
    samples, lost = sum(block.samples for block in document.blocks), max((block.lost for block in document.blocks), default=0)
    try:
        return gather(document.session, [stored.event for stored in events], closing, samples, lost)
    except (ValueError, OverflowError):
        findings.problems.append(f"the events in {NAME} do not tell a session")
        return None


def _check_told(record: Record, pseudonymous: bool, findings: Findings) -> None:
    """Everything in the document that repeats events and blocks."""
    chain = record.chain
    if chain.events != len(record.told["events"]) and not pseudonymous:
        findings.problems.append(f"{NAME} tells of {chain.events} events and has {len(record.told['events'])}")
    if chain.blocks != len(record.blocks) and not chain.problems:
        findings.problems.append(f"{NAME} tells of {chain.blocks} blocks and has {len(record.blocks)}")
    if (facts := record.facts) is None:
        return
    right: dict[str, Any] = {
        **facts.summary(),
        "opened_utc": facts.opened_utc,
        "closed_utc": facts.closed_utc,
        "closed_by": facts.closed_by,
        "reason": facts.closed.reason if facts.closed else "",
        "opened": facts.opened.model_dump(mode="json", exclude={"kind"}),
        "enforcement": facts.enforcement.model_dump(mode="json") if facts.enforcement else None,
    }
    wrong = [key for key, value in right.items() if record.told.get(key) != value]
    if wrong and not chain.problems:
        findings.problems.append(f"{NAME}: {', '.join(wrong)} is not what its events say")
