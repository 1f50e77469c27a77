"""Columns of integers to few bytes and back: for blocks of a second, where a table of codes would cost more than it saves. Pure.

A column is stored as its differences from a guess (the middle value, or the middle step from the value before). When all
are zero nothing follows. Noise is Rice-coded (Golomb 1966, Rice 1979): the low bits as they are, the rest counted in ones;
no table is needed, and on noise it comes within some hundredths of a byte of the entropy. Everything else goes to bytes, one
column of bytes after the other, which zstandard squeezes together at the end.

Packed: three varints (bytes of heads, bytes of codes, bytes of the rest unpacked), heads, codes, zstandard frame of the rest.
"""

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
_CONSTANT, _CODES, _BYTES = 0, 1, 2  # how a column's differences are stored; times two, plus one for steps
_CAP = 24  # a code with this many ones stands for a value told in full
_MAX_LOW = 40


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
        self.way, self.cost, self.low, self.width = _CONSTANT, 0.0, 0, 0
        top = int(self.numbers.max()) if len(self.numbers) else 0
        if top:
            self.width = (top.bit_length() + 7) // 8
            self.low, code_bytes = _best_low(self.numbers, top)
            # a frame of its own has 10 bytes of frame that the shared one does not
            plain = len(zstandard.ZstdCompressor(level=3).compress(planes(self.numbers, self.width))) - 10
            self.way, self.cost = (_CODES, code_bytes) if code_bytes <= plain else (_BYTES, float(plain))

    def write(self, heads: bytearray, codes: list[bytes], rest: list[bytes]) -> None:
        heads.append(self.way << 1 | self.steps)
        if self.steps:
            put_varint(heads, zigzag_one(self.first))
        put_varint(heads, zigzag_one(self.base))
        if self.way == _BYTES:
            heads.append(self.width)
            rest.append(planes(self.numbers, self.width))
        elif self.way == _CODES:
            heads.append(self.low)
            high = self.numbers >> np.uint64(self.low)
            large = high >= _CAP
            ones = np.minimum(high, _CAP).astype(np.int64)
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
        if not count:
            return Located(0, 0, 0, False)
        tag = self._byte()
        way, steps = tag >> 1, bool(tag & 1)
        first = unzigzag_one(self.number()) if steps else 0
        base = unzigzag_one(self.number())
        number = count - steps
        if way == _CONSTANT:
            return Located(count, first, base, steps)
        if way == _BYTES:
            width = self._byte()
            if not (1 <= width <= 8):
                raise ValueError(f"numbers of {width} bytes, allowed are 1 to 8")
            return Located(count, first, base, steps, plain=self.raw(number * width), bits=width)
        if way != _CODES:
            raise ValueError(f"a column stored in way {way}, known are 0 to 2")
        low, unary_bytes, large = self._byte(), self.number(), self.number()
        if low > _MAX_LOW:
            raise ValueError(f"{low} low bits, at most {_MAX_LOW} are allowed")
        unary, lows = self._take(unary_bytes), self._take(number * (low // 8) + (number * (low % 8) + 7) // 8)
        return Located(count, first, base, steps, plain=self.raw(8 * large), unary=unary, lows=lows, bits=low)

    def done(self) -> None:
        """Raises ValueError when something is left."""
        if (self._head, self._code, self._at) != (len(self._heads), len(self._codes), len(self._rest)):
            raise ValueError("more bytes than are needed")

    def _take(self, size: int) -> bytes:
        piece = self._codes[self._code : self._code + size]
        if len(piece) != size:
            raise ValueError("fewer codes than are needed")
        self._code += size
        return piece

    def _byte(self) -> int:
        if self._head >= len(self._heads):
            raise ValueError("fewer heads than are needed")
        self._head += 1
        return self._heads[self._head - 1]


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
        large = (high >= _CAP).nonzero()[0]
        if 8 * len(large) != len(self.plain):
            raise ValueError(f"{len(self.plain)} bytes of numbers told in full, {8 * len(large)} are needed")
        if len(large):
            numbers[large] = from_planes(self.plain, 8)
        return numbers


def _best_low(numbers: npt.NDArray[np.uint64], top: int) -> tuple[int, float]:
    """How many low bits make the codes shortest, and the bytes they take then."""
    likely = max(0, int(numbers.mean()).bit_length() - 2)
    best, best_bits = 0, float("inf")
    for low in range(max(0, min(likely - 8, _MAX_LOW)), min(top.bit_length(), likely + 2, _MAX_LOW) + 1):
        high = numbers >> np.uint64(low)
        bits = len(numbers) * (low + 1) + int(np.minimum(high, _CAP).sum()) + 64 * int(np.count_nonzero(high >= _CAP))
        if bits < best_bits:
            best, best_bits = low, bits
    return best, best_bits / 8
