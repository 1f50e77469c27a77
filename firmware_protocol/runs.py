"""A long read at once: telemetry frames in a row become one `SampleRun`. Pure, for hosts; times are handed in.

After a stall a read holds a hundred frames. Each step here is one call for all of them, and shows of every frame what the
careful way shows of it. A run in which anything is out of the ordinary goes the careful way as a whole.
"""

from binascii import crc32
from collections.abc import Iterator, Sequence
from itertools import repeat
from struct import Struct, calcsize, unpack, unpack_from
from typing import final

from firmware_protocol.accelerate import unpack_joined
from firmware_protocol.frame import CRC_BYTES, GOOD_CRC, HEADER_BYTES, Deframer
from firmware_protocol.happenings import Sample
from firmware_protocol.messages import TELEMETRY, Telemetry

# A row is what stands between two delimiters, unpacked: COBS makes a body of this length one byte longer, a zero once unpacked.
ROW_BYTES = 1 + HEADER_BYTES + TELEMETRY.payload.size + CRC_BYTES
LEAST = 20  # samples: fewer are faster one by one
MOST = 256  # the low byte of an index goes round once at most
LONG_READ_BYTES = LEAST * (ROW_BYTES + 1)

_BYTES = bytes(range(256))
_ROUND = _BYTES + _BYTES
_HALF = 1 << 31
_U32 = 0xFFFFFFFF
_BODY = f"x{ROW_BYTES - 1}s"
_FIELDS = Struct(f"<{1 + HEADER_BYTES}x{TELEMETRY.payload.format.removeprefix('<')}{CRC_BYTES}x")
_CODES = [field.code for field in TELEMETRY.payload.fields]
_AT = {  # where each field begins in a row
    field.name: 1 + HEADER_BYTES + calcsize("<" + "".join(_CODES[:number]))
    for number, field in enumerate(TELEMETRY.payload.fields)
}
_INDEX, _T_TOP = _AT["index"], _AT["t_us"] + 3
_DROPPED = _AT["dropped"]
_tuple = tuple.__new__


@final
class SampleRun:
    """Samples of one read: each index one more than the last, `dropped` the same in all. What `Sample` says holds of each.

    Questions about a field are answered for all samples at once; `samples` makes them one by one.
    """

    __slots__ = ("_ahead_us", "_first", "_pen_us", "_rows", "read_ns")

    def __init__(self, rows: bytes, first: int, ahead_us: int, pen_us: int | None, read_ns: int) -> None:
        """`first`: unwrapped index; `ahead_us`: what unwrapping adds to the wire's times; `pen_us`: pen's clock at `read_ns`."""
        self._rows = rows
        self._first = first
        self._ahead_us = ahead_us
        self._pen_us = pen_us
        self.read_ns = read_ns

    def __len__(self) -> int:
        return len(self._rows) // ROW_BYTES

    def within(self, field: str, lowest: int, highest: int) -> bool:
        """Is this u16 field from `lowest` to `highest` in every sample?"""
        rows, at = self._rows, _AT[field]
        top = rows[at + 1 :: ROW_BYTES]
        # upper bytes that leave nothing to the lower one: for most runs there is no other
        if not top.translate(None, _BYTES[lowest + 255 >> 8 : max(0, highest + 1 >> 8)]):
            return True
        values = self._numbers(at)
        return lowest <= min(values) and max(values) <= highest

    def among(self, field: str, allowed: bytes) -> bool:
        """Is this u8 field one of `allowed` in every sample?"""
        return not self._rows[_AT[field] :: ROW_BYTES].translate(None, allowed)

    def values(self, field: str) -> set[int]:
        """What this u16 field is in any of the samples."""
        rows, at = self._rows, _AT[field]
        count = len(self)
        if rows[at::ROW_BYTES].count(rows[at]) == count == rows[at + 1 :: ROW_BYTES].count(rows[at + 1]):
            return {rows[at] | rows[at + 1] << 8}
        return set(self._numbers(at))

    def samples(self) -> list[Sample]:
        """All of them, oldest first, as the careful way makes them."""
        fields = list(_FIELDS.iter_unpack(self._rows))
        times = [each[1] for each in fields]
        ahead_us, pen_us, read_ns = self._ahead_us, self._pen_us, self.read_ns
        ages: Sequence[int | None] | repeat[None] = repeat(None)
        if pen_us is not None:
            early_us = pen_us + _HALF
            ages = [((early_us - t_us) & _U32) - _HALF for t_us in times]
        telemetry = map(_tuple, repeat(Telemetry), fields)
        counted = range(self._first, self._first + len(fields))
        unwrapped = [t_us + ahead_us for t_us in times] if ahead_us else times
        return list(map(_tuple, repeat(Sample), zip(counted, unwrapped, ages, repeat(read_ns), telemetry, strict=False)))

    def _numbers(self, at: int) -> tuple[int, ...]:
        rows = self._rows
        column = bytearray(2 * len(self))
        column[::2] = rows[at::ROW_BYTES]
        column[1::2] = rows[at + 1 :: ROW_BYTES]
        return unpack(f"<{len(self)}H", column)


def stretches(pieces: list[bytes]) -> Iterator[tuple[bool, list[bytes]]]:
    """What stood between delimiters, cut where LEAST or more of a row's length follow one another: those are marked True.

    Empty pieces are left out.
    """
    pieces = list(filter(None, pieces))
    alike = set(map(len, pieces)) == {ROW_BYTES}
    others = [] if alike else [at for at, length in enumerate(map(len, pieces)) if length != ROW_BYTES]
    begin = start = 0  # of what is not given yet; of the frames in a row
    for at in (*others, len(pieces)):
        if at - start >= LEAST:
            if begin < start:
                yield False, pieces[begin:start]
            yield True, pieces[start:at]
            begin = at
        start = at + 1
    if begin < len(pieces):
        yield False, pieces[begin:]


def rows_of(pieces: list[bytes], head: bytes, deframer: Deframer) -> bytes | None:
    """The rows of pieces of a row's length when each has good COBS, a good CRC, this head, and their indices follow one another.

    None: at least one has not, or they are too many. Counts nothing.
    """
    count = len(pieces)
    if count > MOST:
        return None
    rows = unpack_joined(b"".join(pieces), deframer)
    # COBS puts a zero at every seam only if each piece is whole. A full block, which would shift what follows, runs over seven.
    if rows is None or rows[::ROW_BYTES].count(0) != count:
        return None
    if set(map(crc32, unpack(_BODY * count, rows))) != {GOOD_CRC}:
        return None
    for at, octet in enumerate(head, 1):
        if rows[at::ROW_BYTES].count(octet) != count:
            return None
    return rows if _is_steady(rows, count) else None


def ends(rows: bytes) -> tuple[tuple[int, ...], int]:
    """Fields of the first sample, and `t_us` of the last."""
    last_us: int = unpack_from("<I", rows, len(rows) - ROW_BYTES + _AT["t_us"])[0]
    return _FIELDS.unpack_from(rows), last_us


def _is_steady(rows: bytes, count: int) -> bool:
    """Is each index one more than that before it, `dropped` the same, and the pen's time without a wrap?"""
    first = unpack_from("<I", rows, _INDEX)[0]
    low, high = first & 0xFF, first >> 8
    if rows[_INDEX::ROW_BYTES] != _ROUND[low : low + count]:
        return False
    before = min(count, 256 - low)  # samples before the low byte goes round
    for at, shift in ((_INDEX + 1, 0), (_INDEX + 2, 8), (_INDEX + 3, 16)):
        octets = bytes((high >> shift & 0xFF,)) * before + bytes((high + 1 >> shift & 0xFF,)) * (count - before)
        if rows[at::ROW_BYTES] != octets:
            return False
    for at in (_DROPPED, _DROPPED + 1):
        if rows[at::ROW_BYTES].count(rows[at]) != count:
            return False
    top = rows[_T_TOP::ROW_BYTES]
    return top.count(top[0]) == count or max(top) - min(top) < 0x80  # less than half a round apart: no two wrap
