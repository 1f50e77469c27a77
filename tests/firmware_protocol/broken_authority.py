"""More pens that break one rule of ARM, DRIVE, lease or STOP each."""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import Frame
from firmware_protocol.pen import Pen
from firmware_protocol.pen_motion import Motion
from firmware_protocol.simulator.plant import Plant


class OneToken(Motion):
    def arm(self, mode: int, ceiling_um: int, now_us: int) -> int:
        self._last_token = 4
        return super().arm(mode, ceiling_um, now_us)


class PowersAtArm(Motion):
    def arm(self, mode: int, ceiling_um: int, now_us: int) -> int:
        self.hardware.drive(6000, 0)
        return super().arm(mode, ceiling_um, now_us)


class WrongWord(Motion):
    def refuse(self, refusal: int) -> None:
        super().refuse(m.REFUSAL_TOKEN if refusal == m.REFUSAL_NOT_ARMED else refusal)


class DriveWithoutWrap(Motion):
    def drive(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int, now_us: int) -> int:
        if self._any_drive and sequence < self.drive_sequence and self.state == m.STATE_ARMED:
            self.refuse(m.REFUSAL_SEQUENCE)
            return m.REFUSAL_SEQUENCE
        return super().drive(drive, sequence, limits_um, seen_age_us, now_us)


class DriveOfAnySession(Pen):
    def _drive(self, frame: Frame, now_us: int) -> None:
        frame.session = self.output.session
        super()._drive(frame, now_us)


class ZerosDisarm(Motion):
    def drive(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int, now_us: int) -> int:
        refusal = super().drive(drive, sequence, limits_um, seen_age_us, now_us)
        if refusal == m.REFUSAL_NONE and not drive.depth_um and not drive.speed_rpm:
            self.end(m.CAUSE_DRIVE)
        return refusal


class LeaseEndsQuietly(Motion):
    def trip(self, fault: int, value: int) -> None:
        if fault == m.FAULT_HOST_TIMEOUT:
            self.end(m.CAUSE_STATE)
        else:
            super().trip(fault, value)


class NoWordInIdle(Pen):
    def hear(self, frame: Frame, now_us: int) -> None:
        if frame.kind != m.STOP.id or self.state != m.STATE_IDLE:
            super().hear(frame, now_us)


class HidesSequence(Pen):
    def _sample(self, now_us: int) -> m.Telemetry:
        found = super()._sample(now_us)
        return found._replace(drive_sequence=0) if found.state == m.STATE_RUNNING else found


class Shallow(Plant):
    """The needles come a quarter of the way."""

    def drive(self, speed_rpm: int, depth_um: int) -> None:
        super().drive(speed_rpm, depth_um // 4)


class NoCalibrateMode(Motion):
    """Knows treat mode's rules only."""

    def _refusal_of(self, drive: m.Drive, sequence: int, limits_um: Any, seen_age_us: int) -> int:
        found = super()._refusal_of(drive, sequence, limits_um, seen_age_us)
        odd = bool(drive.depth_um) != bool(drive.speed_rpm)
        return m.REFUSAL_SPEED if found == m.REFUSAL_NONE and odd else found
