"""The keys around the map: presets, direction, end point, reaction, next zone, the band, and frozen traces."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFontMetrics

from pencontrol.control.snapshot import Setting, State
from tests.ui.conftest import PANELS, Finger, Rig, click, hand
from tests.ui.fake_control import FACE
from ui.touch import happenings as h
from ui.touch import zone_work
from ui.touch.records.compare import ZoneTrace
from ui.touch.records.librarian import Answer
from ui.touch.zone_desk import SHEET_FILE, read_sheet, write_sheet


def hold(rig: Rig, plate: Any) -> None:
    hand.mousePress(plate, Qt.MouseButton.LeftButton)
    rig.frames(51)
    hand.mouseRelease(plate, Qt.MouseButton.LeftButton)


def ways(rig: Rig) -> list[tuple[str, int, int]]:
    return [(each["zone"], each["pass_number"], each["direction_deg"]) for each in rig.sent("note_pass")]


def notes(rig: Rig) -> list[tuple[str, str]]:
    return [(told["code"], told["text"]) for told in rig.sent("note")]


def with_zone(rig: Rig, zone: str, **changes: Any) -> None:
    zones = tuple(each.model_copy(update=changes) if each.zone == zone else each for each in rig.control.snapshot.zones)
    rig.control.publish(rig.clock(), zones=zones)
    rig.frames(1)


# -- presets


def test_a_deeper_preset_waits_for_its_hold_and_a_shallower_one_acts_at_once(treating: Rig) -> None:
    keys = treating.touch.treat.presets.keys
    assert [key.text() for key in keys] == ["0.50", "0.75", "1.00", "limit 1.00"]
    assert keys[1].property("mark") == "asked"
    click(keys[2])
    treating.frames(3)
    assert not treating.sent("ask")
    assert keys[2].property("mark") == "pending"
    hold(treating, treating.touch.treat.speed_step.plate)
    assert not treating.sent("ask"), "the speed has nothing pending, so its plate is no target"
    hold(treating, treating.touch.treat.depth_step.plate)
    assert [(ask["depth_um"], ask["speed_rpm"]) for ask in treating.sent("ask")] == [(1000, 7000)]
    click(keys[0])
    assert [ask["depth_um"] for ask in treating.sent("ask")][1:] == [500]
    assert treating.state.pending_depth_um is None


def test_presets_beyond_the_limit_are_grey(treating: Rig) -> None:
    treating.control.publish(treating.clock(), zone="F.PERIORB.R", limit_um=500, asked=Setting(depth_um=500, speed_rpm=7000))
    treating.frames(1)
    assert [key.isEnabled() for key in treating.touch.treat.presets.keys] == [True, False, False, True]
    treating.touch.zone_desk.preset(750)
    assert treating.state.pending_depth_um is None
    assert not treating.sent("ask")


def test_presets_are_nothing_without_a_zone_or_a_link(treating: Rig) -> None:
    treating.control.publish(treating.clock(), zone="", limit_um=0, asked=Setting())
    treating.frames(1)
    assert not any(key.isEnabled() for key in treating.touch.treat.presets.keys)


# -- direction


def test_directions_are_offered_in_the_plans_order_and_changed_for_one_pass(treating: Rig) -> None:
    presenter, key = treating.touch.presenter, treating.touch.treat.zone_keys.direction_key
    orders = {"F.CHEEK.R": (90, 0)}
    presenter.dispatch(h.SheetWritten(h.Sheet(session="S-20261121-0001", orders=orders)))
    assert key.accessibleName().endswith(" 0°"), "one pass is done: the second of the plan"
    for degrees in ("45°", "135°", "90°", "0°", "45°"):
        click(key)
        assert degrees in key.accessibleName()
    with_zone(treating, "F.CHEEK.R", passes=2)
    assert "90°" in key.accessibleName(), "the third pass begins the plan's order again"
    assert ("F.CHEEK.R", 2, 45) in ways(treating), "the pass that ended is noted with the direction it had"


def test_without_an_order_in_the_plan_there_are_the_four(treating: Rig) -> None:
    zone = FACE[0].model_copy(update={"passes": 0})
    told = []
    for done in range(5):
        told.append(zone_work.direction_deg(h.Sheet(), zone.model_copy(update={"passes": done})))
    assert told == [0, 45, 90, 135, 0]


def test_a_pass_counted_by_itself_is_noted_too_and_another_sessions_is_not(treating: Rig) -> None:
    with_zone(treating, "F.CHIN", passes=1)
    assert ways(treating) == [("F.CHIN", 1, 0)]
    session = treating.control.snapshot.session
    assert session is not None
    zones = tuple(each.model_copy(update={"passes": each.passes + 1}) for each in treating.control.snapshot.zones)
    treating.control.publish(treating.clock(), session=session.model_copy(update={"id": "S-2"}), zones=zones)
    treating.frames(1)
    assert len(ways(treating)) == 1


def test_a_pass_taken_back_says_where_its_strokes_go(treating: Rig) -> None:
    click(treating.shell.column.undo)
    assert len(treating.sent("pass_undo")) == 1
    assert treating.shell.column.message.text() == "", "nothing is claimed before control has done it"
    with_zone(treating, "F.CHEEK.R", passes=0)
    assert "Pass 1 taken back" in treating.shell.column.message.text()


# -- end point


@pytest.mark.parametrize(("code", "stops"), [("none", 0), ("redness", 0), ("pinpoint", 0), ("excess", 1)])
def test_an_end_point_is_noted_for_the_zone_and_excess_stops_first(treating: Rig, code: str, stops: int) -> None:
    click(treating.touch.treat.zone_keys.end_key)
    assert treating.touch.end_panel.isVisible()
    click(treating.touch.end_panel.tiles[code])
    assert notes(treating) == [(f"end_point.{code}", "F.CHEEK.R")]
    assert treating.control.stops() == stops
    assert not treating.touch.end_panel.isVisible()
    words = treating.touch._words(f"treat.end_{code}")
    assert words in treating.touch.treat.zone_keys.end_key.accessibleName()
    treating.control.publish(treating.clock(), zone="F.CHIN", state=State.READY)
    treating.frames(1)
    assert words not in treating.touch.treat.zone_keys.end_key.accessibleName(), "another zone has its own"


def test_what_was_said_survives_the_screen(treating: Rig) -> None:
    treating.touch.zone_desk.end_point("redness")
    kept = read_sheet(treating.home)
    assert kept is not None
    assert (kept.session, kept.end_points) == ("S-20261121-0001", {"F.CHEEK.R": "redness"})
    treating.touch.presenter.dispatch(h.SheetWritten(h.Sheet()))
    treating.frames(2)
    assert treating.state.sheet.end_points == {"F.CHEEK.R": "redness"}, "a screen that came back reads it again"


def test_a_sheet_of_another_session_or_a_broken_one_is_not_used(treating: Rig) -> None:
    write_sheet(treating.home, h.Sheet(session="S-OLD", end_points={"F.CHEEK.R": "excess"}))
    treating.touch.presenter.dispatch(h.SheetWritten(h.Sheet()))
    treating.frames(2)
    assert treating.state.sheet.end_points == {}
    for broken in ("", "[]", '{"session": 4}', '{"session": "S", "end_points": {"Z": "no such"}, "directions": {"Z": [1, 7]}}'):
        (treating.home / SHEET_FILE).write_text(broken)
        kept = read_sheet(treating.home)
        assert kept is None or not (kept.end_points or kept.directions)


# -- reaction


def test_a_reaction_is_one_tap_stop_first_then_the_note(treating: Rig, finger: Finger) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    finger.press(treating.touch.treat.zone_keys.reaction_key)
    assert (treating.control.stops(), treating.control.woken()) == (1, 1), "on contact, by STOP's own way"
    assert treating.shell.column.word.text() == "STOPPING"
    treating.frames(2)
    assert notes(treating) == [("reaction", "")]
    assert treating.touch.reaction_panel.isVisible()
    click(treating.touch.reaction_panel.tiles["faint"])
    assert notes(treating)[1:] == [("reaction.faint", "")]
    assert not treating.touch.reaction_panel.isVisible()


def test_a_reaction_stops_even_when_nothing_can_be_noted(treating: Rig) -> None:
    treating.control.hang_up()
    treating.frames(2)
    treating.touch.zone_desk.reaction()
    assert treating.control.stops() == 1


# -- next zone


def test_the_next_zone_is_the_plans_and_one_tap_chooses_it(treating: Rig) -> None:
    key = treating.touch.treat.map.next_key
    assert "Cheek, left" in key.accessibleName()
    assert key.property("due") in (False, None)
    click(key)
    assert [told["zone"] for told in treating.sent("select_zone")] == ["F.CHEEK.L"]
    with_zone(treating, "F.CHEEK.R", passes=3)
    assert key.property("due") is True


def test_next_goes_round_and_ends_when_every_zone_has_its_passes(treating: Rig) -> None:
    snapshot = treating.control.snapshot
    done = tuple(each.model_copy(update={"passes": each.planned}) for each in snapshot.zones)
    first = (done[0].model_copy(update={"passes": 0}), *done[1:])
    found = zone_work.next_zone(snapshot.model_copy(update={"zones": first}))
    assert found is not None
    assert found.zone == done[0].zone
    assert zone_work.next_zone(snapshot.model_copy(update={"zones": done})) is None
    alone = snapshot.model_copy(update={"zone": done[0].zone, "zones": first})
    assert zone_work.next_zone(alone) is None, "the present zone is not its own next"
    assert zone_work.next_zone(None) is None


# -- the band


def test_each_change_of_zone_or_limit_is_shown_large_for_two_seconds(treating: Rig) -> None:
    band = treating.touch.treat.map.band
    treating.frames(130)
    assert not band.isVisible()
    treating.control.publish(treating.clock(), zone="F.FOREHEAD", limit_um=750)
    treating.frames(1)
    assert band.isVisible()
    for part in ("Forehead", "0.75", "lower"):
        assert part in band.accessibleName()
    treating.frames(120)
    assert band.isVisible(), "1.9 s"
    treating.frames(10)
    assert not band.isVisible()
    treating.control.publish(treating.clock(), limit_um=700)
    treating.frames(1)
    assert "0.70" in band.accessibleName()
    treating.control.publish(treating.clock(), zone="F.CHIN", limit_um=1000)
    treating.frames(1)
    assert "higher" in band.accessibleName()


def test_the_band_takes_no_touch_and_reaches_neither_column_nor_stop(treating: Rig) -> None:
    band, shell = treating.touch.treat.map.band, treating.shell
    assert band.isVisible()
    middle = band.mapTo(shell, band.rect().center())
    assert shell.childAt(middle) is treating.touch.treat.map.zones
    right = band.mapTo(shell, band.rect().bottomRight())
    assert right.x() < shell.column.x()
    assert right.y() < shell.stop_button.geometry().bottom()


# -- frozen


def ghost(session: str = "S-OLD") -> ZoneTrace:
    flat = np.full(12_000, 0.6)
    flat[-3000:] = 0.9
    return ZoneTrace(session, "2026-10-20T09:00:00.000000Z", "F.CHEEK.R", flat, flat * 10_000)


class Fetched:
    """A librarian that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def ask(self, topic: str, job: Any, done: Any) -> None:
        self.asked.append(done)

    def poll(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def fetched(treating: Rig) -> Fetched:
    made = Fetched()
    treating.touch.last_time._fetcher = made
    treating.touch.last_time._asked = None
    treating.touch.last_time._kept.clear()
    return made


def test_frozen_traces_stand_while_digits_go_on_and_then_take_up_the_present(treating: Rig, fetched: Fetched) -> None:
    treating.frames(60, samples=True)
    plot = treating.touch.treat.plots()[1]
    click(treating.touch.treat.presets.freeze_key)
    before = plot.values().copy()
    for _ in range(40):
        treating.control.samples(treating.clock(), depth_um=900)
        treating.frames(1)
    assert np.array_equal(plot.values(), before, equal_nan=True)
    assert treating.touch.treat.depth_card.digits.text() == "0.90", "the figures are never frozen"
    click(treating.touch.treat.presets.freeze_key)
    treating.frames(2)
    assert np.nanmax(plot.values()) == pytest.approx(0.9, abs=0.01)
    assert not plot.ghost_shown()


def test_the_last_session_in_the_zone_is_drawn_behind(treating: Rig, fetched: Fetched) -> None:
    click(treating.touch.treat.presets.freeze_key)
    assert len(fetched.asked) == 1
    fetched.asked[0](Answer(ghost()))
    depth = treating.touch.treat.plots()[1]
    assert depth.ghost_shown()
    shown = depth._ghost.getData()[1]
    assert np.nanmax(shown) == pytest.approx(0.9)
    assert np.isnan(shown).mean() < 0.01, "the last ten seconds fill the width"
    assert "2026-10-20" in treating.touch.treat.plots()[0]._frozen_text.toPlainText()
    click(treating.touch.treat.presets.freeze_key)
    click(treating.touch.treat.presets.freeze_key)
    assert depth.ghost_shown()
    assert len(fetched.asked) == 1, "what was fetched is kept"


def test_no_last_session_is_said_and_an_answer_for_another_zone_is_not_shown(treating: Rig, fetched: Fetched) -> None:
    click(treating.touch.treat.presets.freeze_key)
    depth = treating.touch.treat.plots()[1]
    fetched.asked[0](Answer(None))
    assert "no last session" in treating.touch.treat.plots()[0]._frozen_text.toPlainText()
    treating.control.publish(treating.clock(), zone="F.CHIN")
    treating.frames(1)
    assert not treating.state.frozen, "another zone lets the traces go on"
    assert len(fetched.asked) == 2, "fetched ahead while the pen stands still"
    fetched.asked[1](Answer(ghost()))
    assert not depth.ghost_shown()


def test_nothing_is_fetched_by_itself_while_the_pen_runs(treating: Rig, fetched: Fetched) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING, zone="F.CHIN")
    treating.frames(2)
    assert not fetched.asked


# -- asked, pending, actual


def test_a_silent_control_leaves_no_old_figure_on_the_steppers(treating: Rig) -> None:
    treating.publishing = False
    treating.clock.now_ns += 700_000_000
    treating.frames(1)
    for stepper in (treating.touch.treat.depth_step, treating.touch.treat.speed_step):
        assert stepper.plate.accessibleDescription().startswith("---")


def test_pending_and_asked_do_not_look_alike(treating: Rig) -> None:
    plate = treating.touch.treat.depth_step.plate
    treating.frames(2)
    asked = plate.grab().toImage()
    click(treating.touch.treat.depth_step.plus_key)
    treating.frames(2)
    pending = plate.grab().toImage()
    spot = (plate.width() // 2, 4)
    assert QColor(asked.pixel(*spot)) != QColor(pending.pixel(*spot)), "the ground of the plate says it as well"


@pytest.mark.parametrize("panel", list(PANELS))
def test_a_waiting_value_is_never_cut(make_rig: Callable[..., Rig], panel: str) -> None:
    rig = make_rig(panel)
    rig.control.open_session(rig.clock())
    rig.frames(2)
    for stepper, value in ((rig.touch.treat.depth_step, "0.85"), (rig.touch.treat.speed_step, "7\u2009100")):
        line = rig.touch._words("step.hold", value=value)
        made = stepper.plate.status_font(line)
        assert QFontMetrics(made).horizontalAdvance(line) <= stepper.plate.width()


def test_the_map_marks_what_is_next_and_what_is_over_plan(treating: Rig) -> None:
    zones = treating.touch.treat.map.zones
    assert zones._next == "F.CHEEK.L"
    assert zones._marks["F.JAW.L"].over
    assert not zones._marks["F.CHEEK.R"].over
