"""What must be plain at a glance: needles beyond a limit, old news, a locked screen, and everything in the reader's language."""

from pathlib import Path
from typing import get_args

import pytest

from firmware_protocol import messages
from pencontrol.control import grants
from pencontrol.control.snapshot import Snapshot, State
from pencontrol.zones import shipped_zones
from sessions.people.bodies import Role
from tests.ui.conftest import Rig
from ui.touch.interpreter import Interpreter
from ui.touch.live import Live
from ui.touch.planning import list_plans, shown_name
from ui.touch.state import ScreenState
from ui.touch.views import OVER_UM
from ui.touch.views_around import machine_view, prepare_view
from ui.touch.words import load_words

ENGLISH = load_words()
OTHERS = ("de", "fr", "es")


def test_needles_beyond_the_limit_are_said_as_soon_as_the_limit_is_lower(rig: Rig) -> None:
    treat = rig.touch.treat
    treat.show_limit(1000)
    treat.show_live_depth(Live(depth_um=760, fresh=True))
    assert not treat.bar.over
    assert treat.depth_card.unit.text() == ENGLISH("trace.of_limit", limit="1.00")
    treat.show_limit(500)  # no new figures yet
    assert treat.bar.over
    assert treat.depth_card.unit.text() == ENGLISH("trace.over_limit", limit="0.50")
    assert treat.depth_card.property("over") == "true"
    treat.show_live_depth(Live(depth_um=500 + OVER_UM, fresh=True))
    assert not treat.bar.over, "the ripple of a pen that holds its limit"
    assert treat.depth_card.property("over") is None


def test_of_a_silent_control_no_gate_is_in_order() -> None:
    said = Snapshot(mono_ns=1, control="K", state=State.CONNECTED, recorder=True)
    view = prepare_view(ScreenState(snapshot=said, alive=True, linked=True), ENGLISH)
    assert {gate.gate for gate in view.gates if gate.status == "GREEN"} == {"recorder"}
    silent = prepare_view(ScreenState(snapshot=said, alive=False, linked=True), ENGLISH)
    assert not [gate.gate for gate in silent.gates if gate.status == "GREEN"]


def test_under_a_lock_start_looks_as_dead_as_it_is(treating: Rig) -> None:
    column = treating.shell.column
    assert column.ring.isEnabled()
    treating.touch.household.lock_for_cleaning()
    assert not any(part.isEnabled() for part in (column.ring, column.done, column.undo))
    treating.control.publish(treating.clock(), state=State.PAUSED)
    treating.frames(3)
    assert not column.ring.isEnabled(), "another word of control changes nothing"
    treating.shell.curtain.unlocked.emit()
    assert column.ring.isEnabled()


@pytest.mark.parametrize("code", OTHERS)
def test_a_shipped_plan_is_named_in_the_readers_language_and_opened_under_its_own_name(code: str, tmp_path: Path) -> None:
    choice = next(each for each in list_plans(tmp_path, shipped_zones()) if each.name_id == "full_face")
    assert choice.plan is not None
    assert choice.plan.name == ENGLISH("plan.full_face") == shown_name(choice, ENGLISH)
    assert shown_name(choice, load_words(code)) == load_words(code)("plan.full_face") != choice.plan.name
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "full_face.toml").write_text("name = 1", encoding="utf-8")
    assert list_plans(tmp_path, shipped_zones())[0].name_id == "", "a clinic's own file is called as the clinic calls it"


@pytest.mark.parametrize("code", OTHERS)
def test_codes_and_grants_are_words(code: str) -> None:
    words, said = load_words(code), Interpreter(load_words(code), ENGLISH)
    keys = [f"records.stop.{reason}" for reason in messages.STOP_REASONS] + [f"role.{role}" for role in get_args(Role)]
    keys += [f"machine.grant.{name}" for name in grants.NAMES] + [f"map.side.{side}" for side in "RL"]
    assert not [key for key in keys if not words.has(key)]
    told = ("core 1", "locked", "not held", "held off while armed", grants.NOT_OFFERED, grants.WITHHELD, "not asked for yet")
    assert not [text for text in told if said.say(text) == text]
    shown = said.snapshot(Snapshot(mono_ns=1, control="K", scheduling={"memory": grants.LOCKED, "new": "as told"}))
    lines = dict(machine_view(ScreenState(snapshot=shown, alive=True), words, (), ()).groups[0][1])
    assert lines == {words("machine.grant.memory"): words("said.grant_locked"), "new": "as told"}
