"""The practitioner's hand on the simulated pen: presses, lifts, strokes with tremor, the pen's button. Pure; 1 ms steps."""

import math
import random
from dataclasses import dataclass

CONTACT_RISE_STEPS = 15.0  # skin gives: the force comes and goes over about this many milliseconds
TREMOR_SHARE = 0.055  # of the waver is new every millisecond: about 9 Hz
TREMOR_SCALE = math.sqrt((2 - TREMOR_SHARE) / TREMOR_SHARE)  # gives the waver a spread of 1
PRACTICE_WAIT_S = 0.5


@dataclass(frozen=True)
class Strokes:
    """`count` contacts (0: without end) of `contact_s` with `lift_s` between, at `force_n`, wavering by `tremor` (0 to 1)."""

    count: int
    contact_s: float = 0.9
    lift_s: float = 0.25
    force_n: float = 1.2
    tremor: float = 0.1


class Hand:
    """One hand. `force_n` and `button` are what the pen feels after each `step`."""

    def __init__(self, seed: int, practice: bool) -> None:
        """`practice`: stroke by itself whenever the motor runs, for somebody who just opens a simulated pen."""
        self.force_n = 0.0
        self.button = False
        self._practice = practice
        self._random = random.Random(seed)
        self._asked_n = 0.0
        self._strokes: Strokes | None = None
        self._done = 0
        self._phase_steps = 0
        self._waver = 0.0
        self._button_steps = 0
        self._running_steps = 0
        self._by_itself = False

    def press(self, force_n: float) -> None:
        """Hold the pen on the skin."""
        self._strokes = None
        self._asked_n = force_n

    def lift(self) -> None:
        """Take the pen off the skin."""
        self.press(0.0)

    def stroke(self, strokes: Strokes) -> None:
        """Begin strokes; they replace what the hand did before."""
        self._strokes = strokes
        self._done = 0
        self._phase_steps = 0

    def push_button(self, hold_s: float) -> None:
        """Press the pen's button for so long."""
        self._button_steps = max(1, round(hold_s * 1000))

    def step(self, running: bool) -> None:
        """One millisecond. `running`: do the needles run?"""
        self._follow_motor(running)
        tremor = self._stroke_step() if self._strokes else 0.0
        self._waver += (self._random.gauss(0.0, 1.0) * TREMOR_SCALE - self._waver) * TREMOR_SHARE
        wanted_n = self._asked_n * max(0.0, 1.0 + tremor * self._waver)
        self.force_n += (wanted_n - self.force_n) / CONTACT_RISE_STEPS
        if self.force_n < 0.001:
            self.force_n = 0.0
        self.button = self._button_steps > 0
        self._button_steps = max(0, self._button_steps - 1)

    def _follow_motor(self, running: bool) -> None:
        if not self._practice:
            return
        self._running_steps = self._running_steps + 1 if running else 0
        if self._running_steps == round(PRACTICE_WAIT_S * 1000) and self._strokes is None:
            self._by_itself = True
            self.stroke(Strokes(count=0))
        elif not running and self._by_itself:
            self._by_itself = False
            self.lift()

    def _stroke_step(self) -> float:
        strokes = self._strokes
        if strokes is None:
            return 0.0
        contact_steps = round(strokes.contact_s * 1000)
        if self._phase_steps >= contact_steps + round(strokes.lift_s * 1000):
            self._phase_steps = 0
            self._done += 1
            if self._done == strokes.count:
                self.lift()
                return 0.0
        self._asked_n = strokes.force_n if self._phase_steps < contact_steps else 0.0
        self._phase_steps += 1
        return strokes.tremor
