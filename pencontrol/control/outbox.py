"""What the recorder has not acknowledged yet: kept in memory, sent again to a new recorder, at most 2 MiB. Pure."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MAX_BYTES = 2 * 1024 * 1024
UNACKNOWLEDGED_NS = 1_000_000_000  # an event older than this is a stop and an alarm


@dataclass(slots=True)
class _Held:
    stream: str
    event: int  # number of an event, 0 for a block
    block: int
    queued_ns: int
    data: bytes
    wire: int = 0  # number of a block of the tape


class Outbox:
    """First in, first out; `take` gives what is to be written now, `acknowledge_*` forgets what is committed."""

    def __init__(self) -> None:
        self._held: deque[_Held] = deque()
        self._bytes = 0
        self._unsent = bytearray()
        self.connected = False
        self.overflowed = False

    def add_event(self, stream: str, number: int, data: bytes, now_ns: int) -> None:
        """An event for the recorder, as a feed message."""
        self._add(_Held(stream, number, 0, now_ns, data))

    def add_block(self, stream: str, block: int, data: bytes, now_ns: int) -> None:
        """A second of trace for the recorder, as a feed message."""
        self._add(_Held(stream, 0, block, now_ns, data))

    def add_wire(self, stream: str, wire: int, data: bytes, now_ns: int) -> bool:
        """A second of the tape for the recorder, as a feed message. False: there is no room, it is given up."""
        return self._add(_Held(stream, 0, 0, now_ns, data, wire))

    def connect(self, greeting: bytes) -> None:
        """A recorder is there: greet it and send everything again."""
        self.connected = True
        self._unsent = bytearray(greeting)
        for held in self._held:
            self._unsent += held.data

    def disconnect(self) -> None:
        """The recorder is gone; nothing is forgotten."""
        self.connected = False
        self._unsent.clear()

    @property
    def unsent(self) -> bytearray:
        """Bytes to write; the writer deletes from its front what the socket took."""
        return self._unsent

    def acknowledge_event(self, stream: str, number: int) -> None:
        """Committed: this event and all earlier ones of its stream."""
        self._drop(lambda held: bool(held.event) and held.stream == stream and held.event <= number)

    def acknowledge_block(self, stream: str, block: int) -> None:
        """Committed: this block and all earlier ones of its stream."""
        self._drop(lambda held: bool(held.block) and held.stream == stream and held.block <= block)

    def acknowledge_wire(self, stream: str, wire: int) -> None:
        """Committed: this block of the tape and all earlier ones of its stream."""
        self._drop(lambda held: bool(held.wire) and held.stream == stream and held.wire <= wire)

    def acknowledge(self, what: str, stream: str, number: int) -> None:
        """Committed, by the feed's own word for what was counted: "number", "block" or "wire"."""
        if what == "number":
            self.acknowledge_event(stream, number)
        elif what == "block":
            self.acknowledge_block(stream, number)
        elif what == "wire":
            self.acknowledge_wire(stream, number)

    @property
    def empty(self) -> bool:
        """Is everything said so far on disk?"""
        return not self._held

    def holds(self, stream: str) -> bool:
        """Is something of `stream` not on disk yet?"""
        return any(held.stream == stream for held in self._held)

    def oldest_age_ns(self, now_ns: int) -> int:
        """How long the oldest thing waits; 0 when nothing does."""
        return now_ns - self._held[0].queued_ns if self._held else 0

    def _add(self, held: _Held) -> bool:
        if self._bytes + len(held.data) > MAX_BYTES:
            self.overflowed = True  # the alarm stops the treatment; events go on being kept, trace is given up
            if held.block or held.wire:
                return False
        self._held.append(held)
        self._bytes += len(held.data)
        if self.connected:
            self._unsent += held.data
        return True

    def _drop(self, done: Callable[[_Held], bool]) -> None:
        kept: deque[_Held] = deque()
        for held in self._held:
            if done(held):
                self._bytes -= len(held.data)
            else:
                kept.append(held)
        self._held = kept
