"""Pens that break one rule of date, parameters, calibration or log each."""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.pen import Pen
from firmware_protocol.pen_calibration import ALL_WRITTEN, Calibration
from firmware_protocol.pen_log import Log
from firmware_protocol.pen_parameters import BY_NUMBER, Parameters
from firmware_protocol.pen_service import Service


def with_service(part: str, kind: type[Any]) -> type[Pen]:
    """`part`: "" for the service itself, or "parameters", "calibration", "log"."""

    class Broken(Pen):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            held = getattr(self.service, part) if part else self.service
            held.__class__ = kind

    return Broken


class StoresAnytime(Service):
    def _refusal(self) -> int:
        return m.OK


class AnyDay(Service):
    def today(self, today: m.Today, now_us: int) -> tuple[int, None]:
        self._today_days = today.today_days
        return m.OK, None


class SetsAtOnce(Parameters):
    def set(self, number: int, value: int) -> int:
        result = super().set(number, value)
        if result == m.OK:
            self.values[number] = value
        return result


class CutsToFit(Parameters):
    def set(self, number: int, value: int) -> int:
        known = BY_NUMBER.get(number)
        return super().set(number, max(known.low, min(value, known.high)) if known else value)


class RemembersStaged(Parameters):
    def forget_staged(self) -> None:
        pass


class AnyParameterCrc(Parameters):
    def commit(self, crc: int) -> int:
        return super().commit(m.parameters_crc(self._staged))


class NeverStores(Parameters):
    def commit(self, crc: int) -> int:
        return m.OK if crc == self.crc else m.BAD_CRC


class TakesParts(Calibration):
    def commit(self, crc: int) -> int:
        if self._written != ALL_WRITTEN and self.block is not None:
            return m.IN_PROGRESS
        return super().commit(crc)


class AnyCalibrationCrc(Calibration):
    def commit(self, crc: int) -> int:
        return super().commit(crc ^ 1 if self._written == ALL_WRITTEN else crc)


class ReadsPastEnd(Calibration):
    def read(self, offset: int, count: int) -> bytes | None:
        return super().read(offset, min(count, m.CALIBRATION_BYTES - offset))


class ForgetfulLog(Log):
    def read(self, first: int, count: int) -> tuple[m.Event, ...] | None:
        return tuple(event._replace(argument=0xFFFF) for event in super().read(first, count) or ()) or None


class EndlessLog(Log):
    def read(self, first: int, count: int) -> tuple[m.Event, ...] | None:
        return super().read(min(first, self.last), count)


class NarrowRange(Parameters):
    def get(self, number: int) -> tuple[int, m.ParameterGetReply | None]:
        result, reply = super().get(number)
        return result, reply._replace(initial=reply.high + 1) if reply else None


class KnowsEveryNumber(Parameters):
    def get(self, number: int) -> tuple[int, m.ParameterGetReply | None]:
        return super().get(number if number in BY_NUMBER else min(BY_NUMBER))
