"""Checks that run the motor: start, lease, late frames, and what ends a run (pen-link.md, "Pen states" and "Timing"). Pure.

Times are the pen's own, from its telemetry: 2 ms are allowed for its grain.
"""

from firmware_protocol import messages as m
from firmware_protocol.conformance.check import Check, Finding, rule, same, within
from firmware_protocol.conformance.driving import accepted_us, drive, drive_frame, keep, ms_until, refusal, running
from firmware_protocol.conformance.probe import DEPTH_UM, LEASE_MS, SPEED_RPM, ZONE_LIMIT_UM, Probe

MOTION: list[Check] = []

GRAIN_MS = 2
LEASE_SLACK_MS = 20
SHORT_LEASE_MS = 60
HOME_MS = 50
FROZEN_READER_MS = 350
POWERED = m.FLAG_MOTOR_POWERED


def _asked(probe: Probe) -> str:
    """Depth and speed that the pen says it was last asked for."""
    fields = probe.ask(m.STATUS_GET).fields
    return f"{fields.depth_um} um at {fields.speed_rpm} rpm" if fields else "no STATUS"


def _lease_end(probe: Probe, lease_ms: int) -> Finding:
    running(probe, needles_out=False, lease_ms=lease_ms)
    from_us = accepted_us(probe, drive(probe, lease_ms=lease_ms))
    off_ms = ms_until(probe, from_us, POWERED, False, 1.0)
    return within(lease_ms - GRAIN_MS, lease_ms + LEASE_SLACK_MS + GRAIN_MS, off_ms, "ms to motor off")


@rule(MOTION, motor=True)
def drive_runs(probe: Probe) -> Finding:
    """DRIVE with depth and speed in range runs: RUNNING, motor powered, its sequence in telemetry."""
    running(probe, needles_out=False)
    sequence = drive(probe)
    sample = probe.show()
    taken = sample.drive_sequence == sequence
    found = f"{m.STATES[sample.state]}, powered {bool(sample.flags & POWERED)}, sequence {'shown' if taken else 'not shown'}"
    return same("RUNNING, powered True, sequence shown", found)


@rule(MOTION, motor=True)
def speed_before_needles(probe: Probe) -> Finding:
    """The needles come out only when the motor is at speed (within 20 %)."""
    running(probe)
    out = [sample.speed_rpm for sample in probe.samples if not sample.flags & m.FLAG_NEEDLES_HOME]
    least_rpm = SPEED_RPM * 8 // 10 - 100
    return Finding(bool(out) and out[0] >= least_rpm, f"at least {least_rpm} rpm at the first move", f"{out[:1]} rpm")


@rule(MOTION, motor=True)
def depth_stays_in_limit(probe: Probe) -> Finding:
    """The measured reach never passes the limit and its tolerance, and comes near what was asked."""
    running(probe)
    keep(probe, 0.3)
    deepest = max(sample.depth_um for sample in probe.samples)
    return within(DEPTH_UM - 150, ZONE_LIMIT_UM + 100, deepest, "um at the deepest")


@rule(MOTION, motor=True)
def lease_end_stops(probe: Probe) -> Finding:
    """Without a DRIVE the motor is off when the lease of 200 ms ends, 20 ms later at most, not before."""
    return _lease_end(probe, LEASE_MS)


@rule(MOTION, motor=True)
def short_lease_end_stops(probe: Probe) -> Finding:
    """The lease is what DRIVE says: 60 ms are 60 ms."""
    return _lease_end(probe, SHORT_LEASE_MS)


@rule(MOTION, motor=True)
def lease_end_latches(probe: Probe) -> Finding:
    """The end of a lease latches HOST_TIMEOUT, and a DRIVE that comes after it does not bring the run back."""
    running(probe, needles_out=False)
    from_us = accepted_us(probe, drive(probe))
    ms_until(probe, from_us, POWERED, False, 1.0)
    return same("NOT_ARMED, FAULT HOST_TIMEOUT", f"{refusal(probe)}, {probe.state()}")


@rule(MOTION, motor=True)
def needles_home_in_time(probe: Probe) -> Finding:
    """The needles are home 50 ms after power off."""
    running(probe)
    keep(probe, 0.2)
    stopped_us = probe.newest.t_us
    probe.ask(m.STOP, m.STOP_PAUSE)
    off_ms = ms_until(probe, stopped_us, POWERED, False, 0.5)
    home_ms = ms_until(probe, stopped_us, m.FLAG_NEEDLES_HOME, True, 0.5)
    took = None if off_ms is None or home_ms is None else home_ms - off_ms
    return within(0, HOME_MS + GRAIN_MS, took, "ms from power off")


@rule(MOTION, motor=True)
def old_seen_index_ends_run(probe: Probe) -> Finding:
    """A host that sends and does not read: with seen_index standing still the motor is off within 350 ms."""
    running(probe, needles_out=False)
    seen = probe.newest
    end_s = probe.line.now_s() + 0.5
    while probe.line.now_s() < end_s:
        drive(probe, seen_index=seen.index)
        probe.run(0.02)
    return within(100, FROZEN_READER_MS, ms_until(probe, seen.t_us, POWERED, False, 0.1), "ms from the sample last judged")


@rule(MOTION, motor=True)
def late_drive_changes_nothing(probe: Probe) -> Finding:
    """A copy of an older, deeper DRIVE does not bring its depth back."""
    running(probe, needles_out=False)
    deep = drive_frame(probe, depth_um=900)
    probe.line.write(deep)
    probe.show()
    drive(probe, depth_um=500)
    probe.show()
    probe.line.write(deep)
    shown = m.REFUSALS[probe.show().refusal]
    return same(f"SEQUENCE, 500 um at {SPEED_RPM} rpm", f"{shown}, {_asked(probe)}")


@rule(MOTION, motor=True)
def duplicate_drive_renews_nothing(probe: Probe) -> Finding:
    """The same DRIVE again and again does not renew its lease."""
    running(probe, needles_out=False)
    wire = drive_frame(probe)
    probe.line.write(wire)
    from_us = accepted_us(probe, probe.drive_sequence)
    for _ in range(15):
        probe.line.write(wire)
        probe.run(0.02)
    off_ms = ms_until(probe, from_us, POWERED, False, 0.1)
    return within(LEASE_MS - GRAIN_MS, LEASE_MS + LEASE_SLACK_MS + GRAIN_MS, off_ms, "ms to motor off")


@rule(MOTION, motor=True)
def refused_drive_changes_no_setting(probe: Probe) -> Finding:
    """A refused DRIVE in RUNNING leaves depth and speed as they were: no part of it is taken, nothing is cut to fit."""
    running(probe, needles_out=False)
    shown = refusal(probe, depth_um=1400, speed_rpm=8000)
    return same(f"DEPTH, {DEPTH_UM} um at {SPEED_RPM} rpm", f"{shown}, {_asked(probe)}")


@rule(MOTION, motor=True)
def drive_of_zeros_stops(probe: Probe) -> Finding:
    """DRIVE (0, 0) in RUNNING acts as STOP: motor off, IDLE, token void."""
    running(probe, needles_out=False)
    drive(probe, depth_um=0, speed_rpm=0)
    sample = probe.show()
    found = f"{m.STATES[sample.state]}, powered {bool(sample.flags & POWERED)}, then {refusal(probe)}"
    return same("IDLE, powered False, then NOT_ARMED", found)


@rule(MOTION, motor=True)
def hello_stops_running(probe: Probe) -> Finding:
    """HELLO in RUNNING: motor off, IDLE."""
    running(probe, needles_out=False)
    probe.greet()
    sample = probe.show()
    return same("IDLE, powered False", f"{m.STATES[sample.state]}, powered {bool(sample.flags & POWERED)}")


@rule(MOTION, motor=True)
def link_fall_stops_running(probe: Probe) -> Finding:
    """DTR, HUP or TCP falling in RUNNING stops at once and latches FAULT LINK, long before the lease ends."""
    running(probe, needles_out=False)
    drive(probe)
    probe.line.reopen()
    hello = probe.greet()
    return same("FAULT LINK", f"{m.STATES[hello.state]} {m.FAULTS[hello.fault]}")


@rule(MOTION, motor=True)
def calibrate_holds_needles_still(probe: Probe) -> Finding:
    """Calibrate mode takes (depth, 0): needles out, motor still."""
    running(probe, mode=m.MODE_CALIBRATE, speed_rpm=0)
    keep(probe, 0.6, mode=m.MODE_CALIBRATE, speed_rpm=0)  # the rotor of the run before may still coast
    fastest = max(sample.speed_rpm for sample in probe.samples[-50:])
    return within(0, 100, fastest, "rpm with the needles out")


@rule(MOTION, motor=True)
def calibrate_turns_motor_alone(probe: Probe) -> Finding:
    """Calibrate mode takes (0, speed): motor turns, needles stay home."""
    running(probe, needles_out=False, mode=m.MODE_CALIBRATE, depth_um=0)
    keep(probe, 0.2, mode=m.MODE_CALIBRATE, depth_um=0)
    away = sum(not sample.flags & m.FLAG_NEEDLES_HOME for sample in probe.samples)
    turned = any(sample.speed_rpm > 0 for sample in probe.samples)
    return same("turns True, 0 samples away from home", f"turns {turned}, {away} samples away from home")
