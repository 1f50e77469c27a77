"""The calibration block by itself: what a pen without one does, what stays of a staged one, and the ends of its figures."""

import pytest

from firmware_protocol import messages as m
from firmware_protocol.pen_calibration import Calibrated, Calibration, scaled
from firmware_protocol.pen_storage import CALIBRATION_SLOTS, Storage, record_of
from tests.firmware_protocol.pen_bench import BenchHardware

BLOCK = m.calibration_bytes(10, 0, 0, b"CAL", m.DAYS_WITHOUT_END, m.CALIBRATION_PASS)
CRC = int.from_bytes(BLOCK[-4:], "little")


def calibration_on(block: bytes) -> Calibration:
    """What is stored is `block`, or nothing where it is empty."""
    board = BenchHardware()
    board.slots = [b""] * 4
    if block:
        board.slots[CALIBRATION_SLOTS[0]] = record_of(1, block)
    return Calibration(Storage(board))


def staged_whole(calibration: Calibration) -> bool:
    """Is every byte needed, and are all of them enough?"""
    for first, last in ((1, len(BLOCK)), (0, len(BLOCK) - 1)):
        calibration.forget_staged()
        assert calibration.write(first, BLOCK[first:last]) == m.OK
        if calibration.commit(CRC) != m.DENIED:
            return False
    calibration.forget_staged()
    return calibration.write(0, BLOCK) == m.OK and calibration.commit(CRC) == m.IN_PROGRESS


def test_without_a_block_raw_passes_for_true_and_what_is_read_is_zeros() -> None:
    calibration = calibration_on(b"")
    assert calibration.block is None
    assert calibration.crc == 0
    assert calibration.read(0, m.CALIBRATION_BYTES) == bytes(m.CALIBRATION_BYTES)
    for value in (0, 1, 500, 8000):
        assert calibration.raw_um(value) == calibration.true_um(value) == value
        assert calibration.raw_rpm(value) == calibration.true_rpm(value) == value
    board = BenchHardware()
    Calibrated(board, calibration).drive(7000, 800)
    assert board.asked == (7000, 800)


def test_true_reaches_below_the_line_are_raw_home() -> None:
    low = calibration_on(m.calibration_bytes(-300, 0, 0, b"CAL", m.DAYS_WITHOUT_END, m.CALIBRATION_PASS))
    assert [low.raw_um(true_um) for true_um in (0, 1, 299, 300, 301, 500)] == [0, 0, 0, 0, 1, 200]
    assert [low.true_um(raw_um) for raw_um in (0, 1, 200)] == [0, 301, 500]
    high = calibration_on(m.calibration_bytes(300, 0, 0, b"CAL", m.DAYS_WITHOUT_END, m.CALIBRATION_PASS))
    assert [high.true_um(raw_um) for raw_um in (0, 1, 299, 300, 301, 800)] == [0, 0, 0, 0, 1, 500]
    assert [high.raw_um(true_um) for true_um in (0, 1, 500)] == [0, 301, 800]


@pytest.mark.parametrize(
    ("value", "ppm", "more"),
    [
        (5000, 100, 1),
        (4999, 100, 0),
        (9999, 150, 1),
        (15, 99_999, 1),
        (15, 100_000, 2),
        (10_000, 99_950, 1000),
        (9905, 99_798, 988),
    ],
)
def test_a_share_of_a_million_is_rounded_at_exactly_a_half(value: int, ppm: int, more: int) -> None:
    assert scaled(value, ppm) == value + more


def test_any_byte_can_be_read_alone() -> None:
    calibration = calibration_on(BLOCK)
    assert calibration.crc == CRC
    assert [calibration.read(at, 1) for at in range(len(BLOCK))] == [bytes([octet]) for octet in BLOCK]
    assert calibration.read(0, 0) is None
    assert calibration.read(len(BLOCK), 1) is None


def test_a_new_pen_has_no_byte_staged() -> None:
    for missing in (0, len(BLOCK) - 1):
        calibration = calibration_on(b"")
        for at in range(len(BLOCK)):
            if at != missing:
                assert calibration.write(at, BLOCK[at : at + 1]) == m.OK
        assert calibration.commit(CRC) == m.DENIED
    assert staged_whole(calibration_on(BLOCK))


@pytest.mark.parametrize("missing", [0, len(BLOCK) - 1])
def test_what_was_stored_is_no_longer_staged(missing: int) -> None:
    board = BenchHardware()
    storage = Storage(board)
    calibration = Calibration(storage)
    assert calibration.write(0, BLOCK) == m.OK
    assert calibration.commit(CRC) == m.IN_PROGRESS
    assert storage.poll() is storage.calibration
    assert storage.state == m.STORAGE_DONE
    calibration.take_stored()
    assert calibration.crc == CRC
    for at in range(len(BLOCK)):
        if at != missing:
            assert calibration.write(at, BLOCK[at : at + 1]) == m.OK
    assert calibration.commit(CRC) == m.DENIED
    assert calibration.write(missing, BLOCK[missing : missing + 1]) == m.OK
    assert calibration.commit(CRC) == m.IN_PROGRESS
