"""More pens that break one rule each, made by replacing single methods: with these no check is without a pen that fails it."""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, Deframer, Frame, cobs_decode, encode_frame
from firmware_protocol.pen import Pen
from firmware_protocol.pen_output import Output, Sampling
from firmware_protocol.pen_plan import Plan
from firmware_protocol.pen_requests import Requests


def with_part(path: str, kind: type[Any]) -> type[Pen]:
    """A pen whose part at this path ("requests.plan") is of another kind."""

    class Broken(Pen):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            part: Any = self
            for name in path.split("."):
                part = getattr(part, name)
            part.__class__ = kind

    return Broken


class EagerDeframer(Deframer):
    """Does not wait for the last delimiter."""

    __slots__ = ()

    def feed(self, data: bytes) -> list[Frame]:
        frames = super().feed(data)
        bad = self.bad_cobs, self.bad_length, self.bad_crc
        early = self._check(self._tail) if self._tail else None
        self.bad_cobs, self.bad_length, self.bad_crc = bad
        if early is not None:
            self._tail = b""
        return [*frames, early] if early is not None else frames


class DeafAfterBad(Deframer):
    """Loses the frame after one that was none."""

    __slots__ = ("_deaf",)

    def _check(self, piece: bytes) -> Frame | None:
        found = super()._check(piece)
        was, self._deaf = getattr(self, "_deaf", False), found is None
        return None if was else found


class DeafAfterBadCobs(Deframer):
    """Loses the frame after one whose COBS was wrong."""

    __slots__ = ("_deaf",)

    def _check(self, piece: bytes) -> Frame | None:
        found = super()._check(piece)
        was, self._deaf = getattr(self, "_deaf", False), cobs_decode(piece) is None
        return None if was else found


class NeedsWholeFrames(Deframer):
    """Forgets what one read left over."""

    __slots__ = ()

    def feed(self, data: bytes) -> list[Frame]:
        self._tail = b""
        return super().feed(data)


class TakesFirstOnly(Deframer):
    """Hears one frame a read."""

    __slots__ = ()

    def feed(self, data: bytes) -> list[Frame]:
        return super().feed(data)[:1]


class PadsShort(Deframer):
    """Takes a body that is too short for one with zeros behind it."""

    __slots__ = ()

    def _check(self, piece: bytes) -> Frame | None:
        body = cobs_decode(piece)
        if body is not None and 4 <= len(body) < 10:
            kind = body[1] if len(body) > 5 else m.SYNC.id
            return Frame(kind, body[2] if len(body) > 6 else 0, FLAG_REPLY_WANTED, 0, bytes(8))
        return super()._check(piece)


class SyncInSessionZero(Requests):
    def _reply(self, frame: Frame, session: int, result: int, fields: bytes = b"", always: bool = False) -> bytes:
        return super()._reply(frame, 0 if frame.kind == m.SYNC.id else session, result, fields, always)


class AnswersAnything(Requests):
    def answer(self, frame: Frame, now_us: int) -> bytes:
        if frame.kind not in m.BY_ID:
            return encode_frame(frame.kind | 0x80, frame.session, 0, frame.sequence, bytes([m.UNSUPPORTED]))
        return super().answer(frame, now_us)


class PadsPayloads(Requests):
    def answer(self, frame: Frame, now_us: int) -> bytes:
        message = m.BY_ID.get(frame.kind)
        if message is m.SYNC:
            frame.payload += bytes(max(0, message.payload.size - len(frame.payload)))
        return super().answer(frame, now_us)


class StatusInSessionZero(Output):
    def send(self, kind: int, payload: bytes, spare: bool) -> bool:
        session = self.session
        self.session = 0 if kind == m.STATUS.id else session
        sent = super().send(kind, payload, spare)
        self.session = session
        return sent


class SkipsNumbers(Output):
    def send(self, kind: int, payload: bytes, spare: bool) -> bool:
        self._sequence = self._sequence + (kind == m.STATUS.id) & 0xFFFF
        return super().send(kind, payload, spare)


class ChangedHello(Requests):
    """`change` edits the reply's payload."""

    def _reply(self, frame: Frame, session: int, result: int, fields: bytes = b"", always: bool = False) -> bytes:
        if frame.kind == m.HELLO.id and result == m.OK:
            fields = m.HELLO.reply.pack(self.change(m.HELLO.reply.unpack(fields)))
        return super()._reply(frame, session, result, fields, always)

    def change(self, hello: m.HelloReply) -> m.HelloReply:
        return hello


class LittleRoom(ChangedHello):
    def change(self, hello: m.HelloReply) -> m.HelloReply:
        return hello._replace(rx_max=32)


class AnotherBootEachTime(ChangedHello):
    def change(self, hello: m.HelloReply) -> m.HelloReply:
        boot_id = (self._identity.boot_id + 1) & 0xFFFFFFFF
        self._identity = self._identity._replace(boot_id=boot_id)
        return hello._replace(boot_id=boot_id)


class AnyHelloMajor(Requests):
    def _hello(self, frame: Frame) -> bytes:
        frame.payload = b"\x01" + frame.payload[1:]
        return super()._hello(frame)


class SequenceWithoutWrap(Requests):
    def answer(self, frame: Frame, now_us: int) -> bytes:
        if frame.kind != m.HELLO.id and frame.sequence < self._last:
            return self._reply(frame, frame.session, m.BAD_STATE)
        return super().answer(frame, now_us)


class FastClock(Pen):
    """Its samples' clock is 3 % fast."""

    def _sample(self, now_us: int) -> m.Telemetry:
        return super()._sample(now_us)._replace(t_us=now_us * 103 // 100 & 0xFFFFFFFF)


class NeverOff(Sampling):
    def set(self, period_us: int, batch: int) -> int:
        return super().set(period_us or self.period_us, batch)


class OnePeriod(Sampling):
    def set(self, period_us: int, batch: int) -> int:
        return super().set(1000 if period_us else 0, batch)


class OtherStatus(Requests):
    def _status_get(self, get: object, now_us: int) -> Any:
        return m.OK, self.status(now_us)._replace(zone=77)


class NoCalibrationCrc(Requests):
    def status(self, now_us: int) -> m.StatusReply:
        return super().status(now_us)._replace(calibration_crc=0)


class NoCartridge(Requests):
    def _cartridge_get(self, get: object, now_us: int) -> Any:
        return m.OK, m.CartridgeReply(0, 0, 0, 0, b"", 0, 0)


class NeverQuiteHome(Pen):
    def _sample(self, now_us: int) -> m.Telemetry:
        found = super()._sample(now_us)
        return found._replace(depth_um=found.depth_um or 30)


class WidePlan(Plan):
    def write(self, offset: int, entries: tuple[tuple[int, int], ...]) -> int:
        kept = [] if offset == 0 else self._staged
        if offset > len(kept):
            return m.DENIED
        self._staged = kept[:offset] + list(entries) + kept[offset + len(entries) :]
        return m.OK


class GappyPlan(Plan):
    def write(self, offset: int, entries: tuple[tuple[int, int], ...]) -> int:
        return super().write(min(offset, len(self._staged)), entries)


class SmallPlan(Plan):
    def write(self, offset: int, entries: tuple[tuple[int, int], ...]) -> int:
        return super().write(offset, entries) if offset + len(entries) <= 32 else m.DENIED


class AppendingPlan(Plan):
    def write(self, offset: int, entries: tuple[tuple[int, int], ...]) -> int:
        return super().write(0 if offset == 0 else len(self._staged), entries)


class CutsCeiling(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        return super()._arm(arm._replace(depth_ceiling_um=max(500, min(arm.depth_ceiling_um, 1500))), now_us)


class AnyMode(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        return super()._arm(arm._replace(mode=arm.mode if arm.mode in (1, 2) else 1), now_us)


class ArmsUnseen(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        was, self._sampling.on = self._sampling.on, True
        found = super()._arm(arm, now_us)
        self._sampling.on = was
        return found


class ArmsTwice(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        if self._motion.state == m.STATE_ARMED:
            return m.OK, m.ArmReply(self._motion.arm(arm.mode, arm.depth_ceiling_um, now_us))
        return super()._arm(arm, now_us)


class ArmsNeedlesOut(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        self._motion.readings = self._motion.readings._replace(needles_home=True, motor_powered=False)
        return super()._arm(arm, now_us)


class CalibratesByPlan(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        return super()._arm(arm, now_us) if self.plan.committed else (m.DENIED, None)


class DisarmDoesNothing(Requests):
    def _disarm(self, disarm: object, now_us: int) -> tuple[int, None]:
        return m.OK, None


class ClearsNothing(Requests):
    def _clear_fault(self, clear: m.ClearFault, now_us: int) -> tuple[int, None]:
        if self._motion.state != m.STATE_FAULT:
            return m.OK, None
        return super()._clear_fault(clear, now_us)
