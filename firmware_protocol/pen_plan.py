"""What may be asked of the pen: the uploaded plan, and the rules every DRIVE must meet. Pure.

Runs unchanged on CPython and MicroPython. The pen's limits come from here, never from the host's word of the moment
(pen-link.md, "Messages", 0A-0B). Nothing is clamped: a value out of range is a bug to be seen.
"""

from firmware_protocol.messages import (
    BAD_CRC,
    DENIED,
    DEPTH_MAX_UM,
    DEPTH_MIN_UM,
    LEASE_MAX_MS,
    LEASE_MIN_MS,
    MODE_TREAT,
    OK,
    OVER_TOLERANCE_MAX_UM,
    OVER_TOLERANCE_MIN_UM,
    PLAN_MAX_ZONES,
    REFUSAL_DEPTH,
    REFUSAL_LEASE,
    REFUSAL_LIMIT,
    REFUSAL_MODE,
    REFUSAL_NONE,
    REFUSAL_SEEN,
    REFUSAL_SPEED,
    REFUSAL_TOLERANCE,
    REFUSAL_TRIP,
    REFUSAL_ZONE,
    SEEN_MAX_AGE_US,
    SPEED_MAX_RPM,
    SPEED_MIN_RPM,
    TRIP_MAX_MS,
    TRIP_MIN_MS,
    Drive,
    plan_crc,
)


class Plan:
    """Limits by zone: staged by PLAN_WRITE, in force only after a PLAN_COMMIT with their CRC."""

    def __init__(self) -> None:
        self._staged: list[tuple[int, int]] = []
        self.limits_um: dict[int, int] = {}
        self.crc = 0
        self.committed = False

    def clear(self) -> None:
        """No plan, nothing staged."""
        self._staged = []
        self.limits_um = {}
        self.crc = 0
        self.committed = False

    def write(self, offset: int, entries: tuple[tuple[int, int], ...]) -> int:
        """Stage entries from `offset` on (a repeat is harmless); the result code. A gap or a limit out of range: DENIED."""
        if not (entries and offset <= len(self._staged) and offset + len(entries) <= PLAN_MAX_ZONES):
            return DENIED
        for entry in entries:
            if not (DEPTH_MIN_UM <= entry[1] <= DEPTH_MAX_UM):
                return DENIED
        kept = [] if offset == 0 else self._staged
        self._staged = kept[:offset] + list(entries) + kept[offset + len(entries) :]
        return OK

    def commit(self, crc: int) -> int:
        """Take the staged plan; the result code. Two limits for one zone, or no entry at all: DENIED."""
        limits_um = dict(self._staged)
        if not limits_um or len(limits_um) != len(self._staged):
            return DENIED
        if plan_crc(self._staged) != crc:
            return BAD_CRC
        self.limits_um = limits_um
        self.crc = crc
        self.committed = True
        return OK


def refusal_of(drive: Drive, mode: int, ceiling_um: int, limits_um: dict[int, int], seen_age_us: int) -> int:
    """Why this DRIVE may not be obeyed, REFUSAL_NONE when it may (pen-link.md, "Two kinds of traffic").

    `mode` and `ceiling_um` are ARM's, `limits_um` the plan's by zone (judged in treat mode only), `seen_age_us` the age in
    sample time of the sample the host last judged, below zero where it lies in the future.
    """
    treat = mode == MODE_TREAT
    if drive.mode != mode:
        return REFUSAL_MODE
    if not (LEASE_MIN_MS <= drive.lease_ms <= LEASE_MAX_MS):
        return REFUSAL_LEASE
    if not (OVER_TOLERANCE_MIN_UM <= drive.over_tolerance_um <= OVER_TOLERANCE_MAX_UM):
        return REFUSAL_TOLERANCE
    if not (TRIP_MIN_MS <= drive.trip_ms <= TRIP_MAX_MS):
        return REFUSAL_TRIP
    if treat and drive.zone not in limits_um:
        return REFUSAL_ZONE
    highest_um = min(ceiling_um, limits_um[drive.zone]) if treat else ceiling_um
    if not (DEPTH_MIN_UM <= drive.depth_limit_um <= highest_um):
        return REFUSAL_LIMIT
    if drive.depth_um != 0 and not (DEPTH_MIN_UM <= drive.depth_um <= drive.depth_limit_um):
        return REFUSAL_DEPTH
    if drive.speed_rpm != 0 and not (SPEED_MIN_RPM <= drive.speed_rpm <= SPEED_MAX_RPM):
        return REFUSAL_SPEED
    if treat and drive.depth_um and not drive.speed_rpm:
        return REFUSAL_SPEED
    if treat and drive.speed_rpm and not drive.depth_um:
        return REFUSAL_DEPTH
    if not (0 <= seen_age_us <= SEEN_MAX_AGE_US):
        return REFUSAL_SEEN
    return REFUSAL_NONE
