"""The fast ways through a frame give what the slow ones give: the decoder in C, and the look at telemetry without a Frame."""

import contextlib
import importlib
import json
import random
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import accelerate, frame
from firmware_protocol import messages as wire
from firmware_protocol.frame import TO_HOST_WIRE_BYTES, TO_PEN_WIRE_BYTES, Deframer, encode_frame
from firmware_protocol.happenings import Sample
from firmware_protocol.link import Link
from tests.firmware_protocol.link_peer import NONCE, Peer, Wire, telemetry
from tests.firmware_protocol.test_frame import heads, raw_frame

COUNTERS = ("good", "bad_cobs", "bad_length", "bad_crc", "bad_major", "bad_flags", "overrun")
VECTORS = Path(frame.__file__).parent / "vectors" / "pen_link_v1.json"
in_c = pytest.mark.skipif(not accelerate.ACCELERATED, reason="THE C DECODER IS NOT TESTED: the package cobs is not installed")


def plain_cobs_decode(data: bytes) -> bytes | None:
    """By the book, a byte at a time (Cheshire and Baker 1999, listing 2): what the fast ones are held against."""
    out = bytearray()
    left = 0
    owed = False
    for byte in data:
        if not byte:
            return None
        if left:
            out.append(byte)
            left -= 1
            continue
        if owed:
            out.append(0)
        left = byte - 1
        owed = byte != 255
    return bytes(out) if data and not left else None


def outcome(deframer: Deframer, *chunks: bytes) -> tuple[list[tuple[int, ...]], list[int]]:
    frames = [each for chunk in chunks for each in deframer.feed(chunk)]
    told: list[Any] = [(each.kind, each.session, each.flags, each.sequence, each.payload) for each in frames]
    return told, [getattr(deframer, counter) for counter in COUNTERS]


wires = st.one_of(
    st.binary(max_size=600),
    st.lists(st.integers(1, 255), max_size=300).map(bytes),
    st.lists(st.integers(1, 4), max_size=60).map(bytes),  # codes that often fit
    st.binary(max_size=600).map(frame.cobs_encode),
)


@given(wires)
def test_decoding_is_the_books(data: bytes) -> None:
    assert frame.cobs_decode(data) == plain_cobs_decode(data)


@given(st.binary(max_size=600))
def test_encoding_is_the_books(data: bytes) -> None:
    stuffed = frame.cobs_encode(data)
    assert 0 not in stuffed
    assert plain_cobs_decode(stuffed) == data


@in_c
@given(wires)
def test_both_decoders_agree_on_what_a_deframer_asks_them(data: bytes) -> None:
    fast, shared = accelerate.host_deframer(TO_HOST_WIRE_BYTES), Deframer(TO_HOST_WIRE_BYTES)
    assert fast.bodies(data + b"\0") == shared.bodies(data + b"\0")
    assert [getattr(fast, counter) for counter in COUNTERS] == [getattr(shared, counter) for counter in COUNTERS]


@in_c
def test_the_vectors_through_both_decoders() -> None:
    frames = json.loads(VECTORS.read_text(encoding="utf-8"))["frames"]
    assert len(frames) >= 80
    for case in frames:
        limit = TO_PEN_WIRE_BYTES if case["direction"] == "to_pen" else TO_HOST_WIRE_BYTES
        data = bytes.fromhex(case["wire"])
        assert outcome(accelerate.host_deframer(limit), data) == outcome(Deframer(limit), data), case["name"]


@given(st.integers(0, 2**32))
def test_a_bent_stream_counts_the_same_either_way_and_in_any_chunks(seed: int) -> None:
    dice = random.Random(seed)
    stream = bytearray()
    for index in range(12):
        kind = dice.choice([0xC0, 0xC2, 0x31, 0x81])
        stream += raw_frame(heads(dice.choice([1, 1, 1, 2]), kind, dice.choice([0, 0, 1, 0x10])), dice.randbytes(index * 24))
    for _ in range(dice.randrange(6)):
        stream[dice.randrange(len(stream))] = dice.randrange(256)
    whole = outcome(accelerate.host_deframer(TO_HOST_WIRE_BYTES), bytes(stream))
    chunks = []
    while stream:
        size = dice.randint(1, 60)
        chunks.append(bytes(stream[:size]))
        del stream[:size]
    assert outcome(Deframer(TO_HOST_WIRE_BYTES), *chunks) == whole


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_run_that_is_too_long_is_counted_once_however_it_comes(cut: int) -> None:
    good = encode_frame(0x31, 1, 0, 7, b"\0")
    stream = good + b"\x55" * 90 + good + b"\x66" * 65 + b"\0" + b"\x77" * 300 + good
    chunks = [stream[at : at + cut] for at in range(0, len(stream), cut)]
    whole, chunked = outcome(Deframer(TO_PEN_WIRE_BYTES), stream), outcome(Deframer(TO_PEN_WIRE_BYTES), *chunks)
    assert whole == chunked
    assert (len(whole[0]), whole[1][-1]) == (3, 3)


@pytest.mark.parametrize("limit", [TO_PEN_WIRE_BYTES, TO_HOST_WIRE_BYTES])
@pytest.mark.parametrize("cut", [1, 33, 250, 5000])
def test_the_hosts_way_through_bodies_counts_as_feed_does(limit: int, cut: int) -> None:
    stream = b"\x55" * 300 + b"\0\x02\0\x03\x01\x02\0"
    for size in (0, 22, 52, 53, 54, 200, 242, 243, 244, 245, 300):
        stream += raw_frame(heads(), b"\x77" * size) + raw_frame(heads(), bytes(size)) + raw_frame(heads(), bytes(size), 1)
    stream += raw_frame(heads(major=2)) + raw_frame(heads(flags=0x10)) + raw_frame(b"\1\2")
    chunks = [stream[at : at + cut] for at in range(0, len(stream), cut)]
    by_bodies = accelerate.host_deframer(limit)
    opened = [by_bodies.open(body) for chunk in chunks for body in by_bodies.bodies(chunk)]
    told: list[Any] = [(one.kind, one.session, one.flags, one.sequence, one.payload) for one in opened if one is not None]
    assert (told, [getattr(by_bodies, counter) for counter in COUNTERS]) == outcome(Deframer(limit), *chunks)
    assert min(getattr(by_bodies, counter) for counter in COUNTERS) > 0, "a failure of every kind was among them"


@contextlib.contextmanager
def installed(module: types.ModuleType | None) -> Iterator[types.ModuleType]:
    """`accelerate` as it would be with this as the package; None: not installed."""
    kept = {name: sys.modules.get(name) for name in ("cobs", "cobs.cobs")}
    parent = types.ModuleType("cobs")
    parent.cobs = module  # type: ignore[attr-defined]
    sys.modules["cobs"], sys.modules["cobs.cobs"] = parent, module  # type: ignore[assignment]
    try:
        yield importlib.reload(accelerate)
    finally:
        for name, was in kept.items():
            if was is None:
                del sys.modules[name]
            else:
                sys.modules[name] = was
        importlib.reload(accelerate)


def in_python() -> types.ModuleType:
    package = types.ModuleType("cobs.cobs")
    package.decode = plain_cobs_decode  # type: ignore[attr-defined]
    package.DecodeError = ValueError  # type: ignore[attr-defined]
    return package


@pytest.mark.parametrize("package", [None, in_python()])
def test_without_the_c_decoder_the_shared_one_serves(package: types.ModuleType | None) -> None:
    with installed(package) as module:
        assert not module.ACCELERATED
        told, counted = outcome(module.host_deframer(64), encode_frame(0x31, 1, 0, 7, b"\0") + b"\x09\x01\0")
    assert len(told) == 1
    assert counted[:2] == [1, 1]


@pytest.mark.parametrize("answer", [None, ValueError("no COBS")])
def test_a_decoder_may_refuse_by_none_or_by_its_error(answer: Exception | None) -> None:
    def decode(data: bytes) -> bytes | None:
        if answer is not None:
            raise answer
        return None

    deframer = Deframer(64, decode, ValueError)
    assert outcome(deframer, b"\x01\0")[1] == [0, 1, 0, 0, 0, 0, 0]


def connected(accelerated: bool) -> Wire:
    return Wire(Link(NONCE, accelerated), Peer()).connected()


PAYLOAD = wire.TELEMETRY.payload.pack(telemetry(5, 9_000, flags=0x6C))
ODD = [  # telemetry that the express way must leave to the careful one, or take all the same
    ("usual", heads(1, 0xC0).replace(b"\x09", b"\x07", 1), PAYLOAD, 1, "frames"),
    ("longer", heads(1, 0xC0).replace(b"\x09", b"\x07", 1), PAYLOAD + b"more", 1, "frames"),
    ("a flag that may be ignored", heads(1, 0xC0, 0x02).replace(b"\x09", b"\x07", 1), PAYLOAD, 1, "frames"),
    ("a flag that may not", heads(1, 0xC0, 0x10).replace(b"\x09", b"\x07", 1), PAYLOAD, 0, "bad_flags"),
    ("another major", heads(2, 0xC0).replace(b"\x09", b"\x07", 1), PAYLOAD, 0, "bad_major"),
    ("another session", heads(1, 0xC0), PAYLOAD, 0, "wrong_session"),
    ("short", heads(1, 0xC0).replace(b"\x09", b"\x07", 1), PAYLOAD[:-1], 0, "bad_payload"),
]


@pytest.mark.parametrize("accelerated", [False, True])
@pytest.mark.parametrize(("name", "head", "payload", "samples", "counter"), ODD)
def test_telemetry_out_of_the_ordinary(
    name: str, head: bytes, payload: bytes, samples: int, counter: str, accelerated: bool
) -> None:
    line = connected(accelerated)
    before = line.link.counters
    told = line.link.receive(raw_frame(head, payload), line.now_ns)
    after = line.link.counters
    assert len(told) == samples, name
    assert getattr(after, counter) == getattr(before, counter) + 1, name
    assert after.bad_frames - before.bad_frames == (counter.startswith("bad_")), name
    for sample in told:
        assert isinstance(sample, Sample)
        assert isinstance(sample.telemetry, wire.Telemetry)
        assert sample.telemetry == telemetry(5, 9_000, flags=0x6C)


@pytest.mark.parametrize("accelerated", [False, True])
def test_samples_in_one_read_have_the_ages_that_the_clock_gives_them(accelerated: bool) -> None:
    line = connected(accelerated)
    start_us = (1 << 32) - 4_000  # across the wrap of the pen's clock
    line.peer.clock_us = start_us
    line.link.hello_again(NONCE + 1, line.now_ns)
    line.run(120)
    times = [start_us + each * 700 for each in range(12)]
    data = b"".join(line.peer.tell(wire.TELEMETRY, telemetry(7 + each, t_us)) for each, t_us in enumerate(times))
    samples = [each for each in line.link.receive(data, line.now_ns) if isinstance(each, Sample)]
    assert [each.age_us for each in samples] == [line.link.clock.age_us(t_us & 0xFFFFFFFF, line.now_ns) for t_us in times]
    assert len({each.age_us for each in samples}) == 12


@pytest.mark.parametrize("accelerated", [False, True])
def test_a_boot_between_samples_ends_the_session_for_those_after_it(accelerated: bool) -> None:
    line = connected(accelerated)
    tell = line.peer.tell
    data = tell(wire.TELEMETRY, telemetry(1)) + tell(wire.BOOT, wire.Boot(9, 0), 0) + tell(wire.TELEMETRY, telemetry(2))
    assert [type(each).__name__ for each in line.link.receive(data, line.now_ns)] == ["Sample", "PenBooted"]
    assert line.link.counters.wrong_session == 1
