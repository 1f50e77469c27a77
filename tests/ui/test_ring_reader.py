"""Ring reader, decimation, telemetry, command link: the parts without a screen."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pencontrol.control.commands import Hello, Pause, read_command
from pencontrol.control.ring import SLOTS, Ring, create_ring
from sessions.events import TRACE_FIELDS
from ui.touch.decimation import MinMax
from ui.touch.link import RETRY_NS, CommandLink
from ui.touch.live import readout
from ui.touch.ring_reader import MARGIN, SLOT_DTYPE, RingReader
from ui.touch.telemetry import Telemetry


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Ring]:
    create_ring(tmp_path / "ring")
    made = Ring(tmp_path / "ring")
    made.next_generation()
    yield made
    made.close()


def values(number: int, **more: int) -> tuple[int, ...]:
    told = dict.fromkeys(TRACE_FIELDS, 0) | {"index": number, "t_pen_us": number * 1000, "flags": 0x60} | more
    return tuple(told[name] for name in TRACE_FIELDS)


@pytest.fixture
def reader(ring: Ring) -> Iterator[RingReader]:
    made = RingReader(ring)
    yield made
    made.close()


def test_every_field_comes_back_as_it_was_written(ring: Ring, reader: RingReader) -> None:
    told = tuple(range(1, len(TRACE_FIELDS) + 1))
    ring.write_sample(0, told)
    sample = reader.read().samples[0]
    assert tuple(int(sample[name]) for name in TRACE_FIELDS) == told
    assert SLOT_DTYPE.names is not None
    assert SLOT_DTYPE.names[:-1] == TRACE_FIELDS


def test_only_what_is_new_and_across_the_seam(ring: Ring, reader: RingReader) -> None:
    for number in range(SLOTS - 5):
        ring.write_sample(number, values(number))
        if number % 1000 == 0:
            reader.read()
    reader.read()
    for number in range(SLOTS - 5, SLOTS + 5):
        ring.write_sample(number, values(number))
    batch = reader.read()
    assert batch.samples["index"].tolist() == list(range(SLOTS - 5, SLOTS + 5))
    assert (batch.lapped, batch.torn) == (0, 0)
    assert len(reader.read().samples) == 0


def test_a_lapped_reader_says_so_and_goes_on_with_what_is_left(ring: Ring, reader: RingReader) -> None:
    for number in range(SLOTS + 1000):
        ring.write_sample(number, values(number))
    batch = reader.read()
    assert batch.lapped == 1000 + MARGIN
    assert batch.samples["index"][0] == 1000 + MARGIN
    assert len(batch.samples) == SLOTS - MARGIN


def test_a_slot_that_is_being_written_is_dropped(ring: Ring, reader: RingReader) -> None:
    for number in range(3):
        ring.write_sample(number, values(number))
    reader._slots["again"][1] = 0xFFFFFFFFFFFFFFFF  # what the writer does first
    batch = reader.read()
    assert batch.samples["index"].tolist() == [0, 2]
    assert batch.torn == 1


def test_a_new_control_begins_at_zero(ring: Ring, reader: RingReader) -> None:
    for number in range(50):
        ring.write_sample(number, values(number))
    reader.read()
    ring.next_generation()
    ring.write_sample(0, values(0))
    batch = reader.read()
    assert batch.restarted
    assert batch.samples["index"].tolist() == [0]


def test_rewind_gives_history_and_never_more_than_there_is(ring: Ring, reader: RingReader) -> None:
    for number in range(100):
        ring.write_sample(number, values(number))
    reader.rewind(10)
    assert reader.read().samples["index"].tolist() == list(range(90, 100))
    reader.rewind(10_000_000)
    assert len(reader.read().samples) == 100


numbers = st.lists(st.floats(-1e6, 1e6, allow_nan=False) | st.just(float("nan")), min_size=1, max_size=400)


@given(data=numbers, columns=st.integers(1, 30), per_bin=st.integers(1, 17), first=st.integers(0, 10_000), cut=st.integers(1, 50))
def test_every_extreme_survives_and_nothing_is_invented(
    data: list[float], columns: int, per_bin: int, first: int, cut: int
) -> None:
    index = np.arange(first, first + len(data), dtype=np.int64)
    value = np.array(data)
    bins = MinMax(columns, per_bin)
    for at in range(0, len(data), cut):
        bins.add(index[at : at + cut], value[at : at + cut])
    head = (first + len(data) - 1) // per_bin
    assert bins.head == head
    lows, highs = bins.bounds()
    for column in range(columns):
        number = head - columns + 1 + column
        inside = value[(index // per_bin == number) & ~np.isnan(value)]
        if len(inside):
            assert lows[column] == inside.min()
            assert highs[column] == inside.max()
        else:
            assert np.isnan(lows[column])
            assert np.isnan(highs[column])


@given(columns=st.integers(2, 30), per_bin=st.integers(1, 9), later=st.integers(0, 200))
def test_a_bin_keeps_its_samples_while_the_trace_moves(columns: int, per_bin: int, later: int) -> None:
    bins = MinMax(columns, per_bin)
    index = np.arange(columns * per_bin, dtype=np.int64)
    bins.add(index, np.sin(index.astype(float)))
    before, _ = bins.bounds()
    bins.advance(columns * per_bin - 1 + later)
    after, _ = bins.bounds()
    shift = (columns * per_bin - 1 + later) // per_bin - (columns - 1)
    if shift < columns:
        np.testing.assert_array_equal(after[: columns - shift], before[shift:])
    assert np.isnan(after[max(0, columns - shift) :]).all()


def test_the_line_has_two_points_a_column_and_touches_both_bounds() -> None:
    bins = MinMax(5, 10)
    bins.add(np.arange(50, dtype=np.int64), np.arange(50, dtype=float))
    x, y = bins.line()
    assert x.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert sorted(y.tolist()) == [0, 9, 10, 19, 20, 29, 30, 39, 40, 49]
    bins.clear()
    assert np.isnan(bins.line()[1]).all()
    with pytest.raises(ValueError, match="0 columns"):
        MinMax(0, 1)


def test_the_period_comes_from_the_pens_own_clock(ring: Ring, reader: RingReader) -> None:
    telemetry = Telemetry(reader)
    for number in range(100):
        ring.write_sample(number, values(number, t_pen_us=number * 2000, mono_ns=number * 2_000_000))
    frame = telemetry.read(99 * 2_000_000 + 10_000_000)
    assert frame.begin
    assert frame.period_us == 2000
    assert frame.head == 99 + 5
    assert not telemetry.read(99 * 2_000_000).begin


def test_live_figures_are_the_deepest_and_the_mean_and_never_from_the_future(ring: Ring, reader: RingReader) -> None:
    for number, depth in enumerate((700, 820, 750)):
        ring.write_sample(number, values(number, depth_um=depth, speed_rpm=6900 + number * 50, mono_ns=1000 + number))
    samples = reader.read().samples
    live = readout(samples, 2000)
    assert (live.depth_um, live.speed_rpm, live.fresh) == (820, 6950, True)
    assert readout(samples, 500).depth_um is None
    assert readout(samples, 1002 + 100_000_000).fresh
    assert readout(samples, 1003 + 100_000_000).depth_um is None


class Listener:
    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(path))
        self.socket.listen(1)
        self.socket.settimeout(2)

    def accept(self) -> socket.socket:
        peer, _ = self.socket.accept()
        peer.settimeout(2)
        return peer


def test_the_link_greets_first_answers_by_number_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "commands"
    link = CommandLink(path, lambda number: Hello(number=number, instance=5))
    assert link.poll(0) == []
    assert not link.send(Pause(number=link.next_number())), "nobody there: said, not kept"
    listener = Listener(path)
    link.poll(RETRY_NS)
    peer = listener.accept()
    assert read_command(peer.recv(4096).strip()) == Hello(number=2, instance=5)
    link.send(Pause(number=link.next_number()))
    assert json.loads(peer.recv(4096))["do"] == "pause"
    peer.sendall(b'{"number": 2, "ok": true}\n{"number": 3, "ok": false, "err')
    assert [(answer.do, answer.ok) for answer in link.poll(RETRY_NS + 1)] == [("hello", True)]
    peer.sendall(b'or": "not now"}\nnonsense\n')
    assert [(answer.do, answer.error) for answer in link.poll(RETRY_NS + 2)] == [("pause", "not now")]
    peer.close()
    link.poll(RETRY_NS + 3)
    assert not link.up
    link.poll(3 * RETRY_NS)
    assert link.up
    peer = listener.accept()
    assert json.loads(peer.recv(4096))["do"] == "hello"
    peer.close()
    link.close()
    listener.socket.close()


def test_a_control_that_does_not_read_blocks_nobody_and_stop_forgets_older_wishes(tmp_path: Path) -> None:
    path = tmp_path / "commands"
    listener = Listener(path)
    link = CommandLink(path, lambda number: Hello(number=number, instance=5))
    link.poll(0)
    peer = listener.accept()
    for _ in range(20_000):
        link.send(Pause(number=link.next_number()))
    assert link.unsent() > 1
    link.forget_unsent()
    assert link.unsent() == 1, "a line that has begun is finished, what comes after it is not sent"
    peer.close()
    link.close()
    listener.socket.close()
