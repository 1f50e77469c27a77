"""Frames: a table of good and bad ones, then properties over any bytes and any chunking."""

import binascii
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.frame import (
    FLAG_REPLY_WANTED,
    MAJOR,
    TO_HOST_WIRE_BYTES,
    TO_PEN_WIRE_BYTES,
    Deframer,
    FrameTooLong,
    cobs_decode,
    cobs_encode,
    encode_frame,
    is_newer,
)


def raw_frame(head: bytes, payload: bytes = b"", crc_error: int = 0) -> bytes:
    body = head + payload
    crc = (binascii.crc32(body) ^ crc_error) & 0xFFFFFFFF
    return b"\0" + cobs_encode(body + struct.pack("<I", crc)) + b"\0"


def heads(major: int = MAJOR, kind: int = 2, flags: int = 0) -> bytes:
    return struct.pack("<BBBBH", major, kind, 9, flags, 0x1234)


COBS = [
    (b"", b"\x01"),
    (b"\0", b"\x01\x01"),
    (b"\0\0", b"\x01\x01\x01"),
    (b"\x11\x22\0\x33", b"\x03\x11\x22\x02\x33"),
    (b"\x11\0\0\0", b"\x02\x11\x01\x01\x01"),
    (bytes(range(1, 255)), b"\xff" + bytes(range(1, 255))),
    (b"\0" + bytes(range(1, 255)), b"\x01\xff" + bytes(range(1, 255))),
    (bytes(range(1, 256)), b"\xff" + bytes(range(1, 255)) + b"\x02\xff"),
    (bytes(range(2, 256)) + b"\0", b"\xff" + bytes(range(2, 256)) + b"\x01\x01"),
]


@pytest.mark.parametrize(("plain", "wire"), COBS)
def test_cobs_examples(plain: bytes, wire: bytes) -> None:
    assert cobs_encode(plain) == wire
    assert cobs_decode(wire) == plain


@pytest.mark.parametrize("wire", [b"", b"\0", b"\x02", b"\x03\x11", b"\x02\0", b"\xff\x01"])
def test_not_cobs(wire: bytes) -> None:
    assert cobs_decode(wire) is None


BAD = [
    ("cobs", b"\0\x09\x01\0", "bad_cobs"),
    ("too short", b"\0\x03\x01\x02\0", "bad_length"),
    ("crc", raw_frame(heads(), crc_error=1), "bad_crc"),
    ("major", raw_frame(heads(major=2)), "bad_major"),
    ("critical flag", raw_frame(heads(flags=0x10)), "bad_flags"),
    ("endless", b"\0" + b"\x55" * 300 + b"\0", "overrun"),
]


@pytest.mark.parametrize(("name", "wire", "counter"), BAD)
def test_each_failure_has_its_own_counter(name: str, wire: bytes, counter: str) -> None:
    deframer = Deframer(TO_PEN_WIRE_BYTES)
    assert deframer.feed(wire) == []
    assert getattr(deframer, counter) == 1
    assert deframer.bad == 1
    assert deframer.good == 0


def test_flags_that_may_be_ignored_are() -> None:
    assert len(Deframer(64).feed(raw_frame(heads(flags=0x0F)))) == 1


@pytest.mark.parametrize("head", [heads(major=7, kind=0x31), heads(kind=0x31, flags=0x80)])
def test_stop_is_heard_whatever_its_version(head: bytes) -> None:
    assert len(Deframer(64).feed(raw_frame(head, b"\0"))) == 1


def test_too_long_a_frame_is_the_callers_mistake() -> None:
    encode_frame(1, 0, 0, 0, bytes(51))
    with pytest.raises(FrameTooLong, match="65 bytes on the wire, at most 64"):
        encode_frame(1, 0, 0, 0, bytes(52))


@given(st.binary(max_size=600))
def test_cobs_round_trip_without_a_zero(plain: bytes) -> None:
    wire = cobs_encode(plain)
    assert b"\0" not in wire
    assert len(wire) <= len(plain) + 1 + len(plain) // 254
    assert cobs_decode(wire) == plain


frames = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 15), st.integers(0, 0xFFFF), st.binary(max_size=200))


@given(st.lists(frames, max_size=5), st.data())
def test_any_chunking_gives_the_same_frames(sent: list[tuple[int, int, int, int, bytes]], data: st.DataObject) -> None:
    wire = b"".join(encode_frame(*frame, limit=TO_HOST_WIRE_BYTES) for frame in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    deframer = Deframer(TO_HOST_WIRE_BYTES)
    got = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        got += deframer.feed(wire[start:end])
    assert [(f.kind, f.session, f.flags, f.sequence, f.payload) for f in got] == sent
    assert deframer.bad == 0


@given(st.binary(max_size=400))
def test_junk_then_a_frame_of_its_own_is_heard_at_once(junk: bytes) -> None:
    deframer = Deframer(TO_PEN_WIRE_BYTES)
    deframer.feed(junk)
    stop = encode_frame(0x31, 1, FLAG_REPLY_WANTED, 7, b"\0")
    got = deframer.feed(stop)
    assert [frame.kind for frame in got][-1:] == [0x31]


def test_the_end_of_a_run_that_was_too_long_is_no_frame() -> None:
    deframer = Deframer(TO_PEN_WIRE_BYTES)
    wire = encode_frame(0x31, 1, 0, 7, b"\0")
    assert deframer.feed(b"\x55" * 100) == []
    assert deframer.feed(wire[1:]) == []
    assert (deframer.overrun, deframer.bad) == (1, 1)
    assert len(deframer.feed(wire)) == 1


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_never_raises_and_keeps_at_most_one_frame(chunks: list[bytes]) -> None:
    deframer = Deframer(TO_PEN_WIRE_BYTES)
    for chunk in chunks:
        deframer.feed(chunk)
        assert len(deframer._tail) <= TO_PEN_WIRE_BYTES


@pytest.mark.parametrize("payload", [b"", b"\0" * 19, bytes(range(19)), b"\xff" * 22])
def test_every_one_bit_error_is_refused(payload: bytes) -> None:
    wire = encode_frame(0x30, 3, 1, 0x0100, payload)
    for bit in range(8, 8 * (len(wire) - 1)):
        bent = bytearray(wire)
        bent[bit // 8] ^= 1 << bit % 8
        assert Deframer(TO_PEN_WIRE_BYTES).feed(bytes(bent)) == [], bit


@pytest.mark.parametrize(
    ("sequence", "than", "newer"),
    [(1, 0, True), (0, 0, False), (0, 1, False), (0, 0xFFFF, True), (0x7FFF, 0, True), (0x8000, 0, False), (0xFFFF, 0, False)],
)
def test_serial_number_arithmetic(sequence: int, than: int, newer: bool) -> None:
    assert is_newer(sequence, than) is newer
