"""Throws bytes at a pen and watches what must never happen. Runs on both sides.

First without an ARM that could be right, when the motor must stay off whatever comes; then with honest ARMs among the junk,
when the motor may run only under the token of one.
"""

import random
import struct

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, Deframer, FrameTooLong, encode_frame
from firmware_protocol.pen import Pen
from firmware_protocol.pen_hardware import STORE_BUSY, STORE_DONE, Hardware, Readings
from firmware_protocol.pen_output import ROOM_BYTES
from firmware_protocol.pen_storage import CALIBRATION_SLOTS, SLOTS, record_of

BOOT_ID = 0x5EED_0001
PLAN = ((3, 1200), (7, 800))
KINDS = [row.id for row in m.MESSAGES if row.id < 0x40 and row.id != m.ARM.id]
CHUNK_MOST = 200


class Broken(Exception):
    """Something happened that must never happen: what, and after how many bytes."""


class FuzzHardware(Hardware):
    """Sensors that show what was asked, at once."""

    def __init__(self) -> None:
        self.powered = False
        self.asked = (0, 0)
        self.slots = [b""] * SLOTS
        block = m.calibration_bytes(0, 0, 0, b"FUZZ", m.DAYS_WITHOUT_END, m.CALIBRATION_PASS)
        self.slots[CALIBRATION_SLOTS[0]] = record_of(1, block)
        self._busy = 0

    def read(self) -> Readings:
        """Ideal readings."""
        speed_rpm, depth_um = self.asked
        return Readings(depth_um, speed_rpm, 150, 250, 5000, 1, 0, 0, 1, 1, depth_um == 0, self.powered)

    def drive(self, speed_rpm: int, depth_um: int) -> None:
        """Power on."""
        self.powered = True
        self.asked = (speed_rpm, depth_um)

    def safe(self) -> None:
        """Power off."""
        self.powered = False
        self.asked = (0, 0)

    def cartridge(self) -> m.CartridgeReply:
        """One cartridge."""
        return m.CartridgeReply(1, 99, 12, 5600, b"LOT", 4000, 0)

    def storage_read(self, slot: int) -> bytes:
        """A calibration that passed, and whatever was stored since."""
        return self.slots[slot]

    def storage_begin(self, slot: int, data: bytes) -> bool:
        """Takes three milliseconds; one write in eight fails."""
        self.slots[slot] = data if random.getrandbits(3) else data[:5]
        self._busy = 3
        return True

    def storage_poll(self) -> int:
        """Busy, then done."""
        self._busy -= 1
        return STORE_BUSY if self._busy > 0 else STORE_DONE


class Fuzz:
    """A pen under fire. `fire` throws one chunk and lets a millisecond pass; it raises Broken."""

    def __init__(self, seed: int) -> None:
        random.seed(seed)
        self.hardware = FuzzHardware()
        self.pen = Pen(self.hardware, BOOT_ID, m.RESET_POWER_ON, b"FUZZ", b"1", 0)
        self.now_us = random.getrandbits(30) * 4
        self.arms = False  # may an honest ARM be sent?
        self.armed = 0  # tokens that came of an honest ARM
        self.token = 0
        self.runs = 0
        self.bytes = 0
        self.deepest_um = 0
        self._was_running = False
        self._calm = 0  # chunks for which a run is left alone but for noise, so that it gets deep
        self._deaf = 0  # chunks for which nobody reads what the pen says
        self._sequence = 100
        self._drive_sequence = 100
        self._lone = Deframer(TO_PEN_WIRE_BYTES)
        self._host = Deframer(TO_HOST_WIRE_BYTES)

    def fire(self) -> None:
        """One chunk of a kind drawn by lot."""
        data = self._chunk()
        self.bytes += len(data)
        self._lone.feed(data)
        self.pen.receive(data, self.now_us)
        self._judge()
        self.now_us = (self.now_us + 1000) & 0xFFFFFFFF
        self.pen.step(self.now_us)
        self._judge()
        self._listen()

    def _listen(self) -> None:
        """What a host would read; now and then nobody does, and the pen has to bound what waits."""
        if self._deaf or random.getrandbits(9) == 0:
            self._deaf = (self._deaf or 200) - 1
            return
        for frame in self._host.feed(self.pen.take_output()):
            if frame.kind == m.ARM.reply_id and frame.payload[0] == m.OK:
                self.token = m.ARM.reply.unpack(frame.payload[1:]).arm_token
                self.armed += 1
            elif 0x80 < frame.kind < 0xC0 and frame.payload[0] == m.BAD_STATE:
                self._sequence += 0x3000  # some random frame was newer than ours: catch up with it
        if self._host.bad:
            raise Broken(f"the pen sent a frame that is none, after {self.bytes} bytes")

    def _judge(self) -> None:
        motion = self.pen.motion
        running = self.pen.state == m.STATE_RUNNING
        if running and not self._was_running:
            self.runs += 1
        self._was_running = running
        if (running or self.pen.state == m.STATE_ARMED) and not (self.arms and motion.token):
            raise Broken(f"state {self.pen.state} without an ARM, after {self.bytes} bytes")
        if self.hardware.powered and not running:
            raise Broken(f"powered in state {self.pen.state}, after {self.bytes} bytes")
        if self.hardware.asked[1] > 1200 and motion.run.mode != m.MODE_CALIBRATE:  # which has no plan, only a ceiling
            raise Broken(f"{self.hardware.asked[1]} um asked, the plan allows 1200, after {self.bytes} bytes")
        if motion.run.mode == m.MODE_TREAT:
            self.deepest_um = max(self.deepest_um, self.hardware.asked[1])
        if len(self.pen.output._bytes) > ROOM_BYTES:
            raise Broken(f"{len(self.pen.output._bytes)} bytes wait to be sent, after {self.bytes} bytes")

    def _chunk(self) -> bytes:
        kind = random.getrandbits(4)
        if self._calm:
            self._calm -= 1
            kind = kind & 7
            if kind >= 5:
                return self._drive(1200 if random.getrandbits(2) else 1500, 7000)
        elif self._was_running and not random.getrandbits(6):
            self._calm = 180
        if kind < 5:
            return self._noise(random.getrandbits(8) % CHUNK_MOST)
        if kind < 7:
            return bytes([byte if byte & 3 else 0 for byte in self._noise(random.getrandbits(7))])
        if kind < 10:
            wire = self._any_frame()
            if kind == 9:  # torn, with the next one right behind
                wire = wire[: random.getrandbits(8) % len(wire)] + self._noise(random.getrandbits(2))
            return wire
        if kind < 12:
            flipped = bytearray(self._honest())
            flipped[random.getrandbits(8) % len(flipped)] ^= 1 << random.getrandbits(3)
            return bytes(flipped)
        return self._honest()

    def _noise(self, count: int) -> bytes:
        out = b""
        while len(out) < count:
            out += struct.pack("<I", random.getrandbits(30) << 2 | random.getrandbits(2))
        return out[:count]

    def _any_frame(self) -> bytes:
        """A whole frame of some kind, but no ARM, with any payload."""
        kind = KINDS[random.getrandbits(8) % len(KINDS)] if random.getrandbits(2) else random.getrandbits(8)
        if kind == m.ARM.id:
            kind = m.DRIVE.id
        session = self.pen.output.session if random.getrandbits(2) else random.getrandbits(8)
        row = m.BY_ID.get(kind)
        size = row.payload.size + (random.getrandbits(2) - 1) * (not random.getrandbits(2)) if row else random.getrandbits(5)
        try:
            return encode_frame(kind, session, random.getrandbits(2), random.getrandbits(16), self._noise(max(0, size)))
        except FrameTooLong:
            return b"\0"

    def _honest(self) -> bytes:
        """What a host in its right mind could send now."""
        pick = random.getrandbits(4)
        if pick >= 8:
            depths_um = (0, 500, 900, 1200, 1201, 1500, 600, 800)
            return self._drive(depths_um[random.getrandbits(3)], (0, 6000, 7000, 8000)[random.getrandbits(2)])
        self._sequence = (self._sequence + 1) & 0xFFFF
        if pick == 0 and not random.getrandbits(3):
            return self._request(m.STOP, (random.getrandbits(3),))
        if self.pen.output.session == 0:
            self._sequence = 100
            return self._request(m.HELLO, (1, 0, random.getrandbits(30), 0))
        if self.pen.state == m.STATE_FAULT:
            return self._request(m.CLEAR_FAULT, (self.pen.fault, BOOT_ID))
        if not self.pen.sampling.on:
            return self._request(m.STREAM, (1000, 1 + random.getrandbits(2)))
        if not self.pen.requests.plan.committed:
            if random.getrandbits(1):
                return self._request(m.PLAN_WRITE, (0, PLAN))
            return self._request(m.PLAN_COMMIT, (m.plan_crc(PLAN),))
        if pick == 6:
            return self._store()
        if self.arms and pick < 6:
            return self._request(m.ARM, (1 + random.getrandbits(1), m.plan_crc(PLAN), 1500, BOOT_ID))
        return self._request(m.STATUS_GET, ())

    def _store(self) -> bytes:
        """A parameter staged, or the staged set committed."""
        parameter = m.PARAMETERS[random.getrandbits(2) % len(m.PARAMETERS)]
        if random.getrandbits(1):
            return self._request(m.PARAMETER_SET, (parameter.id, random.getrandbits(11)))
        staged = {}
        for one in m.PARAMETERS:
            _, reply = self.pen.service.parameters.get(one.id)
            assert reply is not None
            staged[one.id] = reply.staged
        return self._request(m.PARAMETER_COMMIT, (m.parameters_crc(staged),))

    def _request(self, row: "m.Message", values: tuple[object, ...]) -> bytes:  # type: ignore[type-arg]
        payload = row.payload.pack_unchecked(row.payload.type(*values))
        return encode_frame(row.id, self.pen.output.session, FLAG_REPLY_WANTED, self._sequence, payload)

    def _drive(self, depth_um: int, speed_rpm: int) -> bytes:
        self._drive_sequence = (self._drive_sequence + 1) & 0xFFFF
        mode = self.pen.motion.run.mode or m.MODE_TREAT
        limit_um = 1200 if depth_um <= 1200 else 1500  # the plan allows 1200, whatever the host says
        values = m.Drive(self.token, 200, self.pen.index, 3, mode, limit_um, depth_um, speed_rpm, 100, 3)
        return encode_frame(m.DRIVE.id, self.pen.output.session, 0, self._drive_sequence, m.DRIVE.payload.pack_unchecked(values))
