"""From stamps to figures: percentiles, witnessed stalls, the slope of memory. Pure.

The host stalls now and then for 8 to 45 ms and says nothing. A witness does: a thread of real-time priority on the same core
that sleeps a millisecond at a time and notes when it woke late. What took longer than usual is left out when witnessed stalls
cover at least half of what it took longer; every figure is told with and without.
"""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

MAKING_UP_SHARE = 0.25  # after a stall everything that waited for it wants the core at once
EXPLAINED_SHARE = 0.5
DAY_S = 86_400
WARM_S = 300.0  # glyphs, caches and pools of memory fill at first use: 0.4 MB in five minutes, then hardly anything
JUDGED_S = 240.0  # a slope of less time says nothing about a day
Spans = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Times:
    """Milliseconds; each is one that was measured (nearest rank). Empty where nothing was measured."""

    n: int
    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True)
class Judged:
    """The same moments with and without those that a witness explains."""

    raw: Times
    clean: Times
    removed: int
    removed_share: float


def times_of(took_ns: npt.NDArray[np.int64]) -> Times:
    """Percentiles; NaN without a single time, which no gate lets pass."""
    if not len(took_ns):
        nothing = float("nan")
        return Times(0, nothing, nothing, nothing, nothing)
    ordered = np.sort(took_ns)

    def rank(share: float) -> float:
        return round(float(ordered[int(np.ceil(share * len(ordered))) - 1]) / 1e6, 3)

    return Times(len(ordered), rank(0.5), rank(0.95), rank(0.99), rank(1.0))


def spans_of(start_ns: npt.NDArray[np.uint64], end_ns: npt.NDArray[np.uint64]) -> Spans:
    """[[start, end], ...]."""
    return np.stack((start_ns.astype(np.int64), end_ns.astype(np.int64)), axis=1)


def intervals(moments_ns: npt.NDArray[np.uint64]) -> Spans:
    """From each moment to the next."""
    return spans_of(moments_ns[:-1], moments_ns[1:])


def judged(spans: Spans, stalls: Spans) -> Judged:
    """Figures of `spans`, raw and without what `stalls` explain. The usual time is the median of all."""
    took = spans[:, 1] - spans[:, 0]
    kept = ~explained(spans, merged(stalls), int(np.median(took)) if len(took) else 0)
    removed = int((~kept).sum())
    return Judged(times_of(took), times_of(took[kept]), removed, round(removed / len(took), 5) if len(took) else 0.0)


def merged(stalls: Spans) -> Spans:
    """Stalls with the time to make up for them, in order and apart."""
    out: list[list[int]] = []
    for start, end in stalls[np.argsort(stalls[:, 0])].tolist():
        end += int((end - start) * MAKING_UP_SHARE)
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return np.array(out, dtype=np.int64).reshape(-1, 2)


def explained(spans: Spans, stalls: Spans, usual_ns: int) -> npt.NDArray[np.bool_]:
    """Which spans are longer than usual because of stalls (in order and apart)."""
    if not len(stalls) or not len(spans):
        return np.zeros(len(spans), dtype=np.bool_)
    over_ns = spans[:, 1] - spans[:, 0] - usual_ns
    covered_ns = _stalled_before(spans[:, 1], stalls) - _stalled_before(spans[:, 0], stalls)
    return (over_ns > 0) & (covered_ns > 0) & (covered_ns >= EXPLAINED_SHARE * over_ns)


def _stalled_before(at_ns: npt.NDArray[np.int64], stalls: Spans) -> npt.NDArray[np.int64]:
    """The sum of stalled time before each moment."""
    sums = np.concatenate(([0], np.cumsum(stalls[:, 1] - stalls[:, 0])))
    begun = np.searchsorted(stalls[:, 0], at_ns, side="right")
    newest = np.maximum(begun - 1, 0)
    after_end_ns = np.maximum(0, at_ns - stalls[newest, 1])
    within_ns = np.where(begun > 0, at_ns - stalls[newest, 0] - after_end_ns, 0)
    total: npt.NDArray[np.int64] = sums[newest] + within_ns
    return total


@dataclass(frozen=True)
class Growth:
    """What a process grows by, in MB a day, with the bounds between which the true slope lies in 95 of 100 runs."""

    mb_a_day: float
    low: float
    high: float
    samples: int


def growth(at_s: npt.NDArray[np.float64], size_mb: npt.NDArray[np.float64]) -> Growth | None:
    """Slope after WARM_S by Sen's method: one step up, or a few odd values, do not make a slope. None: too short to say."""
    warm = at_s >= at_s[0] + WARM_S if len(at_s) else np.zeros(0, dtype=np.bool_)
    at_s, size_mb = at_s[warm], size_mb[warm]
    count = len(at_s)
    if count < 10 or at_s[-1] - at_s[0] < JUDGED_S:
        return None
    first, second = np.triu_indices(count, 1)
    slopes = np.sort((size_mb[second] - size_mb[first]) / (at_s[second] - at_s[first])) * DAY_S
    spread = 1.96 * np.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    last = len(slopes) - 1
    low = slopes[max(0, int((len(slopes) - spread) / 2))]
    high = slopes[min(last, int((len(slopes) + spread) / 2) + 1)]
    return Growth(round(float(np.median(slopes)), 2), round(float(low), 2), round(float(high), 2), count)


def as_told(judged_times: Judged) -> dict[str, object]:
    """For the document."""
    return asdict(judged_times)
