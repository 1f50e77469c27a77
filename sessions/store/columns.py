"""Columns of integers to few bytes and back: for blocks of a second, where a table of codes would cost more than it saves. Pure.

A column is stored as its differences from a guess (the middle value, or the middle step from the value before). When all
are zero nothing follows. Noise is Rice-coded (Golomb 1966, Rice 1979): the low bits as they are, the rest counted in ones;
no table is needed, and on noise it comes within some hundredths of a byte of the entropy. Everything else goes to bytes, one
column of bytes after the other, which zstandard squeezes together at the end.

Packed: three varints (bytes of heads, bytes of codes, bytes of the rest unpacked), heads, codes, zstandard frame of the rest.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import zstandard

from sessions.store.bits import (
    Ints,
    from_low_bits,
    from_planes,
    gather,
    get_varint,
    low_bits,
    planes,
    put_varint,
    spread,
    unzigzag,
    unzigzag_one,
    zigzag,
    zigzag_one,
)
from sessions.store.unzip import unzip

MAX_BYTES = 4 << 20  # of the rest; a second of tape has a hundredth
_LEVEL = 9
CONSTANT, CODES, BYTES = 0, 1, 2  # how a column's differences are stored; times two, plus one for steps
CAP = 24  # a code with this many ones stands for a value told in full
MAX_LOW = 40


class ColumnWriter:
    """Takes columns one after another; a reader must ask for them in the same order, with the same lengths."""

    def __init__(self) -> None:
        self._heads = bytearray()
        self._codes: list[bytes] = []
        self._rest: list[bytes] = []

    def number(self, value: int) -> None:
        """One number from 0."""
        put_varint(self._heads, value)

    def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self._rest.append(data)

    def rows(self, rows: bytes, width: int) -> None:
        """Rows of `width` bytes that resemble each other: as columns of differences."""
        if rows:
            self._rest.append(spread(np.frombuffer(rows, np.uint8), width))

    def column(self, values: npt.NDArray[np.generic]) -> None:
        """Integers of at most 64 bits; u64 comes back as the same bits."""
        if not len(values):
            return
        column = values.astype(np.int64)
        best = min((_Shape(column, steps) for steps in (False, True)), key=lambda shape: shape.cost)
        best.write(self._heads, self._codes, self._rest)

    def done(self) -> bytes:
        """All of it, packed."""
        rest, codes = b"".join(self._rest), b"".join(self._codes)
        out = bytearray()
        for number in (len(self._heads), len(codes), len(rest)):
            put_varint(out, number)
        out += self._heads
        out += codes
        if rest:
            out += zstandard.ZstdCompressor(level=_LEVEL, write_content_size=False).compress(rest)
        return bytes(out)


class _Shape:
    """One way to store a column, and what it costs in bytes."""

    def __init__(self, column: Ints, steps: bool) -> None:
        self.steps = steps
        self.first = int(column[0])
        differences = np.diff(column) if steps else column
        self.base = int(np.partition(differences, len(differences) // 2)[len(differences) // 2]) if len(differences) else 0
        self.numbers = zigzag(differences - np.int64(self.base))
        self.way, self.cost, self.low, self.width = CONSTANT, 0.0, 0, 0
        top = int(self.numbers.max()) if len(self.numbers) else 0
        if top:
            self.width = (top.bit_length() + 7) // 8
            self.low, code_bytes = _best_low(self.numbers, top)
            # a frame of its own has 10 bytes of frame that the shared one does not
            plain = len(zstandard.ZstdCompressor(level=3).compress(planes(self.numbers, self.width))) - 10
            self.way, self.cost = (CODES, code_bytes) if code_bytes <= plain else (BYTES, float(plain))

    def write(self, heads: bytearray, codes: list[bytes], rest: list[bytes]) -> None:
        heads.append(self.way << 1 | self.steps)
        if self.steps:
            put_varint(heads, zigzag_one(self.first))
        put_varint(heads, zigzag_one(self.base))
        if self.way == BYTES:
            heads.append(self.width)
            rest.append(planes(self.numbers, self.width))
        elif self.way == CODES:
            heads.append(self.low)
            high = self.numbers >> np.uint64(self.low)
            large = high >= CAP
            ones = np.minimum(high, CAP).astype(np.int64)
            bits = np.zeros(int(ones.sum()) + len(ones), np.uint8)
            bits[np.cumsum(ones + 1) - 1] = 1
            unary = np.packbits(bits).tobytes()
            put_varint(heads, len(unary))
            put_varint(heads, int(np.count_nonzero(large)))
            codes += [unary, low_bits(self.numbers, self.low)]
            rest.append(planes(self.numbers[large], 8))


class ColumnReader:
    """Gives back what a ColumnWriter was given. Every method raises ValueError when the data does not allow it."""

    def __init__(self, data: bytes) -> None:
        """Raises zstandard.ZstdError too."""
        head_bytes, at = get_varint(data, 0)
        code_bytes, at = get_varint(data, at)
        rest_bytes, at = get_varint(data, at)
        if at + head_bytes + code_bytes > len(data) or rest_bytes > MAX_BYTES:
            raise ValueError("fewer bytes than are told, or more than allowed")
        self._heads = data[at : at + head_bytes]
        self._codes = data[at + head_bytes : at + head_bytes + code_bytes]
        packed = data[at + head_bytes + code_bytes :]
        if bool(packed) != bool(rest_bytes):
            raise ValueError("the rest is not what is told")
        self._rest = unzip(packed, rest_bytes) if packed else b""
        if len(self._rest) != rest_bytes:
            raise ValueError(f"{len(self._rest)} bytes of rest, {rest_bytes} are told")
        self._head = self._code = self._at = 0

    def number(self) -> int:
        """As `ColumnWriter.number`."""
        value, self._head = get_varint(self._heads, self._head)
        return value

    def raw(self, size: int) -> bytes:
        """As `ColumnWriter.raw`."""
        piece = self._rest[self._at : self._at + size]
        if len(piece) != size:
            raise ValueError("fewer bytes than are needed")
        self._at += size
        return piece

    def rows(self, count: int, width: int) -> bytes:
        """As `ColumnWriter.rows`."""
        return gather(self.raw(count * width), width)

    def column(self, count: int) -> Ints:
        """As `ColumnWriter.column`; `count` is bounded by the caller."""
        return self.locate(count).values()

    def locate(self, count: int) -> "Located":
        """As `column`, not unpacked yet: for one that may not be wanted."""
        return self.pick((0,), count)[0]

    def pick(self, numbers: Sequence[int], count: int) -> list["Located"]:
        """As `locate`, of the columns ahead that have these rising numbers, the next one being 0; others are passed over."""
        if not count:
            return [Located(0, 0, 0, False)] * len(numbers)
        heads, codes, rest = self._heads, self._codes, self._rest
        head, code, at = self._head, self._code, self._at
        found: list[Located] = []
        try:
            for number in range(numbers[-1] + 1):
                wanted = number == numbers[len(found)]
                tag, base = heads[head], heads[head + 1]
                if not tag and base < 0x80:  # most columns never change
                    head += 2
                    if wanted:
                        found.append(Located(count, 0, unzigzag_one(base), False))
                    continue
                way, steps, first, low = tag >> 1, bool(tag & 1), 0, 0
                head += 1
                if steps:
                    first, head = get_varint(heads, head)
                base, head = (heads[head], head + 1) if heads[head] < 0x80 else get_varint(heads, head)
                size, unary, lows = 0, code, code
                if way != CONSTANT:
                    low = heads[head]
                    head += 1
                    size = (count - steps) * low
                if way == CODES:
                    unary_bytes, head = get_varint(heads, head)
                    large, head = (heads[head], head + 1) if heads[head] < 0x80 else get_varint(heads, head)
                    lows = unary + unary_bytes
                    code = lows + (count - steps) * (low // 8) + ((count - steps) * (low % 8) + 7) // 8
                    size = 8 * large
                if way > BYTES or low > (MAX_LOW if way == CODES else 8) or (way == BYTES and not low):
                    raise ValueError(
                        f"a column stored in way {way} with {low}: known are ways 0 to {BYTES}, 1 to 8 bytes, 0 to 40 bits"
                    )
                if wanted:
                    first, base = unzigzag_one(first), unzigzag_one(base)
                    found.append(
                        Located(count, first, base, steps, rest[at : at + size], codes[unary:lows], codes[lows:code], low)
                    )
                at += size
        except IndexError:
            raise ValueError("fewer heads than are needed") from None
        if code > len(codes) or at > len(rest):
            raise ValueError("fewer bytes than are needed")
        self._head, self._code, self._at = head, code, at
        return found

    def done(self) -> None:
        """Raises ValueError when something is left."""
        if (self._head, self._code, self._at) != (len(self._heads), len(self._codes), len(self._rest)):
            raise ValueError("more bytes than are needed")


class Located(NamedTuple):
    """One column where it lies. `bits`: of each code's low part, or bytes of each number."""

    size: int
    first: int
    base: int
    steps: bool
    plain: bytes = b""
    unary: bytes = b""
    lows: bytes = b""
    bits: int = 0

    @property
    def constant(self) -> bool:
        """Is every value `base`?"""
        return not (self.steps or self.plain or self.unary)

    def values(self) -> Ints:
        """The column. Raises ValueError."""
        if self.unary:
            numbers = self._decoded()
        elif self.plain:
            numbers = from_planes(self.plain, self.bits)
        elif self.steps:
            return np.int64(self.first) + np.int64(self.base) * np.arange(self.size, dtype=np.int64)
        else:
            return np.full(self.size, self.base, np.int64)
        differences = unzigzag(numbers)
        differences += self.base
        if not self.steps:
            return differences
        out = np.empty(self.size, np.int64)
        out[0] = self.first
        out[1:] = differences
        return np.cumsum(out, out=out)

    def _decoded(self) -> npt.NDArray[np.uint64]:
        count = self.size - self.steps
        ends = np.unpackbits(np.frombuffer(self.unary, np.uint8)).view(np.bool_).nonzero()[0]
        if len(ends) != count:
            raise ValueError(f"{len(ends)} codes, {count} are needed")
        high = ends.copy()
        high[1:] -= ends[:-1] + 1
        numbers = high.view(np.uint64) << np.uint64(self.bits)
        if self.bits:
            numbers |= from_low_bits(self.lows, self.bits, count)
        large = (high >= CAP).nonzero()[0]
        if 8 * len(large) != len(self.plain):
            raise ValueError(f"{len(self.plain)} bytes of numbers told in full, {8 * len(large)} are needed")
        if len(large):
            numbers[large] = from_planes(self.plain, 8)
        return numbers


def _best_low(numbers: npt.NDArray[np.uint64], top: int) -> tuple[int, float]:
    """How many low bits make the codes shortest, and the bytes they take then."""
    likely = max(0, int(numbers.mean()).bit_length() - 2)
    best, best_bits = 0, float("inf")
    for low in range(max(0, min(likely - 8, MAX_LOW)), min(top.bit_length(), likely + 2, MAX_LOW) + 1):
        high = numbers >> np.uint64(low)
        bits = len(numbers) * (low + 1) + int(np.minimum(high, CAP).sum()) + 64 * int(np.count_nonzero(high >= CAP))
        if bits < best_bits:
            best, best_bits = low, bits
    return best, best_bits / 8
