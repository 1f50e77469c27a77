"""Four slots in the board's flash, a file each. `pen_storage` makes two-slot records of them.

The file system (littlefs) writes a changed file to fresh blocks before it lets go of the old ones, so a cut during a write
leaves this slot old, empty or new, and the other slots alone. A write stops the processor for some tens of milliseconds,
which is why it happens with the motor off only, and in one call, so that nothing of it is left half done between steps.
"""

from firmware_protocol.pen_hardware import STORE_BUSY, STORE_DONE, STORE_FAILED

SLOT_BYTES = 256


class Flash:
    """Keeps the contract of `pen_hardware.Hardware`, storage part."""

    def __init__(self) -> None:
        self._slot = 0
        self._data: bytes | None = None
        self._announced = False

    def read(self, slot: int) -> bytes:
        """What the slot holds, empty where it was never written."""
        try:
            with open(file_name(slot), "rb") as file:  # noqa: PTH123 # the board has no pathlib
                return file.read(SLOT_BYTES)
        except OSError:
            return b""

    def begin(self, slot: int, data: bytes) -> bool:
        """Take the bytes; `poll` writes them."""
        if len(data) > SLOT_BYTES:
            return False
        self._slot = slot
        self._data = data
        self._announced = False
        return True

    def poll(self) -> int:
        """Once busy, so that the reply to the host leaves first; then the write, whole."""
        if self._data is None:
            return STORE_FAILED
        if not self._announced:
            self._announced = True
            return STORE_BUSY
        data, self._data = self._data, None
        try:
            with open(file_name(self._slot), "wb") as file:  # noqa: PTH123
                file.write(data)
        except OSError:
            return STORE_FAILED
        return STORE_DONE


def file_name(slot: int) -> str:
    """Where a slot lies."""
    return f"/slot{slot}"
