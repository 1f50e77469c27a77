"""The replay as values: playing, zooming, jumping, and the figures of a moment."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.touch.pyramid import MISSING, Pyramid
from ui.touch.records.replay import LEAST_SPAN, Player, Window, after, bounds_of, cut_of, figures_at
from ui.touch.records.track import Ruler, Steps, Track


def places(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def track(depth: np.ndarray, speed: np.ndarray, first: int = 1000) -> Track:
    steps = Steps(places(first, first + 300), places(750, 1000))
    ruler = Ruler(places(first), places(first), places(5_000_000_000), places(len(depth)), 4_000_000_000, 1e6)
    return Track(Pyramid(depth, first), Pyramid(speed, first), steps, steps, Steps(places(first + 10), places(1)), ruler)


def test_playing_runs_at_its_rate_and_stops_at_the_end() -> None:
    player = Player(100, 10_100, 100.0).toggled()
    assert player.passed(2_000_000_000, 1e6).place == 2100
    fast = player.faster()
    assert fast.passed(500_000_000, 1e6).place == 100 + 500 * 4
    fastest = fast.faster()
    assert (fastest.rate, fastest.faster().rate) == (16, 1)
    ended = fastest.passed(1_000_000_000, 1e6)
    assert (ended.place, ended.playing) == (10_099, False)
    again = ended.toggled()
    assert (again.place, again.playing) == (100, True)
    assert again.toggled().passed(1_000_000_000, 1e6).place == 100, "a replay that stands still does not move"
    assert Player(0, 1, 0.0).toggled().playing is False


@given(
    st.floats(-1e6, 1e7),
    st.floats(1, 1e7),
    st.integers(0, 10**6),
    st.integers(1, 5 * 10**6),
    st.floats(0.01, 100),
    st.floats(0, 1),
)
def test_a_window_stays_on_the_trace_whatever_fingers_do(
    first: float, span: float, begin: int, length: int, factor: float, share: float
) -> None:
    end = begin + length
    window = Window(first, span).zoomed(factor, first + share * span).held(begin, end)
    assert window.span >= LEAST_SPAN
    assert begin <= window.first
    assert window.first + window.span <= max(end, begin + LEAST_SPAN) + 1e-3


def test_zooming_keeps_what_is_under_the_finger() -> None:
    window = Window(1000, 8000).zoomed(4, 5000)
    assert (window.first, window.span) == (4000, 2000)
    assert (5000 - window.first) / window.span == (5000 - 1000) / 8000


def test_following_and_jumping() -> None:
    assert Window(0, 100).showing(50) == Window(0, 100)
    assert Window(0, 100).showing(90).first == pytest.approx(15)
    assert Window(500, 100).showing(20).first == 20
    assert Window(0, 4_000_000).around(100_000) == Window(90_000, 20_000)
    assert Window(0, 5000).around(100_000) == Window(97_500, 5000)
    assert [after([10, 500, 900], place) for place in (0, 10, 500, 900)] == [10, 500, 900, 10]
    assert after([], 4) is None


def test_columns_and_places_belong_to_each_other() -> None:
    depth = np.full(60_000, 500, np.uint16)
    depth[43_210] = 1200
    pyramid = Pyramid(depth, 1000)
    cut = cut_of(Window(1000, 60_000), 400, pyramid)
    lows, highs = bounds_of(pyramid, cut, 0.001)
    assert cut.place(cut.column(44_210)) == pytest.approx(44_210)
    peak = int(np.nanargmax(highs))
    assert highs[peak] == pytest.approx(1.2)
    assert peak == (44_210 - cut.first) // cut.per_bin
    assert abs(cut.width / len(lows) * (peak + 0.5) - cut.column(44_210)) <= cut.width / len(lows)
    assert cut.column(cut.first + cut.bins * cut.per_bin) == pytest.approx(cut.width)


def test_digits_of_a_moment() -> None:
    depth, speed = np.full(600, 500, np.uint16), np.full(600, 7000, np.uint16)
    depth[350], speed[400:500] = 903, 6000
    shown = figures_at(track(depth, speed), 1000 + 499)
    assert (shown.depth_um, shown.speed_rpm, shown.contact) == (903, 6500, True)
    assert figures_at(track(depth, speed), 1000 + 551).depth_um == 500, "200 ms later it is forgotten"
    assert figures_at(track(depth, speed), 1005).contact is False
    gone = figures_at(track(np.full(600, MISSING, np.uint16), speed), 1300)
    assert (gone.depth_um, gone.speed_rpm) == (None, 7000)


def test_steps() -> None:
    steps = Steps(places(10, 20, 50), places(1, 0, 3))
    assert [steps.at(place) for place in (9, 10, 19, 20, 49, 50, 99)] == [0, 1, 1, 0, 0, 3, 3]
    assert steps.within(0, 60) == [(10, 20, 1), (20, 50, 0), (50, 60, 3)]
    assert steps.within(15, 45) == [(15, 20, 1), (20, 45, 0)]
    assert steps.within(0, 5) == []
