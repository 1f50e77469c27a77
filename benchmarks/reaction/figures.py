"""From the pen's log to percentiles, raw and without witnessed stalls. Pure.

The host itself stalls now and then for 8 to 45 ms, and no counter of the guest shows it. Three witnesses do: the pen's own
timer (it stands on another core than control), the C channel and a timer of its own (both stand on control's). An answer is
left out when a witness was held up, or what came of that was still being made up for, during at least half of the answer's
own time. Less than half explains nothing: a commit of 50 ms must not be excused by a timer that was late for 0.3 ms meanwhile.

For answers over 1 ms the question is sharper, and asked of all of them, left out or not: without the time in which a witness
was held up, would it still be over 1 ms? So 1.1 ms of which the floor stood for 0.3 ms is explained, and 3 ms of which it
stood for 1.6 ms is not.

Nobody is his own witness. The floor is cleaned by the same rule with control in the C channel's place: if a slow answer of
the floor's excused itself, no clean floor could ever be slower than 400 us, and control would be held against a machine
that does not exist.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

RECORD = np.dtype([("what", "<u4"), ("reserved", "<u4"), ("start_ns", "<u8"), ("took_ns", "<u8")])
OURS, FLOOR, TICK, UNANSWERED, CORE_TICK = 0, 1, 2, 4, 8
# The pen's timer is late by 10 to 50 us in good times: five times that is no wake-up any more.
TICK_LATE_NS = 250_000
# A floor sample leaves half a period (500 us) after each of ours, so whatever holds control's core for 1 ms after ours left
# holds the floor's answer for at least 500 us; 400 leaves room for the two wires' difference. The other way round the same.
ANSWER_LATE_NS = 400_000
# A witness that usually needs 20 us and now 200 was held up. Too short to leave an answer out, long enough to be subtracted.
HELD_UP_NS = 200_000
# The timer on control's core (witness.c) ticks every 200 us; in good times 999 of 1000 ticks are less than 50 us late.
CORE_LATE_NS = 100_000
UNEXPLAINED_NS = 1_000_000
WORST = 5
EXPLAINED_SHARE = 0.5
# After a stall control has a backlog to judge, at 1 kHz and about 0.15 ms a sample with its STOP: 0.15 / (1 - 0.15), and room.
MAKING_UP_SHARE = 0.25

Percentiles = dict[str, float]
Records = npt.NDArray[np.void]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Figures:
    """One run in microseconds. Empty percentiles where nothing was measured."""

    samples: int
    floor_samples: int
    unanswered: int
    floor_us: Percentiles
    ours_us: Percentiles
    ours_clean_us: Percentiles
    floor_clean_us: Percentiles
    removed_share: float
    unexplained_over_1ms: int
    floor_unexplained_over_1ms: int
    worst: list[dict[str, float]]  # by what is left of them: seconds into the run, microseconds, and those left


def read_log(path: Path) -> Records:
    """The pen's records."""
    return np.fromfile(path, dtype=RECORD)


def figures(records: Records, floor_is_witness: bool) -> Figures:
    """Everything that is told of one run.

    `floor_is_witness`: False where the floor stands in line behind control (no FIFO for either): what control does to
    itself must not be taken for the host's doing. The pen's timer is then the only witness, as the timer on control's core
    needs FIFO too: there are no records of it.
    """
    ours = records[(records["what"] & ~np.uint32(UNANSWERED)) == OURS]
    floor = records[(records["what"] & ~np.uint32(UNANSWERED)) == FLOOR]
    nobody = floor[:0]
    floor_seen, ours_seen = (floor, ours) if floor_is_witness else (nobody, nobody)
    ticks = records[records["what"] == TICK]
    core = _from(records[records["what"] == CORE_TICK], CORE_LATE_NS)
    late, held_up = (_from(ticks, TICK_LATE_NS), core), (_from(ticks, HELD_UP_NS), core)
    ours_kept = ~_explained(_spans(ours), _stalls(*late, _from(floor_seen, ANSWER_LATE_NS)))
    floor_kept = ~_explained(_spans(floor), _stalls(*late, _from(ours_seen, ANSWER_LATE_NS)))
    clean_ns, floor_clean_ns = ours["took_ns"][ours_kept], floor["took_ns"][floor_kept]
    left_ns = _left_ns(_spans(ours), _stalls(*held_up, _from(floor_seen, HELD_UP_NS)))
    floor_left_ns = _left_ns(_spans(floor), _stalls(*held_up, _from(ours_seen, HELD_UP_NS)))
    slowest = np.argsort(left_ns)[::-1][:WORST]
    began_ns = int(ours["start_ns"][0]) if len(ours) else 0
    return Figures(
        samples=len(ours),
        floor_samples=len(floor),
        unanswered=int((ours["what"] & UNANSWERED != 0).sum()),
        floor_us=percentiles(floor["took_ns"]),
        ours_us=percentiles(ours["took_ns"]),
        ours_clean_us=percentiles(clean_ns),
        floor_clean_us=percentiles(floor_clean_ns),
        removed_share=float(1 - ours_kept.mean()) if len(ours) else 0.0,
        unexplained_over_1ms=int((left_ns > UNEXPLAINED_NS).sum()),
        floor_unexplained_over_1ms=int((floor_left_ns > UNEXPLAINED_NS).sum()),
        worst=[
            {
                "at_s": round((int(ours["start_ns"][at]) - began_ns) / 1e9, 3),
                "us": round(int(ours["took_ns"][at]) / 1000, 1),
                "left_us": round(int(left_ns[at]) / 1000, 1),
            }
            for at in slowest
        ],
    )


def percentiles(took_ns: npt.NDArray[np.uint64]) -> Percentiles:
    """p50 to max in microseconds, each a time that was measured (nearest rank, never between two)."""
    if not len(took_ns):
        return {}
    ordered = np.sort(took_ns)
    ranks = {"p50": 0.5, "p99": 0.99, "p999": 0.999, "p9999": 0.9999, "max": 1.0}
    return {name: round(float(ordered[int(np.ceil(share * len(ordered))) - 1]) / 1000, 1) for name, share in ranks.items()}


def _spans(records: Records) -> Times:
    """[[start, end], ...] in nanoseconds."""
    start = records["start_ns"].astype(np.int64)
    return np.stack((start, start + records["took_ns"].astype(np.int64)), axis=1)


def _from(records: Records, took_ns: int) -> Records:
    """Those that took so many nanoseconds or more."""
    return records[records["took_ns"] >= took_ns]


def _stalls(*seen: Records) -> Times:
    """What the witnesses saw, as stalls in order and apart."""
    return _merged(np.concatenate([_spans(each) for each in seen]))


def _merged(spans: Times) -> Times:
    """Stalls with the time to make up for them, in order and apart."""
    merged: list[list[int]] = []
    for start, end in spans[np.argsort(spans[:, 0])].tolist():
        end += int((end - start) * MAKING_UP_SHARE)
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return np.array(merged, dtype=np.int64).reshape(-1, 2)


def _explained(spans: Times, stalls: Times) -> npt.NDArray[np.bool_]:
    """Which spans were stalled for at least half of their time. `stalls` in order and apart."""
    took_ns = spans[:, 1] - spans[:, 0]
    covered_ns = took_ns - _left_ns(spans, stalls)
    return (covered_ns > 0) & (covered_ns >= EXPLAINED_SHARE * took_ns)


def _left_ns(spans: Times, stalls: Times) -> Times:
    """What is left of each span without its stalled time. `stalls` in order and apart."""
    left: Times = spans[:, 1] - spans[:, 0]
    if len(stalls):
        left = left - (_stalled_before(spans[:, 1], stalls) - _stalled_before(spans[:, 0], stalls))
    return left


def _stalled_before(at_ns: Times, stalls: Times) -> Times:
    """The sum of stalled time before each moment."""
    sums = np.concatenate(([0], np.cumsum(stalls[:, 1] - stalls[:, 0])))
    begun = np.searchsorted(stalls[:, 0], at_ns, side="right")  # stalls that began by then
    newest = np.maximum(begun - 1, 0)
    after_end_ns = np.maximum(0, at_ns - stalls[newest, 1])
    within_ns = np.where(begun > 0, at_ns - stalls[newest, 0] - after_end_ns, 0)
    total: Times = sums[newest] + within_ns
    return total
