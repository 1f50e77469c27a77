"""DRIVE frames of any content, the motion they ask for, and when it ended by the pen's own telemetry. Pure."""

from collections.abc import Callable
from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.conformance.answers import Unfit
from firmware_protocol.conformance.probe import DEPTH_UM, DRIVE_EVERY_S, LEASE_MS, SPEED_RPM, ZONE, ZONE_LIMIT_UM, Probe
from firmware_protocol.frame import encode_frame

START_S = 3.0  # spin-up takes 1.5 s at most


def drive_frame(
    probe: Probe, sequence: int | None = None, session: int | None = None, extra: bytes = b"", **changes: int
) -> bytes:
    """One DRIVE, gentle where `changes` does not say otherwise; the next sequence where none is given."""
    if sequence is None:
        probe.drive_sequence = (probe.drive_sequence + 1) & 0xFFFF
        sequence = probe.drive_sequence
    values: dict[str, int] = {
        "arm_token": probe.token,
        "lease_ms": LEASE_MS,
        "seen_index": probe.newest.index,
        "zone": ZONE,
        "mode": m.MODE_TREAT,
        "depth_limit_um": ZONE_LIMIT_UM,
        "depth_um": DEPTH_UM,
        "speed_rpm": SPEED_RPM,
        "over_tolerance_um": 100,
        "trip_ms": 3,
    }
    values.update(changes)
    payload = m.DRIVE.payload.pack_unchecked(m.Drive(**values)) + extra
    return encode_frame(m.DRIVE.id, probe.session if session is None else session, 0, sequence, payload)


def drive(probe: Probe, **how: Any) -> int:
    """Send one DRIVE; its sequence."""
    probe.line.write(drive_frame(probe, **how))
    return int(how.get("sequence", probe.drive_sequence))


def refusal(probe: Probe, **how: Any) -> str:
    """Send one DRIVE; the refusal that telemetry then shows, by name."""
    drive(probe, **how)
    number = probe.show().refusal
    return m.REFUSALS[number] if number < len(m.REFUSALS) else str(number)


def hold(probe: Probe) -> None:
    """A DRIVE of (0, 0), which holds ARMED. Raises Unfit where it is not accepted."""
    sequence = drive(probe, depth_um=0, speed_rpm=0)
    if probe.show().drive_sequence != sequence:
        raise Unfit("DRIVE (0, 0) accepted in ARMED", f"refusal {m.REFUSALS[probe.newest.refusal]}")


def keep(probe: Probe, seconds: float, **changes: int) -> None:
    """DRIVE every 20 ms, as a host does."""
    end_s = probe.line.now_s() + seconds
    while probe.line.now_s() < end_s:
        drive(probe, **changes)
        probe.run(DRIVE_EVERY_S)


def running(probe: Probe, needles_out: bool = True, mode: int = m.MODE_TREAT, **changes: int) -> None:
    """RUNNING from a fresh session, with the needles out unless told. Raises Unfit."""
    probe.armed(mode)
    end_s = probe.line.now_s() + START_S
    while True:
        sample = probe.newest
        if sample.state == m.STATE_RUNNING and not (needles_out and sample.flags & m.FLAG_NEEDLES_HOME):
            return
        if probe.line.now_s() >= end_s or sample.state == m.STATE_FAULT:
            raise Unfit("RUNNING with needles out" if needles_out else "RUNNING", probe.state())
        keep(probe, DRIVE_EVERY_S, mode=mode, **changes)


def accepted_us(probe: Probe, sequence: int) -> int:
    """Pen's time of the first sample that shows this DRIVE as accepted. Raises Unfit where none does."""
    if not probe.until(lambda: any(sample.drive_sequence == sequence for sample in probe.samples), 1.0):
        raise Unfit("DRIVE accepted", f"refusal {m.REFUSALS[probe.newest.refusal]}")
    return next(sample.t_us for sample in probe.samples if sample.drive_sequence == sequence)


def ms_until(probe: Probe, from_us: int, flag: int, is_set: bool, most_s: float) -> float | None:
    """Milliseconds of the pen's time from `from_us` to the first sample with this flag so; None where none comes in time."""
    return _ms_to(probe, from_us, lambda sample: bool(sample.flags & flag) == is_set, most_s)


def ms_to_state(probe: Probe, from_us: int, state: int, most_s: float) -> float | None:
    """As `ms_until`, for a state."""
    return _ms_to(probe, from_us, lambda sample: sample.state == state, most_s)


def _ms_to(probe: Probe, from_us: int, wanted: Callable[[m.Telemetry], bool], most_s: float) -> float | None:
    seen, found = 0, None

    def look() -> bool:
        nonlocal seen, found
        while found is None and seen < len(probe.samples):
            sample = probe.samples[seen]
            passed_us = (sample.t_us - from_us) & 0xFFFFFFFF
            if passed_us < 0x80000000 and wanted(sample):
                found = passed_us / 1000
            seen += 1
        return found is not None

    probe.until(look, most_s)
    return found
