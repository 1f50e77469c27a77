"""A column of many blocks unpacked at once: a block is so short that numpy's steps cost more than its values. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sessions.store.bits import Ints, from_planes, unzigzag
from sessions.store.columns import CAP, Located

Integers = npt.NDArray[np.integer[Any]]


class Alike(NamedTuple):
    """Columns of several blocks that are stored in the same way: as `Located`, the parts one after the other."""

    size: int
    steps: bool
    bits: int
    first: Ints
    base: Ints
    unary: list[bytes]
    lows: list[bytes]
    plain: list[bytes]


def values_together(places: Sequence[Located], kind: np.dtype[Any]) -> list[Any]:
    """For each place its values as `Located.values` gives them, in the type `kind`; for one that is constant a single value.

    Raises ValueError when one of them is damaged.
    """
    out: list[Any] = [None] * len(places)
    alike: dict[tuple[int, bool, int, bool], list[int]] = {}
    for at, place in enumerate(places):
        if place.constant:
            out[at] = np.int64(place.base).astype(kind)
        elif not (place.unary or place.plain) or place.size <= place.steps:  # even steps, or a lone value: rare
            out[at] = place.values().astype(kind)
        else:
            alike.setdefault((place.size, place.steps, place.bits, bool(place.unary)), []).append(at)
    for (size, steps, bits, _), numbers in alike.items():
        mine = [places[at] for at in numbers]
        first, base = (np.array([getattr(place, name) for place in mine], np.int64) for name in ("first", "base"))
        codes = [[place.unary for place in mine], [place.lows for place in mine], [place.plain for place in mine]]
        for at, row in zip(numbers, rows_of(Alike(size, steps, bits, first, base, *codes)).astype(kind), strict=True):
            out[at] = row
    return out


def rows_of(alike: Alike) -> Integers:
    """Their values, one block a row. Raises ValueError when one of them is damaged."""
    count, size, steps = len(alike.first), alike.size, alike.steps
    numbers = _decoded(alike, size - steps) if alike.unary[0] else _joined(alike, size - steps)
    differences = unzigzag(numbers)
    differences += alike.base[:, None]
    if not steps:
        return differences
    out = np.empty((count, size), np.int64)
    out[:, 0] = alike.first
    out[:, 1:] = differences
    return np.cumsum(out, axis=1, out=out)


def _joined(alike: Alike, size: int) -> npt.NDArray[np.uint64]:
    """From columns of bytes, the lowest first."""
    width = alike.bits
    planes = np.frombuffer(b"".join(alike.plain), np.uint8).reshape(len(alike.plain), width, size)
    numbers = planes[:, 0].astype(np.uint64)
    for each in range(1, width):
        numbers |= planes[:, each].astype(np.uint64) << np.uint64(8 * each)
    return numbers


def _decoded(alike: Alike, size: int) -> npt.NDArray[np.uint64]:
    """From codes: a one in the unary part ends each number's high part, and every place's part begins at a byte."""
    count = len(alike.unary)
    lengths = np.fromiter(map(len, alike.unary), np.int64, count) * 8
    begins = np.cumsum(lengths) - lengths
    unary = np.frombuffer(b"".join(alike.unary), np.uint8)
    found = np.unpackbits(unary).view(np.bool_).nonzero()[0]
    if len(found) != count * size:
        raise ValueError(f"{len(found)} codes, {count * size} are needed")
    ends = found.reshape(count, size)
    high = np.empty_like(ends)
    high[:, 0] = ends[:, 0] - begins
    np.subtract(ends[:, 1:], ends[:, :-1], out=high[:, 1:])
    high[:, 1:] -= 1
    if (high[:, 0] < 0).any() or (ends[:, -1] >= begins + lengths).any():
        raise ValueError("a place has more codes than it needs, and another fewer")
    large = high >= CAP
    in_full = np.fromiter(map(len, alike.plain), np.int64, count)
    if (large.sum(axis=1) * 8 != in_full).any():
        raise ValueError("numbers told in full are missing, or more than are needed")
    numbers = high.view(np.uint64)
    if alike.bits:
        numbers <<= np.uint64(alike.bits)
        numbers |= _low(alike.lows, alike.bits, size)
    for row in in_full.nonzero()[0].tolist():
        numbers[row, large[row]] = from_planes(alike.plain[row], 8)
    return numbers


def _low(lows: list[bytes], bits: int, size: int) -> npt.NDArray[np.uint64]:
    """The low bits: whole bytes as columns of bytes, the bits above as columns of bits, highest first."""
    whole, left = divmod(bits, 8)
    data = np.frombuffer(b"".join(lows), np.uint8).reshape(len(lows), -1)
    numbers = np.zeros((len(lows), size), np.uint64)
    for each in range(whole):
        numbers |= data[:, each * size : (each + 1) * size].astype(np.uint64) << np.uint64(8 * each)
    if left:
        planes = np.unpackbits(data[:, whole * size :], axis=1, count=left * size).reshape(len(lows), left, size)
        top = planes[:, 0].copy()
        for each in range(1, left):
            top += top
            top |= planes[:, each]
        numbers |= top.astype(np.uint64) << np.uint64(8 * whole)
    return numbers
