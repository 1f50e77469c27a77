"""The pen's calibration: the block in force, the staged one, and the one place where raw and true meet. Pure.

Runs unchanged on CPython and MicroPython. The technician's fit is raw = a + (1 + b) * true (clinic.md, "Calibration"). The
pen alone applies it: `Calibrated` stands before the hardware, so that guards, ramp and telemetry know true values only. A
reach of 0 is home, by the home switch, and stays 0 both ways.
"""

import binascii
import struct

from firmware_protocol.messages import (
    BAD_CRC,
    CALIBRATION,
    CALIBRATION_BYTES,
    CALIBRATION_PASS,
    DAYS_WITHOUT_END,
    DENIED,
    OK,
    CalibrationBlock,
    CartridgeReply,
    MessageError,
)
from firmware_protocol.pen_hardware import Hardware, Readings
from firmware_protocol.pen_storage import Storage

MILLION = 1000000
ALL_WRITTEN = (1 << CALIBRATION_BYTES) - 1


def scaled(value: int, ppm: int) -> int:
    """`value` * (1 + `ppm` / 1 000 000), rounded, halves upwards."""
    return value + (value * ppm + MILLION // 2) // MILLION


def unscaled(value: int, ppm: int) -> int:
    """`value` / (1 + `ppm` / 1 000 000), rounded: `scaled` taken back, within 1. Needs no number over 31 bits up to 10 000."""
    whole = MILLION + ppm
    return value - (value * ppm + whole // 2) // whole


def block_of(payload: bytes | None) -> CalibrationBlock | None:
    """The block in these 33 bytes, None where they are no block: another length, CRC-32 or a value that is not allowed."""
    if payload is None:
        return None
    try:
        block: CalibrationBlock = CALIBRATION.unpack(payload)
        CALIBRATION.pack(block)
    except MessageError:
        return None
    return block if block.crc == binascii.crc32(payload[: CALIBRATION_BYTES - 4]) & 0xFFFFFFFF else None


class Calibration:
    """`block` is in force, None where there is none; then raw passes for true, and treat mode is locked."""

    def __init__(self, storage: Storage) -> None:
        """Takes what is stored."""
        self._storage = storage
        self.block = block_of(storage.calibration.payload)
        self._staged = bytearray(CALIBRATION_BYTES)
        self._written = 0  # bit n: byte n was

    @property
    def crc(self) -> int:
        """CRC-32 of the block in force, 0 without one."""
        return self.block.crc if self.block is not None else 0

    def allows_treatment(self, today_days: int) -> bool:
        """PASS, and in date on `today_days` (since 2020-01-01; 0: nobody told the date, so nothing that can end is in date)."""
        block = self.block
        if block is None or block.status != CALIBRATION_PASS:
            return False
        return bool(block.valid_until_days == DAYS_WITHOUT_END or 0 < today_days <= block.valid_until_days)

    def read(self, offset: int, count: int) -> bytes | None:
        """Bytes of the block in force (zeros without one); None where they are not all inside it."""
        if not (count > 0 and offset + count <= CALIBRATION_BYTES):
            return None
        held = CALIBRATION.pack(self.block) if self.block is not None else bytes(CALIBRATION_BYTES)
        return held[offset : offset + count]

    def forget_staged(self) -> None:
        """A new session stages from nothing."""
        self._written = 0

    def write(self, offset: int, data: bytes) -> int:
        """Stage bytes; the result. DENIED for none, or past the end."""
        if not (data and offset + len(data) <= CALIBRATION_BYTES):
            return DENIED
        for number, octet in enumerate(data):
            self._staged[offset + number] = octet
            self._written |= 1 << (offset + number)
        return OK

    def commit(self, crc: int) -> int:
        """Begin to store the staged block; the result. DENIED for missing bytes or a value that is not allowed."""
        staged = bytes(self._staged)
        if self._written != ALL_WRITTEN:
            return DENIED
        end = CALIBRATION_BYTES - 4
        if not (struct.unpack("<I", staged[end:])[0] == crc == binascii.crc32(staged[:end]) & 0xFFFFFFFF):
            return BAD_CRC
        if block_of(staged) is None:
            return DENIED
        return self._storage.begin(self._storage.calibration, staged)

    def take_stored(self) -> None:
        """The write ended well: what is stored holds from now on."""
        self.block = block_of(self._storage.calibration.payload)
        self._written = 0

    def raw_um(self, true_um: int) -> int:
        """Where to send the actuator for this true reach."""
        if self.block is None or true_um == 0:
            return true_um
        return max(0, self.block.a_um + scaled(true_um, self.block.b_ppm))

    def true_um(self, raw_um: int) -> int:
        """The true reach where the sensor reads this."""
        if self.block is None or raw_um == 0:
            return raw_um
        return max(0, unscaled(raw_um - self.block.a_um, self.block.b_ppm))

    def raw_rpm(self, true_rpm: int) -> int:
        """What to ask of the speed loop for this true speed."""
        return true_rpm if self.block is None else scaled(true_rpm, self.block.speed_ppm)

    def true_rpm(self, raw_rpm: int) -> int:
        """The true speed where the tachometer reads this."""
        return raw_rpm if self.block is None else unscaled(raw_rpm, self.block.speed_ppm)


class Calibrated(Hardware):
    """The hardware as the rest of the pen sees it: true depth and true speed, both ways."""

    def __init__(self, hardware: Hardware, calibration: Calibration) -> None:
        """`calibration` is asked anew at every call: a new block holds as soon as it is stored."""
        self._hardware = hardware
        self._calibration = calibration

    def read(self) -> Readings:
        """The newest readings, true."""
        found = self._hardware.read()
        if self._calibration.block is None:
            return found
        return Readings(
            self._calibration.true_um(found.depth_um),
            self._calibration.true_rpm(found.speed_rpm),
            found.current_ma,
            found.temperature_dc,
            found.supply_mv,
            found.cartridge,
            found.button,
            found.contact,
            found.depth_valid,
            found.speed_valid,
            found.needles_home,
            found.motor_powered,
        )

    def drive(self, speed_rpm: int, depth_um: int) -> None:
        """Hold this true speed and true reach."""
        self._hardware.drive(self._calibration.raw_rpm(speed_rpm), self._calibration.raw_um(depth_um))

    def safe(self) -> None:
        """As the hardware."""
        self._hardware.safe()

    def cartridge(self) -> CartridgeReply:
        """As the hardware."""
        return self._hardware.cartridge()

    def free_kb(self) -> int:
        """As the hardware."""
        return self._hardware.free_kb()

    def simulate(self, kind: int, value: int) -> bool:
        """As the hardware."""
        return self._hardware.simulate(kind, value)
