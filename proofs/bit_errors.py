#!/usr/bin/env python3
"""Every 1- and 2-bit error in 20 wire frames, and sampled 3-bit ones: no wrong frame is accepted."""

from __future__ import annotations

import itertools
import pathlib
import random
import sys
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, Deframer, Frame, encode_frame

SEED = 20
THREE_BIT_PER_FRAME = 20_000


def frames() -> list[bytes]:
    """20 frames as they go over the wire: ten of the host's, ten of the pen's, with zeros in their payloads and without."""
    draw = random.Random(SEED)
    out = []
    kinds = (m.HELLO, m.SYNC, m.ARM, m.DISARM, m.STREAM, m.CLEAR_FAULT, m.PLAN_COMMIT, m.DRIVE, m.STOP, m.SIMULATE)
    for message in kinds:
        zeros = draw.random() < 0.5
        payload = bytes(
            draw.choice((0, draw.randrange(256))) if zeros else draw.randrange(1, 256) for _ in range(message.payload.size)
        )
        out.append(encode_frame(message.id, draw.randrange(256), 1, draw.randrange(65536), payload))
    for number in range(10):
        told: m.Message[Any, Any] = (m.TELEMETRY, m.EVENT)[number % 2]
        payload = draw.randbytes(told.payload.size)
        out.append(encode_frame(told.id, 7, 0, draw.randrange(65536), payload, TO_HOST_WIRE_BYTES))
    return out


def accepted(wire: bytes) -> list[Frame]:
    """What a receiver makes of these bytes, with a whole frame's worth of silence before and after."""
    return Deframer(TO_HOST_WIRE_BYTES).feed(b"\0" + wire + b"\0")


def same(one: Frame, two: Frame) -> bool:
    """Is it the frame that was sent? Then an error in a delimiter or between frames did no harm."""
    return all(getattr(one, name) == getattr(two, name) for name in Frame.__slots__)


def turned(wire: bytes, bits: tuple[int, ...]) -> bytes:
    """The bytes with these bits turned."""
    out = bytearray(wire)
    for bit in bits:
        out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def main() -> int:
    """Try them all and print how many were tried and how many wrong frames came out."""
    draw = random.Random(SEED)
    tried, wrong = {1: 0, 2: 0, 3: 0}, 0
    for wire in frames():
        sent = accepted(wire)[0]
        bits = range(len(wire) * 8)
        errors = itertools.chain(
            itertools.combinations(bits, 1),
            itertools.combinations(bits, 2),
            (tuple(draw.sample(bits, 3)) for _ in range(THREE_BIT_PER_FRAME)),
        )
        for error in errors:
            tried[len(error)] += 1
            wrong += any(not same(frame, sent) for frame in accepted(turned(wire, error)))
    kept = wrong == 0
    print(
        f"bit errors in 20 frames: {tried[1]} of one bit, {tried[2]} of two, {tried[3]} of three: "
        f"{wrong} wrong frames accepted: {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
