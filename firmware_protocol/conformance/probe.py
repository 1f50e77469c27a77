"""The host's end as a check needs it: raw frames with any session, sequence, flags and length, and all that came back. Pure.

Time and bytes come through a `Line`. A stall of this computer or of the line is witnessed, so that it is not held against the
pen: see `stalled_s`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.conformance.answers import Answer, Line, Unfit, result_word, word
from firmware_protocol.frame import FLAG_REPLY_WANTED, MAJOR, TO_HOST_WIRE_BYTES, Deframer, Frame, encode_frame

PLAN = ((3, 1000), (7, 700))
ZONE, ZONE_LIMIT_UM = PLAN[0]
PLAN_CRC = m.plan_crc(PLAN)
PERIOD_US = 1000
DEPTH_UM = 600
SPEED_RPM = 6000
LEASE_MS = 200
DRIVE_EVERY_S = 0.02
TURN_S = 0.005
ANSWER_S = 1.0
HOME_S = 1.0
BOOT_S = 3.0  # self-test gives up after one


class Probe:
    """One connection and all that was heard on it. `fresh` begins a check; every wait is bounded."""

    def __init__(self, line: Line, today_days: int) -> None:
        """`today_days`: since 2020-01-01; a pen judges its calibration by it."""
        self.line = line
        self._today_days = today_days
        self.stalled_s = 0.0  # longest time in which this computer or the line stood still, in this check
        self._random = random.Random(line.now_s())
        self._nonce = self._random.getrandbits(32)
        self.sequence = self._random.getrandbits(16)
        self.drive_sequence = self._random.getrandbits(16)
        self.session = 0
        self.hello: m.HelloReply | None = None
        self.token = 0
        self.deframer = Deframer(TO_HOST_WIRE_BYTES)
        self._sample_s = 0.0
        self.forget()

    def forget(self) -> None:
        """Drop what was heard."""
        self.samples: list[m.Telemetry] = []
        self.statuses: list[tuple[m.Status, int]] = []  # with the number of samples before it
        self.events: list[m.Event] = []
        self.replies: list[Frame] = []
        self.unsolicited: list[Frame] = []
        self.batches: list[int] = []

    # Sending

    def next_sequence(self) -> int:
        """The next number of the requests' row."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        return self.sequence

    def frame(
        self,
        message: m.Message[Any, Any],
        *values: Any,
        sequence: int | None = None,
        session: int | None = None,
        flags: int = FLAG_REPLY_WANTED,
        extra: bytes = b"",
    ) -> bytes:
        """Wire bytes of one message; only the width of each field binds its value. `extra` follows the payload."""
        payload = message.payload.pack_unchecked(message.payload.type(*values)) + extra
        here = self.session if session is None else session
        return encode_frame(message.id, here, flags, self.next_sequence() if sequence is None else sequence, payload)

    def ask(self, message: m.Message[Any, Any], *values: Any, **how: Any) -> Answer:
        """Send one request and wait for its reply."""
        wire = self.frame(message, *values, **how)
        return self.exchange(wire, message, how.get("sequence"))

    def exchange(self, wire: bytes, message: m.Message[Any, Any], sequence: int | None = None) -> Answer:
        """Send bytes that must be answered, and wait for the reply to `message` with this sequence, or the newest one."""
        sequence = self.sequence if sequence is None else sequence
        known = len(self.replies)
        self.line.write(wire)
        self.until(lambda: self.reply_to(message, sequence, known).result >= 0, ANSWER_S)
        return self.reply_to(message, sequence, known)

    def provoke(self, wire: bytes, message: m.Message[Any, Any], sequence: int | None = None) -> Answer:
        """Send bytes that may be dropped; what `message` with this sequence was answered before a SYNC sent after them was."""
        sequence = self.sequence if sequence is None else sequence
        known = len(self.replies)
        self.line.write(wire)
        self.settle()
        return self.reply_to(message, sequence, known)

    def settle(self) -> None:
        """Wait until the pen has heard all that was sent. Raises Unfit where a plain SYNC is not answered."""
        answer = self.ask(m.SYNC, 1)
        if answer.result != m.OK:
            raise Unfit("SYNC answered OK after it", answer.word)

    def reply_to(self, message: m.Message[Any, Any], sequence: int, since: int = 0) -> Answer:
        """The newest reply to this message and sequence among `replies[since:]`."""
        for frame in reversed(self.replies[since:]):
            if frame.kind == message.reply_id and frame.sequence == sequence and frame.payload:
                fields = None
                if frame.payload[0] == m.OK:
                    try:
                        fields = message.reply.unpack(frame.payload[1:])
                    except m.MessageError:
                        return Answer(-1, None, frame)
                return Answer(frame.payload[0], fields, frame)
        return Answer(-1, None, None)

    # Hearing

    def turn(self) -> None:
        """Take what has come; waits 5 ms at most."""
        before_s = self.line.now_s()
        data = self.line.read(TURN_S)
        now_s = self.line.now_s()
        self.stalled_s = max(self.stalled_s, now_s - before_s - TURN_S)
        known = len(self.samples)
        for frame in self.deframer.feed(data):
            self._take(frame)
        if len(self.samples) > known:
            if self._sample_s:
                self.stalled_s = max(self.stalled_s, now_s - self._sample_s)
            self._sample_s = now_s

    def run(self, seconds: float) -> None:
        """Listen for so long."""
        end_s = self.line.now_s() + seconds
        while self.line.now_s() < end_s:
            self.turn()

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Listen until the condition holds, at most so long; does it?"""
        end_s = self.line.now_s() + seconds
        while not condition():
            if self.line.now_s() >= end_s:
                return False
            self.turn()
        return True

    @property
    def newest(self) -> m.Telemetry:
        """The newest sample. Raises Unfit where none came."""
        if not self.samples and not self.until(lambda: bool(self.samples), ANSWER_S):
            raise Unfit("telemetry", "none")
        return self.samples[-1]

    def show(self) -> m.Telemetry:
        """A sample taken after all that was sent had been heard."""
        self.settle()
        count = len(self.samples) + 2  # the first may have been under way
        if not self.until(lambda: len(self.samples) >= count, ANSWER_S):
            raise Unfit("telemetry", "none")
        return self.samples[-1]

    def state(self) -> str:
        """STATE, or FAULT and its name, as telemetry shows it now."""
        sample = self.show()
        name = word(m.STATES, sample.state)
        return f"{name} {word(m.FAULTS, sample.fault)}" if sample.state == m.STATE_FAULT else name

    def _take(self, frame: Frame) -> None:
        if frame.kind < 0xC0:
            self.replies.append(frame)
            return
        self.unsolicited.append(frame)
        try:
            if frame.kind == m.TELEMETRY.id:
                self.samples.append(m.TELEMETRY.payload.unpack(frame.payload))
            elif frame.kind == m.TELEMETRY_BATCH.id:
                entries = m.TELEMETRY_BATCH.payload.unpack(frame.payload).entries
                self.batches.append(len(entries))
                self.samples += [m.Telemetry(*entry) for entry in entries]
            elif frame.kind == m.STATUS.id:
                self.statuses.append((m.STATUS.payload.unpack(frame.payload), len(self.samples)))
            elif frame.kind == m.EVENT.id:
                self.events.append(m.EVENT.payload.unpack(frame.payload))
        except m.MessageError:
            self.deframer.bad_length += 1

    # States to begin from

    def greet(self, nonce: int | None = None, **how: Any) -> m.HelloReply:
        """HELLO, with a new nonce unless one is given; enters the session. Raises Unfit."""
        if nonce is None:
            self._nonce = (self._nonce + 1) & 0xFFFFFFFF
        answer = self.ask(m.HELLO, MAJOR, m.MINOR, self._nonce if nonce is None else nonce, 0, **how)
        if answer.frame is None or answer.fields is None:
            raise Unfit("HELLO answered OK", answer.word)
        self.session = answer.frame.session
        hello: m.HelloReply = answer.fields
        self.hello = hello
        return hello

    @property
    def nonce(self) -> int:
        """Of the newest HELLO."""
        return self._nonce

    @property
    def boot_id(self) -> int:
        """Of the newest HELLO."""
        return self.hello.boot_id if self.hello else 0

    def fresh(self, plan: bool = True) -> None:
        """A new session in IDLE, needles home, 1 kHz telemetry, `PLAN` committed unless told. Raises Unfit."""
        self._sample_s = 0.0
        self.forget()
        self.line.write(self.frame(m.STOP, m.STOP_OPERATOR))
        hello = self.greet()
        end_s = self.line.now_s() + BOOT_S
        while hello.state in (m.STATE_BOOT, m.STATE_SELFTEST) and self.line.now_s() < end_s:
            self.run(TURN_S)
            hello = self.greet()
        self.must(m.OK, "STREAM", self.ask(m.STREAM, PERIOD_US, 1))
        if hello.state == m.STATE_FAULT:
            self.home()
            self.must(m.OK, "CLEAR_FAULT", self.ask(m.CLEAR_FAULT, hello.fault, hello.boot_id))
        self.home()
        self.ask(m.TODAY, self._today_days)  # a check of its own says whether it is known
        if plan:
            self.must(m.OK, "PLAN_WRITE", self.ask(m.PLAN_WRITE, 0, PLAN))
            self.must(m.OK, "PLAN_COMMIT", self.ask(m.PLAN_COMMIT, PLAN_CRC))
        self.forget()

    def home(self) -> None:
        """Wait until the motor is off and the needles are home. Raises Unfit."""
        wanted = m.FLAG_NEEDLES_HOME
        seen = len(self.samples)
        if not self.until(lambda: len(self.samples) > seen and self.samples[-1].flags & (wanted | 0x08) == wanted, HOME_S):
            raise Unfit("motor off and needles home", "not so" if len(self.samples) > seen else "no telemetry")

    def must(self, result: int, what: str, answer: Answer) -> None:
        """Raises Unfit unless `answer` has this result."""
        if answer.result != result:
            raise Unfit(f"{what} answered {result_word(result)}", answer.word)

    def arm(self, mode: int = m.MODE_TREAT, crc: int = PLAN_CRC, ceiling_um: int = 1500, **how: Any) -> Answer:
        """ARM; keeps the token where it was given."""
        boot_id = how.pop("boot_id", self.boot_id)
        answer = self.ask(m.ARM, mode, crc, ceiling_um, boot_id, **how)
        if answer.fields is not None:
            self.token = answer.fields.arm_token
        return answer

    def armed(self, mode: int = m.MODE_TREAT, ceiling_um: int = 1500) -> None:
        """ARMED, from a fresh session. Raises Unfit."""
        self.fresh()
        self.must(m.OK, "ARM", self.arm(mode, ceiling_um=ceiling_um))
