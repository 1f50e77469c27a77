"""Two-slot storage at its edges: which bytes stand in a slot, which are no record, and which of two records counts."""

import struct
from binascii import crc32

import pytest

from firmware_protocol.pen_hardware import STORE_DONE, STORE_FAILED
from firmware_protocol.pen_storage import (
    HEAD_BYTES,
    MAGIC,
    PAYLOAD_MOST_BYTES,
    VERSION,
    TwoSlots,
    read_record,
    record_of,
)
from tests.firmware_protocol.pen_bench import BenchHardware

OLD, NEW = b"the old set", b"the new set"


class Deaf(BenchHardware):
    """Says that it wrote, and wrote nothing."""

    def storage_poll(self) -> int:
        return STORE_DONE


def a_board(*slots: bytes) -> BenchHardware:
    board = BenchHardware()
    board.slots = [*slots, *[b""] * (4 - len(slots))]
    return board


def test_a_record_byte_for_byte() -> None:
    head = b"\x50\x53\x01\x00\x04\x03\x02\x01\x02\x00"
    whole = head + b"AB" + crc32(head + b"AB").to_bytes(4, "little")
    assert record_of(0x01020304, b"AB") == whole
    assert read_record(whole) == (0x01020304, b"AB")
    assert read_record(whole + b"rest") == (0x01020304, b"AB")
    assert read_record(record_of(0xFFFFFFFF, b"")) == (0xFFFFFFFF, b""), "the shortest, and the highest number"


@pytest.mark.parametrize("payload", [b"", b"1", b"eleven byte", bytes(PAYLOAD_MOST_BYTES)])
def test_a_record_that_is_cut_anywhere_is_none(payload: bytes) -> None:
    whole = record_of(1, payload)
    for length in range(len(whole)):
        assert read_record(whole[:length]) is None, length


@pytest.mark.parametrize("length", [0x0100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF])
def test_a_record_that_says_it_is_longer_than_its_slot_is_none(length: int) -> None:
    head = struct.pack("<HBBIH", MAGIC, VERSION, 0, 1, length)
    for at in range(HEAD_BYTES - 2, HEAD_BYTES + 1):  # where a length below zero would look for the CRC
        slot = head[:at] + crc32(head[:at]).to_bytes(4, "little")
        assert read_record(slot.ljust(256, b"\0")) is None


def test_of_two_records_the_newer_counts_and_else_the_first() -> None:
    for first, second, counts in (
        (1, 2, NEW),
        (2, 1, OLD),
        (2**32 - 1, 0, NEW),
        (7, 7, OLD),
        (1, 2**31 + 1, OLD),
        (1, 2**31, NEW),
    ):
        assert TwoSlots(a_board(record_of(first, OLD), record_of(second, NEW)), (0, 1)).payload == counts, (first, second)


def test_one_pen_writes_to_its_slots_in_turn_and_numbers_the_records() -> None:
    board = a_board()
    kept = TwoSlots(board, (2, 3))
    for number in range(1, 8):
        assert not kept.writing
        assert kept.begin(b"%d" % number)
        assert kept.writing
        assert kept.poll() == STORE_DONE
        assert kept.payload == b"%d" % number
        assert board.begun[-1] == (3 - number % 2, record_of(number, b"%d" % number))


@pytest.mark.parametrize("earlier", [record_of(1, OLD), record_of(1, NEW)], ids=["another set", "the same under an older number"])
def test_a_write_that_left_another_whole_record_failed(earlier: bytes) -> None:
    board = Deaf()
    board.slots = [record_of(2, b"in force"), earlier, b"", b""]
    kept = TwoSlots(board, (0, 1))
    assert kept.begin(NEW)
    assert kept.poll() == STORE_FAILED
    assert kept.payload == b"in force"
    assert not kept.writing


@pytest.mark.parametrize(("length", "room"), [(0, True), (PAYLOAD_MOST_BYTES, True), (PAYLOAD_MOST_BYTES + 1, False)])
def test_a_set_of_240_bytes_has_room(length: int, room: bool) -> None:
    board = a_board()
    kept = TwoSlots(board, (0, 1))
    assert kept.begin(bytes(length)) is room
    assert len(board.begun) == room
    if room:
        assert kept.poll() == STORE_DONE
        assert TwoSlots(board, (0, 1)).payload == bytes(length)
