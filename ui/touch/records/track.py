"""A session's trace in memory: depth and speed with their pyramids, and what changes rarely as steps. Knows numpy only.

A *place* is a position along the trace, one for each sample: the pen's own sample index, counted on from the first one.
A hole in the index stays a hole of its size up to ten seconds; a longer one, or an index that went back (another pen,
another start), is drawn as one second without samples. `Ruler` translates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ui.touch.pyramid import MISSING, Pyramid

LONGEST_HOLE = 10_000
CUT_HOLE = 1_000
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Steps:
    """A value that holds from each place on until the next one; before the first it is 0."""

    places: Places
    values: npt.NDArray[np.int64]

    def at(self, place: int) -> int:
        """The value that holds at `place`."""
        found = int(np.searchsorted(self.places, place, "right")) - 1
        return int(self.values[found]) if found >= 0 else 0

    def within(self, begin: int, end: int) -> list[tuple[int, int, int]]:
        """(from, to, value) of every stretch between the places `begin` and `end`, cut to them."""
        first = max(0, int(np.searchsorted(self.places, begin, "right")) - 1)
        last = int(np.searchsorted(self.places, end, "left"))
        cuts = [*self.places[first:last].tolist(), end]
        values = self.values[first:last].tolist()
        pairs = zip(cuts, cuts[1:], values, strict=False)
        return [(max(begin, start), stop, value) for start, stop, value in pairs if stop > begin and start < end]


def steps_of(parts: Sequence[tuple[Places, npt.NDArray[np.int64]]]) -> Steps:
    """Changes that were found block by block, in any order, put together; what repeats the value before it is no change."""
    if not parts:
        return Steps(np.empty(0, np.int64), np.empty(0, np.int64))
    places = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    rising = np.argsort(places)
    places, values = places[rising], values[rising]
    changed = np.diff(values, prepend=values[:1] + 1) != 0
    return Steps(places[changed], values[changed])


@dataclass(frozen=True)
class Ruler:
    """From places to the pen's index and to seconds after the opening. One entry a block; `period_ns` is between samples."""

    places: Places  # where each block begins
    indices: Places  # the index of its first sample
    moments: Places  # monotonic ns, when control read that sample
    lengths: Places  # places it covers
    opened_mono_ns: int
    period_ns: float

    def at_s(self, place: float) -> float:
        """Seconds after the session was opened."""
        if not len(self.places):
            return 0.0
        block = max(0, int(np.searchsorted(self.places, place, "right")) - 1)
        since_ns = int(self.moments[block]) - self.opened_mono_ns + (place - int(self.places[block])) * self.period_ns
        return since_ns / 1e9

    def place(self, seconds: float) -> int:
        """The place at `seconds` after the opening; in a hole the end of what was before it. Cut to the trace."""
        if not len(self.places):
            return 0
        moment = self.opened_mono_ns + seconds * 1e9
        block = max(0, int(np.searchsorted(self.moments, moment, "right")) - 1)
        after = (moment - int(self.moments[block])) / self.period_ns
        return int(self.places[block]) + min(max(0, round(after)), int(self.lengths[block]) - 1)

    def place_of_index(self, index: int) -> int | None:
        """The place of the pen's sample `index`; None when it is not on record. The last one where an index came twice."""
        found = np.flatnonzero((self.indices <= index) & (index < self.indices + self.lengths))
        return int(self.places[found[-1]]) + index - int(self.indices[found[-1]]) if len(found) else None


@dataclass(frozen=True)
class Track:
    """Everything the replay draws. Depth in micrometres, speed in rpm; limit, zone (wire number) and contact as steps."""

    depth: Pyramid
    speed: Pyramid
    limit: Steps
    zone: Steps
    contact: Steps
    ruler: Ruler

    @property
    def begin(self) -> int:
        """The first place."""
        return self.depth.first

    @property
    def end(self) -> int:
        """The place after the last."""
        return self.depth.end

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        steps = sum(each.places.nbytes + each.values.nbytes for each in (self.limit, self.zone, self.contact))
        return self.depth.nbytes + self.speed.nbytes + steps


def lay_out(extents: Sequence[tuple[int, int]]) -> list[int]:
    """The place where each block begins, from (first index, places it covers); see the module's text for holes."""
    places: list[int] = []
    place = expected = extents[0][0] if extents else 0
    for first, length in extents:
        hole = first - expected
        if not (0 <= hole <= LONGEST_HOLE):
            hole = CUT_HOLE
        place += hole
        places.append(place)
        place += length
        expected = first + length
    return places


def room(length: int) -> npt.NDArray[np.uint16]:
    """Places without a sample yet."""
    return np.full(length, MISSING, np.uint16)
