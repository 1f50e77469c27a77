"""When the screen dims and locks by itself: only while nobody may need it. Pure; every moment comes in as an argument."""

from dataclasses import dataclass
from enum import StrEnum

_S = 1_000_000_000


class Lock(StrEnum):
    """Why the screen takes no touch but STOP's."""

    NONE = "NONE"
    CLEAN = "CLEAN"  # a person wipes it; left by a hold
    IDLE = "IDLE"  # nobody was there; left by the code, or by a hold where none was set


@dataclass(frozen=True)
class Resting:
    """What the shell shows."""

    dim: bool = False
    lock: Lock = Lock.NONE


class Rest:
    """Follows touches and time. `dim_after_s` and `lock_after_s`: 0 is never."""

    def __init__(self, dim_after_s: int, lock_after_s: int, now_ns: int) -> None:
        self._touched_ns = now_ns
        self._lock = Lock.NONE
        self.set_times(dim_after_s, lock_after_s)

    def set_times(self, dim_after_s: int, lock_after_s: int) -> None:
        """Other times from now on."""
        self._dim_ns, self._lock_ns = dim_after_s * _S, lock_after_s * _S

    def touched(self, now_ns: int) -> None:
        """A finger, the mouse or a key."""
        self._touched_ns = now_ns

    def clean(self) -> None:
        """A person is going to wipe the screen."""
        self._lock = Lock.CLEAN

    def unlock(self, now_ns: int) -> None:
        """The hold was completed, or the code was right."""
        self._lock = Lock.NONE
        self._touched_ns = now_ns

    def look(self, now_ns: int, idle: bool, moving: bool) -> Resting:
        """`idle`: nobody may need the screen. `moving`: the pen runs; then every control must be within reach again."""
        if not idle:
            self._touched_ns = now_ns
        if moving:
            self._lock = Lock.NONE
        since_ns = now_ns - self._touched_ns
        if self._lock is Lock.NONE and self._lock_ns and since_ns >= self._lock_ns:
            self._lock = Lock.IDLE
        return Resting(bool(self._dim_ns) and since_ns >= self._dim_ns, self._lock)
