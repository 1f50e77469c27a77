"""A trip on one time line: the samples around it, and each step after control read the one that tripped."""

import math
from typing import Any

import numpy as np
from reportlab.platypus import Flowable

from sessions.events import Trip
from sessions.export.material import Material
from sessions.export.pdf.style import (
    BLUE,
    DEEP,
    FAINT,
    INK,
    RED,
    REGULAR,
    RULE,
    SEMIBOLD,
    SOFT,
    WIDTH,
    clock,
    micros,
    millimetres,
)
from sessions.facts import Told

_AROUND = 60  # samples before and after


class TripLine(Flowable):  # type: ignore[misc]
    """Left the depth around the trip, right the steps on a logarithmic scale of time."""

    def __init__(self, material: Material, told: Told) -> None:
        super().__init__()
        self.width, self.height = WIDTH, 116.0
        self._trace, self._told = material.trace, told

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        return self.width, self.height

    def draw(self) -> None:
        """Words, samples, steps."""
        trip: Trip = self._told.body
        canvas = self.canv
        canvas.setFillColor(INK)
        canvas.setFont(SEMIBOLD, 8.5)
        canvas.drawString(0, self.height - 11, f"{clock(self._told.at_s)}  {trip.alarm}, seen by {trip.guard.lower()}")
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 8)
        words = (
            f"sample {trip.sample_index}: {millimetres(trip.depth_um)} measured, limit {millimetres(trip.limit_um)}, "
            f"tolerance {millimetres(trip.tolerance_um)}"
        )
        canvas.drawString(0, self.height - 23, words)
        self._samples(trip, 22, 14, 130, 66)
        self._steps(trip, 190, self.width - 24, 44)

    def _samples(self, trip: Trip, left: float, base: float, width: float, height: float) -> None:
        canvas = self.canv
        at = int(np.searchsorted(self._trace["index"], trip.sample_index)) if len(self._trace) else 0
        part = self._trace[max(0, at - _AROUND) : at + _AROUND]
        if not len(part) or not (part["index"] == trip.sample_index).any():
            canvas.setFont(REGULAR, 8)
            canvas.drawString(left, base + height / 2, "the sample is not in the trace")
            return
        depths = part["depth_um"].astype(float)
        top = max(float(depths.max()), trip.limit_um + trip.tolerance_um) * 1.12
        first_ns = int(part["mono_ns"][0])
        span_ns = max(1, int(part["mono_ns"][-1]) - first_ns)
        xs = left + (part["mono_ns"] - first_ns) / span_ns * width
        ys = base + depths / top * height
        canvas.setStrokeColor(FAINT)
        canvas.setLineWidth(0.35)
        canvas.line(left, base, left + width, base)
        limit_y, trip_y = base + trip.limit_um / top * height, base + (trip.limit_um + trip.tolerance_um) / top * height
        _dashed(canvas, left, left + width, limit_y, DEEP)
        _dashed(canvas, left, left + width, trip_y, RED)
        path = canvas.beginPath()
        path.moveTo(round(float(xs[0]), 2), round(float(ys[0]), 2))
        for x, y in zip(np.round(xs[1:], 2).tolist(), np.round(ys[1:], 2).tolist(), strict=True):
            path.lineTo(x, y)
        canvas.setStrokeColor(BLUE)
        canvas.setLineWidth(0.9)
        canvas.drawPath(path)
        here = int(np.flatnonzero(part["index"] == trip.sample_index)[0])
        canvas.setFillColor(RED)
        canvas.circle(float(xs[here]), float(ys[here]), 2.2, stroke=0, fill=1)
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 6)
        canvas.drawRightString(left - 3, limit_y - 4, f"{trip.limit_um / 1000:.2f}")
        canvas.drawRightString(left - 3, base - 2, "0")
        canvas.drawString(
            left, base - 9, f"{span_ns / 1e6:.0f} ms around the sample; dark dashes: limit, red: limit and tolerance"
        )

    def _steps(self, trip: Trip, left: float, right: float, y: float) -> None:
        canvas = self.canv
        steps = [
            ("decided", trip.decided_us),
            ("STOP on the wire", trip.stop_on_wire_us),
            ("motor off", trip.motor_off_us),
            ("needles home", trip.needles_home_us),
        ]
        seen = [after for _, after in steps if after is not None and after > 0]
        low, high = math.floor(math.log10(min(seen, default=10))), math.ceil(math.log10(max(seen, default=10_000)) + 1e-9)
        begin = left + 40

        def place(after_us: float) -> float:
            return begin + (math.log10(max(after_us, 10**low)) - low) / max(1, high - low) * (right - begin)

        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(2)
        canvas.line(left, y, right, y)
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 6)
        for power in range(low, high + 1):
            canvas.setLineWidth(0.4)
            canvas.line(place(10**power), y - 3, place(10**power), y + 3)
        self._step(left, y, "sample read", "0", above=True)
        for at, (name, after) in enumerate(steps):
            if after is not None:
                self._step(place(after), y, name, micros(after), above=at % 2 == 1)
        unseen = [name for name, after in steps if after is None]
        if unseen:
            canvas.setFillColor(RED)
            canvas.setFont(REGULAR, 7)
            canvas.drawRightString(right + 24, 3, "not seen: " + ", ".join(unseen))

    def _step(self, x: float, y: float, name: str, after: str, above: bool) -> None:
        canvas = self.canv
        towards = 1 if above else -1
        canvas.setStrokeColor(DEEP)
        canvas.setLineWidth(0.5)
        canvas.line(x, y, x, y + towards * 12)
        canvas.setFillColor(DEEP)
        canvas.circle(x, y, 2.6, stroke=0, fill=1)
        first, second = (y + 23, y + 15) if above else (y - 19, y - 27)
        canvas.setFillColor(INK)
        canvas.setFont(SEMIBOLD, 7.5)
        canvas.drawCentredString(x, first, after)
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 6.8)
        canvas.drawCentredString(x, second, name)


def _dashed(canvas: Any, left: float, right: float, y: float, colour: Any) -> None:
    canvas.saveState()
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(0.6)
    canvas.setDash(2.4, 1.6)
    canvas.line(left, y, right, y)
    canvas.restoreState()
