"""The codec's cases: every layout at its edges and in between, cut and lengthened, and frames that are whole, torn and wrong."""

import binascii
import json
import random
import struct
from collections.abc import Iterator
from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, cobs_encode, encode_frame
from tests.micropython.on_pen.codec import LAYOUTS, outcome
from tests.micropython.on_pen.plain import to_plain

Case = tuple[str, tuple[Any, ...]]


def value_of(field: m.Field, pick: str, chance: random.Random) -> Any:
    """A value of the field: its lowest, its highest, or any; `past`: one more than its highest."""
    if field.code[-1] == "s":
        room = int(field.code[:-1])
        length = {"low": 0, "high": room, "past": room + 1}.get(pick, chance.randrange(room + 1))
        return chance.randbytes(length)
    picks = {"low": field.low, "high": field.high, "past": field.high + 1}
    return picks[pick] if pick in picks else chance.randint(field.low, field.high)


def values_of(layout: "m.Layout[Any]", pick: str, chance: random.Random) -> tuple[Any, ...]:
    """Values of a whole layout; the repeated group, where it has one, a few times."""
    values = tuple(value_of(field, pick, chance) for field in layout.fields)
    if layout.entries:
        count = chance.randrange(1, 6)
        return (*values, tuple(tuple(value_of(field, pick, chance) for field in layout.entries) for _ in range(count)))
    return values


def of_layouts(chance: random.Random) -> Iterator[Case]:
    """Every layout both ways, and what must be refused: past a range, too short, too long, a broken group."""
    for name, layout in LAYOUTS.items():
        for pick in ("low", "high", "any", "any", "any"):
            values = values_of(layout, pick, chance)
            yield "pack", (name, values)
            payload = layout.pack(layout.type(*values))
            for changed in (payload, payload[:-1], payload + b"\x7f", payload + b"\x7f" * 9, b""):
                yield "unpack", (name, changed)
        yield "pack", (name, values_of(layout, "past", chance))
        for at, field in enumerate(layout.fields):
            values = values_of(layout, "any", chance)
            for pick in ("low", "high", "past"):
                changed_values = (*values[:at], value_of(field, pick, chance), *values[at + 1 :])
                yield "pack", (name, changed_values)
                yield "pack_unchecked", (name, changed_values)
        yield "unpack", (name, chance.randbytes(64))


def of_frames(chance: random.Random, count: int) -> Iterator[Case]:
    """COBS, CRC and frames over many payloads; then streams of them in any chunking with bytes flipped and lost."""
    lengths = [0, 1, 2, 253, 254, 255, 256, 507, 508, 509, 510, 600]
    for number in range(count):
        length = lengths[number] if number < len(lengths) else chance.randrange(0, 300)
        zeros = chance.choice((0, 0, 10, 60, 100))
        data = bytes(0 if chance.randrange(100) < zeros else chance.randrange(1, 256) for _ in range(length))
        yield "cobs_encode", (data,)
        yield "cobs_decode", (cobs_encode(data),)
        yield "cobs_decode", (data,)
        yield "crc32", (data,)
        head = (chance.randrange(256), chance.randrange(256), chance.randrange(256), chance.randrange(0x10000))
        limit = chance.choice((TO_PEN_WIRE_BYTES, TO_HOST_WIRE_BYTES))
        yield "frame", (*head, data, limit)
        yield "deframe", (limit, tuple(stream(chance)))


def stream(chance: random.Random) -> list[bytes]:
    """A few frames with junk between, some of it wrong, cut anywhere."""
    out = bytearray()
    for _ in range(chance.randrange(1, 6)):
        payload = chance.randbytes(chance.randrange(0, 40))
        head = (chance.randrange(256), 3, chance.choice((0, 1, 0x11)), chance.randrange(0x10000))
        wire = bytearray(encode_frame(*head, payload))
        fate = chance.randrange(6)
        if fate == 0:
            wire[chance.randrange(len(wire))] ^= 1 << chance.randrange(8)
        elif fate == 1:
            del wire[chance.randrange(len(wire)) :]
        elif fate == 2:
            body = struct.pack("<BBBBH", chance.randrange(2, 256), *head) + payload
            wire = bytearray(b"\0" + cobs_encode(body + struct.pack("<I", binascii.crc32(body))) + b"\0")
        elif fate == 3:
            wire = bytearray(b"\0" + cobs_encode(payload[:9]) + b"\0")
        out += wire
        if chance.randrange(4) == 0:
            out += chance.randbytes(chance.randrange(120))
    cuts = sorted(chance.randrange(len(out) + 1) for _ in range(chance.randrange(5)))
    return [bytes(out[a:b]) for a, b in zip([0, *cuts], [*cuts, len(out)], strict=True)]


def lines(seed: int, count: int) -> list[str]:
    """The file that `codec_main` judges: each case with what CPython makes of it. `count` rounds of frames."""
    chance = random.Random(seed)
    cases = [*of_layouts(chance), *of_frames(chance, count)]
    plain = [(doing, to_plain(arguments)) for doing, arguments in cases]
    return [json.dumps([doing, arguments, outcome(doing, arguments)]) for doing, arguments in plain]
