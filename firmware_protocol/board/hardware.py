"""What `pen_hardware.Hardware` asks for, on a Raspberry Pi Pico wired as `pins.py` says.

Two things stand between a mistake and the needles: the pen's own rules decide what is asked here, and the gate, which no
code holds closed for longer than the lease allows or than the main loop may stand still.
"""

import gc

from machine import Pin

from firmware_protocol.board import pins
from firmware_protocol.board.chip import Chip
from firmware_protocol.board.flash import Flash
from firmware_protocol.board.gate import Gate
from firmware_protocol.board.motor import Motor, Tachometer
from firmware_protocol.board.sensors import Analog, Depth
from firmware_protocol.board.ticks import since_us, ticks
from firmware_protocol.messages import CartridgeReply
from firmware_protocol.pen_hardware import Hardware, Readings

LEASE_MARGIN_MS = 5  # the gate opens by itself this long after the lease; 20 are allowed
STILL_MOST_MS = 40  # and this long after the loop last turned, whatever the lease: garbage collection takes 10
OPENING_MS = 2  # a gate told to open has done so
STEADY_ROUNDS = 20  # of keep_house, before a new cartridge's chip is asked
FREE_LEAST_BYTES = 8192

CHECK_OK, CHECK_GATE, CHECK_POWER, CHECK_ANALOG, CHECK_MEMORY = range(5)


class PicoHardware(Hardware):
    """One pen's sensors, power stage and storage. Depth and speed are as its sensors count; calibration is the pen's."""

    def __init__(self) -> None:
        """The gate first: whatever comes after, there is no power."""
        self.lease_left_ms = 0  # the main loop keeps this up to date
        self._gate = Gate()
        self._motor = Motor()
        self._tachometer = Tachometer()
        self._depth = Depth()
        self._analog = Analog()
        self._chip = Chip()
        self._flash = Flash()
        self._switch = Pin(pins.CARTRIDGE_SWITCH, Pin.IN, Pin.PULL_UP)
        self._button = Pin(pins.BUTTON, Pin.IN, Pin.PULL_UP)
        self._driving = False
        self._safe_at = ticks()
        self._driven_at = 0
        self._used_us = 0
        self._steady = 0
        self._asked_chip = False
        self._readings = self.read()

    def read(self) -> Readings:
        """The newest readings, about 0.2 ms."""
        depth_um, depth_valid = self._depth.read()
        speed_rpm, speed_valid = self._tachometer.read()
        current_ma = self._analog.read_current_ma()
        cartridge = not self._switch.value()
        if not cartridge:
            self._chip.forget()  # the next one is another, and this one's last run is not its
            self._used_us = 0
            self._steady = 0
            self._asked_chip = False
        self._readings = Readings(
            depth_um,
            speed_rpm,
            current_ma,
            self._analog.temperature_dc,
            self._analog.supply_mv,
            cartridge,
            not self._button.value(),
            False,  # no contact sensor; the capability says so
            depth_valid,
            speed_valid,
            depth_valid and depth_um == 0,
            self._gate.closed,
        )
        return self._readings

    def drive(self, speed_rpm: int, depth_um: int) -> None:
        """Power on, for a little longer than the lease but never longer than the loop may stand still."""
        if self._driving and speed_rpm:
            self._used_us += since_us(self._driven_at)
        self._driving = True
        self._driven_at = ticks()
        self._gate.hold(min(self.lease_left_ms + LEASE_MARGIN_MS, STILL_MOST_MS))
        self._motor.hold(speed_rpm, self._readings.speed_rpm)
        self._depth.hold(depth_um, self._readings.depth_um)

    def safe(self) -> None:
        """No power: gate, motor's duty, depth home. The spring does the rest."""
        self._gate.open()
        self._motor.off()
        self._depth.home()
        if self._driving:
            self._driving = False
            self._safe_at = ticks()

    @property
    def gate_fell(self) -> bool:
        """Did the gate open by itself while driving? The loop stood still; only `safe` ends this."""
        return self._driving and since_us(self._driven_at) > OPENING_MS * 1000 and not self._gate.closed

    def cartridge(self) -> CartridgeReply:
        """What the chip said when the cartridge came in, and how long it has run since."""
        return self._chip.content

    def storage_read(self, slot: int) -> bytes:
        """As the flash."""
        return self._flash.read(slot)

    def storage_begin(self, slot: int, data: bytes) -> bool:
        """As the flash."""
        return self._flash.begin(slot, data)

    def storage_poll(self) -> int:
        """As the flash; stops the loop for some tens of milliseconds when it writes."""
        return self._flash.poll()

    def free_kb(self) -> int:
        """Free memory in kB."""
        return gc.mem_free() // 1024  # type: ignore[attr-defined, no-any-return]

    def keep_house(self) -> None:
        """What takes milliseconds, for when the motor is off: the cartridge's chip, and garbage."""
        if self._driving:
            return
        if self._readings.cartridge and self._steady < STEADY_ROUNDS:
            self._steady += 1
        elif self._readings.cartridge and not self._asked_chip:
            self._asked_chip = True
            self._chip.read()
        elif self._used_us >= 1000:
            self._chip.add_used(self._used_us // 1000)
            self._used_us %= 1000

    def check(self) -> int:
        """CHECK_OK, or the first thing that is wrong with the board itself. Takes no reading of its own."""
        if self._gate.broken:
            return CHECK_GATE
        if self._gate.closed and not self._driving and since_us(self._safe_at) > OPENING_MS * 1000:
            return CHECK_POWER
        if not (0 < self._analog.supply_mv < pins.REFERENCE_MV * pins.SUPPLY_DIVIDER):
            return CHECK_ANALOG
        if gc.mem_free() < FREE_LEAST_BYTES:  # type: ignore[attr-defined]
            return CHECK_MEMORY
        return CHECK_OK
