"""The clinic's ceiling for a role, and what a consent gate rests on, as `open_session` brings them; held by control and pen."""

import pytest

from pencontrol.control.snapshot import State
from pencontrol.plan import Plan
from tests.pencontrol.bench import Bench, face_plan


def ready(**more: object) -> tuple[Bench, str]:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(200)
    values = face_plan().model_dump(mode="json")
    values["zones"] = [
        {"zone": "F.CHEEK.R", "depth_um": 1000, "limit_um": 1500, "speed_rpm": 7000, "passes": 1, "reason": "deep scar"}
    ]
    refused = bench.open(Plan.model_validate(values), **more)  # type: ignore[arg-type]
    bench.run(20)
    return bench, refused


def test_a_clinics_ceiling_holds_in_plan_record_and_pen() -> None:
    bench, refused = ready(ceiling_um=800)
    assert refused == ""
    (opened,) = bench.told("session_opened")
    assert opened["role_ceiling_um"] == 800
    assert [(zone["limit_um"], zone["default_um"]) for zone in opened["zones"]] == [(800, 800)]
    bench.zone("F.CHEEK.R")
    bench.until(State.READY)
    assert bench.snapshot.limit_um == 800
    bench.start()
    bench.until(State.RUNNING)
    bench.run(900)
    bench.ask(1400, 7000)
    bench.run(500)
    assert bench.device.plant.reach_um < 860


@pytest.mark.parametrize(
    ("role", "ceiling_um", "expected"),
    [("practitioner", 0, 1500), ("practitioner", 1500, 1500), ("therapist", 1500, 1000), ("clinic_lead", 1200, 1200)],
)
def test_the_lower_of_role_and_clinic_holds(role: str, ceiling_um: int, expected: int) -> None:
    bench, refused = ready(role=role, ceiling_um=ceiling_um)
    assert refused == ""
    (opened,) = bench.told("session_opened")
    assert opened["role_ceiling_um"] == expected
    bench.zone("F.CHEEK.R")
    bench.until(State.READY)
    assert bench.snapshot.limit_um == min(expected, opened["zones"][0]["hard_cap_um"])


@pytest.mark.parametrize("ceiling_um", [-1, 1, 499, 1501, 99_999])
def test_a_ceiling_out_of_the_pens_range_is_refused(ceiling_um: int) -> None:
    assert ready(ceiling_um=ceiling_um)[1] == f"ceiling_um is {ceiling_um}, allowed is 500 to 1500"


def test_who_only_measures_opens_nothing() -> None:
    assert "role is 'technician', allowed are clinic_lead, practitioner, therapist" in ready(role="technician")[1]


def test_the_consent_gate_is_green_on_evidence_only() -> None:
    for consent, status in (("", "NOT RECORDED"), ("consent-1 signed 2026-11-21T09:30Z, event 2", "GREEN")):
        bench, refused = ready(consent=consent)
        assert refused == ""
        (opened,) = bench.told("session_opened")
        (gate,) = [gate for gate in opened["gates"] if gate["gate"] == "Consent"]
        assert gate["status"] == status
        assert consent in gate["detail"]
