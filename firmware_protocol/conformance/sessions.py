"""Checks of HELLO, sessions, the reply cache and SYNC (pen-link.md, "Messages" and "Retry, clock, telemetry"). Pure."""

import itertools

from firmware_protocol import messages as m
from firmware_protocol.conformance.check import Check, Finding, rule, same, within
from firmware_protocol.conformance.driving import refusal
from firmware_protocol.conformance.probe import PERIOD_US, Probe
from firmware_protocol.frame import FLAG_REPLY_WANTED, FLAG_RETRY, MAJOR

SESSIONS: list[Check] = []

REPEAT = FLAG_REPLY_WANTED | FLAG_RETRY
FLOWS, NO_MORE = "telemetry flows", "no telemetry"


def _flow(probe: Probe) -> str:
    """Does telemetry still come? By new samples within 100 ms."""
    probe.settle()
    count = len(probe.samples) + 3
    return FLOWS if probe.until(lambda: len(probe.samples) >= count, 0.1) else NO_MORE


@rule(SESSIONS)
def hello_fields(probe: Probe) -> Finding:
    """HELLO's reply: major 1, a session that is not 0, at least 64 bytes of room, a state, a serial number."""
    hello = probe.greet()
    good = hello.major == MAJOR and probe.session != 0 and hello.rx_max >= 64 and hello.state < len(m.STATES)
    good = good and hello.fault < len(m.FAULTS) and hello.reset_cause < len(m.RESET_CAUSES) and bool(hello.serial.strip(b"\0 "))
    found = f"major {hello.major}, session {probe.session}, room {hello.rx_max}, state {hello.state}, serial {hello.serial!r}"
    return Finding(good, "major 1, session not 0, room at least 64, a known state, a serial number", found)


@rule(SESSIONS)
def hello_equal_nonce_repeats(probe: Probe) -> Finding:
    """HELLO with the same nonce gives the same reply and does nothing: same session, plan kept."""
    probe.fresh()
    one = probe.ask(m.HELLO, MAJOR, m.MINOR, probe.nonce, 0).frame
    two = probe.ask(m.HELLO, MAJOR, m.MINOR, probe.nonce, 0).frame
    equal = one is not None and two is not None and (one.session, one.payload) == (two.session, two.payload)
    kept = one is not None and one.session == probe.session
    expected = "equal replies, session kept, ARM OK"
    return same(
        expected,
        f"{'equal' if equal else 'other'} replies, session {'kept' if kept else 'changed'}, ARM {probe.arm().word}",
    )


@rule(SESSIONS)
def hello_new_nonce_new_session(probe: Probe) -> Finding:
    """HELLO with another nonce opens another session."""
    probe.greet()
    old = probe.session
    probe.greet()
    return same("another session", "another session" if probe.session != old else "the same session")


@rule(SESSIONS)
def hello_disarms(probe: Probe) -> Finding:
    """HELLO ends ARMED, and the old token is void."""
    probe.armed()
    hello = probe.greet()
    state = m.STATES[hello.state] if hello.state < len(m.STATES) else str(hello.state)
    return same("IDLE, DRIVE refused NOT_ARMED", f"{state}, DRIVE refused {refusal(probe)}")


@rule(SESSIONS)
def hello_clears_plan(probe: Probe) -> Finding:
    """HELLO clears the plan: ARM is then refused."""
    probe.fresh()
    probe.greet()
    return same("DENIED", probe.arm().word)


@rule(SESSIONS)
def hello_other_major_refused(probe: Probe) -> Finding:
    """HELLO of a host of another major is answered BAD_VERSION."""
    probe.greet()
    return same("BAD_VERSION", probe.ask(m.HELLO, MAJOR + 1, 0, probe.nonce + 77 & 0xFFFFFFFF, 0).word)


@rule(SESSIONS)
def hello_keeps_fault(probe: Probe) -> Finding:
    """A latched fault outlives HELLO."""
    probe.fresh(plan=False)
    probe.ask(m.STOP, m.STOP_EMERGENCY)
    hello = probe.greet()
    return same("FAULT EMERGENCY", probe.state() if hello.fault else "no fault in HELLO's reply")


@rule(SESSIONS)
def boot_id_stays(probe: Probe) -> Finding:
    """boot_id is the same as long as the pen runs."""
    one, two = probe.greet().boot_id, probe.greet().boot_id
    return same(f"{one:08x}", f"{two:08x}")


@rule(SESSIONS)
def wrong_session_no_effect(probe: Probe) -> Finding:
    """A request of another session does nothing: BAD_SESSION or no reply."""
    probe.fresh(plan=False)
    other = probe.session % 255 + 1
    answer = probe.provoke(probe.frame(m.STREAM, 0, 1, session=other), m.STREAM)
    word = answer.word if answer.result not in (m.BAD_SESSION, -1) else "refused"
    return same(f"refused, {FLOWS}", f"{word}, {_flow(probe)}")


@rule(SESSIONS)
def session_zero_no_effect(probe: Probe) -> Finding:
    """Once there is a session, a request of session 0 does nothing."""
    probe.armed()
    answer = probe.provoke(probe.frame(m.DISARM, session=0), m.DISARM)
    word = answer.word if answer.result not in (m.BAD_SESSION, -1) else "refused"
    return same("refused, ARMED", f"{word}, {probe.state()}")


@rule(SESSIONS)
def repeat_answered_from_cache(probe: Probe) -> Finding:
    """A repeat (same session, sequence and type) gets the first reply again: the same token, byte for byte."""
    probe.fresh()
    first = probe.arm().frame
    sequence = probe.sequence
    again = probe.arm(sequence=sequence, flags=REPEAT).frame
    if first is None or again is None:
        return same("two replies", "a reply is missing")
    return same(first.payload.hex(), again.payload.hex())


@rule(SESSIONS)
def repeat_not_executed(probe: Probe) -> Finding:
    """A late repeat does not act again: telemetry switched off, on, and 'off' repeated still flows."""
    probe.fresh(plan=False)
    probe.must(m.OK, "STREAM off", probe.ask(m.STREAM, 0, 1))
    sequence = probe.sequence
    probe.must(m.OK, "STREAM on", probe.ask(m.STREAM, PERIOD_US, 1))
    probe.provoke(probe.frame(m.STREAM, 0, 1, sequence=sequence, flags=REPEAT), m.STREAM, sequence)
    return same(FLOWS, _flow(probe))


@rule(SESSIONS)
def old_sequence_not_executed(probe: Probe) -> Finding:
    """A request whose sequence is older than the newest, and that no reply is kept for, does nothing."""
    probe.fresh(plan=False)
    old = probe.sequence - 300 & 0xFFFF
    probe.provoke(probe.frame(m.STREAM, 0, 1, sequence=old), m.STREAM, old)
    return same(FLOWS, _flow(probe))


@rule(SESSIONS)
def sequence_wraps(probe: Probe) -> Finding:
    """Sequences are serial numbers: 0 follows 65535."""
    probe.sequence = 65_532
    probe.greet()
    words = {probe.ask(m.SYNC, number).word for number in range(6)}
    return same("OK for 6 of 6 across the wrap", f"{'OK for 6 of 6' if words == {'OK'} else sorted(words)} across the wrap")


@rule(SESSIONS)
def sync_echoes(probe: Probe) -> Finding:
    """SYNC gives host_us back, all 64 bits of it."""
    probe.greet()
    sent = 0xFEDC_BA98_7654_3210
    answer = probe.ask(m.SYNC, sent)
    return same(f"{sent:016x}", f"{answer.fields.host_us:016x}" if answer.fields else answer.word)


@rule(SESSIONS)
def sync_times_in_order(probe: Probe) -> Finding:
    """SYNC: sent not before received, within 20 ms, and each round after the last."""
    probe.greet()
    times = []
    for number in range(10):
        fields = probe.ask(m.SYNC, number).fields
        if fields is None:
            return same("10 rounds answered", f"{number} rounds answered")
        times += [fields.pen_rx_us, fields.pen_tx_us]
        probe.run(0.002)
    steps = [(after - before) & 0xFFFFFFFF for before, after in itertools.pairwise(times)]
    ordered = all(step < 0x80000000 for step in steps) and all(steps[1::2])
    quick = max(steps[0::2]) <= 20_000
    return Finding(ordered and quick, "in order, answered within 20000 us", f"steps of {min(steps)} to {max(steps)} us")


@rule(SESSIONS)
def sync_keeps_time(probe: Probe) -> Finding:
    """The pen's microseconds are microseconds: over 0.5 s they agree with the host's within 4 % (its own jitter included)."""
    probe.greet()
    first = probe.ask(m.SYNC, 0)
    start_s = probe.line.now_s()
    probe.run(0.5)
    second = probe.ask(m.SYNC, 0)
    host_us = (probe.line.now_s() - start_s) * 1e6
    if first.fields is None or second.fields is None:
        return same("two replies", f"{first.word}, {second.word}")
    pen_us = (second.fields.pen_rx_us - first.fields.pen_rx_us) & 0xFFFFFFFF
    return within(-4, 4, round(100 * (pen_us - host_us) / host_us, 2), "%")


@rule(SESSIONS)
def sync_and_telemetry_one_clock(probe: Probe) -> Finding:
    """SYNC and telemetry tell the same clock: a sample heard around a SYNC lies within 50 ms of it."""
    probe.fresh(plan=False)
    fields = probe.ask(m.SYNC, 0).fields
    if fields is None:
        return same("SYNC answered", "no reply")
    apart_us = (probe.show().t_us - fields.pen_tx_us) & 0xFFFFFFFF
    return within(-50, 50, (apart_us - (1 << 32) if apart_us >= 1 << 31 else apart_us) / 1000, "ms")
