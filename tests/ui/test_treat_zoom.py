"""Small zones: two taps at most, the second on a target of 15 mm."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, Qt

from tests.ui.conftest import PANELS, Rig, click, hand
from ui.touch.pick import Hit, Pick
from ui.touch.widgets.zone_map import ZoneMap
from ui.touch.zone_size import MOST, enlargement, inscribed_px


def tap(zones: ZoneMap, at: QPoint) -> None:
    hand.mouseClick(zones, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def label(zones: ZoneMap, zone: str) -> QPoint:
    assert zones._figure is not None
    return zones.to_screen(zones._figure.zones[zone].label).toPoint()


@pytest.mark.parametrize("panel", list(PANELS))
def test_at_most_two_taps_in_the_same_place_to_any_zone(make_rig: Callable[..., Rig], panel: str) -> None:
    rig = make_rig(panel)
    rig.control.open_session(rig.clock(), chosen="")
    rig.frames(2)
    zones, px = rig.touch.treat.map.zones, PANELS[panel][1]
    picked: list[Pick] = []
    zones.picked.connect(picked.append)
    twice = 0
    for mark in rig.control.snapshot.zones:
        if mark.zone not in zones.zone_names():
            continue
        zones.overview()
        picked.clear()
        at = label(zones, mark.zone)
        tap(zones, at)
        if not picked:
            twice += 1
            assert rig.touch.treat.map.whole_key.isVisible()
            mask = zones._pick == zones._names.index(mark.zone) + 1
            side_mm = mask.sum() ** 0.5 / px
            assert side_mm >= 15 or zones._zoom == MOST, f"{mark.zone}: {side_mm:.1f} mm at {zones._zoom:.1f} times"
            assert side_mm >= 12, mark.zone
            tap(zones, at)
        assert picked == [Pick(Hit.ZONE, mark.zone)], mark.zone
    assert twice > 0 or panel != "10.1"


def test_the_choice_shows_the_whole_figure_again(treating: Rig) -> None:
    zones, card = treating.touch.treat.map.zones, treating.touch.treat.map
    tap(zones, label(zones, "F.UPLIP"))
    assert card.whole_key.isVisible()
    treating.control.publish(treating.clock(), zone="F.UPLIP", limit_um=500)
    treating.frames(1)
    assert not card.whole_key.isVisible()


@pytest.mark.parametrize("leave", ["key", "time", "view", "turn"])
def test_the_enlarged_map_is_left_by(treating: Rig, leave: str) -> None:
    zones, card = treating.touch.treat.map.zones, treating.touch.treat.map
    tap(zones, label(zones, "F.UPLIP"))
    treating.frames(2)
    assert card.whole_key.isVisible()
    if leave == "key":
        click(card.whole_key)
    elif leave == "time":
        treating.frames(600)
        assert card.whole_key.isVisible(), "9.6 s"
        treating.frames(40)
    elif leave == "view":
        click(card.keys["body"])
    else:
        click(treating.touch.treat.zone_keys.turn_key)
    assert not card.whole_key.isVisible()


def test_a_blocked_zone_is_never_enlarged_into_a_choice(treating: Rig) -> None:
    zones = treating.touch.treat.map.zones
    picked: list[Pick] = []
    zones.picked.connect(picked.append)
    for _ in range(2):
        tap(zones, label(zones, "F.EYELID.R"))
    assert [pick.hit for pick in picked] == [Hit.BLOCKED, Hit.BLOCKED], "said at once, and never made larger"
    assert not treating.sent("select_zone")


def test_the_turned_map_has_its_letters_turned_too(treating: Rig) -> None:
    zones = treating.touch.treat.map.zones
    assert zones._figure is not None
    right, left = zones._figure.sides["R"], zones._figure.sides["L"]
    assert zones.to_screen(right).x() < zones.to_screen(left).x()
    click(treating.touch.treat.zone_keys.turn_key)
    assert zones.to_screen(right).x() > zones.to_screen(left).x()
    assert label(zones, "F.CHEEK.R").x() > label(zones, "F.CHEEK.L").x()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 5))
def test_the_largest_square_in_a_rectangle(height: int, width: int, air: int) -> None:
    mask = np.zeros((height + 2 * air, width + 2 * air), dtype=bool)
    mask[air : air + height, air : air + width] = True
    assert inscribed_px(mask) == min(height, width)


def test_how_far_to_enlarge() -> None:
    assert enlargement(np.zeros((30, 30), dtype=bool), 1.0) == 1.0
    assert enlargement(np.ones((15, 15), dtype=bool), 1.0) == 1.0
    assert enlargement(np.ones((10, 10), dtype=bool), 1.0) == pytest.approx(1.56)
    assert enlargement(np.ones((3, 100), dtype=bool), 1.0) == pytest.approx(2.6), "a strip becomes half a target across"
    assert enlargement(np.ones((1, 1), dtype=bool), 1.0) == MOST
