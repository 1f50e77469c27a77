"""Every sound as samples, made by arithmetic at start: no files, the same bytes each time. Pure; knows numpy only.

The alarm bursts follow the form of IEC 60601-1-8 (tables 3 and 4 of edition 2), whose figures are, as facts:

* pulses in a burst: HIGH 10 (as 5 and 5 again), MEDIUM 3, LOW 1 or 2;
* pulse duration, between the points at 90 % of its height: HIGH 75 to 200 ms, MEDIUM and LOW 125 to 250 ms;
* rise from 10 to 90 %: 10 to 20 % of the duration; fall: no longer than spacing minus rise;
* spacing, from 90 % of a fall to 90 % of the next rise: HIGH x = 50 to 125 ms, with 2x + duration between pulses 3 and 4 and
  between 8 and 9, and 0.35 to 1.3 s between 5 and 6; MEDIUM y = 125 to 250 ms; x and y constant within 5 %;
* from the end of a burst to the next: HIGH 2.5 to 15 s, MEDIUM 2.5 to 30 s, LOW more than 15 s or never again;
* pulse frequency 150 to 1000 Hz, and at least four harmonics of it between 300 and 4000 Hz, each within 15 dB of the
  fundamental; no two pulses of a burst differ by more than 10 dB.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
LEVELS = 5  # steps of the volume; the last one is full
GAINS = (0.2, 0.35, 0.5, 0.7, 1.0)
# No alarm is ever turned down further than this: a more urgent one stays louder, and HIGH is always heard across a room.
FLOORS = {"HIGH": 0.7, "MEDIUM": 0.5, "LOW": 0.35}
PEAK = 0.7  # of full scale
CUE_PEAK = 0.18
TICK_PEAK = 0.05
HARMONICS = (1.0, 0.75, 0.6, 0.5, 0.4, 0.3)  # of the fundamental's amplitude: the last is 10.5 dB below it

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Burst:
    """One alarm sound. Times in milliseconds, as the standard measures them (see above)."""

    pulses_hz: tuple[float, ...]
    spacings_ms: tuple[float, ...]  # after each pulse but the last
    duration_ms: float
    rise_ms: float
    fall_ms: float
    interval_ms: float  # from the end of the burst to the next


def _high() -> Burst:
    x, duration = 80.0, 140.0
    five = (523.25, 523.25, 523.25, 698.46, 698.46)
    spacings = (x, x, 2 * x + duration, x)
    return Burst(five + five, (*spacings, 600.0, *spacings), duration, 21.0, 21.0, 3000.0)


BURSTS = {
    "HIGH": _high(),
    "MEDIUM": Burst((440.0, 440.0, 440.0), (180.0, 180.0), 180.0, 27.0, 27.0, 8000.0),
    "LOW": Burst((392.0, 329.63), (180.0,), 180.0, 27.0, 27.0, 30_000.0),
}


def burst(shape: Burst) -> Samples:
    """The burst as mono samples at `RATE_HZ`, from the first rise to the end of the last fall."""
    parts = []
    for number, frequency_hz in enumerate(shape.pulses_hz):
        parts.append(_pulse(frequency_hz, shape))
        if number < len(shape.spacings_ms):
            # the feet of both pulses, from 90 % down to nothing and up again, are part of the spacing
            foot_ms = (shape.rise_ms + shape.fall_ms) * 0.9 / 0.8
            parts.append(np.zeros(_count(shape.spacings_ms[number] - foot_ms)))
    return _whole(np.concatenate(parts), PEAK)


def gain(name: str, level: int) -> float:
    """How loud the sound `name` is at a volume of 1 to 5; a level that is none counts as full."""
    loud = GAINS[level - 1] if 1 <= level <= LEVELS else GAINS[-1]
    return max(loud, FLOORS.get(name, 0.0))


def length_ms(shape: Burst) -> float:
    """How long the burst lasts, feet included."""
    feet_ms = (shape.rise_ms + shape.fall_ms) * 0.9 / 0.8
    return shape.duration_ms * len(shape.pulses_hz) + sum(shape.spacings_ms) + feet_ms


def _pulse(frequency_hz: float, shape: Burst) -> NDArray[np.float64]:
    rise, fall = _count(shape.rise_ms / 0.8), _count(shape.fall_ms / 0.8)  # whole slopes, from nothing to all
    flat = _count(shape.duration_ms - 0.1 * (shape.rise_ms + shape.fall_ms) / 0.8)
    height = np.concatenate((np.linspace(0, 1, rise, endpoint=False), np.ones(flat), np.linspace(1, 0, fall)))
    return height * _chord(frequency_hz, len(height))


def _chord(frequency_hz: float, count: int) -> NDArray[np.float64]:
    time_s = np.arange(count) / RATE_HZ
    waves = [part * np.sin(2 * np.pi * frequency_hz * (number + 1) * time_s) for number, part in enumerate(HARMONICS)]
    total: NDArray[np.float64] = np.sum(waves, axis=0)
    return total


def _glide(from_hz: float, to_hz: float, duration_ms: float) -> NDArray[np.float64]:
    """A pure tone that slides: nothing like an alarm."""
    count = _count(duration_ms)
    phase = 2 * np.pi * np.cumsum(np.linspace(from_hz, to_hz, count)) / RATE_HZ
    wave: NDArray[np.float64] = np.sin(phase) * np.hanning(count)
    return wave


def _steps(*tones_hz: float, duration_ms: float) -> NDArray[np.float64]:
    return np.concatenate([_glide(tone_hz, tone_hz, duration_ms) for tone_hz in tones_hz])


def _whole(wave: NDArray[np.float64], peak: float) -> Samples:
    samples: Samples = np.rint(wave / np.max(np.abs(wave)) * peak * 32767).astype(np.int16)
    return samples


def _count(duration_ms: float) -> int:
    return round(duration_ms * RATE_HZ / 1000)


CUES = ("PASS", "LIMIT_UP", "LIMIT_DOWN", "LIMIT_SAME", "STARTED", "STOPPED")


def make_sounds() -> dict[str, Samples]:
    """All of them by name: the priorities of `BURSTS` and the `CUES`."""
    return {name: burst(shape) for name, shape in BURSTS.items()} | {
        "PASS": _whole(_glide(1200, 1100, 30), TICK_PEAK),
        "LIMIT_UP": _whole(_glide(600, 1200, 350), CUE_PEAK),
        "LIMIT_DOWN": _whole(_glide(1200, 600, 350), CUE_PEAK),
        "LIMIT_SAME": _whole(_glide(900, 900, 250), CUE_PEAK),
        "STARTED": _whole(_steps(660, 880, duration_ms=90), CUE_PEAK),
        "STOPPED": _whole(_steps(880, 660, duration_ms=90), CUE_PEAK),
    }
