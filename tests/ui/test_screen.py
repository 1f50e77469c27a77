"""What is shown: state words, live figures, alarms, pages, and what happens when the screen itself fails."""

import logging
from itertools import pairwise

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication

from pencontrol.control.snapshot import Setting, State
from tests.ui.conftest import Finger, Rig, click, hand
from tests.ui.fake_control import ALL_WELL, PEN
from ui.touch.happenings import Page, Panel
from ui.touch.widgets.alarm_tile import lit
from ui.touch.widgets.trace_card import MISSING

WORDS = {
    State.NO_PEN: "NO PEN",
    State.CONNECTED: "STOPPED",
    State.READY: "READY",
    State.ARMING: "STARTING",
    State.RUNNING: "RUNNING",
    State.STOPPING: "STOPPING",
    State.PAUSED: "PAUSED",
    State.UNCERTAIN: "UNCERTAIN",
    State.FAULT: "FAULT",
}


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_word(treating: Rig, state: State) -> None:
    treating.control.publish(treating.clock(), state=state, reason="why it is so")
    treating.frames(1)
    assert treating.shell.column.word.text() == WORDS[state]
    assert treating.shell.column.reason.text() == "why it is so"


def test_no_word_from_control_is_uncertain(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.publishing = False
    treating.frames(20)
    assert treating.shell.column.word.text() == "RUNNING"
    treating.frames(20)
    assert treating.shell.column.word.text() == "UNCERTAIN"
    assert not treating.shell.column.ring.isEnabled()


def test_before_the_first_word_nothing_is_claimed(rig: Rig) -> None:
    rig.publishing = False
    rig.frames(60)
    assert rig.shell.column.word.text() == "UNCERTAIN"


def test_the_heartbeat_counts_every_frame(rig: Rig) -> None:
    _, before, _ = rig.control.ring.heartbeat()
    rig.frames(10)
    _, after, stamp = rig.control.ring.heartbeat()
    assert after - before == 10
    assert stamp == rig.clock()


def test_digits_show_the_newest_figures_and_the_limit(treating: Rig) -> None:
    treating.frames(30, samples=True)
    treat = treating.touch.treat
    assert treat.depth_card.digits.text() == "0.75"
    assert treat.speed_card.digits.text().replace("\u2009", "") == "6912"
    assert "1.00" in treat.depth_card.unit.text()


@pytest.mark.parametrize(("frames", "shown"), [(4, True), (20, False)])
def test_data_older_than_100_ms_is_missing(treating: Rig, frames: int, shown: bool) -> None:
    treating.frames(30, samples=True)
    treating.frames(frames)
    treat = treating.touch.treat
    if shown:
        assert treat.depth_card.digits.text() == "0.75"
        return
    assert treat.depth_card.digits.text() == treat.speed_card.digits.text() == MISSING
    assert "---" in treating.shell.top_bar.link_line()


def test_a_value_the_pen_calls_invalid_is_missing(treating: Rig) -> None:
    for _ in range(40):
        treating.control.samples(treating.clock(), flags=0)
        treating.frames(1)
    assert treating.touch.treat.depth_card.digits.text() == MISSING
    for _ in range(40):
        treating.control.samples(treating.clock(), flags=ALL_WELL)
        treating.frames(1)
    assert treating.touch.treat.depth_card.digits.text() == "0.75"


def test_a_sample_that_came_while_the_frame_had_begun_is_not_from_the_future(
    treating: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, poll = treating.touch.link, treating.touch.link.poll

    def poll_and_a_sample_comes(now_ns: int) -> object:
        treating.control.samples(treating.clock())
        return poll(now_ns)

    monkeypatch.setattr(link, "poll", poll_and_a_sample_comes)
    treating.clock.step_ns = 200_000
    treating.frames(40)
    assert treating.touch.treat.depth_card.digits.text() == "0.75"


def test_a_motor_at_rest_leaves_the_band_and_draws_nothing_at_its_edge(treating: Rig) -> None:
    for _ in range(30):
        treating.control.samples(treating.clock(), speed_rpm=0)
        treating.frames(1)
    values = treating.touch.treat.plots()[0].values()
    assert values[values == values].max() == 0


def test_the_trace_shows_the_history_and_a_gap_where_nothing_came(treating: Rig) -> None:
    import numpy as np

    treating.control.history(treating.clock())
    treating.touch.presenter.rewind()
    treating.frames(2)
    plot = treating.touch.treat.plots()[1]
    values = plot.values()
    assert np.isfinite(values).mean() > 0.97
    assert np.nanmin(values) == pytest.approx(0.5, abs=0.03)
    treating.frames(63)
    values = plot.values()
    assert np.isnan(values[-len(values) // 12 :]).all(), "a second without samples is a second of nothing"


def test_needles_in_skin_is_said_while_running(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(30, samples=True)
    assert treating.shell.column.reason.text() == "needles in skin"


def test_simulated_is_marked(rig: Rig) -> None:
    assert rig.shell.top_bar.simulated.isVisible()
    rig.control.publish(rig.clock(), pen=PEN.model_copy(update={"simulated": False}))
    rig.frames(1)
    assert not rig.shell.top_bar.simulated.isVisible()


def test_an_exception_in_a_slot_is_stop_and_an_alarm_and_life_goes_on(guarded: Rig, caplog: pytest.LogCaptureFixture) -> None:
    guarded.control.open_session(guarded.clock(), state=State.RUNNING)
    guarded.frames(1)

    def broken() -> None:
        raise ValueError("a slot that fails")

    with caplog.at_level(logging.CRITICAL):
        QTimer.singleShot(0, broken)
        QApplication.processEvents()
    assert guarded.control.stops() == 1
    assert "a slot that fails" in caplog.text
    guarded.frames(3)
    assert "error" in guarded.shell.top_bar.tile.accessibleName()
    assert guarded.shell.column.word.text() == "STOPPING"
    _, before, _ = guarded.control.ring.heartbeat()
    guarded.frames(5)
    assert guarded.control.ring.heartbeat()[1] == before + 5, "the frames go on"


def test_flashing_is_2_hz_half_a_hz_and_steady() -> None:
    def changes(priority: str) -> int:
        lights = [lit(priority, at * 1_000_000) for at in range(0, 4000, 16)]
        return sum(one != other for one, other in pairwise(lights))

    assert (changes("HIGH"), changes("MEDIUM"), changes("LOW")) == (15, 3, 0)


def test_alarms_are_listed_and_acknowledged_one_by_one(treating: Rig) -> None:
    treating.control.alarm(treating.clock(), "HIGH", "DEPTH_OVER", "Depth over the limit", detail="1.18 mm of 1.00 mm")
    treating.control.alarm(treating.clock(), "LOW", "PASS", "Pass over plan")
    treating.frames(1)
    assert "Depth over the limit" in treating.shell.top_bar.tile.accessibleName()
    click(treating.shell.top_bar.tile)
    treating.frames(1)
    panel = treating.touch.alarm_panel
    assert panel.isVisible()
    keys = {key.accessibleName(): key for key in panel.findChildren(type(treating.shell.column.done)) if key.isVisible()}
    click(keys["Acknowledge Pass over plan"])
    assert [(told["alarm"], told["occurrence"]) for told in treating.sent("acknowledge")] == [("PASS", 2)]


def test_a_fault_is_cleared_by_name_with_a_hold(treating: Rig, finger: Finger) -> None:
    treating.control.publish(treating.clock(), state=State.FAULT, fault="DEPTH_OVER")
    treating.frames(1)
    treating.touch.presenter.show_panel(Panel.ALARMS)
    treating.frames(1)
    finger.press(treating.touch.alarm_panel.clear)
    treating.frames(30)
    assert not treating.sent("clear_fault")
    treating.frames(25)
    assert [told["fault"] for told in treating.sent("clear_fault")] == ["DEPTH_OVER"]


def test_a_refusal_is_said_in_controls_words_and_goes_away(treating: Rig) -> None:
    treating.control.refuse = "This zone had its passes today."
    treating.touch.presenter.pass_done()
    treating.frames(3)
    assert treating.shell.column.message.text() == "This zone had its passes today."
    treating.clock.now_ns += 11_000_000_000
    treating.control.publish(treating.clock())
    treating.frames(2)
    assert treating.shell.column.message.text() == ""


def test_pages_follow_the_session(rig: Rig) -> None:
    stack = rig.shell.stack
    assert stack.currentWidget() is rig.touch.prepare
    rig.control.open_session(rig.clock())
    rig.frames(1)
    assert stack.currentWidget() is rig.touch.treat
    session = rig.control.snapshot.session
    assert session is not None
    rig.control.publish(rig.clock(), session=session.model_copy(update={"state": "CLOSED", "recorded": True}), zone="")
    rig.frames(1)
    assert stack.currentWidget() is rig.touch.closed
    assert session.id in rig.touch.closed.title.text()
    click(rig.touch.closed.fresh)
    rig.frames(1)
    assert stack.currentWidget() is rig.touch.prepare
    assert rig.touch.prepare.resume.isHidden()


def test_closing_is_a_hold_in_a_panel(treating: Rig) -> None:
    click(treating.touch.treat.map.close_key)
    treating.frames(1)
    assert treating.touch.close_panel.isVisible()
    hand.mousePress(treating.touch.close_panel.plate, Qt.MouseButton.LeftButton)
    treating.frames(51)
    assert len(treating.sent("close_session")) == 1
    assert not treating.touch.close_panel.isVisible()


def test_passes_are_told_and_undone(treating: Rig) -> None:
    click(treating.shell.column.done)
    click(treating.shell.column.undo)
    assert len(treating.sent("pass_done")) == len(treating.sent("pass_undo")) == 1


def test_limit_line_and_present_zone_follow_control(treating: Rig) -> None:
    treating.control.publish(treating.clock(), zone="F.CHIN", limit_um=900, asked=Setting(depth_um=500, speed_rpm=6500))
    treating.frames(1)
    assert treating.touch.treat.map.title.text() == "Chin"
    assert "0.90" in treating.touch.treat.map.line.text()
    assert "0.90" in treating.touch.treat.depth_card.unit.text()
    assert treating.touch.treat.plots()[1].limit_shown() == pytest.approx(0.9)


def test_where_charts_advise_less_than_the_floor_the_zone_says_so(treating: Rig) -> None:
    treating.control.publish(treating.clock(), zone="F.PERIORB.R", limit_um=500)
    treating.frames(1)
    assert "cannot go under 0.5 mm" in treating.shell.column.message.text()


def test_page_enum_is_what_the_pages_are(rig: Rig) -> None:
    assert len(Page) == rig.shell.stack.count()
