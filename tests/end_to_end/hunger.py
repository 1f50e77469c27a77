"""A process with the simulated pen's rights that only sleeps: how late it woke is how long the machine kept the pen waiting."""

import subprocess
import sys

from pencontrol.control.grants import like_a_device

SLEEPER = """
import select, sys, time
worst_s, last_s = 0.0, time.monotonic()
while True:
    ready, _, _ = select.select([sys.stdin], [], [], 0.005)
    now_s = time.monotonic()
    worst_s, last_s = max(worst_s, now_s - last_s), now_s
    if ready:
        if not sys.stdin.readline():
            break
        print(worst_s * 1000, flush=True)
"""


class Hunger:
    """Looks until `close`."""

    def __init__(self) -> None:
        self._sleeper = subprocess.Popen(
            [sys.executable, "-S", "-c", SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        like_a_device(self._sleeper.pid)

    @property
    def longest_ms(self) -> float:
        """The longest it was not there, in milliseconds: 5 where nothing is in its way."""
        assert self._sleeper.stdin is not None
        assert self._sleeper.stdout is not None
        self._sleeper.stdin.write("?\n")
        self._sleeper.stdin.flush()
        return float(self._sleeper.stdout.readline())

    def close(self) -> None:
        """The end; again: nothing."""
        for pipe in (self._sleeper.stdin, self._sleeper.stdout):
            assert pipe is not None
            pipe.close()
        self._sleeper.wait()
