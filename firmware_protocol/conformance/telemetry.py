"""Checks of STREAM, TELEMETRY, STATUS, EVENT and the reads (pen-link.md, "Messages" and "Retry, clock, telemetry"). Pure."""

from firmware_protocol import messages as m
from firmware_protocol.conformance.answers import Unfit
from firmware_protocol.conformance.check import Check, Finding, rule, same, within
from firmware_protocol.conformance.probe import PERIOD_US, Probe

TELEMETRY: list[Check] = []


def _span(probe: Probe, seconds: float) -> tuple[m.Telemetry, m.Telemetry, int]:
    """First and last sample of so long, and how many came. Raises Unfit where hardly any did."""
    probe.forget()
    probe.run(seconds)
    if len(probe.samples) < 3:
        raise Unfit("telemetry", f"{len(probe.samples)} samples in {seconds:g} s")
    return probe.samples[0], probe.samples[-1], len(probe.samples)


def _lost(first: m.Telemetry, last: m.Telemetry, count: int) -> int:
    """Gaps of the index minus what the pen says it never sent."""
    gaps = ((last.index - first.index) & 0xFFFFFFFF) + 1 - count
    return gaps - ((last.dropped - first.dropped) & 0xFFFF)


@rule(TELEMETRY)
def index_rises_by_one(probe: Probe) -> Finding:
    """Telemetry loses nothing unaccounted at 1 kHz: gaps of `index` are in `dropped`."""
    probe.fresh(plan=False)
    return same("0 unaccounted", f"{_lost(*_span(probe, 0.5))} unaccounted")


@rule(TELEMETRY)
def index_counts_time(probe: Probe) -> Finding:
    """`index` counts periods, not sends: with telemetry off for 100 ms it goes on as the pen's clock does."""
    probe.fresh(plan=False)
    before = probe.show()
    probe.must(m.OK, "STREAM off", probe.ask(m.STREAM, 0, 1))
    probe.run(0.1)
    probe.must(m.OK, "STREAM on", probe.ask(m.STREAM, PERIOD_US, 1))
    after = probe.show()
    periods = (after.index - before.index) & 0xFFFFFFFF
    clock = ((after.t_us - before.t_us) & 0xFFFFFFFF) / PERIOD_US
    return within(-2, 2, round(periods - clock, 1), "periods off the pen's clock")


@rule(TELEMETRY)
def period_is_kept(probe: Probe) -> Finding:
    """A sample each millisecond by the pen's own clock, within 1 %."""
    probe.fresh(plan=False)
    first, last, _ = _span(probe, 0.4)
    periods = (last.index - first.index) & 0xFFFFFFFF
    return within(990, 1010, ((last.t_us - first.t_us) & 0xFFFFFFFF) / max(1, periods), "us")


@rule(TELEMETRY)
def stream_off(probe: Probe) -> Finding:
    """STREAM with period 0 ends telemetry."""
    probe.fresh(plan=False)
    probe.must(m.OK, "STREAM off", probe.ask(m.STREAM, 0, 1))
    probe.settle()
    probe.forget()
    probe.run(0.05)
    return same("0 samples", f"{len(probe.samples)} samples")


@rule(TELEMETRY)
def stream_four_ms(probe: Probe) -> Finding:
    """STREAM sets the period: 4000 us are 4000 us."""
    probe.fresh(plan=False)
    probe.must(m.OK, "STREAM 4000 us", probe.ask(m.STREAM, 4000, 1))
    first, last, _ = _span(probe, 0.2)
    periods = (last.index - first.index) & 0xFFFFFFFF
    return within(3960, 4040, ((last.t_us - first.t_us) & 0xFFFFFFFF) / max(1, periods), "us a period")


@rule(TELEMETRY)
def stream_two_khz(probe: Probe) -> Finding:
    """STREAM of 500 us is 2 kHz without a loss, or refused: nothing between."""
    probe.fresh(plan=False)
    answer = probe.ask(m.STREAM, 500, 1)
    if answer.result in (m.DENIED, m.UNSUPPORTED):
        return Finding(True, "2 kHz, 0 unaccounted, or refused", f"refused {answer.word}")
    first, last, count = _span(probe, 0.3)
    lost, periods = _lost(first, last, count), (last.index - first.index) & 0xFFFFFFFF
    period_us = ((last.t_us - first.t_us) & 0xFFFFFFFF) / max(1, periods)
    sent = count / max(1, periods + 1)
    good = lost == 0 and 495 <= period_us <= 505 and sent > 0.9
    return Finding(
        good, "2 kHz, 0 unaccounted, or refused", f"period {period_us:.1f} us, {lost} unaccounted, {100 * sent:.0f} % sent"
    )


@rule(TELEMETRY)
def stream_batches(probe: Probe) -> Finding:
    """STREAM with batch 4: TELEMETRY_BATCH frames of four samples, none missing between them."""
    probe.fresh(plan=False)
    probe.must(m.OK, "STREAM with batch 4", probe.ask(m.STREAM, PERIOD_US, 4))
    first, last, count = _span(probe, 0.2)
    found = f"{sorted(set(probe.batches))} samples a frame, {_lost(first, last, count)} unaccounted"
    return same("[4] samples a frame, 0 unaccounted", found)


@rule(TELEMETRY)
def stream_only_in_idle(probe: Probe) -> Finding:
    """STREAM is refused while ARMED, and telemetry goes on as it was."""
    probe.armed()
    answer = probe.ask(m.STREAM, 0, 1)
    return same("BAD_STATE, ARMED", f"{answer.word}, {probe.state()}")


@rule(TELEMETRY)
def status_ten_times_a_second(probe: Probe) -> Finding:
    """STATUS comes ten times a second by the pen's own clock."""
    probe.fresh(plan=False)
    probe.forget()
    probe.until(lambda: len(probe.statuses) >= 8, 1.5)
    if len(probe.statuses) < 8 or not probe.samples:
        return same("8 STATUS within 1.5 s", f"{len(probe.statuses)} STATUS")
    counts = [min(before, len(probe.samples) - 1) for _, before in probe.statuses]
    passed_us = (probe.samples[counts[7]].t_us - probe.samples[counts[0]].t_us) & 0xFFFFFFFF
    return within(97, 103, passed_us / 7000, "ms apart")


@rule(TELEMETRY)
def status_get_agrees(probe: Probe) -> Finding:
    """STATUS_GET reads the fields of STATUS: what does not move is the same in both."""
    probe.fresh(plan=False)
    asked = probe.ask(m.STATUS_GET).fields
    probe.forget()
    probe.until(lambda: bool(probe.statuses), 0.5)
    if asked is None or not probe.statuses:
        return same("STATUS_GET answered and STATUS heard", "one of them is missing")
    still = ("zone", "depth_limit_um", "depth_um", "speed_rpm", "arm_token", "refusal", "refused", "fault_bits")
    differ = [name for name in still if getattr(asked, name) != getattr(probe.statuses[-1][0], name)]
    return same("nothing differs", f"{', '.join(differ)} differ" if differ else "nothing differs")


@rule(TELEMETRY)
def event_for_each_change(probe: Probe) -> Finding:
    """Every change of state is told by an EVENT, numbered one after the other."""
    probe.armed()
    probe.ask(m.STOP, m.STOP_OPERATOR)
    probe.show()
    states = [m.STATES[event.state] for event in probe.events]
    numbers = [event.log_index - probe.events[0].log_index for event in probe.events]
    return same("ARMED, IDLE numbered [0, 1]", f"{', '.join(states)} numbered {numbers}")


@rule(TELEMETRY)
def cartridge_told_alike(probe: Probe) -> Finding:
    """CARTRIDGE_GET is answered and agrees with telemetry's cartridge flag."""
    probe.fresh(plan=False)
    answer = probe.ask(m.CARTRIDGE_GET)
    flag = bool(probe.show().flags & m.FLAG_CARTRIDGE)
    if answer.fields is None:
        return same("OK", answer.word)
    return same(f"present {flag}", f"present {bool(answer.fields.present)}")


@rule(TELEMETRY)
def idle_is_off_and_home(probe: Probe) -> Finding:
    """In IDLE the motor is unpowered, the needles are home, the reach is 0."""
    probe.fresh(plan=False)
    sample = probe.show()
    powered, home = bool(sample.flags & m.FLAG_MOTOR_POWERED), bool(sample.flags & m.FLAG_NEEDLES_HOME)
    return same("powered False, home True, reach 0 um", f"powered {powered}, home {home}, reach {sample.depth_um} um")


@rule(TELEMETRY)
def simulated_bit_honest(probe: Probe) -> Finding:
    """Only a pen that says it is simulated takes SIMULATE; hardware answers UNSUPPORTED."""
    hello = probe.greet()
    simulated = bool(hello.capabilities & m.CAPABILITY_SIMULATED)
    answer = probe.ask(m.SIMULATE, 0, 0)
    good = answer.result == m.UNSUPPORTED or (simulated and answer.result in (m.OK, m.DENIED))
    expected = "OK, DENIED or UNSUPPORTED" if simulated else "UNSUPPORTED"
    return Finding(good, expected, f"{answer.word} from a pen that says simulated {simulated}")


@rule(TELEMETRY)
def link_fall_latches(probe: Probe) -> Finding:
    """DTR, HUP or TCP falling while ARMED latches FAULT LINK."""
    probe.armed()
    probe.line.reopen()
    hello = probe.greet()
    fault = m.FAULTS[hello.fault] if hello.fault < len(m.FAULTS) else str(hello.fault)
    return same("FAULT LINK", f"{m.STATES[hello.state]} {fault}")
