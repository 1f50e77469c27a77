"""A pen in this process at the other end of a `Line`, on a clock that only the line turns: conformance without waiting."""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.conformance.book import CHECKS
from firmware_protocol.conformance.runner import Result, run_checks
from firmware_protocol.pen import Pen
from firmware_protocol.simulator.plant import Plant

BOOT_ID = 0xB007_0001


class VirtualLine:
    """The host's end. `read` lets time pass in half milliseconds until the pen says something."""

    url = "virtual"

    def __init__(
        self, pen_type: type[Pen] = Pen, plant_type: type[Plant] = Plant, capabilities: int = m.CAPABILITY_SIMULATED
    ) -> None:
        self.plant = plant_type(1)
        self.pen = pen_type(self.plant, BOOT_ID, m.RESET_POWER_ON, b"BENCH-1", b"1.0", capabilities)
        self.halves = 0
        self._out: list[tuple[int, bytes]] = []

    @property
    def now_us(self) -> int:
        return self.halves * 500

    def now_s(self) -> float:
        return self.halves * 0.0005

    def write(self, data: bytes) -> None:
        self.pen.receive(data, self.now_us)
        self._hear()

    def read(self, most_s: float) -> bytes:
        end = self.halves + round(most_s * 2000)
        while not self._out and self.halves < end:
            self.halves += 1
            if self.halves % 2 == 0:
                self.plant.step()
            if self.halves % 2 == 0 or self.pen.step_us == 500:
                self.pen.step(self.now_us)
            self._hear()
        data = b"".join(each for _, each in self._out)
        self._out = []
        return data

    def reopen(self) -> None:
        self.pen.link_lost(self.now_us)
        self.read(0.3)

    def _hear(self) -> None:
        data = self.pen.take_output()
        if data:
            self._out.append((self.halves, data))


def judged(line: VirtualLine, names: Any = None) -> list[Result]:
    """All checks, or those named."""
    return run_checks(line, [check for check in CHECKS if names is None or check.name in names])


def failed(line: VirtualLine) -> dict[str, str]:
    """Names of the checks that fail, with what was found."""
    return {result.name: f"{result.expected} / {result.found}" for result in judged(line) if not result.passed}
