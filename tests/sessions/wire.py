"""A cable to the clinic's server that can be cut: TCP on this side, the server's Unix socket on the other."""

import contextlib
import selectors
import socket
import struct
import threading
from typing import Literal

from tests.sessions.postgres import Server

How = Literal["reset", "silence"]
_PIECE = 4096


class Wire:
    """Carries bytes both ways until `cut_after` bytes have gone towards the server; then resets, or carries nothing any more."""

    def __init__(self, server: Server) -> None:
        self._to = server.socket
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.carried = 0  # towards the server, since `cut_after` was told
        self.cuts = 0
        self._left: int | None = None
        self._how: How = "reset"
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._dead: list[socket.socket] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._woken, self._wake = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="wire")
        self._thread.start()

    def cut_after(self, carried: int | None, how: How = "reset") -> None:
        """From now on; None: never. What an earlier cut left hanging is hung up, as the server's own timeouts do in the end."""
        self.carried, self._how, self._left = 0, how, carried
        self._wake.send(b"h")

    def close(self) -> None:
        """End it."""
        self._wake.send(b"q")
        self._thread.join()
        for each in (*self._pairs, *self._dead, self._listening, self._woken, self._wake):
            each.close()
        self._selector.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    told = self._woken.recv(64)
                    if b"q" in told:
                        return
                    for each in self._dead:
                        each.close()
                    self._dead.clear()
                elif key.fileobj is self._listening:
                    self._accept()
                else:
                    self._carry(key.fileobj)  # type: ignore[arg-type]

    def _accept(self) -> None:
        near, _ = self._listening.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._to)
        for one, other in ((near, far), (far, near)):
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _carry(self, one: socket.socket) -> None:
        other = self._pairs.get(one)
        if other is None:
            return
        try:
            data = one.recv(_PIECE)
            to_server = other.family == socket.AF_UNIX
            left = self._left  # once: the test's thread may tell another meanwhile
            if to_server and left is not None:
                data_now = data[: max(0, left - self.carried)]
                self.carried += len(data)
                other.sendall(data_now)
                if self.carried > left:
                    self._cut(one, other)
                    return
            elif data:
                self.carried += len(data) * to_server
                other.sendall(data)
        except OSError:
            data = b""
        if not data:
            self._part(one, other)
            one.close()
            other.close()

    def _cut(self, near: socket.socket, far: socket.socket) -> None:
        self.cuts += 1
        self._part(near, far)
        if self._how == "reset":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            near.close()
            far.close()
        else:
            self._dead += [near, far]

    def _part(self, *ends: socket.socket) -> None:
        for end in ends:
            self._pairs.pop(end, None)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(end)
