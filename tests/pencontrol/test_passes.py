"""Contact, strokes and passes from current alone."""

import random

import pytest

from pencontrol.dose import strikes_per_cm2
from pencontrol.passes import ContactDetector, PassCounter, StrokeCounter, StrokeSeen


def strokes_in(currents: list[int]) -> list[StrokeSeen]:
    detector, counter = ContactDetector(), StrokeCounter()
    seen = [counter.feed(number, detector.feed(current), 700) for number, current in enumerate(currents)]
    return [stroke for stroke in [*seen, counter.close()] if stroke is not None]


def trace(rng: random.Random, air_ma: float, rise_ma: float, contacts: list[tuple[int, int]]) -> list[int]:
    """(lift_ms, contact_ms) in order, with noise and a slow rise and fall as skin gives."""
    level, out = air_ma, []
    for lift_ms, contact_ms in contacts:
        for target, ms in ((air_ma, lift_ms), (air_ma + rise_ma, contact_ms)):
            for _ in range(ms):
                level += (target - level) / 30
                out.append(round(level + rng.gauss(0, 6)))
    return [*out, *[round(air_ma + rng.gauss(0, 6)) for _ in range(300)]]


@pytest.mark.parametrize("seed", range(8))
def test_strokes_are_found_over_air_current_pressure_and_rhythm(seed: int) -> None:
    rng = random.Random(seed)
    air_ma, rise_ma = rng.uniform(90, 220), rng.uniform(60, 220)
    contacts = [(rng.randint(220, 900), rng.randint(250, 1500)) for _ in range(12)]
    found = strokes_in(trace(rng, air_ma, rise_ma, [(400, 0), *contacts]))
    assert len(found) == 12
    for stroke, (_, contact_ms) in zip(found, contacts, strict=True):
        assert abs(stroke.contact_ms - contact_ms) < 100


def test_a_hand_that_is_down_when_air_is_learned_is_found_at_its_second_stroke() -> None:
    rng = random.Random(1)
    found = strokes_in(trace(rng, 140, 120, [(0, 600), (500, 700), (500, 700)]))
    assert len(found) >= 2


def test_noise_alone_is_no_stroke() -> None:
    rng = random.Random(2)
    assert strokes_in([round(150 + rng.gauss(0, 10)) for _ in range(20_000)]) == []


def test_a_speed_change_moves_air_and_makes_no_stroke() -> None:
    rng = random.Random(3)
    detector = ContactDetector()
    assert not any(detector.feed(round(140 + rng.gauss(0, 5))) for _ in range(1000))
    detector.speed_changed(6000, 8000, 300)
    level = 140.0
    for _ in range(2000):
        level += (187 - level) / 40
        assert not detector.feed(round(level + rng.gauss(0, 5)))


def stroke(ms: int) -> StrokeSeen:
    return StrokeSeen(1, 2, ms, 700)


def test_a_pass_needs_strokes_and_can_be_undone_and_merged() -> None:
    counter = PassCounter(area_cm2=40, tip_width_um=5600)
    assert counter.end_pass() is None
    counter.add(stroke(800))
    counter.add(stroke(700))
    assert counter.end_pass() == (2, 1500)
    counter.add(stroke(500))
    assert counter.undo()
    assert counter.passes == 0
    assert counter.end_pass() == (3, 2000)
    assert counter.strokes == 3
    assert counter.undo()
    assert not counter.undo()


def test_a_long_lift_ends_a_pass_only_after_enough_contact() -> None:
    counter = PassCounter(area_cm2=10, tip_width_um=5600)
    assert counter.expected_ms == 8929
    counter.add(stroke(5300))
    assert not any(counter.lifted(1) for _ in range(20_000))
    counter.add(stroke(100))
    assert not any(counter.lifted(1) for _ in range(2499))
    assert counter.lifted(1)


def test_carried_counts_go_on() -> None:
    counter = PassCounter(10, 5600, passes=2, strokes=7, contact_ms=6000)
    counter.add(stroke(100))
    counter.end_pass()
    assert (counter.passes, counter.strokes, counter.contact_ms) == (3, 8, 6100)


@pytest.mark.parametrize(("rpm", "expected"), [(6000, 1800), (7000, 2100), (8000, 2400)])
def test_strikes_per_square_centimetre_by_the_clinics_example(rpm: int, expected: int) -> None:
    assert strikes_per_cm2(12, rpm, 60, 40) == expected
    assert strikes_per_cm2(12, rpm, 60, 0) == 0
