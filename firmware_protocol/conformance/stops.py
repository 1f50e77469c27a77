"""Checks of STOP, EMERGENCY and CLEAR_FAULT (pen-link.md, "Two kinds of traffic" and "Messages"). Pure."""

from firmware_protocol import messages as m
from firmware_protocol.conformance.check import Check, Finding, rule, same
from firmware_protocol.conformance.driving import refusal, running
from firmware_protocol.conformance.probe import PLAN_CRC, Probe

STOPS: list[Check] = []

LATENCY_MS = 5.0
SERIES, STOPS_A_SERIES = 3, 60


def _stop(probe: Probe, reason: int = m.STOP_OPERATOR, **how: int) -> str:
    """STOP's result and the state after it."""
    return f"{probe.ask(m.STOP, reason, **how).word}, {probe.state()}"


@rule(STOPS)
def stop_in_idle(probe: Probe) -> Finding:
    """STOP in IDLE is answered and changes nothing."""
    probe.fresh()
    return same("OK, IDLE", _stop(probe))


@rule(STOPS)
def stop_in_armed(probe: Probe) -> Finding:
    """STOP in ARMED: IDLE, and the token is void."""
    probe.armed()
    return same("OK, IDLE, then NOT_ARMED", f"{_stop(probe)}, then {refusal(probe)}")


@rule(STOPS, motor=True)
def stop_in_running(probe: Probe) -> Finding:
    """STOP in RUNNING acts before it answers: in the first sample after the reply the motor is off."""
    running(probe, needles_out=False)
    probe.ask(m.STOP, m.STOP_OPERATOR)
    count = len(probe.samples)
    probe.until(lambda: len(probe.samples) > count, 1.0)
    flags = probe.samples[-1].flags if len(probe.samples) > count else m.FLAG_MOTOR_POWERED
    return same("powered False, IDLE", f"powered {bool(flags & m.FLAG_MOTOR_POWERED)}, {probe.state()}")


@rule(STOPS)
def stop_in_fault(probe: Probe) -> Finding:
    """STOP in FAULT is answered, and the fault stays."""
    probe.fresh()
    probe.ask(m.STOP, m.STOP_EMERGENCY)
    return same("OK, FAULT EMERGENCY", _stop(probe))


@rule(STOPS)
def stop_any_session(probe: Probe) -> Finding:
    """STOP works in any session: another one, and 0."""
    found = []
    for session in (None, 0):
        probe.armed()
        found.append(_stop(probe, session=probe.session % 255 + 1 if session is None else session))
    return same("OK, IDLE; OK, IDLE", "; ".join(found))


@rule(STOPS)
def stop_any_sequence(probe: Probe) -> Finding:
    """STOP works with any sequence, however old."""
    probe.armed()
    return same("OK, IDLE", _stop(probe, sequence=probe.sequence - 1000 & 0xFFFF))


@rule(STOPS)
def stop_on_its_own_sequence_again(probe: Probe) -> Finding:
    """A STOP with the sequence of an earlier STOP acts again: it is never answered from the cache."""
    probe.armed()
    _stop(probe)
    sequence = probe.sequence - 1 & 0xFFFF
    probe.must(m.OK, "ARM", probe.arm())
    return same("OK, IDLE", _stop(probe, sequence=sequence))


@rule(STOPS)
def stop_on_cached_sequence(probe: Probe) -> Finding:
    """A STOP with the sequence of a request that was answered (the ARM itself) acts."""
    probe.armed()
    return same("OK, IDLE", _stop(probe, sequence=probe.sequence))


@rule(STOPS)
def stop_any_reason(probe: Probe) -> Finding:
    """STOP with a reason the pen does not know stops all the same."""
    probe.armed()
    return same("OK, IDLE", _stop(probe, 200))


@rule(STOPS)
def arm_before_stop_is_void(probe: Probe) -> Finding:
    """An ARM that was sent before a STOP and comes after it does not arm."""
    probe.fresh()
    arm = probe.frame(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, probe.boot_id)
    stop = probe.frame(m.STOP, m.STOP_OPERATOR)
    probe.line.write(stop + arm)
    return same("IDLE", probe.state())


@rule(STOPS)
def arm_repeated_after_stop_is_void(probe: Probe) -> Finding:
    """The repeat of an ARM that was done before a STOP does not arm, and gives no token."""
    probe.armed()
    sequence = probe.sequence
    probe.ask(m.STOP, m.STOP_OPERATOR)
    wire = probe.frame(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, probe.boot_id, sequence=sequence, flags=3)
    answer = probe.provoke(wire, m.ARM, sequence)
    return same("no token, IDLE", f"{'a token' if answer.result == m.OK else 'no token'}, {probe.state()}")


@rule(STOPS)
def operator_stop_does_not_latch(probe: Probe) -> Finding:
    """After STOP by OPERATOR or PAUSE a new ARM is all it takes."""
    words = []
    for reason in (m.STOP_OPERATOR, m.STOP_PAUSE):
        probe.armed()
        _stop(probe, reason)
        words.append(probe.arm().word)
    return same("OK, OK", ", ".join(words))


@rule(STOPS)
def emergency_latches(probe: Probe) -> Finding:
    """STOP by EMERGENCY latches a fault, and says so in telemetry."""
    probe.armed()
    return same("OK, FAULT EMERGENCY", _stop(probe, m.STOP_EMERGENCY))


@rule(STOPS)
def clear_fault_must_name_it(probe: Probe) -> Finding:
    """CLEAR_FAULT with another fault's name clears nothing; with the right one the pen is in IDLE."""
    probe.fresh()
    probe.ask(m.STOP, m.STOP_EMERGENCY)
    wrong = probe.ask(m.CLEAR_FAULT, m.FAULT_LINK, probe.boot_id)
    still = probe.state()
    right = probe.ask(m.CLEAR_FAULT, m.FAULT_EMERGENCY, probe.boot_id)
    expected = "refused, FAULT EMERGENCY, then OK, IDLE"
    refused = "refused" if wrong.result not in (m.OK, -1) else wrong.word
    return same(expected, f"{refused}, {still}, then {right.word}, {probe.state()}")


@rule(STOPS)
def clear_fault_needs_boot_id(probe: Probe) -> Finding:
    """CLEAR_FAULT with another boot_id clears nothing."""
    probe.fresh()
    probe.ask(m.STOP, m.STOP_EMERGENCY)
    answer = probe.ask(m.CLEAR_FAULT, m.FAULT_EMERGENCY, probe.boot_id ^ 1)
    return same("refused, FAULT EMERGENCY", f"{'refused' if answer.result not in (m.OK, -1) else answer.word}, {probe.state()}")


@rule(STOPS)
def clear_fault_without_fault(probe: Probe) -> Finding:
    """CLEAR_FAULT where none is latched is refused."""
    probe.fresh()
    answer = probe.ask(m.CLEAR_FAULT, m.FAULT_NONE, probe.boot_id)
    return same("refused, IDLE", f"{'refused' if answer.result not in (m.OK, -1) else answer.word}, {probe.state()}")


@rule(STOPS)
def stop_latency(probe: Probe) -> Finding:
    """STOP to reply at 1 kHz telemetry: 99 of 100 within 5 ms; the best of three series, for the host's own delays are in it."""
    probe.fresh(plan=False)
    best = float("inf")
    for _ in range(SERIES):
        took: list[float] = []
        for _ in range(STOPS_A_SERIES):
            start_s = probe.line.now_s()
            answer = probe.ask(m.STOP, m.STOP_OPERATOR)
            took.append((probe.line.now_s() - start_s) * 1000 if answer.result == m.OK else float("inf"))
            probe.run(0.003)
        best = min(best, sorted(took)[len(took) * 99 // 100])
        if best < LATENCY_MS:
            break
    return Finding(best < LATENCY_MS, f"p99 under {LATENCY_MS:g} ms", f"p99 {best:.2f} ms")
