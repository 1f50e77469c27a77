"""The pen's main program on a Raspberry Pi Pico; lies in the root of the board's file system and starts by itself.

Held at power-on, the pen's button keeps MicroPython's own prompt instead: the way in for whoever flashes the board.
"""

import micropython

micropython.kbd_intr(-1)  # byte 3 is data on this wire; before anything else, so that no host can end the program with it

import gc  # noqa: E402
import os  # noqa: E402
from binascii import hexlify  # noqa: E402

import machine  # noqa: E402

from firmware_protocol.board import pins  # noqa: E402
from firmware_protocol.board.hardware import CHECK_OK, PicoHardware  # noqa: E402
from firmware_protocol.board.ticks import Clock  # noqa: E402
from firmware_protocol.board.usb_port import UsbPort  # noqa: E402
from firmware_protocol.messages import FAULT_ASSERT, RESET_POWER_ON, RESET_WATCHDOG, STATE_FAULT, STATE_IDLE  # noqa: E402
from firmware_protocol.pen import Pen  # noqa: E402
from firmware_protocol.pen_clock import BASE_PERIOD_US, elapsed_us  # noqa: E402

FIRMWARE = b"pico 1"
WATCHDOG_MS = 1000  # a write to flash may take half of it
BATCH = 4  # samples a frame, 250 frames a second, unless STREAM asks otherwise
HOUSE_US = 10000


class Board:
    """Brings bytes, time and the pen together. `once` is one turn of the loop and never waits."""

    def __init__(self, hardware: PicoHardware, port: UsbPort, pen: Pen) -> None:
        self.hardware = hardware
        self.port = port
        self.pen = pen
        self.failed_check = CHECK_OK
        self._clock = Clock()
        self._was_open = False
        self._greeted = False
        self._stepped_us = self._house_us = self._clock.now_us()
        self._watchdog = machine.WDT(timeout=WATCHDOG_MS)
        self._light = machine.Pin(pins.LED, machine.Pin.OUT, value=1)

    def once(self) -> None:
        """Hear, step when a millisecond has passed, speak."""
        now_us = self._clock.now_us()
        self._hear(now_us)
        late_us = elapsed_us(now_us, self._stepped_us)
        period_us = self.pen.step_us
        if late_us >= period_us:
            # Keeps to the beat: what one step comes late is not added to the next.
            self._stepped_us = (now_us - late_us % period_us) & 0xFFFFFFFF
            self._step(now_us, late_us)
        if self.port.is_open:
            self.port.send(self.pen.take_output() if self.port.wants_more else b"")

    def _hear(self, now_us: int) -> None:
        is_open = self.port.is_open
        if self._was_open and not is_open:
            self.pen.link_lost(now_us)
            self.port.forget()
            self._greeted = False
        self._was_open = is_open
        data = self.port.read()
        if data and is_open:
            self.pen.receive(data, now_us)
            if self.pen.output.session and not self._greeted:
                self._greeted = True
                if not self.pen.sampling.on:
                    self.pen.sampling.set(BASE_PERIOD_US, BATCH)

    def _step(self, now_us: int, late_us: int) -> None:
        if self.hardware.gate_fell:
            self.pen.motion.trip(FAULT_ASSERT, late_us // 1000)
        self.hardware.lease_left_ms = self.pen.motion.lease_left_ms(now_us)
        self.pen.step(now_us)
        if self.pen.state in (STATE_IDLE, STATE_FAULT) and elapsed_us(now_us, self._house_us) >= HOUSE_US:
            self._house_us = now_us
            self.hardware.keep_house()
        if self.failed_check == CHECK_OK:
            self.failed_check = self.hardware.check()
            if self.failed_check == CHECK_OK:
                self._watchdog.feed()
            else:  # never fed again: the board starts anew and shows WATCHDOG_RESET
                self.pen.motion.trip(FAULT_ASSERT, self.failed_check)


def start() -> Board:
    """Power off, then the pen, then USB, so that a host that finds the port finds a pen."""
    hardware = PicoHardware()
    reset_cause = RESET_WATCHDOG if machine.reset_cause() == machine.WDT_RESET else RESET_POWER_ON
    serial = hexlify(machine.unique_id())[-12:]
    boot_id = int.from_bytes(os.urandom(4), "little")
    pen = Pen(hardware, boot_id, reset_cause, serial, FIRMWARE, 0)
    gc.collect()
    return Board(hardware, UsbPort(serial.decode()), pen)


def run(board: Board) -> None:
    """For ever. Whatever is raised makes the pen safe first, and starves the watchdog."""
    try:
        while True:
            board.once()
    finally:
        board.hardware.safe()


if __name__ == "__main__":
    if machine.Pin(pins.BUTTON, machine.Pin.IN, machine.Pin.PULL_UP).value():
        board = start()
        run(board)
    else:
        micropython.kbd_intr(3)
