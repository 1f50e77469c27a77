"""`docs/PROTOCOL.md`: the words of `PROTOCOL.md.in` with every table and every byte example filled in from the code. Pure."""

from __future__ import annotations

import struct
from binascii import crc32
from pathlib import Path
from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, cobs_encode, encode_frame
from firmware_protocol.generate.samples import BLOCK, typical
from firmware_protocol.generate.table import CODE_LISTS, Placed, codes, entry_bytes, from_pen, placed
from firmware_protocol.messages import Field, Layout, Message
from firmware_protocol.pen_calibration import Calibration, block_of
from firmware_protocol.pen_storage import record_of

TEMPLATE = Path(__file__).with_name("PROTOCOL.md.in")


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _allowed(row: Placed) -> str:
    if row.is_text:
        return "padded with zeros"
    return f"{row.field.low} to {row.field.high}" if row.is_narrow else "any"


def _fields(fields: tuple[Field, ...]) -> str:
    rows = [
        (row.offset, row.type_name, f"`{row.field.name}`", row.field.unit, _allowed(row), _meaning(row.field))
        for row in placed(fields)
    ]
    return _table(("offset", "type", "field", "unit", "allowed", "meaning"), rows)


def _meaning(field: Field) -> str:
    return field.text + (f" (since 1.{field.since})" if field.since else "")


def _layout(layout: Layout[Any], title: str) -> str:
    if not layout.fields and not layout.entries:
        return f"{title}: empty."
    length = f"{layout.size} bytes" + (", exactly" if layout.exact else "")
    parts = [f"{title}, {length}:" if layout.fields else f"{title}:"]
    if layout.fields:
        parts.append(_fields(layout.fields))
    if layout.entries:
        parts.append(f"then any whole number of entries of {entry_bytes(layout)} bytes:" if layout.fields else "entries:")
        parts.append(_fields(layout.entries))
    return "\n\n".join(parts)


def _message(message: Message[Any, Any]) -> str:
    parts = [f"### {message.id:02X} {message.name}", message.text, _layout(message.payload, "Payload")]
    if message.reply is not None:
        parts.append(_layout(message.reply, f"Reply {message.reply_id:02X}, after its result byte"))
    return "\n\n".join(parts)


def _spaced(data: bytes) -> str:
    return " ".join(f"{octet:02x}" for octet in data)


def _bytes_of(fields: tuple[Field, ...], values: tuple[Any, ...], start: int) -> list[tuple[Any, ...]]:
    rows = []
    for row, value in zip(placed(fields), values, strict=True):
        shown = value.rstrip(b"\0").decode("ascii", "replace") if isinstance(value, bytes) else value
        rows.append((start + row.offset, _spaced(struct.pack("<" + row.field.code, value)), f"`{row.field.name}` = {shown}"))
    return rows


def _example(message: Message[Any, Any], session: int, flags: int, sequence: int, reply: bool = False) -> str:
    """One frame, byte by byte: the body's parts, then the wire."""
    layout = message.reply if reply else message.payload
    value = typical(layout)
    payload = (b"\0" if reply else b"") + layout.pack(value)
    kind = message.reply_id if reply else message.id
    wire = encode_frame(kind, session, flags, sequence, payload, TO_HOST_WIRE_BYTES)
    head = struct.pack("<BBBBH", 1, kind, session, flags, sequence)
    rows: list[tuple[Any, ...]] = [
        (0, _spaced(head[:1]), "major"),
        (1, _spaced(head[1:2]), f"type {message.name}{' reply' if reply else ''}"),
        (2, _spaced(head[2:3]), "session"),
        (3, _spaced(head[3:4]), "flags"),
        (4, _spaced(head[4:6]), f"sequence {sequence}"),
    ]
    at = 6
    if reply:
        rows.append((6, "00", "result OK"))
        at = 7
    rows += _bytes_of(layout.fields, tuple(value)[: len(layout.fields)], at)
    at += layout.size
    for entry in value[-1] if layout.entries else ():
        rows.append((at, _spaced(struct.pack("<" + "".join(f.code for f in layout.entries), *entry)), f"entry {tuple(entry)}"))
        at += entry_bytes(layout)
    body = head + payload
    check = crc32(body)
    rows.append((at, _spaced(struct.pack("<I", check)), f"CRC-32 = {check:#010x}"))
    return f"{_table(('offset', 'bytes', 'what'), rows)}\n\nOn the wire, {len(wire)} bytes:\n\n    {_spaced(wire)}"


def _calibration_table() -> str:
    class Kept:
        """The block of the example, in force."""

        block = block_of(BLOCK)
        raw_um = Calibration.raw_um
        true_um = Calibration.true_um
        raw_rpm = Calibration.raw_rpm
        true_rpm = Calibration.true_rpm

    kept: Any = Kept()
    rows = [(true, kept.raw_um(true), kept.true_um(kept.raw_um(true))) for true in (500, 750, 1000, 1250, 1500)]
    return _table(("asked, um", "sent to the actuator", "reported when the sensor reads that"), rows)


def _codes(name: str) -> str:
    return _table(("code", "name"), list(enumerate(codes(name))))


def _overview(message: Message[Any, Any]) -> tuple[Any, ...]:
    link = f"[{message.name}](#{message.id:02x}-{message.name.lower()})"
    reply = "-" if message.reply is None else 1 + message.reply.size
    return f"{message.id:02X}", link, message.payload.size, reply, message.text


def protocol_page() -> str:
    """The whole page."""
    commands = [each for each in m.MESSAGES if not from_pen(each)]
    told = [each for each in m.MESSAGES if from_pen(each)]
    overview = [_overview(each) for each in m.MESSAGES]
    parameters = [
        (each.id, f"`{each.name}`", each.unit, f"{each.low} to {each.high}", each.initial, each.text) for each in m.PARAMETERS
    ]
    record = record_of(1, b"\x01\xdc\x05\x00\x00")
    fills = {
        "VERSION": f"1.{m.MINOR}",
        "OVERVIEW": _table(("type", "name", "payload bytes", "reply bytes", "what"), overview),
        "COMMANDS": "\n\n".join(_message(each) for each in commands),
        "TOLD": "\n\n".join(_message(each) for each in told),
        "CALIBRATION": _fields(m.CALIBRATION.fields),
        "CALIBRATION_TABLE": _calibration_table(),
        "CALIBRATION_BYTES": _spaced(BLOCK),
        "PARAMETERS": _table(("id", "name", "unit", "allowed", "initial", "meaning"), parameters),
        "STORED": _spaced(record),
        "COBS": "\n".join(f"    {_spaced(each) or '(nothing)':24} -> {_spaced(cobs_encode(each))}" for each in _COBS),
        "EXAMPLE_STOP": _example(m.STOP, 9, 1, 77),
        "EXAMPLE_HELLO": _example(m.HELLO, 0, 1, 1),
        "EXAMPLE_HELLO_REPLY": _example(m.HELLO, 9, 0, 1, reply=True),
        "EXAMPLE_PLAN": _example(m.PLAN_WRITE, 9, 1, 3),
        "EXAMPLE_DRIVE": _example(m.DRIVE, 9, 0, 258),
        "EXAMPLE_TELEMETRY": _example(m.TELEMETRY, 9, 0, 4660),
        "PLAN_CRC": f"{m.plan_crc(typical(m.PLAN_WRITE.payload).entries):#010x}",
        "INITIAL_CRC": f"{m.parameters_crc({each.id: each.initial for each in m.PARAMETERS}):#010x}",
    }
    for name, prefix, _ in CODE_LISTS:
        fills["CODES_" + prefix] = _codes(name)
    text = TEMPLATE.read_text(encoding="utf-8")
    for key, value in fills.items():
        text = text.replace(f"@{key}@", value)
    return text


_COBS = (b"\0", b"\1\2", b"\1\0\2", b"\x11\x22\0\0\x33")
