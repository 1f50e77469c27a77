#!/usr/bin/env python3
"""Random junk, then one frame with both delimiters: delivered without a further byte, in any chunking."""

import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_PEN_WIRE_BYTES, Deframer, encode_frame

TRIALS = 10_000
JUNK_MOST_BYTES = 300
SEED = 4


def chunks(data: bytes, draw: random.Random) -> list[bytes]:
    """`data` in pieces of any length, single bytes among them."""
    most = draw.choice((1, 3, 17, 64, len(data)))
    out, at = [], 0
    while at < len(data):
        length = draw.randint(1, most)
        out.append(data[at : at + length])
        at += length
    return out


def main() -> int:
    """Try them and print how many frames were delivered."""
    draw = random.Random(SEED)
    delivered = 0
    for number in range(TRIALS):
        payload = m.STOP.payload.pack(m.Stop(number % 8))
        wire = encode_frame(m.STOP.id, draw.randrange(256), 1, draw.randrange(65536), payload)
        junk = draw.randbytes(draw.randrange(JUNK_MOST_BYTES))
        receiver = Deframer(TO_PEN_WIRE_BYTES)
        heard = [frame for piece in chunks(junk + wire, draw) for frame in receiver.feed(piece)]
        delivered += len(heard) == 1 and heard[0].kind == m.STOP.id and heard[0].payload == payload
    kept = delivered == TRIALS
    print(f"junk, then a frame: {delivered} of {TRIALS} delivered without a further byte: {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
