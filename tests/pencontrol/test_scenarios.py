"""Scenario files: the shipped ones load, bad ones are refused, and the documentation names everything there is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from firmware_protocol.simulator.faults import FAULTS
from firmware_protocol.simulator.scenario import _HAND_KEYS
from firmware_protocol.simulator.scenario import load_scenario as load_pen_part
from pencontrol.rehearsal.judging import unmet
from pencontrol.rehearsal.scenario import (
    About,
    Action,
    Expectations,
    ScenarioError,
    TripExpectation,
    ZoneExpectation,
    load_scenario,
)
from pencontrol.zones import shipped_zones

ROOT = Path(__file__).parents[2]
TABLE = shipped_zones()
PLAN = '[plan]\nname = "x"\nzone = [{ id = "F.CHIN" }]\n'
START = '[[operator]]\ndo = "start"\n'


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_scenarios_load_on_both_sides(path: Path) -> None:
    scenario = load_scenario(path, TABLE)
    load_pen_part(path)
    assert scenario.before[-1].do == "start"


def test_full_face_treats_at_least_six_zones_in_at_most_90_seconds() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "full_face.toml", TABLE)
    zones = {row.zone for row in (*scenario.before, *scenario.rows) if row.do == "zone"}
    assert len(zones) >= 6
    assert scenario.rows[-1].at_s <= 85


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "operator is missing"),
        (START, "has no plan"),
        (PLAN + '[[operator]]\ndo = "pause"\n', "no operator row has do = 'start'"),
        (PLAN + START + '[[operator]]\nat_s = 3\ndo = "zone"\n', "operator[1]: do = 'zone' needs zone"),
        (PLAN + START + '[[operator]]\nat_s = 3\ndo = "pause"\nzone = "F.CHIN"\n', "has no key zone; allowed are none"),
        (PLAN + START + '[[operator]]\nat_s = 3\ndo = "dance"\n', "operator[1].do is 'dance'"),
        (PLAN + START + '[[operator]]\nat_s = -3\ndo = "pause"\n', "operator[1].at_s is -3"),
        (PLAN + START + '[[operator]]\nat_s=3\ndo="pause"\n[[operator]]\nat_s=2\ndo="stop"\n', "in the order of their at_s"),
        (PLAN.replace("F.CHIN", "F.CHUN") + START, "no zone of the table"),
        ('[scenario]\nplan = "nowhere.toml"\n' + START, "cannot be read"),
        (PLAN + START + "[expect]\nstate = 'DONE'\n", "expect.state is 'DONE'"),
    ],
)
def test_a_bad_scenario_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path, TABLE)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_documentation_names_every_action_movement_fault_and_expectation() -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Za-z_]+)`", text))
    faults = {name.removesuffix("_to_pen").removesuffix("_to_host") for name in FAULTS}  # the two ends share a row
    known = {*get_args(Action), *_HAND_KEYS, *faults, *About.model_fields}
    for model in (Expectations, ZoneExpectation, TripExpectation):
        known |= set(model.model_fields)
    assert known - {"zones", "trip"} <= named
    files = {path.name for path in (ROOT / "scenarios").glob("*.toml")}
    assert files == set(re.findall(r"`([a-z_]+\.toml)`", text))


SUMMARY = {
    "state": "CLOSED",
    "samples": 100,
    "samples_lost": 1,
    "alarms": [{"id": "SPEED_OFF", "priority": "HIGH", "at_s": 1.0}],
    "trips": [{"guard": "PEN", "stop_on_wire_us": 90, "motor_off_us": None, "needles_home_us": 20_000}],
    "zones": {"F.CHIN": {"passes": 1, "strokes": 3, "contact_s": 2.0, "max_depth_um": 800}},
}


@pytest.mark.parametrize(
    ("expect", "count"),
    [
        (Expectations(), 0),
        (Expectations(state="INTERRUPTED"), 1),
        (Expectations(samples_min=101), 1),
        (Expectations(samples_min=100, samples_lost_max=1, alarms=["SPEED_OFF"]), 0),
        (Expectations(samples_lost_max=0), 1),
        (Expectations(alarms=[]), 1),
        (Expectations(alarms=["STALL"]), 2),
        (Expectations(zones={"F.CHIN": ZoneExpectation(passes=1, strokes_min=3, strokes_max=3, contact_s_max=2.0)}), 0),
        (Expectations(zones={"F.CHIN": ZoneExpectation(passes=2, strokes_min=4, strokes_max=2, contact_s_min=3)}), 4),
        (Expectations(zones={"F.CHIN": ZoneExpectation(max_depth_um_max=799, contact_s_max=1.9)}), 2),
        (Expectations(zones={"F.JAW.L": ZoneExpectation()}), 1),
        (Expectations(trip=[TripExpectation(guard="CONTROL")]), 1),
        (Expectations(trip=[TripExpectation(guard="PEN", stop_on_wire_us_max=90, needles_home_us_max=20_000)]), 0),
        (Expectations(trip=[TripExpectation(guard="PEN", motor_off_us_max=50_000, stop_on_wire_us_max=89)]), 2),
    ],
)
def test_expectations_are_judged_at_their_edges(expect: Expectations, count: int) -> None:
    assert len(unmet(expect, SUMMARY)) == count
