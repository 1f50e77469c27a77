"""STOP until it is proven: three frames at once, one every 20 ms, and what counts as proof. Pure; times are handed in."""

from firmware_protocol.frame import FLAG_REPLY_WANTED, FLAG_RETRY, encode_frame, is_newer
from firmware_protocol.messages import (
    FLAG_MOTOR_POWERED,
    STATE_ARMED,
    STATE_FAULT,
    STATE_RUNNING,
    STOP,
    STOP_EMERGENCY,
    Stop,
)

COPIES = 3
REPEAT_NS = 20_000_000
PROOF_WITHIN_NS = 100_000_000


class Stopping:
    """One STOP, or several in a row, from the first frame to the proof; then idle until the next.

    Proof is a reply to one of these STOPs, or a sample taken after the first of them with the motor unpowered in a
    state that no DRIVE can start from. An EMERGENCY must latch, so there only FAULT, or a reply to it, is proof.
    """

    __slots__ = ("_emergency", "_first", "_last", "_next_ns", "_reason", "_told", "_wire_session", "pending", "since_ns")

    def __init__(self) -> None:
        self.pending = False
        self.since_ns = 0
        self._first = 0  # replies from this sequence on are proof
        self._last = 0
        self._reason = 0
        self._emergency = False
        self._wire_session = 0
        self._next_ns = 0
        self._told = False

    def begin(self, reason: int, session: int, sequence: int, now_ns: int) -> bytes:
        """Three equal frames for one write. While another STOP is unproven its time goes on, and EMERGENCY stays."""
        if not self.pending:
            self.pending = True
            self.since_ns = now_ns
            self._told = self._emergency = False
            self._first = sequence
        if not self._emergency:
            self._reason = reason
            if reason == STOP_EMERGENCY:
                self._emergency = True
                self._first = sequence
        self._last = sequence
        self._wire_session = session
        self._next_ns = now_ns + REPEAT_NS
        return self._frame(FLAG_REPLY_WANTED) * COPIES

    def repeat(self, now_ns: int) -> bytes:
        """One more frame when 20 ms have passed without proof, else nothing."""
        if not self.pending or now_ns < self._next_ns:
            return b""
        self._next_ns = now_ns + REPEAT_NS
        return self._frame(FLAG_REPLY_WANTED | FLAG_RETRY)

    def due_ns(self) -> int | None:
        """When `repeat` or `overdue` next has something to say; None when nothing is pending."""
        if not self.pending:
            return None
        return self._next_ns if self._told else min(self._next_ns, self.since_ns + PROOF_WITHIN_NS)

    def overdue(self, now_ns: int) -> bool:
        """True once, when 100 ms have passed without proof."""
        if not self.pending or self._told or now_ns - self.since_ns < PROOF_WITHIN_NS:
            return False
        self._told = True
        return True

    def proven_by_reply(self, sequence: int) -> bool:
        """Does a reply with this sequence prove the STOP? It then is over."""
        if not self.pending or is_newer(self._first, sequence) or is_newer(sequence, self._last):
            return False
        self.pending = False
        return True

    def proven_by_sample(self, state: int, flags: int, taken_ns: int) -> bool:
        """Does a sample that the pen took at `taken_ns` prove the STOP? It then is over."""
        if not self.pending or flags & FLAG_MOTOR_POWERED or taken_ns < self.since_ns:
            return False
        if state in (STATE_ARMED, STATE_RUNNING) or (self._emergency and state != STATE_FAULT):
            return False
        self.pending = False
        return True

    def _frame(self, flags: int) -> bytes:
        return encode_frame(STOP.id, self._wire_session, flags, self._last, STOP.payload.pack(Stop(self._reason)))
