"""Calibration: the block's way into the pen, who may treat, and that every depth and speed on the wire is a true one."""

import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_PEN_WIRE_BYTES, encode_frame
from firmware_protocol.pen_calibration import Calibration, block_of, scaled, unscaled
from firmware_protocol.pen_hardware import STORE_BUSY, Hardware
from firmware_protocol.pen_storage import CALIBRATION_SLOTS, Storage, record_of
from firmware_protocol.simulator.device import Device
from tests.firmware_protocol.pen_bench import Bench
from tests.firmware_protocol.test_simulator_device import Host

PASS, LOCKED, NONE = m.CALIBRATION_PASS, m.CALIBRATION_LOCKED, m.CALIBRATION_NONE
ENDLESS = m.DAYS_WITHOUT_END


def block(
    a_um: int = -12, b_ppm: int = 18_500, speed_ppm: int = -7200, until: int = ENDLESS, status: int = m.CALIBRATION_PASS
) -> bytes:
    return m.calibration_bytes(a_um, b_ppm, speed_ppm, b"CAL-1", until, status)


def octets(data: bytes) -> tuple[tuple[int], ...]:
    return tuple((octet,) for octet in data)


def crc_of(data: bytes) -> int:
    found: int = struct.unpack("<I", data[-4:])[0]
    return found


def store(bench: Bench, data: bytes) -> None:
    assert bench.request(m.CALIBRATION_WRITE, 0, octets(data)) == m.OK
    assert bench.request(m.CALIBRATION_COMMIT, crc_of(data)) == m.IN_PROGRESS
    bench.run(2)


def with_block(data: bytes | None) -> Bench:
    """A pen that finds this at its start."""
    bench = Bench()
    first, second = CALIBRATION_SLOTS
    bench.hardware.slots[first] = b"" if data is None else record_of(1, data)
    bench.hardware.slots[second] = b""
    return Bench(hardware=bench.hardware).ready()


def read_back(bench: Bench) -> bytes:
    found = b""
    for offset, count in ((0, 20), (20, 13)):
        assert bench.request(m.CALIBRATION_READ, offset, count) == m.OK
        assert bench.reply(m.CALIBRATION_READ).offset == offset
        found += bytes(entry[0] for entry in bench.reply(m.CALIBRATION_READ).entries)
    return found


def test_the_whole_block_fits_one_frame() -> None:
    payload = m.CALIBRATION_WRITE.payload.pack(m.CalibrationWrite(0, octets(block())))
    assert len(encode_frame(m.CALIBRATION_WRITE.id, 1, 1, 1, payload)) <= TO_PEN_WIRE_BYTES
    assert m.CALIBRATION.size == len(block()) == m.CALIBRATION_BYTES


@pytest.mark.parametrize("pieces", [[(0, 33)], [(0, 16), (16, 17)], [(20, 13), (0, 20)], [(at, 1) for at in range(33)]])
def test_write_in_any_pieces_commit_read_back(pieces: list[tuple[int, int]]) -> None:
    bench = Bench().ready()
    for offset, count in [*pieces, pieces[0]]:  # and a repeat, which is harmless
        assert bench.request(m.CALIBRATION_WRITE, offset, octets(block()[offset : offset + count])) == m.OK
    before = read_back(bench)
    assert before != block()
    assert bench.request(m.CALIBRATION_COMMIT, crc_of(block())) == m.IN_PROGRESS
    bench.run(2)
    assert read_back(bench) == block()
    assert bench.request(m.STATUS_GET) == m.OK
    status = bench.reply(m.STATUS_GET)
    assert (status.storage, status.calibration_crc) == (m.STORAGE_DONE, crc_of(block()))
    assert read_back(Bench(hardware=bench.hardware).ready()) == block()  # and after a restart


def test_until_it_is_stored_the_old_block_holds() -> None:
    bench = Bench().ready()
    bench.hardware.store_says = STORE_BUSY
    store(bench, block(a_um=100))
    bench.run(20)
    assert bench.pen.service.calibration.true_um(600) == 600
    assert read_back(bench) != block(a_um=100)


COMMIT_REFUSED: list[tuple[str, bytes, int, int]] = [
    ("byte missing", block()[:-1], crc_of(block()), m.DENIED),
    ("another crc asked", block(), crc_of(block()) ^ 1, m.BAD_CRC),
    ("block's own crc wrong", block()[:-4] + bytes(4), crc_of(block()), m.BAD_CRC),
    ("both crcs wrong alike", block()[:-4] + bytes(4), 0, m.BAD_CRC),
]


@pytest.mark.parametrize(("name", "data", "crc", "result"), COMMIT_REFUSED)
def test_commit_is_refused(name: str, data: bytes, crc: int, result: int) -> None:
    bench = Bench().ready()
    was = read_back(bench)
    assert bench.request(m.CALIBRATION_WRITE, 0, octets(data)) == m.OK
    assert bench.request(m.CALIBRATION_COMMIT, crc) == result
    assert bench.hardware.begun == []
    assert read_back(bench) == was


def raw_block(a_um: int, b_ppm: int, speed_ppm: int, status: int) -> bytes:
    """As `block`, but nothing is checked."""
    from binascii import crc32

    head = struct.pack("<hii16sHB", a_um, b_ppm, speed_ppm, b"CAL-1", ENDLESS, status)
    return head + struct.pack("<I", crc32(head))


@pytest.mark.parametrize(
    "values",
    [
        (301, 0, 0, 1),
        (-301, 0, 0, 1),
        (0, 100_001, 0, 1),
        (0, -100_001, 0, 1),
        (0, 0, 100_001, 1),
        (0, 0, -100_001, 1),
        (0, 0, 0, 3),
    ],
)
def test_a_block_that_is_not_allowed_is_neither_stored_nor_believed(values: tuple[int, int, int, int]) -> None:
    data = raw_block(*values)
    bench = Bench().ready()
    assert bench.request(m.CALIBRATION_WRITE, 0, octets(data)) == m.OK
    assert bench.request(m.CALIBRATION_COMMIT, crc_of(data)) == m.DENIED
    assert block_of(data) is None
    assert with_block(data).arm() == m.LOCKED


def test_the_ends_of_the_ranges_are_allowed() -> None:
    for values in ((300, 100_000, 100_000, 2), (-300, -100_000, -100_000, 0)):
        assert block_of(raw_block(*values)) is not None


@pytest.mark.parametrize(("offset", "data"), [(0, b""), (33, b"\0"), (1, bytes(33)), (32, bytes(2)), (255, b"\0")])
def test_write_outside_is_refused(offset: int, data: bytes) -> None:
    assert Bench().ready().request(m.CALIBRATION_WRITE, offset, octets(data)) == m.DENIED


@pytest.mark.parametrize(("offset", "count"), [(0, 0), (0, 34), (33, 1), (32, 2), (255, 255)])
def test_read_outside_is_refused(offset: int, count: int) -> None:
    assert Bench().ready().request(m.CALIBRATION_READ, offset, count) == m.DENIED


def test_another_session_does_not_commit_what_it_never_wrote() -> None:
    bench = Bench().ready()
    assert bench.request(m.CALIBRATION_WRITE, 0, octets(block())) == m.OK
    assert bench.hello(nonce=2) == m.OK
    assert bench.request(m.CALIBRATION_COMMIT, crc_of(block())) == m.DENIED


MAY_TREAT: list[tuple[str, bytes | None, int | None, int]] = [
    ("no block", None, 2000, m.LOCKED),
    ("status none", block(status=NONE), 2000, m.LOCKED),
    ("status locked", block(status=LOCKED), 2000, m.LOCKED),
    ("endless, no date told", block(), None, m.OK),
    ("last day", block(until=2000), 2000, m.OK),
    ("a day late", block(until=2000), 2001, m.LOCKED),
    ("long before", block(until=2000), 1, m.OK),
    ("ends, but no date told", block(until=2000), None, m.LOCKED),
    ("ended before time began", block(until=0), 1, m.LOCKED),
    ("torn", block()[:-1], 2000, m.LOCKED),
    ("stored whole, but its own crc is wrong", block()[:-4] + bytes(4), 2000, m.LOCKED),
]


@pytest.mark.parametrize(("name", "data", "today", "result"), MAY_TREAT)
def test_who_may_treat(name: str, data: bytes | None, today: int | None, result: int) -> None:
    bench = with_block(data)
    if today is not None:
        assert bench.request(m.TODAY, today) == m.OK
    assert bench.arm() == result
    if result != m.OK:
        assert bench.arm(mode=m.MODE_CALIBRATE, crc=0) == m.OK  # how else could it be mended?


def test_the_date_is_the_sessions_and_can_be_told_again() -> None:
    bench = with_block(block(until=2000))
    assert bench.request(m.TODAY, 0) == m.DENIED
    assert bench.request(m.TODAY, 0xFFFF) == m.DENIED
    assert bench.request(m.TODAY, 2001) == m.OK
    assert bench.arm() == m.LOCKED
    assert bench.request(m.TODAY, 2000) == m.OK
    assert bench.arm() == m.OK
    assert bench.hello(nonce=9) == m.OK
    bench.run(60)
    assert not bench.pen.service.allows_treatment


@given(st.integers(-400, 20_000), st.integers(-100_000, 100_000))
def test_scaling_is_exact_arithmetic_rounded(value: int, ppm: int) -> None:
    factor = 1 + Fraction(ppm, 1_000_000)
    assert abs(scaled(value, ppm) - value * factor) <= Fraction(1, 2)
    assert abs(unscaled(value, ppm) - value / factor) <= Fraction(1, 2)
    assert abs(unscaled(scaled(value, ppm), ppm) - value) <= 1


@given(
    st.integers(-300, 300), st.integers(-100_000, 100_000), st.integers(-100_000, 100_000), st.integers(500, 1500),
    st.integers(6000, 8000),
)  # fmt: skip
def test_what_goes_out_raw_comes_back_true(a_um: int, b_ppm: int, speed_ppm: int, depth_um: int, speed_rpm: int) -> None:
    calibration = Calibration(Storage(Hardware()))
    calibration.block = block_of(block(a_um, b_ppm, speed_ppm))
    raw_um = calibration.raw_um(depth_um)
    assert abs(raw_um - (a_um + depth_um * (1 + b_ppm / 1e6))) <= 0.51
    assert abs(calibration.true_um(raw_um) - depth_um) <= 1
    assert abs(calibration.true_rpm(calibration.raw_rpm(speed_rpm)) - speed_rpm) <= 1
    assert calibration.raw_um(0) == calibration.true_um(0) == 0  # home is home


def test_depths_and_speeds_on_the_wire_are_true_both_ways() -> None:
    bench = with_block(block(a_um=50, b_ppm=-40_000, speed_ppm=25_000))
    assert bench.arm() == m.OK
    bench.keep(300)
    assert bench.hardware.asked == (7175, 1010)  # 7000 * 1.025; 50 + 1000 * 0.96
    assert bench.samples[-1].depth_um == 1000
    assert bench.samples[-1].speed_rpm == 7000
    bench.stop()
    bench.run(2)
    assert bench.samples[-1].depth_um == 0


@pytest.mark.parametrize(("raw_um", "fault"), [(1298, m.FAULT_NONE), (1299, m.FAULT_DEPTH_OVER)])
def test_the_guard_judges_true_depth(raw_um: int, fault: int) -> None:
    bench = with_block(block(a_um=50, b_ppm=-40_000))  # raw 1298 is true 1300, the limit of 1200 and its tolerance
    assert bench.arm() == m.OK
    bench.keep(300)
    bench.hardware.override["depth_um"] = raw_um
    bench.run(10)
    assert bench.pen.fault == fault


def test_a_bad_calibration_cannot_send_the_needles_past_the_hard_stop() -> None:
    worst = Calibration(Storage(Hardware()))
    worst.block = block_of(block(a_um=300, b_ppm=100_000))
    assert worst.raw_um(m.DEPTH_MAX_UM) == 1950


def host_of(device: Device) -> Host:
    """A host at a pen that needs no more than its storage."""
    return Host(device).start()


def settled(faults: dict[str, float], data: bytes | None = None) -> tuple[float, float, m.Telemetry]:
    """True depth and true speed after 2 s at 1000 um and 7000 rpm, and what telemetry said of them."""
    device = Device(3, 77)
    for name, value in faults.items():
        device.begin_fault(name, value)
    if data is not None:
        device.plant.storage.slots[CALIBRATION_SLOTS[1]] = record_of(2, data)
        device = Device(3, 77, storage=device.plant.storage)
        for name, value in faults.items():
            device.begin_fault(name, value)
    host = host_of(device)
    host.drive(2000)
    assert device.pen.state == m.STATE_RUNNING
    return device.plant.reach_um, device.plant.speed_rpm, host.samples[-1]


WRONG = {"depth_offset": 20.0, "depth_scale": 3.0, "speed_scale": 2.0}


def test_an_uncalibrated_pen_of_the_simulator_is_truly_wrong_and_does_not_know() -> None:
    reach_um, speed_rpm, sample = settled(WRONG)
    assert reach_um == pytest.approx((1000 - 20) / 1.03, abs=1)
    assert speed_rpm == pytest.approx(7000 / 1.02, rel=0.005)
    assert sample.depth_um == pytest.approx(1000, abs=25)
    assert sample.speed_rpm == pytest.approx(7000, rel=0.01)


def test_the_right_block_makes_it_true() -> None:
    reach_um, speed_rpm, sample = settled(WRONG, block(a_um=20, b_ppm=30_000, speed_ppm=20_000))
    assert reach_um == pytest.approx(1000, abs=1.5)
    assert speed_rpm == pytest.approx(7000, rel=0.005)
    assert sample.depth_um == pytest.approx(1000, abs=25)


def test_an_ideal_pen_of_the_simulator_is_right_as_it_is() -> None:
    reach_um, speed_rpm, _ = settled({})
    assert reach_um == pytest.approx(1000, abs=1)
    assert speed_rpm == pytest.approx(7000, rel=0.005)
