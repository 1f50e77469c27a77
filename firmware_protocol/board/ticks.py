"""Time on the board: MicroPython's ticks wrap after 17.9 minutes, the link wants all 32 bits of microseconds."""

from time import ticks_diff, ticks_us  # type: ignore[attr-defined]


class Clock:
    """u32 microseconds. Must be asked at least every 8 minutes, which a loop of a millisecond does."""

    def __init__(self) -> None:
        self._ticks = ticks_us()
        self._now_us = 0

    def now_us(self) -> int:
        """Microseconds since the start, modulo 2^32."""
        ticks = ticks_us()
        self._now_us = (self._now_us + ticks_diff(ticks, self._ticks)) & 0xFFFFFFFF
        self._ticks = ticks
        return self._now_us


def ticks() -> int:
    """MicroPython's own microseconds, for differences of less than 8 minutes."""
    now: int = ticks_us()
    return now


def since_us(then: int) -> int:
    """Microseconds since `ticks()` gave `then`."""
    passed: int = ticks_diff(ticks_us(), then)
    return passed
