"""The pen's clock seen from the host: one straight line through the best SYNC rounds. Pure; host times are handed in.

Each round brackets the pen's time between sending and receiving, so its midpoint is wrong by at most half of its trip.
Rounds with short trips weigh more; the pen's rate is assumed within RATE_SIGMA of the host's until the rounds know better.
"""

from collections import deque
from math import hypot, sqrt
from typing import NamedTuple

WRAP_US = 1 << 32  # 71.6 minutes
_HALF_US = WRAP_US >> 1
KEPT_ROUNDS = 64  # about a minute
GOOD_TRIP_US = 50_000  # a longer trip says too little to keep a stop waiting on it
STEP_ALLOWED_US = 1_000  # what a round may lie beyond its own uncertainty before it is refused
RATE_SIGMA = 100e-6  # crystals are good to 50 ppm each
FLOOR_US = 250.0  # no round is trusted better than this: USB frames come at 1 ms, readers wake late


class Round(NamedTuple):
    """One exchange. `host_us` and `pen_us` are the midpoints, from the first round's; `trip_us` is time on the way."""

    host_us: float
    pen_us: float
    trip_us: float


class ClockSync:
    """Ages of pen times on the host's monotonic clock; forgets the oldest rounds, counts those it refuses."""

    __slots__ = (
        "_good_ns",
        "_host_zero_ns",
        "_lead_us",
        "_mean_us",
        "_pen_zero_us",
        "_rate",
        "_rate_sigma",
        "_rounds",
        "_sigma_us",
        "_trip_us",
        "refused",
        "rounds",
    )

    def __init__(self) -> None:
        self.rounds = 0  # taken
        self.refused = 0  # impossible, or against everything known
        self._rounds: deque[Round] = deque(maxlen=KEPT_ROUNDS)
        self._host_zero_ns = 0
        self._pen_zero_us = 0
        self._good_ns: int | None = None
        # the line: pen minus host = lead + rate * (host - mean), in us from the two zeros
        self._lead_us = 0.0
        self._rate = 0.0
        self._mean_us = 0.0
        self._sigma_us = 0.0
        self._rate_sigma = RATE_SIGMA
        self._trip_us = 0.0

    @property
    def synced(self) -> bool:
        """Has any round been taken?"""
        return bool(self._rounds)

    @property
    def rate_ppm(self) -> float:
        """How much faster the pen's clock runs, parts per million, as known so far."""
        return self._rate * 1e6

    def add(self, host_tx_ns: int, pen_rx_us: int, pen_tx_us: int, host_rx_ns: int) -> bool:
        """Takes one round; pen times as on the wire (u32). Only rounds answered at the first try belong here.

        False, and counted, when it is impossible (a trip below zero) or lies where no clock of this rate could be.
        """
        held_us = (pen_tx_us - pen_rx_us) % WRAP_US
        trip_us = (host_rx_ns - host_tx_ns) / 1000 - held_us
        if not trip_us >= 0:
            self.refused += 1
            return False
        middle_ns = (host_tx_ns + host_rx_ns) // 2
        if not self._rounds:
            self._host_zero_ns = middle_ns
            self._pen_zero_us = pen_rx_us + held_us // 2
            self._rounds.append(Round(0.0, 0.0, trip_us))
        else:
            host_us = (middle_ns - self._host_zero_ns) / 1000
            expected_us = host_us + self._lead(host_us)
            told_us = pen_rx_us + held_us // 2 - self._pen_zero_us
            off_us = (told_us - expected_us + _HALF_US) % WRAP_US - _HALF_US
            if not abs(off_us) <= trip_us / 2 + self._doubt(host_us) + STEP_ALLOWED_US:
                self.refused += 1
                return False
            self._rounds.append(Round(host_us, expected_us + off_us, trip_us))
        self.rounds += 1
        if trip_us <= GOOD_TRIP_US:
            self._good_ns = host_rx_ns
        self._fit()
        return True

    def age_us(self, pen_t_us: int, now_ns: int) -> int | None:
        """How long ago, at `now_ns`, the pen's clock showed `pen_t_us` (u32 or unwrapped); None before the first round.

        Below zero: the pen's time lies ahead, so one of the two clocks is wrong. Right for ages up to 35 minutes.
        """
        if not self._rounds:
            return None
        host_us = (now_ns - self._host_zero_ns) / 1000
        pen_now_us = self._pen_zero_us + host_us + self._lead_us + self._rate * (host_us - self._mean_us)
        return int((pen_now_us - pen_t_us + _HALF_US) % WRAP_US) - _HALF_US

    def error_us(self, now_ns: int) -> int | None:
        """What an age may be wrong by at `now_ns` (about 99 in 100 are better); None before the first round.

        A path that is always slower one way than the other hides up to half of the shortest trip: that is inside.
        """
        if not self._rounds:
            return None
        return int(self._doubt((now_ns - self._host_zero_ns) / 1000)) + 1

    def good_within(self, now_ns: int, limit_ns: int = 5_000_000_000) -> bool:
        """Was a good round taken at most `limit_ns` before `now_ns`?"""
        return self._good_ns is not None and now_ns - self._good_ns <= limit_ns

    def _lead(self, host_us: float) -> float:
        return self._lead_us + self._rate * (host_us - self._mean_us)

    def _doubt(self, host_us: float) -> float:
        spread = hypot(self._sigma_us, (host_us - self._mean_us) * self._rate_sigma)
        return self._trip_us / 2 + 2.5 * spread

    def _fit(self) -> None:
        """Weighted least squares of lead over host time, the rate held towards zero as RATE_SIGMA says."""
        rounds = self._rounds
        shortest = min(each.trip_us for each in rounds)
        weights = [(FLOOR_US + (each.trip_us - shortest) / 2) ** -2 for each in rounds]
        total = sum(weights)
        leads = [each.pen_us - each.host_us for each in rounds]
        mean_us = sum(w * each.host_us for w, each in zip(weights, rounds, strict=True)) / total
        lead_us = sum(w * lead for w, lead in zip(weights, leads, strict=True)) / total
        spread = RATE_SIGMA**-2
        slope = 0.0
        for w, each, lead in zip(weights, rounds, leads, strict=True):
            away = each.host_us - mean_us
            spread += w * away * away
            slope += w * away * (lead - lead_us)
        self._mean_us = mean_us
        self._lead_us = lead_us
        self._rate = slope / spread
        self._rate_sigma = sqrt(1 / spread)
        self._sigma_us = sqrt(1 / total)
        self._trip_us = shortest
