"""Pens that break one rule of sessions, requests or replies each."""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol import pen_requests
from firmware_protocol.frame import Frame
from firmware_protocol.pen import Pen
from firmware_protocol.pen_plan import Plan
from firmware_protocol.pen_requests import Requests


def with_requests(kind: type[Requests]) -> type[Pen]:
    class Broken(Pen):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.requests.__class__ = kind

    return Broken


class HelloAlwaysNew(Requests):
    def _hello(self, frame: Frame) -> bytes:
        self._output.session = 0
        return super()._hello(frame)


class OneSessionForAll(Requests):
    def _hello(self, frame: Frame) -> bytes:
        self._last_session = 41
        return super()._hello(frame)


class KeepsPlan(Requests):
    def _hello(self, frame: Frame) -> bytes:
        kept, self.plan = self.plan, Plan()
        try:
            return super()._hello(frame)
        finally:
            self.plan = kept


class AnySession(Requests):
    def answer(self, frame: Frame, now_us: int) -> bytes:
        if frame.kind != m.HELLO.id:
            frame.session = self._output.session
        return super().answer(frame, now_us)


class NoCache(Requests):
    """Executes a repeat, whenever it comes."""

    def answer(self, frame: Frame, now_us: int) -> bytes:
        if any(kept[1] == frame.sequence for kept in self._cache):
            self._cache = []
            self._last = (frame.sequence - 1) & 0xFFFF
        return super().answer(frame, now_us)


class AnyAge(Requests):
    """Executes whatever is not in the cache, however old."""

    def answer(self, frame: Frame, now_us: int) -> bytes:
        if all(kept[1] != frame.sequence for kept in self._cache):
            self._last = (frame.sequence - 1) & 0xFFFF
        return super().answer(frame, now_us)


class StopMovesNothing(Requests):
    def stopped(self, frame: Frame) -> bytes:
        last = self._last
        out = super().stopped(frame)
        self._last = last
        return out


class KeepsArmReply(Requests):
    def stopped(self, frame: Frame) -> bytes:
        kept = self._cache
        out = super().stopped(frame)
        self._cache = kept
        return out


class ArmsAnyBoot(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        return super()._arm(arm._replace(boot_id=self._identity.boot_id), now_us)


class ArmsAnyPlan(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        return super()._arm(arm._replace(plan_crc=self.plan.crc), now_us)


class ArmsBlind(Requests):
    def _arm(self, arm: m.Arm, now_us: int) -> Any:
        kept, pen_requests.ARM_FRAME_LONGEST_US = pen_requests.ARM_FRAME_LONGEST_US, 10_000_000
        try:
            return super()._arm(arm, now_us)
        finally:
            pen_requests.ARM_FRAME_LONGEST_US = kept


class StreamsAnytime(Requests):
    def _stream(self, stream: m.Stream, now_us: int) -> Any:
        return self._sampling.set(stream.period_us, stream.batch), None


class PlansAnytime(Requests):
    def _plan_write(self, write: m.PlanWrite, now_us: int) -> Any:
        return self.plan.write(write.offset, write.entries), None

    def _plan_commit(self, commit: m.PlanCommit, now_us: int) -> Any:
        return self.plan.commit(commit.plan_crc), None


class TrustsPlans(Requests):
    def _plan_commit(self, commit: m.PlanCommit, now_us: int) -> Any:
        result = super()._plan_commit(commit, now_us)
        if result[0] == m.BAD_CRC:
            return self.plan.commit(m.plan_crc(tuple(self.plan._staged))), None
        return result


class TimeStandsStill(Requests):
    def _sync(self, sync: m.Sync, now_us: int) -> Any:
        return m.OK, m.SyncReply(sync.host_us, 5_000_000, 5_000_000)


class EchoesHalf(Requests):
    def _sync(self, sync: m.Sync, now_us: int) -> Any:
        return m.OK, m.SyncReply(sync.host_us & 0xFFFFFFFF, now_us, now_us)


class TakesSimulate(Requests):
    def _simulate(self, simulate: m.Simulate, now_us: int) -> Any:
        return m.OK, None
