"""The pyramid against plain minima and maxima over the same samples, at every zoom, wherever the trace begins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.touch.pyramid import MISSING, Pyramid


def plain(samples: np.ndarray, first: int, first_bin: int, count: int, per_bin: int) -> tuple[list[float], list[float]]:
    lows, highs = [], []
    for number in range(first_bin, first_bin + count):
        part = samples[max(0, number * per_bin - first) : max(0, (number + 1) * per_bin - first)]
        known = part[part != MISSING]
        lows.append(float(known.min()) if len(known) else float("nan"))
        highs.append(float(known.max()) if len(known) else float("nan"))
    return lows, highs


@st.composite
def traces(draw: st.DrawFn) -> tuple[np.ndarray, int, float, int, int]:
    length = draw(st.sampled_from((0, 1, 17, 900, 6000, 6011)))
    holes = draw(st.sampled_from((0.0, 0.02, 0.9)))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    samples = random.integers(0, 2000, length).astype(np.uint16)
    samples[random.random(length) < holes] = MISSING
    return (
        samples,
        draw(st.integers(0, 5000)),
        draw(st.one_of(st.floats(0.01, 300), st.floats(256, 900))),
        draw(st.integers(-3, 20)),
        draw(st.integers(1, 60)),
    )


@given(traces())
def test_every_bin_is_the_minimum_and_maximum_of_its_samples(made: tuple[np.ndarray, int, float, int, int]) -> None:
    samples, first, wanted, offset, count = made
    pyramid = Pyramid(samples, first)
    per_bin = pyramid.per_bin(wanted)
    assert wanted <= per_bin <= max(1, wanted * 17 / 16 + 1)
    first_bin = first // per_bin + offset
    lows, highs = pyramid.bounds(first_bin, count, per_bin)
    expected = plain(samples, first, first_bin, count, per_bin)
    np.testing.assert_array_equal(lows, expected[0])
    np.testing.assert_array_equal(highs, expected[1])


def test_a_peak_keeps_its_bin_while_the_view_is_dragged() -> None:
    samples = np.full(100_000, 500, np.uint16)
    samples[54_321] = 1499
    pyramid = Pyramid(samples, 777)
    per_bin = pyramid.per_bin(300)
    for first_bin in range(40):
        _, highs = pyramid.bounds(first_bin, 400, per_bin)
        assert [at + first_bin for at in np.flatnonzero(highs == 1499)] == [(777 + 54_321) // per_bin]


def test_a_view_needs_no_more_than_31_pairs_a_column_and_little_memory() -> None:
    pyramid = Pyramid(np.zeros(300_000, np.uint16), 0)
    assert pyramid.nbytes < 1.15 * 600_000
    for wanted in (1.0, 15.9, 17.0, 255.0, 600.0, 5000.0):
        per_bin = pyramid.per_bin(wanted)
        assert per_bin // pyramid._width_for(per_bin) <= 16 * 16
    with pytest.raises(ValueError, match="allowed are 1 bin or more of a multiple of 16"):
        pyramid.bounds(0, 5, 301)


def test_single_samples_and_the_missing_ones() -> None:
    pyramid = Pyramid(np.array([5, MISSING, 7], np.uint16), 100)
    assert [pyramid.value(index) for index in (99, 100, 101, 102, 103)] == [None, 5, None, 7, None]
    assert pyramid.known(0, 1000).tolist() == [5, 7]
    assert pyramid.end == 103
