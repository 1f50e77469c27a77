"""What comes next out of the loudspeaker: an alarm over everything, a cue on top of what sounds. Pure."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ui.touch.sound.tones import BURSTS, LEVELS, Samples, gain


class Mixer:
    """Samples that wait to be played; `take` gives the next ones."""

    def __init__(self, sounds: Mapping[str, Samples]) -> None:
        self._sounds = sounds
        self.level = LEVELS  # of the volume; full until a person says otherwise
        self._waiting: NDArray[np.int32] = np.zeros(0, np.int32)

    @property
    def left(self) -> int:
        """Samples that wait."""
        return len(self._waiting)

    def play(self, name: str) -> bool:
        """An alarm takes the place of what sounds; a cue is laid over it. False: there is no such sound."""
        whole = self._sounds.get(name)
        if whole is None:
            return False
        fresh = np.rint(whole * gain(name, self.level)).astype(np.int32)
        if name in BURSTS:
            self._waiting = fresh
            return True
        both = np.zeros(max(len(fresh), len(self._waiting)), np.int32)
        both[: len(self._waiting)] = self._waiting
        both[: len(fresh)] += fresh
        self._waiting = both
        return True

    def take_level(self, text: str) -> None:
        """The volume as it was told; what is no level is full."""
        level = int(text) if text.isascii() and text.isdigit() else LEVELS
        self.level = level if 1 <= level <= LEVELS else LEVELS

    def silence(self) -> None:
        """Nothing waits any more."""
        self._waiting = self._waiting[:0]

    def take(self, count: int) -> bytes:
        """The next `count` samples at most, 16 bit mono, little endian."""
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return np.clip(taken, -32768, 32767).astype("<i2").tobytes()
