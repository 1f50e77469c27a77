"""decide(): what it says, and each comparison at exactly its figure."""

import pytest

from pencontrol.limits import SAMPLE_MAX_AGE_NS, Calibration, Decision, FrozenPlan, JudgedSample, Request, grant, zone_limit_um
from tests.pencontrol.test_limits import NOW, ask, limit

PLAN = {"F.CHEEK.L": limit()}
CAUTION = {"F.CHEEK.L": limit(mode="caution")}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"request": None}, "nothing was asked"),
        ({"plan": None}, "no plan is frozen"),
        ({"plan": FrozenPlan(PLAN, 99, 98)}, "the pen does not hold this plan"),
        ({"calibration": Calibration.OVERDUE}, "the pen's calibration does not allow treatment"),
        ({"stopping_alarms": frozenset(("STALL", "LINK_LOST"))}, "an alarm stands: LINK_LOST, STALL"),
        ({"zone": "B.BACK"}, "no zone of the plan is chosen"),
        ({"plan": FrozenPlan(CAUTION, 99, 99)}, "Cheek, left is a caution zone that nobody acknowledged"),
        ({"sample": None}, "no sample was judged"),
        ({"sample": JudgedSample(1, NOW - SAMPLE_MAX_AGE_NS - 1)}, "the last judged sample is too old"),
        ({"role": "nobody"}, "no depth is allowed: the ceiling for the role nobody"),
    ],
)
def test_every_refusal_says_why_in_these_words(changes: dict[str, object], words: str) -> None:
    assert ask(**changes).reasons == (words,)


def test_cuts_and_raises_say_the_figure_and_the_rule() -> None:
    zone = limit()
    assert grant(2000, 7000, zone, "practitioner") == (1000, 7000, ("cut to 1.00 mm: the plan's limit for Cheek, left",))
    assert grant(499, 5999, zone, "practitioner") == (
        500,
        6000,
        ("raised to 0.50 mm: the pen's shallowest", "raised to 6000 rpm: the pen's slowest"),
    )
    assert grant(800, 8001, zone, "practitioner") == (800, 8000, ("cut to 8000 rpm: the pen's fastest",))
    assert grant(800, 7000, zone, "nobody") == (0, 0, ("no depth is allowed: the ceiling for the role nobody",))
    deep = limit(limit_um=1700, soft_cap_um=1700, hard_cap_um=1700)
    assert zone_limit_um(deep, "practitioner") == (1500, "the pen's range")  # the first of equals that are not the plan's own
    fine = limit(limit_um=1436, soft_cap_um=1500, hard_cap_um=1500)
    assert grant(1500, 7000, fine, "practitioner")[2] == ("cut to 1.44 mm: the plan's limit for Cheek, left",)
    odd = limit(limit_um=1499, soft_cap_um=1500, hard_cap_um=1500)
    assert grant(1500, 7000, odd, "practitioner")[2] == ("cut to 1.50 mm: the plan's limit for Cheek, left",)


def test_a_role_that_nobody_knows_is_named_whatever_else_is_impossible() -> None:
    for limit_um in (1, 499, 1000):
        assert zone_limit_um(limit(limit_um=limit_um), "nobody") == (0, "the ceiling for the role nobody")


@pytest.mark.parametrize(("depth_um", "speed_rpm"), [(500, 6000), (1000, 8000)])
def test_exactly_at_an_edge_nothing_is_cut(depth_um: int, speed_rpm: int) -> None:
    assert grant(depth_um, speed_rpm, limit(), "practitioner") == (depth_um, speed_rpm, ())


def test_of_equal_limits_the_plans_own_is_named_whatever_its_words() -> None:
    same = limit(limit_um=1000, hard_cap_um=1000, soft_cap_um=1000, name="Zygoma")
    assert zone_limit_um(same, "therapist") == (1000, "the plan's limit for Zygoma")


def test_the_pen_is_told_what_holds_its_own_guard() -> None:
    drive = ask().drive
    assert drive is not None
    assert (drive.lease_ms, drive.over_tolerance_um, drive.trip_ms) == (200, 100, 3)


def test_a_sample_of_exactly_the_greatest_age_counts() -> None:
    assert ask(sample=JudgedSample(1, NOW - SAMPLE_MAX_AGE_NS)).drive is not None


def test_a_decision_made_by_hand_says_who_may() -> None:
    with pytest.raises(TypeError, match=r"^a Decision is made by decide\(\) alone$"):
        Decision(None, 0, 0, 0, (), object())


def test_a_request_for_one_micrometre_is_raised_not_refused() -> None:
    decision = ask(request=Request(1, 7000, 5))
    assert decision.depth_um == 500
