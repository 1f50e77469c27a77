"""Requests on their way: a queue, one in flight, and the retries. Pure; times are handed in, nanoseconds, monotonic."""

from __future__ import annotations

from collections import deque
from typing import Any

from firmware_protocol.frame import FLAG_REPLY_WANTED, FLAG_RETRY, Frame, encode_frame
from firmware_protocol.messages import ARM, CLEAR_FAULT, HELLO, SYNC, Message

MS = 1_000_000
RETRY_NS = (50 * MS, 150 * MS, 350 * MS, 750 * MS)  # ends of the tries, from the first: waits of 50, 100, 200, 400 ms
LEAST_WAIT_NS = 50 * MS  # a try after a stall of the host still gets this long
RAISES_AUTHORITY = (ARM, CLEAR_FAULT)  # what a stop must not be followed by: it was asked before the stop


class Asked:
    """One request: what was asked, and what became of it."""

    __slots__ = ("asked_ns", "message", "overtaken", "payload", "sent_ns", "sequence", "session", "tries", "until_ns", "was")

    def __init__(self, message: Message[Any, Any], payload: Any, asked_ns: int) -> None:
        self.message = message
        self.payload = payload
        self.asked_ns = asked_ns
        self.session = 0
        self.sequence = 0
        self.was = -1  # the sequence of the tries before a STOP overtook it
        self.overtaken = False
        self.tries = 0
        self.sent_ns = 0  # first try
        self.until_ns = 0  # the present try is over


class Requests:
    """First in, first out, one in flight; the owner gives the session and tells the outcome to the world."""

    __slots__ = ("_sequence", "flight", "queue", "retries")

    def __init__(self, sequence: int) -> None:
        """`sequence`: where to begin; another one for each connection keeps a stale reply from matching."""
        self._sequence = sequence & 0xFFFF
        self.queue: deque[Asked] = deque()
        self.flight: Asked | None = None
        self.retries = 0

    def next_sequence(self) -> int:
        """The next number of the row that requests and STOP share."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        return self._sequence

    def put(self, message: Message[Any, Any], payload: Any, now_ns: int, first: bool = False) -> None:
        """Queues a request. Raises MessageError or FrameTooLong at once for a payload that cannot be sent."""
        encode_frame(message.id, 0, 0, 0, message.payload.pack(payload))
        asked = Asked(message, payload, now_ns)
        if first:
            self.queue.appendleft(asked)
        else:
            self.queue.append(asked)
            self._hurry(now_ns)

    def _hurry(self, now_ns: int) -> None:
        """A request does not wait for more than a SYNC's first try: with its own 750 ms it ends within 0.8 s of the call."""
        flight = self.flight
        if flight is None or flight.message is not SYNC or not self.queue:
            return
        if flight.tries > 1 or now_ns >= flight.until_ns:
            self.flight = None

    def due_ns(self) -> int | None:
        """When `send` or `run_out` next has something to say; None while there is nothing to do."""
        if self.flight is not None:
            return self.flight.until_ns
        return self.queue[0].asked_ns if self.queue else None

    def send(self, session: int, now_ns: int) -> bytes:
        """The frame that is due: the next request, or a retry (same sequence, retry flag); else nothing."""
        self._hurry(now_ns)
        asked = self.flight
        if asked is None:
            if not self.queue:
                return b""
            asked = self.flight = self.queue.popleft()
            asked.session = session
            asked.sequence = self.next_sequence()
            asked.sent_ns = now_ns
            flags = FLAG_REPLY_WANTED
        else:
            if now_ns < asked.until_ns or asked.tries == len(RETRY_NS):
                return b""
            self.retries += 1
            flags = FLAG_REPLY_WANTED | FLAG_RETRY
            if asked.overtaken:  # the pen hears nothing older than the STOP any more
                asked.overtaken = False
                asked.was = asked.sequence
                asked.sequence = self.next_sequence()
                flags = FLAG_REPLY_WANTED
        asked.until_ns = max(asked.sent_ns + RETRY_NS[asked.tries], now_ns + LEAST_WAIT_NS)
        asked.tries += 1
        return encode_frame(asked.message.id, asked.session, flags, asked.sequence, asked.message.payload.pack(asked.payload))

    def matching(self, frame: Frame) -> Asked | None:
        """The request in flight, if `frame` is its reply by type and sequence."""
        asked = self.flight
        if asked is None or frame.kind != asked.message.reply_id or frame.sequence not in (asked.sequence, asked.was):
            return None
        return asked

    def run_out(self, now_ns: int) -> Asked | None:
        """The request in flight, when its last try is over; it is then no longer in flight."""
        asked = self.flight
        if asked is None or asked.tries < len(RETRY_NS) or now_ns < asked.until_ns:
            return None
        self.flight = None
        return asked

    def stop(self) -> list[Asked]:
        """A STOP is sent: withdraws what would raise authority after it, and says what that was.

        Anything else in flight stays, and takes a new sequence at its next try: STOP has moved the pen's window past
        the old one. All of those are harmless when done twice.
        """
        gone = []
        if self.flight is not None:
            if self.flight.message in RAISES_AUTHORITY:
                gone.append(self.flight)
                self.flight = None
            elif self.flight.message is not HELLO:  # a pen hears HELLO whatever its sequence
                self.flight.overtaken = True
        gone += [asked for asked in self.queue if asked.message in RAISES_AUTHORITY]
        self.queue = deque(asked for asked in self.queue if asked.message not in RAISES_AUTHORITY)
        return gone

    def clear(self) -> list[Asked]:
        """Withdraws everything, in flight first, and says what that was; SYNC and HELLO are the link's own and left out."""
        gone = [self.flight, *self.queue] if self.flight is not None else list(self.queue)
        self.flight = None
        self.queue.clear()
        return [asked for asked in gone if asked.message not in (SYNC, HELLO)]
