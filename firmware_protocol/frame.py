"""Frames of pen link 1: `00 | COBS(body) | 00`, body = header, payload, CRC-32. No I/O, no clock, no exception on bad bytes.

Runs unchanged on CPython and MicroPython. The host always sends both delimiters in one write, so that a frame after a
torn tail is heard at once; a pen may leave out the leading one.
"""

import struct
from binascii import crc32

MAJOR = 1
HEADER_BYTES = 6
CRC_BYTES = 4
TO_PEN_WIRE_BYTES = 64  # one full-speed USB packet
TO_HOST_WIRE_BYTES = 254
FLAG_REPLY_WANTED = 0x01
FLAG_RETRY = 0x02
UNKNOWN_CRITICAL_FLAGS = 0xF0  # high nibble: a receiver that does not know them must drop the frame
GOOD_CRC = 0x2144DF1C  # CRC-32 of any bytes followed by their own CRC-32: one pass judges a body, nothing is cut off first
_CODES = [bytes([length + 1]) for length in range(254)]


class FrameTooLong(Exception):
    """A body that would not fit on the wire: says how long it is and what is allowed."""


def cobs_encode(data: bytes) -> bytes:
    """COBS (Cheshire and Baker 1999): the same bytes without a zero; at most one byte longer per 254."""
    runs = data.split(b"\0")
    if len(data) < 254:  # no run fills a block: each is its length and itself
        return b"".join([_CODES[len(run)] + run for run in runs])
    out = bytearray()
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
    if not data or b"\0" in data:
        return None
    plain = _unstuff(data)
    return None if plain is None else bytes(plain)


def _unstuff(piece: bytes) -> bytearray | None:
    """As `cobs_decode`, for a piece that is not empty and holds no zero: what splitting at zeros leaves."""
    plain = bytearray(piece)
    end = len(plain)
    at = 0
    if end <= 254:  # no block is full, so each code byte stands where a zero goes, but the first
        while at < end:
            code = plain[at]
            plain[at] = 0
            at += code
        return plain[1:] if at == end else None
    plain = bytearray()
    while at < end:
        code = piece[at]
        stop = at + code
        if stop > end:
            return None
        plain += piece[at + 1 : stop]
        at = stop
        if code != 255 and at < end:
            plain.append(0)
    return plain


def encode_frame(kind: int, session: int, flags: int, sequence: int, payload: bytes, limit: int = TO_PEN_WIRE_BYTES) -> bytes:
    """One wire frame with both delimiters. `limit` is the longest allowed on this direction, delimiters included.

    Raises FrameTooLong: a frame that does not fit is a mistake of the caller, never cut silently.
    """
    body = struct.pack("<BBBBH", MAJOR, kind, session, flags, sequence & 0xFFFF) + payload
    body += struct.pack("<I", crc32(body) & 0xFFFFFFFF)
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
        "_cobs_decode",
        "_cobs_error",
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

    def __init__(self, wire_limit: int, cobs_decode=_unstuff, cobs_error=()) -> None:  # type: ignore[no-untyped-def]
        """`wire_limit`: longest frame this side receives, delimiters included.

        `cobs_decode`: another way to `cobs_decode` of this module, faster or on other hardware. It is given bytes without
        a zero, never none, and says by None or by raising `cobs_error` (one exception type or several) that they are no COBS.
        """
        self._wire_limit = wire_limit
        self._cobs_decode = cobs_decode
        self._cobs_error = cobs_error
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
        frames = []
        for piece in self.pieces(bytes(data)):
            if len(piece) > self._wire_limit:
                self.overrun += 1
            elif piece:
                frame = self._check(piece)
                if frame is not None:
                    frames.append(frame)
        return frames

    def bodies(self, data: bytes) -> list[bytes]:
        """As `feed`, but bodies (header, payload, CRC) of which only COBS and CRC were judged: for a host in a hurry.

        Each goes through `open` next; or, where the caller has judged length, major and flags by himself, into `good`.
        """
        return self.unpack(self.pieces(data))

    def open(self, body: bytes) -> Frame | None:
        """The last checks of one of `bodies`: length, major, flags. None, and counted, where one fails."""
        if len(body) >= self._wire_limit:  # COBS made it longer than the limit: by one byte, and one more from 254 on
            self.overrun += 1
            return None
        if len(body) < HEADER_BYTES + CRC_BYTES:
            self.bad_length += 1
            return None
        major, kind, session, flags, sequence = struct.unpack_from("<BBBBH", body, 0)
        if major != MAJOR and kind not in STOP_KINDS:
            self.bad_major += 1
            return None
        if flags & UNKNOWN_CRITICAL_FLAGS and kind not in STOP_KINDS:
            self.bad_flags += 1
            return None
        self.good += 1
        return Frame(kind, session, flags, sequence, bytes(body[HEADER_BYTES : len(body) - CRC_BYTES]))

    def pieces(self, data: bytes) -> list[bytes]:
        """What stood between delimiters, some of it empty; the bytes after the last one are kept for the next call."""
        pieces = data.split(b"\0")
        if self._tail:
            pieces[0] = self._tail + pieces[0]
        elif self._overrun:
            pieces[0] = b""  # the rest of a run that was too long, up to the delimiter that ends it
            self._overrun = len(pieces) == 1
        self._tail = tail = pieces.pop()
        if len(tail) > self._wire_limit:
            self.overrun += 1
            self._overrun = True
            self._tail = b""
        return pieces

    def unpack(self, pieces: list[bytes]) -> list[bytes]:
        """The bodies in `pieces` whose COBS and CRC are right; the others are counted. The hot path: 4 of 5 us were here."""
        cobs_decode = self._cobs_decode
        bodies = []
        for piece in pieces:
            if piece:
                try:
                    body = cobs_decode(piece)
                except self._cobs_error:
                    body = None
                if body is not None and crc32(body) == GOOD_CRC:
                    bodies.append(body)
                elif len(piece) > self._wire_limit:
                    self.overrun += 1
                elif body is None:
                    self.bad_cobs += 1
                elif len(body) < HEADER_BYTES + CRC_BYTES:
                    self.bad_length += 1
                else:
                    self.bad_crc += 1
        return bodies

    def _check(self, piece: bytes) -> Frame | None:
        bodies = self.unpack([piece])
        return self.open(bodies[0]) if bodies else None


def is_newer(sequence: int, than: int) -> bool:
    """Serial-number arithmetic on u16 (RFC 1982): is `sequence` after `than`?"""
    return 0 < ((sequence - than) & 0xFFFF) < 0x8000
