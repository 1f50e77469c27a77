"""Reads new samples from the ring file with numpy, without ever waiting. Knows nothing of Qt.

Contract: what is handed out was complete (index equal at both ends) and was not overwritten while it was copied. A reader
that was overtaken says so and goes on with the oldest sample that is still there.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pencontrol.control.ring import AT_SNAPSHOT_SEQ, SAMPLES_AT, SLOT_BYTES, SLOT_FORMAT, SLOTS, Ring
from sessions.events import TRACE_FIELDS

MARGIN = 256  # slots kept between us and the writer: a quarter of a second at 1 kHz

_NUMPY = {"Q": "<u8", "q": "<i8", "i": "<i4", "H": "<u2", "B": "u1"}

Samples = npt.NDArray[Any]


def slot_dtype() -> np.dtype[Any]:
    """The slot as numpy sees it, made from the struct format; padding can differ silently, so the offsets are struct's."""
    letters = SLOT_FORMAT.removeprefix("<")
    places = [at for at, letter in enumerate(letters) if letter != "x"]
    names = [*TRACE_FIELDS, "again"]
    assert len(places) == len(names), "one name for each field of a slot"
    layout = {
        "names": names,
        "formats": [_NUMPY[letters[at]] for at in places],
        "offsets": [struct.calcsize("<" + letters[:at]) for at in places],
        "itemsize": SLOT_BYTES,
    }
    return np.dtype(layout)  # type: ignore[call-overload, no-any-return]  # numpy's types know no such dictionary


SLOT_DTYPE = slot_dtype()
assert SLOT_DTYPE.itemsize == SLOT_BYTES, f"a slot has {SLOT_BYTES} bytes, the dtype {SLOT_DTYPE.itemsize}"


@dataclass(frozen=True)
class Batch:
    """What is new since the last read: a private copy, oldest first."""

    samples: Samples
    restarted: bool = False  # another control process: its samples count from 0 again
    lapped: int = 0  # samples that were overwritten before they could be read
    torn: int = 0  # slots dropped because they were being written


class RingReader:
    """Follows one ring file. One reader, one position."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._slots: Samples = np.frombuffer(ring.map, dtype=SLOT_DTYPE, count=SLOTS, offset=SAMPLES_AT)
        self._sequence = np.frombuffer(ring.map, dtype="<u8", count=1, offset=AT_SNAPSHOT_SEQ)
        self._generation = ring.generation
        self._next = ring.written

    def close(self) -> None:
        """Let go of the mapping, so that the ring can be closed."""
        del self._slots, self._sequence

    @property
    def snapshot_sequence(self) -> int:
        """Changes with every snapshot; odd while one is being written."""
        return int(self._sequence[0])

    def rewind(self, samples: int) -> None:
        """The next read begins `samples` back, or at the oldest that is still there."""
        self._next = max(0, self._ring.written - min(samples, SLOTS - MARGIN))

    def read(self) -> Batch:
        """New samples, perhaps none."""
        generation, written = self._ring.generation, self._ring.written
        restarted = generation != self._generation
        if restarted:
            self._generation, self._next = generation, 0
        if written <= self._next:
            return Batch(self._slots[:0].copy(), restarted)
        lapped = max(0, written - self._next - (SLOTS - MARGIN))
        first = self._next + lapped
        copy = self._copy(first, written)
        self._next = written
        overwritten = min(max(0, self._ring.written - SLOTS + 1 - first), len(copy))
        copy = copy[overwritten:]
        whole = copy["index"] == copy["again"]
        return Batch(copy[whole], restarted, lapped + overwritten, int(len(copy) - whole.sum()))

    def _copy(self, first: int, end: int) -> Samples:
        begin, stop = first % SLOTS, end % SLOTS
        if begin < stop:
            return self._slots[begin:stop].copy()
        return np.concatenate((self._slots[begin:], self._slots[:stop]))
