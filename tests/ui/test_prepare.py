"""Plan, codes, gates, opening and resuming; export."""

import json
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from pencontrol.control.snapshot import State
from pencontrol.plan import Plan
from tests.ui.conftest import Rig, click, hand
from tests.ui.fake_control import zone
from ui.touch.exporter import Exporter
from ui.touch.planning import SHIPPED


def hold(rig: Rig, plate: object) -> None:
    hand.mousePress(plate, Qt.MouseButton.LeftButton)
    rig.frames(51)
    hand.mouseRelease(plate, Qt.MouseButton.LeftButton)


def type_code(rig: Rig, field: str, code: str) -> None:
    click(rig.touch.prepare.fields[field])
    rig.frames(1)
    keyboard = rig.touch.code_panel.keyboard
    assert keyboard.isVisible()
    keys = {key.text(): key for key in keyboard.findChildren(type(rig.shell.column.done))}
    while keyboard.code:
        click(keys["Delete"])
    for letter in code:
        click(keys[letter])
    click(keyboard.enter)
    rig.frames(1)


def ready_to_open(rig: Rig) -> str:
    path = str(sorted(SHIPPED.glob("*.toml"))[0])
    click(rig.touch.prepare.plans.tiles[path])
    type_code(rig, "client", "C-0001")
    type_code(rig, "operator", "P-01")
    return path


def test_a_session_is_opened_by_plan_codes_and_a_hold(rig: Rig) -> None:
    assert not rig.touch.prepare.plate.isEnabled()
    ready_to_open(rig)
    assert rig.touch.prepare.plate.isEnabled()
    hold(rig, rig.touch.prepare.plate)
    told = rig.sent("open_session")[0]
    assert (told["client"], told["operator"], told["resumed_from"]) == ("C-0001", "P-01", "")
    assert Plan.model_validate_json(json.dumps(told["plan"])).zones


def test_without_a_pen_nothing_is_opened_and_a_search_is_offered(rig: Rig) -> None:
    ready_to_open(rig)
    rig.control.publish(rig.clock(), state=State.NO_PEN, pen=None)
    rig.frames(1)
    assert not rig.touch.prepare.plate.isEnabled()
    click(rig.touch.prepare.gates.search)
    assert len(rig.sent("search_pen")) == 1


def test_gates_nobody_recorded_say_so_and_are_never_green(rig: Rig) -> None:
    shown = rig.touch.prepare.gates.shown()
    for gate in ("screening", "consent", "patch", "preparation", "numbing", "media", "calibration", "cartridge"):
        assert shown[gate] == ("NOT RECORDED", False)
    assert shown["pen"][1] is True


def test_a_broken_plan_is_listed_with_its_sentence_and_cannot_be_chosen(rig: Rig) -> None:
    path = rig.home / "plans" / "broken.toml"
    path.write_text('name = "Too deep"\n[[zone]]\nid = "F.CHIN"\nlimit_mm = 9.0\n')
    rig.touch.prepare_desk.reload_plans()
    assert not rig.touch.prepare.plans.tiles[str(path)].isEnabled()


def test_an_interrupted_session_is_resumed_as_a_linked_one(rig: Rig) -> None:
    rig.control.open_session(rig.clock())
    session = rig.control.snapshot.session
    assert session is not None
    rig.control.publish(rig.clock(), session=session.model_copy(update={"state": "INTERRUPTED"}), state=State.CONNECTED)
    rig.frames(2)
    assert rig.touch.prepare.resume.isVisible()
    hold(rig, rig.touch.prepare.resume)
    told = rig.sent("open_session")[0]
    assert told["resumed_from"] == session.id
    carried = {zone["zone"]: zone for zone in told["carried"]}
    assert carried["F.FOREHEAD"]["passes"] == 2
    assert [zone["limit_um"] for zone in told["plan"]["zones"]] == [zone.limit_um for zone in rig.control.snapshot.zones]


def test_the_remembered_plan_is_resumed_when_its_limits_are_controls(rig: Rig) -> None:
    ready_to_open(rig)
    hold(rig, rig.touch.prepare.plate)
    plan = rig.sent("open_session")[0]["plan"]
    zones = tuple(
        zone(each["zone"], number, each["zone"], each["limit_um"]) for number, each in enumerate(plan["zones"], start=1)
    )
    rig.control.open_session(rig.clock(), zones=zones, zone="")
    session = rig.control.snapshot.session
    assert session is not None
    rig.control.publish(rig.clock(), session=session.model_copy(update={"state": "INTERRUPTED"}), state=State.CONNECTED)
    rig.frames(2)
    hold(rig, rig.touch.prepare.resume)
    assert rig.sent("open_session")[1]["plan"] == plan


def test_a_remembered_plan_with_other_limits_is_not_used(rig: Rig) -> None:
    ready_to_open(rig)
    hold(rig, rig.touch.prepare.plate)
    rig.control.open_session(rig.clock())
    session = rig.control.snapshot.session
    assert session is not None
    rig.control.publish(rig.clock(), session=session.model_copy(update={"state": "INTERRUPTED"}), state=State.CONNECTED)
    rig.frames(2)
    hold(rig, rig.touch.prepare.resume)
    told = rig.sent("open_session")[1]["plan"]
    assert [(each["zone"], each["limit_um"]) for each in told["zones"]] == [
        (each.zone, each.limit_um) for each in rig.control.snapshot.zones
    ]


@pytest.mark.parametrize(("code", "said"), [(0, "done"), (1, "no such session")])
def test_export_runs_beside_the_screen(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    tool = tmp_path / "tool.sh"
    tool.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/asked"\necho "no such session" >&2\nexit {code}\n')
    tool.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tool))
    exporter = Exporter(tmp_path)
    with qtbot.waitSignal(exporter.finished, timeout=30_000) as told:
        exporter.export("S-1")
    asked = (tmp_path / "asked").read_text().split()
    assert asked[:4] == ["-m", "ui.cli.main", "export", "S-1"]
    assert asked[asked.index("--format") + 1] == "pdf,csv"
    assert asked[asked.index("--out") + 1] == str(tmp_path / "exports")
    assert told.args == ([str(tmp_path / "exports" / "S-1"), ""] if code == 0 else ["", said])
