"""Parameters: staged, stored, in force; what each does to the pen; and that none makes a guard looser."""

import pytest

from firmware_protocol import messages as m
from firmware_protocol.pen_hardware import STORE_BUSY, STORE_DONE, STORE_FAILED
from firmware_protocol.pen_parameters import stored_form
from firmware_protocol.pen_storage import PARAMETER_SLOTS, record_of
from tests.firmware_protocol.pen_bench import BOOT_ID, Bench

INITIAL = {parameter.id: parameter.initial for parameter in m.PARAMETERS}


def set_and_store(bench: Bench, **named: int) -> None:
    """Stage, commit and wait until it holds."""
    by_name = {parameter.name: parameter.id for parameter in m.PARAMETERS}
    wanted = {**INITIAL, **{by_name[name]: value for name, value in named.items()}}
    for number, value in wanted.items():
        assert bench.request(m.PARAMETER_SET, number, value) == m.OK
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc(wanted)) == m.IN_PROGRESS
    bench.run(2)
    assert bench.request(m.STATUS_GET) == m.OK
    assert bench.reply(m.STATUS_GET).storage == m.STORAGE_DONE
    assert bench.reply(m.STATUS_GET).parameters_crc == m.parameters_crc(wanted)


def rebooted(bench: Bench) -> Bench:
    """Another pen on the same storage."""
    return Bench(hardware=bench.hardware).ready()


def test_each_parameter_says_what_it_is() -> None:
    bench = Bench().ready()
    for known in m.PARAMETERS:
        assert known.low <= known.initial <= known.high
        assert bench.request(m.PARAMETER_GET, known.id) == m.OK
        assert bench.reply(m.PARAMETER_GET) == (known.id, known.initial, known.initial, known.low, known.high, known.initial)
    assert bench.request(m.PARAMETER_GET, 99) == m.UNSUPPORTED


def test_the_looser_end_of_every_range_is_the_rule_of_the_protocol() -> None:
    by_id = {parameter.id: parameter for parameter in m.PARAMETERS}
    assert by_id[m.PARAMETER_SPIN_UP].high == 1500
    assert by_id[m.PARAMETER_CURRENT_TRIP].high == 1200
    assert by_id[m.PARAMETER_TEMPERATURE_TRIP].high == 600
    assert by_id[m.PARAMETER_BUTTON_HOLD].high == 50
    assert {by_id[number].initial for number in (1, 2, 3)} == {1500, 1200, 600}


@pytest.mark.parametrize("known", m.PARAMETERS, ids=lambda known: known.name)
def test_set_takes_the_range_and_no_more(known: m.Parameter) -> None:
    bench = Bench().ready()
    for value, result in (
        (known.low, m.OK),
        (known.high, m.OK),
        (known.low - 1, m.DENIED),
        (known.high + 1, m.DENIED),
        (-(2**31), m.DENIED),
        (2**31 - 1, m.DENIED),
    ):
        assert bench.request(m.PARAMETER_SET, known.id, value) == result
    assert bench.request(m.PARAMETER_SET, 0, 1) == m.UNSUPPORTED


def test_set_only_stages() -> None:
    bench = Bench().ready()
    assert bench.request(m.PARAMETER_SET, m.PARAMETER_CURRENT_TRIP, 700) == m.OK
    assert bench.request(m.PARAMETER_GET, m.PARAMETER_CURRENT_TRIP) == m.OK
    assert bench.reply(m.PARAMETER_GET)[1:3] == (1200, 700)
    assert bench.pen.motion.limits.current_ma == 1200
    assert bench.hardware.begun == []
    assert bench.hello(nonce=2) == m.OK  # another host does not commit what it never saw
    assert bench.request(m.PARAMETER_GET, m.PARAMETER_CURRENT_TRIP) == m.OK
    assert bench.reply(m.PARAMETER_GET)[1:3] == (1200, 1200)


def test_commit_of_another_set_than_the_staged_is_refused() -> None:
    bench = Bench().ready()
    assert bench.request(m.PARAMETER_SET, m.PARAMETER_CURRENT_TRIP, 700) == m.OK
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc(INITIAL)) == m.BAD_CRC
    assert bench.hardware.begun == []


def test_what_is_stored_holds_from_done_on_and_after_a_restart() -> None:
    bench = Bench().ready()
    bench.hardware.store_says = STORE_BUSY
    assert bench.request(m.PARAMETER_SET, m.PARAMETER_SPIN_UP, 800) == m.OK
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc({**INITIAL, m.PARAMETER_SPIN_UP: 800})) == m.IN_PROGRESS
    bench.run(50)
    assert bench.pen.motion.limits.spin_up_us == 1_500_000
    assert bench.pen.service.storage.state == m.STORAGE_WRITING
    bench.hardware.store_says = STORE_DONE
    bench.run(1)
    assert bench.pen.motion.limits.spin_up_us == 800_000
    assert (bench.events[-1].state, bench.events[-1].argument) == (m.STATE_IDLE, m.CAUSE_STORED)
    assert rebooted(bench).pen.motion.limits.spin_up_us == 800_000


def test_while_a_write_runs_changes_and_arm_are_busy_and_the_rest_goes_on() -> None:
    bench = Bench().ready()
    bench.hardware.store_says = STORE_BUSY
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc(INITIAL)) == m.IN_PROGRESS
    bench.run(3)
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc(INITIAL)) == m.BUSY
    assert bench.request(m.PARAMETER_SET, m.PARAMETER_SPIN_UP, 800) == m.BUSY
    assert bench.request(m.CALIBRATION_WRITE, 0, ((1,),)) == m.BUSY
    assert bench.request(m.CALIBRATION_COMMIT, 0) == m.BUSY
    assert bench.arm() == m.BUSY
    assert bench.request(m.PARAMETER_GET, 1) == m.OK
    assert bench.request(m.STATUS_GET) == m.OK
    assert bench.reply(m.STATUS_GET).storage == m.STORAGE_WRITING
    assert bench.stop() == m.OK
    assert len(bench.hardware.begun) == 1
    bench.hardware.store_says = STORE_DONE
    bench.run(1)
    assert bench.arm() == m.OK


def test_a_repeat_of_commit_writes_once() -> None:
    bench = Bench().ready()
    crc = m.parameters_crc(INITIAL)
    assert bench.request(m.PARAMETER_COMMIT, crc) == m.IN_PROGRESS
    bench.run(3)
    assert bench.request(m.PARAMETER_COMMIT, crc, sequence=bench.sequence) == m.IN_PROGRESS
    assert len(bench.hardware.begun) == 1


def test_a_failed_write_changes_nothing_and_is_told() -> None:
    bench = Bench().ready()
    bench.hardware.store_says = STORE_FAILED
    assert bench.request(m.PARAMETER_SET, m.PARAMETER_SPIN_UP, 800) == m.OK
    assert bench.request(m.PARAMETER_COMMIT, m.parameters_crc({**INITIAL, m.PARAMETER_SPIN_UP: 800})) == m.IN_PROGRESS
    bench.run(1)
    assert bench.pen.motion.limits.spin_up_us == 1_500_000
    assert bench.events[-1].argument == m.CAUSE_STORE_FAILED
    bench.run(100)
    assert bench.statuses[-1].storage == m.STORAGE_FAILED
    assert bench.statuses[-1].parameters_crc == m.parameters_crc(INITIAL)


def test_changes_are_for_idle() -> None:
    bench = Bench().armed()
    for message, values in (
        (m.PARAMETER_SET, (m.PARAMETER_SPIN_UP, 800)),
        (m.PARAMETER_COMMIT, (m.parameters_crc(INITIAL),)),
        (m.CALIBRATION_WRITE, (0, ((1,),))),
        (m.CALIBRATION_COMMIT, (0,)),
    ):
        assert bench.request(message, *values) == m.BAD_STATE
    assert bench.request(m.PARAMETER_GET, m.PARAMETER_SPIN_UP) == m.OK  # reading does no harm


def test_stored_sets_of_other_firmware_are_read_as_far_as_they_go() -> None:
    bench = Bench()
    known_unknown_and_wild = {m.PARAMETER_SPIN_UP: 900, m.PARAMETER_CURRENT_TRIP: 5000, 200: 7}
    bench.hardware.slots[PARAMETER_SLOTS[0]] = record_of(1, stored_form(known_unknown_and_wild))
    values = rebooted(bench).pen.service.parameters.values
    assert values == {**INITIAL, m.PARAMETER_SPIN_UP: 900}


def test_spin_up_ends_the_grace_of_the_speed_guard() -> None:
    bench = Bench().ready()
    set_and_store(bench, spin_up_ms=500)
    assert bench.arm() == m.OK
    bench.hardware.override["speed_rpm"] = 5000
    bench.keep(480)
    assert bench.pen.state == m.STATE_RUNNING
    bench.keep(240)
    assert bench.pen.fault == m.FAULT_SPEED_RANGE


@pytest.mark.parametrize(
    ("stored", "reading", "fault"),
    [
        ({"current_trip_ma": 700}, {"current_ma": 701}, m.FAULT_OVERCURRENT),
        ({"temperature_trip_dc": 400}, {"temperature_dc": 401}, m.FAULT_OVERTEMPERATURE),
    ],
)
def test_a_stricter_trip_trips_earlier(stored: dict[str, int], reading: dict[str, int], fault: int) -> None:
    bench = Bench().ready()
    bench.hardware.override.update(reading)
    assert bench.arm() == m.OK
    bench.keep(300)
    assert bench.pen.state == m.STATE_RUNNING
    assert bench.stop() == m.OK
    bench.hardware.override.clear()
    bench.run(60)
    set_and_store(bench, **stored)
    assert bench.arm() == m.OK
    bench.keep(100)
    bench.hardware.override.update(reading)
    bench.keep(140)
    assert bench.pen.fault == fault
    bench.run(60)
    assert bench.request(m.CLEAR_FAULT, fault, BOOT_ID) == m.FAILED  # by the same limit
    bench.hardware.override.clear()
    bench.run(2)
    assert bench.request(m.CLEAR_FAULT, fault, BOOT_ID) == m.OK


@pytest.mark.parametrize(("held_ms", "stops"), [(19, False), (20, True)])
def test_button_hold(held_ms: int, stops: bool) -> None:
    bench = Bench().ready()
    set_and_store(bench, button_hold_ms=20)
    assert bench.arm() == m.OK
    bench.keep(100)
    bench.hardware.override["button"] = True
    bench.run(held_ms)
    bench.hardware.override["button"] = False
    bench.run(1)
    assert (bench.pen.state == m.STATE_IDLE) == stops


def test_a_press_that_began_before_arm_is_the_start_not_a_stop() -> None:
    bench = Bench().ready()
    bench.hardware.override["button"] = True
    bench.run(5)
    assert bench.arm() == m.OK
    bench.keep(100)
    assert bench.pen.state == m.STATE_RUNNING
    bench.hardware.override["button"] = False
    bench.keep(20)
    bench.hardware.override["button"] = True
    bench.run(1)
    assert bench.pen.state == m.STATE_IDLE


def test_a_long_hold_that_began_before_arm_does_not_stop_either() -> None:
    bench = Bench().ready()
    set_and_store(bench, button_hold_ms=20)
    bench.hardware.override["button"] = True
    bench.run(5)
    assert bench.arm() == m.OK
    bench.keep(100)
    assert bench.pen.state == m.STATE_RUNNING
