"""A session's record as replay needs it, and as one file of `firmware_protocol.recording`'s form. Pure.

In the file: EVENT entries (canonical JSON of the event), TRACE entries (JSON of the block's header, line feed, records) and
WIRE entries (a block of the tape), each zstandard-compressed.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import zstandard
from pydantic import ValidationError

from firmware_protocol.recording import MAX_ENTRY_BYTES, Encoder, RecordingError, header, read_recording
from sessions.events import Event, canonical

EVENT, TRACE, WIRE = 96, 97, 98
ABOUT = "pencontrol.session-tape/1"


class RecordError(Exception):
    """This is no record that can be replayed: one plain sentence."""


@dataclass(frozen=True)
class TraceBlock:
    """One block of the trace: its header and its records, back to back."""

    block: int
    first_index: int
    lost: int
    layout: str
    records: bytes


@dataclass(frozen=True)
class Record:
    """What is on record of one session, each list in order. `problems`: what is wrong with it before any replay."""

    session: str
    events: list[Event] = field(default_factory=list)
    trace: list[TraceBlock] = field(default_factory=list)
    wires: list[bytes] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def save(record: Record) -> bytes:
    """The whole record as a file's bytes."""
    encoder = Encoder()
    pack = zstandard.ZstdCompressor(level=9).compress
    for event in record.events:
        encoder.put(EVENT, event.mono_ns, pack(canonical(event.model_dump(mode="json"))))
    for block in record.trace:
        head = {"block": block.block, "first_index": block.first_index, "lost": block.lost, "layout": block.layout}
        encoder.put(TRACE, 0, pack(canonical(head) + b"\n" + block.records))
    for wire in record.wires:
        encoder.put(WIRE, 0, pack(wire))
    return header({"what": ABOUT, "session": record.session}) + encoder.take()


def is_session(about: dict[str, Any]) -> bool:
    """Does a recording's head say that a session is in it?"""
    return about.get("what") == ABOUT and isinstance(about.get("session"), str)


def load(data: bytes) -> Record:
    """What `save` gave, or as much of it as is whole. Raises RecordError."""
    try:
        about, entries, problem = read_recording(data)
    except RecordingError as error:
        raise RecordError(str(error)) from None
    if not is_session(about):
        raise RecordError("the recording holds no session")
    record = Record(about["session"], problems=[problem] if problem else [])
    unpack = zstandard.ZstdDecompressor()
    for entry in entries:
        try:
            content = unpack.decompress(entry.data, max_output_size=4 * MAX_ENTRY_BYTES)
            if entry.kind == EVENT:
                record.events.append(Event.model_validate_json(content))
            elif entry.kind == TRACE:
                head, _, records = content.partition(b"\n")
                record.trace.append(TraceBlock(**json.loads(head), records=records))
            elif entry.kind == WIRE:
                record.wires.append(content)
        except (zstandard.ZstdError, ValidationError, ValueError, TypeError, RecursionError) as error:
            raise RecordError(f"an entry of kind {entry.kind} is damaged: {type(error).__name__}") from None
    return record
