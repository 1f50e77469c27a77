"""Every byte to and from a pen with the time it passed, as a file and back. Pure; `recorded_transport` writes such files.

File: `MAGIC` (8 bytes), u16 version, u16 length and that many bytes of JSON about the recording (an object), then entries
to the end. Entry: u8 kind, time, length, bytes. *Time* is the monotonic clock in nanoseconds as the step from the entry
before (the first: from 0), zigzag (0, -1, 1, -2 become 0, 1, 2, 3) in a varint; *length* is a varint. A varint has seven bits
a byte, lowest first, the top bit set on all but the last. Little endian throughout. Kinds 1 and 2 are bytes from and to the
pen; others belong to whoever records more than bytes, and a reader passes over those it does not know.

A file that ends in mid-entry was cut off by a crash or a full disk: what is whole before it counts.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

MAGIC = b"PENREC\x1a\n"
VERSION = 1
FROM_PEN, TO_PEN = 1, 2
MAX_ENTRY_BYTES = 1 << 20
MAX_NS = (1 << 63) - 1
_HEAD = struct.Struct("<8sHH")
_VARINT_BITS = 70  # a step of 64 bits, zigzag, fits; a longer varint is damage


class Entry(NamedTuple):
    """One thing recorded: its kind, when (monotonic ns), and its bytes."""

    kind: int
    at_ns: int
    data: bytes


class RecordingError(Exception):
    """This is no recording that can be read: says what was found and what is allowed."""


class Damaged(Exception):
    """The entries cannot be read on from `offset`: `torn` when they merely end too early."""

    def __init__(self, reason: str, offset: int, torn: bool) -> None:
        super().__init__(f"{reason} (byte {offset})")
        self.offset = offset
        self.torn = torn


class Encoder:
    """Entries to bytes, collected until they are taken. Pure."""

    __slots__ = ("_at_ns", "out")

    def __init__(self) -> None:
        self._at_ns = 0
        self.out = bytearray()

    def put(self, kind: int, at_ns: int, data: bytes) -> None:
        """Append one entry. `data` has at most MAX_ENTRY_BYTES."""
        out = self.out
        step = at_ns - self._at_ns
        self._at_ns = at_ns
        out.append(kind)
        number = step << 1 if step >= 0 else ~(step << 1)
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
        number = len(data)
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
        out += data

    def take(self) -> bytes:
        """All bytes so far; the next entry tells its time from 0 again, so that what is taken can be read by itself."""
        taken = bytes(self.out)
        self.out.clear()
        self._at_ns = 0
        return taken


def decode(data: bytes, offset: int = 0, at_ns: int = 0) -> Iterator[Entry]:
    """The entries in `data` from `offset`, in order. Raises Damaged after the last whole one."""
    end = len(data)
    while offset < end:
        begin = offset
        try:
            kind = data[offset]
            number, offset = _varint(data, offset + 1)
            length, offset = _varint(data, offset)
        except IndexError:
            raise Damaged("the last entry is cut off", begin, torn=True) from None
        except ValueError as error:
            raise Damaged(str(error), begin, torn=False) from None
        if length > MAX_ENTRY_BYTES:
            raise Damaged(f"an entry of {length} bytes, at most {MAX_ENTRY_BYTES} are allowed", begin, torn=False)
        if offset + length > end:
            raise Damaged("the last entry is cut off", begin, torn=True)
        at_ns += (number >> 1) ^ -(number & 1)
        if not (-MAX_NS <= at_ns <= MAX_NS):
            raise Damaged("a time that no clock shows", begin, torn=False)
        yield Entry(kind, at_ns, data[offset : offset + length])
        offset += length


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, offset
        shift += 7
        if shift >= _VARINT_BITS:
            raise ValueError("a number longer than any that is written")


def header(about: dict[str, Any]) -> bytes:
    """The beginning of a file. `about`: JSON, at most 65535 bytes of it."""
    told = json.dumps(about, sort_keys=True).encode()
    return _HEAD.pack(MAGIC, VERSION, len(told)) + told


class Recording(NamedTuple):
    """A file's content: what its maker said of it, every whole entry, and "" or why it ends where it does."""

    about: dict[str, Any]
    entries: list[Entry]
    problem: str


def read_recording(data: bytes) -> Recording:
    """Everything readable in a file's bytes. Raises RecordingError when it is no recording of a known version."""
    if len(data) < _HEAD.size:
        raise RecordingError(f"{len(data)} bytes are no recording, its head alone has {_HEAD.size}")
    magic, version, length = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise RecordingError(f"it begins with {magic!r}, a recording begins with {MAGIC!r}")
    if version != VERSION:
        raise RecordingError(f"a recording of version {version}, this program knows version {VERSION}")
    try:
        about = json.loads(data[_HEAD.size : _HEAD.size + length])
    except ValueError as error:
        raise RecordingError(f"its head is no JSON: {error}") from None
    except RecursionError:
        raise RecordingError("its head is no JSON that anybody writes: it is nested too deeply") from None
    if not isinstance(about, dict):
        raise RecordingError("its head is no JSON object")
    entries: list[Entry] = []
    problem = ""
    try:
        for entry in decode(data, _HEAD.size + length):
            entries.append(entry)
    except Damaged as damage:
        problem = str(damage)
    return Recording(about, entries, problem)
