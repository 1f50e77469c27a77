"""How the record is packed: few bytes, and every byte back; junk and missing trace are told, never a crash."""

import contextlib
import struct
from binascii import crc32
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchmarks.record.made import session_made
from firmware_protocol import messages, recording
from firmware_protocol.frame import HEADER_BYTES, TO_HOST_WIRE_BYTES, cobs_encode, encode_frame
from sessions.events import NO_AGE, TRACE_BYTES, TRACE_FIELDS
from sessions.store import entries
from sessions.store.bits import get_varint, put_varint, spread
from sessions.store.columns import MAX_BYTES, ColumnReader, ColumnWriter
from sessions.store.frames import TELEMETRY, TELEMETRY_KIND, content_of, frame_of
from sessions.store.records import COLUMNS as OLD_RECORDS
from sessions.store.records import FIELDS, TRACE_DTYPE, Trace, pack_records, unpack_records, unpack_some
from sessions.store.rows import Block, WireBlock
from sessions.store.tape import COLUMNS as OLD_TAPE
from sessions.store.tape import FIELDS as TAPE_FIELDS
from sessions.store.tape import pack_tape, unpack_tape

SAMPLES = 3000
REFUSALS = (ValueError, zstandard.ZstdError)


def blocks() -> tuple[list[Block], list[WireBlock]]:
    items = [item for group in session_made(SAMPLES) for item in group]
    return [each for each in items if isinstance(each, Block)], [each for each in items if isinstance(each, WireBlock)]


TRACE, TAPE = blocks()
FIRST: Trace = np.frombuffer(TRACE[0].records, TRACE_DTYPE)


def given_trace(first: int, last: int) -> Trace:
    assert (first, last) == (1, 1)
    return FIRST


# columns


@given(st.lists(hnp.arrays(np.int64, st.integers(0, 40)), max_size=4), st.binary(max_size=20), st.integers(0, 2**64 - 1))
def test_columns_come_back(columns: list[Any], raw: bytes, number: int) -> None:
    out = ColumnWriter()
    out.number(number)
    for column in columns:
        out.column(column)
    out.raw(raw)
    given_back = ColumnReader(out.done())
    assert given_back.number() == number
    for column in columns:
        assert given_back.column(len(column)).tolist() == column.tolist()
    assert given_back.raw(len(raw)) == raw
    given_back.done()


@pytest.mark.parametrize("scale", [1, 30, 5000, 10**12])
def test_noise_with_outliers_takes_little_more_than_its_entropy(scale: int) -> None:
    noise = np.random.default_rng(3).normal(0, scale, 1000).astype(np.int64)
    noise[500] += scale * 10_000
    out = ColumnWriter()
    out.column(noise)
    packed = out.done()
    assert ColumnReader(packed).column(1000).tolist() == noise.tolist()
    assert len(packed) < 1000 * (np.log2(scale * 4.13) + 0.5) / 8 + 50


@given(st.binary(max_size=60), st.lists(st.integers(0, 3000), max_size=4))
def test_junk_for_columns_is_refused(junk: bytes, counts: list[int]) -> None:
    try:
        reader = ColumnReader(junk)
        for count in counts:
            assert len(reader.column(count)) == count
    except REFUSALS:
        pass


def test_a_bomb_is_not_unpacked() -> None:
    rest = zstandard.compress(bytes(1 << 24))
    head = bytearray()
    for number in (0, 0, 100):
        head.append(number)
    with pytest.raises(REFUSALS):
        ColumnReader(bytes(head) + rest)


def test_more_than_is_allowed_is_refused_though_it_is_told() -> None:
    head = bytearray()
    for number in (0, 0, MAX_BYTES + 1):
        put_varint(head, number)
    with pytest.raises(ValueError, match="more than allowed"):
        ColumnReader(bytes(head) + zstandard.compress(bytes(MAX_BYTES + 1)))


def test_a_number_of_more_than_64_bits_is_refused() -> None:
    assert get_varint(b"\xff" * 9 + b"\x01", 0) == (2**64 - 1, 10)
    for damaged in (b"\xff" * 9 + b"\x02", b"\xff" * 11, b"\x80"):
        with pytest.raises(ValueError, match="longer than any"):
            get_varint(damaged, 0)


def test_codes_that_are_not_as_many_as_asked_for_are_refused() -> None:
    out = ColumnWriter()
    out.column(np.random.default_rng(1).integers(-1, 2, 101))
    with pytest.raises(ValueError, match="codes, 97 are needed"):
        ColumnReader(out.done()).column(97)


# trace


def test_a_second_of_trace_takes_four_bytes_a_sample_and_comes_back() -> None:
    for block in TRACE:
        codec, packed = pack_records(block.records)
        samples = len(block.records) // TRACE_BYTES
        assert codec == FIELDS
        assert len(packed) < 4.3 * samples + 60
        assert unpack_records(codec, packed, samples) == block.records


def test_fields_can_be_had_one_by_one_and_unknown_ages_stay_unknown() -> None:
    trace = FIRST.copy()
    trace["age_us"][10:20] = NO_AGE
    for records in (FIRST, trace):
        codec, packed = pack_records(records.tobytes())
        for name in TRACE_FIELDS:
            found = unpack_some(codec, packed, len(records), [name])[name]
            assert found.dtype == TRACE_DTYPE[name]
            assert (found == records[name]).all(), name


def test_records_of_before_are_read() -> None:
    columns = np.frombuffer(TRACE[0].records, np.uint8).reshape(-1, TRACE_BYTES).T
    packed = zstandard.compress(np.diff(columns, axis=1, prepend=np.uint8(0)).tobytes())
    assert unpack_records(OLD_RECORDS, packed, len(FIRST)) == TRACE[0].records
    assert (unpack_some(OLD_RECORDS, packed, len(FIRST), ["depth_um"])["depth_um"] == FIRST["depth_um"]).all()


@given(st.binary(max_size=80), st.sampled_from([FIELDS, OLD_RECORDS]), st.integers(-1, 40000))
def test_junk_for_records_is_refused(junk: bytes, codec: str, samples: int) -> None:
    with pytest.raises(REFUSALS):
        unpack_records(codec, junk, samples)


@given(st.data())
def test_damaged_records_are_refused_or_are_other_records(data: st.DataObject) -> None:
    codec, packed = pack_records(TRACE[0].records)
    with contextlib.suppress(*REFUSALS):
        assert len(unpack_records(codec, flipped(data, packed), len(FIRST))) == len(TRACE[0].records)


# tape


def test_what_the_store_knows_of_frames_is_what_the_link_says() -> None:
    payload = messages.TELEMETRY.payload
    assert messages.TELEMETRY.id == TELEMETRY_KIND
    assert TELEMETRY.itemsize == HEADER_BYTES + payload.size
    told = {field.name for field in payload.fields}
    assert {"t_pen_us" if name == "t_us" else name for name in told} <= set(TELEMETRY.names or ())
    assert (entries.FROM_PEN, entries.TO_PEN) == (recording.FROM_PEN, recording.TO_PEN)
    values = payload.type(*range(1, 1 + len(payload.fields)))
    frame = encode_frame(TELEMETRY_KIND, 7, 0, 513, payload.pack(values), TO_HOST_WIRE_BYTES)
    good, content = content_of(np.frombuffer(frame[1:-1], np.uint8)[None])
    assert good.all()
    read = content.view(TELEMETRY)[0, 0]
    assert (read["session"], read["sequence"], read["kind"]) == (7, 513, TELEMETRY_KIND)
    for name, value in values._asdict().items():
        assert read["t_pen_us" if name == "t_us" else name] == value


@given(st.integers(1, 249).flatmap(lambda size: st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=5)))
def test_frames_are_made_as_the_link_makes_them(contents: list[bytes]) -> None:
    rows = np.frombuffer(b"".join(contents), np.uint8).reshape(len(contents), -1)
    made = frame_of(rows)
    for content, row in zip(contents, made, strict=True):
        assert row.tobytes() == cobs_encode(content + struct.pack("<I", crc32(content)))
    good, back = content_of(made)
    assert good.all()
    assert (back == rows).all()


def test_a_second_of_tape_beside_its_trace_takes_half_a_byte_a_sample() -> None:
    codec, packed = pack_tape(TAPE[0].data, 1, 1, FIRST)
    assert codec == TAPE_FIELDS
    assert len(packed) < 0.7 * len(FIRST)
    assert unpack_tape(codec, packed, given_trace) == TAPE[0].data
    with pytest.raises(ValueError, match="blocks 1 to 1 of the trace are needed"):
        unpack_tape(codec, packed)
    other = FIRST.copy()
    other["depth_um"] += 1
    assert unpack_tape(codec, packed, lambda first, last: other) != TAPE[0].data
    with pytest.raises(ValueError, match="a sample that the trace does not have"):
        unpack_tape(codec, packed, lambda first, last: FIRST[:5])


@pytest.mark.parametrize("kept", [range(0), range(200, 500), range(0, 960, 2)], ids=["none", "some", "every other"])
def test_tape_that_the_trace_does_not_tell_of_comes_back(kept: range) -> None:
    trace = FIRST[list(kept)]
    codec, packed = pack_tape(TAPE[0].data, 1, 1, trace)
    assert codec == TAPE_FIELDS
    assert unpack_tape(codec, packed, lambda first, last: trace) == TAPE[0].data


@settings(max_examples=60)
@given(st.data())
def test_any_tape_comes_back(data: st.DataObject) -> None:
    """Torn reads, frames joined in one read, damaged and repeated frames, times that go back."""
    told = list(recording.decode(TAPE[0].data))[: data.draw(st.integers(1, 60))]
    encoder = recording.Encoder()
    for entry in told:
        content = bytearray(entry.data)
        match data.draw(st.integers(0, 12)):
            case 0 if content:
                content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
            case 1:
                content *= 2
            case 2:
                cut = data.draw(st.integers(0, len(content)))
                encoder.put(entry.kind, entry.at_ns, bytes(content[:cut]))
                content = content[cut:]
        encoder.put(entry.kind, entry.at_ns + data.draw(st.sampled_from([0, 0, 0, -(10**6), 2**60])), bytes(content))
    block = encoder.take()
    codec, packed = pack_tape(block, 1, 1, FIRST)
    assert unpack_tape(codec, packed, given_trace) == block
    assert codec == TAPE_FIELDS


@given(st.data())
def test_damaged_tape_is_refused_or_is_other_tape(data: st.DataObject) -> None:
    codec, packed = pack_tape(TAPE[0].data, 1, 1, FIRST)
    with contextlib.suppress(*REFUSALS):
        unpack_tape(codec, flipped(data, packed), lambda first, last: FIRST)


def test_tape_of_before_is_read() -> None:
    steps, lengths, kinds = [], [], bytearray()
    groups: dict[tuple[int, int], list[bytes]] = {}
    before = 0
    for entry in recording.decode(TAPE[0].data):
        step, before = entry.at_ns - before, entry.at_ns
        kinds.append(entry.kind)
        steps.append(step << 1 if step >= 0 else ~(step << 1))
        lengths.append(len(entry.data))
        groups.setdefault((entry.kind, len(entry.data)), []).append(entry.data)
    parts = [struct.pack("<I", len(kinds)), bytes(kinds)]
    parts += [spread(np.array(steps, "<u8").view(np.uint8), 8), spread(np.array(lengths, "<u4").view(np.uint8), 4)]
    parts += [spread(np.frombuffer(b"".join(rows), np.uint8), length) for (_, length), rows in groups.items() if length]
    assert unpack_tape(OLD_TAPE, zstandard.compress(b"".join(parts))) == TAPE[0].data


def flipped(data: st.DataObject, packed: bytes) -> bytes:
    out = bytearray(packed)
    for _ in range(data.draw(st.integers(1, 3))):
        out[data.draw(st.integers(0, len(out) - 1))] ^= data.draw(st.integers(1, 255))
    return bytes(out[: data.draw(st.integers(len(out) - 3, len(out)))])
