"""Between events and blocks as they travel, and rows as they are stored. Pure."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from pydantic import ValidationError

from sessions.events import (
    TRACE_BYTES,
    TRACE_LAYOUT,
    WIRE_LAYOUT,
    Body,
    Event,
    SessionClosed,
    SessionOpened,
    canonical,
)
from sessions.store.chain import block_hash, event_hash, wire_hash
from sessions.store.records import TRACE_DTYPE, Trace, pack_records, unpack_records, unpack_trace
from sessions.store.tape import no_trace, pack_tape, unpack_tape
from sessions.store.tape_fields import TraceOf
from sessions.vocabulary import read_body


@dataclass(frozen=True)
class Block:
    """About one second of trace as it came: `records` are `TRACE_FORMAT` structs back to back."""

    stream: str
    block: int
    first_index: int
    lost: int
    layout: str
    records: bytes


@dataclass(frozen=True)
class WireBlock:
    """About one second of control's tape as it came: to the store it is bytes and nothing more."""

    stream: str
    wire: int
    layout: str
    data: bytes


class Malformed(Exception):
    """An event or block that does not fit the vocabulary: says what was found and what is allowed."""


def checked_body(event: Event) -> Body:
    """The event's typed body. Raises Malformed."""
    try:
        return read_body(event)
    except KeyError:
        raise Malformed(f"the kind {event.kind!r} is not in the vocabulary") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Malformed(f"the body of {event.kind} does not fit at {where!r}: {first['msg']}") from None


def check_block(block: Block) -> None:
    """Raises Malformed unless layout, length and first index fit each other."""
    if block.layout != TRACE_LAYOUT:
        raise Malformed(f"trace layout {block.layout!r}, known is {TRACE_LAYOUT!r}")
    if not block.records or len(block.records) % TRACE_BYTES:
        raise Malformed(f"{len(block.records)} bytes of trace, allowed are multiples of {TRACE_BYTES} from {TRACE_BYTES}")
    (found,) = struct.unpack_from("<Q", block.records)
    if found != block.first_index:
        raise Malformed(f"the block says first index {block.first_index}, its first record has {found}")


def check_wire(block: WireBlock) -> None:
    """Raises Malformed unless the layout is known and there is something in it."""
    if block.layout != WIRE_LAYOUT:
        raise Malformed(f"tape layout {block.layout!r}, known is {WIRE_LAYOUT!r}")
    if not block.data:
        raise Malformed(f"block {block.wire} of tape is empty")


def event_row(event: Event, prev_hash: str) -> dict[str, Any]:
    """The columns of `EventRow`."""
    return {
        "stream": event.stream,
        "number": event.number,
        "kind": event.kind,
        "utc": event.utc,
        "mono_ns": event.mono_ns,
        "actor": event.actor,
        "body": canonical(event.body).decode(),
        "prev_hash": prev_hash,
        "hash": event_hash(prev_hash, event),
    }


def row_event(row: Any) -> Event:
    """The event of a row of `EventRow`."""
    return Event(
        stream=row.stream,
        number=row.number,
        kind=row.kind,
        utc=row.utc,
        mono_ns=row.mono_ns,
        actor=row.actor,
        body=json.loads(row.body),
    )


def block_row(block: Block, prev_hash: str) -> dict[str, Any]:
    """The columns of `BlockRow`, the records compressed."""
    codec, data = pack_records(block.records)
    return {
        "stream": block.stream,
        "block": block.block,
        "first_index": block.first_index,
        "samples": len(block.records) // TRACE_BYTES,
        "lost": block.lost,
        "layout": block.layout,
        "codec": codec,
        "data": data,
        "prev_hash": prev_hash,
        "hash": hash_of_block(block, prev_hash),
    }


def hash_of_block(block: Block, prev_hash: str) -> str:
    """The chain's hash of `block` after `prev_hash`."""
    return block_hash(prev_hash, block.stream, block.block, block.first_index, block.lost, block.layout, block.records)


def wire_row(block: WireBlock, prev_hash: str, trace: Sequence[Block] = ()) -> dict[str, Any]:
    """The columns of `WireRow`, the tape compressed; `trace`: the newest blocks on record before it, without a gap."""
    known = np.frombuffer(b"".join(each.records for each in trace), TRACE_DTYPE)
    codec, data = pack_tape(block.data, trace[0].block if trace else 0, len(trace), known)
    return {
        "stream": block.stream,
        "wire": block.wire,
        "layout": block.layout,
        "size": len(block.data),
        "codec": codec,
        "data": data,
        "prev_hash": prev_hash,
        "hash": hash_of_wire(block, prev_hash),
    }


def hash_of_wire(block: WireBlock, prev_hash: str) -> str:
    """The chain's hash of `block` after `prev_hash`."""
    return wire_hash(prev_hash, block.stream, block.wire, block.layout, block.data)


def tape_of(row: Any, trace_of: TraceOf = no_trace) -> bytes:
    """The uncompressed tape of a row of `WireRow`, given its stream's trace (`sessions.store.lookup`).

    Raises Malformed when it cannot be had.
    """
    try:
        data = unpack_tape(row.codec, row.data, trace_of)
    except (zstandard.ZstdError, ValueError) as error:
        raise Malformed(f"block {row.wire} of tape cannot be unpacked: {error}") from None
    if len(data) != row.size:
        raise Malformed(f"block {row.wire} of tape has {len(data)} bytes, {row.size} are told")
    return data


def records_of(row: Any) -> bytes:
    """The uncompressed records of a row of `BlockRow`. Raises Malformed when they cannot be had."""
    try:
        return unpack_records(row.codec, row.data, row.samples)
    except (zstandard.ZstdError, ValueError) as error:
        raise Malformed(f"block {row.block} cannot be unpacked: {error}") from None


def trace_of_row(row: Any) -> Trace:
    """As `records_of`, as an array. Raises Malformed."""
    try:
        return unpack_trace(row.codec, row.data, row.samples)
    except (zstandard.ZstdError, ValueError) as error:
        raise Malformed(f"block {row.block} cannot be unpacked: {error}") from None


def session_row(event: Event, opened: SessionOpened) -> dict[str, Any]:
    """The columns of `SessionRow`."""
    return {
        "id": event.stream,
        "opened_utc": event.utc,
        "client": opened.client,
        "operator": opened.operator,
        "simulated": opened.pen.simulated,
        "resumed_from": opened.resumed_from,
        "plan_crc": opened.plan_crc,
        "pen_serial": opened.pen.serial,
        "zones": len(opened.zones),
    }


def closure_row(event: Event, closed: SessionClosed, alarms: int) -> dict[str, Any]:
    """The columns of `ClosureRow`."""
    return {
        "session": event.stream,
        "state": closed.state,
        "reason": closed.reason,
        "utc": event.utc,
        "number": event.number,
        "passes": sum(zone.passes for zone in closed.zones),
        "alarms": alarms,
    }
