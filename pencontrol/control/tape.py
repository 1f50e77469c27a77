"""What reaches control during a session and what it puts on the wire, in order, so that the session can be replayed. Pure.

Layout `wire/1`: entries of `firmware_protocol.recording`, in blocks of about a second that each tell their times from 0. A
block ends where one of the trace has just been sent, so that both tell of the same samples and the store keeps these once.
First comes an IMAGE: control as it was before the command that opened the session. Then *inputs*, each at the time control
was given with it, and after each input what control *read* while it answered it (clocks, heartbeat, counters) and what it
*wrote*. Ticks are on tape only where something came of them; a clock or heartbeat only where it is not what the tape
already says:

* the wall clock is the monotonic clock plus an offset, which goes on tape when it has strayed by a millisecond, and control
  is given exactly that;
* a screen's sign of life counts for 100 ms (silence is an alarm after 300) before the ring is looked at again.
"""

import json
import struct
from collections.abc import Callable, Mapping

from firmware_protocol.recording import FROM_PEN, TO_PEN, Encoder

BLOCK_NS = 1_000_000_000
BLOCK_BYTES = 256 * 1024
UTC_STRAYS_NS = 1_000_000
BEAT_HOLDS_NS = 100_000_000

# inputs; FROM_PEN (1) is one too
IMAGE, TICK, STOP_PRESSED, COMMAND, PEN_OPENED, PEN_CLOSED, PEN_MISSING, SCREEN_LOST = range(16, 24)
RECORDER_READY, RECORDER_LOST, ACKNOWLEDGED, SCHEDULING, SHUT_DOWN = range(24, 29)
# readings, and what control did; TO_PEN (2) is one too
MONO, UTC, HEARTBEAT, STOP_COUNT, NONCE, DISK_FREE, NOT_TAKEN, ABANDONED = range(48, 56)

NAMES = {
    FROM_PEN: "bytes from the pen",
    TO_PEN: "bytes to the pen",
    IMAGE: "control's image",
    TICK: "tick",
    STOP_PRESSED: "STOP pressed",
    COMMAND: "command",
    PEN_OPENED: "port opened",
    PEN_CLOSED: "port closed",
    PEN_MISSING: "no port",
    SCREEN_LOST: "screen lost",
    RECORDER_READY: "recorder ready",
    RECORDER_LOST: "recorder lost",
    ACKNOWLEDGED: "acknowledged by the recorder",
    SCHEDULING: "scheduling",
    SHUT_DOWN: "shut down",
    MONO: "monotonic clock read",
    UTC: "wall clock offset",
    HEARTBEAT: "heartbeat",
    STOP_COUNT: "STOP counter read",
    NONCE: "random number",
    DISK_FREE: "free disk read",
    NOT_TAKEN: "bytes the port did not take",
    ABANDONED: "port abandoned",
}
RESULTS = frozenset((TO_PEN, *range(MONO, ABANDONED + 1)))  # what follows an input and belongs to it

OPENS = b'"open_session"'  # in every command line that can open a session

NUMBER = struct.Struct("<q")
BEAT = struct.Struct("<QQq")  # instance, count, monotonic ns

Beat = tuple[int, int, int]
Send = Callable[[str, int, bytes, int], bool]  # stream, number, block, now_ns; False: it was not kept


class Tape:
    """Stands between control and everything it reads; runs from the opening of a session to the input that ends it."""

    def __init__(
        self,
        mono_ns: Callable[[], int],
        utc_ns: Callable[[], int],
        nonce: Callable[[], int],
        heartbeat: Callable[[], Beat],
        stop_count: Callable[[], int],
        disk_free_bytes: Callable[[], int | None],
    ) -> None:
        """The readings as they are. Set `send` before the first session."""
        self.on = False
        self.with_trace = True  # blocks end with those of the trace; False for tapes from before that was so
        self.send: Send = lambda stream, number, block, now_ns: False
        self._mono_ns = mono_ns
        self._utc_ns = utc_ns
        self._nonce = nonce
        self._heartbeat = heartbeat
        self._stop_count = stop_count
        self._disk_free_bytes = disk_free_bytes
        self.read_offset_ns: Callable[[], int] = lambda: utc_ns() - mono_ns()
        self._encoder = Encoder()
        self._stream = ""
        self._blocks = 0
        self._block_ns = 0  # when the present block began
        self._due = False  # the trace of this block was sent
        self._now_ns = 0  # the present input's time
        self._tick_ns: int | None = None  # a tick that nothing has come of yet
        self._offset_ns: int | None = None
        self._offset_fresh = False  # looked at for the present input
        self._beat: Beat = (0, 0, 0)
        self._beat_fresh = False
        self._by_person = False  # the present input is a command: the heartbeat must be the newest
        self._scheduling: dict[str, str] | None = None

    # begin and end

    def begin(self, image: bytes, now_ns: int) -> None:
        """A session may be about to open: everything from here on is kept until `follow` says whether it did."""
        self.on = True
        self._encoder.take()
        self._stream = ""
        self._blocks = 0
        self._block_ns = now_ns
        self._due = False
        self._tick_ns = self._offset_ns = self._scheduling = None
        self._beat = (0, 0, -BEAT_HOLDS_NS)
        self._encoder.put(IMAGE, now_ns, image)

    def follow(self, stream: str, now_ns: int) -> None:
        """Which session is open, "" for none. Its tape ends with it; a tape that no session came of is dropped."""
        if stream == self._stream:
            if not stream:
                self.on = False
        elif stream:
            self._stream = stream
        else:
            self._flush(now_ns)
            self.on = False

    def trace_sent(self) -> None:
        """A block of trace was sent: the present block of tape ends before the next input."""
        self._due = self.with_trace

    # inputs

    def input(self, kind: int, now_ns: int, data: bytes = b"") -> None:
        """Control is about to be given this."""
        if not self.on:
            return
        self._tick_ns = None
        self._now_ns = now_ns
        self._beat_fresh = self._offset_fresh = False
        self._by_person = kind == COMMAND
        if self._due or now_ns - self._block_ns >= BLOCK_NS or len(self._encoder.out) >= BLOCK_BYTES:
            self._flush(now_ns)
        self._encoder.put(kind, now_ns, data)

    def tick(self, now_ns: int) -> None:
        """Time has passed. On tape only if something comes of it, or the block is due."""
        if not self.on:
            return
        if now_ns - self._block_ns >= BLOCK_NS:
            self.input(TICK, now_ns)
            return
        self._tick_ns = self._now_ns = now_ns
        self._beat_fresh = self._offset_fresh = self._by_person = False

    def touch(self) -> None:
        """Something has come of the present input."""
        if self._tick_ns is not None:
            tick_ns, self._tick_ns = self._tick_ns, None
            self._encoder.put(TICK, tick_ns, b"")

    def scheduling(self, scheduling: Mapping[str, str], now_ns: int) -> None:
        """What the system grants, before an input that may put it into the record."""
        if self.on and scheduling != self._scheduling:
            self._scheduling = dict(scheduling)
            self.input(SCHEDULING, now_ns, json.dumps(self._scheduling).encode())

    # what control does

    def wrote(self, data: bytes, taken: bool) -> None:
        """Control put `data` on the wire; `taken` as the port answered."""
        self._note(TO_PEN if taken else NOT_TAKEN, self._now_ns, data)

    def abandoned(self) -> None:
        """Control gave the port up."""
        self._note(ABANDONED, self._now_ns, b"")

    # what control reads

    def mono_ns(self) -> int:
        """The monotonic clock, to time control's own steps."""
        value = self._mono_ns()
        self._note(MONO, value, b"")
        return value

    def utc_ns(self) -> int:
        """The wall clock: while the tape runs, the present input's time plus the offset on tape."""
        if not self.on:
            return self._utc_ns()
        if self._offset_ns is None or not self._offset_fresh:
            self._offset_fresh = True
            offset_ns = self.read_offset_ns()
            if self._offset_ns is None or abs(offset_ns - self._offset_ns) > UTC_STRAYS_NS:
                self._offset_ns = offset_ns
                self._note(UTC, self._now_ns, NUMBER.pack(offset_ns))
        return self._now_ns + self._offset_ns

    def stamp_ns(self) -> int:
        """The wall clock for an event: something has come of the present input."""
        self.touch()
        return self.utc_ns()

    def heartbeat(self) -> Beat:
        """The screen's sign of life: instance, count, when."""
        if not self.on:
            return self._heartbeat()
        if not self._beat_fresh and (self._by_person or self._now_ns - self._beat[2] >= BEAT_HOLDS_NS):
            self._beat_fresh = True
            beat = self._heartbeat()
            if beat != self._beat:
                self._beat = beat
                self._note(HEARTBEAT, self._now_ns, BEAT.pack(*beat))
        return self._beat

    def stop_count(self) -> int:
        """The STOP counter."""
        value = self._stop_count()
        self._note(STOP_COUNT, self._now_ns, NUMBER.pack(value))
        return value

    def nonce(self) -> int:
        """A random number for a greeting."""
        value = self._nonce()
        self._note(NONCE, self._now_ns, NUMBER.pack(value))
        return value

    def disk_free_bytes(self) -> int | None:
        """What is left of the record's disk."""
        value = self._disk_free_bytes()
        self._note(DISK_FREE, self._now_ns, NUMBER.pack(-1 if value is None else value))
        return value

    def _note(self, kind: int, at_ns: int, data: bytes) -> None:
        if self.on:
            self.touch()
            self._encoder.put(kind, at_ns, data)

    def _flush(self, now_ns: int) -> None:
        """Send the present block. One that is not kept ends the tape: what came after it could not be replayed."""
        if not self._stream:
            return
        self._blocks += 1
        self._block_ns = now_ns
        self._due = False
        if not self.send(self._stream, self._blocks, self._encoder.take(), now_ns):
            self.on = False
