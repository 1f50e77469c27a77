"""A log of moments that one process writes and another reads: a mapped file of machine words, made before anything is timed.

Writing costs a few memory writes and touches no page for the first time, so it disturbs neither frames nor memory figures.
"""

import mmap
import os
from enum import IntEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

WORDS = 4
ROW_BYTES = 8 * WORDS
DTYPE = np.dtype([("what", "<u8"), ("start_ns", "<u8"), ("end_ns", "<u8"), ("about", "<u8")])

Rows = npt.NDArray[np.void]


class What(IntEnum):
    """What a row tells. Times are CLOCK_MONOTONIC."""

    TICK = 1  # one frame tick, from its begin to its end
    PAINT = 2  # the window was painted and handed to the display; `about`: its newest sample's time, 0 without a trace
    OPEN = 3  # a session was touched in the list
    RECORD = 4  # its head is there
    TRACK = 5  # a trace was handed to the replay (start), and is painted (end); `about`: 1 when nothing more is asked for
    DRAG = 6  # a drag moved the replay (start), and that is painted (end)
    WIRE = 7  # a STOP has left for the pen


class StampWriter:
    """Appends rows; a full log stays as it is."""

    def __init__(self, path: Path, rows: int) -> None:
        """Make the file, `rows` long. Raises OSError."""
        size = ROW_BYTES * (rows + 1)
        with path.open("wb") as file:
            file.write(bytes(size))
        descriptor = os.open(path, os.O_RDWR)
        self._map = mmap.mmap(descriptor, size)
        os.close(descriptor)
        self._map[:] = bytes(size)  # every page is there from now on
        self._words = memoryview(self._map).cast("Q")
        self._rows, self._count = rows, 0

    def put(self, what: int, start_ns: int, end_ns: int, about: int = 0) -> None:
        """One row."""
        if self._count >= self._rows:
            return
        self._count += 1
        at, words = self._count * WORDS, self._words
        words[at], words[at + 1], words[at + 2], words[at + 3] = what, start_ns, end_ns, about
        words[0] = self._count  # last: a reader never sees half a row


class StampReader:
    """Reads what another process stamps."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, or ValueError while the file is empty."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            self._map = mmap.mmap(descriptor, os.fstat(descriptor).st_size, prot=mmap.PROT_READ)
        finally:
            os.close(descriptor)
        self._words = memoryview(self._map).cast("Q")

    @property
    def count(self) -> int:
        """Rows so far."""
        return int(self._words[0])

    @property
    def full(self) -> bool:
        """Was anything lost?"""
        return self.count >= len(self._map) // ROW_BYTES - 1

    def rows(self, first: int = 0) -> Rows:
        """A copy of the rows from number `first` on."""
        return np.frombuffer(self._map, DTYPE, self.count - first, ROW_BYTES * (first + 1)).copy()

    def of(self, what: What, first: int = 0) -> Rows:
        """Only the rows of one kind."""
        rows = self.rows(first)
        found: Rows = rows[rows["what"] == what]
        return found

    def close(self) -> None:
        """Unmap."""
        self._words.release()
        self._map.close()
