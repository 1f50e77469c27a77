"""Between events and blocks as they travel, and rows as they are stored. Pure."""

import json
import struct
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
    read_body,
)
from sessions.store.chain import block_hash, event_hash, wire_hash
from sessions.store.tape import pack_tape, unpack_tape

# Each byte column of the records on its own, as differences from the record before: 6.5 bytes a sample where plain zstd
# takes 15.7 (a simulated minute), and half the time.
CODEC = "zstd-columns"
_LEVEL = 3  # level 9 saves another 3 % and takes three times as long


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
    return {
        "stream": block.stream,
        "block": block.block,
        "first_index": block.first_index,
        "samples": len(block.records) // TRACE_BYTES,
        "lost": block.lost,
        "layout": block.layout,
        "codec": CODEC,
        "data": pack_records(block.records),
        "prev_hash": prev_hash,
        "hash": hash_of_block(block, prev_hash),
    }


def hash_of_block(block: Block, prev_hash: str) -> str:
    """The chain's hash of `block` after `prev_hash`."""
    return block_hash(prev_hash, block.stream, block.block, block.first_index, block.lost, block.layout, block.records)


def wire_row(block: WireBlock, prev_hash: str) -> dict[str, Any]:
    """The columns of `WireRow`, the tape compressed."""
    codec, data = pack_tape(block.data)
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


def tape_of(row: Any) -> bytes:
    """The uncompressed tape of a row of `WireRow`. Raises Malformed when it cannot be had."""
    try:
        data = unpack_tape(row.codec, row.data)
    except (zstandard.ZstdError, ValueError) as error:
        raise Malformed(f"block {row.wire} of tape cannot be unpacked: {error}") from None
    if len(data) != row.size:
        raise Malformed(f"block {row.wire} of tape has {len(data)} bytes, {row.size} are told")
    return data


def records_of(row: Any) -> bytes:
    """The uncompressed records of a row of `BlockRow`. Raises Malformed when they cannot be had."""
    if row.codec != CODEC:
        raise Malformed(f"block {row.block} is packed as {row.codec!r}, known is {CODEC!r}")
    try:
        return unpack_records(row.data, row.samples)
    except (zstandard.ZstdError, ValueError) as error:
        raise Malformed(f"block {row.block} cannot be unpacked: {error}") from None


def pack_records(records: bytes) -> bytes:
    """Trace records, compressed column by column. Their length must be a multiple of TRACE_BYTES, and not 0."""
    columns = np.frombuffer(records, np.uint8).reshape(-1, TRACE_BYTES).T
    steps = np.diff(columns, axis=1, prepend=np.uint8(0))
    return zstandard.ZstdCompressor(level=_LEVEL).compress(steps.tobytes())


def unpack_records(data: bytes, samples: int) -> bytes:
    """What `pack_records` was given. Raises zstandard.ZstdError or ValueError when `data` is not that."""
    steps = zstandard.ZstdDecompressor().decompress(data, max_output_size=samples * TRACE_BYTES)
    columns = np.cumsum(np.frombuffer(steps, np.uint8).reshape(TRACE_BYTES, samples), axis=1, dtype=np.uint8)
    return columns.T.tobytes()


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
