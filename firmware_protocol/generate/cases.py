"""What each test vector is about: name, direction, the bytes on the wire, and the outcome that a person expects. Pure."""

from __future__ import annotations

import struct
from binascii import crc32
from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import MAJOR, TO_HOST_WIRE_BYTES, cobs_encode, encode_frame
from firmware_protocol.generate.samples import DRIVE, edge, typical
from firmware_protocol.generate.table import from_pen, layouts
from firmware_protocol.messages import Layout, Message

TO_PEN, TO_HOST = "to_pen", "to_host"


def body(kind: int, payload: bytes, session: int = 1, flags: int = 1, sequence: int = 1, major: int = MAJOR) -> bytes:
    """A frame's body with its CRC."""
    plain = struct.pack("<BBBBH", major, kind, session, flags, sequence) + payload
    return plain + struct.pack("<I", crc32(plain))


def wired(plain: bytes) -> bytes:
    """A body on the wire."""
    return b"\0" + cobs_encode(plain) + b"\0"


def _message(message: Message[Any, Any], layout: Layout[Any], reply: bool, value: Any, sequence: int) -> bytes:
    payload = layout.pack(value)
    if reply:
        return encode_frame(message.reply_id, 9, 0, sequence, bytes([m.OK]) + payload, TO_HOST_WIRE_BYTES)
    if from_pen(message):
        return encode_frame(message.id, 9, 0, sequence, payload, TO_HOST_WIRE_BYTES)
    session = 0 if message is m.HELLO else 9
    return encode_frame(message.id, session, 0 if message is m.DRIVE else 1, sequence, payload)


def good() -> list[tuple[str, str, bytes]]:
    """Every message and every reply: as on a good day, and with every field at either end of its range."""
    rows = []
    for number, (message, layout, reply) in enumerate(layouts()):
        direction = TO_HOST if reply or from_pen(message) else TO_PEN
        name = message.name.lower() + ("_reply" if reply else "")
        cases = [("", typical(layout))]
        if layout.fields or layout.entries:
            cases += [("_lowest", edge(layout, False)), ("_highest", edge(layout, True))]
        for at, (suffix, value) in enumerate(cases):
            rows.append((name + suffix, direction, _message(message, layout, reply, value, 0x100 * number + at)))
    return rows


DRIVE_BODY = body(m.DRIVE.id, m.DRIVE.payload.pack(DRIVE), 9, 0, 0x0102)
STOP_BODY = body(m.STOP.id, bytes([m.STOP_OPERATOR]), 9, 1, 77)
STOP_WIRE = wired(STOP_BODY)
DRIVE_WIRE = wired(DRIVE_BODY)


def _flipped(wire: bytes, at: int, bit: int) -> bytes:
    return wire[:at] + bytes([wire[at] ^ 1 << bit]) + wire[at + 1 :]


def accepted() -> list[tuple[str, str, bytes, int]]:
    """(name, direction, wire, good frames) of what a careless receiver would refuse or miss."""
    hello = m.HELLO.payload.pack(typical(m.HELLO.payload))
    return [
        ("one_delimiter_between_two", TO_PEN, DRIVE_WIRE + STOP_WIRE[1:], 2),
        ("no_first_delimiter", TO_PEN, STOP_WIRE[1:], 1),
        ("many_delimiters", TO_PEN, bytes(5) + STOP_WIRE + bytes(5), 1),
        ("stop_three_times", TO_PEN, STOP_WIRE * 3, 3),
        ("unknown_low_flag", TO_PEN, wired(body(m.SYNC.id, bytes(8), flags=0x0D)), 1),
        ("retry_flag", TO_PEN, wired(body(m.SYNC.id, bytes(8), flags=0x03)), 1),
        ("longer_hello_of_a_later_minor", TO_PEN, wired(body(m.HELLO.id, hello + b"more", 0)), 1),
        ("longer_telemetry_of_a_later_minor", TO_HOST, wired(body(m.TELEMETRY.id, bytes(30))), 1),
        ("stop_of_another_major", TO_PEN, wired(body(m.STOP.id, b"\6", major=2)), 1),
        ("stop_with_unknown_high_flag", TO_PEN, wired(body(m.STOP.id, b"\0", flags=0x81)), 1),
        ("stop_reply_of_another_major", TO_HOST, wired(body(m.STOP.reply_id, b"\0", major=7)), 1),
        ("unknown_type_with_a_reply_wanted", TO_PEN, wired(body(0x2E, b"abc")), 1),
        ("unknown_unsolicited_type", TO_HOST, wired(body(0xDF, b"abc")), 1),
        ("refused_arm_is_a_result_alone", TO_HOST, wired(body(m.ARM.reply_id, bytes([m.LOCKED]))), 1),
        ("commit_in_progress", TO_HOST, wired(body(m.PARAMETER_COMMIT.reply_id, bytes([m.IN_PROGRESS]))), 1),
        ("sequence_at_its_end", TO_PEN, wired(body(m.SYNC.id, bytes(8), sequence=0xFFFF)), 1),
        ("control_bytes_are_data", TO_PEN, wired(body(m.SYNC.id, b"\3\4\x11\x13\x1a\x7e\x7d\x0a")), 1),
        ("stop_whose_crc_begins_with_zero", TO_PEN, wired(_with_crc_byte(0, 0)), 1),
        ("stop_whose_crc_ends_with_zero", TO_PEN, wired(_with_crc_byte(3, 0)), 1),
        ("junk_then_stop", TO_PEN, bytes(range(1, 40)) + STOP_WIRE, 1),
        ("torn_drive_then_stop", TO_PEN, DRIVE_WIRE[:17] + STOP_WIRE, 1),
        ("overrun_then_stop", TO_PEN, b"\x55" * 200 + STOP_WIRE, 1),
        ("longest_to_the_pen", TO_PEN, wired(body(0x2F, b"\1" * 51)), 1),
        ("longest_to_the_host", TO_HOST, wired(body(0xDE, b"\1" * 241)), 1),
        ("empty_payload_of_an_unknown_type", TO_PEN, wired(body(0x2F, b"")), 1),
    ]


def _with_crc_byte(at: int, value: int) -> bytes:
    """A STOP whose CRC has this byte, found by counting the sequence up."""
    return next(found for n in range(0x10000) if (found := body(m.STOP.id, b"\0", sequence=n))[-4 + at] == value)


def refused() -> list[tuple[str, str, bytes, str]]:
    """(name, direction, wire, the counter that must show 1) of what must not become a frame."""
    telemetry = wired(body(m.TELEMETRY.id, m.TELEMETRY.payload.pack(typical(m.TELEMETRY.payload))))
    unfinished = struct.pack("<I", crc32(STOP_BODY[:-4]) ^ 0xFFFFFFFF)
    return [
        ("flip_in_major", TO_PEN, _flipped(DRIVE_WIRE, 2, 1), "bad_crc"),
        ("flip_in_payload", TO_PEN, _flipped(DRIVE_WIRE, 12, 0), "bad_crc"),
        ("flip_in_crc", TO_PEN, _flipped(DRIVE_WIRE, len(DRIVE_WIRE) - 2, 7), "bad_crc"),
        ("flip_in_telemetry", TO_HOST, _flipped(telemetry, 9, 3), "bad_crc"),
        ("crc_of_zeros", TO_PEN, wired(STOP_BODY[:-4] + bytes(4)), "bad_crc"),
        ("crc_big_endian", TO_PEN, wired(STOP_BODY[:-4] + STOP_BODY[:-5:-1]), "bad_crc"),
        ("crc_without_final_xor", TO_PEN, wired(STOP_BODY[:-4] + unfinished), "bad_crc"),
        ("run_past_the_end", TO_PEN, b"\0\x09\1\2\3\0", "bad_cobs"),
        ("code_far_past_the_end", TO_PEN, b"\0\xff\1\2\3\0", "bad_cobs"),
        ("torn_at_the_end", TO_PEN, DRIVE_WIRE[:-3] + b"\0", "bad_cobs"),
        ("last_byte_missing", TO_PEN, wired(DRIVE_BODY[:-1]), "bad_crc"),
        ("one_byte_too_many", TO_PEN, wired(DRIVE_BODY + b"\1"), "bad_crc"),
        ("torn_in_a_run", TO_PEN, wired(body(m.SYNC.id, b"\1" * 8, sequence=0x0101))[:-6] + b"\0", "bad_cobs"),
        ("nine_byte_body", TO_PEN, wired(bytes(9)), "bad_length"),
        ("one_byte_body", TO_PEN, wired(b"\1"), "bad_length"),
        ("lone_cobs_code", TO_PEN, b"\0\1\0", "bad_length"),
        ("major_0", TO_PEN, wired(body(m.SYNC.id, bytes(8), major=0)), "bad_major"),
        ("major_2", TO_PEN, wired(body(m.HELLO.id, bytes(8), 0, major=2)), "bad_major"),
        ("drive_of_another_major", TO_PEN, wired(body(m.DRIVE.id, DRIVE_BODY[6:-4], 9, 0, major=2)), "bad_major"),
        ("unknown_high_flag", TO_PEN, wired(body(m.SYNC.id, bytes(8), flags=0x11)), "bad_flags"),
        ("every_flag", TO_PEN, wired(body(m.SYNC.id, bytes(8), flags=0xFF)), "bad_flags"),
        ("telemetry_with_unknown_high_flag", TO_HOST, wired(body(m.TELEMETRY.id, bytes(22), flags=0x80)), "bad_flags"),
        ("too_long_for_the_pen", TO_PEN, wired(body(0x2F, b"\1" * 60)), "overrun"),
        ("too_long_for_the_host", TO_HOST, wired(body(0xDE, b"\1" * 250)), "overrun"),
    ]


def bad_payloads() -> list[tuple[str, str, bytes, str]]:
    """(name, direction, wire, the payload's error) of good frames whose payload does not fit its type."""
    drive, arm = m.DRIVE.payload.pack(DRIVE), m.ARM.payload.pack(typical(m.ARM.payload))
    return [
        ("drive_one_byte_short", TO_PEN, wired(body(m.DRIVE.id, drive[:-1])), "length"),
        ("drive_one_byte_long", TO_PEN, wired(body(m.DRIVE.id, drive + b"\0")), "length"),
        ("arm_one_byte_long", TO_PEN, wired(body(m.ARM.id, arm + b"\0")), "length"),
        ("stop_without_reason", TO_PEN, wired(body(m.STOP.id, b"")), "length"),
        ("stop_with_two_reasons", TO_PEN, wired(body(m.STOP.id, b"\0\0")), "length"),
        ("sync_one_byte_short", TO_PEN, wired(body(m.SYNC.id, bytes(7))), "length"),
        ("hello_one_byte_short", TO_PEN, wired(body(m.HELLO.id, bytes(7), 0)), "length"),
        ("plan_write_without_offset", TO_PEN, wired(body(m.PLAN_WRITE.id, b"")), "length"),
        ("plan_write_with_half_an_entry", TO_PEN, wired(body(m.PLAN_WRITE.id, b"\0\3\x20\3\7")), "entries"),
        ("telemetry_one_byte_short", TO_HOST, wired(body(m.TELEMETRY.id, bytes(21))), "length"),
        ("batch_of_one_and_a_half", TO_HOST, wired(body(m.TELEMETRY_BATCH.id, bytes(33))), "entries"),
        ("reply_without_a_result", TO_HOST, wired(body(m.SYNC.reply_id, b"")), "length"),
        ("reply_cut_short", TO_HOST, wired(body(m.SYNC.reply_id, bytes(10))), "length"),
    ]


def out_of_ranges() -> list[tuple[str, str, bytes, str]]:
    """(name, direction, wire, field) of well-formed messages that ask for what is not allowed."""
    changes: list[tuple[str, dict[str, int]]] = [
        ("lease_too_short", {"lease_ms": 59}),
        ("lease_too_long", {"lease_ms": 201}),
        ("no_mode", {"mode": 0}),
        ("unknown_mode", {"mode": 3}),
        ("limit_too_deep", {"depth_limit_um": 1501}),
        ("limit_too_shallow", {"depth_limit_um": 499}),
        ("depth_too_deep", {"depth_um": 1501}),
        ("speed_too_fast", {"speed_rpm": 8001}),
        ("guard_switched_off", {"over_tolerance_um": 151}),
        ("guard_too_nervous", {"over_tolerance_um": 49}),
        ("trip_at_once", {"trip_ms": 0}),
        ("trip_too_late", {"trip_ms": 21}),
    ]
    rows = []
    for name, change in changes:
        payload = m.DRIVE.payload.pack_unchecked(DRIVE._replace(**change))
        rows.append(("drive_" + name, TO_PEN, wired(body(m.DRIVE.id, payload, 9, 0, 0x0103)), next(iter(change))))
    rows.append(("plan_limit_too_deep", TO_PEN, wired(body(m.PLAN_WRITE.id, struct.pack("<BBH", 0, 3, 1501))), "limit_um"))
    rows.append(("today_unknown", TO_PEN, wired(body(m.TODAY.id, bytes(2))), "today_days"))
    return rows
