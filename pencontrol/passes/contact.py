"""From motor current and speed to strokes: is a needle in skin, since when, until when? Pure; one sample a millisecond.

Needles in skin cost torque: the motor draws more current and turns slower. What it draws in air differs by cartridge, speed
and warmth, so it is learned all the time nothing touches. Both edges of a contact are found by a running sum of what speaks
for a change (Page's CUSUM, Biometrika 41, 1954): it answers strong evidence at once and weak evidence late, and the sample
at which the sum last was zero dates the edge, however late it was seen. docs/passes.md has the reasons and the figures.
"""

from dataclasses import dataclass

from pencontrol.passes.changing import MEAN_TO_SPREAD, Changing, Learned, Settled

SMOOTH_MS = 12.0
SLACK_MA = 6.0  # a rise below this speaks against contact
SLACK_SIGMAS = 0.8  # and never less than so many spreads of the current's noise
ENTER_MA_MS = 70.0  # the sum that makes a contact
ENTER_SIGMAS = 13.0  # and for a noisy current: this times the noise's variance over the slack
LEAVE_SHARE = 0.5  # below this share of what the contact costs, a light hand and a firm one have left at the same moment
LEAVE_MS = 11.0  # a whole lift makes LEAVE_SHARE of the cost speak for it in each millisecond; this many of them are enough
COST_RISE_MS = 20.0
COST_FALL_MS = 500.0  # how quickly a contact's cost is forgotten when the hand grows lighter
AIR_MS = 700.0  # how quickly the idea of air follows the motor's warming
NOISE_MS = 1000.0
FALL_MS = 110  # after a lift the current falls for so long; what it falls to is air
AGAIN_SHARE = 0.25  # of the last contact's cost, above the lowest since: the hand is back before the fall was over
GONE_SHARE = 0.2  # of the contact's cost: below it no waver goes, and the hand has left
STROKE_LEAST_MS = 60  # less is a knock, not a stroke
PRESUMED_MS = 5000  # a hand that was down at START and has not moved since was none
DOUBT_SHARE = 0.35  # of what the dip at START may hide: a hand's waver is less than this
DOUBT_MA_MS = 400.0  # and so much must speak for a contact as long as the run's air is not sure
NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class StrokeSeen:
    """One contact: sample numbers of its first and last sample, its length and deepest reading."""

    first_index: int
    last_index: int
    contact_ms: int
    max_depth_um: int


class ContactDetector:
    """Feed it every sample of a run; it tells each stroke once, when that has ended. `contact`: is a needle in skin now?

    What it learns of air and of the motor stays from run to run of a session.
    """

    __slots__ = (
        "_air_ma",
        "_asked_rpm",
        "_changing",
        "_cost_ma",
        "_dip_rpm",
        "_doubt_ma",
        "_enter",
        "_fall_left",
        "_first",
        "_given_up",
        "_last",
        "_learned",
        "_leave",
        "_low_ma",
        "_max_depth_um",
        "_noise_ma",
        "_out_since",
        "_previous_ma",
        "_slack_ma",
        "_smooth_ma",
        "_sum",
        "_under",
        "contact",
    )

    def __init__(self) -> None:
        self._learned = Learned()
        self._noise_ma = 5.0
        self.restart()

    def restart(self) -> None:
        """A run begins. A stroke still in progress is forgotten: `close` it first."""
        self.contact = False
        self._asked_rpm = 0
        self._air_ma = 0.0
        self._dip_rpm = self._learned.dip_rpm
        self._changing: Changing | None = None
        self._sum = 0.0
        self._under = 0.0
        self._smooth_ma = 0.0
        self._previous_ma = 0
        self._cost_ma = 0.0
        self._low_ma = 0.0
        self._fall_left = 0
        self._first = 0
        self._last = 0
        self._max_depth_um = 0
        self._out_since = NEVER  # where the needles left home, as long as this run's air has not been seen for sure
        self._given_up = NEVER
        self._doubt_ma = 0.0
        self._weigh_noise()

    def feed(self, index: int, depth_um: int, current_ma: int, speed_rpm: int, asked_rpm: int) -> StrokeSeen | None:
        """Take sample number `index`; `asked_rpm` is the speed the pen has accepted. Returns the stroke that has ended."""
        if self._changing is not None or asked_rpm != self._asked_rpm:
            return self._feed_changing(index, depth_um, current_ma, speed_rpm, asked_rpm)
        rise_ma = current_ma - self._air_ma
        self._smooth_ma = smooth_ma = self._smooth_ma + (rise_ma - self._smooth_ma) / SMOOTH_MS
        if self._fall_left:
            return self._feed_falling(index, depth_um, current_ma, rise_ma)
        if self.contact:
            if depth_um > self._max_depth_um:
                self._max_depth_um = depth_um
            cost_ma = self._cost_ma
            cost_ma += (smooth_ma - cost_ma) / (COST_RISE_MS if smooth_ma > cost_ma else COST_FALL_MS)
            self._cost_ma = cost_ma
            total = self._sum + LEAVE_SHARE * cost_ma - rise_ma
            if total <= 0.0:
                self._sum = 0.0
                self._last = index
                if index > self._given_up:
                    self._give_up()
                return None
            self._sum = total
            if total > self._leave and total > LEAVE_MS * cost_ma * LEAVE_SHARE:
                self._fall_left = FALL_MS
                self._low_ma = smooth_ma
                self._sum = 0.0
            return None
        slack_ma = self._slack_ma
        total = self._sum + rise_ma - slack_ma
        if total <= 0.0:
            self._sum = 0.0
            self._first = index + 1
            self._max_depth_um = depth_um
            under = self._under - rise_ma - slack_ma
            if under <= 0.0:
                self._under = 0.0
                self._last = index
            else:
                self._under = under
                if under > self._enter and under > self._weigh_noise():
                    return self._fell()
        else:
            self._sum = total
            if depth_um > self._max_depth_um:
                self._max_depth_um = depth_um
            if total > self._enter and total > self._weigh_noise():
                self._touched(index)
                return None
        self._air_ma += (rise_ma if rise_ma < slack_ma else slack_ma) / AIR_MS
        self._dip_rpm += (asked_rpm - speed_rpm - self._dip_rpm) / AIR_MS
        step_ma = current_ma - self._previous_ma
        self._noise_ma += ((step_ma if step_ma > 0 else -step_ma) * MEAN_TO_SPREAD - self._noise_ma) / NOISE_MS
        self._previous_ma = current_ma
        return None

    def close(self) -> StrokeSeen | None:
        """The run or the zone ended: the stroke in progress, if any, ends with it; what contact goes on is another stroke."""
        if not self.contact:
            return None
        stroke = self._stroke(self._last)
        self._first = self._last + 1
        self._max_depth_um = 0
        return stroke

    def _stroke(self, last: int) -> StrokeSeen | None:
        contact_ms = last - self._first + 1
        if contact_ms < STROKE_LEAST_MS:
            return None
        return StrokeSeen(self._first, last, contact_ms, self._max_depth_um)

    def _touched(self, index: int) -> None:
        self.contact = True
        self._sum = 0.0
        self._under = 0.0
        self._last = index
        self._cost_ma = max(self._smooth_ma, self._slack_ma)
        self._given_up = NEVER

    def _feed_falling(self, index: int, depth_um: int, current_ma: int, rise_ma: float) -> StrokeSeen | None:
        """The hand seems to leave. Gone where the load is gone; a waver that comes back before that was no lift."""
        stroke = None
        self._low_ma = low_ma = min(self._low_ma, self._smooth_ma)
        self._fall_left -= 1
        if self.contact and (low_ma < GONE_SHARE * self._cost_ma or not self._fall_left):
            self.contact = False
            stroke = self._stroke(self._last)
            self._first = index + 1
        total = self._sum + rise_ma - low_ma - max(self._slack_ma, AGAIN_SHARE * self._cost_ma)
        if total <= 0.0:
            self._sum = 0.0
            if not self.contact:
                self._first = index + 1
                self._max_depth_um = depth_um
        else:
            self._sum = total
            self._max_depth_um = max(self._max_depth_um, depth_um)
            if total > self._enter:
                self._fall_left = 0
                if self.contact:
                    self._sum = 0.0
                    self._last = index
                else:
                    self._touched(index)
                return stroke
        if not self._fall_left:
            self._air_is(self._air_ma + low_ma)
            self._previous_ma = current_ma
            self._last = index
            self._sum = 0.0
        return stroke

    def _air_is(self, air_ma: float) -> None:
        """Air was seen for sure."""
        self._smooth_ma += self._air_ma - air_ma
        self._air_ma = air_ma
        self._out_since = NEVER
        self._doubt_ma = 0.0
        self._learned.air(self._asked_rpm, air_ma, self._dip_rpm)
        self._weigh_noise()

    def _fell(self) -> StrokeSeen | None:
        """The current fell well below what passed for air: a hand was down all the while, and has left now."""
        since, self._first = self._first, self._out_since
        stroke = self._stroke(self._last) if self._out_since != NEVER else None
        self._first = since
        drop_ma = min(self._smooth_ma, 0.0)
        self._low_ma = drop_ma
        self._cost_ma = -drop_ma
        self._under = 0.0
        self._fall_left = FALL_MS
        return stroke

    def _give_up(self) -> None:
        """A hand presumed down at START by the motor's dip alone, that has not moved since: this motor dips in air."""
        self.contact = False
        self._given_up = NEVER
        since = self._first
        self._air_is(self._air_ma + self._smooth_ma)
        self._out_since = since
        self._weigh_noise()

    def _weigh_noise(self) -> float:
        """How much must speak for a contact in the noise as it is now; returns the sum it takes."""
        self._slack_ma = max(SLACK_MA, SLACK_SIGMAS * self._noise_ma, self._doubt_ma)
        self._leave = max(ENTER_MA_MS, ENTER_SIGMAS * self._noise_ma**2 / self._slack_ma)
        self._enter = self._leave if self._out_since == NEVER else max(self._leave, DOUBT_MA_MS)
        return self._enter

    def _feed_changing(self, index: int, depth_um: int, current_ma: int, speed_rpm: int, asked_rpm: int) -> StrokeSeen | None:
        """The motor is not at its speed yet: `Changing` says what can be said, and what holds when it is."""
        changing = self._changing
        if changing is None or asked_rpm != self._asked_rpm:
            changing = self._changing = Changing(
                self._learned,
                (self._asked_rpm, asked_rpm),
                self._air_ma,
                self._dip_rpm,
                self._first if self.contact else None,
                self._cost_ma,
            )
            self._asked_rpm = asked_rpm
        settled = changing.feed(index, depth_um, current_ma, speed_rpm)
        self._max_depth_um = max(self._max_depth_um, depth_um)
        if settled is not None:
            self._settle(settled, changing, index)
            self._changing = None
        self.contact = changing.since is not None
        if changing.since is not None:
            self._first = changing.since
            self._last = index
        if changing.ended is None:
            return None
        (first, last), changing.ended = changing.ended, None
        now, self._first = self._first, first
        stroke = self._stroke(last)
        self._first = now
        self._max_depth_um = depth_um
        return stroke

    def _settle(self, settled: Settled, changing: Changing, index: int) -> None:
        """The motor turns as asked: what it draws now is air, or air and a hand."""
        self._noise_ma = settled.noise_ma
        self._air_ma = settled.air_ma
        self._dip_rpm = settled.dip_rpm
        self._smooth_ma = self._cost_ma = settled.cost_ma
        self._previous_ma = round(settled.air_ma)
        self._sum = self._under = 0.0
        self._fall_left = 0
        self._first = index + 1
        self._last = index
        if changing.out_since is not None:
            self._out_since = changing.out_since
            self._given_up = index + PRESUMED_MS if changing.since is not None else NEVER
            self._doubt_ma = DOUBT_SHARE * max(0.0, self._learned.rise_of(settled.dip_rpm))
        else:
            self._out_since = NEVER
            self._doubt_ma = 0.0
        self._weigh_noise()
