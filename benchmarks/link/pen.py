"""The pen's end for the measurements: frames as a pen sends them, and `main`, which answers on a pty's master and sends.

It does no more than the host needs to measure itself; the true pen is the simulator, which needs more of the processor.
"""

import contextlib
import os
import select
import time

from firmware_protocol import messages as wire
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, Deframer, encode_frame

SESSION = 7
DEPTH_UM, SPEED_RPM = 900, 7000
PERIOD_NS = 1_000_000


def frame_of(index: int, t_us: int) -> bytes:
    """One sample's frame, both delimiters."""
    flags = wire.FLAG_CARTRIDGE | wire.FLAG_CONTACT | wire.FLAG_MOTOR_POWERED | wire.FLAG_DEPTH_VALID | wire.FLAG_SPEED_VALID
    sample = wire.Telemetry(
        index=index,
        t_us=t_us & 0xFFFFFFFF,
        depth_um=DEPTH_UM + index % 7,
        speed_rpm=SPEED_RPM + index % 13,
        current_ma=120 + index % 50,
        drive_sequence=index // 20 & 0xFFFF,
        dropped=0,
        state=wire.STATE_RUNNING,
        fault=0,
        refusal=0,
        flags=flags,
    )
    return encode_frame(wire.TELEMETRY.id, SESSION, 0, index, wire.TELEMETRY.payload.pack(sample), TO_HOST_WIRE_BYTES)


def answers(pen: Deframer, data: bytes, clock_us: int) -> bytes:
    """To HELLO and SYNC; whatever else is said is heard and no more."""
    out = b""
    for frame in pen.feed(data):
        if frame.kind == wire.HELLO.id:
            reply = wire.HELLO.reply.pack(wire.HelloReply(1, wire.MINOR, 1, wire.STATE_IDLE, 0, 1, 0, 64, b"BENCH", b"1"))
        elif frame.kind == wire.SYNC.id:
            host_us = wire.SYNC.payload.unpack(frame.payload).host_us
            reply = wire.SYNC.reply.pack(wire.SyncReply(host_us, clock_us & 0xFFFFFFFF, clock_us & 0xFFFFFFFF))
        else:
            continue
        out += encode_frame(frame.kind | 0x80, SESSION, 0, frame.sequence, bytes((wire.OK,)) + reply, TO_HOST_WIRE_BYTES)
    return out


def main(handle: int) -> None:
    """Until the line falls, or whoever started it ends: one sample each millisecond by the clock, late ones at once."""
    parent = os.getppid()
    os.set_blocking(handle, False)
    heard = Deframer(TO_PEN_WIRE_BYTES)
    start_ns = time.monotonic_ns()
    index = 0
    with contextlib.suppress(OSError):
        while os.getppid() == parent:
            now_ns = time.monotonic_ns()
            due_ns = start_ns + index * PERIOD_NS
            if now_ns < due_ns:
                if select.select([handle], [], [], (due_ns - now_ns) / 1e9)[0]:
                    os.write(handle, answers(heard, os.read(handle, 4096), (now_ns - start_ns) // 1000))
                continue
            with contextlib.suppress(BlockingIOError):  # nobody reads: it is lost
                os.write(handle, frame_of(index, index * 1000))
            index += 1
