"""Pins: free-form scars inside a zone. No pin ever yields more than its zone's limit, in plan, choke point, control and pen."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages
from pencontrol.control import commands
from pencontrol.control.snapshot import State
from pencontrol.limits import Calibration, FrozenPlan, JudgedSample, Request, decide, whole_of, zone_limit_um
from pencontrol.pins import WIRE_FIRST, PinPlan, free_id, pin_number
from pencontrol.plan import Plan, PlanError, check_plan, load_plan, read_plan, zone_limits
from sessions.events import PinPlace, SessionOpened, ZoneLimit
from tests.pencontrol.bench import TABLE, Bench
from tests.pencontrol.test_limits import NOW, limit

SCAR = {"zone": "F.CHEEK.R", "drawing": "face_front", "at": [380, 640], "limit_mm": 0.7}
ZONES: list[dict[str, Any]] = [{"id": "F.CHEEK.R", "depth_mm": 0.75, "limit_mm": 1.0}, {"id": "F.CHIN"}]


def values(*pins: dict[str, Any], zones: list[dict[str, Any]] = ZONES) -> dict[str, Any]:
    return {"name": "Scars", "zone": zones, "pin": list(pins)}


def plan_with(*pins: dict[str, Any], zones: list[dict[str, Any]] = ZONES) -> Plan:
    return read_plan(values(*pins, zones=zones), TABLE, "p")


def scar(**changes: object) -> ZoneLimit:
    place = PinPlace(zone="F.CHEEK.L", drawing="face_front", x=1, y=2)
    return limit(**({"zone": "F.CHEEK.L#1", "number": WIRE_FIRST, "pin": place, "limit_um": 800} | changes))


def test_what_a_pin_leaves_out_comes_from_its_zone() -> None:
    (pin,) = plan_with({"zone": "F.CHEEK.R", "drawing": "face_front", "at": [380, 640]}).pins
    assert pin == PinPlan(
        pin="F.CHEEK.R#1",
        zone="F.CHEEK.R",
        drawing="face_front",
        x=380,
        y=640,
        depth_um=750,
        limit_um=1000,
        speed_rpm=7000,
        passes=1,
        area_cm2=1.0,
    )
    assert plan_with(SCAR).pins[0].depth_um == 700, "never deeper than its own limit"


def test_pins_stand_behind_their_zone_with_numbers_of_their_own() -> None:
    chin = {"zone": "F.CHIN", "drawing": "face_front", "at": [500, 900]}
    limits = zone_limits(plan_with(chin, SCAR, SCAR), TABLE)
    assert [each.zone for each in limits] == ["F.CHEEK.R", "F.CHEEK.R#1", "F.CHEEK.R#2", "F.CHIN", "F.CHIN#1"]
    numbers = [each.number for each in limits]
    assert len(set(numbers)) == 5
    assert max(row.number for row in TABLE.values()) < WIRE_FIRST <= min(numbers[1], numbers[2], numbers[4])
    assert max(numbers) < 256
    assert limits[1].pin == PinPlace(zone="F.CHEEK.R", drawing="face_front", x=380, y=640)
    assert limits[1].name == "Cheek, right, pin 1"


BAD = [
    ({"zone": "F.NOSE"}, "pin[0].zone is 'F.NOSE', allowed is a zone of this plan: F.CHEEK.R, F.CHIN"),
    ({"limit_mm": 1.05}, "pin[0] F.CHEEK.R#1: limit is 1.05 mm, allowed is 0.50 to its zone's limit 1.00 mm"),
    ({"limit_mm": 0.6, "depth_mm": 0.65}, "depth is 0.65 mm, allowed is 0.50 to its limit 0.60 mm"),
    ({"limit_mm": float("nan")}, "pin[0].limit_mm is nan"),
    ({"limit_mm": 0.7001}, "steps of 0.01 mm"),
    ({"drawing": "hand"}, "pin[0].drawing is 'hand'"),
    ({"at": [1]}, "pin[0].at is list"),
    ({"at": [1, -2]}, "pin[0].at[1] is -2"),
    ({"passes": 9}, "pin[0].passes is 9, allowed is 1 to 8"),
    ({"area_cm2": 0.0}, "pin[0].area_cm2 is 0.0, allowed is at least 0.1"),
    ({"area_cm2": 90.0}, "area is 90 cm2, allowed is 0.1 to its zone's"),
    ({"speed_rpm": 100}, "pin[0].speed_rpm is 100, allowed is 6000 to 8000 rpm"),
    ({"dept_mm": 0.5}, "pin[0].dept_mm is an unknown key"),
]


@pytest.mark.parametrize(("changes", "sentence"), BAD)
def test_a_bad_pin_is_refused_in_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan_with(SCAR | changes)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_above_the_soft_cap_a_pin_needs_a_reason_of_its_own() -> None:
    zones = [{"id": "F.TEMPLE.R", "limit_mm": 1.0, "reason": "old acne"}]
    pin = {"zone": "F.TEMPLE.R", "drawing": "face_front", "at": [1, 1], "limit_mm": 0.9}
    with pytest.raises(PlanError, match="needs a reason"):
        plan_with(pin, zones=zones)
    assert plan_with(pin | {"reason": "deep"}, zones=zones).pins[0].limit_um == 900


CHANGED = [
    ({"pin": "F.CHIN#1"}, "the id must be that of its zone"),
    ({"pin": "F.CHEEK.R"}, "the id must be that of its zone"),
    ({"pin": "F.CHEEK.R#0"}, "the id must be that of its zone"),
    ({"zone": "F.NOSE.DORSUM", "pin": "F.NOSE.DORSUM#1"}, "its zone F.NOSE.DORSUM is not in the plan"),
    ({"limit_um": 1010}, "allowed is 0.50 to its zone's limit"),
    ({"limit_um": 490}, "allowed is 0.50 to its zone's limit"),
    ({"depth_um": 710}, "allowed is 0.50 to its limit"),
    ({"speed_rpm": 8001}, "speed is 8001"),
    ({"passes": 0}, "passes is 0"),
    ({"area_cm2": float("nan")}, "area is nan"),
]


@pytest.mark.parametrize(("changes", "sentence"), CHANGED)
def test_control_checks_again_what_a_screen_sends_of_a_pin(changes: dict[str, Any], sentence: str) -> None:
    plan = plan_with(SCAR)
    forged = plan.model_copy(update={"pins": (plan.pins[0].model_copy(update=changes),)})
    with pytest.raises(PlanError, match=sentence):
        check_plan(forged, TABLE, "plan")


def test_a_pin_twice_and_a_plan_too_long_for_the_pen_are_refused() -> None:
    plan = plan_with(SCAR)
    with pytest.raises(PlanError, match="twice"):
        check_plan(plan.model_copy(update={"pins": plan.pins * 2}), TABLE, "plan")
    most = messages.PLAN_MAX_ZONES - len(ZONES)
    assert len(plan_with(*[SCAR] * most).pins) == most
    with pytest.raises(PlanError, match="2 zones and 63 pins, allowed are 1 to 64 together"):
        plan_with(*[SCAR] * (most + 1))


def test_ids() -> None:
    assert [pin_number(each) for each in ("F.CHIN#1", "F.CHIN#99", "F.CHIN", "F.CHIN#100", "#1")] == [1, 99, 0, 0, 0]
    assert free_id("F.CHIN", ["F.CHIN#1", "F.CHIN#3"]) == "F.CHIN#2"
    with pytest.raises(PlanError, match="99 pins"):
        free_id("F.CHIN", [f"F.CHIN#{number}" for number in range(1, 100)])


def test_a_plan_without_pins_is_read_and_told_as_before(tmp_path: Path) -> None:
    old = plan_with().model_dump(mode="json")
    del old["pins"]
    assert Plan.model_validate(old) == plan_with()
    told = zone_limits(plan_with(), TABLE)[0].model_dump(mode="json")
    assert "pin" not in told
    assert ZoneLimit.model_validate(told).pin is None
    path = tmp_path / "p.toml"
    path.write_text('name = "x"\n[[zone]]\nid = "F.CHIN"\n[[pin]]\nzone = "F.CHIN"\ndrawing = "face_front"\nat = [500, 900]\n')
    assert load_plan(path, TABLE).pins[0].pin == "F.CHIN#1"


@pytest.mark.parametrize(
    ("pin", "zone", "role", "expected"),
    [
        ({}, {}, "practitioner", 800),
        ({"limit_um": 1100, "reason": "x"}, {}, "practitioner", 1000),  # the zone's own limit
        ({"limit_um": 1400, "reason": "x"}, {"limit_um": 1400}, "practitioner", 1200),  # the zone's soft cap, no reason there
        ({"limit_um": 1400, "reason": "x"}, {"limit_um": 1500, "hard_cap_um": 750, "reason": "x"}, "practitioner", 750),
        ({"limit_um": 1400, "reason": "x"}, {"limit_um": 1400, "reason": "x"}, "therapist", 1000),
        ({}, {"limit_um": 400}, "practitioner", 0),
    ],
)
def test_the_lowest_rule_of_pin_and_zone_sets_the_limit(
    pin: dict[str, object], zone: dict[str, object], role: str, expected: int
) -> None:
    assert zone_limit_um(scar(**pin), role, limit(**zone))[0] == expected


def ask(zones: list[ZoneLimit], depth_um: int = 1500, role: str = "practitioner", place: str = "F.CHEEK.L#1") -> Any:
    plan = FrozenPlan({zone.zone: zone for zone in zones}, 1, 1)
    sample = JudgedSample(1, NOW)
    return decide(Request(depth_um, 7000, 1), place, plan, Calibration.PASS, role, frozenset(), sample, NOW)


def test_a_pin_whose_zone_is_not_there_or_is_no_zone_gives_nothing() -> None:
    other = limit(zone="F.CHIN")
    for zones in ([scar()], [scar(), other]):
        assert ask(zones).drive is None
        assert ask(zones).reasons == ("no depth is allowed: the zone of Cheek, left is not in the plan",)
    assert zone_limit_um(scar(), "practitioner", other)[0] == 0
    nested = scar(zone="F.CHEEK.L#2", pin=PinPlace(zone="F.CHEEK.L#1", drawing="face_front", x=1, y=1))
    assert ask([nested, scar(), limit()], place="F.CHEEK.L#2").drive is None
    assert whole_of(limit(), {}) is None


def test_a_pin_in_a_caution_zone_that_nobody_acknowledged_gives_nothing() -> None:
    assert ask([scar(), limit()]).drive is not None
    assert "caution" in ask([scar(), limit(mode="caution")]).reasons[0]
    assert "caution" in ask([scar(mode="caution"), limit()]).reasons[0]


@given(
    depth_um=st.integers(-100, 70_000),
    pin_limit=st.integers(0, 3000),
    zone_limit=st.integers(0, 3000),
    soft=st.integers(0, 3000),
    hard=st.integers(0, 3000),
    reasons=st.tuples(st.booleans(), st.booleans()),
    role=st.sampled_from(["practitioner", "therapist", "nobody"]),
)
def test_no_pin_ever_yields_more_than_its_zone(
    depth_um: int, pin_limit: int, zone_limit: int, soft: int, hard: int, reasons: tuple[bool, bool], role: str
) -> None:
    caps = {"soft_cap_um": soft, "hard_cap_um": hard}
    pin = scar(limit_um=pin_limit, reason="x" * reasons[0], soft_cap_um=1500, hard_cap_um=1500)
    zone = limit(limit_um=zone_limit, reason="x" * reasons[1], **caps)
    own, whole = ask([pin, zone], depth_um, role), ask([pin, zone], depth_um, role, zone.zone)
    if whole.drive is None:
        assert own.drive is None, "where the zone may not be treated, no pin in it may"
    elif own.drive is not None:
        assert own.drive.depth_um <= own.drive.depth_limit_um <= min(pin_limit, zone_limit, whole.drive.depth_limit_um)
        assert own.drive.depth_um <= max(whole.drive.depth_um, messages.DEPTH_MIN_UM)


def test_any_plan_with_pins_that_is_taken_keeps_them_within_their_zones() -> None:
    rng = random.Random(11)
    taken = 0
    for _ in range(400):
        zones = [{"id": zone, "limit_mm": rng.randint(50, 150) / 100, "reason": "x", "acknowledged": True} for zone in
                 ("F.CHEEK.R", "F.CHIN", "F.TEMPLE.L", "F.UPLIP")]  # fmt: skip
        pins = [
            {"zone": rng.choice(zones)["id"], "drawing": "face_side", "at": [1, 1], "reason": "y"}
            | ({"limit_mm": rng.randint(50, 150) / 100} if rng.random() < 0.7 else {})
            for _ in range(rng.randint(1, 3))
        ]
        try:
            plan = plan_with(*pins, zones=zones)
        except PlanError:
            continue
        taken += 1
        limits = {each.zone: each for each in zone_limits(plan, TABLE)}
        for each in limits.values():
            if each.pin is not None:
                assert each.default_um <= each.limit_um <= limits[each.pin.zone].limit_um
    assert taken > 20


# control, with the simulated pen


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.run(1500)
    return made


def open_with(bench: Bench, plan: Plan, role: str = "practitioner") -> str:
    opening = commands.OpenSession(number=1, plan=plan.model_dump(mode="json"), client="C-0001", operator="P-01", role=role)
    error = bench.say(opening)
    bench.run(300)
    return error


def choose(bench: Bench, zone: str) -> str:
    error = bench.say(commands.SelectZone(number=2, zone=zone))
    bench.run(50)
    return error


def test_the_pen_knows_each_pins_limit_and_its_crc_covers_it(bench: Bench) -> None:
    assert open_with(bench, plan_with(SCAR)) == ""
    held = bench.device.pen.requests.plan
    assert held.committed
    assert held.limits_um == {TABLE["F.CHEEK.R"].number: 1000, WIRE_FIRST: 700, TABLE["F.CHIN"].number: 1000}
    opened = SessionOpened.model_validate(bench.told("session_opened")[0])
    assert opened.plan_crc == held.crc
    assert opened.zones[1].pin == PinPlace(zone="F.CHEEK.R", drawing="face_front", x=380, y=640)
    entries = [(each.number, each.limit_um) for each in opened.zones]
    assert opened.plan_crc == messages.plan_crc(entries)
    assert opened.plan_crc != messages.plan_crc([entries[0], entries[2]])
    assert opened.plan_crc != messages.plan_crc([entries[0], (WIRE_FIRST, 710), entries[2]])


def test_one_tap_on_a_pin_never_deepens_and_its_limit_holds(bench: Bench) -> None:
    open_with(bench, plan_with(SCAR | {"depth_mm": 0.6}))
    choose(bench, "F.CHEEK.R")
    assert (bench.snapshot.asked.depth_um, bench.snapshot.limit_um) == (750, 1000)
    choose(bench, "F.CHEEK.R#1")
    assert (bench.snapshot.asked.depth_um, bench.snapshot.limit_um) == (600, 700)
    assert bench.say(commands.Ask(number=3, depth_um=1000, speed_rpm=7000)) == ""
    bench.run(20)
    assert bench.snapshot.asked.depth_um == 700
    assert bench.snapshot.cuts == ("cut to 0.70 mm: the plan's limit for Cheek, right, pin 1",)
    choose(bench, "F.CHEEK.R")
    assert bench.snapshot.asked.depth_um == 700, "back in the zone nothing is deeper than it was"
    selected = bench.told("zone_selected")
    assert [each["zone"] for each in selected] == ["F.CHEEK.R", "F.CHEEK.R#1", "F.CHEEK.R"]
    assert "not in the plan" in choose(bench, "F.CHEEK.R#2")


def test_a_role_is_no_deeper_in_a_pin(bench: Bench) -> None:
    zones = [{"id": "F.CHEEK.R", "limit_mm": 1.2}]
    open_with(bench, plan_with(SCAR | {"limit_mm": 1.1}, zones=zones), role="therapist")
    choose(bench, "F.CHEEK.R#1")
    assert bench.snapshot.limit_um == 1000


def test_in_a_run_a_pins_lower_limit_is_entered_only_with_the_needles_up_and_its_strokes_are_its_own(bench: Bench) -> None:
    open_with(bench, plan_with(SCAR | {"limit_mm": 0.55, "depth_mm": 0.5, "area_cm2": 2.0}))
    choose(bench, "F.CHEEK.R")
    assert bench.start() == ""
    bench.run(1500)
    assert bench.snapshot.state is State.RUNNING
    assert bench.say(commands.SelectZone(number=4, zone="F.CHEEK.R#1")) == ""
    bench.run(3)
    assert bench.snapshot.limit_um == 1000, "the old limit judges until the needles are up"
    bench.run(400)
    assert (bench.snapshot.limit_um, bench.snapshot.zone) == (550, "F.CHEEK.R#1")
    assert bench.snapshot.state is State.RUNNING, "no alarm, no stop"
    bench.device.hand.press(1.2)
    bench.run(900)
    bench.device.hand.lift()
    bench.run(600)
    assert bench.say(commands.PassDone(number=5)) == ""
    views = {view.zone: view for view in bench.snapshot.zones}
    assert (views["F.CHEEK.R#1"].passes, views["F.CHEEK.R"].passes) == (1, 0)
    assert views["F.CHEEK.R#1"].strikes_per_cm2 > 0
    assert bench.device.plant.reach_um < 650
    assert bench.say(commands.Pause(number=6)) == ""
    bench.run(300)
    assert bench.say(commands.CloseSession(number=7)) == ""
    bench.run(100)
    closed = bench.told("session_closed")[0]["zones"]
    assert [(each["zone"], each["passes"], each["limit_um"]) for each in closed] == [("F.CHEEK.R#1", 1, 550)]
    drawn = {record[10] for record in bench.samples}
    assert WIRE_FIRST in drawn, "the trace names the pin"


def test_a_forged_pin_is_refused_by_control(bench: Bench) -> None:
    plan = plan_with(SCAR)
    forged = plan.model_copy(update={"pins": (plan.pins[0].model_copy(update={"limit_um": 1100}),)})
    assert "its zone's limit 1.00 mm" in open_with(bench, forged)
    assert bench.snapshot.session is None


def test_a_resumed_session_carries_what_a_pin_received(bench: Bench) -> None:
    plan = plan_with(SCAR)
    carried = [
        {"zone": "F.CHEEK.R#1", "passes": 2, "strokes": 9, "contact_s": 8.0, "limit_um": 700, "max_depth_um": 690,
         "strikes_per_cm2": 900.0}
    ]  # fmt: skip
    opening = commands.OpenSession(
        number=1, plan=plan.model_dump(mode="json"), client="C-0001", operator="P-01", resumed_from="S-1", carried=carried
    )
    assert bench.say(opening) == ""
    bench.run(100)
    view = next(view for view in bench.snapshot.zones if view.zone == "F.CHEEK.R#1")
    assert (view.passes, view.strokes, view.max_depth_um) == (2, 9, 690)
