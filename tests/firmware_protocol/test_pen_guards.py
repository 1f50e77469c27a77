"""The pen's own trips, its button, self-test and link: with the host saying all is well (pen-link.md, "Pen states")."""

from typing import Any

import pytest

from firmware_protocol import messages as m
from tests.firmware_protocol.pen_bench import BOOT_ID, Bench


def until_fault(bench: Bench, most_ms: int = 3000, **drive: int) -> int:
    """Milliseconds until FAULT while the host keeps driving; -1: none."""
    for passed in range(most_ms):
        if bench.pen.state == m.STATE_FAULT:
            return passed
        if passed % 20 == 0:
            bench.drive(**drive)
        bench.run(1)
    return -1


def spun_up(milliseconds: int = 1600) -> Bench:
    bench = Bench().armed()
    bench.keep(milliseconds)
    return bench


@pytest.mark.parametrize("trip_ms", [1, 3, 20])
def test_depth_over_limit_and_tolerance_for_trip_ms(trip_ms: int) -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1301  # limit 1200, tolerance 100
    assert until_fault(bench, trip_ms=trip_ms) == trip_ms
    event = bench.events[-1]
    assert (event.fault, event.argument) == (m.FAULT_DEPTH_OVER, 1301)
    assert event.sample_index == bench.samples[-1].index
    assert bench.samples[-1].depth_um == 1301
    assert bench.samples[-1].state == m.STATE_FAULT
    assert not bench.hardware.powered


def test_depth_at_limit_and_tolerance_does_not_trip() -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1300
    assert until_fault(bench, 500) == -1


def test_depth_over_for_less_than_trip_ms_does_not_trip() -> None:
    bench = Bench().running()
    for _ in range(50):
        bench.hardware.override["depth_um"] = 1400
        bench.drive()
        bench.run(2)
        bench.hardware.override["depth_um"] = 1000
        bench.run(1)
    assert bench.pen.state == m.STATE_RUNNING


def test_over_and_invalid_in_turns_trip_as_one() -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1400
    bench.run(1)
    bench.hardware.override["depth_valid"] = False
    bench.run(1)
    bench.hardware.override["depth_valid"] = True
    bench.run(1)
    assert bench.pen.fault == m.FAULT_DEPTH_OVER


def test_a_smaller_limit_is_judged_at_once() -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1000
    bench.drive(zone=7, depth_limit_um=800, depth_um=800)
    bench.run(3)
    assert bench.pen.fault == m.FAULT_DEPTH_OVER


def test_depth_invalid_for_trip_ms() -> None:
    bench = Bench().running()
    bench.hardware.override["depth_valid"] = False
    assert until_fault(bench) == 3
    assert bench.pen.fault == m.FAULT_SENSOR


def test_frozen_after_a_change_of_100_um() -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1000
    bench.drive(depth_um=1100)
    assert until_fault(bench, 600, depth_um=1100) == 300
    assert bench.pen.fault == m.FAULT_SENSOR


@pytest.mark.parametrize(("depth_um", "moves_to_um"), [(1000, 1000), (1099, 1000), (1100, 1050), (900, 950)])
def test_steady_or_moving_is_not_frozen(depth_um: int, moves_to_um: int) -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1000
    bench.drive(depth_um=depth_um)
    bench.run(10)
    bench.hardware.override["depth_um"] = moves_to_um
    assert until_fault(bench, 1000, depth_um=depth_um) == -1


def test_a_small_change_after_a_large_one_does_not_hide_that_it_froze() -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1000
    bench.drive(depth_um=1150)
    bench.run(100)
    bench.drive(depth_um=1160)
    assert until_fault(bench, 600, depth_um=1160) == 200


def test_a_change_that_is_taken_back_is_no_freeze() -> None:
    bench = Bench().running()
    bench.hardware.override["depth_um"] = 1005
    bench.drive(depth_um=1100)
    bench.run(5)
    assert until_fault(bench, 1000, depth_um=1000) == -1


def test_needles_that_never_come_out_are_frozen() -> None:
    bench = Bench().armed()
    bench.hardware.override["depth_um"] = 0
    assert until_fault(bench, 600) == 302  # released on the second step, when the speed is seen
    assert bench.pen.fault == m.FAULT_SENSOR


@pytest.mark.parametrize("speed_rpm", [5599, 8401])
def test_speed_outside_20_percent_for_200_ms(speed_rpm: int) -> None:
    bench = spun_up()
    bench.hardware.override["speed_rpm"] = speed_rpm
    assert until_fault(bench) == 200
    assert (bench.pen.fault, bench.events[-1].argument) == (m.FAULT_SPEED_RANGE, speed_rpm)


@pytest.mark.parametrize("speed_rpm", [5600, 8400])
def test_speed_at_20_percent_does_not_trip(speed_rpm: int) -> None:
    bench = spun_up()
    bench.hardware.override["speed_rpm"] = speed_rpm
    assert until_fault(bench, 1000) == -1


def test_speed_has_1500_ms_to_spin_up() -> None:
    bench = Bench().armed()
    bench.hardware.override["speed_rpm"] = 3000
    assert until_fault(bench) == pytest.approx(1700, abs=2)
    assert bench.pen.fault == m.FAULT_SPEED_RANGE


def test_speed_has_500_ms_after_a_change() -> None:
    bench = spun_up()
    bench.hardware.override["speed_rpm"] = 6000
    assert until_fault(bench, speed_rpm=8000) == pytest.approx(700, abs=2)


def test_a_change_of_speed_takes_nothing_from_the_spin_up() -> None:
    bench = spun_up(200)
    bench.hardware.override["speed_rpm"] = 3000
    assert until_fault(bench, speed_rpm=8000) == pytest.approx(1500, abs=2)


def test_a_motor_started_after_holding_still_spins_up() -> None:
    bench = Bench().ready()
    assert bench.arm(mode=m.MODE_CALIBRATE, crc=0) == m.OK
    bench.keep(2000, mode=m.MODE_CALIBRATE, speed_rpm=0)
    bench.hardware.override["speed_rpm"] = 0
    assert until_fault(bench, mode=m.MODE_CALIBRATE, speed_rpm=7000) == pytest.approx(1700, abs=2)


def test_speed_unknown_is_speed_outside() -> None:
    bench = spun_up()
    bench.hardware.override["speed_valid"] = False
    assert until_fault(bench) == 200


TRIPS: list[tuple[dict[str, Any], int, int]] = [
    ({"speed_rpm": 0, "current_ma": 900}, m.FAULT_STALL, 200),
    ({"current_ma": 1201}, m.FAULT_OVERCURRENT, 20),
    ({"temperature_dc": 601}, m.FAULT_OVERTEMPERATURE, 100),
    ({"supply_mv": 4399}, m.FAULT_UNDERVOLTAGE, 20),
    ({"cartridge": False}, m.FAULT_CARTRIDGE, 1),
]


@pytest.mark.parametrize(("readings", "fault", "after_ms"), TRIPS)
def test_trips_and_clears_only_when_the_cause_is_gone(readings: dict[str, Any], fault: int, after_ms: int) -> None:
    bench = spun_up(400)
    bench.hardware.override.update(readings)
    assert until_fault(bench) == after_ms
    assert bench.pen.fault == fault
    assert not bench.hardware.powered
    bench.run(60)
    if fault != m.FAULT_STALL:
        assert bench.request(m.CLEAR_FAULT, fault, BOOT_ID) == m.FAILED
    bench.hardware.override.clear()
    bench.run(1)
    assert bench.request(m.CLEAR_FAULT, fault, BOOT_ID) == m.OK
    assert bench.drive() == m.REFUSAL_NOT_ARMED


@pytest.mark.parametrize("state", [m.STATE_ARMED, m.STATE_RUNNING])
def test_button_stops_by_itself(state: int) -> None:
    bench = Bench().armed() if state == m.STATE_ARMED else Bench().running()
    bench.hardware.override["button"] = True
    bench.run(1)
    assert not bench.hardware.powered
    assert bench.pen.state == m.STATE_IDLE
    assert bench.events[-1].argument == m.CAUSE_BUTTON
    assert bench.samples[-1].flags & m.FLAG_BUTTON
    assert bench.drive() == m.REFUSAL_NOT_ARMED


def test_a_button_held_since_before_the_start_does_not_stop() -> None:
    bench = Bench().ready()
    bench.hardware.override["button"] = True
    bench.run(800)
    assert bench.arm() == m.OK
    bench.keep(400)
    assert bench.pen.state == m.STATE_RUNNING


@pytest.mark.parametrize("enter", [Bench.armed, Bench.running])
def test_link_lost_latches(enter: Any) -> None:
    bench = enter(Bench())
    bench.pen.link_lost(bench.now_us)
    assert (bench.pen.state, bench.pen.fault) == (m.STATE_FAULT, m.FAULT_LINK)
    assert not bench.hardware.powered
    assert bench.drive() == m.REFUSAL_SESSION


def test_link_lost_in_idle_ends_the_session_only() -> None:
    bench = Bench().ready()
    bench.pen.link_lost(bench.now_us)
    assert bench.pen.state == m.STATE_IDLE
    assert bench.request(m.SYNC, 1) == m.BAD_SESSION
    session = bench.session
    assert bench.hello(nonce=1) == m.OK  # the same nonce is no repeat after the link was lost
    assert bench.session != session


def test_needles_that_stay_out_are_a_fault() -> None:
    bench = Bench().running()
    bench.stop()
    bench.hardware.override["needles_home"] = False
    bench.run(99)
    assert bench.pen.state == m.STATE_IDLE
    bench.run(1)
    assert bench.pen.fault == m.FAULT_HOMING
    assert bench.request(m.CLEAR_FAULT, m.FAULT_HOMING, BOOT_ID) == m.FAILED


@pytest.mark.parametrize(
    ("readings", "fault"),
    [
        ({"depth_valid": False}, m.FAULT_SENSOR),
        ({"supply_mv": 4000}, m.FAULT_UNDERVOLTAGE),
        ({"needles_home": False}, m.FAULT_HOMING),
    ],
)
def test_self_test_fails_by_what_is_wrong(readings: dict[str, Any], fault: int) -> None:
    bench = Bench()
    bench.hardware.override.update(readings)
    bench.run(1100)
    assert (bench.pen.state, bench.pen.fault) == (m.STATE_FAULT, fault)
    bench.hardware.override.clear()
    bench.run(1)
    bench.hello()
    assert bench.request(m.CLEAR_FAULT, fault, BOOT_ID) == m.OK
    assert bench.pen.state == m.STATE_SELFTEST
    bench.run(30)
    assert bench.pen.state == m.STATE_IDLE


def test_a_watchdog_reset_boots_into_fault() -> None:
    bench = Bench(reset_cause=m.RESET_WATCHDOG)
    bench.run(100)
    assert (bench.pen.state, bench.pen.fault) == (m.STATE_FAULT, m.FAULT_WATCHDOG_RESET)
    bench.hello()
    assert bench.reply(m.HELLO).reset_cause == m.RESET_WATCHDOG
    assert bench.request(m.CLEAR_FAULT, m.FAULT_WATCHDOG_RESET, BOOT_ID) == m.OK
    bench.run(30)
    assert bench.pen.state == m.STATE_IDLE


def test_the_first_fault_keeps_its_name() -> None:
    bench = Bench().running()
    bench.hardware.override["cartridge"] = False
    bench.run(1)
    bench.hardware.override["needles_home"] = False
    bench.run(200)
    assert bench.pen.fault == m.FAULT_CARTRIDGE
    assert bench.pen.motion.fault_bits == 1 << m.FAULT_CARTRIDGE | 1 << m.FAULT_HOMING


def test_a_run_longer_than_the_clocks_wrap_keeps_its_guards() -> None:
    bench = Bench().running()
    bench.keep(1600)
    bench.pen.motion._guards._grace_us = 0
    bench.now_us = (bench.now_us + 1) & 0xFFFFFFFF
    bench.hardware.override["speed_rpm"] = 3000
    bench.pen.motion._guards._grace_from_us = bench.now_us  # as it looks 71.6 minutes later
    assert until_fault(bench) == 200
