"""Labelled treatments from the simulator's physics: zones worked over in passes, with wiping in between and a person's marks.

A treatment is one hand, one cartridge and several zones; `traces.py` gives hand, pen and strokes. What a person says (a tap,
a change of zone) stands between the samples; the truth is how many passes they gave each zone.
"""

from dataclasses import dataclass, field
from typing import Literal

from firmware_protocol.simulator.hand import Strokes
from pencontrol.passes import ContactDetector, Pace, PassCounter, PassEnd
from tests.pencontrol.traces import Interval, Ranges, Rig, Sample, draw

TIP_WIDTH_UM = 5600
PASS_SPREAD = 0.1  # two passes of one hand differ by so much
MARK_IN_CONTACT_SHARE = 0.1  # of the marks come before the hand has left

Style = Literal["marks every pass", "marks some passes", "never marks"]
MARK_SHARE: dict[Style, float] = {"marks every pass": 1.0, "marks some passes": 0.5, "never marks": 0.0}


@dataclass(frozen=True)
class PassRanges:
    """How a person works: speed over the skin, wiping inside a pass, and what stands between two passes."""

    glide_cm_per_s: tuple[Interval, ...]
    area_cm2: tuple[Interval, ...]
    inside_s: tuple[Interval, ...]  # a long lift in the middle of a pass
    between_s: tuple[Interval, ...]  # a long lift that ends one
    gap_s: tuple[Interval, ...]  # after a mark
    inside_share: float  # of the passes with a long lift inside


PASSES_TUNED = PassRanges(
    glide_cm_per_s=((1.2, 1.45), (1.9, 2.2), (2.9, 3.1)),
    area_cm2=((4.0, 5.0), (7.0, 8.0)),
    inside_s=((2.7, 3.5),),
    between_s=((3.5, 5.0),),
    gap_s=((0.5, 0.9),),
    inside_share=0.2,
)
PASSES_JUDGED = PassRanges(
    glide_cm_per_s=((1.5, 1.85), (2.25, 2.8)),
    area_cm2=((5.0, 7.0), (8.0, 11.0)),
    inside_s=((2.6, 2.7), (3.5, 9.0)),
    between_s=((2.8, 3.5), (5.0, 8.0)),
    gap_s=((0.25, 0.5), (0.9, 2.0)),
    inside_share=0.3,
)


@dataclass(frozen=True)
class Mark:
    """What a person said after sample `sample`: a pass is done, or another zone."""

    sample: int
    how: PassEnd


@dataclass
class Worked:
    """A treatment's samples and marks; `areas_cm2` and `passes` by zone in the order of work."""

    samples: list[Sample]
    marks: list[Mark] = field(default_factory=list)
    areas_cm2: list[float] = field(default_factory=list)
    passes: list[int] = field(default_factory=list)


def make_worked(seed: int, ranges: Ranges, work: PassRanges, style: Style, zones: int) -> Worked:
    """One treatment over `zones` zones. The same arguments give the same samples and marks."""
    rig = Rig(seed, ranges)
    rng = rig.rng
    worked = Worked(rig.trace.samples)
    glide_cm_per_s = draw(rng, work.glide_cm_per_s)
    rig.start(round(draw(rng, ranges.speed_rpm)), round(rng.uniform(500, 1500)))
    _wait(rig, rng.uniform(0.5, 1.2))
    for _ in range(zones):
        area_cm2 = draw(rng, work.area_cm2)
        passes = rng.choice((1, 2, 2, 3, 3, 4))
        worked.areas_cm2.append(area_cm2)
        worked.passes.append(passes)
        for number in range(passes):
            last = number == passes - 1
            marked = last or rng.random() < MARK_SHARE[style]
            contact_s = area_cm2 / (TIP_WIDTH_UM / 10_000 * glide_cm_per_s) * rng.uniform(1 - PASS_SPREAD, 1 + PASS_SPREAD)
            cut_s = _pass(rig, work, contact_s, marked and rng.random() < MARK_IN_CONTACT_SHARE)
            if marked:
                _wait(rig, rng.uniform(0.05, 0.3))
                worked.marks.append(Mark(rig.index, "zone_change" if last else rng.choice(("tap", "button"))))
            _wait(rig, cut_s + draw(rng, work.gap_s if marked else work.between_s))
    rig.stop()
    return worked


def _pass(rig: Rig, work: PassRanges, contact_s: float, cut: bool) -> float:
    """Strokes of one pass; returns how much of the last one is still to come, where a mark cuts into it."""
    rng, ranges = rig.rng, rig.ranges
    wipe_at_s = rng.uniform(0, contact_s) if rng.random() < work.inside_share else contact_s + 1
    done_s = 0.0
    while True:
        stroke_s = min(draw(rng, ranges.contact_s), max(contact_s - done_s, 0.25))
        done_s += stroke_s
        rig.hand.stroke(Strokes(1, stroke_s, 0.05, draw(rng, ranges.force_n), rig.tremor))
        if done_s >= contact_s - 0.15:
            early_s = 0.2 if cut else 0.0
            _wait(rig, stroke_s - early_s)
            return early_s
        wiping = done_s > wipe_at_s
        wipe_at_s = contact_s + 1 if wiping else wipe_at_s
        _wait(rig, stroke_s + 0.05 + draw(rng, work.inside_s if wiping else ranges.lift_s))


def _wait(rig: Rig, seconds: float) -> None:
    for _ in range(round(seconds * 1000)):
        rig.step()


def counted_passes(worked: Worked) -> list[int]:
    """Passes by zone as control counts them, without a correction."""
    pace = Pace()
    counters = [PassCounter(area_cm2, TIP_WIDTH_UM, pace=pace) for area_cm2 in worked.areas_cm2]
    detector = ContactDetector()
    marks = iter([*worked.marks, Mark(1 << 60, "close")])
    mark, zone = next(marks), 0
    for sample in worked.samples:
        counter = counters[zone]
        if sample.sample > mark.sample:
            cut = detector.close()
            if cut is not None:
                counter.add(cut)
            counter.end_pass(mark.how)
            zone = min(zone + (mark.how == "zone_change"), len(counters) - 1)
            counter, mark = counters[zone], next(marks)
        stroke = detector.feed(sample.sample, sample.depth_um, sample.current_ma, sample.speed_rpm, sample.asked_rpm)
        if stroke is not None:
            counter.add(stroke)
        if not detector.contact and counter.lifted(sample.sample):
            counter.end_pass("lift")
    return [counter.passes for counter in counters]
