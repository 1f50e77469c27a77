"""Checks of the plan, of ARM's preconditions and of what ends ARMED (pen-link.md, "Messages" 03, 04, 0A-0B). Pure."""

from firmware_protocol import messages as m
from firmware_protocol.conformance.check import Check, Finding, rule, same, within
from firmware_protocol.conformance.driving import ms_to_state, refusal, running
from firmware_protocol.conformance.probe import PERIOD_US, PLAN, PLAN_CRC, Probe

ARMING: list[Check] = []

ENTRIES_A_FRAME = 15


def _stays(probe: Probe, result: str, word: str) -> Finding:
    """ARM was answered so, and the pen is still in IDLE."""
    return same(f"{result}, IDLE", f"{word}, {probe.state()}")


@rule(ARMING)
def plan_wrong_crc_refused(probe: Probe) -> Finding:
    """PLAN_COMMIT with another CRC is answered BAD_CRC, and the plan is not in force."""
    probe.fresh(plan=False)
    probe.must(m.OK, "PLAN_WRITE", probe.ask(m.PLAN_WRITE, 0, PLAN))
    answer = probe.ask(m.PLAN_COMMIT, PLAN_CRC ^ 1)
    return same("BAD_CRC, ARM DENIED", f"{answer.word}, ARM {probe.arm().word}")


@rule(ARMING)
def plan_in_force_after_commit_only(probe: Probe) -> Finding:
    """A plan that was written and not committed does not arm."""
    probe.fresh(plan=False)
    probe.must(m.OK, "PLAN_WRITE", probe.ask(m.PLAN_WRITE, 0, PLAN))
    return _stays(probe, "DENIED", probe.arm().word)


@rule(ARMING)
def plan_limit_range(probe: Probe) -> Finding:
    """A limit outside 500 to 1500 um is refused, not cut."""
    probe.fresh(plan=False)
    words = [probe.ask(m.PLAN_WRITE, 0, ((3, limit_um),)).word for limit_um in (499, 1501)]
    return same("DENIED, DENIED", ", ".join(words))


@rule(ARMING)
def plan_gap_refused(probe: Probe) -> Finding:
    """PLAN_WRITE past what was written leaves a gap: refused."""
    probe.fresh(plan=False)
    probe.must(m.OK, "PLAN_WRITE", probe.ask(m.PLAN_WRITE, 0, PLAN))
    return same("DENIED", probe.ask(m.PLAN_WRITE, len(PLAN) + 1, ((9, 700),)).word)


@rule(ARMING)
def plan_of_64_zones(probe: Probe) -> Finding:
    """A plan has up to 64 zones, in several frames, by offset."""
    probe.fresh(plan=False)
    entries = tuple((zone, 500 + 10 * zone) for zone in range(m.PLAN_MAX_ZONES))
    words = set()
    for offset in range(0, len(entries), ENTRIES_A_FRAME):
        words.add(probe.ask(m.PLAN_WRITE, offset, entries[offset : offset + ENTRIES_A_FRAME]).word)
    words.add(probe.ask(m.PLAN_COMMIT, m.plan_crc(entries)).word)
    return same("OK", ", ".join(sorted(words)))


@rule(ARMING)
def plan_repeat_harmless(probe: Probe) -> Finding:
    """The same PLAN_WRITE twice stages the same plan."""
    probe.fresh(plan=False)
    words = [probe.ask(m.PLAN_WRITE, offset, (entry,)).word for offset, entry in ((0, PLAN[0]), (1, PLAN[1]), (1, PLAN[1]))]
    return same("OK, OK, OK, commit OK", f"{', '.join(words)}, commit {probe.ask(m.PLAN_COMMIT, PLAN_CRC).word}")


@rule(ARMING)
def plan_only_in_idle(probe: Probe) -> Finding:
    """The plan cannot be changed while ARMED."""
    probe.armed()
    words = [probe.ask(m.PLAN_WRITE, 0, PLAN).word, probe.ask(m.PLAN_COMMIT, PLAN_CRC).word]
    return same("BAD_STATE, BAD_STATE", ", ".join(words))


@rule(ARMING)
def arm_gives_a_token(probe: Probe) -> Finding:
    """ARM with everything in order: ARMED, and a token that differs from the last and is not 0."""
    probe.armed()
    first = probe.token
    probe.armed()
    new = probe.token not in (0, first)
    return same("ARMED, a new token", f"{probe.state()}, {'a new token' if new else f'token {probe.token} after {first}'}")


@rule(ARMING)
def arm_powers_nothing(probe: Probe) -> Finding:
    """ARMED alone leaves the motor unpowered and the needles home."""
    probe.armed()
    probe.run(0.05)
    flags = probe.show().flags
    off = not flags & m.FLAG_MOTOR_POWERED and flags & m.FLAG_NEEDLES_HOME
    return same("off and home", "off and home" if off else f"telemetry flags {flags:02x}")


@rule(ARMING)
def arm_other_boot_refused(probe: Probe) -> Finding:
    """ARM must carry this run's boot_id."""
    probe.fresh()
    return _stays(probe, "DENIED", probe.arm(boot_id=probe.boot_id ^ 1).word)


@rule(ARMING)
def arm_ceiling_range(probe: Probe) -> Finding:
    """ARM with a ceiling outside 500 to 1500 um is refused."""
    probe.fresh()
    words = [probe.arm(ceiling_um=ceiling_um).word for ceiling_um in (499, 1501)]
    return _stays(probe, "DENIED, DENIED", ", ".join(words))


@rule(ARMING)
def arm_unknown_mode_refused(probe: Probe) -> Finding:
    """ARM knows modes 1 and 2 only; what it does not know it refuses."""
    probe.fresh()
    refused = [probe.arm(mode).result not in (m.OK, -1) for mode in (0, 3)]
    return _stays(probe, "refused, refused", ", ".join("refused" if each else "not refused" for each in refused))


@rule(ARMING)
def arm_without_plan_refused(probe: Probe) -> Finding:
    """ARM in treat mode needs a committed plan."""
    probe.fresh(plan=False)
    return _stays(probe, "DENIED", probe.arm().word)


@rule(ARMING)
def arm_other_plan_refused(probe: Probe) -> Finding:
    """ARM in treat mode must name the committed plan by its CRC."""
    probe.fresh()
    return _stays(probe, "BAD_CRC", probe.arm(crc=PLAN_CRC ^ 0x100).word)


@rule(ARMING)
def arm_without_stream_refused(probe: Probe) -> Finding:
    """ARM needs telemetry."""
    probe.fresh()
    probe.must(m.OK, "STREAM off", probe.ask(m.STREAM, 0, 1))
    word = probe.arm().word
    probe.must(m.OK, "STREAM on", probe.ask(m.STREAM, PERIOD_US, 1)) if word != "OK" else None
    return _stays(probe, "DENIED", word)


@rule(ARMING)
def arm_slow_stream_refused(probe: Probe) -> Finding:
    """ARM needs a telemetry frame every 4 ms or oftener, batches counted."""
    probe.fresh()
    words = []
    for period_us, batch in ((5000, 1), (PERIOD_US, 5)):
        probe.must(m.OK, "STREAM", probe.ask(m.STREAM, period_us, batch))
        words.append(probe.arm().word)
        probe.ask(m.STOP, m.STOP_OPERATOR)
    probe.must(m.OK, "STREAM of 4 ms", probe.ask(m.STREAM, PERIOD_US, 4))
    return same("DENIED, DENIED, at 4 ms OK", f"{', '.join(words)}, at 4 ms {probe.arm().word}")


@rule(ARMING)
def arm_twice_refused(probe: Probe) -> Finding:
    """ARM while ARMED is refused: only IDLE arms."""
    probe.armed()
    return same("BAD_STATE", probe.arm().word)


@rule(ARMING)
def arm_in_fault_refused(probe: Probe) -> Finding:
    """ARM in FAULT is refused."""
    probe.fresh()
    probe.ask(m.STOP, m.STOP_EMERGENCY)
    return same("BAD_STATE, FAULT EMERGENCY", f"{probe.arm().word}, {probe.state()}")


@rule(ARMING, motor=True)
def arm_needles_out_refused(probe: Probe) -> Finding:
    """ARM right after a STOP, with the needles still on their way home, is refused."""
    running(probe)
    stop = probe.frame(m.STOP, m.STOP_PAUSE)
    arm = probe.frame(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, probe.boot_id)
    answer = probe.provoke(stop + arm, m.ARM)
    return same("refused", "refused" if answer.result not in (m.OK, -1) else answer.word)


@rule(ARMING)
def arm_calibrate_needs_no_plan(probe: Probe) -> Finding:
    """ARM in calibrate mode needs no plan."""
    probe.fresh(plan=False)
    return same("OK", probe.arm(m.MODE_CALIBRATE, crc=0).word)


@rule(ARMING)
def armed_without_drive_ends(probe: Probe) -> Finding:
    """ARMED without a DRIVE goes back to IDLE after 1000 ms, with no fault."""
    probe.armed()
    armed_us = probe.show().t_us
    found = within(940, 1010, ms_to_state(probe, armed_us, m.STATE_IDLE, 1.5), "ms to IDLE")
    return found if found.passed else Finding(False, found.expected, f"{found.found}, {probe.state()}")


@rule(ARMING)
def refused_drive_is_no_drive(probe: Probe) -> Finding:
    """A refused DRIVE does not keep ARMED: 1000 ms after ARM it is over."""
    probe.armed()
    armed_us = probe.show().t_us
    for _ in range(30):
        refusal(probe, trip_ms=0)
        probe.run(0.02)
    return within(940, 1010, ms_to_state(probe, armed_us, m.STATE_IDLE, 1.5), "ms to IDLE")


@rule(ARMING)
def disarm_ends_armed(probe: Probe) -> Finding:
    """DISARM ends ARMED and voids the token."""
    probe.armed()
    answer = probe.ask(m.DISARM)
    return same("OK, IDLE, DRIVE refused NOT_ARMED", f"{answer.word}, {probe.state()}, DRIVE refused {refusal(probe)}")


@rule(ARMING, motor=True)
def disarm_ends_running(probe: Probe) -> Finding:
    """DISARM in RUNNING: motor off, IDLE."""
    running(probe, needles_out=False)
    answer = probe.ask(m.DISARM)
    sample = probe.show()
    powered = bool(sample.flags & m.FLAG_MOTOR_POWERED)
    return same("OK, IDLE, powered False", f"{answer.word}, {m.STATES[sample.state]}, powered {powered}")
