"""What leaves the pen: a bounded box of wire bytes, and telemetry that counts periods of time. Pure.

Runs unchanged on CPython and MicroPython. When nobody reads, telemetry is dropped and counted; replies have room of their
own, more than one request in flight can fill.
"""

from firmware_protocol.frame import TO_HOST_WIRE_BYTES, encode_frame
from firmware_protocol.messages import DENIED, OK, TELEMETRY, TELEMETRY_BATCH, Telemetry, TelemetryBatch
from firmware_protocol.pen_clock import BASE_PERIOD_US, HALF_PERIOD_US

ROOM_BYTES = 4096
ROOM_FOR_REPLIES_BYTES = 2048  # of these, telemetry and STATUS may not take
BATCH_MOST = 9


class Output:
    """Bytes for the host, oldest first. The first begins with a delimiter, so that a torn tail before it does no harm."""

    def __init__(self) -> None:
        self.session = 0
        self.dropped_frames = 0
        self._sequence = 0
        self._bytes = bytearray(b"\0")

    def clear(self) -> None:
        """Nobody is there any more: forget what waits."""
        self._bytes = bytearray(b"\0")

    def take(self) -> bytes:
        """All that waits."""
        out = bytes(self._bytes)
        self._bytes = bytearray()
        return out

    def put(self, wire: bytes) -> bool:
        """Add a reply or an event; False (and counted) only past the hard bound, where a flood of requests went unread."""
        return self._add(wire, ROOM_BYTES)

    def send(self, kind: int, payload: bytes, spare: bool) -> bool:
        """Add an unsolicited message; `spare` ones leave the replies' room free. False: dropped and counted."""
        wire = encode_frame(kind, self.session, 0, self._sequence, payload, TO_HOST_WIRE_BYTES)
        self._sequence = (self._sequence + 1) & 0xFFFF
        return self._add(wire[1:], ROOM_BYTES - ROOM_FOR_REPLIES_BYTES if spare else ROOM_BYTES)

    def _add(self, wire: bytes, room: int) -> bool:
        if len(self._bytes) + len(wire) > room:
            self.dropped_frames = (self.dropped_frames + 1) & 0xFFFF
            return False
        self._bytes += wire
        return True


class Sampling:
    """Telemetry's clock and queue: `index` counts periods of time, not sends (pen-link.md, "Retry, clock, telemetry")."""

    def __init__(self, output: Output) -> None:
        self.index = 0
        self.dropped = 0
        self.period_us = BASE_PERIOD_US
        self.batch = 1
        self.on = False
        self.full = False  # did the newest frame find no room?
        self._output = output
        self._phase_us = 0
        self._waiting: list[Telemetry] = []

    @property
    def frame_us(self) -> int:
        """Time between two frames."""
        return self.period_us * self.batch

    @property
    def step_us(self) -> int:
        """How often the pen must be stepped: a period that is no whole number of base periods takes half steps."""
        return HALF_PERIOD_US if self.on and self.period_us % BASE_PERIOD_US else BASE_PERIOD_US

    def set(self, period_us: int, batch: int) -> int:
        """STREAM: a whole number of half base periods, 0 for off; the result code."""
        if not (period_us % HALF_PERIOD_US == 0 and 1 <= batch <= BATCH_MOST):
            return DENIED
        self.stop()
        self.on = period_us > 0
        if self.on:
            self.period_us = period_us
            self.batch = batch
        return OK

    def stop(self) -> None:
        """Send nothing more; `index` goes on counting."""
        self.on = False
        self.full = False
        self._waiting = []
        self._phase_us = 0

    def age_us(self, index: int) -> int:
        """How old sample `index` is in sample time; below zero where it lies in the future."""
        behind = (self.index - index) & 0xFFFFFFFF
        return (behind if behind < 0x80000000 else behind - 0x100000000) * self.period_us

    def pass_time(self, step_us: int) -> bool:
        """Count the periods in `step_us` (whole half periods); is a sample due? Periods that were missed are dropped ones."""
        self._phase_us += step_us
        periods = self._phase_us // self.period_us
        self._phase_us -= periods * self.period_us
        self.index = (self.index + periods) & 0xFFFFFFFF
        if not (self.on and periods):
            return False
        self.dropped = (self.dropped + periods - 1) & 0xFFFF
        return True

    def add(self, sample: Telemetry) -> None:
        """Queue the sample that is due; send when the batch is full."""
        if self.batch == 1:
            sent = self._output.send(TELEMETRY.id, TELEMETRY.payload.pack(sample), True)
        else:
            self._waiting.append(sample)
            if len(self._waiting) < self.batch:
                return
            batch = TelemetryBatch(tuple(self._waiting))
            sent = self._output.send(TELEMETRY_BATCH.id, TELEMETRY_BATCH.payload.pack(batch), True)
            self._waiting = []
        self.full = not sent
        if not sent:
            self.dropped = (self.dropped + self.batch) & 0xFFFF
