"""Telemetry through the host's link: numbers past 2^32, and every lost sample accounted for."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages as wire
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, encode_frame
from firmware_protocol.happenings import Sample
from firmware_protocol.link import Link
from tests.firmware_protocol.link_peer import MS, NONCE, Peer, S, Wire, telemetry

U32 = 1 << 32


def connected(synced: bool = True) -> Wire:
    line = Wire(Link(NONCE), Peer())
    if synced:
        return line.connected()
    answer = line.peer.hear(line.link.poll(S))
    line.link.receive(answer, S)
    return line


def tell(line: Wire, *samples: wire.Telemetry) -> list[Sample]:
    told = b"".join(line.peer.tell(wire.TELEMETRY, sample) for sample in samples)
    return [each for each in line.link.receive(told, line.now_ns) if isinstance(each, Sample)]


def test_a_sample_carries_the_wires_fields_and_the_time_it_was_read() -> None:
    line = connected()
    sample = wire.Telemetry(5, line.peer.clock_us, 900, 7000, 120, 4, 0, wire.STATE_RUNNING, 0, 0, 0x68)
    [taken] = tell(line, sample)
    assert taken.telemetry == sample
    assert (taken.index, taken.t_us, taken.read_ns) == (5, line.peer.clock_us, line.now_ns)
    assert taken.age_us is not None
    assert abs(taken.age_us) <= 1000
    assert line.link.samples == 1


def test_age_is_unknown_before_the_first_sync() -> None:
    line = connected(synced=False)
    [taken] = tell(line, telemetry(1))
    assert taken.age_us is None
    assert line.link.age_us(line.now_ns) is None


def test_age_is_the_larger_of_synced_age_and_time_since_a_new_index() -> None:
    line = connected()
    assert line.link.age_us(line.now_ns) is None
    [old] = tell(line, telemetry(1, line.peer.clock_us - 1_700_000))
    assert old.age_us is not None
    assert abs(old.age_us - 1_700_000) < 1000
    now_age = line.link.age_us(line.now_ns)
    assert now_age is not None
    assert abs(now_age - 1_700_000) < 1000
    [ahead] = tell(line, telemetry(2, line.peer.clock_us + 3_000))
    assert ahead.age_us is not None
    assert -4000 < ahead.age_us < -1000, "the clocks disagree, and that is passed on"
    assert line.link.age_us(line.now_ns) == ahead.age_us
    assert line.link.age_us(line.now_ns + 40 * MS) == 40_000


@pytest.mark.parametrize(
    ("name", "indices", "dropped", "taken", "lost"),
    [
        ("all", [1, 2, 3], [0, 0, 0], 3, 0),
        ("one lost", [1, 3], [0, 0], 2, 1),
        ("one dropped by the pen", [1, 3], [0, 1], 2, 0),
        ("one of each", [1, 4], [0, 1], 2, 1),
        ("what was missing at first is no loss", [1000, 1001], [900, 900], 2, 0),
        ("repeated", [1, 1, 2], [0, 0, 0], 2, 0),
        ("late", [1, 3, 2, 4], [0, 0, 0, 0], 3, 1),
        ("dropped past 2^16", [1, 12], [65530, 4], 2, 0),
        ("index past 2^32", [U32 - 2, U32 - 1, U32, U32 + 2], [0, 0, 0, 0], 4, 1),
    ],
)
def test_loss_is_gaps_minus_dropped(name: str, indices: list[int], dropped: list[int], taken: int, lost: int) -> None:
    line = connected()
    tell(line, *(telemetry(index, dropped=drop) for index, drop in zip(indices, dropped, strict=True)))
    assert (line.link.samples, line.link.samples_lost) == (taken, lost), name
    assert line.link.counters.repeated_samples == len(indices) - taken


@given(
    start=st.one_of(st.integers(0, 5), st.integers(U32 - 500, U32 - 1), st.integers(0, U32 - 1)),
    dropped=st.integers(0, 65535),
    seed=st.integers(0, 2**32),
    loss=st.floats(0, 0.95),
)
def test_the_account_is_exact_over_random_drops_and_losses(start: int, dropped: int, seed: int, loss: float) -> None:
    dice = random.Random(seed)
    line = connected()
    taken: list[tuple[int, int]] = []
    pending_lost = lost = 0
    for step in range(600):
        index = start + step
        if step and dice.random() < 0.2:
            dropped += 1  # the pen's buffer was full
        elif step and dice.random() < loss:
            pending_lost += 1
        else:
            samples = tell(line, telemetry(index, 7_000 + index * 1000, dropped))
            taken += [(each.index, each.t_us) for each in samples]
            lost += pending_lost
            pending_lost = 0
    first = start
    first_us = (7_000 + start * 1000) % U32
    assert [index - first for index, _ in taken] == [index - taken[0][0] for index, _ in taken]
    assert all(t_us - first_us == (index - first) * 1000 for index, t_us in taken)
    assert (line.link.samples, line.link.samples_lost) == (len(taken), lost)


def test_pen_time_is_unwrapped_over_two_wraps() -> None:
    line = connected()
    times = [1_000 + each * 600_000_000 for each in range(16)]  # ten minutes apart: 150 minutes
    taken = [tell(line, telemetry(1 + each, t_us))[0].t_us for each, t_us in enumerate(times)]
    assert taken == times


def test_a_wavering_pen_clock_does_not_leap_ahead() -> None:
    line = connected()
    assert [each.t_us for each in tell(line, telemetry(1, 5_000), telemetry(2, 4_990), telemetry(3, 6_000))] == [
        5_000,
        4_990,
        6_000,
    ]


def test_a_batch_is_one_sample_an_entry() -> None:
    line = connected()
    entries = tuple(tuple(telemetry(index, line.peer.clock_us + index)) for index in range(1, 10))
    told = line.peer.tell(wire.TELEMETRY_BATCH, wire.TelemetryBatch(entries))  # type: ignore[arg-type]
    samples = line.link.receive(told, line.now_ns)
    assert [each.index for each in samples if isinstance(each, Sample)] == list(range(1, 10))
    assert len(samples) == 9


def test_bad_telemetry_is_counted_and_has_no_effect() -> None:
    line = connected()
    before = line.link.counters
    payload = wire.TELEMETRY.payload.pack(telemetry(1))
    short = encode_frame(wire.TELEMETRY.id, 7, 0, 1, payload[:-1], TO_HOST_WIRE_BYTES)
    foreign = encode_frame(wire.TELEMETRY.id, 8, 0, 1, payload, TO_HOST_WIRE_BYTES)
    broken = bytearray(encode_frame(wire.TELEMETRY.id, 7, 0, 1, payload, TO_HOST_WIRE_BYTES))
    broken[9] ^= 0x40
    assert line.link.receive(short + foreign + bytes(broken), line.now_ns) == []
    after = line.link.counters
    assert after.bad_payload - before.bad_payload == 1
    assert after.wrong_session - before.wrong_session == 1
    assert after.bad_frames - before.bad_frames == 2
    assert line.link.samples == 0


def test_a_longer_sample_of_a_later_minor_is_read_as_far_as_known() -> None:
    line = connected()
    payload = wire.TELEMETRY.payload.pack(telemetry(1, line.peer.clock_us)) + b"more"
    told = encode_frame(wire.TELEMETRY.id, 7, 0, 1, payload, TO_HOST_WIRE_BYTES)
    assert len(line.link.receive(told, line.now_ns)) == 1


def test_without_a_session_no_telemetry_is_believed() -> None:
    link = Link(NONCE)
    peer = Peer(session=0)
    assert link.receive(peer.tell(wire.TELEMETRY, telemetry(1)), S) == []
    assert link.counters.wrong_session == 1


@pytest.mark.parametrize(
    ("name", "boot_id", "indices", "next_index", "index", "t_us"),
    [
        ("same run: numbers go on, the pause is no loss", 0xB007, [1000], 5000, 5000, 5_000_000),
        ("same run, past 2^32", 0xB007, [U32 - 1, U32], 5000, U32 + 5000, None),
        ("restarted: numbers begin again", 0xB008, [1000], 3, 3, 3_000),
        ("restarted, higher than before", 0xB008, [1000], 5000, 5000, 5_000_000),
        ("restarted after 2^32", 0xB008, [U32 - 1, U32], 5000, 5000, 5_000_000),
        ("restarted, far on", 0xB008, [1000], U32 - 5, U32 - 5, None),
        ("each session numbered anew", 0xB007, [1000], 3, 3, 3_000),
    ],
)
def test_a_new_session(name: str, boot_id: int, indices: list[int], next_index: int, index: int, t_us: int | None) -> None:
    line = connected()
    tell(line, *(telemetry(each, dropped=9) for each in indices))
    line.peer.session, line.peer.boot_id = 8, boot_id
    line.link.hello_again(NONCE + 1, line.now_ns)
    line.peer.clock_us += 30_000_000  # whatever the pen's clock does between sessions
    line.run(120)
    assert line.link.age_us(line.now_ns) is None, "no sample of this session yet"
    assert abs(line.link.clock.age_us(line.peer.clock_us & 0xFFFFFFFF, line.now_ns) or 0) < 2000
    [taken] = tell(line, telemetry(next_index))
    assert (taken.index, line.link.samples_lost) == (index, 0), name
    assert t_us in (None, taken.t_us), name
    assert line.link.samples == len(indices) + 1


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_bytes_whatever_raise_or_pass_for_a_sample(chunks: list[bytes]) -> None:
    line = connected()
    for chunk in chunks:
        assert not [each for each in line.link.receive(chunk, line.now_ns) if isinstance(each, Sample)]
    line.link.receive(b"\0", line.now_ns)
    assert len(tell(line, telemetry(1))) == 1


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_any_chunking_gives_the_same_samples(seed: int, largest: int) -> None:
    dice = random.Random(seed)
    line = connected()
    told = b"".join(line.peer.tell(wire.TELEMETRY, telemetry(index)) for index in range(1, 30))
    taken = []
    while told:
        size = dice.randint(1, largest)
        taken += line.link.receive(told[:size], line.now_ns)
        told = told[size:]
    assert [each.index for each in taken if isinstance(each, Sample)] == list(range(1, 30))
