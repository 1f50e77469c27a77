"""The host's link over a bad cable to a real pen, on a virtual clock: every request ends in time, and never acts twice."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_PEN_WIRE_BYTES, Deframer
from firmware_protocol.happenings import Happening, Replied, Sample, Unanswered, Voided
from firmware_protocol.link import Link
from firmware_protocol.pen import Pen
from firmware_protocol.pen_requests import Requests
from firmware_protocol.simulator.cable import Cable
from firmware_protocol.simulator.plant import Plant

MS = 1_000_000
LONGEST_MS = 800
REQUESTS = 60


class CountingRequests(Requests):
    """Notes each execution of PLAN_WRITE by its payload, which the test never uses twice."""

    done: list[tuple[int, Any]]

    def _plan_write(self, write: m.PlanWrite, now_us: int) -> tuple[int, None]:
        self.done.append((self._output.session, write.entries))
        return super()._plan_write(write, now_us)


class Rig:
    """Link, cable and pen; one turn is a millisecond."""

    def __init__(self, faults: dict[str, float], seed: int, pen_type: type[Requests] = CountingRequests) -> None:
        self.pen = Pen(Plant(seed), 0xB007 + seed, m.RESET_POWER_ON, b"LOSSES", b"1.0", 1)
        self.pen.requests.__class__ = pen_type
        self.done: list[tuple[int, Any]] = []
        self.pen.requests.done = self.done  # type: ignore[attr-defined]
        self.faults = faults
        self.cable = Cable(seed, faults)
        self.nonce = 7
        self.link = Link(self.nonce)
        self.ms = 0
        self.sent_ms: dict[bytes, int] = {}  # payload of PLAN_WRITE -> when first written
        self.happened: list[tuple[int, Happening]] = []
        self._watch = Deframer(TO_PEN_WIRE_BYTES)

    def turn(self) -> None:
        self.ms += 1
        now_us, now_ns = self.ms * 1000, self.ms * MS
        self.pen.step(now_us)
        self.cable.to_host.put(self.pen.take_output(), now_us)
        for each in self.link.receive(self.cable.to_host.take(now_us), now_ns):
            self.happened.append((self.ms, each))
        out = self.link.poll(now_ns)
        for frame in self._watch.feed(out):
            if frame.kind == m.PLAN_WRITE.id:
                self.sent_ms.setdefault(frame.payload, self.ms)
        self.cable.to_pen.put(out, now_us)
        data = self.cable.to_pen.take(now_us)
        if data:
            self.pen.receive(data, now_us)
        if self.link.lost:
            self.nonce += 1
            self.link.hello_again(self.nonce, now_ns)

    def outcome(self, payload: m.PlanWrite) -> Happening | None:
        for _, each in reversed(self.happened):
            if isinstance(each, Replied | Unanswered | Voided) and each.payload == payload:
                return each
        return None

    def connect(self) -> None:
        end = self.ms + 20_000
        while not self.link.session and self.ms < end:
            self.turn()
        assert self.link.session


BAD = [
    *[{"drop": rate} for rate in (0.01, 0.05, 0.1, 0.2)],
    {"duplicate": 0.2},
    {"delay": 60.0},
    {"flip": 0.2},
    {"torn": 0.1},
    {"drop": 0.2, "duplicate": 0.2, "delay": 30.0, "flip": 0.1},
    {"drop_to_host": 0.3, "duplicate_to_pen": 0.3},
]


def play(faults: dict[str, float], seed: int, pen_type: type[Requests] = CountingRequests) -> tuple[Rig, list[int], list[str]]:
    """Requests one after the other; how long each took from the first frame, and how it ended."""
    rig = Rig(faults, seed, pen_type)
    took, ends = [], []
    for number in range(REQUESTS):
        rig.connect()
        asked = m.PlanWrite(0, ((number, 500 + number),))
        wire = m.PLAN_WRITE.payload.pack(asked)
        rig.link.request(m.PLAN_WRITE, asked, rig.ms * MS)
        end = rig.ms + 3000
        while (outcome := rig.outcome(asked)) is None:
            assert rig.ms < end, "a request without an end"
            rig.turn()
        took.append(rig.ms - rig.sent_ms.get(wire, rig.ms))
        ends.append(type(outcome).__name__)
        for _ in range(60):
            rig.turn()
    return rig, took, ends


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("faults", BAD, ids=str)
def test_every_request_ends_in_time_and_acts_once_at_most(faults: dict[str, float], seed: int) -> None:
    rig, took, ends = play(dict(faults), seed)
    assert max(took) <= LONGEST_MS
    assert len(rig.done) == len({entries for _, entries in rig.done})
    assert ends.count("Replied") > REQUESTS // 2
    assert len(rig.done) >= ends.count("Replied")
    samples = [each for _, each in rig.happened if isinstance(each, Sample)]
    assert [sample.index for sample in samples] == sorted({sample.index for sample in samples})


def test_a_cable_that_lets_nothing_through_ends_every_request_too() -> None:
    rig = Rig({}, 1)
    rig.connect()
    rig.faults["drop"] = 1.0
    asked = m.PlanWrite(0, ((1, 500),))
    rig.link.request(m.PLAN_WRITE, asked, rig.ms * MS)
    start = rig.ms
    while rig.outcome(asked) is None:
        assert rig.ms - start <= 2 * LONGEST_MS
        rig.turn()
    assert rig.done == []


class ForgetsReplies(CountingRequests):
    """A pen without a reply cache: the counter-proof."""

    def answer(self, frame: Any, now_us: int) -> bytes:
        self._cache = []
        if frame.kind == m.PLAN_WRITE.id:
            self._last = (frame.sequence - 1) & 0xFFFF
        return super().answer(frame, now_us)


def test_the_counting_would_see_a_second_execution() -> None:
    rig, _, _ = play({"drop_to_host": 0.3}, 1, ForgetsReplies)
    assert len(rig.done) > len({entries for _, entries in rig.done})


@pytest.mark.parametrize("seed", [1, 2])
def test_losses_of_telemetry_are_counted_exactly(seed: int) -> None:
    rig = Rig({}, seed)
    rig.connect()
    for _ in range(50):  # past the self-test
        rig.turn()
    rig.link.request(m.STREAM, m.Stream(1000, 1), rig.ms * MS)
    for _ in range(200):
        rig.turn()
    assert rig.link.samples_lost == 0
    rig.faults.update(drop_to_host=0.1)
    sent_before, heard_before = rig.pen.index, rig.link.samples
    for _ in range(2000):
        rig.turn()
    del rig.faults["drop_to_host"]
    for _ in range(3):
        rig.turn()
    sent = rig.pen.index - sent_before
    assert 100 < rig.link.samples_lost == sent - (rig.link.samples - heard_before)
