"""Numbing on the screen: told by steps and a hold, its timer always in view, found again by the next screen and control."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt

from pencontrol.control import numbing
from pencontrol.control.snapshot import NumbingView
from pencontrol.media import MediaError, media_of, read_media
from tests.pencontrol.bench import Bench
from tests.ui.conftest import Rig, click, hand
from ui.touch import happenings as h
from ui.touch.numbing_view import phase_of, timer
from ui.touch.state import ScreenState
from ui.touch.words import load_words

MINUTE = 60 * 10**9


def cream(now_ns: int, minutes: float, maximum: int = 90) -> NumbingView:
    since = now_ns - round(minutes * MINUTE)
    return NumbingView(product="ME08", since_utc="2026-11-21T14:00:00Z", since_ns=since, due_ns=since + maximum * MINUTE)


@pytest.mark.parametrize(
    ("minutes", "maximum", "phase"),
    [(0, 90, "waiting"), (29.99, 90, "waiting"), (30, 90, "ready"), (59.99, 90, "ready"), (60, 90, "target"),
     (89.99, 90, "target"), (90, 90, "over"), (15, 15, "over"), (300, 90, "over")],
)  # fmt: skip
def test_ready_at_30_target_at_60_over_at_the_products_own_maximum(minutes: float, maximum: int, phase: str) -> None:
    now = 10**15
    assert phase_of(cream(now, minutes, maximum), now) == phase


@pytest.mark.parametrize(
    ("minutes", "line"),
    [(12, "ready in 18 min"), (34, "ready; target in 26 min"), (71, "target reached; take it off within 19 min"),
     (95, "PAST ITS MAXIMUM of 90 min: take it off")],
)  # fmt: skip
def test_the_timer_says_what_follows(rig: Rig, minutes: int, line: str) -> None:
    rig.control.publish(rig.clock(), numbing=cream(rig.clock(), minutes))
    rig.frames(40)
    panel = rig.touch.before.numbing_panel
    assert panel.line.text() == line
    assert panel.heading.text() == f"Numbing cream: on the skin for {minutes} of at most 90 min"
    chip = rig.shell.top_bar.numbing
    assert chip.isVisible()
    assert f"{minutes} of at most 90" in chip.accessibleDescription()


def test_the_gate_is_red_before_it_is_ready_and_past_the_maximum(rig: Rig) -> None:
    seen = []
    for minutes in (5, 40, 65, 100):
        rig.control.publish(rig.clock(), numbing=cream(rig.clock(), minutes))
        rig.frames(2)
        seen.append(rig.touch.prepare.gates.shown()["numbing"])
    assert seen == [
        ("5 min, not ready", False),
        ("40 min, ready", True),
        ("65 min, at target", True),
        ("100 min, past maximum", False),
    ]


def hold(rig: Rig, plate: object) -> None:
    hand.mousePress(plate, Qt.MouseButton.LeftButton)
    rig.frames(51)
    hand.mouseRelease(plate, Qt.MouseButton.LeftButton)
    rig.frames(1)


def test_put_on_at_home_topped_up_and_taken_off(rig: Rig) -> None:
    click(rig.shell.top_bar.numbing)
    rig.frames(2)
    panel = rig.touch.before.numbing_panel
    assert panel.isVisible()
    assert not panel.remove.isEnabled()
    for _ in range(3):
        click(panel.rows["maximum_min"].plus)
        click(panel.rows["ago_min"].plus)
        click(panel.rows["amount_g"].plus)
    click(panel.rows["amount_g"].minus)
    assert panel.rows["maximum_min"].value.text() == "105 min"
    hand.mouseClick(panel.apply, Qt.MouseButton.LeftButton)
    rig.frames(2)
    assert rig.sent("numbing") == [], "a tap writes nothing"
    hold(rig, panel.apply)
    (told,) = rig.sent("numbing")
    assert (told["product"], told["maximum_min"], told["amount_g"]) == ("ME08", 105, 1.0)
    assert told["reason"] == "put on at home"
    when = datetime.fromisoformat(told["applied_utc"])
    assert abs(datetime.now().astimezone() - when - timedelta(minutes=15)) < timedelta(minutes=1)
    assert panel.rows["ago_min"].value.text() == "now", "the next word is of now again"
    rig.control.publish(rig.clock(), numbing=cream(rig.clock(), 15))
    rig.frames(2)
    hold(rig, panel.apply)
    assert (rig.sent("numbing")[1]["applied_utc"], rig.sent("numbing")[1]["reason"]) == ("", "")
    assert rig.sent("numbing")[1]["amount_g"] is None
    hold(rig, panel.remove)
    assert len(rig.sent("numbing_off")) == 1


def test_the_chip_is_on_the_treatment_only_while_something_is_on_the_skin(rig: Rig) -> None:
    chip = rig.shell.top_bar.numbing
    assert chip.isVisible(), "to begin one"
    rig.control.open_session(rig.clock())
    rig.frames(40)
    assert not chip.isVisible()
    rig.control.publish(rig.clock(), numbing=cream(rig.clock(), 44))
    rig.frames(40)
    assert chip.isVisible()
    click(chip)
    rig.frames(1)
    assert rig.touch.before.numbing_panel.isVisible(), "taken off in the treatment as well"
    assert rig.state.panel is h.Panel.NUMBING


def test_a_screen_that_comes_back_goes_on_counting(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    view = cream(rig.clock(), 33)
    rig.control.publish(rig.clock(), numbing=view)
    rig.frames(2)
    again = make_rig()  # another process: it knows nothing but the ring
    again.control.publish(again.clock(), numbing=view)
    again.clock.now_ns += 2 * MINUTE
    again.frames(40)
    assert again.touch.before.numbing_panel.heading.text().startswith("Numbing cream: on the skin for 35")


def test_the_timer_goes_on_while_control_is_silent() -> None:
    words, now = load_words(), 10**15
    bench = Bench()
    view = cream(now, 10)
    state = ScreenState(now_ns=now, snapshot=bench.snapshot.model_copy(update={"numbing": view}))
    assert timer(state, words).short == "10 min"
    assert timer(ScreenState(now_ns=now + 5 * MINUTE, snapshot=state.snapshot), words).short == "15 min"
    assert timer(ScreenState(now_ns=now), words).phase == ""


def test_control_judges_the_gate_at_every_start() -> None:
    from pencontrol.control import commands

    bench = Bench()
    bench.run(1500)
    assert bench.say(commands.Numbing(number=1, product="ME08", maximum_min=60, amount_g=2.0)) == ""
    assert bench.open() == ""
    bench.zone("F.CHIN")
    bench.run(300)
    assert "Numbing: ME08 on the skin for 0 of 30 min" in bench.start()
    assert "GATES_RED" in bench.alarms
    bench.now_ns += 31 * MINUTE
    bench.device.plant._used_steps = 0
    bench.run(3000)
    station = bench.station
    assert station.numbing is not None
    ready = numbing.gate(station.numbing, None, bench.now_ns)
    assert ready is not None
    assert (ready.status, ready.detail) == ("GREEN", "ME08 on the skin for 31 min")
    assert "GATES_RED" not in bench.alarms, "its time has come by itself"
    past = numbing.gate(station.numbing, None, bench.now_ns + 40 * MINUTE)
    assert past is not None
    assert past.status == "RED"
    assert bench.say(commands.NumbingOff(number=2)) == ""
    bench.run(1500)
    session = bench.snapshot.session
    assert session is not None
    (gate,) = [each for each in session.gates if each.gate == "Numbing"]
    assert (gate.status, gate.detail) == ("GREEN", "taken off after 31 min")
    told = bench.told("numbing")
    assert told[0]["amount_g"] == 2.0
    assert "reason" not in told[0]
    early = numbing.gate(None, 60 * 12, 0)
    assert early is not None
    assert early.status == "NOT RECORDED"
    assert numbing.gate(None, None, 0) is None


def test_the_table_of_media_is_the_clinics_where_it_has_one(tmp_path: Path) -> None:
    assert [each.code for each in media_of(tmp_path).values() if each.role == "numbing"] == ["ME08"]
    (tmp_path / "media.csv").write_text("code,medium,role\nX1,Cream A,numbing\nX2,Cream B,numbing\n")
    assert [each.name for each in media_of(tmp_path).values()] == ["Cream A", "Cream B"]
    (tmp_path / "media.csv").write_text("code,medium\nX1,Cream A\n")
    assert "ME08" in media_of(tmp_path)
    for text in ("a,b,c\n", "code,medium,role\nX1,,numbing\n", "code,medium,role\nX1,A,\nX1,B,\n", ""):
        with pytest.raises(MediaError):
            read_media(text)


def test_products_of_the_clinic_are_tiles(make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch) -> None:
    table = read_media("code,medium,role\nX1,Cream A,numbing\nX2,Cream B,numbing\n")
    monkeypatch.setattr("ui.touch.before.media_of", lambda _: table)
    rig = make_rig()
    rig.touch.before.numbing_desk.open()
    rig.frames(1)
    panel = rig.touch.before.numbing_panel
    click(panel.product_row.keys["X2"])
    hold(rig, panel.apply)
    assert rig.sent("numbing")[0]["product"] == "X2"
