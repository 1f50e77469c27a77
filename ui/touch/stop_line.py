"""STOP's own way to control: a counter in the ring file, then one byte into a pipe. Behind nothing, waits for nothing."""

import errno
import logging
import os
from pathlib import Path

from pencontrol.control.ring import Ring

log = logging.getLogger(__name__)


class StopLine:
    """Works without the command socket. The counter alone is enough: control looks at it in every cycle."""

    def __init__(self, ring: Ring, pipe: Path) -> None:
        self._ring = ring
        self._pipe = pipe
        self._descriptor = -1

    def send(self) -> None:
        """STOP. Never raises for a missing or full pipe."""
        self._ring.count_stop()
        try:
            self._wake()
        except OSError as error:
            if error.errno != errno.EAGAIN:  # a full pipe wakes control as well as an empty one
                log.error("STOP: the wake pipe %s did not take the byte (%s); the counter was raised", self._pipe, error)

    def close(self) -> None:
        """Close the pipe."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def open_ahead(self) -> None:
        """Open the pipe before it is needed; a pipe without a reader is tried again at the next STOP."""
        if self._descriptor < 0:
            try:
                self._descriptor = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                log.info("STOP's pipe %s has no reader yet (%s)", self._pipe, error)

    def _wake(self) -> None:
        if self._descriptor >= 0:
            try:
                os.write(self._descriptor, b"\x01")
                return
            except BrokenPipeError:  # control restarted: its pipe has a new reader
                self.close()
        self._descriptor = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
        os.write(self._descriptor, b"\x01")
