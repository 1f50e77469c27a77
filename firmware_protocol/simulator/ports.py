"""The cable's pen end: what any port does, and a TCP port for one client (`pty_port` has the other). Nothing here blocks.

A host that went away shows as `Gone` from `poll` or `write`.
"""

import contextlib
import socket
from typing import Protocol

READ_BYTES = 4096
SEND_BUFFER_BYTES = 16384  # as little stale telemetry as a pty would hold


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
        """As Port. The end of one client is seen before the next is looked at, so who comes back at once is let in."""
        if self._client is None:
            self._client = self._accepted()
        if self._client is None:
            return b""
        try:
            data = self._client.recv(READ_BYTES)
        except BlockingIOError:
            second = self._accepted()
            if second is not None:
                second.close()
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

    def _accepted(self) -> socket.socket | None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            client, _ = self._listener.accept()
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            return client
        return None

    def _lose(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        raise Gone
