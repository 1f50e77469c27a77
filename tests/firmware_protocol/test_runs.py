"""A long read at once tells, counts and leaves behind what the careful way does, whatever is in it and however it is cut."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages as wire
from firmware_protocol.frame import CRC_BYTES, HEADER_BYTES, TO_HOST_WIRE_BYTES, Deframer, cobs_decode, encode_frame
from firmware_protocol.happenings import Happening, Sample
from firmware_protocol.link import Link
from firmware_protocol.runs import LEAST, LONG_READ_BYTES, MOST, ROW_BYTES, SampleRun, rows_of, stretches
from tests.firmware_protocol.link_peer import NONCE, Peer, Wire
from tests.firmware_protocol.test_frame import raw_frame

U32 = 1 << 32
SESSION = Peer().session
KINDS = [pytest.param(True, id="C decoder, if there is one"), pytest.param(False, id="shared decoder")]


def sample(index: int, t_us: int, **changes: int) -> wire.Telemetry:
    fields = {
        "depth_um": 900,
        "speed_rpm": 7000,
        "current_ma": 120,
        "drive_sequence": 5,
        "dropped": 0,
        "state": wire.STATE_RUNNING,
    }
    fields |= {"fault": 0, "refusal": 0, "flags": 0x6D} | changes
    return wire.Telemetry(index=index % U32, t_us=t_us % U32, **fields)


def framed(telemetry: wire.Telemetry, session: int = SESSION, flags: int = 0) -> bytes:
    return encode_frame(wire.TELEMETRY.id, session, flags, telemetry.index, wire.TELEMETRY.payload.pack(telemetry), 254)


def heads(major: int) -> bytes:
    return bytes((major, wire.TELEMETRY.id, SESSION, 0, 0, 0))


class Talk:
    """A pen's words: a stretch of samples after each oddity."""

    def __init__(self, index: int, t_us: int) -> None:
        self.index = index
        self.t_us = t_us
        self.dropped = 0
        self.out: list[bytes] = []

    def samples(self, count: int) -> None:
        for _ in range(count):
            self.out.append(framed(self._next()))

    def _next(self) -> wire.Telemetry:
        self.index += 1
        self.t_us += 1000
        dice = self.index * 2654435761 % U32
        depth_um, speed_rpm = 850 + dice % 120, 6900 + dice // 128 % 200
        return sample(self.index, self.t_us, depth_um=depth_um, speed_rpm=speed_rpm, dropped=self.dropped & 0xFFFF)

    def lose(self) -> None:
        self.index += 3
        self.t_us += 3000

    def lose_a_round(self) -> None:
        self.index += 0x100

    def lose_many_rounds(self) -> None:
        self.index += 0x1_0000

    def lose_hours(self) -> None:
        self.index += 0x100_0000

    def fall_back(self) -> None:
        self.t_us -= 800_000

    def drop(self) -> None:
        self.lose()
        self.dropped += 3

    def miscount(self) -> None:
        self.dropped += 1

    def again(self) -> None:
        self.out.append(self.out[-1] if self.out else b"\0")

    def all_again(self) -> None:
        self.out += self.out[-40:]

    def swap(self) -> None:
        self.samples(2)
        self.out[-2:] = self.out[:-3:-1]

    def waver(self) -> None:
        self.t_us -= 1700

    def leap(self) -> None:
        self.t_us += (1 << 31) + 5000

    def start_anew(self) -> None:
        self.index, self.t_us = 0, 0

    def status(self) -> None:
        payload = wire.STATUS.payload.pack(wire.Status(*([0] * 21)))
        self.out.append(encode_frame(wire.STATUS.id, SESSION, 0, 1, payload, TO_HOST_WIRE_BYTES))

    def event(self) -> None:
        payload = wire.EVENT.payload.pack(wire.Event(1, self.t_us % U32, wire.STATE_IDLE, 0, self.index % U32, 1))
        self.out.append(encode_frame(wire.EVENT.id, SESSION, 0, 1, payload, TO_HOST_WIRE_BYTES))

    def boot(self) -> None:
        self.out.append(encode_frame(wire.BOOT.id, 0, 0, 1, wire.BOOT.payload.pack(wire.Boot(9, 0)), TO_HOST_WIRE_BYTES))

    def batch(self) -> None:
        entries: Any = tuple(tuple(self._next()) for _ in range(3))
        payload = wire.TELEMETRY_BATCH.payload.pack(wire.TelemetryBatch(entries))
        self.out.append(encode_frame(wire.TELEMETRY_BATCH.id, SESSION, 0, 1, payload, TO_HOST_WIRE_BYTES))

    def other_session(self) -> None:
        self.out.append(framed(self._next(), SESSION + 1))

    def ignored_flag(self) -> None:
        self.out.append(framed(self._next(), flags=0x02))

    def critical_flag(self) -> None:
        self.out.append(framed(self._next(), flags=0x10))

    def other_major(self) -> None:
        self.out.append(raw_frame(heads(2), wire.TELEMETRY.payload.pack(self._next())))

    def unknown_type_of_that_length(self) -> None:
        payload = wire.TELEMETRY.payload.pack(self._next())
        self.out.append(encode_frame(0xD0, SESSION, 0, 1, payload, TO_HOST_WIRE_BYTES))

    def longer(self) -> None:
        payload = wire.TELEMETRY.payload.pack(self._next()) + b"more"
        self.out.append(encode_frame(wire.TELEMETRY.id, SESSION, 0, 1, payload, TO_HOST_WIRE_BYTES))

    def shorter(self) -> None:
        payload = wire.TELEMETRY.payload.pack(self._next())[:-1]
        self.out.append(encode_frame(wire.TELEMETRY.id, SESSION, 0, 1, payload, TO_HOST_WIRE_BYTES))

    def bad_crc(self) -> None:
        self.out.append(raw_frame(heads(1), wire.TELEMETRY.payload.pack(self._next()), 1))

    def torn(self) -> None:
        self.out.append(framed(self._next())[:20])

    def bent(self, place: int, octet: int) -> None:
        if self.out:
            frame = bytearray(self.out[-1])
            frame[place % len(frame)] = octet
            self.out[-1] = bytes(frame)


ODDITIES: list[Callable[[Talk], None]] = [
    Talk.lose, Talk.lose_a_round, Talk.lose_many_rounds, Talk.lose_hours, Talk.drop, Talk.miscount, Talk.again, Talk.all_again,
    Talk.swap, Talk.waver, Talk.fall_back, Talk.leap, Talk.start_anew, Talk.status, Talk.event, Talk.boot, Talk.batch,
    Talk.other_session, Talk.ignored_flag, Talk.critical_flag, Talk.other_major, Talk.unknown_type_of_that_length, Talk.longer,
    Talk.shorter, Talk.bad_crc, Talk.torn,
]  # fmt: skip


def connected(accelerated: bool) -> Wire:
    return Wire(Link(NONCE, accelerated), Peer()).connected()


def one_by_one(told: Sequence[Happening | SampleRun]) -> list[Happening]:
    out: list[Happening] = []
    for each in told:
        out += each.samples() if isinstance(each, SampleRun) else [each]
    return out


def state(link: Link, now_ns: int) -> list[Any]:
    """All that telemetry leaves behind in a link."""
    count = link._samples.count
    kept = [getattr(count, slot) for slot in type(count).__slots__]
    sums = (link.samples, link.samples_lost, link.samples_dropped, link.newest_index)
    return [link.counters, sums, kept, link.session, link.lost, link.age_us(now_ns), link.age_us(now_ns + 5_000_000)]


def hear_both(accelerated: bool, reads: list[bytes]) -> list[Happening | SampleRun]:
    """Every read both ways; asserts that they agree. Returns what the fast way told."""
    careful, fast = connected(accelerated), connected(accelerated)
    told: list[Happening | SampleRun] = []
    for number, data in enumerate(reads):
        now_ns = careful.now_ns + (number + 1) * 7_000_000
        new = fast.link.receive_runs(data, now_ns)
        by_one = careful.link.receive(data, now_ns)
        assert one_by_one(new) == by_one
        assert [type(each) for each in one_by_one(new)] == [type(each) for each in by_one]
        for one, other in zip(one_by_one(new), by_one, strict=True):
            assert type(getattr(one, "telemetry", None)) is type(getattr(other, "telemetry", None))
        told += new
        assert state(fast.link, now_ns) == state(careful.link, now_ns)
    return told


def cut(stream: bytes, sizes: list[int]) -> list[bytes]:
    reads, at, turn = [], 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        reads.append(stream[at : at + size])
        at += size
        turn += 1
    return reads


@pytest.mark.parametrize("accelerated", KINDS)
@given(
    index=st.sampled_from([1, 200, 65_500, (1 << 24) - 9, U32 - 30, 3_000_000_000]),
    t_us=st.sampled_from([0, U32 - 60_000, (1 << 31) - 40_000, (1 << 24) - 20_000]),
    parts=st.lists(st.tuples(st.integers(0, 90), st.sampled_from(ODDITIES)), min_size=1, max_size=5),
    bends=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40), st.integers(0, 255)), max_size=2),
    sizes=st.lists(st.sampled_from([4096, 4096, 4096, 1500, 700, 35, 3]), min_size=1, max_size=3),
    both_delimiters=st.booleans(),
)
def test_both_ways_agree(  # type: ignore[no-untyped-def]
    accelerated: bool, index: int, t_us: int, parts, bends, sizes: list[int], both_delimiters: bool
) -> None:
    talk = Talk(index, t_us)
    for number, (count, odd) in enumerate(parts):
        talk.samples(count)
        for part, place, octet in bends:
            if part == number:
                talk.bent(place, octet)
        odd(talk)
    talk.samples(LEAST + 5)
    stream = b"".join(talk.out)
    hear_both(accelerated, cut(stream if both_delimiters else b"\0" + stream.replace(b"\0\0", b"\0"), sizes))


@pytest.mark.parametrize("accelerated", KINDS)
@pytest.mark.parametrize("odd", ODDITIES, ids=lambda odd: odd.__name__)
@pytest.mark.parametrize("index", [1, U32 - 40])
def test_each_oddity_in_mid_read(accelerated: bool, odd: Callable[[Talk], None], index: int) -> None:
    talk = Talk(index, 0)
    talk.samples(LEAST + 8)
    odd(talk)
    talk.samples(LEAST + 8)
    told = hear_both(accelerated, [b"".join(talk.out)])
    assert [each for each in one_by_one(told) if isinstance(each, Sample)]


@pytest.mark.parametrize("accelerated", KINDS)
def test_every_byte_of_a_frame_bent_in_mid_read(accelerated: bool) -> None:
    """The damage that joining the pieces could hide: a code byte that leads past its own piece, or ends before it."""
    dice = random.Random(3)
    for place in range(35):
        for octet in (0, 1, 255, dice.randrange(256)):
            talk = Talk(250, 0)
            talk.samples(LEAST)
            talk.bent(place, octet)
            talk.samples(LEAST)
            hear_both(accelerated, [b"".join(talk.out)])


@pytest.mark.parametrize("accelerated", KINDS)
@pytest.mark.parametrize(("number", "further"), [(LEAST, 4), (LEAST, 33), (2 * LEAST - 1, 1), (2 * LEAST - 1, 5)])
def test_a_last_block_that_leads_out_of_its_frame(accelerated: bool, number: int, further: int) -> None:
    """Joined, all bodies still come out right (4: as far as the next frame's flags), but the frame's COBS is damaged."""
    talk = Talk(7, 0)
    talk.samples(2 * LEAST)
    frames = [bytearray(each) for each in talk.out]
    body = bytes(cobs_decode(bytes(frames[number][1:-1])) or b"")
    codes = [at for at in range(1, 34) if at == 1 or body[at - 2] == 0]
    frames[number][codes[-1]] += further
    told = hear_both(accelerated, [b"".join(frames)])
    assert len([each for each in one_by_one(told) if isinstance(each, Sample)]) == 2 * LEAST - 1


@pytest.mark.parametrize("accelerated", KINDS)
def test_long_reads_are_taken_at_once_and_short_ones_are_not(accelerated: bool) -> None:
    talk = Talk(65_500, (1 << 24) - 30_000)
    talk.samples(60)
    talk.status()
    talk.samples(57)
    told = hear_both(accelerated, [b"".join(talk.out)])
    assert [(type(each), len(each)) for each in told if isinstance(each, SampleRun)] == [(SampleRun, 60), (SampleRun, 57)]
    assert len(told) == 3
    talk = Talk(1, 0)
    talk.samples(LEAST - 1)
    assert all(type(each) is Sample for each in hear_both(accelerated, [b"".join(talk.out) + b"\0" * 200]))
    talk.samples(MOST + 1)
    assert all(type(each) is Sample for each in hear_both(accelerated, [b"".join(talk.out[LEAST - 1 :])]))


def test_while_a_stop_is_unproven_each_sample_is_looked_at() -> None:
    careful, fast = connected(True), connected(True)
    for line in (careful, fast):
        line.link.stop(wire.STOP_OPERATOR, line.now_ns)
    frames = [
        framed(sample(each, careful.peer.clock_us + 1000 * each, flags=0x60, state=wire.STATE_IDLE)) for each in range(1, 60)
    ]
    now_ns = careful.now_ns + 60_000_000
    told = fast.link.receive_runs(b"".join(frames), now_ns)
    assert told == careful.link.receive(b"".join(frames), now_ns)
    assert "StopConfirmed" in {type(each).__name__ for each in told}


def test_before_a_session_nothing_is_a_sample() -> None:
    link = Link(NONCE)
    talk = Talk(1, 0)
    talk.samples(40)
    assert link.receive_runs(b"".join(talk.out), 1) == []
    assert link.counters.wrong_session == 40


def test_ages_are_unknown_before_the_first_sync() -> None:
    lines = [Wire(Link(NONCE), Peer()), Wire(Link(NONCE), Peer())]
    for line in lines:
        line.link.receive(line.peer.hear(line.link.poll(1)), 1)
    talk = Talk(1, 0)
    talk.samples(40)
    told = one_by_one(lines[0].link.receive_runs(b"".join(talk.out), 2))
    assert told == lines[1].link.receive(b"".join(talk.out), 2)
    assert {each.age_us for each in told if isinstance(each, Sample)} == {None}


def run_of(samples: list[wire.Telemetry]) -> SampleRun:
    """Straight from rows, with numbers that need not follow one another."""
    rows = b"".join(bytes(1 + HEADER_BYTES) + wire.TELEMETRY.payload.pack(each) + bytes(CRC_BYTES) for each in samples)
    return SampleRun(rows, 0, 0, None, 0)


values = st.one_of(st.integers(0, 0xFFFF), st.sampled_from([0, 255, 256, 1023, 1024, 1050, 1279, 1280, 0xFF00, 0xFFFF]))
bounds = st.one_of(st.integers(-300, 70_000), st.sampled_from([-1, 0, 255, 256, 1023, 1024, 1050, 1279, 1280, 0xFFFF, 0x10000]))


@given(st.lists(values, min_size=1, max_size=40), bounds, bounds, st.sampled_from(["depth_um", "speed_rpm", "current_ma"]))
def test_within_is_every_value_between(numbers: list[int], lowest: int, highest: int, field: str) -> None:
    run = run_of([sample(1, 0, **{field: number}) for number in numbers])
    assert run.within(field, lowest, highest) is all(lowest <= number <= highest for number in numbers)
    assert run.within(field, min(numbers), max(numbers))
    assert not run.within(field, -900, -400)
    assert not run.within(field, min(numbers) + 1, max(numbers))
    assert not run.within(field, min(numbers), max(numbers) - 1)
    assert run.values(field) == set(numbers)


@given(st.lists(st.integers(0, 255), min_size=1, max_size=40), st.sets(st.integers(0, 255)), st.sampled_from(["flags", "state"]))
def test_among_is_every_value_one_of_these(numbers: list[int], allowed: set[int], field: str) -> None:
    run = run_of([sample(1, 0, **{field: number}) for number in numbers])
    assert run.among(field, bytes(allowed)) is all(number in allowed for number in numbers)


lengths = st.tuples(st.sampled_from([0, 1, ROW_BYTES - 1, ROW_BYTES, ROW_BYTES, ROW_BYTES + 1]), st.integers(1, 2 * LEAST))


@given(st.lists(lengths, max_size=6))
def test_stretches_leave_nothing_out_keep_the_order_and_part_long_rows(parts: list[tuple[int, int]]) -> None:
    pieces = [bytes((number + 1,)) * length for number, (length, count) in enumerate(parts) for _ in range(count)]
    found = list(stretches(pieces))
    assert [piece for _, stretch in found for piece in stretch] == [piece for piece in pieces if piece]
    assert all({len(piece) for piece in stretch} == {ROW_BYTES} for alike, stretch in found if alike)
    marks = "".join("r" if len(piece) == ROW_BYTES else "o" for piece in pieces if piece)
    long = [len(run) for run in marks.split("o") if len(run) >= LEAST]
    assert [len(stretch) for alike, stretch in found if alike] == long
    assert len(found) <= 2 * len(long) + 1, "what is between them is not cut up"


def test_what_a_run_needs_is_looked_for_before_anything_is_counted() -> None:
    talk = Talk(1, 0)
    talk.samples(LEAST)
    pieces = [frame[1:-1] for frame in talk.out]
    deframer = Deframer(TO_HOST_WIRE_BYTES)
    head = bytes((1, wire.TELEMETRY.id, SESSION, 0))
    rows = rows_of(pieces, head, deframer)
    assert rows is not None
    assert len(rows) == LEAST * ROW_BYTES
    for at in range(4):
        other = bytearray(head)
        other[at] ^= 1
        assert rows_of(pieces, bytes(other), deframer) is None
    assert (deframer.good, deframer.bad) == (0, 0)
    assert len(b"\0".join(pieces)) + 1 >= LONG_READ_BYTES, "the fewest that are worth it are not missed"
