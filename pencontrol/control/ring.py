"""The ring file between control (writer) and screens (readers): live samples, control's snapshot, heartbeat and STOP counter.

An mmap file in the runtime folder, owned by the launcher. Nobody waits for anybody: a sample slot carries its index at
both ends, the snapshot is a seqlocked block, and a reader that was overtaken says so. No numpy: control writes here between
two samples; `ui/touch/ring_reader.py` reads the same layout with numpy.

Numbers that another process watches are stored as one aligned machine word, never by `struct.pack_into`, which fills its
place with zeros first: another process would see a heartbeat of 0 and stop the pen.
"""

import mmap
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from sessions.trace_layout import TRACE_BYTES, TRACE_FORMAT

if TYPE_CHECKING:
    from pencontrol.control.snapshot import Snapshot

MAGIC = b"PENRING1"
SLOT_FORMAT = TRACE_FORMAT + "Q"  # the index again: equal at both ends, or the slot is being written
SLOT_BYTES = struct.calcsize(SLOT_FORMAT)
SLOTS = 1 << 15  # 32.8 s at 1 kHz; the screen shows 10
HEAD_BYTES = 4096
SNAPSHOT_BYTES = 60 * 1024
SAMPLES_AT = HEAD_BYTES + 4096 + SNAPSHOT_BYTES
FILE_BYTES = SAMPLES_AT + SLOTS * SLOT_BYTES

# Byte offsets of the header's u64 fields. Each has one writer.
AT_MAGIC = 0
AT_LAYOUT = 8  # launcher
AT_GENERATION = 16  # launcher: counts control's restarts
AT_WRITTEN = 24  # control: samples written since the generation began
AT_BEAT_COUNT = 64  # screen: heartbeat, counted by the frame tick
AT_BEAT_NS = 72  # screen: when, monotonic
AT_BEAT_INSTANCE = 80  # screen: which instance
AT_STOP_COUNT = 128  # screens: each STOP adds one
AT_SNAPSHOT_SEQ = HEAD_BYTES  # control: odd while writing
AT_SNAPSHOT_LENGTH = HEAD_BYTES + 8
AT_SNAPSHOT = HEAD_BYTES + 16

LAYOUT_HASH = zlib.crc32(f"{SLOT_FORMAT}|{SLOTS}|{SAMPLES_AT}|{SNAPSHOT_BYTES}".encode())

assert sys.byteorder == "little", "the ring's words are little endian, as its readers expect"
assert SLOT_BYTES == TRACE_BYTES + 8, "a slot is one trace record and its index again"

_U64 = struct.Struct("<Q")
_TRACE = struct.Struct(TRACE_FORMAT)
NO_INDEX = 0xFFFFFFFFFFFFFFFF  # equals no index: a reader drops a slot that is being written


class RingError(Exception):
    """The file is no ring of this layout: says what was found and what was expected."""


def create_ring(path: Path) -> None:
    """Make an empty ring file (launcher only)."""
    with path.open("wb") as file:
        file.truncate(FILE_BYTES)
        file.write(MAGIC + _U64.pack(LAYOUT_HASH) + _U64.pack(0))


class Ring:
    """The mapped file. Every method is a few memory writes or reads; none waits."""

    def __init__(self, path: Path) -> None:
        """Map `path`. Raises RingError when it is of another layout, OSError when it cannot be opened."""
        descriptor = os.open(path, os.O_RDWR)
        try:
            size = os.fstat(descriptor).st_size
            if size != FILE_BYTES:
                raise RingError(f"{path} has {size} bytes, a ring of this version has {FILE_BYTES}")
            self.map = mmap.mmap(descriptor, FILE_BYTES)
        finally:
            os.close(descriptor)
        self._words = memoryview(self.map).cast("Q")
        if self.map[:8] != MAGIC or self._get(AT_LAYOUT) != LAYOUT_HASH:
            raise RingError(f"{path} is no ring of layout {LAYOUT_HASH:#010x}")

    def close(self) -> None:
        """Unmap."""
        self._words.release()
        self.map.close()

    def _get(self, at: int) -> int:
        return self._words[at >> 3]

    def _put(self, at: int, value: int) -> None:
        self._words[at >> 3] = value

    # launcher

    def next_generation(self) -> int:
        """A new control process begins: its samples count from 0."""
        generation = self._get(AT_GENERATION) + 1
        self._put(AT_WRITTEN, 0)
        self._put(AT_GENERATION, generation)
        return generation

    @property
    def generation(self) -> int:
        """Counts control's restarts."""
        return self._get(AT_GENERATION)

    # control

    def write_sample(self, number: int, values: tuple[int, ...]) -> None:
        """Sample `number` (0, 1, 2 ... of this generation); `values` in the order of `events.TRACE_FIELDS`."""
        at = SAMPLES_AT + (number % SLOTS) * SLOT_BYTES
        self._put(at + TRACE_BYTES, NO_INDEX)
        self.map[at : at + TRACE_BYTES] = _TRACE.pack(*values)
        self._put(at + TRACE_BYTES, values[0])
        self._put(AT_WRITTEN, number + 1)

    def write_snapshot(self, snapshot: "Snapshot") -> None:
        """Publish; a document that does not fit raises RingError and leaves the old one."""
        text = snapshot.model_dump_json().encode()
        if len(text) > SNAPSHOT_BYTES:
            raise RingError(f"a snapshot of {len(text)} bytes, at most {SNAPSHOT_BYTES} fit")
        sequence = self._get(AT_SNAPSHOT_SEQ)
        self._put(AT_SNAPSHOT_SEQ, sequence | 1)
        self._put(AT_SNAPSHOT_LENGTH, len(text))
        self.map[AT_SNAPSHOT : AT_SNAPSHOT + len(text)] = text
        self._put(AT_SNAPSHOT_SEQ, (sequence | 1) + 1)

    def heartbeat(self) -> tuple[int, int, int]:
        """(instance, count, mono_ns) of the newest screen."""
        return self._get(AT_BEAT_INSTANCE), self._get(AT_BEAT_COUNT), self._get(AT_BEAT_NS)

    # screens

    def beat(self, instance: int, count: int, mono_ns: int) -> None:
        """The frame tick's sign of life."""
        self._put(AT_BEAT_INSTANCE, instance)
        self._put(AT_BEAT_NS, mono_ns)
        self._put(AT_BEAT_COUNT, count)

    def count_stop(self) -> None:
        """STOP was pressed: one more. The wake pipe tells control to look."""
        self._put(AT_STOP_COUNT, self._get(AT_STOP_COUNT) + 1)

    @property
    def stop_count(self) -> int:
        """How often STOP was pressed since the launcher began."""
        return self._get(AT_STOP_COUNT)

    @property
    def written(self) -> int:
        """Samples control has written in this generation."""
        return self._get(AT_WRITTEN)

    def read_snapshot(self) -> "Snapshot | None":
        """The newest complete snapshot; None before the first, or when control keeps writing over it (try next frame)."""
        from pencontrol.control.snapshot import Snapshot  # its models take longer than the rest of a screen's first picture

        for _ in range(4):
            before = self._get(AT_SNAPSHOT_SEQ)
            if before == 0 or before & 1:
                continue
            length = self._get(AT_SNAPSHOT_LENGTH)
            text = bytes(self.map[AT_SNAPSHOT : AT_SNAPSHOT + min(length, SNAPSHOT_BYTES)])
            if self._get(AT_SNAPSHOT_SEQ) == before:
                return Snapshot.model_validate_json(text)
        return None
