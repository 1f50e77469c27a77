"""The judge of single samples: what it says in words, and each comparison at exactly its figure."""

import pytest

from firmware_protocol import messages
from pencontrol.control.supervisor import MS, Finding, Supervisor, judge_status
from tests.pencontrol.test_supervisor import GOOD, judge, running, sample


def findings(supervisor: Supervisor, ms: float, limit_um: int = 1000, **changes: int) -> list[Finding]:
    return supervisor.judge(sample(**changes), round(ms * MS), limit_um)


def changed(depth_um: int, speed_rpm: int = 7000) -> Supervisor:
    """A run that was asked for something else at 1 s."""
    supervisor = running()
    supervisor.accepted(1000 * MS, depth_um, speed_rpm)
    return supervisor


def said(supervisor: Supervisor, ms: float, **changes: int) -> set[tuple[str, str]]:
    return {(finding.alarm, finding.detail) for finding in findings(supervisor, ms, **changes)}


def test_every_finding_says_the_figures_that_a_person_needs() -> None:
    assert said(running(), 101, flags=GOOD & ~messages.FLAG_CARTRIDGE) == {("CARTRIDGE_OUT", "the pen reports no cartridge")}
    assert said(running(), 101, flags=GOOD & ~messages.FLAG_DEPTH_VALID) == {
        ("DEPTH_INVALID", "reading 750 um, valid flag False")
    }
    assert said(running(), 101, depth_um=3001) == {("DEPTH_INVALID", "reading 3001 um, valid flag True")}
    assert said(running(), 101, depth_um=1234) == {("DEPTH_OVER_LIMIT", "1.234 mm, limit 1.00 mm")}
    over = changed(600)
    assert said(over, 1100, depth_um=600) == set()
    assert said(over, 1300, depth_um=1001) == {("DEPTH_OVER_ASKED", "1.001 mm, asked 0.60 mm")}
    stuck = changed(900)
    assert said(stuck, 1299, depth_um=0) == set()
    assert said(stuck, 1300, depth_um=0) == {("DEPTH_FROZEN", "moved 0 um in 300 ms, asked 150 um")}
    short = changed(900)
    assert said(short, 1100, depth_um=760) == set()
    assert said(short, 1300, depth_um=811) == {("NOT_REACHED", "0.811 mm, asked 0.90 mm")}
    assert judge_status(601) == [Finding("OVERTEMPERATURE", "60.1 degC, allowed is 60 degC")]


def test_current_and_stall_say_the_figures_too() -> None:
    over = running()
    findings(over, 200, current_ma=1201)
    assert said(over, 220, current_ma=1234) == {("OVERCURRENT", "1234 mA, allowed is 1200 mA")}
    still = running()
    findings(still, 2000, speed_rpm=1749, current_ma=600)
    assert ("STALL", "1700 rpm at 650 mA") in said(still, 2200, speed_rpm=1700, current_ma=650)


def test_exactly_a_quarter_of_the_speed_is_no_stall() -> None:
    supervisor = running()
    findings(supervisor, 2000, speed_rpm=1750, current_ma=600)
    assert "STALL" not in judge(supervisor, 2300, speed_rpm=1750, current_ma=600)


def test_exactly_3_mm_is_a_reading() -> None:
    assert "DEPTH_INVALID" not in judge(running(), 101, depth_um=3000)


def test_before_the_motor_has_spun_up_the_depth_asked_for_is_not_judged() -> None:
    supervisor = Supervisor(0, 600, 7000)
    assert judge(supervisor, 400, speed_rpm=0, depth_um=900) == set()
    assert judge(supervisor, 800, speed_rpm=5599, depth_um=900) == set()


def test_needles_that_stay_where_they_are_after_spin_up_are_frozen_wherever_that_is() -> None:
    for depth_um in (0, 400):
        supervisor = Supervisor(0, 750, 7000)
        assert judge(supervisor, 100, depth_um=depth_um) == set()
        assert said(supervisor, 400, depth_um=depth_um) == {("DEPTH_FROZEN", "moved 0 um in 300 ms, asked 750 um")}


def test_reached_needs_the_speed_within_a_tenth_and_a_tenth_is_within() -> None:
    supervisor = Supervisor(0, 750, 7000)
    judge(supervisor, 100, speed_rpm=6299)
    assert not supervisor.reached
    judge(supervisor, 101, speed_rpm=6300)
    assert supervisor.reached
    supervisor.accepted(200 * MS, 750, 8000)
    judge(supervisor, 201, speed_rpm=7000)
    assert not supervisor.reached
    judge(supervisor, 202, speed_rpm=7200)
    assert supervisor.reached


def test_a_fifth_off_is_spun_up_and_not_far_off() -> None:
    supervisor = Supervisor(0, 600, 7000)
    judge(supervisor, 100, speed_rpm=5600, depth_um=600)
    assert "DEPTH_OVER_ASKED" in judge(supervisor, 400, speed_rpm=5600, depth_um=751)
    steady = running()
    for ms in range(2000, 2900, 100):
        assert judge(steady, ms, speed_rpm=5600) == set()
    off = running()
    judge(off, 2000, speed_rpm=5599)
    assert judge(off, 2200, speed_rpm=5599) == {"SPEED_OFF"}


@pytest.mark.parametrize("missing", [messages.FLAG_CARTRIDGE, messages.FLAG_DEPTH_VALID])
def test_a_calm_run_notices_a_flag_that_falls_alone(missing: int) -> None:
    """Whatever else the pen says in its flags, and if it says nothing else."""
    needed = messages.FLAG_CARTRIDGE | messages.FLAG_DEPTH_VALID | messages.FLAG_SPEED_VALID
    for flags in (GOOD & ~missing, needed & ~missing, 0):
        supervisor = running()
        assert findings(supervisor, 101) == []
        assert findings(supervisor, 102, flags=flags)


def test_speed_findings_say_the_speeds_and_limits_are_told_to_the_hundredth() -> None:
    off = running()
    findings(off, 2000, speed_rpm=5500)
    assert ("SPEED_OFF", "5500 rpm, asked 7000 rpm") in said(off, 2200, speed_rpm=5500)
    deep = Supervisor(0, 1500, 7000)
    findings(deep, 100, depth_um=1500, limit_um=1500)
    assert {each.detail for each in findings(deep, 500, depth_um=1651, limit_um=1500)} == {
        "1.651 mm, limit 1.50 mm",
        "1.651 mm, asked 1.50 mm",
    }
    short = Supervisor(0, 1500, 7000)
    for ms in (100, 200):
        findings(short, ms, depth_um=ms * 5, limit_um=1500)
    assert said(short, 400, depth_um=1000, limit_um=1500) == {("NOT_REACHED", "1.000 mm, asked 1.50 mm")}


def test_settings_between_the_hundredths_are_told_rounded() -> None:
    over = Supervisor(0, 1436, 7000)
    findings(over, 100, depth_um=1436, limit_um=1436)
    assert {each.detail for each in findings(over, 500, depth_um=1651, limit_um=1436)} == {
        "1.651 mm, limit 1.44 mm",
        "1.651 mm, asked 1.44 mm",
    }
    short = Supervisor(0, 1436, 7000)
    for ms in (100, 200):
        findings(short, ms, depth_um=ms * 5, limit_um=1500)
    assert said(short, 400, depth_um=1000, limit_um=1500) == {("NOT_REACHED", "1.000 mm, asked 1.44 mm")}


def test_nothing_is_reached_before_a_sample_showed_it() -> None:
    supervisor = Supervisor(0, 750, 7000)
    assert supervisor.reached is False
    findings(supervisor, 99, speed_rpm=6000)  # spun up and deep enough, but a seventh too slow
    assert supervisor.reached is False
    findings(supervisor, 100)
    assert supervisor.reached is True
    supervisor.accepted(200 * MS, 750, 8000)
    assert supervisor.reached is False


def test_a_speed_that_is_taken_and_not_reached_says_both() -> None:
    supervisor = changed(750, 8000)
    findings(supervisor, 1100)
    assert ("NOT_REACHED", "7000 rpm, asked 8000 rpm") in said(supervisor, 1500)


def test_the_windows_are_counted_from_the_start_not_from_zero() -> None:
    supervisor = Supervisor(5000 * MS, 750, 7000)
    judge(supervisor, 5100)
    judge(supervisor, 5200, speed_rpm=5000)
    assert "SPEED_OFF" not in judge(supervisor, 6499, speed_rpm=5000)
    assert "SPEED_OFF" in judge(supervisor, 6500, speed_rpm=5000)


def test_a_tenth_off_for_long_is_no_drift() -> None:
    supervisor = running()
    for ms in range(2000, 4000, 100):
        assert judge(supervisor, ms, speed_rpm=6300) == set()
