"""Waits on the socket without missing the order to end: a signal, or the end of the lifeline. I/O."""

import contextlib
import os
import selectors
import signal
import socket
from types import FrameType


class Ending(Exception):
    """The recorder was told to end: says by what."""


class Waiter:
    """One selector over the end signals, the lifeline, and whichever socket is current."""

    def __init__(self, lifeline: int | None) -> None:
        self._lifeline = lifeline
        self._ended_by = ""
        self._woken, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ)
        if lifeline is not None:
            self._selector.register(lifeline, selectors.EVENT_READ)

    def watch_signals(self) -> None:
        """From now on SIGTERM and SIGINT end the next wait."""
        signal.signal(signal.SIGTERM, self._told)
        signal.signal(signal.SIGINT, self._told)

    def readable(self, sock: socket.socket | None, timeout_s: float | None) -> bool:
        """Wait until `sock` can be read, or the time is over. Raises Ending."""
        if sock is not None:
            self._selector.register(sock, selectors.EVENT_READ)
        try:
            ready = {key.fileobj for key, _ in self._selector.select(timeout_s)}
        finally:
            if sock is not None:
                self._selector.unregister(sock)
        if self._ended_by:
            raise Ending(self._ended_by)
        if self._lifeline is not None and self._lifeline in ready and self._lifeline_is_over():
            raise Ending("its lifeline closed")
        return sock is not None and sock in ready

    def close(self) -> None:
        """Give back the wake pipe and the selector."""
        self._selector.close()
        self._woken.close()
        self._wake.close()

    def _lifeline_is_over(self) -> bool:
        assert self._lifeline is not None
        try:
            return os.read(self._lifeline, 4096) == b""
        except OSError:
            return True

    def _told(self, number: int, _frame: FrameType | None) -> None:
        self._ended_by = signal.Signals(number).name
        with contextlib.suppress(OSError):  # full, or closed: the end is under way already
            self._wake.send(b"\0")
