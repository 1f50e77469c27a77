"""A tiny control: listens on the feed socket, starts a real recorder process, sends messages and collects what comes back."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from sessions import feed
from sessions.events import Event
from sessions.store.rows import Block

WAIT_S = 30.0


def packed(item: Event | Block) -> bytes:
    """An item as control sends it."""
    if isinstance(item, Event):
        return feed.pack_json(feed.EVENT, item.model_dump(mode="json"))
    return feed.pack_block(item.stream, item.block, item.first_index, item.lost, item.layout, item.records)


class Link:
    """One accepted connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._messages = feed.Messages()
        self.acked: set[tuple[str, str, int]] = set()
        self.ready = False
        self.rooms: list[tuple[int, bool]] = []  # bytes, and whether READY had been said before

    def hello(self, live: str = "", control: str = "c-1") -> None:
        self.sock.sendall(feed.pack_json(feed.HELLO, {"control": control, "live": live}))
        deadline = time.monotonic() + WAIT_S
        while not self.ready:
            assert time.monotonic() < deadline, "no READY"
            self.listen(0.1)

    def send(self, items: Sequence[Event | Block]) -> None:
        self.sock.sendall(b"".join(packed(item) for item in items))

    def listen(self, timeout_s: float) -> bool:
        """Take in what has arrived; False at the end of the connection."""
        if not select.select([self.sock], [], [], timeout_s)[0]:
            return True
        try:
            data = self.sock.recv(1 << 16)
        except ConnectionResetError:
            return False
        for kind, body in self._messages.feed(data):
            told: dict[str, Any] = json.loads(body)
            if kind == feed.READY:
                self.ready = True
            elif kind == feed.ROOM:
                self.rooms.append((told["free_bytes"], self.ready))
            else:
                assert kind == feed.ACK
                name = "number" if "number" in told else "block"
                self.acked.add((told["stream"], name, told[name]))
        return bool(data)

    def wait_for(self, items: Sequence[Event | Block], timeout_s: float = WAIT_S) -> bool:
        """Listen until all of `items` are acknowledged."""
        wanted = {_key(item) for item in items}
        deadline = time.monotonic() + timeout_s
        while not wanted <= self.acked and time.monotonic() < deadline:
            if not self.listen(0.05):
                break
        return wanted <= self.acked

    def close(self) -> None:
        self.sock.close()


def _key(item: Event | Block) -> tuple[str, str, int]:
    return (item.stream, "number", item.number) if isinstance(item, Event) else (item.stream, "block", item.block)


class Station:
    """A feed socket and the recorder processes started on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # pytest's own folders are too long for a socket address (108 bytes)
        self._folder = tempfile.TemporaryDirectory(prefix="pc-")
        self.feed = Path(self._folder.name) / "feed"
        self.log = Path(self._folder.name) / "log"
        self._listener: socket.socket | None = None
        self.processes: list[subprocess.Popen[bytes]] = []
        self._logs: list[IO[bytes]] = []
        self._links: list[Link] = []

    def listen(self) -> None:
        self.feed.unlink(missing_ok=True)
        if self._listener is not None:
            self._listener.close()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.feed))
        self._listener.listen(4)
        self._listener.settimeout(WAIT_S)

    def start(self, *extra: str, pass_fds: Sequence[int] = (), env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        log = self.log.open("ab")
        self._logs.append(log)
        command = [sys.executable, "-m", "sessions.recorder", "--feed", str(self.feed), "--home", str(self.home), *extra]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=log, pass_fds=pass_fds, env={**os.environ, **(env or {})}
        )
        self.processes.append(process)
        return process

    def accept(self) -> Link:
        assert self._listener is not None
        sock, _ = self._listener.accept()
        sock.settimeout(WAIT_S)
        self._links.append(Link(sock))
        return self._links[-1]

    def said(self) -> str:
        return self.log.read_text()

    def wait_said(self, words: str) -> None:
        deadline = time.monotonic() + WAIT_S
        while words not in self.said():
            assert time.monotonic() < deadline, f"{words!r} not in: {self.said()}"
            time.sleep(0.01)

    def stop(self, process: subprocess.Popen[bytes]) -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(WAIT_S)

    def close(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        for link in self._links:
            link.close()
        for log in self._logs:
            log.close()
        if self._listener is not None:
            self._listener.close()
        self._folder.cleanup()


@contextlib.contextmanager
def station(home: Path) -> Iterator[Station]:
    """A station that cleans up after itself."""
    made = Station(home)
    try:
        made.listen()
        yield made
    finally:
        made.close()
