"""A plain peer for the link's tests, built from frames and messages alone: it answers, keeps count, and judges nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware_protocol import messages as wire
from firmware_protocol.frame import FLAG_RETRY, TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, Deframer, Frame, encode_frame
from firmware_protocol.happenings import Happening
from firmware_protocol.link import Link

MS = 1_000_000
S = 1_000_000_000
NONCE = 0x1234_5678
MOTOR = wire.FLAG_MOTOR_POWERED


class Peer:
    """Answers each request once and repeats itself to a retry; `heard` holds every good frame, oldest first."""

    def __init__(self, session: int = 7, boot_id: int = 0xB007) -> None:
        self.session = session
        self.boot_id = boot_id
        self.heard: list[Frame] = []
        self.done: list[str] = []  # names of requests carried out
        self.results: dict[int, int] = {}  # message id -> result other than OK
        self.clock_us = 1_000_000
        self.answers_stop = True
        self._deframer = Deframer(TO_PEN_WIRE_BYTES)
        self._cache: dict[tuple[int, int, int], bytes] = {}
        self._unsolicited = 0

    def hear(self, data: bytes) -> bytes:
        """The answers to `data`."""
        return b"".join(self._answer(frame) for frame in self._deframer.feed(data))

    def reply(self, message: wire.Message[Any, Any], sequence: int, result: int, reply: Any, session: int | None = None) -> bytes:
        """One reply frame."""
        payload = bytes([result]) + (message.reply.pack(reply) if reply is not None else b"")
        session = self.session if session is None else session
        return encode_frame(message.reply_id, session, 0, sequence, payload, TO_HOST_WIRE_BYTES)

    def tell(self, message: wire.Message[Any, Any], value: Any, session: int | None = None) -> bytes:
        """One unsolicited frame."""
        self._unsolicited += 1
        session = self.session if session is None else session
        return encode_frame(message.id, session, 0, self._unsolicited, message.payload.pack(value), TO_HOST_WIRE_BYTES)

    def kinds(self) -> list[int]:
        """Types of the frames heard."""
        return [frame.kind for frame in self.heard]

    def _answer(self, frame: Frame) -> bytes:
        self.heard.append(frame)
        message = wire.BY_ID[frame.kind]
        if message is wire.DRIVE:
            return b""
        if message is wire.STOP:
            self.done.append("STOP")
            return self.reply(message, frame.sequence, wire.OK, ()) if self.answers_stop else b""
        key = (frame.session, frame.sequence, frame.kind)
        if key not in self._cache:
            self.done.append(message.name)
            result = self.results.get(frame.kind, wire.OK)
            self._cache[key] = self.reply(
                message, frame.sequence, result, self._content(message, frame) if result == wire.OK else None
            )
        return self._cache[key]

    def _content(self, message: wire.Message[Any, Any], frame: Frame) -> Any:
        if message is wire.HELLO:
            return wire.HelloReply(1, 0, self.boot_id, wire.STATE_IDLE, 0, 1, 0, 64, b"PEN-1", b"1.0")
        if message is wire.SYNC:
            asked = wire.SYNC.payload.unpack(frame.payload)
            return wire.SyncReply(asked.host_us, self.clock_us & 0xFFFFFFFF, self.clock_us & 0xFFFFFFFF)
        if message is wire.ARM:
            return wire.ArmReply(0xA55A)
        if message is wire.STATUS_GET:
            return wire.StatusReply(*([0] * 21))
        if message is wire.CARTRIDGE_GET:
            return wire.CartridgeReply(1, 2, 12, 4000, b"LOT", 3000, 0)
        return ()


def telemetry(
    index: int,
    t_us: int | None = None,
    dropped: int = 0,
    state: int = wire.STATE_IDLE,
    flags: int = wire.FLAG_NEEDLES_HOME,
) -> wire.Telemetry:
    """A sample; its pen time defaults to one millisecond per index."""
    t_us = index * 1000 if t_us is None else t_us
    return wire.Telemetry(index & 0xFFFFFFFF, t_us & 0xFFFFFFFF, 0, 0, 0, 0, dropped & 0xFFFF, state, 0, 0, flags)


class Wire:
    """A link and a peer, a millisecond at a time; `lose` says which frames never arrive, by direction ("out", "in")."""

    def __init__(self, link: Link, peer: Peer, lose: Callable[[str, bytes], bool] = lambda way, data: False) -> None:
        self.link = link
        self.peer = peer
        self.lose = lose
        self.now_ns = S
        self.sent: list[tuple[int, Frame]] = []  # when, what, as the host wrote it
        self.happened: list[tuple[int, Happening]] = []
        self._watch = Deframer(TO_PEN_WIRE_BYTES)
        self._to_host = b""

    def write(self, data: bytes) -> None:
        """One write of the host's."""
        self.sent += [(self.now_ns, frame) for frame in self._watch.feed(data)]
        if data and not self.lose("out", data):
            answer = self.peer.hear(data)
            if answer and not self.lose("in", answer):
                self._to_host += answer

    def run(self, milliseconds: int) -> list[Happening]:
        """Turns of the owner's loop; returns what happened in them."""
        before = len(self.happened)
        for _ in range(milliseconds):
            self.now_ns += MS
            self.peer.clock_us += 1000
            data, self._to_host = self._to_host, b""
            self.happened += [(self.now_ns, each) for each in self.link.receive(data, self.now_ns)]
            self.write(self.link.poll(self.now_ns))
        return [each for _, each in self.happened[before:]]

    def connected(self) -> Wire:
        """Past HELLO and the first eight SYNC rounds, with a clean slate."""
        self.run(120)
        assert self.link.session == self.peer.session
        self.sent.clear()
        self.happened.clear()
        self.peer.heard.clear()
        self.peer.done.clear()
        return self

    def frames(self, message: wire.Message[Any, Any]) -> list[tuple[int, Frame]]:
        """What the host wrote of one type, with the times."""
        return [(at, frame) for at, frame in self.sent if frame.kind == message.id]


def is_retry(frame: Frame) -> bool:
    """Does the frame carry the retry flag?"""
    return bool(frame.flags & FLAG_RETRY)


def connected() -> Wire:
    """A link and a peer past their greeting."""
    return Wire(Link(NONCE), Peer()).connected()
