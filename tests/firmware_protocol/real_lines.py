"""Both ends of real lines for the transport's tests: ptys and TCP on this machine."""

import contextlib
import os
import select
import socket
import time
import tty
from collections.abc import Callable, Iterator

from firmware_protocol.transport import Transport, open_transport

WAIT_S = 10.0
EVERY_BYTE = bytes(range(256)) * 3


class PenEnd:
    """The pen's end of a line: a pty's master or an accepted socket."""

    def __init__(self, url: str, handle: int, unplug: Callable[[], None]) -> None:
        self.url = url
        self.handle = handle
        self.unplug = unplug

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes, or as many as come before a pause of `WAIT_S`."""
        data = b""
        while len(data) < count and select.select([self.handle], [], [], WAIT_S)[0]:
            data += os.read(self.handle, 65_536)
        return data


@contextlib.contextmanager
def pty_pen() -> Iterator[PenEnd]:
    """A pen behind a pty, with nobody else holding the host's end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    os.close(slave)
    open_ = [True]

    def unplug() -> None:
        if open_.pop() if open_ else False:
            os.close(master)

    try:
        yield PenEnd(path, master, unplug)
    finally:
        unplug()


@contextlib.contextmanager
def tcp_line() -> Iterator[tuple[PenEnd, Transport]]:
    """A pen behind TCP, and the open transport to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = open_transport(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        accepted, _ = server.accept()
        with contextlib.closing(line), accepted:
            yield PenEnd(line.url, accepted.fileno(), accepted.close), line


@contextlib.contextmanager
def pty_line() -> Iterator[tuple[PenEnd, Transport]]:
    """A pen behind a pty, and the open transport to it."""
    with pty_pen() as pen, contextlib.closing(open_transport(pen.url)) as line:
        yield pen, line


Lines = Callable[[], contextlib.AbstractContextManager[tuple[PenEnd, Transport]]]


def read_for(line: Transport, count: int, seconds: float = WAIT_S) -> bytes:
    """At least `count` bytes, or as many as come in `seconds`."""
    data = b""
    end = time.monotonic() + seconds
    while len(data) < count and time.monotonic() < end:
        select.select([line], [], [], 0.05)
        data += line.read()
    return data


def write_often(line: Transport, data: bytes, count: int, pause_s: float = 0.0) -> None:
    """The same bytes again and again."""
    for _ in range(count):
        line.write(data)
        time.sleep(pause_s)
