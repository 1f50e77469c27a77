"""From motor current and speed to contact, strokes and passes. Pure: samples in, strokes and passes out.

Needles in skin cost torque: the motor draws more current and turns slower. What the motor does in air is learned while
nothing touches (it differs by cartridge and speed), and contact is a rise above that with hysteresis. The detector proposes;
the person decides what a pass was.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

RISE_MA = 30.0  # enter contact this far above air
FALL_SHARE = 0.5  # leave below this share of what the contact costs: a light hand and a firm one fall at the same moment
PEAK_MS = 400.0  # how quickly a contact's cost is forgotten when the hand grows lighter
ENTER_MS = 25
LEAVE_MS = 45
AIR_MS = 800.0  # how quickly the idea of "air" follows the motor's warming
SINK_MS = 40.0  # and how quickly it falls when the current does
WARM_MS = 60
SMOOTH_MS = 15.0
LONG_LIFT_MS = 2500  # wiping, more serum
PASS_SHARE = 0.6  # of the expected contact, before a long lift may close a pass
GLIDE_CM_PER_S = 2.0

PassEnd = Literal["zone_change", "button", "tap", "lift", "close"]


@dataclass(frozen=True, slots=True)
class StrokeSeen:
    """One contact: sample numbers of its first and last sample, its length and deepest reading."""

    first_index: int
    last_index: int
    contact_ms: int
    max_depth_um: int


class ContactDetector:
    """Is a needle in skin? One sample a millisecond while the needles are out and turn as asked."""

    __slots__ = ("_above_ms", "_air_ma", "_below_ms", "_peak_ma", "_settle_ms", "_smooth_ma", "_warm_ms", "contact")

    def __init__(self) -> None:
        self.contact = False
        self.restart(0)

    def restart(self, settle_ms: int) -> None:
        """A run begins: learn what air is, after `settle_ms` in which the motor's current still falls."""
        self._settle_ms = settle_ms
        self._air_ma = 0.0
        self._smooth_ma = 0.0
        self._warm_ms = 0
        self._above_ms = 0
        self._below_ms = 0
        self._peak_ma = 0.0
        self.contact = False

    def speed_changed(self, old_rpm: int, new_rpm: int, settle_ms: int) -> None:
        """Air costs current in proportion to speed; while the motor changes, contact stays what it was."""
        self._air_ma *= new_rpm / old_rpm
        self._settle_ms = settle_ms

    def feed(self, current_ma: int) -> bool:
        """Take one sample of motor current; True while in contact."""
        if self._settle_ms > 0:
            self._settle_ms -= 1
            self._smooth_ma = float(current_ma)
            return self.contact
        if self._warm_ms == 0:
            self._smooth_ma = float(current_ma)
        self._smooth_ma += (current_ma - self._smooth_ma) / SMOOTH_MS
        if self._warm_ms < WARM_MS:
            self._warm_ms += 1
            if self._warm_ms == 1 or self._smooth_ma < self._air_ma:
                self._air_ma = self._smooth_ma
            return False
        rise_ma = self._smooth_ma - self._air_ma
        if rise_ma < 0:
            # below what passed for air: the hand was down when air was learned, so follow quickly
            self._air_ma += rise_ma / SINK_MS
        elif not self.contact and rise_ma < RISE_MA:
            self._air_ma += rise_ma / AIR_MS
        if self.contact:
            self._peak_ma += max(rise_ma - self._peak_ma, (rise_ma - self._peak_ma) / PEAK_MS)
            self._below_ms = self._below_ms + 1 if rise_ma < max(RISE_MA, self._peak_ma) * FALL_SHARE else 0
            if self._below_ms >= LEAVE_MS:
                self.contact = False
                self._above_ms = 0
        else:
            self._above_ms = self._above_ms + 1 if rise_ma > RISE_MA else 0
            if self._above_ms >= ENTER_MS:
                self.contact = True
                self._below_ms = 0
                self._peak_ma = rise_ma
        return self.contact


class StrokeCounter:
    """Contact of one zone to strokes: feed it every sample of a run, close it at every end."""

    __slots__ = ("_contact_ms", "_first", "_last", "_max_depth_um")

    def __init__(self) -> None:
        self._first: int | None = None
        self._last = 0
        self._contact_ms = 0
        self._max_depth_um = 0

    def feed(self, index: int, contact: bool, depth_um: int) -> StrokeSeen | None:
        """The stroke that ended with this sample, if one did."""
        if contact:
            if self._first is None:
                self._first = index
                self._contact_ms = 0
                self._max_depth_um = 0
            self._last = index
            self._contact_ms += 1
            self._max_depth_um = max(self._max_depth_um, depth_um)
            return None
        return self.close()

    def close(self) -> StrokeSeen | None:
        """The run or the zone ended: the stroke in progress, if any, ends with it."""
        if self._first is None:
            return None
        contact_ms = max(1, self._contact_ms - LEAVE_MS + ENTER_MS)  # both ends are seen late
        stroke = StrokeSeen(self._first, self._last, contact_ms, self._max_depth_um)
        self._first = None
        return stroke


class PassCounter:
    """Strokes of one zone to passes. A long lift proposes an end only after 60 % of the contact one coverage takes."""

    def __init__(self, area_cm2: float, tip_width_um: int, passes: int = 0, strokes: int = 0, contact_ms: int = 0) -> None:
        """`passes`, `strokes` and `contact_ms` are carried over when a session is resumed."""
        tip_width_cm = max(tip_width_um, 1) / 10_000
        self.expected_ms = round(area_cm2 / (tip_width_cm * GLIDE_CM_PER_S) * 1000)
        self.passes = passes
        self.strokes = strokes
        self.contact_ms = contact_ms
        self.max_depth_um = 0
        self._pass_strokes = 0
        self._pass_ms = 0
        self._lift_ms = 0
        self._undone: deque[tuple[int, int]] = deque(maxlen=16)

    @property
    def open_strokes(self) -> int:
        """Strokes since the last pass ended."""
        return self._pass_strokes

    def add(self, stroke: StrokeSeen) -> None:
        """One stroke ended."""
        self.strokes += 1
        self.contact_ms += stroke.contact_ms
        self.max_depth_um = max(self.max_depth_um, stroke.max_depth_um)
        self._pass_strokes += 1
        self._pass_ms += stroke.contact_ms
        self._lift_ms = 0

    def lifted(self, elapsed_ms: int) -> bool:
        """No contact for `elapsed_ms` more: True when this long lift ends a pass."""
        self._lift_ms += elapsed_ms
        return self._lift_ms >= LONG_LIFT_MS and self._pass_ms >= PASS_SHARE * self.expected_ms and self._pass_strokes > 0

    def end_pass(self) -> tuple[int, int] | None:
        """Count the pass in progress: its (strokes, contact_ms); None when there was no stroke."""
        if self._pass_strokes == 0:
            return None
        told = (self._pass_strokes, self._pass_ms)
        self._undone.append(told)
        self.passes += 1
        self._pass_strokes = 0
        self._pass_ms = 0
        self._lift_ms = 0
        return told

    def undo(self) -> bool:
        """Take the last pass back; its strokes belong to the pass in progress again. False: there is none."""
        if self.passes == 0:
            return False
        self.passes -= 1
        if self._undone:
            strokes, contact_ms = self._undone.pop()
            self._pass_strokes += strokes
            self._pass_ms += contact_ms
        return True
