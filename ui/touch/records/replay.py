"""The replay as values: where it stands, what part of the trace is on show, and what the figures were then. Pure."""

import math
from dataclasses import dataclass, replace

import numpy as np

from ui.touch.decimation import Floats
from ui.touch.live import Live
from ui.touch.pyramid import Pyramid
from ui.touch.records.track import Track

RATES = (1, 4, 16)
LEAST_SPAN = 1_000.0  # places on show when zoomed in fully: a second
JUMP_SPAN = 20_000.0
FOLLOW = 0.75  # while playing the cursor goes no further across the window
DIGITS_NS = 200_000_000


@dataclass(frozen=True)
class Player:
    """`place` runs from `begin` up to `end` - 1 while playing, `rate` times as fast as it was."""

    begin: int
    end: int
    place: float
    playing: bool = False
    rate: int = 1

    def moved(self, place: float) -> "Player":
        """At another place, cut to the trace."""
        return replace(self, place=min(max(place, self.begin), max(self.begin, self.end - 1)))

    def passed(self, ns: int, period_ns: float) -> "Player":
        """`ns` later by the wall. Stands still at the end."""
        if not self.playing or ns <= 0:
            return self
        there = self.moved(self.place + ns * self.rate / period_ns)
        return replace(there, playing=there.place < self.end - 1)

    def toggled(self) -> "Player":
        """Play or pause; from the end it begins again."""
        start = self.begin if not self.playing and self.place >= self.end - 1 else self.place
        return replace(self, playing=not self.playing and self.end - self.begin > 1, place=start)

    def faster(self) -> "Player":
        """The next rate, after the last the first."""
        return replace(self, rate=RATES[(RATES.index(self.rate) + 1) % len(RATES)])


@dataclass(frozen=True)
class Window:
    """The part on show: `span` places from `first`."""

    first: float
    span: float

    def held(self, begin: int, end: int) -> "Window":
        """Cut to the trace: never wider than it, never narrower than a second."""
        span = min(max(self.span, LEAST_SPAN), max(float(end - begin), LEAST_SPAN))
        return Window(min(max(self.first, begin), max(begin, end - span)), span)

    def zoomed(self, factor: float, at: float) -> "Window":
        """Closer by `factor`; the place `at` stays where it is on the screen."""
        share = (at - self.first) / self.span
        return Window(at - share * self.span / factor, self.span / factor)

    def showing(self, place: float, far: float = FOLLOW) -> "Window":
        """Moved just so far that `place` is in it, at most `far` of the way across."""
        if place < self.first:
            return Window(place, self.span)
        return Window(max(self.first, place - far * self.span), self.span)

    def around(self, place: float) -> "Window":
        """With `place` in the middle, close enough to see what happened there."""
        span = min(self.span, JUMP_SPAN)
        return Window(place - span / 2, span)


@dataclass(frozen=True)
class Cut:
    """The window as pixel columns: `first` is the place of column 0, `each` how many places a column covers."""

    first: int
    each: float
    per_bin: int
    bins: int

    def column(self, place: float) -> float:
        """Where a place stands."""
        return (place - self.first) / self.each

    def place(self, column: float) -> float:
        """What stands at a column."""
        return self.first + column * self.each

    @property
    def width(self) -> float:
        """Columns that the bins take, which may reach beyond the window."""
        return self.bins * self.per_bin / self.each


def cut_of(window: Window, columns: int, pyramid: Pyramid) -> Cut:
    """The window over `columns` pixel columns; it begins at a bin's edge, so that bins keep their samples while it moves."""
    each = window.span / columns
    per_bin = pyramid.per_bin(each)
    first_bin = math.floor(window.first / per_bin)
    return Cut(first_bin * per_bin, each, per_bin, math.ceil(window.span / per_bin) + 1)


def bounds_of(pyramid: Pyramid, cut: Cut, unit: float) -> tuple[Floats, Floats]:
    """Lowest and highest of each bin of the cut, in the unit that is shown (`unit` of the stored one)."""
    lows, highs = pyramid.bounds(cut.first // cut.per_bin, cut.bins, cut.per_bin)
    return lows * unit, highs * unit


def figures_at(track: Track, place: int) -> Live:
    """What the digits showed then: the deepest and the mean speed of the last 200 ms; None where nothing was measured."""
    samples = max(1, round(DIGITS_NS / track.ruler.period_ns))
    depths, speeds = (part.known(place - samples + 1, place + 1) for part in (track.depth, track.speed))
    return Live(
        depth_um=int(depths.max()) if len(depths) else None,
        speed_rpm=round(float(np.mean(speeds))) if len(speeds) else None,
        contact=bool(track.contact.at(place)),
        fresh=bool(len(depths) or len(speeds)),
    )


def after(places: list[int], place: float) -> int | None:
    """The next of the rising `places` beyond `place`, after the last one the first; None when there is none."""
    beyond = [each for each in places if each > place + 1]
    return beyond[0] if beyond else (places[0] if places else None)
