"""While the motor changes speed: contact from torque, which is current less what the motor's own mass takes. Pure.

In a change of speed the current says little: the loop drives the motor with all it has, or with nothing. What is left of the
current after the part that speeds the motor up is what it works against, in air or in skin. How much current a change of
speed takes is learned from each spin-up, where the needles are home and skin cannot be felt.
"""

from itertools import pairwise
from math import sqrt
from typing import NamedTuple

STILL_SMOOTH_MS = 30.0
STILL_RPM = 8.0  # the motor has settled when its speed is so near its own smoothed value
STILL_MS = 30
CHANGE_MOST_MS = 600  # a hand that wavers keeps the speed wavering too
SPIN_MOST_MS = 250  # and from needles out, which is when the speed is within 20 %
LEVEL_MS = 40  # what the motor draws at its new speed is the mean over so long
TORQUE_SLACK_MA = 40.0  # the mass is known to a tenth, and air at a speed in between to 20 mA
TORQUE_MA_MS = 2500.0
TORQUE_SIGMAS = 8.0  # of the speed's noise, times mass: a sum of changes of speed is only as noisy as its two ends
LEAVE_SHARE = 0.5  # as at steady speed
COST_MS = 120.0
HELD_LEAST_MA = 10.0  # less than this at the new speed is no hand
COOLED_MA = 20.0  # and at a later START not less than a motor that cooled in the pause may cost
HELD_SIGMAS = 5.0  # of the mean dip's noise, in current
DIP_SHARE = 0.01  # of the asked speed: a motor not known yet that turns slower than this has a hand on it
DRIVEN_SHARE = 0.85  # of the greatest current seen: above it the loop has no say
FIT_LEAST = 20  # samples
FIT_SPREAD_RPM = 60.0  # and so wide a range of dips, or there is no line to fit
STIFFNESS_MOST = 3.0  # mA for one rpm
AIR_SHARE = 0.75  # of the air's current at full speed, as the mean over a spin-up
SPUN_SHARE = 0.4  # of the asked speed, gained with the needles home, tells what mass the motor has
MEAN_TO_SPREAD = 0.886  # from the mean step between two samples of white noise to its spread, sqrt(pi) / 2


class Settled(NamedTuple):
    """What holds at the new speed. `cost_ma`: of the contact, 0 in air."""

    air_ma: float
    dip_rpm: float
    cost_ma: float
    noise_ma: float


class Learned:
    """What a session's runs have shown of its motor; outlives each run."""

    def __init__(self) -> None:
        self.mass_ma_ms: float | None = None  # current times time for one rpm more
        self.stiffness: float | None = None  # mA more for one rpm less than asked
        self.dip_rpm = 0.0  # asked less actual, in air
        self.noise_rpm = 12.0
        self._air_ma: dict[int, float] = {}

    def air(self, asked_rpm: int, air_ma: float, dip_rpm: float) -> None:
        """Air was seen for sure at this speed."""
        self._air_ma[asked_rpm] = air_ma
        self.dip_rpm = dip_rpm

    def air_at(self, asked_rpm: int) -> float | None:
        """What air costs at this speed, from the nearest speed where it was seen. None: it was seen nowhere."""
        if not self._air_ma:
            return None
        nearest = min(self._air_ma, key=lambda rpm: abs(rpm - asked_rpm))
        return self._air_ma[nearest] + self.per_rpm(nearest) * (asked_rpm - nearest)

    def per_rpm(self, asked_rpm: int) -> float:
        """How much more air costs for one rpm more, about this speed; half in proportion as long as one speed is known."""
        air_ma = self._air_ma.get(asked_rpm)
        others = [rpm for rpm in self._air_ma if abs(rpm - asked_rpm) > 300]
        if air_ma is None or not asked_rpm:
            return 0.0
        if not others:
            return 0.5 * air_ma / asked_rpm
        other = min(others, key=lambda rpm: abs(rpm - asked_rpm))
        return (self._air_ma[other] - air_ma) / (other - asked_rpm)

    def rise_of(self, dip_rpm: float) -> float:
        """The current that goes with so much more dip; 0 as long as that is not known."""
        return dip_rpm * (self.stiffness or 0.0)


class Changing:
    """One change of speed, or the spin-up of a run. `since`: first sample of the contact that holds, None in air."""

    def __init__(
        self,
        learned: Learned,
        speeds_rpm: tuple[int, int],
        air_ma: float,
        dip_rpm: float,
        since: int | None,
        cost_ma: float,
    ) -> None:
        """From one asked speed (0: spin-up) to another; `since` and `cost_ma` of the contact that holds now."""
        self.since = since
        self.ended: tuple[int, int] | None = None  # a contact that is over, until it is fetched
        self.out_since: int | None = None  # spin-up: where the needles left home
        self._learned = learned
        self._old_rpm, self._asked_rpm = speeds_rpm
        self._air_ma = air_ma
        self._dip_rpm = dip_rpm
        self._cost_ma = cost_ma
        self._per_rpm = learned.per_rpm(self._old_rpm or self._asked_rpm)
        self._mass = learned.mass_ma_ms
        self._limit_ma_ms = max(TORQUE_MA_MS, TORQUE_SIGMAS * learned.noise_rpm * (self._mass or 0.0))
        self._sum = 0.0
        self._edge = 0
        self._seen: list[tuple[int, int, int]] = []  # (index, mA, rpm) since the contact last changed
        self._steps = 0
        self._most_ms = CHANGE_MOST_MS if self._old_rpm else SPIN_MOST_MS
        self._still = 0
        self._smooth_rpm = 0.0
        self._trend_rpm = 0.0
        self._level: list[tuple[int, int]] = []
        self._fit = [0.0] * 5
        self._greatest_ma = 0
        self._spin_ma = 0.0
        self._spin_ms = 0
        self._spin_from_rpm = -1
        self._spin_to_rpm = 0

    def feed(self, index: int, depth_um: int, current_ma: int, speed_rpm: int) -> Settled | None:
        """Take one sample; what holds, once the motor has settled."""
        self._greatest_ma = max(self._greatest_ma, current_ma)
        if not self._old_rpm and self.out_since is None:
            if depth_um == 0:
                self._spin(current_ma, speed_rpm)
                return None
            self.out_since = index
        if not self._seen and not self._steps:
            self._edge = index - 1
        self._fit_stiffness(current_ma, self._asked_rpm - speed_rpm)
        seen = (index, current_ma, speed_rpm)
        if self._seen and self._old_rpm and self._mass is not None:
            self._judge(self._seen[-1], seen)
        self._seen.append(seen)
        if not self._is_still(speed_rpm):
            self._level.clear()
            return None
        self._level.append((current_ma, speed_rpm))
        return self._decide() if len(self._level) >= LEVEL_MS else None

    def _spin(self, current_ma: int, speed_rpm: int) -> None:
        """Needles home: no skin is felt, so what the current did went into the motor's own mass, but for friction."""
        if self._spin_from_rpm < 0:
            self._spin_from_rpm = speed_rpm
        self._spin_ma += current_ma
        self._spin_ms += 1
        self._spin_to_rpm = speed_rpm

    def _fit_stiffness(self, current_ma: int, dip_rpm: int) -> None:
        """Sums for the line of current over dip, where neither supply nor standstill holds the loop back."""
        if dip_rpm > 30 and 20 < current_ma < DRIVEN_SHARE * self._greatest_ma:
            fit = self._fit
            fit[0] += 1
            fit[1] += dip_rpm
            fit[2] += current_ma
            fit[3] += dip_rpm * dip_rpm
            fit[4] += dip_rpm * current_ma

    def _judge(self, previous: tuple[int, int, int], seen: tuple[int, int, int]) -> None:
        """Contact by torque: the running sums of steady speed, only blunter, for a change of speed is noisy to see."""
        index, current_ma, speed_rpm = seen
        previous_rpm = previous[2]
        air_ma = self._air_ma + self._per_rpm * (speed_rpm - self._old_rpm)
        load_ma = current_ma - (self._mass or 0.0) * (speed_rpm - previous_rpm) - air_ma
        if self.since is None:
            for_change_ma = load_ma - TORQUE_SLACK_MA
        else:
            self._cost_ma += (load_ma - self._cost_ma) / COST_MS
            for_change_ma = LEAVE_SHARE * self._cost_ma - load_ma
        total = self._sum + for_change_ma
        if total <= 0:
            self._sum = 0.0
            self._edge = index
            return
        self._sum = total
        if total <= self._limit_ma_ms:
            return
        if self.since is None:
            self.since = self._edge + 1
            self._cost_ma = TORQUE_SLACK_MA + total / (index - self._edge)
        else:
            self.ended = (self.since, self._edge)
            self.since = None
        self._sum = 0.0
        self._edge = index
        self._seen.clear()

    def _is_still(self, speed_rpm: int) -> bool:
        """Has the speed stopped changing, or is it time to stop waiting for that?"""
        if not self._steps:
            self._smooth_rpm = speed_rpm
        self._steps += 1
        off_rpm = speed_rpm - self._smooth_rpm
        self._smooth_rpm += off_rpm / STILL_SMOOTH_MS
        self._trend_rpm += (off_rpm - self._trend_rpm) / STILL_SMOOTH_MS
        self._still = self._still + 1 if abs(self._trend_rpm) < STILL_RPM else 0
        return (self._still >= STILL_MS and self._steps > 2 * STILL_SMOOTH_MS) or self._steps > self._most_ms

    def _decide(self) -> Settled:
        """The motor has settled. What it dips more than in air is a hand, and so much current belongs to it."""
        learned = self._learned
        count = len(self._level)
        level_ma = sum(current for current, _ in self._level) / count
        dip_rpm = self._asked_rpm - sum(speed for _, speed in self._level) / count
        noise_ma, learned.noise_rpm = (_spread([pair[part] for pair in self._level]) for part in (0, 1))
        self._learn_stiffness()
        stiffness = learned.stiffness
        held_ma = max(0.0, (stiffness or 0.0) * (dip_rpm - self._dip_rpm))
        if not self._old_rpm:
            self._learn_mass(level_ma - held_ma)
        if not self._is_held(level_ma, held_ma, dip_rpm):
            if self.since is not None:
                self.ended = (self.since, self._edge_before(level_ma + self._cost_ma / 2, -1))
            self.since = None
            return Settled(level_ma, dip_rpm, 0.0, noise_ma)
        if stiffness is None:
            held_ma = self._cost_ma
        if self.since is None:
            self.since = self._edge_before(level_ma - held_ma / 2, 1) + 1
        return Settled(level_ma - held_ma, self._dip_rpm, held_ma, noise_ma)

    def _is_held(self, level_ma: float, held_ma: float, dip_rpm: float) -> bool:
        """Is there a hand on the pen, now that the motor has settled?"""
        learned = self._learned
        if learned.stiffness is None:
            return self.since is not None
        least_ma = max(HELD_LEAST_MA, HELD_SIGMAS * learned.stiffness * learned.noise_rpm / sqrt(LEVEL_MS))
        if self._old_rpm:
            return held_ma > least_ma
        air_ma = learned.air_at(self._asked_rpm)
        if air_ma is None:
            return dip_rpm > DIP_SHARE * self._asked_rpm
        return min(held_ma, level_ma - air_ma) > max(least_ma, COOLED_MA)

    def _edge_before(self, middle_ma: float, sign: int) -> int:
        """The last sample before the load crossed `middle_ma` for good, upwards (1) or downwards (-1)."""
        mass = self._learned.mass_ma_ms or 0.0
        best, total = 0.0, 0.0
        edge, _, first_rpm = self._seen[0]
        edge -= 1
        for index, current_ma, speed_rpm in self._seen:
            air_ma = self._per_rpm * (speed_rpm - self._asked_rpm)
            total += sign * (current_ma - middle_ma - air_ma)
            against = total - sign * mass * (speed_rpm - first_rpm)
            if against < best:
                best, edge = against, index
        return edge

    def _learn_stiffness(self) -> None:
        count, dips, currents, squares, products = self._fit
        if count < FIT_LEAST:
            return
        spread = squares - dips * dips / count
        if spread > count * FIT_SPREAD_RPM**2:
            stiffness = (products - dips * currents / count) / spread
            if 0 < stiffness <= STIFFNESS_MOST:
                self._learned.stiffness = stiffness

    def _learn_mass(self, air_ma: float) -> None:
        gained_rpm = self._spin_to_rpm - self._spin_from_rpm
        if gained_rpm > SPUN_SHARE * self._asked_rpm:
            self._learned.mass_ma_ms = (self._spin_ma - AIR_SHARE * air_ma * self._spin_ms) / gained_rpm


def _spread(values: list[int]) -> float:
    """Of white noise on a level, by the mean step from value to value."""
    steps = [abs(after - before) for before, after in pairwise(values)]
    return MEAN_TO_SPREAD * sum(steps) / len(steps)
