"""Builds a Track from the store, into arrays that are made once. I/O; runs in the librarian's thread.

Every eighth block comes first. Where that took long the whole length is on show then, and the rest fills in.
"""

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_protocol import messages
from sessions.columns import Extent, Stretch, extents, iter_columns, iter_stretches
from sessions.store import Store
from sessions.store.many import Field
from ui.touch.pyramid import MISSING, Pyramid, Values
from ui.touch.records.librarian import Ticket
from ui.touch.records.track import Places, Ruler, Track, lay_out, room, steps_of

FIELDS = ("depth_um", "speed_rpm", "limit_um", "zone", "flags", "contact")
STEPS = ("limit_um", "zone", "contact")
FIRST_EVERY = 8
SOON_NS = 80_000_000  # for the first eighth
DEFAULT_PERIOD_NS = 1e6


def load_track(store: Store, session: str, opened_mono_ns: int, ticket: Ticket, clock: Callable[[], int]) -> Track:
    """The whole trace of `session`. A first Track with every eighth block is told on the way where `clock` (ns) shows that
    the whole takes longer than anybody should wait.

    Raises Damaged at a block that cannot be unpacked, StoreError.
    """
    begun_ns = clock()
    load = _Load(store, session, opened_mono_ns)
    first = [extent.block for at, extent in enumerate(load.known) if at % FIRST_EVERY == 0 or load.after_hole(at)]
    rest = sorted({extent.block for extent in load.known} - set(first))
    load.take(iter_stretches(store, session, (*FIELDS, "mono_ns"), first), ticket)
    if rest:
        if clock() - begun_ns > SOON_NS:
            ticket.tell(load.track())
        load.take(iter_stretches(store, session, FIELDS, rest), ticket)
    return load.track()


class _Load:
    """The arrays under construction."""

    def __init__(self, store: Store, session: str, opened_mono_ns: int) -> None:
        self.known = extents(store, session)
        self._opened_mono_ns = opened_mono_ns
        whole = [_unbroken(extent, after) for extent, after in zip_longest(self.known, self.known[1:])]
        broken = [extent.block for extent, good in zip(self.known, whole, strict=True) if not good]
        self._offsets = {
            part.extent.block: _offsets(part.fields["index"]) for part in iter_columns(store, session, ("index",), broken)
        }
        self._lengths = [_length(extent, self._offsets.get(extent.block)) for extent in self.known]
        ends = zip(self.known, self._lengths, strict=True)
        self._places = lay_out([(extent.first_index, length) for extent, length in ends])
        self._first = self._places[0] if self._places else 0
        end = self._places[-1] + self._lengths[-1] if self._places else 0
        self._at = {extent.block: place for extent, place in zip(self.known, self._places, strict=True)}
        self._depth, self._speed = room(end - self._first), room(end - self._first)
        self._steps: dict[str, list[tuple[Places, npt.NDArray[np.int64]]]] = {name: [] for name in STEPS}
        self._moments: dict[int, int] = {}

    def after_hole(self, at: int) -> bool:
        """Whether places lie empty before block number `at` of the list: its time does not follow from the one before."""
        return at > 0 and self._places[at] != self._places[at - 1] + self._lengths[at - 1]

    def take(self, stretches: Iterable[Stretch], ticket: Ticket) -> None:
        """Put blocks where they belong."""
        for stretch in stretches:
            ticket.breathe()
            fields, blocks = stretch.fields, [extent.block for extent in stretch.extents]
            self._put(self._depth, fields["depth_um"], fields["flags"], messages.FLAG_DEPTH_VALID, blocks)
            self._put(self._speed, fields["speed_rpm"], fields["flags"], messages.FLAG_SPEED_VALID, blocks)
            for name in STEPS:
                self._steps[name] += self._changes(fields[name], blocks)
            if "mono_ns" in fields:
                self._moments |= {block: int(fields["mono_ns"].of(at)[0]) for at, block in enumerate(blocks)}

    def _put(self, samples: Values, field: Field, flags: Field, flag: int, blocks: list[int]) -> None:
        """MISSING where the pen itself says by `flag` that a value is not valid."""
        valid = flags.constant & (flags.value & flag != 0)
        begins = [self._at[block] - self._first for block in blocks]
        ends = [begin + count for begin, count in zip(begins, field.samples.tolist(), strict=True)]
        odd = {at for at, block in enumerate(blocks) if block in self._offsets} | set(np.flatnonzero(~valid).tolist())
        alike = np.flatnonzero(field.constant)
        for numbers, rows in [(alike, field.value[alike, None]), *field.groups]:
            for at, row in zip(numbers.tolist(), rows, strict=True):
                if at not in odd:
                    samples[begins[at] : ends[at]] = row
                    continue
                offsets = self._offsets.get(blocks[at])
                where: Any = slice(begins[at], ends[at]) if offsets is None else begins[at] + offsets
                samples[where] = row if valid[at] else np.where(flags.of(at) & flag, row, MISSING)

    def _changes(self, field: Field, blocks: list[int]) -> list[tuple[Places, npt.NDArray[np.int64]]]:
        """Where each block begins with which value, and where in it another one begins."""
        places = np.array([self._at[block] for block in blocks], np.int64)
        found = [(places[field.constant], field.value[field.constant].astype(np.int64))]
        for numbers, rows in field.groups:
            found.append((places[numbers], rows[:, 0].astype(np.int64)))
            row, column = np.nonzero(rows[:, 1:] != rows[:, :-1])
            where = places[numbers[row]] + column + 1
            for each in {blocks[at] for at in numbers.tolist()} & self._offsets.keys():
                mine = numbers[row] == blocks.index(each)
                where[mine] = self._at[each] + self._offsets[each][column[mine] + 1]
            found.append((where, rows[row, column + 1].astype(np.int64)))
        return found

    def track(self) -> Track:
        """What there is so far."""
        limit, zone, contact = (steps_of(self._steps[name]) for name in STEPS)
        depth, speed = Pyramid(self._depth, self._first), Pyramid(self._speed, self._first)
        return Track(depth, speed, limit, zone, contact, self._ruler())

    def _ruler(self) -> Ruler:
        read = np.array([extent.block in self._moments for extent in self.known], bool)
        places = np.array(self._places, np.int64)
        moments = np.array([self._moments.get(extent.block, 0) for extent in self.known], np.int64)
        period = DEFAULT_PERIOD_NS
        if read.sum() > 1:
            periods = np.diff(moments[read]) / np.diff(places[read])
            period = max(1.0, float(np.median(periods)))  # a hole between two blocks does not matter to the median
        if len(places):
            last_read = np.maximum.accumulate(np.where(read, np.arange(len(places)), 0))
            moments = moments[last_read] + ((places - places[last_read]) * period).astype(np.int64)
        indices = np.array([extent.first_index for extent in self.known], np.int64)
        return Ruler(places, indices, moments, np.array(self._lengths, np.int64), self._opened_mono_ns, period)


def _unbroken(extent: Extent, after: Extent | None) -> bool:
    """Whether no sample is missing inside, told by the headers: indices rise, so n of them fill n places."""
    return after is not None and after.first_index - extent.first_index == extent.samples


def _offsets(indices: npt.NDArray[np.uint64]) -> Places:
    offsets: Places = (indices - indices[0]).astype(np.int64)
    return offsets


def _length(extent: Extent, offsets: Places | None) -> int:
    """Places that a block covers, holes inside it included."""
    return extent.samples if offsets is None else int(offsets[-1]) + 1
