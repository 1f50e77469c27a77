"""The pen's time: u32 microseconds that wrap after 71.6 minutes, so every difference is modular. Pure.

Runs unchanged on CPython and MicroPython.
"""

BASE_PERIOD_US = 1000  # the pen steps once in this time
HALF_PERIOD_US = 500  # and twice as often while a stream needs it: what a STREAM period must be a multiple of


def elapsed_us(now_us: int, then_us: int) -> int:
    """Microseconds from `then_us` to `now_us`, right as long as fewer than 2^32 lie between."""
    return (now_us - then_us) & 0xFFFFFFFF


def is_reached(now_us: int, at_us: int) -> bool:
    """Has `at_us` come? Right while the two are less than 35 minutes apart."""
    return (now_us - at_us) & 0xFFFFFFFF < 0x80000000


class Hold:
    """How long a condition has held without a break. Each sample stands for one base period."""

    __slots__ = ("_held", "_since_us")

    def __init__(self) -> None:
        self._held = False
        self._since_us = 0

    def lasted(self, condition: bool, now_us: int, limit_us: int) -> bool:
        """Judge one sample: has `condition` now held for `limit_us`, this sample's own period included?"""
        if not condition:
            self._held = False
            return False
        if not self._held:
            self._held = True
            self._since_us = now_us
        return elapsed_us(now_us, self._since_us) + BASE_PERIOD_US >= limit_us
