"""What holds in a pen that has just started, or has just ended a run: nothing, and each part says so by itself."""

import pytest

from firmware_protocol import messages as m
from firmware_protocol.pen import Pen
from firmware_protocol.pen_guards import INITIAL_LIMITS, Guards, Run
from firmware_protocol.pen_motion import Motion
from firmware_protocol.pen_parameters import stored_form
from firmware_protocol.pen_storage import PARAMETER_SLOTS, record_of
from tests.firmware_protocol.pen_bench import BOOT_ID, Bench, BenchHardware

NO_RUN = dict.fromkeys(Run.__slots__, 0) | {"mode": m.MODE_NONE, "needles_out": False}


def run_of(motion: Motion) -> dict[str, object]:
    return {name: getattr(motion.run, name) for name in Run.__slots__}


def state_of(motion: Motion) -> tuple[object, ...]:
    return (
        motion.state,
        motion.fault,
        motion.fault_bits,
        motion.token,
        motion.refusal,
        motion.refused,
        motion.drive_sequence,
        motion.longest_step_us,
        motion.happened,
        motion.lease_left_ms(0xFFFF0000),
    )


def a_motion(reset_cause: int = m.RESET_POWER_ON) -> Motion:
    return Motion(BenchHardware(), reset_cause, 0, Guards)


def test_a_pen_starts_with_nothing_asked_refused_or_allowed() -> None:
    motion = a_motion()
    assert state_of(motion) == (m.STATE_BOOT, m.FAULT_NONE, 0, 0, m.REFUSAL_NONE, 0, 0, 0, [], 0)
    assert run_of(motion) == NO_RUN
    assert motion.limits == INITIAL_LIMITS


def test_a_pen_whose_watchdog_bit_starts_in_fault_and_says_no_more() -> None:
    motion = a_motion(m.RESET_WATCHDOG)
    assert motion.happened == [(m.STATE_FAULT, m.FAULT_WATCHDOG_RESET, 0)]
    assert motion.fault_bits == 1 << m.FAULT_WATCHDOG_RESET


@pytest.mark.parametrize(("supply_mv", "state"), [(4400, m.STATE_IDLE), (4399, m.STATE_SELFTEST)])
def test_the_least_supply_that_a_pen_starts_with(supply_mv: int, state: int) -> None:
    hardware = BenchHardware()
    hardware.override["supply_mv"] = supply_mv
    bench = Bench(hardware=hardware)
    bench.run(30)
    assert bench.pen.state == state


@pytest.mark.parametrize(
    ("seed", "token"), [(0, 1), (1, 2), (0x1234, 0x1235), (0xFFFE, 0xFFFF), (0xFFFF, 1), (0xABCD_1234, 0x1235)]
)
def test_tokens_begin_where_the_seed_says_and_are_never_0(seed: int, token: int) -> None:
    assert Motion(BenchHardware(), m.RESET_POWER_ON, seed, Guards).arm(m.MODE_TREAT, 1500, 0) == token


@pytest.mark.parametrize("sequence", [0, 1, 0x7FFF, 0x8000, 0xFFFF])
def test_the_first_drive_of_all_may_have_any_sequence(sequence: int) -> None:
    motion = a_motion()
    token = motion.arm(m.MODE_TREAT, 1500, 0)
    drive = m.Drive(token, 200, 0, 3, m.MODE_TREAT, 1200, 1000, 7000, 100, 3)
    assert motion.drive(drive, sequence, {3: 1200}, 0, 0) == m.REFUSAL_NONE
    assert motion.drive_sequence == sequence


def test_a_self_test_takes_20_good_readings_in_a_row() -> None:
    bench = Bench()
    bench.run(19)
    bench.hardware.override["depth_valid"] = False
    bench.run(1)
    bench.hardware.override.clear()
    bench.run(19)
    assert bench.pen.state == m.STATE_SELFTEST
    bench.run(1)
    assert bench.pen.state == m.STATE_IDLE


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [({"needles_home": False}, m.FAULT_HOMING), ({"depth_valid": False}, m.FAULT_SENSOR), ({}, m.FAULT_UNDERVOLTAGE)],
)
def test_a_self_test_that_fails_is_named_by_what_is_wrong_in_the_end_and_worst(wrong: dict[str, bool], fault: int) -> None:
    hardware = BenchHardware()
    hardware.override["supply_mv"] = 4399
    bench = Bench(hardware=hardware)
    bench.run(970)
    hardware.override.update(wrong)
    bench.run(29)
    assert bench.pen.state == m.STATE_SELFTEST
    bench.run(1)
    assert (bench.pen.state, bench.pen.fault) == (m.STATE_FAULT, fault)
    assert [(event.fault, event.argument) for event in bench.pen.service.log.read(2, 9) or ()] == [(fault, 0)]


@pytest.mark.parametrize(("value", "told"), [(-1, 0), (0, 0), (0xFFFF, 0xFFFF), (0x10000, 0xFFFF), (10**9, 0xFFFF)])
def test_a_value_that_tripped_is_told_to_the_end_of_its_field(value: int, told: int) -> None:
    motion = a_motion()
    motion.trip(m.FAULT_DEPTH_OVER, value)
    assert motion.happened == [(m.STATE_FAULT, m.FAULT_DEPTH_OVER, told)]


# a press of the pen's button, and a lease


def held_from_the_start(button_hold_ms: int) -> BenchHardware:
    """A pen that is switched on while somebody holds its button."""
    hardware = BenchHardware()
    hardware.slots[PARAMETER_SLOTS[0]] = record_of(1, stored_form({m.PARAMETER_BUTTON_HOLD: button_hold_ms}))
    hardware.override["button"] = True
    return hardware


def test_a_button_held_since_power_came_never_stops_a_run() -> None:
    bench = Bench(hardware=held_from_the_start(50)).armed()
    assert bench.now_us < 50_000, "the hold would end in this run"
    bench.keep(100)
    assert bench.pen.state == m.STATE_RUNNING


def test_a_press_stops_one_run_and_not_the_next_while_it_is_held() -> None:
    bench = Bench().running()
    bench.hardware.override["button"] = True
    bench.run(2)
    assert (bench.pen.state, bench.events[-1].argument) == (m.STATE_IDLE, m.CAUSE_BUTTON)
    bench.run(60)
    assert bench.arm() == m.OK
    bench.keep(100)
    assert bench.pen.state == m.STATE_RUNNING


def test_a_lease_that_ended_is_told_without_a_value() -> None:
    bench = Bench().running()
    bench.run(300)
    assert (bench.events[-1].fault, bench.events[-1].argument) == (m.FAULT_HOST_TIMEOUT, 0)


@pytest.mark.parametrize("differs_in", [0, 8, 16, 24, 31])
def test_a_pen_that_starts_again_begins_with_another_session_whatever_bit_of_its_boot_differs(differs_in: int) -> None:
    sessions = set()
    for boot_id in (BOOT_ID, BOOT_ID ^ (1 << differs_in)):
        bench = Bench()
        bench.pen = Pen(BenchHardware(), boot_id, m.RESET_POWER_ON, b"BENCH-1", b"1.0", 0)
        assert bench.hello() == m.OK
        sessions.add(bench.session)
    assert len(sessions) == 2


def test_right_after_a_status_no_step_is_the_longest() -> None:
    bench = Bench().ready()
    bench.statuses.clear()
    while not bench.statuses:
        bench.run(1)
    assert bench.statuses[0].loop_max_us == 1000
    assert bench.request(m.STATUS_GET) == m.OK
    assert bench.reply(m.STATUS_GET).loop_max_us == 0
