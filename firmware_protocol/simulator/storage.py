"""The simulated pen's storage: four slots in memory, or in one file that stays when the simulator ends. One step is 1 ms.

A write takes time, as flash does: the slot is erased first, then bytes come in pieces. `MemoryStorage` is pure.
"""

from pathlib import Path

from firmware_protocol.messages import CALIBRATION_PASS, DAYS_WITHOUT_END, calibration_bytes
from firmware_protocol.pen_hardware import STORE_BUSY, STORE_DONE
from firmware_protocol.pen_storage import CALIBRATION_SLOTS, SLOT_BYTES, SLOTS, record_of

PIECE_BYTES = 16
ERASED = b"\xff" * SLOT_BYTES


def factory_slots() -> list[bytes]:
    """A pen fresh from the bench: ideal, passed, and with no end, because a simulated pen does not drift."""
    slots = [ERASED] * SLOTS
    block = calibration_bytes(0, 0, 0, b"SIMULATED", DAYS_WITHOUT_END, CALIBRATION_PASS)
    record = record_of(1, block)
    slots[CALIBRATION_SLOTS[0]] = record + ERASED[len(record) :]
    return slots


class MemoryStorage:
    """Slots in memory. `begin` and `poll` keep the contract of `pen_hardware.Hardware`."""

    def __init__(self) -> None:
        self.slots = factory_slots()
        self._slot = 0
        self._data = b""
        self._done = 0

    def read(self, slot: int) -> bytes:
        """All 256 bytes of a slot."""
        return self.slots[slot]

    def begin(self, slot: int, data: bytes) -> bool:
        """Erase the slot and begin to write it."""
        self._slot, self._data, self._done = slot, data, 0
        self._put(ERASED)
        return True

    def poll(self) -> int:
        """Write the next piece."""
        self._done = min(self._done + PIECE_BYTES, len(self._data))
        self._put(self._data[: self._done] + ERASED[self._done :])
        return STORE_DONE if self._done == len(self._data) else STORE_BUSY

    def _put(self, content: bytes) -> None:
        self.slots[self._slot] = content


class FileStorage(MemoryStorage):
    """Slots in a file of 1024 bytes, made as a factory pen where it is missing; each piece goes to the file at once."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where the file cannot be read or made, or is no storage."""
        super().__init__()
        self._path = path
        if not path.exists():
            path.write_bytes(b"".join(self.slots))
        content = path.read_bytes()
        if len(content) != SLOTS * SLOT_BYTES:
            raise OSError(f"{path} is no storage of a simulated pen: {len(content)} bytes, not {SLOTS * SLOT_BYTES}")
        self.slots = [content[at : at + SLOT_BYTES] for at in range(0, len(content), SLOT_BYTES)]

    def _put(self, content: bytes) -> None:
        super()._put(content)
        with self._path.open("r+b") as file:
            file.seek(self._slot * SLOT_BYTES)
            file.write(content)
