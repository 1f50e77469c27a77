"""The test vectors `vectors/pen_link_v1.json`: bytes as they stand on the wire, and exactly what a receiver makes of them. Pure.

A frame vector is what one receiver, fresh, is fed; it expects frames (type, header, payload, and its fields or the payload's
error) and counters. What each one is about is said here by hand and held against the codec while the file is made.
"""

from __future__ import annotations

import json
from binascii import crc32
from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import MAJOR, TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, Deframer, Frame, cobs_encode
from firmware_protocol.generate import cases
from firmware_protocol.generate.cases import TO_HOST, TO_PEN
from firmware_protocol.generate.samples import BLOCK
from firmware_protocol.generate.table import WIDTHS
from firmware_protocol.messages import Layout, MessageError
from firmware_protocol.pen_calibration import scaled, unscaled

LIMITS = {TO_PEN: TO_PEN_WIRE_BYTES, TO_HOST: TO_HOST_WIRE_BYTES}
COUNTERS = ("bad_cobs", "bad_length", "bad_crc", "bad_major", "bad_flags", "overrun")


def _shown(fields: tuple[m.Field, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    return {f.name: value.hex() if isinstance(value, bytes) else value for f, value in zip(fields, values, strict=True)}


def _out_of_range(fields: tuple[m.Field, ...], values: tuple[Any, ...]) -> str | None:
    for field, value in zip(fields, values, strict=True):
        if field.code in WIDTHS and not (field.low <= value <= field.high):
            return field.name
    return None


def read_payload(layout: Layout[Any], payload: bytes) -> dict[str, Any]:
    """The payload as a vector shows it: its fields, or `payload_error`; `out_of_range` names the first bad field."""
    try:
        value = tuple(layout.unpack(payload))
    except MessageError as wrong:
        return {"payload_error": "entries" if "multiple" in str(wrong) else "length"}
    count = len(layout.fields)
    shown: dict[str, Any] = {"fields": _shown(layout.fields, value[:count])}
    bad = _out_of_range(layout.fields, value[:count])
    if layout.entries:
        shown["entries"] = [_shown(layout.entries, entry) for entry in value[count]]
        bad = bad or next((found for entry in value[count] if (found := _out_of_range(layout.entries, entry))), None)
    if bad:
        shown["out_of_range"] = bad
    return shown


def read_frame(frame: Frame) -> dict[str, Any]:
    """One good frame as a vector shows it."""
    shown: dict[str, Any] = {
        "type": frame.kind,
        "session": frame.session,
        "flags": frame.flags,
        "sequence": frame.sequence,
        "payload": frame.payload.hex(),
    }
    reply = 0x80 <= frame.kind < 0xC0
    message = m.BY_ID.get(frame.kind & 0x7F if reply else frame.kind)
    if message is None or (reply and message.reply is None):
        return {**shown, "message": None}
    shown["message"] = message.name + ("_REPLY" if reply else "")
    if not reply:
        return {**shown, **read_payload(message.payload, frame.payload)}
    if not frame.payload:
        return {**shown, "payload_error": "length"}
    result = frame.payload[0]
    shown["result"] = result
    return {**shown, **(read_payload(message.reply, frame.payload[1:]) if result == m.OK else {})}


def outcome(direction: str, wire: bytes) -> dict[str, Any]:
    """What a fresh receiver of this direction makes of the bytes."""
    receiver = Deframer(LIMITS[direction])
    frames = [read_frame(frame) for frame in receiver.feed(wire)]
    counted = {name: getattr(receiver, name) for name in COUNTERS if getattr(receiver, name)}
    return {"frames": frames, "counters": counted}


def _told(name: str, direction: str, wire: bytes, why: str) -> dict[str, Any]:
    return {"name": name, "direction": direction, "why": why, "wire": wire.hex(), "expect": outcome(direction, wire)}


def frame_vectors() -> list[dict[str, Any]]:
    """All frame vectors. Raises ValueError where the codec does not do what a vector is about."""
    rows = []
    for name, direction, wire in cases.good():
        rows.append(_told(name, direction, wire, "valid"))
        _hold(rows[-1], len(rows[-1]["expect"]["frames"]) == 1 and "fields" in rows[-1]["expect"]["frames"][0])
    for name, direction, wire, good in cases.accepted():
        rows.append(_told(name, direction, wire, "valid"))
        _hold(rows[-1], len(rows[-1]["expect"]["frames"]) == good)
    for name, direction, wire, counter in cases.refused():
        rows.append(_told(name, direction, wire, counter))
        _hold(rows[-1], rows[-1]["expect"] == {"frames": [], "counters": {counter: 1}})
    for name, direction, wire, error in cases.bad_payloads():
        rows.append(_told(name, direction, wire, "payload_error"))
        _hold(rows[-1], [frame.get("payload_error") for frame in rows[-1]["expect"]["frames"]] == [error])
    for name, direction, wire, field in cases.out_of_ranges():
        rows.append(_told(name, direction, wire, "out_of_range"))
        _hold(rows[-1], [frame.get("out_of_range") for frame in rows[-1]["expect"]["frames"]] == [field])
    return rows


def _hold(row: dict[str, Any], well: bool) -> None:
    if not well:
        raise ValueError(f"vector {row['name']} is not about {row['why']}: {row['expect']}")


def cobs_vectors() -> list[dict[str, str]]:
    """Plain and coded bytes, at the lengths where COBS changes its mind."""
    longest = bytes(range(1, 255))
    plain = [b"", b"\0", b"\0\0", b"\1", b"\1\0", b"\0\1", b"\x11\x22\0\x33", longest[:253], longest, longest + b"\xff"]
    plain += [b"\0" + longest, longest + b"\0", longest * 2]
    return [{"plain": each.hex(), "coded": cobs_encode(each).hex()} for each in plain]


def text() -> str:
    """The whole file."""
    content = {
        "protocol": f"{MAJOR}.{m.MINOR}",
        "frames": frame_vectors(),
        "cobs": cobs_vectors(),
        "crc32": [{"data": data.hex(), "crc": crc32(data)} for data in (b"", b"\0", b"123456789", bytes(range(256)))],
        "calibration": [
            {"value": value, "ppm": ppm, "scaled": scaled(value, ppm), "unscaled": unscaled(value, ppm)}
            for value in (-288, -1, 0, 1, 500, 1003, 1500, 6000, 8000)
            for ppm in (-100_000, -333, 0, 18_500, 100_000)
        ],
        "calibration_block": {**_shown(m.CALIBRATION.fields, tuple(m.CALIBRATION.unpack(BLOCK))), "bytes": BLOCK.hex()},
    }
    head, _, tail = json.dumps({**content, "frames": "@"}, indent=1).partition('"@"')
    lines = ",\n  ".join(json.dumps(row) for row in content["frames"])  # one line a vector: a change shows as one
    return f"{head}[\n  {lines}\n ]{tail}\n"
