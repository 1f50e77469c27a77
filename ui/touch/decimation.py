"""Min/max decimation: one bin a pixel column, bins anchored to the absolute sample index. Knows numpy only.

Anchoring means that a sample falls into the same bin for as long as it is on show: peaks do not flicker while the trace
moves, and an extreme value is never averaged away.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class MinMax:
    """The newest `columns` bins of `per_bin` samples each; empty bins are NaN, so a gap is a gap."""

    def __init__(self, columns: int, per_bin: int) -> None:
        if not (columns >= 1 and per_bin >= 1):
            raise ValueError(f"{columns} columns of {per_bin} samples: both must be at least 1")
        self.columns = columns
        self.per_bin = per_bin
        self._low = np.full(columns, np.nan)
        self._high = np.full(columns, np.nan)
        self._bin = np.full(columns, -1, dtype=np.int64)
        self._head = -1
        self._x = np.repeat(np.arange(columns, dtype=np.float64), 2)

    def clear(self) -> None:
        """Forget everything."""
        self._bin[:] = -1
        self._head = -1

    @property
    def head(self) -> int:
        """Number of the newest bin; -1 before the first."""
        return self._head

    def advance(self, index: int) -> None:
        """Time has come to sample `index`, whether or not a sample came with it."""
        self._head = max(self._head, index // self.per_bin)

    def add(self, index: Integers, value: Floats) -> None:
        """Samples in rising order of `index`; a NaN value is a missing one."""
        known = ~np.isnan(value)
        if len(index):
            self.advance(int(index[-1]))
        index, value = index[known], value[known]
        bins = index // self.per_bin
        recent = bins > self._head - self.columns
        bins, value = bins[recent], value[recent]
        if not len(bins):
            return
        starts = np.flatnonzero(np.diff(bins, prepend=bins[0] - 1))
        lows, highs = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
        numbers = bins[starts]
        at = numbers % self.columns
        same = self._bin[at] == numbers
        self._low[at] = np.where(same, np.fmin(self._low[at], lows), lows)
        self._high[at] = np.where(same, np.fmax(self._high[at], highs), highs)
        self._bin[at] = numbers

    def bounds(self) -> tuple[Floats, Floats]:
        """(lows, highs), each `columns` long, oldest first; NaN where nothing was measured."""
        wanted = np.arange(self._head - self.columns + 1, self._head + 1, dtype=np.int64)
        at = wanted % self.columns
        held = (self._bin[at] == wanted) & (wanted >= 0)
        return np.where(held, self._low[at], np.nan), np.where(held, self._high[at], np.nan)

    def line(self) -> tuple[Floats, Floats]:
        """(x, y) of a polyline with two points a column; x is the column, y NaN in gaps."""
        lows, highs = self.bounds()
        y = np.empty(2 * self.columns)
        y[0::4], y[1::4] = lows[0::2], highs[0::2]
        y[2::4], y[3::4] = highs[1::2], lows[1::2]
        return self._x, y
