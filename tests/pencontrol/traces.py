"""Labelled traces from the simulator's physics: a hand on a pen, what its sensors say, and when needles were in skin.

The plant and the hand are stepped directly, without the wire; the run itself is as the pen does it: spin up with the needles
home, needles out at 8 um a millisecond once the speed is within 20 %. A detector sees only the samples. Ranges come in two
disjoint sets: `TUNED`, on which the detector's figures were chosen, and `JUDGED`, on which it is tested.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from firmware_protocol.simulator.hand import Hand, Strokes
from firmware_protocol.simulator.plant import CONTACT_N, Plant

Interval = tuple[float, float]

NEEDLES_OUT_SHARE = 0.2  # of the asked speed
RAMP_UM_PER_MS = 8
GRAZE_MS = 60  # contact that comes or goes for less is tremor at the edge, not a stroke or a lift
COAST_MS = 400
RIPPLE_SHARE = 0.6  # of the added noise is a hum of the needle's own cycle


class Sample(NamedTuple):
    """What control knows of one millisecond of a run. `run` counts STARTs."""

    run: int
    sample: int
    depth_um: int
    current_ma: int
    speed_rpm: int
    asked_rpm: int


class Span(NamedTuple):
    """Sample numbers of a contact's first and last sample."""

    first: int
    last: int


@dataclass(frozen=True)
class Ranges:
    """Where a trace's figures are drawn from: each a list of intervals, one chosen at random, then a point within it."""

    force_n: tuple[Interval, ...]
    contact_s: tuple[Interval, ...]
    lift_s: tuple[Interval, ...]
    tremor: tuple[Interval, ...]
    needles: tuple[Interval, ...]
    speed_rpm: tuple[Interval, ...]
    drag_ma: tuple[Interval, ...]
    noise_ma: tuple[Interval, ...] = ((0.0, 0.0),)
    noise_rpm: tuple[Interval, ...] = ((0.0, 0.0),)
    warming_ma: tuple[Interval, ...] = ((0.0, 0.0),)
    warming_s: tuple[Interval, ...] = ((60.0, 60.0),)
    long_lift_share: float = 0.04
    long_lift_s: tuple[Interval, ...] = ((2.6, 5.0),)
    changes_every_s: float = 0.0  # 0: never
    depth_changes_every_s: float = 0.0
    strokes_per_run: int = 1000
    down_at_start: float = 0.0  # share of the runs
    lost_share: float = 0.0  # of the samples


@dataclass
class Trace:
    """Samples of one or more runs, and the truth."""

    samples: list[Sample] = field(default_factory=list)
    truth: list[Span] = field(default_factory=list)
    force_n: list[float] = field(default_factory=list)


TUNED = Ranges(
    force_n=((0.5, 0.75), (1.0, 1.3)),
    contact_s=((0.45, 0.8), (1.2, 1.6)),
    lift_s=((0.24, 0.32), (0.45, 0.6)),
    tremor=((0.04, 0.08), (0.14, 0.18)),
    needles=((11.0, 14.0), (20.0, 24.0)),
    speed_rpm=((6200.0, 6600.0), (7300.0, 7600.0)),
    drag_ma=((-20.0, -15.0), (-8.0, -3.0), (5.0, 12.0), (25.0, 32.0)),
    noise_ma=((0.5, 1.0),),
    long_lift_s=((3.0, 4.0),),
)
JUDGED = Ranges(
    force_n=((0.35, 0.5), (0.75, 1.0), (1.3, 2.0)),
    contact_s=((0.25, 0.45), (0.8, 1.2), (1.6, 2.4)),
    lift_s=((0.18, 0.24), (0.32, 0.45), (0.6, 1.2)),
    tremor=((0.0, 0.04), (0.08, 0.14), (0.18, 0.25)),
    needles=((6.0, 11.0), (14.0, 20.0), (24.0, 42.0)),
    speed_rpm=((6000.0, 6200.0), (6600.0, 7300.0), (7600.0, 8000.0)),
    drag_ma=((-15.0, -8.0), (-3.0, 5.0), (12.0, 25.0)),
    noise_ma=((0.0, 0.5), (1.0, 2.0)),
    long_lift_s=((2.6, 3.0), (4.0, 6.0)),
)


def conditions(base: Ranges, judged: bool) -> dict[str, Ranges]:
    """Every condition of one set: the base ranges with one thing pushed to its end."""

    def either(tuned: Interval, other: Interval) -> tuple[Interval, ...]:
        return (other,) if judged else (tuned,)

    light = either((0.3, 0.45), (0.18, 0.3))
    return {
        "plain": base,
        "light pressure": replace(base, force_n=light),
        "firm pressure": replace(base, force_n=either((1.5, 2.0), (2.0, 2.6))),
        "quick hand": replace(base, contact_s=either((0.3, 0.5), (0.2, 0.3)), lift_s=either((0.22, 0.3), (0.18, 0.22))),
        "slow hand": replace(base, contact_s=either((2.0, 3.5), (3.5, 5.0))),
        "tremor": replace(base, tremor=either((0.36, 0.42), (0.28, 0.36))),
        "noise": replace(base, noise_ma=either((5.0, 8.0), (8.0, 12.0)), noise_rpm=either((8.0, 14.0), (14.0, 24.0))),
        "few needles": replace(base, needles=either((9.0, 11.0), (5.0, 8.0))),
        "many needles": replace(base, needles=either((24.0, 30.0), (32.0, 42.0))),
        "6000 rpm": replace(base, speed_rpm=either((6100.0, 6200.0), (6000.0, 6050.0))),
        "8000 rpm": replace(base, speed_rpm=either((7700.0, 7800.0), (7900.0, 8000.0))),
        "warming": replace(base, warming_ma=either((15.0, 25.0), (25.0, 45.0)), warming_s=either((40.0, 60.0), (15.0, 40.0))),
        "long lifts": replace(base, long_lift_share=0.25, long_lift_s=either((2.6, 4.0), (4.0, 9.0))),
        "speed changes": replace(base, changes_every_s=4.0 if judged else 3.0),
        "depth changes": replace(base, depth_changes_every_s=2.0 if judged else 3.0),
        "hand down at START": replace(base, strokes_per_run=4 if judged else 5, down_at_start=1.0),
        "hand down at START, light": replace(base, strokes_per_run=4 if judged else 5, down_at_start=1.0, force_n=light),
        "pauses": replace(base, strokes_per_run=5 if judged else 6, down_at_start=0.3),
        "lost samples": replace(base, lost_share=0.02 if judged else 0.01),
        "all at once": replace(
            base,
            tremor=either((0.28, 0.34), (0.2, 0.28)),
            noise_ma=either((2.0, 4.0), (4.0, 6.0)),
            warming_ma=either((10.0, 15.0), (15.0, 25.0)),
            changes_every_s=10.0,
            depth_changes_every_s=5.0,
            strokes_per_run=12,
            down_at_start=0.5,
            lost_share=0.005,
        ),
    }


def draw(rng: random.Random, intervals: Sequence[Interval]) -> float:
    """A point of one of the intervals."""
    low, high = rng.choice(list(intervals))
    return rng.uniform(low, high)


class Rig:
    """A plant, a hand and a run: one sample a millisecond while the motor is asked to turn."""

    def __init__(self, seed: int, ranges: Ranges) -> None:
        self.rng = random.Random(seed)
        self.ranges = ranges
        needles = round(draw(self.rng, ranges.needles))
        self._drag_ma = draw(self.rng, ranges.drag_ma)
        self._warming_ma = draw(self.rng, ranges.warming_ma) * self.rng.choice((-1.0, 1.0))
        self._warming_s = draw(self.rng, ranges.warming_s)
        self._noise_ma = draw(self.rng, ranges.noise_ma)
        self._noise_rpm = draw(self.rng, ranges.noise_rpm)
        self.tremor = draw(self.rng, ranges.tremor)
        self.plant = Plant(seed, needles=needles, drag_ma=self._drag_ma)
        self.hand = Hand(seed + 1, practice=False)
        self.trace = Trace()
        self.index = 0
        self.run = 0
        self.asked_rpm = 0
        self.asked_um = 0
        self._target_um = 0
        self._out = False
        self._angle = 0.0

    def start(self, asked_rpm: int, asked_um: int) -> None:
        """A person's START."""
        self.run += 1
        self.asked_rpm, self.asked_um = asked_rpm, asked_um
        self._target_um, self._out = 0, False

    def stop(self) -> None:
        """Motor off, needles home; the hand leaves the skin."""
        self.plant.safe()
        self.asked_rpm = 0
        self.hand.lift()
        for _ in range(COAST_MS):
            self.step()

    def step(self) -> None:
        """One millisecond; a sample of it while the pen runs."""
        plant, hand = self.plant, self.hand
        self.index += 1
        plant.drag_ma = self._drag_ma + self._warming_ma * self._warmth()
        if self.asked_rpm:
            self._out = self._out or abs(plant.speed_rpm - self.asked_rpm) <= NEEDLES_OUT_SHARE * self.asked_rpm
            if self._out:
                self._target_um = min(self.asked_um, self._target_um + RAMP_UM_PER_MS)
            plant.drive(self.asked_rpm, self._target_um)
        hand.step(bool(self.asked_rpm) and self._out)
        plant.hand_n = hand.force_n
        plant.step()
        if not self.asked_rpm:
            return
        touching = plant.hand_n > CONTACT_N and not plant.needles_home
        self._label(touching)
        seen = plant.read()
        self._angle += plant.speed_rpm / 60_000
        hum = 1.732 * RIPPLE_SHARE * _sawtooth(self._angle)
        grain = (1 - RIPPLE_SHARE**2) ** 0.5
        current_ma = seen.current_ma + self._noise_ma * (hum + grain * self.rng.gauss(0, 1))
        speed_rpm = seen.speed_rpm + self._noise_rpm * self.rng.gauss(0, 1)
        self.trace.force_n.append(hand.force_n)
        if self.rng.random() >= self.ranges.lost_share:
            self.trace.samples.append(
                Sample(self.run, self.index, seen.depth_um, max(0, round(current_ma)), max(0, round(speed_rpm)), self.asked_rpm)
            )

    def _warmth(self) -> float:
        """0 cold to 1 warm."""
        run_s = self.index / 1000
        return run_s / (run_s + self._warming_s)

    def _label(self, touching: bool) -> None:
        if not touching:
            return
        truth = self.trace.truth
        if truth and self.index - truth[-1].last <= GRAZE_MS:
            truth[-1] = Span(truth[-1].first, self.index)
        else:
            truth.append(Span(self.index, self.index))


def _sawtooth(turns: float) -> float:
    return 2 * (turns % 1.0) - 1


def make_trace(seed: int, ranges: Ranges, strokes: int) -> Trace:
    """One treatment of about `strokes` contacts. The same seed and ranges give the same trace."""
    rig = Rig(seed, ranges)
    rng = rig.rng
    done = 0
    while done < strokes:
        depth_um = round(rng.uniform(500, 1500))
        down = rng.random() < ranges.down_at_start
        if down:
            rig.hand.stroke(Strokes(1, contact_s=30.0, force_n=draw(rng, ranges.force_n), tremor=rig.tremor))
            for _ in range(rng.randint(50, 400)):
                rig.step()
        rig.start(round(draw(rng, ranges.speed_rpm)), depth_um)
        until = rig.index + rng.randint(500, 1500)
        while rig.index < until:
            rig.step()
        if down:
            rig.hand.lift()
            for _ in range(round(draw(rng, ranges.lift_s) * 1000)):
                rig.step()
            done += 1
        for _ in range(min(ranges.strokes_per_run, strokes - done)):
            _stroke(rig)
            done += 1
        for _ in range(rng.randint(50, 800)):
            rig.step()
        rig.stop()
    rig.trace.truth = [span for span in rig.trace.truth if span.last - span.first >= GRAZE_MS]
    return rig.trace


def _stroke(rig: Rig) -> None:
    """One contact and the lift after it, in whose course speed or depth may change."""
    rng, ranges = rig.rng, rig.ranges
    contact_s = draw(rng, ranges.contact_s)
    lift_s = draw(rng, ranges.long_lift_s if rng.random() < ranges.long_lift_share else ranges.lift_s)
    # the label ends at 0.05 N, up to 60 ms after the hand began to leave: the lift proper is what is left
    rig.hand.stroke(Strokes(1, contact_s, lift_s + 0.05, draw(rng, ranges.force_n), rig.tremor))
    steps = round((contact_s + lift_s + 0.05) * 1000)
    share = steps / 1000
    change_at = rng.randrange(steps) if ranges.changes_every_s and rng.random() < share / ranges.changes_every_s else -1
    every_s = ranges.depth_changes_every_s
    depth_at = rng.randrange(steps) if every_s and rng.random() < share / every_s else -1
    for step in range(steps):
        if step == change_at:
            rig.asked_rpm = round(draw(rng, ranges.speed_rpm))
        if step == depth_at:
            rig.asked_um = round(rng.uniform(500, 1500))
            rig._target_um = min(rig._target_um, rig.asked_um)
        rig.step()
