"""The cable's pen end: a pty, or a TCP port for one client. All of the simulator's port I/O; nothing here blocks.

Each port gives `reader` to wait for, `read`, `write` and `present`; a host that went away shows as `Gone` from `read` or
`write` (pen-link.md, "Serial port truths": HUP is a pty's DTR).
"""

import contextlib
import os
import select
import socket
import termios
import tty
from typing import Protocol

READ_BYTES = 4096


class Gone(Exception):
    """The host closed its end."""


class Port(Protocol):
    """What the server needs of a port."""

    url: str

    @property
    def present(self) -> bool:
        """Is a host there?"""

    def readers(self) -> list[int]:
        """File descriptors to wait for; one of them ready means: call `poll`."""

    def poll(self) -> bytes:
        """What the host sent, empty for nothing. Notices a host that came. Raises Gone when it went."""

    def write(self, data: bytes) -> int:
        """Bytes taken, 0 when there is no room. Raises Gone."""

    def close(self) -> None:
        """Let go of everything; the host sees the port vanish."""


class PtyPort:
    """A pseudo terminal; `url` is the path a host opens, any number of times."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        self.url = os.ttyname(slave)
        self._present = False
        tty.setraw(slave)
        tty.setraw(self._master)
        os.close(slave)
        os.set_blocking(self._master, False)
        self._watch = select.poll()
        self._watch.register(self._master, select.POLLIN)

    @property
    def present(self) -> bool:
        """Has a host the other end open?"""
        return self._present

    def readers(self) -> list[int]:
        """The master, while a host has the other end open."""
        return [self._master] if self.present else []

    def poll(self) -> bytes:
        """As Port; what the host wrote before it closed still counts."""
        events = dict(self._watch.poll(0)).get(self._master, 0)
        if not self._present:
            if events & select.POLLHUP:
                return b""
            self._present = True
            tty.setraw(self._master)
        if events & select.POLLIN:
            with contextlib.suppress(OSError):
                data = os.read(self._master, READ_BYTES)
                if data:
                    return data
        if events & select.POLLHUP:
            self._lose()
        return b""

    def write(self, data: bytes) -> int:
        """As Port."""
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0
        except OSError:
            self._lose()
            return 0

    def close(self) -> None:
        """As Port."""
        os.close(self._master)

    def _lose(self) -> None:
        self._present = False
        with contextlib.suppress(termios.error):
            termios.tcflush(self._master, termios.TCIOFLUSH)  # stale telemetry must not greet the next host
        raise Gone


class TcpPort:
    """A listening socket; one client at a time, a second is turned away."""

    def __init__(self, host: str, port: int) -> None:
        """Port 0 lets the system choose. Raises OSError where it cannot listen."""
        self._listener = socket.create_server((host, port))
        self._listener.setblocking(False)
        self.url = f"tcp://{host}:{self._listener.getsockname()[1]}"
        self._client: socket.socket | None = None

    @property
    def present(self) -> bool:
        """Is a client there?"""
        return self._client is not None

    def readers(self) -> list[int]:
        """The listener, and the client."""
        own = [self._listener.fileno()]
        return own if self._client is None else [*own, self._client.fileno()]

    def poll(self) -> bytes:
        """As Port."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            client, _ = self._listener.accept()
            if self._client is None:
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._client = client
            else:
                client.close()
        if self._client is None:
            return b""
        try:
            data = self._client.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._lose()
        return data

    def write(self, data: bytes) -> int:
        """As Port."""
        if self._client is None:
            return 0
        try:
            return self._client.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._lose()
            return 0

    def close(self) -> None:
        """As Port."""
        if self._client is not None:
            self._client.close()
            self._client = None
        self._listener.close()

    def _lose(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        raise Gone
