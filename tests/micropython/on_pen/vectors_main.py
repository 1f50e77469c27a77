"""Judges the published vectors in /vectors, as any maker's pen would. Prints [vectors, what is wrong with each bad one]."""

import binascii
import json

from firmware_protocol import messages as m
from firmware_protocol.frame import (
    STOP_KINDS,
    TO_HOST_WIRE_BYTES,
    TO_PEN_WIRE_BYTES,
    Deframer,
    cobs_decode,
    cobs_encode,
    encode_frame,
)
from firmware_protocol.pen_calibration import scaled, unscaled

COUNTERS = ("bad_cobs", "bad_length", "bad_crc", "bad_major", "bad_flags", "overrun")
LIMITS = {"to_pen": TO_PEN_WIRE_BYTES, "to_host": TO_HOST_WIRE_BYTES}
wrong: list[str] = []
count = 0


def hexed(data: bytes) -> str:
    """As the vectors show bytes."""
    return binascii.hexlify(data).decode()


def shown(fields: "tuple[m.Field, ...]", values: tuple[object, ...]) -> dict[str, object]:
    """Fields as the vectors show them."""
    return {field.name: hexed(value) if isinstance(value, bytes) else value for field, value in zip(fields, values)}  # noqa: B905


def payload_is(layout: "m.Layout", payload: bytes, expected: dict[str, object]) -> bool:  # type: ignore[type-arg]
    """Does the payload read as the vector says, and, read well, pack to the same bytes again?"""
    try:
        value = tuple(layout.unpack(payload))
    except m.MessageError:
        return "payload_error" in expected
    fields = len(layout.fields)
    if "payload_error" in expected or shown(layout.fields, value[:fields]) != expected["fields"]:
        return False
    if layout.entries and [shown(layout.entries, entry) for entry in value[fields]] != expected["entries"]:
        return False
    again = layout.pack_unchecked(layout.type(*value))
    return again == payload or len(again) != len(payload)


def frame_is(frame: object, expected: dict[str, object]) -> bool:
    """Is this the frame the vector says?"""
    head = (frame.kind, frame.session, frame.flags, frame.sequence, hexed(frame.payload))  # type: ignore[attr-defined]
    if head != tuple(expected[name] for name in ("type", "session", "flags", "sequence", "payload")):
        return False
    name = expected["message"]
    if name is None:
        return True
    is_reply = name.endswith("_REPLY")  # type: ignore[attr-defined]
    row = m.BY_ID[frame.kind & 0x7F if is_reply else frame.kind]  # type: ignore[attr-defined]
    payload = frame.payload  # type: ignore[attr-defined]
    if not is_reply:
        return payload_is(row.payload, payload, expected)
    if not payload:
        return expected["payload_error"] == "length"
    return payload[0] == expected["result"] and (payload[0] != m.OK or payload_is(row.reply, payload[1:], expected))


def judge(name: str, well: bool) -> None:
    """Count one vector."""
    global count
    count += 1
    if not well:
        wrong.append(name)


with open("/vectors") as file:  # noqa: PTH123
    vectors = json.load(file)
for vector in vectors["frames"]:
    limit = LIMITS[vector["direction"]]
    wire = binascii.unhexlify(vector["wire"])
    expected = vector["expect"]["frames"]
    for size in (len(wire), 1, 7):  # in one piece, byte by byte, in sevens
        deframer = Deframer(limit)
        frames = []
        for at in range(0, len(wire), size):
            frames += deframer.feed(wire[at : at + size])
        counted = {name: getattr(deframer, name) for name in COUNTERS if getattr(deframer, name)}
        well = len(frames) == len(expected) and all(frame_is(one, other) for one, other in zip(frames, expected))  # noqa: B905
        judge(f"{vector['name']} in pieces of {size}", well and counted == vector["expect"]["counters"])
    if vector["why"] == "valid" and len(frames) == 1 and wire[0] == 0 and frames[0].kind not in STOP_KINDS:
        f = frames[0]
        judge(vector["name"] + " made again", encode_frame(f.kind, f.session, f.flags, f.sequence, f.payload, limit) == wire)
for number, vector in enumerate(vectors["cobs"]):
    plain, coded = binascii.unhexlify(vector["plain"]), binascii.unhexlify(vector["coded"])
    judge(f"cobs {number}", cobs_encode(plain) == coded and cobs_decode(coded) == plain)
for number, vector in enumerate(vectors["crc32"]):
    judge(f"crc32 {number}", binascii.crc32(binascii.unhexlify(vector["data"])) & 0xFFFFFFFF == vector["crc"])
for number, vector in enumerate(vectors["calibration"]):
    found = (scaled(vector["value"], vector["ppm"]), unscaled(vector["value"], vector["ppm"]))
    judge(f"calibration {number}", found == (vector["scaled"], vector["unscaled"]))
block = vectors["calibration_block"]
data = binascii.unhexlify(block["bytes"])
judge(
    "calibration block",
    all(block[name] == value for name, value in shown(m.CALIBRATION.fields, m.CALIBRATION.unpack(data)).items()),
)
print(json.dumps([count, wrong]))
