"""The board's main.py under MicroPython, with a chip, a motor and a host that are not there, in virtual time."""

from typing import Any

import pytest

from firmware_protocol import messages as m
from tests.micropython import interpreter
from tests.micropython.interpreter import board_files, shared_files

LEASE_US = 200_000
SOON_US = 3_000  # a step, and the gate's quarter of a millisecond


def play(name: str) -> dict[str, Any]:
    (found,) = interpreter.run("board_main", {"/scenario": name}, [*shared_files(), *board_files()])
    assert isinstance(found, dict)
    return found


def test_from_power_on_to_stop() -> None:
    found = play("life")
    assert found["kbd_intr"] == [0], "the interrupt byte must be given up before anything else"
    assert found["serial"] == "010203040506"
    assert found["state"] == m.STATE_RUNNING
    assert found["rpm"] == pytest.approx(7000, rel=0.05)
    assert found["depth_um"] == pytest.approx(1000, abs=30)
    assert found["duty"] > 30_000
    assert found["frames_a_second"] == pytest.approx(250, abs=5)
    assert found["samples_a_frame"] == 4
    assert found["missed"] == 0
    assert found["refused"] == 0
    assert found["stop"] == m.OK
    assert 0 <= found["stop_us"] <= SOON_US
    assert found["duty_after"] == 0
    assert found["home"] == 0
    number, needles, used_ms = found["cartridge"]
    assert (number, needles) == (4711, 12)
    assert used_ms == pytest.approx(700, abs=40)


def test_silence_ends_at_the_lease() -> None:
    found = play("silence")
    assert LEASE_US - 1_000 <= found["off_us"] <= LEASE_US + 20_000
    assert found["fault"] == m.FAULT_HOST_TIMEOUT
    assert found["on_again"] == -1


def test_a_hanging_program_is_cut_off_by_the_gate_alone() -> None:
    found = play("blocked")
    assert 0 < found["off_us"] <= 42_000
    assert found["fault"] in (m.FAULT_ASSERT, m.FAULT_HOST_TIMEOUT)
    assert found["on_again"] == -1
    assert found["resets"] == 0


def test_a_stumbling_program_does_not_go_on_as_if_nothing_had_been() -> None:
    found = play("stumbled")
    assert 0 < found["off_us"] <= 42_000
    assert found["fault"] == m.FAULT_ASSERT
    assert found["on_again"] == -1


def test_a_gate_that_does_not_count_is_taken_away_from_its_timer() -> None:
    found = play("gate_broken")
    assert 0 <= found["off_us"] <= 10_000
    assert found["fault"] == m.FAULT_ASSERT
    assert found["fed_us"] <= 10_000
    assert found["resets"] == 1


def test_the_sensor_of_depth_ends_a_run() -> None:
    found = play("deep")
    for name, fault in (("over", m.FAULT_DEPTH_OVER), ("broken", m.FAULT_SENSOR)):
        assert found[name][0] == fault
        assert 0 <= found[name][1] <= 3_000 + SOON_US


def test_the_gate_minds_the_lease_too() -> None:
    assert LEASE_US - 1_000 <= play("short_lease")["off_us"] <= LEASE_US + 20_000


def test_garbage_collection_does_not_cut_off() -> None:
    found = play("hiccup")
    assert found["off_us"] == -1
    assert found["state"] == m.STATE_RUNNING


def test_a_failed_check_starves_the_watchdog() -> None:
    found = play("sick")
    assert found["resets_before"] == 0
    assert 0 <= found["off_us"] <= 60_000
    assert found["fed_us"] <= 40_000
    assert found["resets"] == 1


def test_a_host_that_does_not_read_costs_samples_only() -> None:
    found = play("unread")
    assert found["longest_step_us"] < 3_000
    assert found["missed"] == found["dropped"] > 100
    assert found["stop"] == m.OK
    assert found["bad"] == 0


def test_an_unplugged_cable_stops_and_latches() -> None:
    found = play("unplugged")
    assert 0 <= found["off_us"] <= SOON_US
    assert found["fault"] == m.FAULT_LINK


def test_a_program_that_fails_is_safe_first() -> None:
    found = play("crash")
    assert found["raised"]
    assert 0 <= found["off_us"] <= SOON_US
    assert found["resets"] == 1


def test_a_watchdog_reset_boots_into_its_fault() -> None:
    found = play("after_watchdog")
    assert found == {"fault": m.FAULT_WATCHDOG_RESET, "cause": m.RESET_WATCHDOG}


def test_a_held_button_leaves_the_prompt() -> None:
    assert play("maintenance") == {"started": False, "gate": -1, "kbd_intr": [-1, 3]}


def test_storage_and_a_silent_cartridge() -> None:
    found = play("storage")
    assert found["commit"] == m.IN_PROGRESS
    assert found["storage"] == m.STORAGE_DONE
    assert found["slot"] > 14
    assert (found["in"], found["out"], found["silent"]) == (1, 0, 0)
    assert found["flag"] == m.FLAG_CARTRIDGE
