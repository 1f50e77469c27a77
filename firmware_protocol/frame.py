"""Frames of pen link 1: `00 | COBS(body) | 00`, body = header, payload, CRC-32. No I/O, no clock, no exception on bad bytes.

Runs unchanged on CPython and MicroPython. The host always sends both delimiters in one write, so that a frame after a
torn tail is heard at once; a pen may leave out the leading one.
"""

import binascii
import struct

MAJOR = 1
HEADER_BYTES = 6
CRC_BYTES = 4
TO_PEN_WIRE_BYTES = 64  # one full-speed USB packet
TO_HOST_WIRE_BYTES = 254
FLAG_REPLY_WANTED = 0x01
FLAG_RETRY = 0x02
UNKNOWN_CRITICAL_FLAGS = 0xF0  # high nibble: a receiver that does not know them must drop the frame


class FrameTooLong(Exception):
    """A body that would not fit on the wire: says how long it is and what is allowed."""


def cobs_encode(data: bytes) -> bytes:
    """COBS (Cheshire and Baker 1999): the same bytes without a zero; at most one byte longer per 254."""
    out = bytearray()
    runs = data.split(b"\0")
    last = len(runs) - 1
    for number, run in enumerate(runs):
        length = len(run)
        at = 0
        while length - at >= 254:
            out.append(255)
            out += run[at : at + 254]
            at += 254
        if at and at == length and number == last:
            break  # a full block ends the data: no zero is implied, no code byte follows
        out.append(length - at + 1)
        out += run[at:]
    return bytes(out)


def cobs_decode(data: bytes) -> bytes | None:
    """The bytes that `cobs_encode` was given, or None where `data` is no COBS (a zero inside, a run past the end)."""
    out = bytearray()
    at = 0
    end = len(data)
    if not end or b"\0" in data:
        return None
    while at < end:
        code = data[at]
        stop = at + code
        if stop > end:
            return None
        out += data[at + 1 : stop]
        at = stop
        if code != 255 and at < end:
            out.append(0)
    return bytes(out)


def encode_frame(kind: int, session: int, flags: int, sequence: int, payload: bytes, limit: int = TO_PEN_WIRE_BYTES) -> bytes:
    """One wire frame with both delimiters. `limit` is the longest allowed on this direction, delimiters included.

    Raises FrameTooLong: a frame that does not fit is a mistake of the caller, never cut silently.
    """
    body = struct.pack("<BBBBH", MAJOR, kind, session, flags, sequence & 0xFFFF) + payload
    body += struct.pack("<I", binascii.crc32(body) & 0xFFFFFFFF)
    wire = b"\0" + cobs_encode(body) + b"\0"
    if len(wire) > limit:
        raise FrameTooLong(f"frame of type {kind:#04x} takes {len(wire)} bytes on the wire, at most {limit} are allowed")
    return wire


class Frame:
    """One frame that passed every check a receiver makes before it looks at the message type."""

    __slots__ = ("flags", "kind", "payload", "sequence", "session")

    def __init__(self, kind: int, session: int, flags: int, sequence: int, payload: bytes) -> None:
        self.kind = kind
        self.session = session
        self.flags = flags
        self.sequence = sequence
        self.payload = payload


# STOP and its reply: the layout never changes, so any major version is heard.
STOP_KINDS = (0x31, 0xB1)


class Deframer:
    """Bytes in any chunking to frames; keeps at most one frame's worth of bytes and counts every failure by its cause.

    Order of checks: COBS, length, CRC, major, flags. A frame counts only between delimiters, so a frame cut in two by a
    reset never joins with what follows.
    """

    __slots__ = (
        "_overrun",
        "_tail",
        "_wire_limit",
        "bad_cobs",
        "bad_crc",
        "bad_flags",
        "bad_length",
        "bad_major",
        "good",
        "overrun",
    )

    def __init__(self, wire_limit: int) -> None:
        """`wire_limit`: longest frame this side receives, delimiters included."""
        self._wire_limit = wire_limit
        self._tail = b""
        self._overrun = False
        self.good = 0
        self.bad_cobs = 0
        self.bad_length = 0
        self.bad_crc = 0
        self.bad_major = 0
        self.bad_flags = 0
        self.overrun = 0

    @property
    def bad(self) -> int:
        """Frames refused, whatever the cause."""
        return self.bad_cobs + self.bad_length + self.bad_crc + self.bad_major + self.bad_flags + self.overrun

    def feed(self, data: bytes) -> list[Frame]:
        """Frames completed by `data`, oldest first. Never raises, never keeps more than `wire_limit` bytes."""
        pieces = bytes(data).split(b"\0")
        frames = []
        last = len(pieces) - 1
        for number, piece in enumerate(pieces):
            if self._tail:
                piece = self._tail + piece
                self._tail = b""
            if len(piece) > self._wire_limit:
                if not self._overrun:
                    self.overrun += 1
                self._overrun = True
                piece = b""
            if number == last:
                self._tail = piece
                break
            if self._overrun:  # the delimiter ends the run that was too long
                self._overrun = False
                continue
            if piece:
                frame = self._check(piece)
                if frame is not None:
                    frames.append(frame)
        return frames

    def _check(self, piece: bytes) -> Frame | None:
        body = cobs_decode(piece)
        if body is None:
            self.bad_cobs += 1
            return None
        if len(body) < HEADER_BYTES + CRC_BYTES:
            self.bad_length += 1
            return None
        end = len(body) - CRC_BYTES
        if binascii.crc32(body[:end]) & 0xFFFFFFFF != struct.unpack("<I", body[end:])[0]:
            self.bad_crc += 1
            return None
        major, kind, session, flags, sequence = struct.unpack("<BBBBH", body[:HEADER_BYTES])
        if major != MAJOR and kind not in STOP_KINDS:
            self.bad_major += 1
            return None
        if flags & UNKNOWN_CRITICAL_FLAGS and kind not in STOP_KINDS:
            self.bad_flags += 1
            return None
        self.good += 1
        return Frame(kind, session, flags, sequence, body[HEADER_BYTES:end])


def is_newer(sequence: int, than: int) -> bool:
    """Serial-number arithmetic on u16 (RFC 1982): is `sequence` after `than`?"""
    return 0 < ((sequence - than) & 0xFFFF) < 0x8000
