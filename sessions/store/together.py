"""A column of many blocks unpacked at once: a block is so short that numpy's steps cost more than its values. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sessions.store.bits import unzigzag
from sessions.store.columns import CAP, Located

Integers = npt.NDArray[np.integer[Any]]


def values_together(places: Sequence[Located], kind: np.dtype[Any]) -> list[Any]:
    """For each place its values as `Located.values` gives them, in the type `kind`; for one that is constant a single value.

    Raises ValueError when one of them is damaged.
    """
    out: list[Any] = [None] * len(places)
    alike: dict[tuple[int, bool, int, bool], list[int]] = {}
    for at, place in enumerate(places):
        if place.constant:
            out[at] = np.int64(place.base).astype(kind)
        elif bool(place.unary) == bool(place.plain) or place.size <= place.steps:  # some told in full, or a lone value: rare
            out[at] = place.values().astype(kind)
        else:
            alike.setdefault((place.size, place.steps, place.bits, bool(place.unary)), []).append(at)
    for numbers in alike.values():
        for at, row in zip(numbers, _rows([places[at] for at in numbers]).astype(kind), strict=True):
            out[at] = row
    return out


def _rows(places: list[Located]) -> Integers:
    """Values of places that are stored alike, one a row."""
    count, size, steps = len(places), places[0].size, places[0].steps
    numbers = _decoded(places, size - steps) if places[0].unary else _joined(places, size - steps)
    differences = unzigzag(numbers)
    differences += np.array([[place.base] for place in places], np.int64)
    if not steps:
        return differences
    out = np.empty((count, size), np.int64)
    out[:, 0] = [place.first for place in places]
    out[:, 1:] = differences
    return np.cumsum(out, axis=1, out=out)


def _joined(places: list[Located], size: int) -> npt.NDArray[np.uint64]:
    """From columns of bytes, the lowest first."""
    width = places[0].bits
    planes = np.frombuffer(b"".join([place.plain for place in places]), np.uint8).reshape(len(places), width, size)
    numbers = planes[:, 0].astype(np.uint64)
    for each in range(1, width):
        numbers |= planes[:, each].astype(np.uint64) << np.uint64(8 * each)
    return numbers


def _decoded(places: list[Located], size: int) -> npt.NDArray[np.uint64]:
    """From codes: a one in the unary part ends each number's high part, and every place's part begins at a byte."""
    lengths = np.array([len(place.unary) for place in places], np.int64) * 8
    begins = np.cumsum(lengths) - lengths
    unary = np.frombuffer(b"".join([place.unary for place in places]), np.uint8)
    found = np.unpackbits(unary).view(np.bool_).nonzero()[0]
    if len(found) != len(places) * size:
        raise ValueError(f"{len(found)} codes, {len(places) * size} are needed")
    ends = found.reshape(len(places), size)
    high = np.empty_like(ends)
    high[:, 0] = ends[:, 0] - begins
    np.subtract(ends[:, 1:], ends[:, :-1], out=high[:, 1:])
    high[:, 1:] -= 1
    if (high[:, 0] < 0).any() or (ends[:, -1] >= begins + lengths).any():
        raise ValueError("a place has more codes than it needs, and another fewer")
    if (high >= CAP).any():
        raise ValueError("numbers told in full are missing")
    numbers = high.view(np.uint64)
    bits = places[0].bits
    if bits:
        numbers <<= np.uint64(bits)
        numbers |= _low(places, bits, size)
    return numbers


def _low(places: list[Located], bits: int, size: int) -> npt.NDArray[np.uint64]:
    """The low bits: whole bytes as columns of bytes, the bits above as columns of bits, highest first."""
    whole, left = divmod(bits, 8)
    data = np.frombuffer(b"".join([place.lows for place in places]), np.uint8).reshape(len(places), -1)
    numbers = np.zeros((len(places), size), np.uint64)
    for each in range(whole):
        numbers |= data[:, each * size : (each + 1) * size].astype(np.uint64) << np.uint64(8 * each)
    if left:
        planes = np.unpackbits(data[:, whole * size :], axis=1, count=left * size).reshape(len(places), left, size)
        top = planes[:, 0].copy()
        for each in range(1, left):
            top += top
            top |= planes[:, each]
        numbers |= top.astype(np.uint64) << np.uint64(8 * whole)
    return numbers
