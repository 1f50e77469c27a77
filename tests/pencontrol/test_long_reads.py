"""Control after a stall: a long read, judged at once where it is calm, leads to the same record as sample by sample."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware_protocol.happenings import Sample
from firmware_protocol.link import Link
from firmware_protocol.runs import SampleRun
from pencontrol.control.motion import Motion, judge
from pencontrol.control.run import Run
from pencontrol.control.supervisor import Finding, Supervisor
from tests.pencontrol.bench import MS, Bench

READ_BYTES = 4096


class Noted(Bench):
    """Also keeps what the judge has noted after each stall."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.noted: list[list[Any]] = []


def stall(bench: Bench, ms: int, bend: Callable[[bytes], bytes] = bytes) -> None:
    """Nobody reads for so long; then control gets it all, as a transport gives it. The screen goes on living."""
    out = b""
    for _ in range(ms):
        bench.now_ns += MS
        bench.beats += 1
        bench.beat_ns = bench.now_ns
        bench.device.step(bench._pen_us(), bench.now_ns)
        out += bench.device.take_output()
    out = bend(out)
    while out:
        bench.control.on_bytes(out[:READ_BYTES], bench.now_ns)
        out = out[READ_BYTES:]
    run = bench.station.run
    if isinstance(bench, Noted) and run is not None and run.supervisor is not None:
        bench.noted.append([getattr(run.supervisor, slot) for slot in Supervisor.__slots__])
    bench.control.tick(bench.now_ns)
    bench._record()


def calm(bench: Bench) -> None:
    for ms in (40, 130, 60, 25, 90):
        stall(bench, ms)
        bench.run(130)


def strokes(bench: Bench) -> None:
    for _ in range(3):
        bench.device.hand.press(2.0)
        stall(bench, 80)
        bench.run(150)
        bench.device.hand.lift()
        stall(bench, 60)
        bench.run(200)


def another_setting(bench: Bench) -> None:
    for depth_um, speed_rpm in ((600, 7000), (600, 7800), (900, 6200)):
        assert bench.ask(depth_um, speed_rpm) == ""
        run = bench.station.run
        assert run is not None
        sent = run.last_drive_ns
        while run.last_drive_ns == sent:
            bench.run(1)
        stall(bench, 90)  # in the midst of it the pen's samples show the new setting
        bench.run(900)
        stall(bench, 90)


def damage(bench: Bench) -> None:
    """A byte of some frame, two lost frames in the middle, all of it twice."""
    for bend in (
        lambda out: out[:900] + b"\x55" + out[901:],
        lambda out: out[:1000] + out[1070:],
        lambda out: out + out,
        lambda out: out[:-7],
    ):
        stall(bench, 90, bend)
        bench.run(120)


def a_fault(name: str) -> Callable[[Bench], None]:
    def begin(bench: Bench) -> None:
        stall(bench, 50)
        bench.device.begin_fault(name)
        stall(bench, 120)
        bench.run(300)
        stall(bench, 120)

    return begin


def a_torn_cable(bench: Bench) -> None:
    """The STOP that the first bad sample causes finds no cable: what comes after that sample is not looked at."""
    bench.device.begin_fault("depth_runaway")
    bench.cable = False
    stall(bench, 120)
    bench.run(5)
    bench.cable = True
    bench.run(300)


def a_pause(bench: Bench) -> None:
    stall(bench, 30)
    bench.pause()
    stall(bench, 100)
    bench.run(50)


def the_pens_button(bench: Bench) -> None:
    bench.device.begin_fault("button", 0.06)
    stall(bench, 120)


STORIES: dict[str, Callable[[Bench], None]] = {
    "calm": calm,
    "strokes": strokes,
    "another setting": another_setting,
    "damage": damage,
    "pause": a_pause,
    "button": the_pens_button,
    "torn cable": a_torn_cable,
    **{
        name: a_fault(name) for name in ("depth_runaway", "depth_invalid", "stall", "overcurrent", "cartridge_out", "speed_drift")
    },
}


def told(story: str) -> tuple[dict[str, Any], Bench]:
    """Everything that a session of this story left behind."""
    bench = Noted(seed=5)
    bench.treat(settle_ms=1200)
    STORIES[story](bench)
    bench.run(400)
    kept = ("events", "blocks", "records", "tape", "samples", "wire", "alarms", "opened", "noted")
    out = {name: getattr(bench, name) for name in kept}
    return {**out, "figures": vars(bench.station.figures), "snapshot": bench.snapshot}, bench


@pytest.mark.parametrize("story", STORIES)
def test_the_record_is_that_of_one_sample_after_the_other(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[bool] = []
    is_calm = Motion.is_calm

    def seen(self: Motion, samples: SampleRun) -> bool:
        at_once.append(is_calm(self, samples))
        return at_once[-1]

    monkeypatch.setattr(Motion, "is_calm", seen)
    fast, bench = told(story)
    assert at_once, "long reads came"
    assert any(at_once) or story in ("button", "torn cable"), "some were calm"
    assert not all(at_once) or story in ("calm", "strokes", "damage", "pause"), "some were not"
    monkeypatch.setattr(Link, "receive_runs", Link.receive)
    one_by_one, _ = told(story)
    for name, left in fast.items():
        assert left == one_by_one[name], name
    if story in ("depth_runaway", "depth_invalid", "stall", "overcurrent", "cartridge_out"):
        assert bench.safe
        assert bench.told("trip") or bench.told("stopped"), story


def test_another_guard_is_asked_of_every_sample() -> None:
    asked: list[int] = []

    def guard(run: Run, sample: Sample, limit_um: int) -> list[Finding]:
        asked.append(sample.index)
        return judge(run, sample, limit_um)

    bench = Bench(guard=guard)
    bench.treat(settle_ms=1200)
    before = len(asked)
    stall(bench, 90)
    assert asked[before:] == list(range(asked[before], asked[before] + 90))
