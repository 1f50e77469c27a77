"""Telemetry, STATUS, EVENT, BOOT: what leaves the pen, and that a host that does not read costs nothing but samples."""

import pytest

from firmware_protocol import messages as m
from firmware_protocol.pen_output import ROOM_BYTES, ROOM_FOR_REPLIES_BYTES
from tests.firmware_protocol.pen_bench import Bench


def test_index_counts_periods_without_a_gap() -> None:
    bench = Bench().ready()
    bench.samples.clear()
    bench.run(500)
    first = bench.samples[0].index
    assert [sample.index for sample in bench.samples] == list(range(first, first + 500))
    assert {sample.dropped for sample in bench.samples} == {0}
    assert {b.t_us - a.t_us for a, b in zip(bench.samples, bench.samples[1:], strict=False)} == {1000}


@pytest.mark.parametrize("jitter_us", [(0, 300, -300), (499, -499), (100, 200, 300, 400)])
def test_jitter_of_the_loop_skips_no_index(jitter_us: tuple[int, ...]) -> None:
    bench = Bench().ready()
    bench.samples.clear()
    start = bench.now_us
    for number in range(1, 200):
        bench.pen.step(start + 1000 * number + jitter_us[number % len(jitter_us)])
        bench.collect()
    assert [sample.index - bench.samples[0].index for sample in bench.samples] == list(range(199))


def test_a_stall_of_the_loop_is_counted_exactly() -> None:
    bench = Bench().ready()
    before = bench.pen.index
    bench.now_us += 37_000
    bench.run(1)
    assert bench.samples[-1].index == before + 38
    assert bench.samples[-1].dropped == 37


def test_batches_hold_every_sample() -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, 1000, 4) == m.OK
    bench.samples.clear()
    bench.run(40)
    first = bench.samples[0].index
    assert [sample.index for sample in bench.samples] == list(range(first, first + 40))


def test_slower_period_counts_its_own_periods() -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, 4000, 1) == m.OK
    bench.samples.clear()
    bench.run(40)
    assert [sample.index - bench.samples[0].index for sample in bench.samples] == list(range(10))


def test_stream_off() -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, 0, 1) == m.OK
    bench.samples.clear()
    bench.run(50)
    assert bench.samples == []


@pytest.mark.parametrize("batch", [1, 4])
def test_unread_telemetry_is_dropped_and_counted_and_replies_are_not(batch: int) -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, 1000, batch) == m.OK
    bench.samples.clear()
    for _ in range(1000):
        bench.now_us += 1000
        bench.pen.step(bench.now_us)
        assert len(bench.pen.output._bytes) <= ROOM_BYTES
    bench.replies = []
    assert bench.request(m.SYNC, 1) == m.OK
    bench.run(2 * batch)
    gaps = bench.samples[-1].index - bench.samples[0].index + 1 - len(bench.samples)
    assert gaps > 500
    assert bench.samples[-1].dropped == gaps


def test_transmit_stall_stops() -> None:
    bench = Bench().running()
    for passed in range(1000):
        if passed % 20 == 0:
            bench.pen.receive(bench.drive_wire(600 + passed, bench.session), bench.now_us)
        bench.now_us += 1000
        bench.pen.step(bench.now_us)
        if bench.pen.state == m.STATE_FAULT:
            break
    assert bench.pen.fault == m.FAULT_TRANSMIT_STALL
    assert passed < 320
    bench.collect()
    assert bench.events[-1].fault == m.FAULT_TRANSMIT_STALL, "events have room where telemetry has none"


def test_a_lost_link_ends_the_stream_and_forgets_what_waits() -> None:
    bench = Bench().ready()
    for _ in range(20):
        bench.now_us += 1000
        bench.pen.step(bench.now_us)
    bench.pen.link_lost(bench.now_us)
    assert bench.pen.take_output() == b"\0"  # only the delimiter that ends a torn tail
    for _ in range(200):
        bench.now_us += 1000
        bench.pen.step(bench.now_us)
    assert bench.pen.take_output() == b""


def test_status_ten_times_a_second_once_a_host_is_there() -> None:
    bench = Bench()
    bench.run(1000)
    assert bench.statuses == []
    bench.ready()
    bench.statuses.clear()
    bench.run(1000)
    assert len(bench.statuses) == 10


def test_status_keeps_its_beat_across_a_stall() -> None:
    bench = Bench().ready()
    seen: list[int] = []
    while len(seen) < 3:
        bench.statuses.clear()
        bench.run(1)
        seen += [bench.now_us] * len(bench.statuses)
    assert seen == [100_000, 200_000, 300_000]
    bench.now_us += 250_000
    bench.statuses.clear()
    bench.run(1)
    assert len(bench.statuses) == 1, "one for all that was missed"
    while len(bench.statuses) == 1:
        bench.run(1)
    assert bench.now_us == 600_000


def test_unread_status_leaves_the_replies_their_room() -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, 0, 1) == m.OK
    for _ in range(6000):
        bench.now_us += 1000
        bench.pen.step(bench.now_us)
    assert ROOM_BYTES - ROOM_FOR_REPLIES_BYTES - 100 < len(bench.pen.output._bytes) <= ROOM_BYTES - ROOM_FOR_REPLIES_BYTES


@pytest.mark.parametrize("start_us", [0, 3_000_000_123, 2**32 - 500])
def test_time_begins_with_the_first_step_whatever_the_clock_shows(start_us: int) -> None:
    bench = Bench(start_us=start_us)
    bench.run(1)
    assert bench.pen.index == 1
    assert bench.pen.motion.longest_step_us == 1000
    bench.run(9)
    assert bench.pen.index == 10


def test_a_pen_that_is_stepped_too_often_counts_no_time_twice() -> None:
    bench = Bench().ready()
    bench.now_us += 600  # nearer to the next millisecond, which counts as passed
    bench.pen.step(bench.now_us)
    assert bench.request(m.STREAM, 500, 1) == m.OK  # from now on steps of 500 us
    before = bench.pen.index
    for _ in range(2000):
        bench.pen.step(bench.now_us + 100)
    assert bench.pen.index == before


def test_boot_is_the_first_word() -> None:
    bench = Bench()
    bench.run(1)
    assert m.BOOT.payload.unpack(bench.others[0].payload).boot_id == 0xB007_0001


def test_events_are_numbered_and_tell_each_state() -> None:
    bench = Bench().running()
    bench.stop()
    assert [event.state for event in bench.events] == [
        m.STATE_SELFTEST,
        m.STATE_IDLE,
        m.STATE_ARMED,
        m.STATE_RUNNING,
        m.STATE_IDLE,
    ]
    assert [event.log_index for event in bench.events] == [1, 2, 3, 4, 5]


def test_flags_follow_the_readings() -> None:
    bench = Bench().ready()
    names = {
        "cartridge": m.FLAG_CARTRIDGE,
        "contact": m.FLAG_CONTACT,
        "motor_powered": m.FLAG_MOTOR_POWERED,
        "needles_home": m.FLAG_NEEDLES_HOME,
        "depth_valid": m.FLAG_DEPTH_VALID,
        "speed_valid": m.FLAG_SPEED_VALID,
        "button": m.FLAG_BUTTON,
    }
    for name, flag in names.items():
        for value in (False, True):
            bench.hardware.override = dict.fromkeys(names, False) | {name: value}
            bench.run(1)
            assert bench.samples[-1].flags == (flag if value else 0), name


@pytest.mark.parametrize("far", [1, 0x10000, 10**9])
def test_readings_past_their_field_do_not_raise(far: int) -> None:
    bench = Bench().ready()
    names = ("depth_um", "speed_rpm", "current_ma", "supply_mv")
    for value, told in ((-far, 0), (0, 0), (0xFFFF, 0xFFFF), (0xFFFF + far, 0xFFFF)):
        bench.hardware.override = dict.fromkeys(names, value)
        bench.hardware.override["temperature_dc"] = 40_000 if value > 0 else -40_000
        bench.run(100)
        sample, status = bench.samples[-1], bench.statuses[-1]
        assert (sample.depth_um, sample.speed_rpm, sample.current_ma, status.supply_mv) == (told,) * 4
        assert status.temperature_dc == (0x7FFF if value > 0 else -0x8000)
