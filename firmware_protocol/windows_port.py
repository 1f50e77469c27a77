"""A Windows serial port that can be waited on: a thread reads it into a socket pair. The open port is handed in.

Windows cannot select on a serial port, and pyserial's has no file descriptor. The thread is the port's one reader and
the one that closes it, at once on any error: else Windows refuses the name until the program ends.
"""

import contextlib
import socket
import threading
from collections import deque
from typing import Protocol

READ_WAIT_S = 0.05  # how long one read waits: an unplugged port that says nothing is noticed by the next look at it
CLOSE_WAIT_S = 0.5  # a driver that hangs longer keeps its thread, which is a daemon
KEPT_WRITES = 64


class Port(Protocol):
    """What is used of pyserial's `Serial`, opened with `timeout=READ_WAIT_S` and `write_timeout=0`."""

    @property
    def in_waiting(self) -> int:
        """Bytes that have come."""
        ...

    def read(self, size: int = 1, /) -> bytes:
        """At most `size` bytes; waits for all of them or the timeout."""
        ...

    def write(self, data: bytes, /) -> int | None:
        """How many were taken."""
        ...

    def reset_input_buffer(self) -> None:
        """Throws away what came."""
        ...

    def cancel_read(self) -> None:
        """Ends a read that waits in another thread."""
        ...

    def close(self) -> None:
        """Gives the port back."""
        ...


class WindowsPort:
    """The callables that a `Transport` is made of; `read` gives b"" once the port is gone."""

    def __init__(self, port: Port, failures: tuple[type[Exception], ...]) -> None:
        """Starts to read. `failures`: what a port may raise when it is gone."""
        port.reset_input_buffer()
        self._port = port
        self._failures = failures
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._ending = False
        # A write that does not wait leaves the system reading from these bytes after it returned.
        self._written: deque[bytes] = deque(maxlen=KEPT_WRITES)
        self._thread = threading.Thread(target=self._pump, name="pen port reader", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """The socket to wait on."""
        return self._near.fileno()

    def receive(self, most: int) -> bytes:
        """Bytes that have come. Raises BlockingIOError when none have."""
        return self._near.recv(most)

    def send(self, data: bytes) -> int | None:
        """Hands `data` to the port without waiting."""
        self._written.append(data)
        return self._port.write(data)

    def close(self, stuck: bool) -> None:
        """Ends the reader, which gives the port back. Returns after half a second at the latest."""
        self._ending = True
        self._near.close()  # a reader that waits for its owner wakes
        with contextlib.suppress(*self._failures):  # it may have closed the port this moment
            self._port.cancel_read()
        self._thread.join(CLOSE_WAIT_S)

    def _pump(self) -> None:
        """Reads until told to end or the port is gone; then closes it, and only then lets the owner know."""
        with contextlib.suppress(*self._failures), contextlib.closing(self._far), contextlib.closing(self._port):
            while not self._ending:
                data = self._port.read(1)  # waits; the rest is there already, and read(n) would wait for all n
                data += self._port.read(self._port.in_waiting)
                if data:
                    self._far.sendall(data)
