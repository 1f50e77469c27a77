"""The pen's windows to the microsecond: a loop that jitters neither shortens nor stretches them. A sample stands for 1 ms."""

from typing import Any

import pytest

from firmware_protocol import messages as m
from firmware_protocol.pen_guards import Guards
from firmware_protocol.pen_motion import Motion
from tests.firmware_protocol.pen_bench import Bench, BenchHardware
from tests.firmware_protocol.test_pen_edges import SPIN_UP_US, a_run, readings

GUARDS: list[tuple[dict[str, Any], int, int]] = [
    ({"depth_um": 1301}, 3000, m.FAULT_DEPTH_OVER),
    ({"depth_valid": False}, 3000, m.FAULT_SENSOR),
    ({"speed_rpm": 0, "current_ma": 600}, 200_000, m.FAULT_STALL),
    ({"speed_rpm": 5599}, 200_000, m.FAULT_SPEED_RANGE),
    ({"current_ma": 1201}, 20_000, m.FAULT_OVERCURRENT),
    ({"temperature_dc": 601}, 100_000, m.FAULT_OVERTEMPERATURE),
    ({"supply_mv": 4399}, 20_000, m.FAULT_UNDERVOLTAGE),
]


@pytest.mark.parametrize(("wrong", "window_us", "fault"), GUARDS)
def test_a_guard_trips_with_the_sample_that_completes_its_window(wrong: dict[str, Any], window_us: int, fault: int) -> None:
    guards, found, run = Guards(0), readings(**wrong), a_run()
    last_us = SPIN_UP_US + window_us - 1000
    for now_us in (SPIN_UP_US, last_us - 1):
        assert guards.judge(found, run, now_us)[0] == m.FAULT_NONE
    assert guards.judge(found, run, last_us)[0] == fault


@pytest.mark.parametrize(("first_us", "fault"), [(499_999, m.FAULT_NONE), (500_000, m.FAULT_SPEED_RANGE)])
def test_another_speed_settles_for_500_ms(first_us: int, fault: int) -> None:
    guards, slow, run = Guards(0), readings(speed_rpm=5000), a_run()
    assert guards.judge(readings(), run, SPIN_UP_US) == (m.FAULT_NONE, 0)
    guards.speed_asked(6500, 2 * SPIN_UP_US)
    assert guards.judge(slow, run, 2 * SPIN_UP_US + first_us)[0] == m.FAULT_NONE
    assert guards.judge(slow, run, 2 * SPIN_UP_US + first_us + 199_000)[0] == fault


def test_a_change_must_show_within_300_ms() -> None:
    guards, still, run = Guards(0), readings(depth_um=600), a_run()
    guards.depth_asked(600, 1000, 600, 5000)
    assert guards.judge(still, run, 304_999)[0] == m.FAULT_NONE
    assert guards.judge(still, run, 305_000)[0] == m.FAULT_SENSOR


def a_motion(**override: Any) -> Motion:
    hardware = BenchHardware()
    hardware.override.update(override)
    return Motion(hardware, m.RESET_POWER_ON, 0, Guards)


def states_of(motion: Motion, *at_us: int) -> list[tuple[int, int]]:
    """(state, fault) after a step at each of these times."""
    seen = []
    for now_us in at_us:
        motion.step(now_us, 1000)
        seen.append((motion.state, motion.fault))
    return seen


def test_a_self_test_is_passed_after_20_ms_and_given_up_after_a_second() -> None:
    testing = (m.STATE_SELFTEST, m.FAULT_NONE)
    assert states_of(a_motion(), 0, 18_999, 19_000) == [testing, testing, (m.STATE_IDLE, m.FAULT_NONE)]
    low = a_motion(supply_mv=4000)
    assert states_of(low, 0, 998_999, 999_000) == [testing, testing, (m.STATE_FAULT, m.FAULT_UNDERVOLTAGE)]


def test_needles_astray_are_a_fault_after_100_ms() -> None:
    motion = a_motion()
    idle = (m.STATE_IDLE, m.FAULT_NONE)
    assert states_of(motion, 0, 19_000)[-1] == idle
    hardware = motion.hardware
    assert isinstance(hardware, BenchHardware)
    hardware.override["needles_home"] = False
    assert states_of(motion, 20_000, 118_999, 119_000) == [idle, idle, (m.STATE_FAULT, m.FAULT_HOMING)]


def test_armed_without_a_drive_ends_after_a_second() -> None:
    motion = a_motion()
    states_of(motion, 0, 19_000)
    motion.arm(m.MODE_TREAT, 1500, 20_000)
    armed = (m.STATE_ARMED, m.FAULT_NONE)
    assert states_of(motion, 21_000, 1_019_999, 1_020_000) == [armed, armed, (m.STATE_IDLE, m.FAULT_NONE)]
    assert motion.happened[-1] == (m.STATE_IDLE, m.FAULT_NONE, m.CAUSE_NO_DRIVE)


def test_telemetry_that_found_no_room_for_250_ms_stops() -> None:
    bench = Bench().running()
    pen = bench.pen

    def step(now_us: int) -> int:
        bench.now_us = now_us
        bench.drive_sequence += 1
        pen.receive(bench.drive_wire(bench.drive_sequence, bench.session), now_us)
        pen.step(now_us)
        return pen.fault

    while not pen.sampling.full:
        assert step(bench.now_us + 1000) == m.FAULT_NONE
    first_us = bench.now_us + 1000
    for after_us in (*range(0, 249_000, 1000), 248_999):
        assert step(first_us + after_us) == m.FAULT_NONE
    assert step(first_us + 249_000) == m.FAULT_TRANSMIT_STALL


def test_status_keeps_its_beat_across_the_longest_stall() -> None:
    bench = Bench().ready()
    while not bench.statuses:
        bench.run(1)
    bench.now_us += 99_999_000
    bench.run(1)
    assert len(bench.statuses) == 2, "one for all that was missed"
    bench.run(99)
    assert len(bench.statuses) == 2
    bench.run(1)
    assert len(bench.statuses) == 3
