"""The host's end of the link without I/O: requests and retries, STOP, clock, samples. Times are handed in, monotonic ns.

One turn of the owner's loop: `receive` what was read (b"" when nothing was), act on what it reports, then write what
`poll` gives; wait at most until `next_due_ns`. What `stop` and `drive` return is written at once, in one write each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from firmware_protocol import happenings as told
from firmware_protocol import messages as wire
from firmware_protocol.accelerate import host_deframer
from firmware_protocol.asking import RAISES_AUTHORITY, Asked, Requests
from firmware_protocol.clock import ClockSync
from firmware_protocol.counting import Counters
from firmware_protocol.frame import MAJOR, TO_HOST_WIRE_BYTES, Frame, encode_frame
from firmware_protocol.happenings import Happening
from firmware_protocol.messages import Drive, Hello, HelloReply, Message, MessageError
from firmware_protocol.runs import LONG_READ_BYTES, SampleRun, rows_of, stretches
from firmware_protocol.samples import NO_EXPRESS, OtherLength, Samples, express_fields, express_head
from firmware_protocol.stopping import Stopping

T = TypeVar("T")
R = TypeVar("R")

FIRST_SYNCS = 8
FIRST_SYNC_EVERY_NS = 10_000_000
SYNC_EVERY_NS = 980_000_000  # not a whole second: it must not keep step with anything else


class Link:
    """One connection to one pen.

    `session` is 0 and `hello` None until the pen has answered HELLO. `lost` says that a request had no answer or that
    the pen forgot the session: what was asked is uncertain, nothing but STOP is sent, until `hello_again`.
    """

    def __init__(self, nonce: int, accelerated: bool = True) -> None:
        """`nonce`: u32, another one for each connection. `accelerated` False: without the COBS decoder in C."""
        self.session = 0
        self.hello: HelloReply | None = None
        self.lost = False
        self.clock = ClockSync()
        self._samples = Samples()
        self._counters = Counters()
        self._deframer = host_deframer(TO_HOST_WIRE_BYTES, accelerated)
        self._requests = Requests(nonce)
        self._stopping = Stopping()
        self._happenings: list[Any] = []  # of Happening; in `receive_runs` also of SampleRun
        self._express = NO_EXPRESS  # how the usual telemetry begins
        self._boot_id: int | None = None
        self._drive_sequence = 0
        self._syncs_first = 0  # quick ones still to send
        self._sync_ns = 0  # next one
        self._say_hello(nonce, 0)

    @property
    def samples(self) -> int:
        """Samples taken."""
        return self._samples.count.samples

    @property
    def samples_lost(self) -> int:
        """Samples that the pen sent and that never arrived whole: gaps in the index minus the pen's own `dropped`."""
        return self._samples.count.lost

    @property
    def samples_dropped(self) -> int:
        """Samples that the pen says it never sent."""
        return self._samples.count.dropped

    @property
    def newest_index(self) -> int:
        """Unwrapped index of the newest sample; its low 32 bits are DRIVE's `seen_index` once it is judged."""
        return self._samples.count.index

    @property
    def stop_pending(self) -> bool:
        """Is a STOP on its way without proof?"""
        return self._stopping.pending

    @property
    def drive_sequence(self) -> int:
        """Sequence of the last DRIVE made; telemetry's `drive_sequence` equals it once the pen took that one."""
        return self._drive_sequence

    @property
    def counters(self) -> Counters:
        """All counts at this moment, as a copy."""
        return self._counters.with_frames(self._deframer, self._requests.retries)

    def age_us(self, now_ns: int) -> int | None:
        """Age of the newest sample at `now_ns`, as `Samples.age_us` says it. None without a sample or a SYNC."""
        return self._samples.age_us(self.clock, now_ns)

    def request(self, message: Message[T, R], payload: T, now_ns: int) -> None:
        """Queues a request; `receive` will report exactly one Replied, Unanswered or Voided for it.

        Voided at once: anything while the link is lost, and what would raise authority (ARM, CLEAR_FAULT) while a STOP
        is unproven. Raises MessageError or FrameTooLong for a payload that cannot be sent, ValueError for a message
        that is no request or that the link sends by itself.
        """
        if message.reply is None or message in (wire.HELLO, wire.SYNC, wire.STOP):
            raise ValueError(f"{message.name} is not sent through request()")
        self._requests.put(message, payload, now_ns)
        if self.lost or (self._stopping.pending and message in RAISES_AUTHORITY):
            self._void([self._requests.queue.pop()])

    def hello_again(self, nonce: int, now_ns: int) -> None:
        """Forgets the session, withdraws every request and says HELLO: the pen disarms, and shows its true state.

        `nonce`: another one than before, or the pen takes it for a repeat and does nothing.
        """
        self._void(self._requests.clear())
        self._leave_session()
        self.lost = False
        self._say_hello(nonce, now_ns)

    def stop(self, reason: int, now_ns: int) -> bytes:
        """Three STOP frames to write at once, past everything else. Repeats come with `poll` until there is proof.

        Withdraws every request that could give the pen authority after it; a late reply to one has no effect.
        """
        self._void(self._requests.stop())
        frames = self._stopping.begin(reason, self.session, self._requests.next_sequence(), now_ns)
        self._counters.stops_sent += 3
        return frames

    def drive(self, drive: Drive) -> bytes:
        """The next DRIVE frame. Judges nothing: what it says was decided elsewhere. Raises MessageError on a bad range."""
        self._drive_sequence = (self._drive_sequence + 1) & 0xFFFF
        return encode_frame(wire.DRIVE.id, self.session, 0, self._drive_sequence, wire.DRIVE.payload.pack(drive))

    def poll(self, now_ns: int) -> bytes:
        """What is due now, possibly several frames: STOP first, then one request, retry or SYNC."""
        out = self._stopping.repeat(now_ns)
        if out:
            self._counters.stops_sent += 1
        if self.lost:
            return out
        requests = self._requests
        if requests.flight is None and self.session and now_ns >= self._sync_ns:
            requests.put(wire.SYNC, wire.Sync(now_ns // 1000), now_ns, first=True)
            self._syncs_first -= self._syncs_first > 0
            self._sync_ns = now_ns + (FIRST_SYNC_EVERY_NS if self._syncs_first else SYNC_EVERY_NS)
        return out + requests.send(self.session, now_ns)

    def next_due_ns(self) -> int | None:
        """When a turn is next needed without anything having been read; in the past: now. None: never."""
        if self._happenings:
            return 0
        due = [self._stopping.due_ns()]
        if not self.lost:
            due.append(self._requests.due_ns())
            if self.session and self._requests.flight is None:
                due.append(self._sync_ns)
        return min((each for each in due if each is not None), default=None)

    def receive(self, data: bytes, now_ns: int) -> list[Happening]:
        """What `data`, read at `now_ns`, and the passing of time brought about, oldest first. Never raises on bad bytes."""
        if data:
            self._hear(self._deframer.bodies(data), now_ns)
        if self._requests.flight is not None or self._stopping.pending:
            self._judge_time(now_ns)
        happenings = self._happenings
        if happenings:
            self._happenings = []
        return happenings

    def receive_runs(self, data: bytes, now_ns: int) -> Sequence[Happening | SampleRun]:
        """As `receive`, but where a read holds many samples in a row one SampleRun stands for them."""
        if len(data) < LONG_READ_BYTES or self._stopping.pending:  # proof of a STOP is looked for in each sample
            return self.receive(data, now_ns)
        deframer = self._deframer
        for alike, pieces in stretches(deframer.pieces(data)):
            rows = rows_of(pieces, self._express, deframer) if alike else None
            run = None if rows is None else self._samples.take_run(rows, self.clock, now_ns)
            if run is None:
                self._hear(deframer.unpack(pieces), now_ns)
            else:
                deframer.good += len(pieces)
                self._happenings.append(run)
        return self.receive(b"", now_ns)

    def _hear(self, bodies: list[bytes], now_ns: int) -> None:
        deframer, express = self._deframer, self._express
        run = []
        for body in bodies:
            if body.startswith(express):
                try:
                    run.append(express_fields(body))
                    deframer.good += 1
                    continue
                except OtherLength:
                    pass
            frame = deframer.open(body)
            if frame is not None:
                self._take_samples(run, now_ns)  # first: the frame may end the session that they belong to
                run = []
                self._take(frame, now_ns)
                express = self._express
        if run:
            self._take_samples(run, now_ns)

    def _take_samples(self, run: Sequence[tuple[Any, ...]], now_ns: int) -> None:
        samples = self._samples.take(run, self.clock, now_ns)
        self._counters.repeated_samples += len(run) - len(samples)
        if not self._stopping.pending:
            self._happenings += samples
            return
        for sample in samples:
            self._happenings.append(sample)
            taken_ns = now_ns
            if sample.age_us is not None:
                taken_ns -= (sample.age_us - (self.clock.error_us(now_ns) or 0)) * 1000
            if self._stopping.proven_by_sample(sample.telemetry.state, sample.telemetry.flags, taken_ns):
                self._happenings.append(told.StopConfirmed((now_ns - self._stopping.since_ns) // 1000))

    def _take(self, frame: Frame, now_ns: int) -> None:
        """Any frame but the usual telemetry."""
        kind = frame.kind
        message = wire.BY_ID.get(kind if kind >= 0xC0 else kind & 0x7F)
        if kind < 0x80 or message is None or (kind < 0xC0 and message.reply is None):
            self._counters.unknown_types += 1
        elif (frame.session != self.session or not self.session) and message not in (wire.HELLO, wire.STOP, wire.BOOT):
            self._counters.wrong_session += 1
        else:
            try:
                if kind >= 0xC0:
                    self._take_unsolicited(message, frame.payload, now_ns)
                else:
                    self._take_reply(message, frame, now_ns)
            except MessageError:
                self._counters.bad_payload += 1

    def _take_unsolicited(self, message: Message[Any, Any], payload: bytes, now_ns: int) -> None:
        content = message.payload.unpack(payload)
        if message is wire.TELEMETRY:
            self._take_samples([content], now_ns)
        elif message is wire.TELEMETRY_BATCH:
            self._take_samples(content.entries, now_ns)
        elif message is wire.STATUS:
            self._happenings.append(told.StatusSeen(content))
        elif message is wire.EVENT:
            self._happenings.append(told.PenEvent(content))
        elif message is wire.BOOT:
            self._happenings.append(told.PenBooted(content))
            if self.hello is not None:
                self._lose(self._requests.flight)
                self._leave_session()

    def _take_reply(self, message: Message[Any, Any], frame: Frame, now_ns: int) -> None:
        if not frame.payload:
            raise MessageError(f"a reply to {message.name} without a result")
        result = frame.payload[0]
        if message is wire.STOP:
            if result == wire.OK and self._stopping.proven_by_reply(frame.sequence):
                self._happenings.append(told.StopConfirmed((now_ns - self._stopping.since_ns) // 1000))
            return
        asked = self._requests.matching(frame)
        if asked is None:
            self._counters.stale_replies += 1
            return
        reply = message.reply.unpack(frame.payload[1:]) if result == wire.OK else None
        if message is wire.SYNC:
            if reply is not None and reply.host_us != asked.payload.host_us:
                raise MessageError(f"SYNC {asked.payload.host_us} was answered as {reply.host_us}")
            if reply is not None and asked.tries == 1:
                taken = self.clock.add(asked.sent_ns, reply.pen_rx_us, reply.pen_tx_us, now_ns)
                self._counters.syncs_refused += not taken
        elif message is wire.HELLO and reply is not None:
            self._enter_session(frame.session, reply, now_ns)
        self._requests.flight = None
        if message is not wire.SYNC:
            self._happenings.append(told.Replied(message, result, reply, asked.payload))
        if result == wire.BAD_SESSION:  # the pen restarted or was taken by another host, unheard
            self._lose(asked if message is wire.SYNC else None)

    def _judge_time(self, now_ns: int) -> None:
        if self._stopping.overdue(now_ns):
            self._happenings.append(told.StopUnconfirmed())
        asked = self._requests.run_out(now_ns)
        if asked is not None:
            self._lose(asked)

    def _lose(self, unanswered: Asked | None) -> None:
        """The pen's state is uncertain: tells what had no answer, withdraws the rest, sends no request any more."""
        self.lost = True
        self._requests.flight = None
        if unanswered is not None:
            self._counters.unanswered += 1
            self._happenings.append(told.Unanswered(unanswered.message, unanswered.payload))
        self._void(self._requests.clear())

    def _void(self, withdrawn: list[Asked]) -> None:
        self._counters.voided += len(withdrawn)
        self._happenings += [told.Voided(asked.message, asked.payload) for asked in withdrawn]

    def _say_hello(self, nonce: int, now_ns: int) -> None:
        self._requests.put(wire.HELLO, Hello(MAJOR, wire.MINOR, nonce, 0), now_ns)

    def _enter_session(self, session: int, hello: HelloReply, now_ns: int) -> None:
        if session == 0:
            raise MessageError("HELLO was answered without a session")
        self._samples.new_session(same_boot=hello.boot_id == self._boot_id)
        self.session = session
        self._express = express_head(session)
        self.hello = hello
        self._boot_id = hello.boot_id
        self.clock = ClockSync()
        self._syncs_first = FIRST_SYNCS
        self._sync_ns = now_ns

    def _leave_session(self) -> None:
        self.session = 0
        self._express = NO_EXPRESS
        self.hello = None
        self._samples.leave_session()
