"""What flows between control and recorder, over a Unix stream socket in the runtime folder. Pure: bytes in, bytes out.

Message: u32 length of the rest, u8 kind, body. Control to recorder: HELLO (JSON {"control": id, "live": stream or ""}),
EVENT (JSON of `events.Event`), BLOCK (u16 header length, JSON header, trace records back to back), WIRE (the same with a
block of control's tape). Recorder to control: READY (JSON {"recorder": id}), ACK (JSON {"stream": s, "number": n} for an
event, {"stream": s, "block": n} for a block, {"stream": s, "wire": n} for a block of tape), sent only after the commit, ROOM
(JSON {"free_bytes": n}: what the record's disk has left), sent before READY and every ROOM_EVERY_S. A duplicate (same stream
and number) is acknowledged again and not stored twice.

`live` names the session whose session_closed control has not seen acknowledged: any other session without an end is closed
as INTERRUPTED at HELLO, and the live one when the connection ends. An ACK stands for all before it in the same stream (events,
blocks and tape apart), so after a refusal the recorder acknowledges nothing more of that stream on this connection.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any

HELLO, EVENT, BLOCK, WIRE = 1, 2, 3, 4
READY, ACK, ROOM = 17, 18, 19
ROOM_EVERY_S = 5.0
MAX_MESSAGE_BYTES = 1 << 20

_HEAD = struct.Struct("<IB")


class FeedError(Exception):
    """The other end sent something that is no message: says what was found and what is allowed."""


def pack_json(kind: int, value: dict[str, Any]) -> bytes:
    """A message whose body is one JSON object."""
    return _pack(kind, json.dumps(value, separators=(",", ":"), allow_nan=False).encode())


def pack_block(stream: str, block: int, first_index: int, lost: int, layout: str, records: bytes) -> bytes:
    """About one second of trace: `block` counts from 1 within the stream, `lost` is samples missing so far."""
    header = {"stream": stream, "block": block, "first_index": first_index, "lost": lost, "layout": layout}
    head = json.dumps(header, separators=(",", ":")).encode()
    return _pack(BLOCK, struct.pack("<H", len(head)) + head + records)


def pack_wire(stream: str, wire: int, layout: str, data: bytes) -> bytes:
    """About one second of control's tape: `wire` counts from 1 within the stream."""
    head = json.dumps({"stream": stream, "wire": wire, "layout": layout}, separators=(",", ":")).encode()
    return _pack(WIRE, struct.pack("<H", len(head)) + head + data)


def filler(size: int) -> bytes:
    """A message of `size` bytes (5 at least) in the place of one whose content is not known: kind 0, which nobody sends."""
    return _pack(0, bytes(max(0, size - _HEAD.size)))


def unpack_block(body: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and records of a BLOCK, or header and data of a WIRE. Raises FeedError when the header does not fit."""
    if len(body) < 2:
        raise FeedError(f"a block of {len(body)} bytes has no header, at least 2 are needed")
    (length,) = struct.unpack_from("<H", body)
    try:
        header = json.loads(body[2 : 2 + length])
    except ValueError as error:
        raise FeedError(f"a block's header is no JSON: {error}") from None
    if not isinstance(header, dict):
        raise FeedError("a block's header is no JSON object")
    return header, body[2 + length :]


class Messages:
    """Splits a byte stream into messages; holds at most one unfinished message."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Each completed (kind, body), in order. Raises FeedError when a length is beyond MAX_MESSAGE_BYTES."""
        self._held += data
        while len(self._held) >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._held)
            if not (1 <= length <= MAX_MESSAGE_BYTES):
                raise FeedError(f"a message of {length} bytes, allowed are 1 to {MAX_MESSAGE_BYTES}")
            end = 4 + length
            if len(self._held) < end:
                return
            body = bytes(self._held[_HEAD.size : end])
            del self._held[:end]
            yield kind, body


def _pack(kind: int, body: bytes) -> bytes:
    if len(body) + 1 > MAX_MESSAGE_BYTES:
        raise FeedError(f"a message of {len(body) + 1} bytes, allowed are 1 to {MAX_MESSAGE_BYTES}")
    return _HEAD.pack(len(body) + 1, kind) + body
