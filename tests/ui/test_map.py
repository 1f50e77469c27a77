"""The map: which zone a finger meant, and what is drawn where."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, QRect
from PyQt6.QtGui import QImage, QPainterPath, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QApplication
from PyQt6.sip import voidptr

from pencontrol.control.snapshot import State
from tests.ui.conftest import Rig, click, hand
from ui.touch.figure import Figure, ZoneShape
from ui.touch.pick import Hit, Pick, choose
from ui.touch.state import BAND_NS
from ui.touch.widgets.zone_map import ZoneMap

LIMITS = {"A": 500, "B": 1000, "C": 750}
BLOCKED = {"EYE"}
NAMES = [*LIMITS, "EYE", "OTHER"]


@pytest.mark.parametrize(
    ("direct", "near", "told"),
    [
        ("B", {"A", "B", "EYE"}, Pick(Hit.ZONE, "B")),
        ("EYE", {"A"}, Pick(Hit.BLOCKED, "EYE")),
        ("OTHER", {"OTHER"}, Pick(Hit.OUTSIDE, "OTHER")),
        ("", {"B", "C"}, Pick(Hit.ZONE, "C")),
        ("", {"A", "B", "C"}, Pick(Hit.ZONE, "A")),
        ("", {"A", "EYE"}, Pick(Hit.BLOCKED, "EYE")),
        ("", {"OTHER"}, Pick(Hit.NOTHING)),
        ("", {"OTHER", "B"}, Pick(Hit.ZONE, "B")),
        ("", set(), Pick(Hit.NOTHING)),
    ],
)
def test_table_of_touches(direct: str, near: set[str], told: Pick) -> None:
    assert choose(direct, near, LIMITS, BLOCKED) == told


@given(near=st.sets(st.sampled_from(NAMES)))
def test_a_miss_never_chooses_a_deeper_neighbour(near: Collection[str]) -> None:
    pick = choose("", near, LIMITS, BLOCKED)
    if "EYE" in near:
        assert pick.hit is Hit.BLOCKED
    elif pick.hit is Hit.ZONE:
        assert LIMITS[pick.zone] == min(LIMITS[name] for name in near if name in LIMITS)


def square(x: float, y: float, side: float) -> ZoneShape:
    path = QPainterPath()
    path.addRect(x, y, side, side)
    return ZoneShape(path, QPointF(x + side / 2, y + side / 2))


@pytest.fixture
def squares(treating: Rig) -> Rig:
    """Chin (1.00 mm), a gap of 40 units, upper lip (0.50 mm), an eyelid (blocked), a forehead."""
    zones = {"F.CHIN": square(100, 400, 200), "F.UPLIP": square(340, 400, 200)}
    zones |= {"F.EYELID.L": square(700, 400, 120), "F.FOREHEAD": square(860, 400, 90)}
    figure = Figure("test", "Test figure", 1000, 1000, (), (), zones, {"R": QPointF(40, 200), "L": QPointF(960, 200)})
    treating.touch.treat.map.zones.show_figure(figure)
    return treating


def on_map(rig: Rig, x: float, y: float) -> QPointF:
    point: QPointF = rig.touch.treat.map.zones.to_screen(QPointF(x, y))
    return point


def test_the_pick_buffer_finds_each_zone_and_the_miss_rule_holds(squares: Rig) -> None:
    zones = squares.touch.treat.map.zones
    assert zones.pick_at(on_map(squares, 200, 500)) == Pick(Hit.ZONE, "F.CHIN")
    assert zones.pick_at(on_map(squares, 320, 500)) == Pick(Hit.ZONE, "F.UPLIP"), "the lower limit wins in the gap"
    assert zones.pick_at(on_map(squares, 760, 500)).hit is Hit.BLOCKED
    reach = 4.5 * 5.91
    left = on_map(squares, 100, 500)
    assert zones.pick_at(left - QPointF(reach, 0)) == Pick(Hit.ZONE, "F.CHIN")
    assert zones.pick_at(left - QPointF(6 * 5.91, 0)).hit is Hit.NOTHING


def test_a_tap_selects_and_a_blocked_one_says_so(squares: Rig) -> None:
    from PyQt6.QtCore import Qt

    zones = squares.touch.treat.map.zones
    for x in (200, 760):
        zones.overview()
        at: QPoint = on_map(squares, x, 500).toPoint()
        for _ in range(2):  # the first one enlarges what is small
            hand.mouseClick(zones, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    squares.frames(1)
    assert [told["zone"] for told in squares.sent("select_zone")] == ["F.CHIN"]
    assert squares.shell.column.message.text() == "This area is never treated."


def test_side_again_shows_the_other_side_and_turn_turns(treating: Rig) -> None:
    card = treating.touch.treat.map
    click(card.keys["side"])
    first = set(card.zones.zone_names())
    click(card.keys["side"])
    other = set(card.zones.zone_names())
    assert first != other
    assert {name.replace(".R", ".L") for name in first} == {name.replace(".R", ".L") for name in other}
    click(card.keys["face"])
    upright = card.zones.to_screen(QPointF(500, 300))
    click(treating.touch.treat.zone_keys.turn_key)
    assert card.zones.to_screen(QPointF(500, 300)).y() > upright.y()


def test_only_what_has_changed_is_painted_and_looks_as_if_all_were(treating: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The strikes' figure changes ten times a second over one corner of the map, contact with every stroke."""
    card, area = treating.touch.treat.map, QRect()
    zones, paint = card.zones, ZoneMap.paintEvent

    def noted(painted: ZoneMap, event: QPaintEvent) -> None:
        nonlocal area
        area = area.united(event.rect())
        paint(painted, event)

    def here(window: QPixmap) -> QImage:
        """The map alone: large letters elsewhere come out a shade different by what was drawn before."""
        place = QRect(zones.mapTo(treating.shell, QPoint()), zones.size())
        return window.copy(place).toImage().convertToFormat(QImage.Format.Format_RGB32)

    def picture() -> QImage:
        QApplication.sendPostedEvents()
        screen = QApplication.primaryScreen()
        assert screen is not None
        return here(screen.grabWindow(voidptr(int(treating.shell.winId()))))

    treating.control.publish(treating.clock(), state=State.RUNNING)
    treating.frames(1)
    treating.clock.now_ns += BAND_NS
    treating.frames(2)
    strikes, passes = 100.0, 3
    for contact, changed in ((False, "passes"), (True, "contact"), (True, "strikes"), (True, "passes"), (False, "contact")):
        picture()
        strikes += 50 * (changed == "strikes")
        passes += changed == "passes"
        chosen = treating.control.snapshot.zone
        seen = [
            zone.model_copy(update={"strikes_per_cm2": strikes, "passes": passes}) if zone.zone == chosen else zone
            for zone in treating.control.snapshot.zones
        ]
        monkeypatch.setattr(ZoneMap, "paintEvent", noted)
        area = QRect()
        treating.control.publish(treating.clock(), zones=tuple(seen))
        zones.show_contact(contact)
        treating.frames(1)
        partly = picture()
        monkeypatch.setattr(ZoneMap, "paintEvent", paint)
        share = area.width() * area.height() / (zones.width() * zones.height())
        assert (share == 1.0) if changed == "passes" else (0 < share < 0.35), (changed, share)
        assert partly == here(treating.shell.grab()), changed
