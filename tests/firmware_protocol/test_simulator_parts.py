"""Plant, hand, faults and scenario: deterministic, and like a pen where it matters."""

import itertools
from pathlib import Path

import pytest

from firmware_protocol.simulator.faults import FAULTS, FaultError, parse_fault
from firmware_protocol.simulator.hand import Hand, Strokes
from firmware_protocol.simulator.plant import Plant
from firmware_protocol.simulator.scenario import ScenarioError, load_scenario, read_scenario


def run(plant: Plant, milliseconds: int, speed_rpm: int = 7000, depth_um: int = 1000) -> None:
    for _ in range(milliseconds):
        plant.drive(speed_rpm, depth_um)
        plant.step()


def mean(plant: Plant, what: str, milliseconds: int = 500) -> float:
    total = 0
    for _ in range(milliseconds):
        plant.drive(7000, 1000)
        plant.step()
        total += getattr(plant.read(), what)
    return total / milliseconds


def test_the_same_seed_gives_the_same_readings_and_another_does_not() -> None:
    plants = [Plant(seed) for seed in (5, 5, 6)]
    for plant in plants:
        run(plant, 400)
    assert plants[0].read() == plants[1].read() != plants[2].read()


def test_spins_up_within_the_guards_time_and_without_overcurrent() -> None:
    plant = Plant(1)
    currents = []
    for _ in range(400):
        plant.drive(8000, 0)
        plant.step()
        currents.append(plant.read().current_ma)
    assert plant.read().speed_rpm == pytest.approx(8000, rel=0.02)
    assert max(currents) < 1000


def test_reach_is_right_and_read_once_a_cycle() -> None:
    plant = Plant(1)
    run(plant, 1000)
    found = []
    for _ in range(600):
        plant.drive(7000, 1000)
        plant.step()
        found.append(plant.read().depth_um)
    assert all(abs(depth_um - 1000) < 40 for depth_um in found)
    changes = sum(a != b for a, b in itertools.pairwise(found))
    assert 55 <= changes <= 71  # 7000 rpm: 70 cycles in 600 ms


@pytest.mark.parametrize("depth_um", [500, 1000, 1500])
def test_springs_are_home_within_50_ms_of_power_off(depth_um: int) -> None:
    plant = Plant(1)
    run(plant, 1000, depth_um=depth_um)
    plant.safe()
    for _ in range(50):
        plant.step()
    assert plant.needles_home
    assert plant.read().depth_um == 0


@pytest.mark.parametrize("force_n", [0.8, 1.2, 1.8])
def test_a_hand_raises_the_current_and_dips_the_speed(force_n: float) -> None:
    plant = Plant(1)
    run(plant, 1000)
    idle_ma, free_rpm = mean(plant, "current_ma"), mean(plant, "speed_rpm")
    plant.hand_n = force_n
    run(plant, 300)
    assert 90 < mean(plant, "current_ma") - idle_ma < 300
    assert 85 < free_rpm - mean(plant, "speed_rpm") < 260
    assert plant.read().contact


def test_runaway_goes_past_every_limit_and_the_reading_follows() -> None:
    plant = Plant(1)
    run(plant, 1000)
    plant.faults["depth_runaway"] = 2000.0
    run(plant, 300)
    assert plant.reach_um > 1500
    assert plant.read().depth_um > 1500
    plant.safe()
    for _ in range(60):
        plant.step()
    assert plant.needles_home


def test_a_frozen_reading_stays_while_the_needles_move() -> None:
    plant = Plant(1)
    run(plant, 1000)
    shown = plant.read().depth_um
    plant.faults["depth_freeze"] = 1
    run(plant, 300, depth_um=1500)
    assert plant.read().depth_um == shown
    assert plant.reach_um == pytest.approx(1500)


def test_strokes_come_and_go_and_end() -> None:
    hand = Hand(1, practice=False)
    hand.stroke(Strokes(count=2, contact_s=0.5, lift_s=0.2, force_n=1.0, tremor=0.1))
    forces = []
    for _ in range(2000):
        hand.step(True)
        forces.append(hand.force_n)
    assert min(forces[100:490]) > 0.7
    assert max(forces) < 1.5
    assert forces[690] < 0.05
    assert min(forces[800:1190]) > 0.7
    assert max(forces[1500:]) < 0.01


def test_practice_strokes_only_while_the_needles_run() -> None:
    hand = Hand(1, practice=True)
    for _ in range(700):
        hand.step(True)
    assert hand.force_n > 0.8
    for _ in range(300):
        hand.step(False)
    assert hand.force_n < 0.01


def test_button_is_held_so_long() -> None:
    hand = Hand(1, practice=False)
    hand.push_button(0.8)
    held = 0
    for _ in range(1000):
        hand.step(False)
        held += hand.button
    assert held == 800


@pytest.mark.parametrize(
    ("text", "found"), [("stall", ("stall", 1)), ("depth_runaway=500", ("depth_runaway", 500)), ("stop_deaf=3", ("stop_deaf", 3))]
)
def test_faults_of_the_command_line(text: str, found: tuple[str, float]) -> None:
    assert parse_fault(text) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("explode", "there is no fault 'explode'; there are button, "),
        ("depth_runaway=fast", "'fast' is no number"),
        ("depth_runaway=0", "cannot have the value 0: allowed is 1 to 100000 um/s"),
        ("depth_runaway=nan", "cannot have the value nan"),
    ],
)
def test_faults_that_are_none(text: str, words: str) -> None:
    with pytest.raises(FaultError, match=words):
        parse_fault(text)


def test_every_default_is_allowed() -> None:
    for kind in FAULTS.values():
        assert kind.low <= kind.default <= kind.high


GOOD = """
[scenario]
seed = 42
title = "the host's business"
[plan]
client = "also the host's"
[[operator]]
at_s = 0
[[hand]]
at_s = 6
do = "lift"
[[hand]]
at_s = 1.0
do = "strokes"
count = 4
contact_s = 0.9
lift_s = 0.25
force_n = 1.2
tremor = 0.1
[[hand]]
at_s = 8
do = "button"
hold_s = 0.8
[[hand]]
at_s = 9
do = "press"
force_n = 2
[[fault]]
at_s = 5.0
do = "depth_runaway"
value = 2000
for_s = 1.0
[[fault]]
at_s = 7
do = "silence"
"""


def test_a_good_scenario() -> None:
    scenario = read_scenario(GOOD, "good.toml")
    assert scenario.seed == 42
    assert [(row.at_s, row.do) for row in scenario.hand] == [(1, "strokes"), (6, "lift"), (8, "button"), (9, "press")]
    assert scenario.hand[0].strokes == Strokes(4, 0.9, 0.25, 1.2, 0.1)
    assert [(row.do, row.value, row.for_s) for row in scenario.faults] == [("depth_runaway", 2000, 1.0), ("silence", 1, None)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("[[hand]]\nat_s = 1\ndo = 'wave'", r"x.toml: \[\[hand\]\] row 1: do is 'wave', allowed is strokes, press, lift, button"),
        ("[[hand]]\nat_s = -1\ndo = 'lift'", "row 1: at_s is -1, allowed is a number from 0 to 86400"),
        ("[[hand]]\ndo = 'lift'", "row 1: at_s is missing"),
        ("[[hand]]\nat_s = true\ndo = 'lift'", "at_s is True"),
        ("[[hand]]\nat_s = nan\ndo = 'lift'", "at_s is nan"),
        ("[[hand]]\nat_s = 1\ndo = 'lift'\nforce_n = 1", "key 'force_n' .value 1. is not known; allowed is at_s, do"),
        ("[[hand]]\nat_s = 1\ndo = 'strokes'", "count is missing, allowed is a whole number"),
        ("[[hand]]\nat_s = 1\ndo = 'strokes'\ncount = 1.5", "count is 1.5"),
        ("[[hand]]\nat_s = 1\ndo = 'strokes'\ncount = 1\ntremor = 2", "tremor is 2, allowed is a number from 0 to 1"),
        ("[[fault]]\nat_s = 1\ndo = 'boom'", r"\[\[fault\]\] row 1: do is 'boom', allowed is depth_runaway"),
        ("[[fault]]\nat_s = 1\ndo = 'stall'\n[[fault]]\nat_s = 1\ndo = 'stall'\nwhy = 1", "row 2: key 'why'"),
        ("[[fault]]\nat_s = 1\ndo = 'depth_runaway'\nvalue = 0", "value is 0: fault depth_runaway cannot have the value 0"),
        ("[[fault]]\nat_s = 1\ndo = 'stall'\nfor_s = 0", "for_s is 0"),
        ("hand = 3", "hand is 3, it must be rows"),
        ("fault = [3]", "row 1 is 3, it must be a table"),
        ("[scenario]\nseed = 'x'", "seed is 'x'"),
        ("[[hand", "x.toml is no TOML"),
    ],
)
def test_a_scenario_is_refused_in_one_sentence(rows: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        read_scenario(rows, "x.toml")


def test_a_scenario_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path / "none.toml")
