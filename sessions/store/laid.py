"""Where the columns of many blocks lie: their heads are read side by side, the same column of all blocks at a time. Pure.

A head is some eighty bytes, and to read it alone costs more than to unpack the values that it announces. Whatever is not as
usual about a block is only told: `sessions.store.columns` then reads it by itself, or refuses it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import zstandard

from sessions.store.bits import Ints, unzigzag
from sessions.store.columns import BYTES, CODES, CONSTANT, MAX_BYTES, MAX_LOW, Located
from sessions.store.unzip import unzip

_MOST_HEAD = 1024  # bytes; a second of trace has 85
_PAD = 160  # zeros after each head: the columns of a block take fewer, so that none reaches into the head after it
_LENGTHS = 32  # bytes that the three lengths before a head never fill
_LONGEST = 9  # bytes of a varint of 63 bits

Bools = npt.NDArray[np.bool_]


class Laid(NamedTuple):
    """One column, an entry for each block; as `Located`, but told by where each part begins in the block, or in its rest."""

    way: Ints
    steps: Ints
    first: Ints
    base: Ints
    bits: Ints
    unary: Ints
    lows: Ints
    end: Ints
    plain: Ints
    plain_end: Ints

    @property
    def constant(self) -> Bools:
        """Is every value `base`?"""
        constant: Bools = (self.way == CONSTANT) & (self.steps == 0)
        return constant


class LaidBlocks:
    """Blocks of packed columns with 1 sample or more each. `odd`: those to be read alone; what is told of them means nothing."""

    def __init__(self, datas: Sequence[bytes], samples: Ints) -> None:
        self.datas, self.samples = datas, samples
        sizes = np.fromiter(map(len, datas), np.int64, len(datas))
        before = _Heads([data[:_LENGTHS] for data in datas], _LENGTHS + 8)
        heads, codes, rests = (before.varint() for _ in range(3))
        begins = before.read_bytes()
        self.odd: Bools = before.long | (heads > _MOST_HEAD) | (codes > sizes) | (rests > MAX_BYTES)
        self.odd |= begins + heads + codes > sizes
        self._head_bytes, self._rest_bytes = (np.where(self.odd, 0, each) for each in (heads, rests))
        self._codes = np.where(self.odd, 0, begins + heads)
        self._codes_end = np.where(self.odd, 0, begins + heads + codes)
        cuts = zip(datas, begins.tolist(), (begins + self._head_bytes).tolist(), strict=True)
        self._heads = _Heads([data[begin:end] for data, begin, end in cuts], int(self._head_bytes.max(initial=0)) + _PAD)
        self.rests = self._unzipped()

    def pick(self, numbers: Sequence[int]) -> list[Laid]:
        """The columns that have these rising numbers, the first one being 0. Once."""
        heads, code, at = self._heads, self._codes, np.zeros(len(self.datas), np.int64)
        found: list[Laid] = []
        for number in range(numbers[-1] + 1):
            wanted = number == numbers[len(found)]
            tag = heads.byte()
            way, steps = tag >> 1, tag & 1
            first = heads.zigzag(steps != 0, wanted)
            base = heads.zigzag(None, wanted)
            low = heads.byte(way != CONSTANT)
            coded = way == CODES
            unary_bytes, large = heads.varint(coded), heads.varint(coded)
            count = self.samples - steps
            lows = code + unary_bytes
            end = np.where(coded, lows + count * (low // 8) + (count * (low % 8) + 7) // 8, lows)
            plain_end = at + np.where(coded, 8 * large, count * low)
            self.odd |= (way > BYTES) | (low > np.where(coded, MAX_LOW, 8)) | ((way == BYTES) & (low == 0))
            self.odd |= (unary_bytes > self._codes_end) | (large > self.samples)
            if wanted:
                found.append(Laid(way, steps, first, base, low, code, lows, end, at, plain_end))
            code, at = end, plain_end
        self.odd |= heads.long | (heads.read_bytes() > self._head_bytes)
        self.odd |= (code > self._codes_end) | (at > self._rest_bytes)
        return found

    def located(self, laid: Laid, block: int) -> Located:
        """Of one block."""
        way, steps, first, base, bits, unary, lows, end, plain, plain_end = (int(part[block]) for part in laid)
        data, rest = self.datas[block], self.rests[block]
        codes = (data[unary:lows], data[lows:end]) if way == CODES else (b"", b"")
        return Located(int(self.samples[block]), first, base, bool(steps), rest[plain:plain_end], *codes, bits)

    def _unzipped(self) -> list[bytes]:
        """The rest of each; sets `odd`."""
        unpack, out = zstandard.ZstdDecompressor(), list[bytes]()
        told = zip(self.datas, self._codes_end.tolist(), self._rest_bytes.tolist(), self.odd.tolist(), strict=True)
        for at, (data, begin, size, odd) in enumerate(told):
            rest, packed = b"", b"" if odd else data[begin:]
            if packed:
                try:
                    rest = unzip(packed, size, unpack)
                except (zstandard.ZstdError, ValueError):
                    self.odd[at] = True
            self.odd[at] |= len(rest) != size or bool(packed) != bool(size)
            out.append(rest)
        return out


class _Heads:
    """Heads under each other with zeros behind, and a place in each to read on from."""

    def __init__(self, heads: Sequence[bytes], width: int) -> None:
        rows = np.frombuffer(b"".join([head.ljust(width, b"\0") for head in heads]), np.uint8)
        ends = np.where(rows < 0x80, np.arange(len(rows), dtype=np.int32), np.int32(len(rows)))
        self._rows = rows
        self._end_of = np.minimum.accumulate(ends[::-1])[::-1]  # the last byte of the varint that has a byte here
        self._begin = np.arange(len(heads), dtype=np.int64) * width
        self._at = self._begin.copy()
        self.long: Bools = np.zeros(len(heads), np.bool_)  # had a number of more than 63 bits

    def read_bytes(self) -> Ints:
        """How many so far."""
        return self._at - self._begin

    def byte(self, where: Bools | None = None) -> Ints:
        """The next one; 0, and nothing read, but `where`."""
        value = self._rows[self._at].astype(np.int64)
        self._at = self._at + (1 if where is None else where)
        return value if where is None else value * where

    def varint(self, where: Bools | None = None, wanted: bool = True) -> Ints:
        """The next number; 0, and nothing read, but `where`; 0 as well unless `wanted`."""
        value = np.zeros(len(self._at), np.int64)
        if where is not None and not where.any():
            return value
        after = self._end_of[self._at].astype(np.int64) + 1
        longest = int((after - self._at).max(initial=0)) if wanted else 0
        for each in range(min(longest, _LONGEST)):
            place = self._at + each
            inside = place < after
            value |= np.where(inside, self._rows[np.where(inside, place, 0)].astype(np.int64) & 0x7F, 0) << (7 * each)
        if longest > _LONGEST:
            self.long |= after - self._at > _LONGEST
        if where is None:
            self._at = after
            return value
        self._at = np.where(where, after, self._at)
        return value * where

    def zigzag(self, where: Bools | None, wanted: bool) -> Ints:
        """As `varint`, of either sign."""
        value = self.varint(where, wanted)
        return unzigzag(value.view(np.uint64)) if wanted else value
