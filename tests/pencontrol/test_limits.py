"""decide(): never above a limit, never outside the device, and nothing at all when in doubt."""

import ast
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pencontrol.limits import (
    SAMPLE_MAX_AGE_NS,
    Calibration,
    Decision,
    FrozenPlan,
    JudgedSample,
    Request,
    decide,
    grant,
    zone_limit_um,
)
from sessions.events import ZoneLimit

NOW = 10_000_000_000


def limit(**changes: object) -> ZoneLimit:
    values: dict[str, object] = {
        "zone": "F.CHEEK.L",
        "number": 14,
        "name": "Cheek, left",
        "mode": "treat",
        "default_um": 750,
        "limit_um": 1000,
        "speed_rpm": 7000,
        "passes": 2,
        "area_cm2": 40.0,
        "soft_cap_um": 1200,
        "hard_cap_um": 1500,
    }
    return ZoneLimit.model_validate(values | changes)


def ask(**changes: object) -> Decision:
    zone = limit()
    arguments: dict[str, object] = {
        "request": Request(800, 7000, 5),
        "zone": zone.zone,
        "plan": FrozenPlan({zone.zone: zone}, 99, 99),
        "calibration": Calibration.NOT_RECORDED,
        "role": "practitioner",
        "stopping_alarms": frozenset(),
        "sample": JudgedSample(1234, NOW - 1_000_000),
        "now_ns": NOW,
    }
    return decide(**(arguments | changes))  # type: ignore[arg-type]


def test_a_request_within_everything_passes_unchanged() -> None:
    decision = ask()
    assert decision.drive is not None
    assert (decision.depth_um, decision.speed_rpm, decision.limit_um, decision.reasons) == (800, 7000, 1000, ())
    assert decision.drive.seen_index == 1234
    assert decision.drive.arm_token == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"request": None},
        {"plan": None},
        {"plan": FrozenPlan({"F.CHEEK.L": limit()}, 99, 98)},
        {"plan": FrozenPlan({"F.CHEEK.L": limit()}, 99, None)},
        {"plan": FrozenPlan({}, 99, 99)},
        {"zone": ""},
        {"zone": "F.CHIN"},
        {"calibration": Calibration.FAILED},
        {"calibration": Calibration.OVERDUE},
        {"role": "stranger"},
        {"stopping_alarms": frozenset({"STALL"})},
        {"sample": None},
        {"sample": JudgedSample(1, NOW - SAMPLE_MAX_AGE_NS - 1)},
        {"sample": JudgedSample(1, NOW + 1)},
        {"plan": FrozenPlan({"F.CHEEK.L": limit(mode="caution")}, 99, 99)},
        {"plan": FrozenPlan({"F.CHEEK.L": limit(limit_um=499)}, 99, 99)},
    ],
)
def test_zero_authority_with_a_reason_when_something_is_missing(changes: dict[str, object]) -> None:
    decision = ask(**changes)
    assert decision.drive is None
    assert (decision.depth_um, decision.speed_rpm, decision.limit_um) == (0, 0, 0)
    assert decision.reasons


@pytest.mark.parametrize(
    ("changes", "role", "expected"),
    [
        ({}, "practitioner", 1000),
        ({"limit_um": 1400}, "practitioner", 1200),  # soft cap without a reason
        ({"limit_um": 1400, "reason": "deep scar"}, "practitioner", 1400),
        ({"limit_um": 1500, "hard_cap_um": 750, "reason": "x"}, "practitioner", 750),
        ({"limit_um": 1400, "reason": "deep scar"}, "therapist", 1000),
        ({"limit_um": 3000, "hard_cap_um": 3000, "reason": "x"}, "practitioner", 1500),
        ({"limit_um": 400}, "practitioner", 0),
        ({}, "nobody", 0),
    ],
)
def test_the_lowest_rule_sets_the_limit(changes: dict[str, object], role: str, expected: int) -> None:
    assert zone_limit_um(limit(**changes), role)[0] == expected


def test_every_cut_says_why() -> None:
    depth_um, speed_rpm, reasons = grant(1500, 9000, limit(), "practitioner")
    assert (depth_um, speed_rpm) == (1000, 8000)
    assert "1.00 mm" in reasons[0]
    assert "8000 rpm" in reasons[1]
    depth_um, speed_rpm, reasons = grant(0, 0, limit(), "practitioner")
    assert (depth_um, speed_rpm) == (500, 6000)
    assert len(reasons) == 2


def test_a_nan_cannot_pass_a_range_check() -> None:
    depth_um, speed_rpm, _ = grant(float("nan"), float("nan"), limit(), "practitioner")  # type: ignore[arg-type]
    assert (depth_um, speed_rpm) == (500, 6000)


def test_only_decide_makes_a_decision() -> None:
    with pytest.raises(TypeError, match="decide"):
        Decision(drive=None, depth_um=0, speed_rpm=0, limit_um=0, reasons=(), seal=object())


def test_no_other_module_of_the_host_builds_a_drive() -> None:
    root = Path(__file__).parents[2]
    makers = set()
    for folder in ("pencontrol", "ui", "sessions"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = node.func if isinstance(node, ast.Call) else None
                called = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
                if called == "Drive" or (isinstance(node, ast.Attribute) and node.attr == "DRIVE"):
                    makers.add(path.relative_to(root).as_posix())
    assert makers == {"pencontrol/limits.py"}


@given(
    depth_um=st.integers(-(2**40), 2**40),
    speed_rpm=st.integers(-(2**40), 2**40),
    zone_limit=st.integers(0, 5000),
    soft=st.integers(0, 5000),
    hard=st.integers(0, 5000),
    reason=st.sampled_from(["", "scar"]),
    role=st.sampled_from(["practitioner", "therapist", "nobody"]),
    age_ns=st.integers(-(10**9), 10**9),
)
def test_nothing_ever_exceeds_any_limit(
    depth_um: int, speed_rpm: int, zone_limit: int, soft: int, hard: int, reason: str, role: str, age_ns: int
) -> None:
    zone = limit(limit_um=zone_limit, soft_cap_um=soft, hard_cap_um=hard, reason=reason)
    decision = ask(
        request=Request(depth_um, speed_rpm, 1),
        plan=FrozenPlan({zone.zone: zone}, 99, 99),
        role=role,
        sample=JudgedSample(1, NOW - age_ns),
    )
    _hold(decision, zone, role)


def _hold(decision: Decision, zone: ZoneLimit, role: str) -> None:
    if decision.drive is None:
        assert decision.reasons
        return
    drive = decision.drive
    ceiling = {"practitioner": 1500, "therapist": 1000}[role]
    assert 500 <= drive.depth_um <= drive.depth_limit_um <= min(zone.limit_um, zone.hard_cap_um, ceiling, 1500)
    if not zone.reason:
        assert drive.depth_limit_um <= zone.soft_cap_um
    assert 6000 <= drive.speed_rpm <= 8000


def test_a_seeded_sweep_of_a_hundred_thousand_requests() -> None:
    rng = random.Random(4)
    roles = ["practitioner", "therapist", "nobody"]
    zones = [
        limit(
            limit_um=rng.randint(300, 1700),
            soft_cap_um=rng.randint(300, 1700),
            hard_cap_um=rng.randint(300, 1700),
            reason=rng.choice(["", "scar"]),
        )
        for _ in range(500)
    ]
    for _ in range(100_000):
        zone = rng.choice(zones)
        role = rng.choice(roles)
        decision = ask(
            request=Request(rng.randint(-100, 70_000), rng.randint(-100, 70_000), 1),
            plan=FrozenPlan({zone.zone: zone}, 99, 99),
            role=role,
        )
        _hold(decision, zone, role)
