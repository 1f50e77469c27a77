"""What the system grants to a thread that must not be late: a core of its own and idle states held off. Linux; else nothing.

Each grant says in words whether it was given; the words go into the record. Measured on a two-core machine, C echo to our
answer: own core 148 -> 169 us at p99, idle states held off 43 -> 59 us.
"""

import contextlib
import os
import struct
from pathlib import Path

DMA_LATENCY = Path("/dev/cpu_dma_latency")


def own_core() -> str:
    """Move this process to the last core it may use; the launcher keeps the others off it."""
    if not hasattr(os, "sched_setaffinity"):
        return "not offered by this system"
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return "refused: only one core"
    try:
        os.sched_setaffinity(0, {cores[-1]})
    except OSError as error:
        return f"refused: {error.strerror}"
    return f"core {cores[-1]}"


def leave_control_its_core() -> None:
    """For screen, recorder and simulated pen: every core but control's."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, set(cores[:-1]))


class IdleStates:
    """Holds the processor out of deep idle while a run lasts: waking from it dominates the answer's time."""

    def __init__(self) -> None:
        self._handle: int | None = None
        self.words = "not held"

    def hold(self) -> None:
        """From now on no idle state that costs time to leave. Again: no change."""
        if self._handle is not None:
            return
        try:
            self._handle = os.open(DMA_LATENCY, os.O_WRONLY)
            os.write(self._handle, struct.pack("<i", 0))
            self.words = "held off while armed"
        except OSError as error:
            self.words = f"refused: {error.strerror}"
            self.release()

    def release(self) -> None:
        """Idle as the system likes."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
