"""Blocks of trace unpacked many at once are what each gives by itself; frames' sums by tables are what zlib gives."""

from binascii import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.events import NO_AGE
from sessions.store.frames import frame_of
from sessions.store.records import TRACE_DTYPE, pack_records, unpack_trace, unpack_traces

Packed = tuple[str, bytes, int]


def _block(seed: int, samples: int, unknown_ages: bool = False) -> Packed:
    noise = np.random.default_rng(seed)
    trace = np.zeros(samples, TRACE_DTYPE)
    number = np.arange(samples)
    trace["index"] = 7 + number + (number > samples // 2) * (seed % 3)
    trace["t_pen_us"] = 9_000_000 + trace["index"] * 1000
    trace["mono_ns"] = 10**12 + trace["t_pen_us"].astype(np.int64) * 1000 + noise.integers(0, 90_000, samples)
    trace["age_us"] = noise.integers(40, 140, samples)
    if unknown_ages:
        trace["age_us"][:: 1 + seed % 4] = NO_AGE
    trace["depth_um"] = 700 + noise.integers(-9, 9, samples)
    trace["limit_um"], trace["zone"] = 900 + seed, seed % 200
    trace["current_ma"] = noise.integers(0, 65535, samples)
    codec, data = pack_records(trace.tobytes())
    return codec, data, samples


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([1, 2, 40, 300]), st.booleans()), max_size=6))
def test_many_are_what_each_is(told: list[tuple[int, int, bool]]) -> None:
    blocks = [_block(*each) for each in told]
    assert [trace.tobytes() for trace in unpack_traces(blocks)] == [unpack_trace(*block).tobytes() for block in blocks]


def test_a_damaged_one_is_not_passed_over() -> None:
    codec, data, samples = _block(1, 40)
    with pytest.raises(ValueError, match="bytes"):
        unpack_traces([_block(2, 40), (codec, data[:9], samples)])
    with pytest.raises(ValueError, match="packed as"):
        unpack_traces([_block(2, 40), ("other", data, samples)])


@given(st.integers(1, 250), st.sampled_from([1, 255, 256, 700]), st.integers(0, 99))
def test_frames_by_tables_and_one_by_one(width: int, rows: int, seed: int) -> None:
    """COBS undone by hand gives the content and its CRC-32."""
    noise = np.random.default_rng(seed)
    content = np.tile(noise.integers(0, 4, width, dtype=np.uint8), (rows, 1))
    changing = noise.integers(0, width, 1 + width // 3)
    content[:, changing] = noise.integers(0, 256, (rows, len(changing)), dtype=np.uint8)
    for row, frame in zip(content[:: 1 + rows // 9], frame_of(content)[:: 1 + rows // 9], strict=True):
        body, at, told = row.tobytes(), 0, bytearray()
        data = frame.tobytes()
        assert 0 not in data
        while at < len(data):
            told += data[at + 1 : at + data[at]] + b"\0"
            at += data[at]
        assert bytes(told[:-1]) == body + crc32(body).to_bytes(4, "little")
