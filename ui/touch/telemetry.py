"""From ring to frames: what is new for the traces, and the live figures. Knows numpy only; the clock comes as an argument."""

from dataclasses import dataclass

import numpy as np

from ui.touch.decimation import Floats, Integers
from ui.touch.live import DEFAULT_PERIOD_US, DIGITS_NS, Live, known_depth, known_speed, period_us, readout
from ui.touch.ring_reader import RingReader, Samples

HISTORY_S = 10.5


@dataclass(frozen=True)
class Frame:
    """New samples for the traces. `begin`: forget what was drawn. `head`: the sample index that now stands for."""

    index: Integers
    depth_mm: Floats
    speed_rpm: Floats
    begin: bool
    head: int
    period_us: float


class Telemetry:
    """Follows the ring and keeps the last 200 ms for the digits."""

    def __init__(self, reader: RingReader) -> None:
        self._reader = reader
        self._recent: Samples | None = None
        self._period_us = float(DEFAULT_PERIOD_US)
        self._begin = True
        self.lapped = 0
        self.torn = 0
        self.rewind()

    def rewind(self) -> None:
        """The next frame begins anew, with the history that the traces show."""
        self._reader.rewind(round(HISTORY_S * 1e6 / self._period_us))
        self._begin = True

    def read(self, now_ns: int) -> Frame:
        """What came since the last call."""
        batch = self._reader.read()
        samples = batch.samples
        self.lapped += batch.lapped
        self.torn += batch.torn
        begin = self._begin or batch.restarted
        self._begin = False
        if batch.restarted:
            self._recent = None
        measured = period_us(samples)
        if measured is not None and begin:
            self._period_us = measured
        self._keep(samples)
        return Frame(
            samples["index"].astype(np.int64),
            known_depth(samples),
            known_speed(samples),
            begin,
            self._head(now_ns),
            self._period_us,
        )

    def live(self, now_ns: int) -> Live:
        """The figures now."""
        return readout(self._recent, now_ns) if self._recent is not None else Live()

    def _keep(self, samples: Samples) -> None:
        if not len(samples):
            return
        kept = samples if self._recent is None else np.concatenate((self._recent, samples))
        self._recent = kept[kept["mono_ns"] >= int(kept["mono_ns"][-1]) - DIGITS_NS]

    def _head(self, now_ns: int) -> int:
        if self._recent is None or not len(self._recent):
            return -1
        newest = self._recent[-1]
        since_us = max(0, now_ns - int(newest["mono_ns"])) / 1000
        return int(newest["index"]) + int(since_us / self._period_us)
