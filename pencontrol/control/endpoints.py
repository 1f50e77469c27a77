"""Control's sockets: screens with command lines, the recorder with the feed. Non-blocking; whoever does not read is dropped."""

import contextlib
import os
import socket
from pathlib import Path

from pencontrol.control.commands import MAX_LINE_BYTES


def listen(path: Path) -> socket.socket:
    """A listening Unix socket at `path`, for this user alone."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    path.chmod(0o600)
    server.listen(4)
    server.setblocking(False)
    return server


def accept(server: socket.socket) -> socket.socket | None:
    """The peer that knocked, or None when it is gone again."""
    try:
        peer, _ = server.accept()
    except (BlockingIOError, ConnectionError):
        return None
    peer.setblocking(False)
    return peer


def read_some(peer: socket.socket) -> bytes | None:
    """Up to 64 KiB; b"" when nothing is there now; None when the peer is gone."""
    try:
        data = peer.recv(65536)
    except BlockingIOError:
        return b""
    except OSError:
        return None
    return data or None


class Screen:
    """One connected screen: its unfinished line and, after its hello, its instance."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.instance = 0
        self._held = b""

    def lines(self, data: bytes) -> list[bytes] | None:
        """The command lines completed by `data`; None when a line is longer than any command may be."""
        *lines, self._held = (self._held + data).split(b"\n")
        if len(self._held) > MAX_LINE_BYTES or any(len(line) > MAX_LINE_BYTES for line in lines):
            return None
        return [line for line in lines if line.strip()]

    def say(self, data: bytes) -> bool:
        """False when the screen does not take an answer line: it is not reading."""
        try:
            return self.peer.send(data) == len(data)
        except OSError:
            return False


class StopPipe:
    """The STOP wake pipe's reading end: a byte in it says that the STOP counter has changed."""

    def __init__(self, path: Path) -> None:
        # read and write, so that it never ends when the last screen closes it
        self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def fileno(self) -> int:
        """For select."""
        return self._handle

    def drain(self) -> None:
        """Take the bytes; the counter is what counts."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._handle, 4096)

    def close(self) -> None:
        """Close the handle."""
        os.close(self._handle)
