"""Pens that break one rule of DRIVE, lease, STOP or faults each."""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.pen import Pen
from firmware_protocol.pen_motion import Motion
from firmware_protocol.simulator.plant import Plant


def with_motion(kind: type[Motion]) -> type[Pen]:
    class Broken(Pen):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.motion.__class__ = kind

    return Broken


class ClearsAnyFault(Motion):
    def clear_fault(self, fault: int) -> int:
        return super().clear_fault(self.fault if self.fault else fault)


class HelloLeavesArmed(Motion):
    def open_session(self, cause: int) -> None:
        self._any_drive = False


class RefusedRenews(Motion):
    def refuse(self, refusal: int) -> None:
        super().refuse(refusal)
        if self._leased:
            self._lease_end_us += 20_000


class LeaseLate(Motion):
    def drive(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int, now_us: int) -> int:
        refusal = super().drive(drive, sequence, limits_um, seen_age_us, now_us)
        if refusal == m.REFUSAL_NONE:
            self._lease_end_us += 40_000
        return refusal


class LeaseAlways200(Motion):
    def drive(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int, now_us: int) -> int:
        refusal = super().drive(drive, sequence, limits_um, seen_age_us, now_us)
        if refusal == m.REFUSAL_NONE:
            self._lease_end_us = now_us + 200_000
        return refusal


def forgiving(*reasons: int, clamp: bool = False) -> type[Pen]:
    """Obeys DRIVEs it should refuse for these reasons; `clamp`: cuts the depth to the limit first."""

    class Broken(Motion):
        def _refusal_of(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int) -> int:
            found = super()._refusal_of(drive, sequence, limits_um, seen_age_us)
            return m.REFUSAL_NONE if found in reasons and self.state in (m.STATE_ARMED, m.STATE_RUNNING) else found

        def drive(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int, now_us: int) -> int:
            if clamp:
                drive = drive._replace(depth_um=min(drive.depth_um, drive.depth_limit_um))
            return super().drive(drive, sequence, limits_um, seen_age_us, now_us)

    return with_motion(Broken)


class EmergencyIsAStop(Motion):
    def stop(self, reason: int) -> None:
        super().stop(m.STOP_OPERATOR)


class StopLatches(Motion):
    def stop(self, reason: int) -> None:
        super().stop(m.STOP_EMERGENCY if self.state in (m.STATE_ARMED, m.STATE_RUNNING) else reason)


class ZerosDoNothing(Motion):
    def drive(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int, now_us: int) -> int:
        state, self.state = self.state, m.STATE_ARMED if not (drive.depth_um or drive.speed_rpm) else self.state
        refusal = super().drive(drive, sequence, limits_um, seen_age_us, now_us)
        self.state = state if state == m.STATE_RUNNING and self.state == m.STATE_ARMED else self.state
        return refusal


class ArmedForEver(Motion):
    def _judge_lease(self, now_us: int) -> None:
        self._armed_us = now_us
        super()._judge_lease(now_us)


class NeedlesFirst(Motion):
    def _move(self, now_us: int, step_us: int) -> None:
        self.run.needles_out = self.run.depth_um > 0
        super()._move(now_us, step_us)


class WeakSpring(Plant):
    """Needs 90 ms for the way home."""

    def _reach(self) -> None:
        before = self.reach_um
        super()._reach()
        if not self.powered:
            self.reach_um = max(0.0, before - 7.0)
