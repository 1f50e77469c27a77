"""Pins on the screen: set by tap, keypad and hold, drawn with number and limit, chosen like a zone, and never deeper."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, Qt

from pencontrol.control.snapshot import State, ZoneView
from pencontrol.pins import PinPlan
from pencontrol.plan import Plan, PlanError, load_plan, zone_limits
from pencontrol.zones import shipped_zones
from sessions.events import PinPlace, SessionOpened
from tests.ui.conftest import PANELS, Rig, click, hand
from tests.ui.fake_control import CARTRIDGE, FACE, PEN, zone
from ui.touch import pin_draft, planning
from ui.touch import state as s
from ui.touch.pick import Hit, Pick, choose
from ui.touch.pin_draft import PinDraft
from ui.touch.planning import SHIPPED
from ui.touch.records.record import Record
from ui.touch.records.telling import map_at
from ui.touch.zone_size import MOST, enlargement_for_pins

TABLE = shipped_zones()
FULL = sorted(SHIPPED.glob("*.toml"))[0]
LIMITS = {"A": 500, "B": 1000, "B#1": 700, "B#2": 600, "A#1": 500}


@pytest.mark.parametrize(
    ("direct", "near", "pins", "told"),
    [
        ("B", {"B"}, ["B#1"], Pick(Hit.ZONE, "B#1")),
        ("B", {"B"}, ["B#1", "B#2"], Pick(Hit.ZONE, "B#2")),  # the lower limit
        ("A", {"A", "B"}, ["B#1"], Pick(Hit.ZONE, "A")),  # the neighbour's limit is lower than the pin's
        ("A", {"A"}, ["A#1"], Pick(Hit.ZONE, "A#1")),  # of equals the pin
        ("", {"B"}, ["B#1"], Pick(Hit.ZONE, "B#1")),
        ("", set(), ["B#1"], Pick(Hit.ZONE, "B#1")),
        ("OTHER", {"OTHER"}, ["B#1"], Pick(Hit.ZONE, "B#1")),
        ("EYE", {"EYE"}, ["B#1"], Pick(Hit.BLOCKED, "EYE")),
        ("", {"EYE"}, ["B#1"], Pick(Hit.BLOCKED, "EYE")),
        ("B", {"B"}, ["Z#1"], Pick(Hit.ZONE, "B")),
    ],
)
def test_table_of_touches_near_a_pin(direct: str, near: set[str], pins: list[str], told: Pick) -> None:
    assert choose(direct, near, LIMITS, {"EYE"}, pins) == told


@given(
    direct=st.sampled_from(["", "A", "B", "EYE"]),
    near=st.sets(st.sampled_from(["A", "B", "EYE"])),
    pins=st.lists(st.sampled_from(["B#1", "B#2", "A#1"]), unique=True),
)
def test_a_touch_never_chooses_what_is_deeper_than_anything_it_met(direct: str, near: set[str], pins: list[str]) -> None:
    pick = choose(direct, near, LIMITS, {"EYE"}, pins)
    met = [*pins, *([direct] if direct else near)]
    if direct == "EYE" or (not direct and "EYE" in near):
        assert pick.hit is Hit.BLOCKED
    elif pick.hit is Hit.ZONE:
        assert LIMITS[pick.zone] == min(LIMITS[each] for each in met if each in LIMITS)


def test_a_crowd_of_pins_is_enlarged() -> None:
    assert enlargement_for_pins(0, 3, 5.0, 6.0) == 1.0
    assert enlargement_for_pins(10**6, 0, math.inf, 6.0) == 1.0
    assert enlargement_for_pins(10**6, 1, math.inf, 6.0) == 1.0
    assert 2.0 < enlargement_for_pins(10**6, 2, 7.5 * 6.0, 6.0) < 2.2, "two pins half a target apart"
    assert enlargement_for_pins(10**6, 2, 0.0, 6.0) == MOST
    assert enlargement_for_pins(90 * 90, 1, math.inf, 6.0) > 1.0, "a pin fills a zone of one target"


# the panel


def tap(rig: Rig, x: float, y: float) -> None:
    figure = rig.touch.before.pins_panel.map
    at: QPoint = figure.to_screen(QPointF(x, y)).toPoint()
    hand.mouseClick(figure, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    rig.frames(1)


def hold(rig: Rig, plate: object) -> None:
    hand.mousePress(plate, Qt.MouseButton.LeftButton)
    rig.frames(51)
    hand.mouseRelease(plate, Qt.MouseButton.LeftButton)
    rig.frames(1)


def type_mm(rig: Rig, text: str) -> None:
    for sign in text:
        rig.touch.before.pins_panel.keypad.type(sign)
    click(rig.touch.before.pins_panel.keypad.enter)
    rig.frames(1)


@pytest.fixture
def setting(rig: Rig) -> Rig:
    """The panel over a chosen plan."""
    rig.touch.presenter.draft(plan=str(FULL))
    rig.frames(1)
    click(rig.touch.prepare.preview.pins)
    rig.frames(1)
    assert rig.touch.before.pins_panel.isVisible()
    return rig


def place_and_write(rig: Rig, x: float, y: float, limit: str) -> None:
    tap(rig, x, y)
    if rig.touch.before.pins_panel.side.currentIndex() == 0:
        tap(rig, x, y)  # the first one enlarged a zone that is small or crowded
    type_mm(rig, limit)
    hold(rig, rig.touch.before.pins_panel.plate)


def pins_of(rig: Rig) -> tuple[PinPlan, ...]:
    plan = rig.touch.prepare_desk.plan()
    assert plan is not None
    return plan.pins


def test_a_pin_is_set_by_tap_keypad_and_hold(setting: Rig) -> None:
    panel = setting.touch.before.pins_panel
    tap(setting, 300, 700)
    if panel.side.currentIndex() == 0:
        tap(setting, 300, 700)
    assert panel.keypad.isVisible()
    assert panel.keypad.range.text() == "0.50 to 1.00 mm"
    for sign in "1.05":
        panel.keypad.type(sign)
    assert not panel.keypad.enter.isEnabled(), "beyond the zone's limit nothing is taken"
    for _ in range(4):
        panel.keypad.type("")
    type_mm(setting, "0.655")
    assert panel.keypad.range.text() == "Allowed are steps of 0.01 mm."
    type_mm(setting, "0.65")
    assert pins_of(setting) == (), "only the hold writes"
    hand.mouseClick(panel.plate, Qt.MouseButton.LeftButton)
    setting.frames(2)
    assert pins_of(setting) == ()
    hold(setting, panel.plate)
    (pin,) = pins_of(setting)
    assert (pin.pin, pin.zone, pin.drawing, pin.limit_um, pin.depth_um) == ("F.CHEEK.R#1", "F.CHEEK.R", "face_front", 650, 650)
    assert abs(pin.x - 300) <= 3
    assert abs(pin.y - 700) <= 3
    assert "F.CHEEK.R#1" in panel.map.places()


def test_a_pin_is_chosen_by_its_target_and_taken_away_by_a_hold(setting: Rig) -> None:
    panel = setting.touch.before.pins_panel
    place_and_write(setting, 300, 700, "0.65")
    for _ in range(2):
        if not panel.plate.isVisible():
            tap(setting, 300, 700)
    assert panel.heading.text() == "Pin 1 in Cheek, right"
    click(panel.drop)
    setting.frames(1)
    assert len(pins_of(setting)) == 1
    for _ in range(2):
        if not panel.plate.isVisible():
            tap(setting, 300, 700)
    hold(setting, panel.plate)
    assert pins_of(setting) == ()


def test_outside_the_plan_and_where_nobody_treats_no_pin_is_begun(setting: Rig) -> None:
    panel = setting.touch.before.pins_panel
    told = []
    for x, y in ((500, 620), (360, 470)):  # nose and eyelid: one is no zone of this plan or is, the other is blocked
        panel.map.overview()
        tap(setting, x, y)
        told.append(panel.line.text())
    assert "This area is never treated." in told
    panel.picked.emit(Pick(Hit.OUTSIDE, "F.NOSE"))
    assert panel.line.text() == "This zone is not in the plan."
    panel.picked.emit(Pick(Hit.ZONE, "F.CHEEK.R"))
    assert panel.line.text() == "Tap inside the zone."
    assert pins_of(setting) == ()


def test_the_session_opens_with_the_pins_and_another_client_has_none(setting: Rig) -> None:
    setting.touch.presenter.draft(client="C-0001", operator="P-01")
    place_and_write(setting, 300, 700, "0.65")
    setting.touch.presenter.show_panel(setting.touch.presenter.state.panel.NONE)
    setting.frames(1)
    setting.touch.prepare.open_held.emit()
    setting.frames(1)
    sent = setting.sent("open_session")[0]["plan"]
    assert [each["pin"] for each in sent["pins"]] == ["F.CHEEK.R#1"]
    assert Plan.model_validate_json(__import__("json").dumps(sent)).pins == pins_of(setting)
    setting.touch.presenter.draft(client="C-0002")
    setting.frames(1)
    assert pins_of(setting) == ()


def test_a_panel_without_a_plan_asks_nothing(rig: Rig) -> None:
    panel = rig.touch.before.pins_panel
    assert not rig.touch.prepare.preview.pins.isEnabled()
    rig.touch.prepare.pins_touched.emit()
    rig.frames(1)
    assert not panel.isVisible()
    panel.placed.emit("F.CHEEK.R", "face_front", QPoint(1, 1))
    panel.typed.emit("0.7")
    panel.held.emit()
    panel.dropped.emit()
    panel.picked.emit(Pick(Hit.ZONE, "F.CHIN"))


def test_pins_cannot_be_reached_while_a_session_is_open(setting: Rig) -> None:
    setting.control.open_session(setting.clock())
    setting.frames(2)
    assert not setting.touch.before.pins_panel.isVisible()
    assert s.shown_panel(setting.state) is setting.state.panel.NONE


# the draft, without a screen


def full(reason: str = "") -> Plan:
    plan = load_plan(FULL, TABLE)
    return plan.model_copy(update={"zones": tuple(each.model_copy(update={"reason": reason}) for each in plan.zones)})


@given(
    zone_id=st.sampled_from([each.zone for each in full().zones]),
    typed=st.one_of(st.floats(0, 2).map(lambda mm: f"{mm:.2f}"), st.sampled_from(["", ".", "nan", "inf", "1e3", "0.655"])),
    reason=st.sampled_from(["", "deep scar"]),
)
def test_whatever_is_typed_a_written_pin_stays_within_its_zone(zone_id: str, typed: str, reason: str) -> None:
    plan = full(reason)
    begun = pin_draft.begin(PinDraft(plan), TABLE, zone_id, "face_front", 5, 5)
    planned = pin_draft.zone_of(plan, zone_id)
    assert planned is not None
    try:
        written = pin_draft.write(pin_draft.limit(begun, TABLE, typed))
    except (PlanError, ValueError):
        assert pin_draft.write(begun).plan.pins == (), "what has no limit of its own is not written"
        return
    (pin,) = written.plan.pins
    assert 500 <= pin.depth_um <= pin.limit_um <= planned.limit_um
    assert reason or pin.limit_um <= TABLE[zone_id].soft_cap_um


def test_a_draft_refuses_what_is_not_in_the_plan_and_one_pin_too_many() -> None:
    with pytest.raises(PlanError, match="not in the plan"):
        pin_draft.begin(PinDraft(full()), TABLE, "B.SCALP", "face_front", 1, 1)
    draft = PinDraft(full())
    while len(draft.plan.zones) + len(draft.plan.pins) < 64:
        draft = pin_draft.begin(draft, TABLE, "F.CHIN", "face_front", 1, 1)
        draft = pin_draft.write(pin_draft.limit(draft, TABLE, "0.5"))
    with pytest.raises(PlanError, match="together"):
        pin_draft.begin(draft, TABLE, "F.CHIN", "face_front", 1, 1)
    assert pin_draft.limit(PinDraft(full()), TABLE, "0.5") == PinDraft(full())
    assert pin_draft.map_of(None, TABLE).marks == ()


# templates and resuming


def pinned() -> Plan:
    begun = pin_draft.begin(PinDraft(full()), TABLE, "F.CHIN", "face_side_mirrored", 400, 900)
    return pin_draft.write(pin_draft.limit(begun, TABLE, "0.8")).plan


def opened(plan: Plan) -> SessionOpened:
    return SessionOpened(
        client="C-0001", operator="P-01", role="practitioner", role_ceiling_um=1500, indication="IN01", plan_crc=1,
        zones=zone_limits(plan, TABLE), pen=PEN, cartridge=CARTRIDGE, gates=[], versions={},
    )  # fmt: skip


def test_a_template_keeps_the_pins_of_the_last_session() -> None:
    choice = planning.template("S-1", "As before", opened(pinned()), TABLE)
    assert choice.error == ""
    assert choice.plan is not None
    assert choice.plan.pins == pinned().pins
    assert [each.zone for each in choice.plan.zones] == [each.zone for each in full().zones]


def views(plan: Plan) -> tuple[ZoneView, ...]:
    return tuple(
        zone(each.zone, each.number, each.name, each.limit_um, default_um=each.default_um, pin=each.pin, mode=each.mode)
        for each in zone_limits(plan, TABLE)
    )


def test_an_interrupted_session_is_resumed_with_its_pins(rig: Rig) -> None:
    plan = pinned()
    planning.remember_plan(rig.home, plan.model_dump(mode="json"))
    rig.control.open_session(rig.clock(), zones=views(plan), chosen="")
    snapshot = rig.control.snapshot
    assert planning.plan_to_resume(rig.home, snapshot) == plan.model_dump(mode="json")
    (rig.home / planning.OPENED_FILE).unlink()
    rebuilt = planning.plan_to_resume(rig.home, snapshot)
    assert [(each["pin"], each["limit_um"], each["x"]) for each in rebuilt["pins"]] == [("F.CHIN#1", 800, 400)]
    assert "F.CHIN#1" not in [each["zone"] for each in rebuilt["zones"]]
    assert Plan.model_validate(rebuilt).pins[0].drawing == "face_side_mirrored"


# the treatment


def scars(*places: tuple[str, int, int, int]) -> tuple[ZoneView, ...]:
    """(zone, x, y, limit) each, on the face from the front."""
    made: list[ZoneView] = []
    for number, (name, x, y, limit_um) in enumerate(places):
        place = PinPlace(zone=name, drawing="face_front", x=x, y=y)
        pin = f"{name}#{sum(each.zone.startswith(name) for each in made) + 1}"
        made.append(zone(pin, 128 + number, f"{name} pin", limit_um, pin=place))
    return tuple(made)


@pytest.mark.parametrize("panel", list(PANELS))
def test_at_most_two_taps_to_any_pin_and_its_zone(make_rig: Callable[..., Rig], panel: str) -> None:
    rig = make_rig(panel)
    pins = scars(("F.CHEEK.R", 300, 640, 700), ("F.CHEEK.R", 330, 720, 650), ("F.FOREHEAD", 500, 260, 600))
    rig.control.open_session(rig.clock(), zones=(*FACE, *pins), chosen="")
    rig.frames(2)
    zones = rig.touch.treat.map.zones
    picked: list[Pick] = []
    zones.picked.connect(picked.append)
    assert zones._figure is not None
    label = zones._figure.zones["F.FOREHEAD"].label
    wanted = {pin.zone: QPointF(pin.pin.x, pin.pin.y) for pin in pins if pin.pin is not None}
    for name, at in (*wanted.items(), ("F.FOREHEAD", label + QPointF(160, 0))):
        zones.overview()
        picked.clear()
        spot = zones.to_screen(at).toPoint()
        for _ in range(2):
            if not picked:
                hand.mouseClick(zones, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        assert picked == [Pick(Hit.ZONE, name)], name


def test_a_pins_target_is_15_mm_and_the_lower_limit_wins(treating: Rig) -> None:
    pins = scars(("F.CHEEK.R", 300, 640, 700), ("F.CHEEK.R", 330, 640, 600))
    treating.control.publish(treating.clock(), zones=(*FACE, *pins))
    treating.frames(2)
    zones, px = treating.touch.treat.map.zones, PANELS["10.1"][1]
    at = zones.to_screen(QPointF(300, 640))
    assert zones.pick_at(at - QPointF(7.2 * px, 0)) == Pick(Hit.ZONE, "F.CHEEK.R#1"), "within its own target alone"
    assert zones.pick_at(at) == Pick(Hit.ZONE, "F.CHEEK.R#2"), "both were met: the lower limit"
    alone = zones.pick_at(at - QPointF(7.9 * px, 0))
    assert alone.zone != "F.CHEEK.R#1"


def test_a_tap_selects_a_pin_and_the_screen_shows_and_sounds_it(treating: Rig) -> None:
    pins = scars(("F.CHEEK.R", 300, 640, 700))
    treating.control.publish(treating.clock(), zones=(*FACE, *pins))
    treating.frames(2)
    zones = treating.touch.treat.map.zones
    for _ in range(2):
        if not treating.sent("select_zone"):
            spot = zones.to_screen(QPointF(300, 640)).toPoint()
            hand.mouseClick(zones, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
            treating.frames(1)
    assert treating.sent("select_zone")[0]["zone"] == "F.CHEEK.R#1"
    from ui.touch.sound.plan import Cues

    cues = Cues()
    cues.next(treating.control.snapshot)
    treating.control.publish(treating.clock(), zone="F.CHEEK.R#1", limit_um=700)
    treating.frames(1)
    assert cues.next(treating.control.snapshot) == ["LIMIT_DOWN"]
    assert treating.touch.treat.map.band.isVisible()
    assert treating.touch.treat.map.title.text() == "Cheek, right, pin 1"
    assert s.limit_um(treating.state) == 700
    assert treating.touch.treat.map.zones._whole_of("F.CHEEK.R#1") == "F.CHEEK.R"


def test_pins_of_another_drawing_are_not_drawn_here(treating: Rig) -> None:
    pins = scars(("F.CHEEK.R", 300, 640, 700))
    treating.control.publish(treating.clock(), zones=(*FACE, *pins), state=State.PAUSED)
    treating.frames(2)
    card = treating.touch.treat.map
    assert "F.CHEEK.R#1" in card.zones.places()
    for key in ("side", "side", "body"):
        click(card.keys[key])
        assert "F.CHEEK.R#1" not in card.zones.places()
    click(card.keys["face"])
    assert "F.CHEEK.R#1" in card.zones.places()


def test_a_record_shows_the_pins_it_had() -> None:
    record = Record("S-1", "CLOSED", "2026-11-21T10:00:00.000000Z", "", 0, None, opened(pinned()), (), 0, 0, None, (), (), ())
    from ui.touch.words import load_words

    marks = {mark.zone: mark for mark in map_at(record, None, False, load_words()).marks}
    assert marks["F.CHIN#1"].pin == PinPlace(zone="F.CHIN", drawing="face_side_mirrored", x=400, y=900)
    assert marks["F.CHIN"].pin is None
