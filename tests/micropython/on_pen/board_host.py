"""The host's end of the stub's USB port, in virtual time: asks, drives every 20 ms while told to, and keeps what it hears."""
# Generators of waiting times, untyped: MicroPython has no module to import their type from.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, type-arg"

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, TO_HOST_WIRE_BYTES, Deframer, Frame, encode_frame
from tests.micropython.stub import board_chip
from tests.micropython.stub.world import world

PLAN = ((3, 1200),)
LEASE_MS = 200


class Host:
    """`tick` is called by the world once a millisecond, also while the board's program hangs."""

    def __init__(self) -> None:
        self.samples: list[m.Telemetry] = []
        self.events: list[m.Event] = []
        self.replies: list[Frame] = []
        self.batches = 0
        self.reads = True
        self.driving = False
        self.drives: list[int] = []  # when each was sent
        self.boot_id = 0
        self.session = 0
        self.token = 0
        self.depth_um = 1000
        self._sequence = 10
        self._drive_sequence = 10
        self._deframer = Deframer(TO_HOST_WIRE_BYTES)
        world.listeners.append(self.tick)

    def open(self) -> None:
        """Open the port, as an operating system does: DTR rises."""
        board_chip.port[0].dtr = True

    def tick(self) -> None:
        """A millisecond has passed."""
        if not board_chip.port:
            return
        if self.reads:
            for frame in self._deframer.feed(board_chip.port[0].collect()):
                self._hear(frame)
        if self.driving and (not self.drives or world.now_us - self.drives[-1] >= 20000):
            self.drives.append(world.now_us)
            self._drive_sequence += 1
            seen = self.samples[-1].index
            drive = m.Drive(self.token, LEASE_MS, seen, 3, m.MODE_TREAT, 1200, self.depth_um, 7000, 100, 3)
            self.send(encode_frame(m.DRIVE.id, self.session, 0, self._drive_sequence, m.DRIVE.payload.pack(drive)))

    def send(self, wire: bytes) -> None:
        """Bytes to the board."""
        board_chip.port[0].deliver(wire)

    def _hear(self, frame: Frame) -> None:
        if frame.kind == m.TELEMETRY_BATCH.id:
            self.batches += 1
            self.samples += [m.Telemetry(*entry) for entry in m.TELEMETRY_BATCH.payload.unpack(frame.payload).entries]
        elif frame.kind == m.TELEMETRY.id:
            self.samples.append(m.TELEMETRY.payload.unpack(frame.payload))
        elif frame.kind == m.EVENT.id:
            self.events.append(m.EVENT.payload.unpack(frame.payload))
        elif 0x80 <= frame.kind < 0xC0:
            self.replies.append(frame)

    def ask(self, row: "m.Message", *values: object):
        """One request, repeated as often as it takes; gives the milliseconds to let pass, returns (result, fields)."""
        self._sequence += 1
        wire = encode_frame(row.id, self.session, FLAG_REPLY_WANTED, self._sequence, row.payload.pack(row.payload.type(*values)))
        self.replies = []
        for _ in range(5):
            self.send(wire)
            yield 5
            for reply in self.replies:
                if reply.kind == row.reply_id and reply.sequence == self._sequence:
                    self.session = reply.session
                    ok = reply.payload[0] == m.OK
                    return reply.payload[0], row.reply.unpack(reply.payload[1:]) if ok else None
        raise AssertionError(f"{row.name} was not answered")

    def connect(self):
        """Open the port, HELLO, plan; the stream is the board's own."""
        self.open()
        result, hello = yield from self.ask(m.HELLO, 1, 0, 7, 0)
        assert result == m.OK
        self.boot_id = hello.boot_id
        yield 40
        assert (yield from self.ask(m.PLAN_WRITE, 0, PLAN))[0] == m.OK
        assert (yield from self.ask(m.PLAN_COMMIT, m.plan_crc(PLAN)))[0] == m.OK
        return hello

    def run(self):
        """Connect, ARM, DRIVE, and wait until the needles are out."""
        hello = yield from self.connect()
        result, armed = yield from self.ask(m.ARM, m.MODE_TREAT, m.plan_crc(PLAN), 1500, self.boot_id)
        assert result == m.OK, result
        self.token = armed.arm_token
        self.driving = True
        yield 400
        return hello
