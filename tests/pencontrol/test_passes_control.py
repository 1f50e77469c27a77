"""Passes as control counts and records them: the detector, the counter and the book on a simulated pen."""

import pytest

from firmware_protocol.simulator.hand import Strokes
from tests.pencontrol.bench import Bench

ZONE = "F.UPLIP"


@pytest.fixture
def bench() -> Bench:
    bench = Bench(seed=4)
    bench.treat(ZONE)
    return bench


def strokes(bench: Bench, count: int, contact_s: float = 1.0) -> None:
    bench.device.hand.stroke(Strokes(count, contact_s, 0.3, 1.2, 0.1))
    bench.run(round(1000 * count * (contact_s + 0.3)))


def test_the_dose_is_that_of_the_strokes_that_ended(bench: Bench) -> None:
    strokes(bench, 3)
    (zone,) = [view for view in bench.snapshot.zones if view.zone == ZONE]
    limit = bench.station.treatment.limits[ZONE] if bench.station.treatment else None
    assert limit is not None
    told = bench.told("stroke")
    contact_s = sum(stroke["contact_ms"] for stroke in told) / 1000
    assert len(told) == 3
    assert contact_s == pytest.approx(3.06, abs=0.1)
    dip = 0.98  # the motor turns so much slower with this hand on it
    assert zone.strikes_per_cm2 == pytest.approx(12 * dip * limit.speed_rpm / 60 * contact_s / limit.area_cm2, rel=0.01)


def test_the_dose_grows_while_a_stroke_lasts(bench: Bench) -> None:
    seen = []
    bench.device.hand.press(1.2)
    for _ in range(4):
        bench.run(200)
        seen += [view.strikes_per_cm2 for view in bench.snapshot.zones if view.zone == ZONE]
    assert 0 < seen[0] < seen[1] < seen[2] < seen[3]


def test_a_change_of_depth_or_speed_in_mid_stroke_cuts_it_not(bench: Bench) -> None:
    bench.device.hand.press(1.2)
    bench.run(500)
    assert bench.ask(500, 7400) == ""
    bench.run(900)
    bench.device.hand.lift()
    bench.run(400)
    (stroke,) = bench.told("stroke")
    assert stroke["contact_ms"] == pytest.approx(1440, abs=60)


def test_a_lift_inside_a_pass_is_recorded_as_counted_and_as_corrected(bench: Bench) -> None:
    strokes(bench, 6)
    bench.run(3000)
    strokes(bench, 2)
    assert bench.zone("F.CHIN") == ""
    bench.run(500)
    counted = [(row["number"], row["how"], row["strokes"]) for row in bench.told("pass_counted")]
    assert counted == [(1, "lift", 6), (1, "zone_change", 8)]
    (corrected,) = bench.told("pass_corrected")
    assert (corrected["counted"], corrected["corrected"]) == (1, 0)


def test_a_second_run_in_the_same_zone_goes_on_with_the_same_pass(bench: Bench) -> None:
    strokes(bench, 2)
    bench.pause()
    bench.run(1500)
    bench.device.hand.press(1.2)
    bench.run(200)
    assert bench.start() == ""
    bench.run(1500)
    bench.device.hand.lift()
    bench.run(400)
    assert len(bench.told("stroke")) == 3
    assert bench.zone("F.CHIN") == ""
    bench.run(500)
    assert [row["strokes"] for row in bench.told("pass_counted")] == [3]
