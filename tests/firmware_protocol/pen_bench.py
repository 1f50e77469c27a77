"""A pen on a bench: hardware that does what the test says, a clock the test turns, and the host's half of the talk."""

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, TO_HOST_WIRE_BYTES, Deframer, Frame, encode_frame
from firmware_protocol.pen import Pen
from firmware_protocol.pen_hardware import STORE_DONE, Hardware, Readings
from firmware_protocol.simulator.storage import factory_slots

BOOT_ID = 0xB007_0001
PLAN = ((3, 1200), (7, 800))
PLAN_CRC = m.plan_crc(PLAN)
IDEAL: dict[str, Any] = {
    "current_ma": 150,
    "temperature_dc": 250,
    "supply_mv": 5000,
    "cartridge": True,
    "button": False,
    "contact": False,
    "depth_valid": True,
    "speed_valid": True,
}


class BenchHardware(Hardware):
    """Follows every command at once; `override` forces single readings, whatever the pen asks for."""

    def __init__(self) -> None:
        self.override: dict[str, Any] = {}
        self.powered = False
        self.asked = (0, 0)
        self.safe_calls = 0
        self.slots = factory_slots()
        self.store_says = STORE_DONE
        self.begun: list[tuple[int, bytes]] = []
        self.simulated: list[tuple[int, int]] = []
        self.takes_simulate = False

    def read(self) -> Readings:
        speed_rpm, depth_um = self.asked
        return Readings(
            **{
                **IDEAL,
                "depth_um": depth_um,
                "speed_rpm": speed_rpm,
                "needles_home": depth_um == 0,
                "motor_powered": self.powered,
                **self.override,
            }
        )

    def drive(self, speed_rpm: int, depth_um: int) -> None:
        self.powered = True
        self.asked = (speed_rpm, depth_um)

    def safe(self) -> None:
        self.powered = False
        self.asked = (0, 0)
        self.safe_calls += 1

    def cartridge(self) -> m.CartridgeReply:
        return m.CartridgeReply(1, 99, 12, 5600, b"LOT", 4000, 0)

    def storage_read(self, slot: int) -> bytes:
        return self.slots[slot]

    def storage_begin(self, slot: int, data: bytes) -> bool:
        self.begun.append((slot, data))
        return True

    def storage_poll(self) -> int:
        """What `store_says`; the bytes are all there once it says done."""
        if self.store_says == STORE_DONE:
            slot, data = self.begun[-1]
            self.slots[slot] = data
        return self.store_says

    def simulate(self, kind: int, value: int) -> bool:
        self.simulated.append((kind, value))
        return self.takes_simulate


class Bench:
    """One pen, one host. Every method that lets time pass or sends a frame also collects what the pen answers."""

    def __init__(
        self,
        reset_cause: int = m.RESET_POWER_ON,
        start_us: int = 0,
        pen_type: type[Pen] = Pen,
        hardware: BenchHardware | None = None,
    ) -> None:
        self.hardware = hardware or BenchHardware()
        self.pen = pen_type(self.hardware, BOOT_ID, reset_cause, b"BENCH-1", b"1.0", 0)
        self.now_us = start_us
        self.session = 0
        self.sequence = 100
        self.drive_sequence = 500
        self.token = 0
        self.samples: list[m.Telemetry] = []
        self.events: list[m.Event] = []
        self.statuses: list[m.Status] = []
        self.replies: list[Frame] = []
        self.others: list[Frame] = []
        self._deframer = Deframer(TO_HOST_WIRE_BYTES)

    def collect(self) -> None:
        for frame in self._deframer.feed(self.pen.take_output()):
            if frame.kind == m.TELEMETRY.id:
                self.samples.append(m.TELEMETRY.payload.unpack(frame.payload))
            elif frame.kind == m.TELEMETRY_BATCH.id:
                self.samples += [m.Telemetry(*entry) for entry in m.TELEMETRY_BATCH.payload.unpack(frame.payload).entries]
            elif frame.kind == m.EVENT.id:
                self.events.append(m.EVENT.payload.unpack(frame.payload))
            elif frame.kind == m.STATUS.id:
                self.statuses.append(m.STATUS.payload.unpack(frame.payload))
            elif 0x80 <= frame.kind < 0xC0:
                self.replies.append(frame)
            else:
                self.others.append(frame)
        assert self._deframer.bad == 0

    def run(self, milliseconds: int) -> None:
        """Let time pass without a word from the host."""
        for _ in range(milliseconds):
            self.now_us = (self.now_us + 1000) & 0xFFFFFFFF
            self.pen.step(self.now_us)
            self.collect()

    def send(self, wire: bytes) -> list[Frame]:
        """Raw bytes; the replies to them."""
        self.replies = []
        self.pen.receive(wire, self.now_us)
        self.collect()
        return self.replies

    def request(
        self, message: "m.Message[Any, Any]", *values: Any, sequence: int | None = None, session: int | None = None
    ) -> int:
        """One request with the next sequence; the result code, or -1 without exactly one reply."""
        if sequence is None:
            self.sequence = (self.sequence + 1) & 0xFFFF
            sequence = self.sequence
        payload = message.payload.pack_unchecked(message.payload.type(*values))
        here = self.session if session is None else session
        replies = self.send(encode_frame(message.id, here, FLAG_REPLY_WANTED, sequence, payload))
        if len(replies) != 1:
            return -1
        assert replies[0].kind == message.reply_id
        assert replies[0].sequence == sequence
        return replies[0].payload[0]

    def reply(self, message: "m.Message[Any, Any]") -> Any:
        """Fields of the newest reply."""
        return message.reply.unpack(self.replies[-1].payload[1:])

    def hello(self, nonce: int = 1) -> int:
        result = self.request(m.HELLO, 1, 0, nonce, 0)
        if result == m.OK:
            self.session = self.replies[-1].session
        return result

    def ready(self) -> "Bench":
        """Past self-test, with a session, a stream and a committed plan."""
        self.run(30)
        assert self.hello() == m.OK
        assert self.request(m.STREAM, 1000, 1) == m.OK
        assert self.request(m.PLAN_WRITE, 0, PLAN) == m.OK
        assert self.request(m.PLAN_COMMIT, PLAN_CRC) == m.OK
        self.run(2)
        return self

    def arm(self, mode: int = m.MODE_TREAT, ceiling_um: int = 1500, crc: int = PLAN_CRC, boot_id: int = BOOT_ID) -> int:
        result = self.request(m.ARM, mode, crc, ceiling_um, boot_id)
        if result == m.OK:
            self.token = self.reply(m.ARM).arm_token
        return result

    def armed(self, mode: int = m.MODE_TREAT) -> "Bench":
        assert self.ready().arm(mode) == m.OK
        return self

    def running(self) -> "Bench":
        """Needles out at 1000 um and 7000 rpm."""
        self.armed()
        self.keep(200)
        assert self.pen.state == m.STATE_RUNNING
        assert self.hardware.asked == (7000, 1000)
        return self

    def drive(self, *, sequence: int | None = None, session: int | None = None, **changes: int) -> int:
        """One DRIVE with the next sequence; the refusal that the pen now shows."""
        if sequence is None:
            self.drive_sequence = (self.drive_sequence + 1) & 0xFFFF
            sequence = self.drive_sequence
        self.send(self.drive_wire(sequence, self.session if session is None else session, **changes))
        return self.pen.motion.refusal

    def drive_wire(self, sequence: int, session: int, **changes: int) -> bytes:
        values: dict[str, int] = {
            "arm_token": self.token,
            "lease_ms": 200,
            "seen_index": self.pen.index,
            "zone": 3,
            "mode": m.MODE_TREAT,
            "depth_limit_um": 1200,
            "depth_um": 1000,
            "speed_rpm": 7000,
            "over_tolerance_um": 100,
            "trip_ms": 3,
        }
        values.update(changes)
        return encode_frame(m.DRIVE.id, session, 0, sequence, m.DRIVE.payload.pack_unchecked(m.Drive(**values)))

    def keep(self, milliseconds: int, **changes: int) -> None:
        """DRIVE every 20 ms, as control does."""
        for _ in range(milliseconds // 20):
            self.drive(**changes)
            self.run(20)

    def stop(self, reason: int = m.STOP_OPERATOR, *, sequence: int | None = None, session: int | None = None) -> int:
        return self.request(m.STOP, reason, sequence=sequence, session=session)
