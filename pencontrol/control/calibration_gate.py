"""What the pen's own calibration allows, and how the record says it. Pure."""

from datetime import date, timedelta

from firmware_protocol import messages
from pencontrol.control.identity import EPOCH
from pencontrol.control.pen_line import PenLine
from pencontrol.limits import Calibration
from sessions.events import GateState

DUE_SOON = timedelta(days=14)


def calibration_of(line: PenLine, today: date) -> Calibration:
    """For `decide()`: without a word of the pen its own check at ARM is the only one."""
    status = line.calibration_status
    if not status:
        return Calibration.NOT_RECORDED
    if status != "PASS":
        return Calibration.FAILED
    until = valid_until(line)
    if until is None:
        return Calibration.NOT_RECORDED
    return Calibration.PASS if today <= until else Calibration.OVERDUE


def valid_until(line: PenLine) -> date | None:
    """The certificate's last day; None for one without an end, which only a simulated pen should carry."""
    days = line.calibration_until_days
    return None if days == messages.DAYS_WITHOUT_END else EPOCH + timedelta(days=days)


def due_soon(line: PenLine, today: date) -> str:
    """In words, when the certificate ends within 14 days; else empty."""
    until = valid_until(line)
    if calibration_of(line, today) is not Calibration.PASS or until is None or until - today > DUE_SOON:
        return ""
    return f"certificate {line.calibration_certificate} ends on {until.isoformat()}"


def calibration_gate(line: PenLine, today: date) -> GateState:
    """GREEN on a certificate in date; RED on none, a locked or an ended one; NOT RECORDED where there is no end to judge."""
    state = calibration_of(line, today)
    name = f"certificate {line.calibration_certificate}" if line.calibration_certificate else "certificate without a name"
    until = valid_until(line)
    if state is Calibration.PASS and until is not None:
        return GateState(gate="Calibration", status="GREEN", detail=f"{name}, valid until {until.isoformat()}")
    if state is Calibration.OVERDUE and until is not None:
        return GateState(gate="Calibration", status="RED", detail=f"{name} ended on {until.isoformat()}")
    if state is Calibration.FAILED:
        words = "the last calibration locked the pen" if line.calibration_status == "LOCKED" else "the pen holds no calibration"
        return GateState(gate="Calibration", status="RED", detail=words)
    detail = f"{name} has no end" if line.calibration_status else "the pen does not tell its calibration"
    return GateState(gate="Calibration", status="NOT RECORDED", detail=detail)
