"""Numbers events within their stream and hands them to the outbox. Pure: clocks come as arguments or by constructor."""

from collections.abc import Callable

from pencontrol.control.outbox import Outbox
from sessions import feed
from sessions.events import TRACE_LAYOUT, WIRE_LAYOUT, Body, make_event

BLOCK_SAMPLES = 960  # less than a second at 1 kHz: the block ends, and with it the tape's, before the tape's second is over
FIRST_BLOCK_SAMPLES = 1000  # before blocks of trace and of tape ended together


class Journal:
    """The one place where control says something to the record."""

    def __init__(self, outbox: Outbox, control: str, utc_ns: Callable[[], int]) -> None:
        """Until a session is open, events go to the stream `J-<control>`."""
        self._outbox = outbox
        self._utc_ns = utc_ns
        self._station = f"J-{control}"
        self._numbers: dict[str, int] = {}
        self.stream = self._station
        self._block = 0
        self._trace = bytearray()
        self._first_index = 0
        self._samples = 0
        self.block_samples = BLOCK_SAMPLES
        self.on_block: Callable[[], None] = lambda: None  # a block of trace was sent

    def write(self, body: Body, now_ns: int, actor: str = "control") -> None:
        """Say `body` in the present stream."""
        number = self._numbers.get(self.stream, 0) + 1
        self._numbers[self.stream] = number
        event = make_event(self.stream, number, self._utc_ns(), now_ns, actor, body)
        self._outbox.add_event(self.stream, number, feed.pack_json(feed.EVENT, event.model_dump(mode="json")), now_ns)

    def add_sample(self, index: int, record: bytes, lost: int, now_ns: int) -> None:
        """One trace record of the open session; about every second a block goes out."""
        if not self._samples:
            self._first_index = index
        self._trace += record
        self._samples += 1
        if self._samples >= self.block_samples:
            self.flush_trace(lost, now_ns)

    def flush_trace(self, lost: int, now_ns: int) -> None:
        """Send what was collected of the trace, however little."""
        if not self._samples:
            return
        self._block += 1
        data = feed.pack_block(self.stream, self._block, self._first_index, lost, TRACE_LAYOUT, bytes(self._trace))
        self._outbox.add_block(self.stream, self._block, data, now_ns)
        self._trace.clear()
        self._samples = 0
        self.on_block()

    def add_wire(self, stream: str, wire: int, block: bytes, now_ns: int) -> bool:
        """About a second of `stream`'s tape, counted from 1. False: there is no room for it."""
        return self._outbox.add_wire(stream, wire, feed.pack_wire(stream, wire, WIRE_LAYOUT, block), now_ns)

    def open_session(self, stream: str) -> None:
        """From now on everything belongs to this session."""
        self.stream = stream
        self._block = 0
        self._trace.clear()
        self._samples = 0

    def close_session(self) -> None:
        """Back to the station's own stream."""
        self.stream = self._station

    @property
    def session_open(self) -> bool:
        """Does the present stream belong to a session?"""
        return self.stream != self._station
