"""Minimum and maximum of a long trace at every zoom: each level holds one pair for 16 of the level below. Knows numpy only.

Bins are anchored to the absolute sample index: bin n of `per_bin` samples covers n * per_bin to (n + 1) * per_bin - 1 of the
pen's own count, wherever the view begins. A peak keeps its bin while the view is dragged, and is never averaged away.
"""

import numpy as np
import numpy.typing as npt

from ui.touch.decimation import Floats

FACTOR = 16
MISSING = 0xFFFF  # no sample here; also the lowest of an empty bin, whose highest is 0: lowest above highest is empty
Values = npt.NDArray[np.uint16]


class Pyramid:
    """Samples of 16 bits without sign, one for each index from `first`, `MISSING` where there is none.

    The samples are kept as they are, not copied; the levels take another 13 %.
    """

    def __init__(self, samples: Values, first: int) -> None:
        self.first = first
        self.samples = samples
        self._levels: list[tuple[int, int, Values, Values]] = []  # width, number of the first bin, lows, highs
        start, width, low, high = self.first, 1, self.samples, self.samples
        while len(low) > FACTOR:
            front = start % FACTOR
            low = _fold(low, front, MISSING, np.minimum)
            high = _fold(high, front, 0, np.maximum, hide=MISSING if width == 1 else None)
            start, width = start // FACTOR, width * FACTOR
            self._levels.append((width, start, low, high))

    @property
    def nbytes(self) -> int:
        """Memory of samples and levels."""
        return self.samples.nbytes + sum(low.nbytes + high.nbytes for _, _, low, high in self._levels)

    @property
    def end(self) -> int:
        """The index after the last sample."""
        return self.first + len(self.samples)

    def per_bin(self, samples: float) -> int:
        """The bin width next to `samples`, never smaller, that needs no more than 31 pairs of a level for a bin."""
        wanted = max(1, -int(-samples // 1))
        width = self._width_for(wanted)
        return -(-wanted // width) * width

    def bounds(self, first_bin: int, count: int, per_bin: int) -> tuple[Floats, Floats]:
        """(lows, highs) of the bins `first_bin` to `first_bin + count - 1`; NaN where nothing was measured.

        `per_bin` comes from the function of that name. Raises ValueError when it fits no level.
        """
        width = self._width_for(per_bin)
        if not (count >= 1 and per_bin % width == 0):
            raise ValueError(f"{count} bins of {per_bin} samples: allowed are 1 bin or more of a multiple of {width} samples")
        share = per_bin // width
        start, low, high = self.first, self.samples, self.samples
        for level_width, level_start, lows, highs in self._levels:
            if level_width == width:
                start, low, high = level_start, lows, highs
        begin, end = first_bin * share - start, (first_bin + count) * share - start
        lowest = _window(low, begin, end, MISSING).reshape(count, share).min(axis=1)
        top = _window(high, begin, end, 0)
        if width == 1:
            top = np.where(top == MISSING, 0, top)
        highest = top.reshape(count, share).max(axis=1)
        empty = lowest > highest
        return np.where(empty, np.nan, lowest), np.where(empty, np.nan, highest)

    def value(self, index: int) -> int | None:
        """The sample at `index`; None where there is none."""
        at = index - self.first
        if not (0 <= at < len(self.samples)) or self.samples[at] == MISSING:
            return None
        return int(self.samples[at])

    def known(self, begin: int, end: int) -> Values:
        """The samples from index `begin` up to `end`, without the missing ones."""
        part = self.samples[max(0, begin - self.first) : max(0, end - self.first)]
        known: Values = part[part != MISSING]
        return known

    def _width_for(self, per_bin: int) -> int:
        """Of the levels there are, the coarsest that still has 16 pairs for a bin; 1 are the samples themselves."""
        fitting = [width for width, *_ in self._levels if per_bin >= FACTOR * width]
        return fitting[-1] if fitting else 1


def _fold(values: Values, front: int, empty: int, ufunc: np.ufunc, hide: int | None = None) -> Values:
    """Sixteen into one, the first bin short by `front` values; `hide` counts as `empty`."""
    short = -(front + len(values)) % FACTOR
    padded = np.empty(front + len(values) + short, np.uint16)
    padded[:front] = empty
    padded[front : front + len(values)] = values
    padded[front + len(values) :] = empty
    if hide is not None:
        padded[padded == hide] = empty
    while len(padded) > (front + len(values) + short) // FACTOR:  # halves: eight times as fast as a reduction of short rows
        padded = ufunc(padded[0::2], padded[1::2])
    return padded


def _window(values: Values, begin: int, end: int, empty: int) -> Values:
    """`values[begin:end]`, with `empty` where that reaches beyond them."""
    inside = values[max(0, begin) : max(0, end)]
    front = min(max(0, -begin), end - begin)
    whole = np.full(end - begin, empty, np.uint16)
    whole[front : front + len(inside)] = inside
    return whole
