"""The USB serial port of the link: its own CDC interface that never waits, instead of the one MicroPython talks on.

Needs the package usb-device-cdc of micropython-lib. `timeout=0` is the point: a host that does not read costs telemetry,
which the pen drops and counts, and never a millisecond of the loop.
"""

import usb.device
from usb.device.cdc import CDCInterface

SEND_BYTES = 1024  # some 10 frames of four samples
RECEIVE_BYTES = 512


class UsbPort:
    """Bytes in, bytes out, and whether a host has the port open (DTR)."""

    def __init__(self, serial: str) -> None:
        """Takes over USB: MicroPython's own serial port is gone until the next start."""
        self._cdc = CDCInterface()
        self._cdc.init(timeout=0, txbuf=SEND_BYTES, rxbuf=RECEIVE_BYTES)
        self._unsent = b""
        usb.device.get().init(self._cdc, builtin_driver=False, product_str="pencontrol pen", serial_str=serial)

    @property
    def is_open(self) -> bool:
        """Has a host opened the port?"""
        return bool(self._cdc.is_open() and self._cdc.dtr)

    def read(self) -> bytes:
        """All that came; at once, and empty where nothing did."""
        return self._cdc.read(-1) or b""

    @property
    def wants_more(self) -> bool:
        """Has everything given so far gone to the USB hardware's buffer?"""
        return not self._unsent

    def send(self, data: bytes) -> None:
        """Send, after what is left of the last time, as much as the buffer takes now; the rest waits for the next call."""
        out = self._unsent + data
        if out:
            self._unsent = out[self._cdc.write(out) or 0 :]

    def forget(self) -> None:
        """The host has gone: what waits is not for the next one."""
        self._unsent = b""
