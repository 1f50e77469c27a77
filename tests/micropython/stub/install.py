"""Puts the stub in the place of the board's own modules: import this before the program under test."""

import sys

import micropython

from tests.micropython.stub import board_chip
from tests.micropython.stub.world import world


class Micropython:
    """MicroPython's own module, but for what would touch the real interpreter."""

    const = micropython.const

    @staticmethod
    def kbd_intr(byte: int) -> None:
        """Which byte interrupts the program; noted."""
        world.note("kbd_intr", byte)


class Usb:
    """Package `usb`."""

    device = board_chip.Device


class Os:
    """Module `os`."""

    @staticmethod
    def urandom(count: int) -> bytes:
        """From the chip's oscillator; here the same every time."""
        return b"\x5a\x01\x02\xc3"[:count]


modules = sys.modules
modules["os"] = Os  # type: ignore[assignment]
modules["micropython"] = Micropython  # type: ignore[assignment]
modules["machine"] = board_chip
modules["rp2"] = board_chip.Rp2  # type: ignore[assignment]
modules["time"] = board_chip.Time  # type: ignore[assignment]
modules["usb"] = Usb  # type: ignore[assignment]
modules["usb.device"] = board_chip.Device  # type: ignore[assignment]
modules["usb.device.cdc"] = board_chip.Cdc  # type: ignore[assignment]
