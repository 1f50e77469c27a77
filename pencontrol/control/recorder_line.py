"""The socket to the recorder: greeting, what is unsent, acknowledgements, room on its disk. Never waits for it.

The recorder asks the disk, not control: a share may take its time to answer, and a thread of control's own that does it
holds the interpreter now and then while the kernel lets others run, with a sample waiting.
"""

import json
import selectors
import socket

from pencontrol.control.core import Control
from pencontrol.control.endpoints import read_some
from sessions import feed

READ = selectors.EVENT_READ
READ_WRITE = selectors.EVENT_READ | selectors.EVENT_WRITE


class RecorderLine:
    """At most one recorder; a new one takes the place of the old. `free_bytes`: the last that one said, None before."""

    def __init__(self, control: Control, selector: selectors.BaseSelector) -> None:
        self._control = control
        self._selector = selector
        self._peer: socket.socket | None = None
        self._messages = feed.Messages()
        self._waiting = False
        self.free_bytes: int | None = None

    def take(self, peer: socket.socket, now_ns: int) -> None:
        """A recorder connected: greet it. It gets events only after it says READY."""
        if self._peer is not None:
            self._lose(now_ns)
        station = self._control.station
        closed = station.closed
        live = ""
        if station.treatment is not None:
            live = station.treatment.id
        elif closed is not None and station.outbox.holds(closed.id):
            live = closed.id  # its last events are still to come: the recorder must not close it by itself
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._peer = peer
        self._messages = feed.Messages()
        self._waiting = False
        self._selector.register(peer, READ, "recorder")
        self._write(peer, feed.pack_json(feed.HELLO, {"control": station.id, "live": live}))

    def serve(self, mask: int, now_ns: int) -> None:
        """The socket is ready: take acknowledgements; writing is `flush`'s."""
        if self._peer is None or not mask & READ:
            return
        data = read_some(self._peer)
        if data is None:
            self._lose(now_ns)
            return
        try:
            for kind, body in self._messages.feed(data):
                self._take(kind, json.loads(body), now_ns)
        except (feed.FeedError, ValueError, KeyError, TypeError):
            self._lose(now_ns)

    def flush(self, now_ns: int) -> None:
        """Write what the socket takes now; the rest when it is ready again."""
        peer = self._peer
        unsent = self._control.station.outbox.unsent
        if peer is None or not unsent:
            return
        sent = self._write(peer, bytes(unsent[: 1 << 18]))
        if sent is None:
            self._lose(now_ns)
            return
        del unsent[:sent]
        waiting = bool(unsent)
        if waiting != self._waiting:
            self._waiting = waiting
            self._selector.modify(peer, READ_WRITE if waiting else READ, "recorder")

    def _take(self, kind: int, body: dict[str, object], now_ns: int) -> None:
        if kind == feed.READY:
            self._control.recorder_ready(now_ns)
        elif kind == feed.ACK:
            what = next((name for name in ("block", "wire") if name in body), "number")
            self._control.acknowledged(what, str(body["stream"]), int(str(body[what])), now_ns)
        elif kind == feed.ROOM:
            self.free_bytes = int(str(body["free_bytes"]))

    def _lose(self, now_ns: int) -> None:
        if self._peer is not None:
            self._selector.unregister(self._peer)
            self._peer.close()
            self._peer = None
        self._control.recorder_lost(now_ns)

    @staticmethod
    def _write(peer: socket.socket, data: bytes) -> int | None:
        try:
            return peer.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            return None
