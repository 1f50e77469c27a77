"""What outlives power: each set of bytes in two slots, written in turn, so that a cut leaves the old set or the new one. Pure.

Runs unchanged on CPython and MicroPython. A slot holds one record: magic u16, version u8, reserved u8, generation u32,
length u16, payload, CRC-32 over all before; little endian. The newest record that is whole counts. A write goes to the other
slot, is read back, and only then counts, so nothing that happens during it can harm the set in force.
"""

import binascii
import struct

from firmware_protocol.messages import (
    BUSY,
    FAILED,
    IN_PROGRESS,
    STORAGE_DONE,
    STORAGE_FAILED,
    STORAGE_IDLE,
    STORAGE_WRITING,
)
from firmware_protocol.pen_hardware import STORE_BUSY, STORE_DONE, STORE_FAILED, Hardware

MAGIC = 0x5350
VERSION = 1
HEAD_BYTES = 10
PAYLOAD_MOST_BYTES = 240
SLOT_BYTES = 256  # what a board must keep room for, each
PARAMETER_SLOTS = (0, 1)
CALIBRATION_SLOTS = (2, 3)
SLOTS = 4


def record_of(generation: int, payload: bytes) -> bytes:
    """The bytes of a slot that holds `payload` (at most 240 bytes)."""
    record = struct.pack("<HBBIH", MAGIC, VERSION, 0, generation & 0xFFFFFFFF, len(payload)) + payload
    return record + struct.pack("<I", binascii.crc32(record) & 0xFFFFFFFF)


def read_record(slot: bytes) -> tuple[int, bytes] | None:
    """(generation, payload) of a slot, None where it holds no whole record. Whatever follows the record is not looked at."""
    if len(slot) < HEAD_BYTES + 4:
        return None
    magic, version, _, generation, length = struct.unpack("<HBBIH", slot[:HEAD_BYTES])
    end = HEAD_BYTES + length
    if magic != MAGIC or version != VERSION or len(slot) < end + 4:
        return None
    if binascii.crc32(slot[:end]) & 0xFFFFFFFF != struct.unpack("<I", slot[end : end + 4])[0]:
        return None
    return generation, bytes(slot[HEAD_BYTES:end])


class TwoSlots:
    """One set of bytes in two slots. `payload` is what counts, None where neither slot is whole."""

    def __init__(self, hardware: Hardware, slots: tuple[int, int]) -> None:
        """Reads both slots: once, at boot."""
        self._hardware = hardware
        self._slots = slots
        self._writing = b""
        self._generation = 0
        self._active = 1  # so that the first write goes to the first slot
        self.payload: bytes | None = None
        for at in (0, 1):
            found = read_record(hardware.storage_read(slots[at]))
            if found is not None and (self.payload is None or 0 < (found[0] - self._generation) & 0xFFFFFFFF < 0x80000000):
                self._generation, self.payload = found
                self._active = at

    @property
    def writing(self) -> bool:
        """Is a write under way?"""
        return bool(self._writing)

    def begin(self, payload: bytes) -> bool:
        """Begin to write a new set to the slot that does not count; False where that cannot be."""
        if self._writing or len(payload) > PAYLOAD_MOST_BYTES:
            return False
        record = record_of(self._generation + 1, payload)
        if not self._hardware.storage_begin(self._slots[1 - self._active], record):
            return False
        self._writing = record
        return True

    def poll(self) -> int:
        """How the write fares: STORE_BUSY, then once STORE_DONE (read back, in force) or STORE_FAILED (the old set stays)."""
        said = self._hardware.storage_poll()
        if said == STORE_BUSY:
            return said
        record, self._writing = self._writing, b""
        if said != STORE_DONE:
            return said
        found = read_record(self._hardware.storage_read(self._slots[1 - self._active]))
        if found is None or found != read_record(record):
            return STORE_FAILED
        self._generation, self.payload = found
        self._active = 1 - self._active
        return said


class Storage:
    """Both sets that a pen keeps, and the one write that may be under way."""

    def __init__(self, hardware: Hardware) -> None:
        """Reads all four slots: at boot."""
        self.parameters = TwoSlots(hardware, PARAMETER_SLOTS)
        self.calibration = TwoSlots(hardware, CALIBRATION_SLOTS)
        self.state = STORAGE_IDLE

    @property
    def writing(self) -> bool:
        """Is a write under way?"""
        return self.state == STORAGE_WRITING

    def begin(self, which: TwoSlots, payload: bytes) -> int:
        """Begin to write one set: IN_PROGRESS, BUSY while another write runs, FAILED where the storage refuses."""
        if self.writing:
            return BUSY
        if not which.begin(payload):
            self.state = STORAGE_FAILED
            return FAILED
        self.state = STORAGE_WRITING
        return IN_PROGRESS

    def poll(self) -> TwoSlots | None:
        """Once a base period: the set whose write has just ended, well or not (`state` says)."""
        if not self.writing:
            return None
        which = self.parameters if self.parameters.writing else self.calibration
        said = which.poll()
        if said == STORE_BUSY:
            return None
        self.state = STORAGE_DONE if said == STORE_DONE else STORAGE_FAILED
        return which
