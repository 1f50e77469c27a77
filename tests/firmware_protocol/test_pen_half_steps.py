"""Telemetry at 2 kHz: the pen steps twice a millisecond for as long as the stream needs it, and its index stays time."""

import pytest

from firmware_protocol import messages as m
from firmware_protocol.conformance.driving import keep
from firmware_protocol.conformance.probe import Probe
from tests.firmware_protocol.conformance_bench import VirtualLine
from tests.firmware_protocol.pen_bench import Bench


def at_two_khz() -> Bench:
    bench = Bench()
    bench.run(30)
    assert bench.hello() == m.OK
    assert bench.request(m.STREAM, 500, 1) == m.OK
    assert bench.pen.step_us == 500
    return bench


def step(bench: Bench, now_us: int) -> None:
    bench.now_us = now_us
    bench.pen.step(now_us)
    bench.collect()


def test_a_sample_each_half_millisecond() -> None:
    bench = at_two_khz()
    start = bench.now_us
    for number in range(1, 401):
        step(bench, start + 500 * number)
    indices = [sample.index for sample in bench.samples]
    assert indices == list(range(indices[0], indices[0] + 400))
    assert {after.t_us - before.t_us for before, after in zip(bench.samples, bench.samples[1:], strict=False)} == {500}
    assert bench.samples[-1].dropped == 0


def test_a_pen_that_is_stepped_too_rarely_counts_what_it_never_took() -> None:
    bench = at_two_khz()
    start = bench.now_us
    for number in range(1, 101):
        step(bench, start + 1000 * number)
    first, last = bench.samples[0], bench.samples[-1]
    assert last.index - first.index + 1 - len(bench.samples) == last.dropped - first.dropped
    assert last.dropped - first.dropped == 99


@pytest.mark.parametrize("jitter_us", [0, 100, 200, -200])
def test_back_to_one_khz_without_a_leap(jitter_us: int) -> None:
    bench = at_two_khz()
    start = bench.now_us
    for number in range(1, 8):  # an odd number of halves
        step(bench, start + 500 * number)
    assert bench.request(m.STREAM, 1000, 1) == m.OK
    assert bench.pen.step_us == 1000
    bench.samples.clear()
    for number in range(4, 200):
        step(bench, start + 1000 * number + jitter_us * (number % 2))
    first, last = bench.samples[0], bench.samples[-1]
    assert last.index - first.index == len(bench.samples) - 1
    assert last.dropped == first.dropped


def test_a_step_that_comes_early_is_no_leap_of_71_minutes() -> None:
    bench = at_two_khz()
    step(bench, bench.now_us + 500)
    before = bench.pen.index
    step(bench, bench.now_us - 400)
    assert bench.pen.index == before


def test_without_a_stream_the_pen_rests_at_one_step() -> None:
    bench = at_two_khz()
    assert bench.request(m.STREAM, 0, 1) == m.OK
    assert bench.pen.step_us == 1000


@pytest.mark.parametrize("period_us", [250, 499, 501, 750])
def test_periods_between_are_refused(period_us: int) -> None:
    bench = at_two_khz()
    assert bench.request(m.STREAM, period_us, 1) == m.DENIED


def test_a_run_at_two_khz_trips_nothing() -> None:
    line = VirtualLine()
    line.read(0.1)
    probe = Probe(line, 2500)
    probe.fresh()
    assert probe.ask(m.STREAM, 500, 1).result == m.OK
    assert probe.arm().result == m.OK
    keep(probe, 3.0)
    assert probe.newest.state == m.STATE_RUNNING
    assert probe.newest.depth_um > 500
