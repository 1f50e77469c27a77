"""The pen's certificate: what it allows, how the gate says it, and that the pen is told the date."""

from datetime import timedelta

import pytest

from firmware_protocol import messages
from pencontrol.control.calibration_gate import calibration_gate, calibration_of, due_soon
from pencontrol.control.identity import EPOCH, days_since_epoch
from pencontrol.control.snapshot import State
from pencontrol.limits import Calibration
from tests.pencontrol.bench import UTC_NS, Bench

TODAY_DAYS = days_since_epoch(UTC_NS)
TODAY = EPOCH + timedelta(days=TODAY_DAYS)


def connected() -> Bench:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(300)
    return bench


def test_the_pen_is_told_the_date_and_tells_its_certificate() -> None:
    bench = connected()
    line = bench.station.line
    assert line is not None
    assert line.today_days == TODAY_DAYS > 2500
    assert line.calibration_status == "PASS"
    assert bench.device.pen.service._today_days == TODAY_DAYS


@pytest.mark.parametrize(
    ("status", "until", "state", "gate"),
    [
        ("", 0, Calibration.NOT_RECORDED, "NOT RECORDED"),
        ("NONE", 0, Calibration.FAILED, "RED"),
        ("LOCKED", TODAY_DAYS + 99, Calibration.FAILED, "RED"),
        ("PASS", TODAY_DAYS - 1, Calibration.OVERDUE, "RED"),
        ("PASS", TODAY_DAYS, Calibration.PASS, "GREEN"),
        ("PASS", messages.DAYS_WITHOUT_END, Calibration.NOT_RECORDED, "NOT RECORDED"),
    ],
)
def test_the_gate_is_green_only_on_a_certificate_in_date(status: str, until: int, state: Calibration, gate: str) -> None:
    bench = connected()
    line = bench.station.line
    assert line is not None
    line.calibration_status, line.calibration_until_days, line.calibration_certificate = status, until, "K-7"
    assert calibration_of(line, TODAY) is state
    assert calibration_gate(line, TODAY).status == gate
    assert bool(due_soon(line, TODAY)) is (gate == "GREEN")
    assert bench.open() == ""
    bench.zone("F.CHIN")
    bench.until(State.READY)
    assert (bench.start() == "") is (gate != "RED")
    assert ("CALIBRATION_OVERDUE" in bench.alarms) is (gate == "RED")
    assert ("CALIBRATION_DUE" in bench.alarms) is (gate == "GREEN")


def test_a_certificate_of_a_month_is_not_due() -> None:
    bench = connected()
    line = bench.station.line
    assert line is not None
    line.calibration_status = "PASS"
    for days, due in ((14, True), (15, False)):
        line.calibration_until_days = TODAY_DAYS + days
        assert bool(due_soon(line, TODAY)) is due


def test_decide_gives_nothing_while_the_certificate_does_not_hold() -> None:
    bench = connected()
    bench.open()
    bench.zone("F.CHIN")
    bench.until(State.READY)
    assert bench.start() == ""
    bench.until(State.RUNNING)
    bench.run(300)
    line = bench.station.line
    assert line is not None
    line.calibration_status = "LOCKED"
    bench.run(120)
    assert bench.safe
    assert any(told["alarm"] == "NO_AUTHORITY" for told in bench.told("alarm_raised"))
