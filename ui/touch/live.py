"""The live figures: from raw samples to what the digits show. Pure; knows numpy only."""

from dataclasses import dataclass

import numpy as np

from firmware_protocol import messages
from ui.touch.ring_reader import Samples

STALE_NS = 100_000_000  # older data is drawn as missing
DIGITS_NS = 200_000_000  # digits change five times a second
DEFAULT_PERIOD_US = 1000


@dataclass(frozen=True)
class Live:
    """What the pen shows now. None is missing: unknown is a state, never a number."""

    depth_um: int | None = None  # the deepest of the last 200 ms
    speed_rpm: int | None = None  # the mean of the last 200 ms
    contact: bool = False
    motor: bool = False
    age_ms: float | None = None  # of the newest sample, by this station's clock
    fresh: bool = False


def known_depth(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Depth in mm; NaN where the pen itself says that it is not valid."""
    valid = samples["flags"] & messages.FLAG_DEPTH_VALID != 0
    return np.where(valid, samples["depth_um"] / 1000.0, np.nan)


def known_speed(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Speed in rpm; NaN where the pen itself says that it is not valid."""
    valid = samples["flags"] & messages.FLAG_SPEED_VALID != 0
    return np.where(valid, samples["speed_rpm"].astype(np.float64), np.nan)


def period_us(samples: Samples) -> float | None:
    """Telemetry period from the pen's own clock; None when there are too few samples to tell."""
    if len(samples) < 2:
        return None
    steps = int(samples["index"][-1]) - int(samples["index"][0])
    span_us = int(samples["t_pen_us"][-1]) - int(samples["t_pen_us"][0])
    return span_us / steps if steps > 0 and span_us > 0 else None


def readout(recent: Samples, now_ns: int) -> Live:
    """Figures from the newest samples (about 200 ms of them), judged by `now_ns`."""
    if not len(recent):
        return Live()
    newest = recent[-1]
    age_ns = now_ns - int(newest["mono_ns"])
    if not (0 <= age_ns <= STALE_NS):
        return Live(age_ms=age_ns / 1e6)
    window = recent[recent["mono_ns"] >= now_ns - DIGITS_NS]
    depths, speeds = known_depth(window), known_speed(window)
    flags = int(newest["flags"])
    return Live(
        depth_um=round(float(np.nanmax(depths)) * 1000) if flags & messages.FLAG_DEPTH_VALID else None,
        speed_rpm=round(float(np.nanmean(speeds))) if flags & messages.FLAG_SPEED_VALID else None,
        contact=bool(newest["contact"]),
        motor=bool(flags & messages.FLAG_MOTOR_POWERED),
        age_ms=age_ns / 1e6,
        fresh=True,
    )
