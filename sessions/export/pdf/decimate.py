"""From samples to what a page can show: runs of one zone, and least and greatest value for each column of dots. Pure."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sessions.reading import Trace

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """An unbroken stretch of samples with the same zone and limit: `trace[first:end]`."""

    zone: int  # wire number
    limit_um: int
    first: int
    end: int


@dataclass(frozen=True)
class Envelope:
    """Least and greatest value in each of some equal stretches of time; `at` is their middle, 0 to 1."""

    at: Floats
    low: Floats
    high: Floats


def zone_runs(trace: Trace) -> list[Run]:
    """Runs in order; samples without a zone (number 0) belong to none."""
    if not len(trace):
        return []
    zone, limit = np.ascontiguousarray(trace["zone"]), np.ascontiguousarray(trace["limit_um"])
    change = np.flatnonzero((zone[1:] != zone[:-1]) | (limit[1:] != limit[:-1])) + 1
    edges = [0, *change.tolist(), len(trace)]
    runs = [Run(int(zone[a]), int(limit[a]), a, b) for a, b in itertools.pairwise(edges)]
    return [run for run in runs if run.zone]


def treated_runs(trace: Trace) -> list[Run]:
    """The runs in which needles moved."""
    return [run for run in zone_runs(trace) if trace["depth_um"][run.first : run.end].any()]


def envelope(values: npt.NDArray[np.generic], times: npt.NDArray[np.int64], begin: int, end: int, columns: int) -> Envelope:
    """`values` at `times` squeezed into `columns` between `begin` and `end`; columns without a sample are left out.

    No extreme is lost: a single sample over the limit stays visible at any width.
    """
    if not len(values) or end <= begin:
        nothing = np.zeros(0)
        return Envelope(nothing, nothing, nothing)
    # times never go back, so a column's first sample is found by halving: no sample is touched to know where it belongs
    edges = begin - (-np.arange(1, columns, dtype=np.int64) * (end - begin)) // columns
    firsts = np.concatenate(([0], np.searchsorted(times, edges)))
    counts = np.diff(firsts, append=len(values))
    column = np.flatnonzero(counts)
    starts = firsts[column]
    lows, highs = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return Envelope((column + 0.5) / columns, lows.astype(np.float64), highs.astype(np.float64))


def stretches(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and end of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
