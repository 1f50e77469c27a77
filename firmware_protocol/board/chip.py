"""The cartridge's chip: an I2C EEPROM with who it is, and two places for how long it has run. Talked to with the motor off only.

Bytes 0 to 30: magic u16, id u64, needles u8, tip_width_um u16, lot 12s, expiry_days u16, CRC-32 of those. From 64 and from
72 on: used_ms u32, CRC-32 of "used" and those; written in turn, the larger whole one counts, so a cartridge pulled in
mid-write loses one. Without the word an erased chip would be whole: the CRC-32 of four bytes FF is FFFFFFFF.
"""

import binascii
import struct

from machine import I2C, Pin

from firmware_protocol.board import pins
from firmware_protocol.messages import CartridgeReply

MAGIC = 0x4350
HEAD = "<HQBH12sH"
HEAD_BYTES = 27
USED_AT = (64, 72)
USED = b"used"
NONE = CartridgeReply(0, 0, 0, 0, b"", 0, 0)


class Chip:
    """`content` is what was read when the cartridge came in; nothing here raises."""

    def __init__(self) -> None:
        self._bus = I2C(0, sda=Pin(pins.I2C_SDA), scl=Pin(pins.I2C_SCL), freq=400000, timeout=5000)
        self.content = NONE
        self._next = 0

    def forget(self) -> None:
        """The cartridge is out."""
        self.content = NONE

    def read(self) -> bool:
        """Ask the chip, about 2 ms; False where none answers or what it says is not whole."""
        try:
            head = self._bus.readfrom_mem(pins.CARTRIDGE_CHIP, 0, HEAD_BYTES + 4)
            used = self._bus.readfrom_mem(pins.CARTRIDGE_CHIP, USED_AT[0], 16)
        except OSError:
            return False
        magic, number, needles, tip_width_um, lot, expiry_days = struct.unpack(HEAD, head[:HEAD_BYTES])
        if magic != MAGIC or not is_whole(head):
            return False
        used_ms = 0
        self._next = 0
        for place in (0, 1):
            record = used[8 * place : 8 * place + 8]
            if is_whole(USED + record) and struct.unpack("<I", record[:4])[0] >= used_ms:
                used_ms = struct.unpack("<I", record[:4])[0]
                self._next = 1 - place
        self.content = CartridgeReply(1, number, needles, tip_width_um, lot, expiry_days, used_ms)
        return True

    def add_used(self, time_ms: int) -> None:
        """Count running time, in memory and on the chip; a chip that does not answer is left alone."""
        if not self.content.present:
            return
        used_ms = min(self.content.used_ms + time_ms, 0xFFFFFFFF)
        was = self.content
        self.content = CartridgeReply(1, was.id, was.needles, was.tip_width_um, was.lot, was.expiry_days, used_ms)
        record = struct.pack("<I", used_ms)
        record += struct.pack("<I", binascii.crc32(USED + record) & 0xFFFFFFFF)
        try:
            self._bus.writeto_mem(pins.CARTRIDGE_CHIP, USED_AT[self._next], record)
        except OSError:
            return
        self._next = 1 - self._next


def is_whole(record: bytes) -> bool:
    """Do its last four bytes hold the CRC-32 of the others?"""
    return bool(binascii.crc32(record[:-4]) & 0xFFFFFFFF == struct.unpack("<I", record[-4:])[0])
