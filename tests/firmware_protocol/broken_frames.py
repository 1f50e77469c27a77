"""Pens that break one rule of frames, telemetry or the port each."""

from __future__ import annotations

import binascii
import struct
from typing import Any

from firmware_protocol import frame as framing
from firmware_protocol import messages as m
from firmware_protocol.frame import TO_PEN_WIRE_BYTES, Deframer, Frame
from firmware_protocol.pen import Pen
from firmware_protocol.pen_output import Sampling


class CarelessDeframer(Deframer):
    """Takes frames whatever their CRC."""

    def _check(self, piece: bytes) -> Frame | None:
        body = framing.cobs_decode(piece)
        if body is None or len(body) < 10:
            return super()._check(piece)
        whole = body[:-4] + struct.pack("<I", binascii.crc32(body[:-4]))
        return super()._check(framing.cobs_encode(whole))


class DeafAfterOverlong(Deframer):
    """Loses the frame after a run that was too long."""

    def feed(self, data: bytes) -> list[Frame]:
        before = self.overrun
        frames = super().feed(data)
        return frames if self.overrun == before else []


class JoiningDeframer(Deframer):
    """Keeps what was no frame, and glues it to the next that is none."""

    __slots__ = ("half",)

    def _check(self, piece: bytes) -> Frame | None:
        found = super()._check(piece)
        if found is None:
            found = super()._check(getattr(self, "half", b"") + piece)
            self.half = piece
        return found


def with_deframer(kind: type[Deframer]) -> type[Pen]:
    class Broken(Pen):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self._deframer = kind(TO_PEN_WIRE_BYTES)
            self.requests._deframer = self._deframer

    return Broken


def with_flags(**flags: int) -> type[Pen]:
    """`forgive` and `refuse`: bits of the flags byte that the pen forgets, or takes as a reason to drop."""

    class Broken(Pen):
        def hear(self, frame: Frame, now_us: int) -> None:
            if frame.flags & flags.get("refuse", 0):
                return
            frame.flags |= flags.get("force", 0)
            super().hear(frame, now_us)

    return Broken


class ForgivingFlags(Deframer):
    """Does not know that the high nibble is critical."""

    def _check(self, piece: bytes) -> Frame | None:
        known, framing.UNKNOWN_CRITICAL_FLAGS = framing.UNKNOWN_CRITICAL_FLAGS, 0
        try:
            return super()._check(piece)
        finally:
            framing.UNKNOWN_CRITICAL_FLAGS = known


class AnyMajor(Deframer):
    """Takes frames of any major."""

    def _check(self, piece: bytes) -> Frame | None:
        body = framing.cobs_decode(piece)
        known, framing.MAJOR = framing.MAJOR, body[0] if body else framing.MAJOR
        try:
            return super()._check(piece)
        finally:
            framing.MAJOR = known


class OneMajorForAll(Deframer):
    """Drops a STOP of another major."""

    def _check(self, piece: bytes) -> Frame | None:
        body = framing.cobs_decode(piece)
        return super()._check(piece) if body is None or body[:1] == b"\x01" else None


class DropsUnknownTypes(Pen):
    def hear(self, frame: Frame, now_us: int) -> None:
        if frame.kind in m.BY_ID:
            super().hear(frame, now_us)


class ExactEverywhere(Pen):
    def hear(self, frame: Frame, now_us: int) -> None:
        message = m.BY_ID.get(frame.kind)
        if message in (None, m.DRIVE) or message.payload.entries or len(frame.payload) <= message.payload.size:
            super().hear(frame, now_us)


def cutting(message: m.Message[Any, Any]) -> type[Pen]:
    """Cuts a longer payload of this message to size and takes it."""

    class Broken(Pen):
        def hear(self, frame: Frame, now_us: int) -> None:
            if frame.kind == message.id:
                frame.payload = frame.payload[: message.payload.size]
            super().hear(frame, now_us)

    return Broken


class LinkFallIgnored(Pen):
    def link_lost(self, now_us: int) -> None:
        self.requests.close_session()
        self.output.clear()


class CountsSends(Sampling):
    def pass_time(self, step_us: int) -> bool:
        return super().pass_time(step_us) if self.on else False


class LosesSilently(Sampling):
    def add(self, sample: m.Telemetry) -> None:
        if sample.index % 50:
            super().add(sample)


def with_sampling(kind: type[Sampling]) -> type[Pen]:
    class Broken(Pen):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.sampling.__class__ = kind

    return Broken


class RareStatus(Pen):
    def step(self, now_us: int) -> None:
        if self._status_phase_us >= 99_000 and not getattr(self, "_skipped", False):
            self._status_phase_us = 0
            self._skipped = True
        elif self._status_phase_us == 0:
            self._skipped = False
        super().step(now_us)


class SlowStop(Pen):
    """Acts on STOP at once and answers 8 ms later."""

    def hear(self, frame: Frame, now_us: int) -> None:
        if frame.kind == m.STOP.id:
            kept, self._late = self.output._bytes, getattr(self, "_late", [])
            self.output._bytes = bytearray()
            super().hear(frame, now_us)
            self._late.append((now_us + 8000, bytes(self.output._bytes)))
            self.output._bytes = kept
            return
        super().hear(frame, now_us)

    def step(self, now_us: int) -> None:
        while getattr(self, "_late", []) and self._late[0][0] <= now_us:
            self.output.put(self._late.pop(0)[1])
        super().step(now_us)


class StopInSessionOnly(Pen):
    def hear(self, frame: Frame, now_us: int) -> None:
        if frame.kind != m.STOP.id or frame.session == self.output.session:
            super().hear(frame, now_us)


class StopFromCache(Pen):
    """Answers a STOP whose sequence it knows, and does not stop."""

    def hear(self, frame: Frame, now_us: int) -> None:
        known = frame.sequence in getattr(self, "_known", []) or any(kept[1] == frame.sequence for kept in self.requests._cache)
        if frame.kind == m.STOP.id:
            self._known = [*getattr(self, "_known", []), frame.sequence][-4:]
            if known:
                self.output.put(self.requests._reply(frame, frame.session, m.OK, b"", True))
                return
        super().hear(frame, now_us)


class AnswersDrive(Pen):
    def hear(self, frame: Frame, now_us: int) -> None:
        super().hear(frame, now_us)
        if frame.kind == m.DRIVE.id:
            self.output.put(self.requests._reply(frame, frame.session, m.OK, b"", True))
