"""Blocks unpacked together give what each gives by itself, and a damaged one is refused the same way."""

from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sessions.columns import iter_columns
from sessions.events import TRACE_FIELDS, TRACE_LAYOUT
from sessions.store import open_store
from sessions.store.columns import ColumnReader, ColumnWriter, Located
from sessions.store.many import unpack_many
from sessions.store.records import TRACE_DTYPE, pack_records, unpack_some
from sessions.store.rows import Block
from sessions.store.together import values_together
from sessions.store.writing import Writer
from tests.sessions.test_tape_size import TRACE

REFUSALS = (ValueError, zstandard.ZstdError)
NAMES = tuple(name for name in TRACE_FIELDS if name != "age_us")
WIDE = np.dtype(np.int64)

steady = st.builds(lambda count, value: np.full(count, value), st.integers(1, 40), st.integers(-(2**40), 2**40))
noisy = st.builds(
    lambda count, scale, seed: (np.random.default_rng(seed).standard_normal(count) * scale).astype(np.int64),
    st.integers(1, 300),
    st.sampled_from([0.4, 3, 50, 900, 10**6]),
    st.integers(0, 99),
)
any_column = st.one_of(steady, noisy, noisy.map(np.cumsum), hnp.arrays(np.int64, st.integers(1, 40)))


def located(column: np.ndarray) -> Located:
    out = ColumnWriter()
    out.column(column)
    return ColumnReader(out.done()).locate(len(column))


def packed(count: int) -> list[tuple[str, bytes, int]]:
    """Blocks of the sample session as they lie on disk."""
    return [(*pack_records(block.records), len(block.records) // TRACE_DTYPE.itemsize) for block in TRACE[:count]]


@given(st.lists(any_column, min_size=1, max_size=6))
def test_columns_come_back(columns: list[np.ndarray]) -> None:
    for column, values in zip(columns, values_together([located(each) for each in columns], WIDE), strict=True):
        np.testing.assert_array_equal(np.broadcast_to(values, len(column)), column)


def test_columns_that_are_stored_alike_are_unpacked_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    single: list[Located] = []
    monkeypatch.setattr(Located, "values", lambda place: single.append(place))
    columns = [np.random.default_rng(seed).integers(-300, 300, 500) for seed in range(8)]
    places = [located(each) for each in columns]
    assert len({(place.bits, place.steps) for place in places}) == 1, "the test's columns are alike"
    for column, values in zip(columns, values_together(places, WIDE), strict=True):
        np.testing.assert_array_equal(values, column)
    assert single == []


def test_codes_that_lack_what_they_need_are_refused() -> None:
    noise = np.random.default_rng(5).integers(-300, 300, 500)
    whole = located(noise)
    noise[250] = 10**7
    told_in_full = located(noise)
    assert whole.unary
    assert min(len(told_in_full.unary), len(told_in_full.plain)) > 0
    ones_moved = [whole._replace(unary=whole.unary + b"\x80"), whole._replace(unary=_without_last_one(whole.unary))]
    for damaged in ([told_in_full._replace(plain=b"")] * 2, ones_moved, [whole, whole._replace(unary=b"\x80")]):
        with pytest.raises(ValueError, match=r"codes|in full"):
            values_together(damaged, WIDE)


def test_a_lone_value_has_no_codes_whatever_lies_there() -> None:
    lone = Located(1, 5, 0, True, b"", b"\0", b"", 0)
    assert [values.tolist() for values in values_together([lone, lone], WIDE)] == [lone.values().tolist()] * 2 == [[5]] * 2


@pytest.mark.parametrize("column", [np.tile([0, 200, 13, 77], 100), np.random.default_rng(5).integers(-300, 300, 400)])
def test_a_column_that_is_shorter_than_asked_for_is_refused_where_it_lies(column: np.ndarray) -> None:
    out = ColumnWriter()
    out.column(column)
    with pytest.raises(ValueError, match="fewer bytes than are needed"):
        ColumnReader(out.done()).pick((0,), 2 * len(column))


def _without_last_one(unary: bytes) -> bytes:
    bits = np.unpackbits(np.frombuffer(unary, np.uint8))
    bits[bits.nonzero()[0][-1]] = 0
    return np.packbits(bits).tobytes()


@pytest.mark.parametrize("names", [NAMES, ("contact", "depth_um"), ("mono_ns",), TRACE_FIELDS])
def test_blocks_together_are_as_one_by_one(names: tuple[str, ...]) -> None:
    blocks = packed(3)
    for block, found in zip(blocks, unpack_many(blocks, names), strict=True):
        alone = unpack_some(*block, names)
        assert list(found) == list(alone) == list(names)
        for name in names:
            assert found[name].dtype == TRACE_DTYPE[name]
            np.testing.assert_array_equal(found[name], alone[name])


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from([1, 40, 10**5, 2**40, 2**60]), st.integers(0, 99)), min_size=1, max_size=4
    )
)
def test_wild_blocks_of_any_length_are_as_one_by_one(told: list[tuple[int, int, int]]) -> None:
    blocks = []
    for count, scale, seed in told:
        trace = np.zeros(count, TRACE_DTYPE)
        noise = np.random.default_rng(seed)
        for name in noise.permutation(list(TRACE_FIELDS))[: seed % 17]:
            trace[name] = (noise.standard_normal(count) * scale).astype(np.int64)
            trace[name][noise.integers(count)] = 7
        blocks.append((*pack_records(trace.tobytes()), count))
    for block, found in zip(blocks, unpack_many(blocks, NAMES), strict=True):
        alone = unpack_some(*block, NAMES)
        for name in NAMES:
            assert found[name].dtype == TRACE_DTYPE[name]
            np.testing.assert_array_equal(found[name], alone[name], name)


def test_what_never_changes_is_one_number_that_nobody_can_write_to() -> None:
    for found in (unpack_many(packed(2), ["flags"])[1], unpack_some(*packed(1)[0], ["flags"])):
        assert (found["flags"].strides, found["flags"].flags.writeable) == ((0,), False)


def test_a_block_that_is_shorter_than_told_is_refused_though_what_is_asked_for_never_changes() -> None:
    blocks = packed(2)
    blocks[1] = (*blocks[1][:2], 2 * blocks[1][2])
    with pytest.raises(ValueError, match="fewer bytes than are needed"):
        unpack_many(blocks, ("flags",))


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_block_is_refused_or_read_as_it_is_alone(data: st.DataObject) -> None:
    blocks = packed(2)
    codec, whole, samples = blocks[1]
    at = data.draw(st.integers(0, min(len(whole), 300) - 1))
    blocks[1] = (codec, whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :], samples)
    names = ("depth_um", "speed_rpm", "zone", "flags", "contact")
    try:
        alone = unpack_some(*blocks[1], names)
    except REFUSALS:
        with pytest.raises(REFUSALS):
            unpack_many(blocks, names)
        return
    together = unpack_many(blocks, names)[1]
    for name in names:
        np.testing.assert_array_equal(together[name], alone[name])


def test_the_replay_unpacks_block_by_block_only_what_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def alone(*_: object) -> None:
        pytest.fail("nothing is damaged")

    for place in ("sessions.columns.unpack_some", "sessions.store.many.unpack_some"):
        monkeypatch.setattr(place, alone)
    with open_store(tmp_path) as store:
        told = [Block("J-1", block.block, block.first_index, 0, TRACE_LAYOUT, block.records) for block in TRACE]
        assert all(outcome.on_record for outcome in Writer(store).write(told))
        assert len(list(iter_columns(store, "J-1", ("depth_um", "mono_ns")))) == len(TRACE)
