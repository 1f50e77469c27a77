"""Stands in for `machine`, `rp2`, `time` and `usb.device`: only what the board uses, in the world's virtual time."""

import binascii
import struct
from collections import deque

from firmware_protocol.board import pins
from tests.micropython.stub.pio import StateMachine, asm_pio
from tests.micropython.stub.world import world

PWRON_RESET = 1
WDT_RESET = 3
TICKS_PERIOD = 1 << 30
causes = [PWRON_RESET]
chip = bytearray(b"\xff" * 256)  # the cartridge's EEPROM
chip_answers = [True]


class Pin:
    """A GPIO; inputs read what the world says."""

    IN = 0
    OUT = 1
    PULL_UP = 1
    IRQ_FALLING = 4

    def __init__(self, number: int, mode: int = 0, pull: int = -1, *, value: int | None = None) -> None:
        self.number = number
        if value is not None:
            world.level(number, value)

    def init(self, mode: int, *, value: int) -> None:
        """Take the pin back from whatever drives it."""
        world.pio[:] = [machine for machine in world.pio if machine.pin is not self]  # type: ignore[attr-defined]
        world.level(self.number, value)

    def value(self, level: int | None = None) -> int:
        """Read, or set."""
        if level is not None:
            world.level(self.number, level)
        return world.levels.get(self.number, 1)

    def irq(self, handler: object, trigger: int, *, hard: bool) -> None:
        """Only the tachometer has one."""
        assert self.number == pins.TACHOMETER
        assert hard
        world.irq = handler


class PWM:
    """Of the motor or of the depth actuator."""

    def __init__(self, pin: Pin, *, freq: int, duty_u16: int = 0, duty_ns: int = 0) -> None:
        self._number = pin.number

    def duty_u16(self, duty: int) -> None:
        """Of the motor."""
        assert 0 <= duty <= 65535
        assert self._number == pins.MOTOR_PWM
        world.duty = duty

    def duty_ns(self, time_ns: int) -> None:
        """Of the depth actuator."""
        assert self._number == pins.DEPTH_PWM
        world.depth_ns = time_ns


class ADC:
    """One channel; a conversion costs its time."""

    def __init__(self, channel: int) -> None:
        self._channel = channel

    def read_u16(self) -> int:
        """0 to 65535."""
        world.spend(10)
        return world.raw(self._channel)


class I2C:
    """The bus with the cartridge's chip on it."""

    def __init__(self, number: int, *, sda: Pin, scl: Pin, freq: int, timeout: int) -> None:
        pass

    def readfrom_mem(self, address: int, start: int, count: int) -> bytes:
        """Bytes of the EEPROM; OSError where no chip answers."""
        world.spend(25 * count)
        if not chip_answers[0] or address != pins.CARTRIDGE_CHIP:
            raise OSError(5)
        return bytes(chip[start : start + count])

    def writeto_mem(self, address: int, start: int, data: bytes) -> None:
        """Within one page of eight."""
        assert start // 8 == (start + len(data) - 1) // 8
        world.spend(25 * len(data))
        if not chip_answers[0]:
            raise OSError(5)
        chip[start : start + len(data)] = data


class WDT:
    """The watchdog: the world notes a reset when it was not fed."""

    def __init__(self, *, timeout: int) -> None:
        world.watchdog_us = timeout * 1000
        world.fed_us = world.now_us

    def feed(self) -> None:
        """Noted by its time only."""
        world.fed_us = world.now_us


def reset_cause() -> int:
    """Why the board started."""
    return causes[0]


def unique_id() -> bytes:
    """As of the flash chip."""
    return b"\xe6\x61\x01\x02\x03\x04\x05\x06"


class Rp2:
    """Module `rp2`."""

    PIO = asm_pio
    asm_pio = asm_pio.decorate
    StateMachine = StateMachine


class Time:
    """Module `time`: asking costs as much as a few lines of the program do."""

    @staticmethod
    def ticks_us() -> int:
        """Wraps after 17.9 minutes; the world begins shortly before."""
        world.spend(20)
        return (world.now_us + TICKS_PERIOD - 3000000) % TICKS_PERIOD

    @staticmethod
    def ticks_diff(later: int, earlier: int) -> int:
        """As MicroPython defines it: from -half to half the period."""
        return (later - earlier + TICKS_PERIOD // 2) % TICKS_PERIOD - TICKS_PERIOD // 2


class CDCInterface:
    """The USB serial port. The host's end: `deliver`, `collect`, `dtr`, and `reads`, whether it takes what is sent."""

    def __init__(self) -> None:
        port.append(self)
        self.dtr = False
        self.reads = True
        self._in: object = deque((), 64)  # noqa: RUF037 # MicroPython wants all it can be given
        self._out = b""
        self._room = 0

    def init(self, *, timeout: int, txbuf: int, rxbuf: int) -> None:
        """Only never waiting will do."""
        assert timeout == 0
        self._room = txbuf

    def is_open(self) -> bool:
        """Has the host's driver found us?"""
        return True

    def deliver(self, data: bytes) -> None:
        """Bytes from the host."""
        self._in.append(data)  # type: ignore[attr-defined]

    def collect(self) -> bytes:
        """Bytes for the host."""
        out, self._out = self._out, b""
        return out

    def read(self, size: int) -> bytes | None:
        """All that is there, None where nothing is."""
        assert size == -1
        world.block()
        world.spend(150)  # as the rest of a turn of the loop takes, more or less
        return self._in.popleft() if self._in else None  # type: ignore[attr-defined]

    def write(self, data: bytes) -> int:
        """As much as there is room for."""
        taken = data[: max(0, self._room - len(self._out))]
        self._out += taken
        return len(taken)


port: list[CDCInterface] = []


class Device:
    """Module `usb.device`."""

    @staticmethod
    def get() -> "type[Device]":
        """The one device."""
        return Device

    @staticmethod
    def init(interface: CDCInterface, *, builtin_driver: bool, product_str: str, serial_str: str) -> None:
        """Takes over USB."""
        world.note("usb", serial_str)


class Cdc:
    """Module `usb.device.cdc`."""

    CDCInterface = CDCInterface


def fill_chip(number: int, needles: int) -> None:
    """Write a cartridge's chip, as its maker does; the times it has run are left unwritten."""
    head = struct.pack("<HQBH12sH", 0x4350, number, needles, 5600, b"LOT7", 4000)
    head += struct.pack("<I", binascii.crc32(head) & 0xFFFFFFFF)
    chip[: len(head)] = head
