"""Checks of every reason to refuse a DRIVE; the motor never runs (pen-link.md, "Two kinds of traffic"). Pure.

Each is sent in ARMED, and passes where telemetry names the reason and nothing else has changed.
"""

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.conformance.check import Check, Finding, rule, same, within
from firmware_protocol.conformance.driving import accepted_us, drive, drive_frame, hold, ms_to_state, refusal
from firmware_protocol.conformance.probe import LEASE_MS, Probe

REFUSALS: list[Check] = []


def _refused(probe: Probe, reason: str, *trials: dict[str, Any]) -> Finding:
    """Each trial is refused for this reason, in ARMED, and none of them is taken as the last accepted DRIVE."""
    probe.armed()
    before = probe.newest.drive_sequence
    found = [refusal(probe, **changes) for changes in trials]
    after = probe.show()
    kept = "nothing changed" if after.drive_sequence == before and after.state == m.STATE_ARMED else "the pen took it"
    return same(f"{', '.join([reason] * len(trials))}: nothing changed", f"{', '.join(found)}: {kept}")


@rule(REFUSALS)
def drive_refused_not_armed(probe: Probe) -> Finding:
    """DRIVE in IDLE."""
    probe.fresh()
    return same("NOT_ARMED, IDLE", f"{refusal(probe)}, {probe.state()}")


@rule(REFUSALS)
def drive_refused_token(probe: Probe) -> Finding:
    """DRIVE with another token, 0 among them."""
    return _refused(probe, "TOKEN", {"arm_token": 0}, {"arm_token": probe.token + 4711 & 0xFFFF})


@rule(REFUSALS)
def drive_refused_last_token(probe: Probe) -> Finding:
    """DRIVE with the token of the run before."""
    probe.armed()
    old = probe.token
    probe.ask(m.STOP, m.STOP_PAUSE)
    probe.must(m.OK, "ARM", probe.arm())
    return same("TOKEN", refusal(probe, arm_token=old))


@rule(REFUSALS)
def drive_refused_sequence(probe: Probe) -> Finding:
    """DRIVE whose sequence is the last accepted one's, or older."""
    probe.armed()
    hold(probe)
    taken = probe.drive_sequence
    words = [refusal(probe, sequence=taken - back & 0xFFFF) for back in (0, 1, 30_000)]
    sequence = probe.show().drive_sequence
    kept = "nothing changed" if sequence == taken else f"{sequence} is the last accepted"
    return same("SEQUENCE, SEQUENCE, SEQUENCE: nothing changed", f"{', '.join(words)}: {kept}")


@rule(REFUSALS)
def drive_sequence_wraps(probe: Probe) -> Finding:
    """DRIVE 0 follows DRIVE 65535."""
    probe.armed()
    probe.drive_sequence = 65_533
    for _ in range(4):
        hold(probe)
    return same("1", str(probe.show().drive_sequence))


@rule(REFUSALS)
def drive_refused_mode(probe: Probe) -> Finding:
    """DRIVE in another mode than ARM's."""
    return _refused(probe, "MODE", {"mode": m.MODE_CALIBRATE}, {"mode": 0})


@rule(REFUSALS)
def drive_refused_lease(probe: Probe) -> Finding:
    """DRIVE with a lease outside 60 to 200 ms."""
    return _refused(probe, "LEASE", {"lease_ms": 59}, {"lease_ms": 201}, {"lease_ms": 0}, {"lease_ms": 65_535})


@rule(REFUSALS)
def drive_refused_tolerance(probe: Probe) -> Finding:
    """DRIVE with an over-tolerance outside 50 to 150 um."""
    return _refused(probe, "TOLERANCE", {"over_tolerance_um": 49}, {"over_tolerance_um": 151})


@rule(REFUSALS)
def drive_refused_trip(probe: Probe) -> Finding:
    """DRIVE with a trip time outside 1 to 20 ms."""
    return _refused(probe, "TRIP", {"trip_ms": 0}, {"trip_ms": 21})


@rule(REFUSALS)
def drive_refused_zone(probe: Probe) -> Finding:
    """DRIVE for a zone the plan does not have."""
    return _refused(probe, "ZONE", {"zone": 99})


@rule(REFUSALS)
def drive_refused_plan_limit(probe: Probe) -> Finding:
    """DRIVE with a depth limit above the plan's for its zone."""
    return _refused(probe, "LIMIT", {"depth_limit_um": 1001}, {"zone": 7, "depth_limit_um": 701})


@rule(REFUSALS)
def drive_refused_ceiling(probe: Probe) -> Finding:
    """DRIVE with a depth limit above ARM's ceiling."""
    probe.armed(ceiling_um=800)
    return same("LIMIT, ARMED", f"{refusal(probe, depth_limit_um=801)}, {probe.state()}")


@rule(REFUSALS)
def drive_refused_depth(probe: Probe) -> Finding:
    """DRIVE deeper than its own limit, or not 0 and under 500 um: refused, never cut to fit."""
    return _refused(
        probe, "DEPTH", {"depth_um": 1001}, {"depth_um": 499}, {"depth_um": 1}, {"depth_limit_um": 600, "depth_um": 601}
    )


@rule(REFUSALS)
def drive_refused_speed(probe: Probe) -> Finding:
    """DRIVE with a speed that is not 0 and outside 6000 to 8000 rpm."""
    return _refused(probe, "SPEED", {"speed_rpm": 5999}, {"speed_rpm": 8001}, {"speed_rpm": 1})


@rule(REFUSALS)
def drive_refused_depth_alone(probe: Probe) -> Finding:
    """Treat mode never holds needles out with the motor still."""
    return _refused(probe, "SPEED", {"speed_rpm": 0})


@rule(REFUSALS)
def drive_refused_speed_alone(probe: Probe) -> Finding:
    """Treat mode never turns the motor with the needles home."""
    return _refused(probe, "DEPTH", {"depth_um": 0})


@rule(REFUSALS)
def drive_refused_seen_old(probe: Probe) -> Finding:
    """DRIVE whose seen_index is more than 100 ms old in sample time."""
    probe.armed()
    probe.run(0.15)
    index = probe.newest.index
    words = [refusal(probe, seen_index=index - back & 0xFFFFFFFF) for back in (101, 5000)]
    return same("SEEN, SEEN, ARMED", f"{', '.join(words)}, {probe.state()}")


@rule(REFUSALS)
def drive_refused_seen_future(probe: Probe) -> Finding:
    """DRIVE whose seen_index is in the future."""
    probe.armed()
    words = [refusal(probe, seen_index=probe.newest.index + ahead & 0xFFFFFFFF) for ahead in (2000, 0x7000_0000)]
    return same("SEEN, SEEN, ARMED", f"{', '.join(words)}, {probe.state()}")


@rule(REFUSALS)
def drive_refused_length(probe: Probe) -> Finding:
    """DRIVE has an exact length."""
    return _refused(probe, "LENGTH", {"extra": b"\0"})


@rule(REFUSALS)
def drive_refused_session(probe: Probe) -> Finding:
    """DRIVE of another session, 0 among them."""
    probe.armed()
    words = [refusal(probe, session=session) for session in (probe.session % 255 + 1, 0)]
    return same("SESSION, SESSION, ARMED", f"{', '.join(words)}, {probe.state()}")


@rule(REFUSALS)
def refusals_are_counted(probe: Probe) -> Finding:
    """STATUS counts refused DRIVEs."""
    probe.armed()
    before = probe.ask(m.STATUS_GET).fields
    for _ in range(3):
        drive(probe, lease_ms=1)
    after = probe.ask(m.STATUS_GET).fields
    if before is None or after is None:
        return same("STATUS_GET answered", "no reply")
    return same("3 more", f"{(after.refused - before.refused) & 0xFFFF} more")


@rule(REFUSALS)
def refusal_shown_until_accepted(probe: Probe) -> Finding:
    """Telemetry shows the refusal until the next accepted DRIVE."""
    probe.armed()
    first = refusal(probe, trip_ms=0)
    hold(probe)
    return same("TRIP, then NONE", f"{first}, then {m.REFUSALS[probe.show().refusal]}")


@rule(REFUSALS)
def drive_is_not_answered(probe: Probe) -> Finding:
    """DRIVE has no reply."""
    probe.armed()
    known = len(probe.replies)
    hold(probe)
    kinds = {frame.kind for frame in probe.replies[known:]}
    return same("no reply", f"type {m.DRIVE.id | 0x80:02x}" if m.DRIVE.id | 0x80 in kinds else "no reply")


@rule(REFUSALS)
def drive_of_zeros_holds_armed(probe: Probe) -> Finding:
    """DRIVE (0, 0) in ARMED is accepted, powers nothing and holds ARMED past 1000 ms."""
    probe.armed()
    for _ in range(24):
        drive(probe, depth_um=0, speed_rpm=0)
        probe.run(0.05)
    powered = sum(bool(sample.flags & m.FLAG_MOTOR_POWERED) for sample in probe.samples)
    return same("ARMED, 0 samples with power", f"{probe.state()}, {powered} samples with power")


@rule(REFUSALS)
def armed_lease_end_latches(probe: Probe) -> Finding:
    """In ARMED, too, a lease that ends latches HOST_TIMEOUT."""
    probe.armed()
    hold(probe)
    probe.run(0.25)
    return same("FAULT HOST_TIMEOUT", probe.state())


@rule(REFUSALS)
def refused_drive_renews_nothing(probe: Probe) -> Finding:
    """Refused DRIVEs do not renew the lease: it ends when the last accepted one's does."""
    probe.armed()
    sequence = drive(probe, depth_um=0, speed_rpm=0)
    from_us = accepted_us(probe, sequence)
    for _ in range(15):
        probe.line.write(drive_frame(probe, depth_um=0, speed_rpm=0, trip_ms=0))
        probe.run(0.02)
    return within(LEASE_MS - 3, LEASE_MS + 22, ms_to_state(probe, from_us, m.STATE_FAULT, 0.1), "ms to FAULT")
