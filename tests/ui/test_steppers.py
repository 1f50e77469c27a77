"""Asked, pending, actual; down at once, up only by a hold and never beyond the limit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import Qt

from pencontrol.control.snapshot import Setting, Snapshot, State
from tests.ui.conftest import Finger, Rig, click, hand
from tests.ui.fake_control import FACE
from ui.touch import state as s
from ui.touch.happenings import Axis, Stepped


def held(rig: Rig, plate: object) -> None:
    hand.mousePress(plate, Qt.MouseButton.LeftButton)
    rig.frames(51)
    hand.mouseRelease(plate, Qt.MouseButton.LeftButton)


def test_minus_acts_on_contact(treating: Rig, finger: Finger) -> None:
    finger.press(treating.touch.treat.depth_step.minus_key)
    assert [(ask["depth_um"], ask["speed_rpm"]) for ask in treating.sent("ask")] == [(700, 7000)]
    finger.lift(treating.touch.treat.depth_step.minus_key)
    assert len(treating.sent("ask")) == 1
    hand.mousePress(treating.touch.treat.speed_step.minus_key, Qt.MouseButton.LeftButton)
    assert [(ask["depth_um"], ask["speed_rpm"]) for ask in treating.sent("ask")][1:] == [(750, 6900)]


def test_plus_asks_nothing_until_it_is_held_and_one_hold_applies_both(treating: Rig) -> None:
    treat = treating.touch.treat
    click(treat.depth_step.plus_key)
    click(treat.depth_step.plus_key)
    click(treat.speed_step.plus_key)
    treating.frames(5)
    assert not treating.sent("ask")
    assert "0.85" in treat.depth_step.plate.accessibleDescription()
    assert treat.depth_step.plate.accessibleDescription().startswith("0.75"), "asked stays in view while more is pending"
    held(treating, treat.depth_step.plate)
    assert [(ask["depth_um"], ask["speed_rpm"]) for ask in treating.sent("ask")] == [(850, 7100)]
    assert treating.state.pending_depth_um is None


def test_plus_by_finger_does_not_repeat(treating: Rig, finger: Finger) -> None:
    plus = treating.touch.treat.depth_step.plus_key
    finger.press(plus)
    treating.frames(120)
    finger.lift(plus)
    assert treating.state.pending_depth_um == 800


def test_a_finger_that_slid_off_plus_adds_nothing(treating: Rig, finger: Finger) -> None:
    from PyQt6.QtCore import QPoint

    plus = treating.touch.treat.depth_step.plus_key
    finger.press(plus)
    finger.lift(plus, QPoint(-40, 10))
    assert treating.state.pending_depth_um is None


def test_beyond_the_limit_plus_is_grey_and_says_why(treating: Rig) -> None:
    step = treating.touch.treat.depth_step
    for _ in range(30):
        click(step.plus_key)
    treating.frames(1)
    assert treating.state.pending_depth_um == 1000
    assert not step.plus_key.isEnabled()
    assert "1.00" in step.plus_key.accessibleDescription()


def test_minus_withdraws_what_is_pending_and_lowers_at_once(treating: Rig) -> None:
    step = treating.touch.treat.depth_step
    click(step.plus_key)
    hand.mousePress(step.minus_key, Qt.MouseButton.LeftButton)
    assert treating.state.pending_depth_um is None
    assert [ask["depth_um"] for ask in treating.sent("ask")] == [700]


def test_a_new_zone_takes_the_pending_value_away(treating: Rig) -> None:
    click(treating.touch.treat.depth_step.plus_key)
    treating.control.publish(treating.clock(), zone="F.CHIN")
    treating.frames(1)
    assert treating.state.pending_depth_um is None


def test_at_the_floor_minus_is_grey(treating: Rig) -> None:
    treating.control.publish(treating.clock(), asked=Setting(depth_um=500, speed_rpm=6000))
    treating.frames(1)
    assert not treating.touch.treat.depth_step.minus_key.isEnabled()
    assert not treating.touch.treat.speed_step.minus_key.isEnabled()


def test_asked_but_not_shown_by_the_pen_is_on_its_way(treating: Rig) -> None:
    treating.control.publish(treating.clock(), state=State.RUNNING, reached=False)
    treating.frames(1)
    assert "on its way" in treating.touch.treat.depth_step.plate.accessibleDescription()


def test_what_control_cut_is_said(treating: Rig) -> None:
    treating.control.publish(treating.clock(), cuts=("cut to the role's ceiling",))
    treating.frames(1)
    assert "role's ceiling" in treating.touch.treat.depth_step.plate.accessibleDescription()


steps = st.lists(st.tuples(st.sampled_from(list(Axis)), st.sampled_from([-1, 1, 1, 1])), max_size=60)


@given(
    limit=st.integers(500, 1500),
    zone_limit=st.integers(500, 1500),
    depth=st.integers(500, 1500),
    speed=st.integers(6000, 8000),
    taps=steps,
)
def test_no_taps_ever_offer_more_than_the_limit(
    limit: int, zone_limit: int, depth: int, speed: int, taps: list[tuple[Axis, int]]
) -> None:
    zone = FACE[0].model_copy(update={"limit_um": zone_limit})
    asked = Setting(depth_um=min(depth, limit, zone_limit), speed_rpm=speed)
    snapshot = Snapshot(mono_ns=0, control="K", state=State.READY, zones=(zone,), zone=zone.zone, limit_um=limit, asked=asked)
    state = replace(s.ScreenState(alive=True, linked=True), snapshot=snapshot)
    for axis, direction in taps:
        state = s.reduce(state, Stepped(axis, direction))
        assert (state.pending_speed_rpm or 0) <= 8000
        assert (state.pending_depth_um or 0) <= min(limit, zone_limit)
        wanted = s.pending(state)
        if wanted is not None:
            assert wanted.depth_um <= min(limit, zone_limit)
            assert wanted.speed_rpm <= 8000
        lower = s.lowered(state, axis)
        if lower is not None:
            assert lower.depth_um <= asked.depth_um
            assert lower.speed_rpm <= asked.speed_rpm
            assert lower.depth_um >= 500 or axis is Axis.SPEED
            assert lower.speed_rpm >= 6000


@pytest.mark.parametrize("axis", list(Axis))
def test_without_a_zone_nothing_is_offered(axis: Axis) -> None:
    snapshot = Snapshot(mono_ns=0, control="K", state=State.READY, limit_um=1500)
    state = replace(s.ScreenState(alive=True, linked=True), snapshot=snapshot)
    assert s.offer(state, axis) is None
    assert s.reduce(state, Stepped(axis, 1)) == state
