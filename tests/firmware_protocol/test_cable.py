"""The cable's faults: what each does, by rate, each way, the same for the same seed; and that the document names them all."""

from pathlib import Path

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, TO_HOST_WIRE_BYTES, Deframer, Frame, encode_frame
from firmware_protocol.simulator.cable import LATEST_COPY_US, Cable
from firmware_protocol.simulator.faults import FAULTS, WAYS, FaultKind

FRAMES = [encode_frame(m.SYNC.id, 3, FLAG_REPLY_WANTED, number, m.SYNC.payload.pack(m.Sync(number))) for number in range(400)]
LONG_AFTER_US = 10_000_000


def passed(faults: dict[str, float], way: str = "to_pen", seed: int = 1) -> tuple[list[Frame], Deframer]:
    """All frames put in, a millisecond apart; what came out."""
    one_way = getattr(Cable(seed, faults), way)
    deframer = Deframer(TO_HOST_WIRE_BYTES)
    out = []
    for number, wire in enumerate(FRAMES):
        one_way.put(wire, number * 1000)
        out += deframer.feed(one_way.take(number * 1000))
    out += deframer.feed(one_way.take(LONG_AFTER_US))
    return out, deframer


def numbers(faults: dict[str, float], way: str = "to_pen", seed: int = 1) -> list[int]:
    return [frame.sequence for frame in passed(faults, way, seed)[0]]


def test_without_a_fault_every_byte_passes_at_once() -> None:
    cable = Cable(1, {})
    for data in (b"", b"\0", b"abc", FRAMES[0][:7], bytes(range(256))):
        cable.to_host.put(data, 5)
        assert cable.to_host.take(5) == data


@pytest.mark.parametrize("way", ["to_pen", "to_host"])
def test_drop_takes_about_its_rate_and_nothing_else(way: str) -> None:
    found = numbers({"drop": 0.2}, way)
    assert 0.12 < 1 - len(found) / len(FRAMES) < 0.28
    assert found == sorted(set(found))
    assert numbers({"drop": 1.0}, way) == []


def test_flips_are_found_by_the_crc() -> None:
    found, deframer = passed({"flip": 0.25})
    assert 60 < deframer.bad < 160
    assert all(frame.payload == m.SYNC.payload.pack(m.Sync(frame.sequence)) for frame in found)


def test_duplicates_come_late_past_newer_ones_and_once() -> None:
    found = numbers({"duplicate": 0.3})
    again = [number for number in set(found) if found.count(number) > 1]
    assert 80 < len(again) < 160
    assert max(found.count(number) for number in again) == 2
    assert found != sorted(found)
    assert set(found) == set(range(len(FRAMES)))
    assert max(abs(place - number) for place, number in enumerate(sorted(found))) < len(FRAMES)
    assert LATEST_COPY_US <= 50_000


def test_delay_holds_back_and_keeps_the_order() -> None:
    cable = Cable(1, {"delay": 40.0})
    cable.to_pen.put(FRAMES[0], 0)
    assert cable.to_pen.take(40_000) == FRAMES[0]
    assert numbers({"delay": 40.0}) == list(range(len(FRAMES)))


def test_torn_frames_never_pass_for_whole_ones() -> None:
    found, deframer = passed({"torn": 0.3})
    assert deframer.bad > 50
    assert {frame.sequence for frame in found} < set(range(len(FRAMES)))
    assert all(frame.payload == m.SYNC.payload.pack(m.Sync(frame.sequence)) for frame in found)


def test_wrong_version_is_a_good_frame_of_another_major() -> None:
    found, deframer = passed({"wrong_version": 1.0})
    assert found == []
    assert deframer.bad == deframer.bad_major == len(FRAMES)


def test_a_stall_lets_all_of_it_out_at_its_end() -> None:
    faults = {"cable_stall": 200.0}
    cable = Cable(1, faults)
    for number, wire in enumerate(FRAMES[:20]):
        cable.to_host.put(wire, number * 1000)
    assert cable.to_host.take(LONG_AFTER_US) == b""
    del faults["cable_stall"]
    assert cable.to_host.take(LONG_AFTER_US) == b"".join(FRAMES[:20])


def test_a_slow_reader_takes_its_rate() -> None:
    cable = Cable(1, {"slow_reader": 10_000.0})
    taken = 0
    for now_us in range(0, 1_000_000, 1000):
        count = cable.host_takes(34, now_us)
        cable.host_took(count)
        taken += count
    assert 9_900 <= taken <= 10_300
    assert Cable(1, {}).host_takes(5000, 0) == 5000


@pytest.mark.parametrize("fault", ["drop", "flip", "duplicate", "torn", "wrong_version"])
def test_one_way_only(fault: str) -> None:
    assert numbers({f"{fault}_to_pen": 0.5}, "to_host") == list(range(len(FRAMES)))
    assert numbers({f"{fault}_to_pen": 0.5}, "to_pen") != list(range(len(FRAMES)))


def test_the_same_seed_gives_the_same_faults_and_another_does_not() -> None:
    faults = {"drop": 0.1, "duplicate": 0.1, "flip": 0.1, "delay": 10.0}
    assert numbers(faults) == numbers(faults)
    assert numbers(faults, seed=2) != numbers(faults)


def test_one_fault_does_not_move_another() -> None:
    lost = set(range(len(FRAMES))) - set(numbers({"drop": 0.1}))
    assert lost == set(range(len(FRAMES))) - set(numbers({"drop": 0.1, "delay": 15.0, "duplicate": 0.4}))


def test_a_pulled_cable_forgets() -> None:
    cable = Cable(1, {"delay": 50.0})
    cable.to_pen.put(FRAMES[0] + b"half", 0)
    cable.clear()
    assert cable.to_pen.take(LONG_AFTER_US) == b""


def documented() -> dict[str, str]:
    """The fault table of the document: name -> the column of values."""
    text = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    table = text.split("## `[[fault]]`", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): row[1].strip() for row in rows if row[0].strip() != "`do`"}


def value_of(kind: FaultKind) -> str:
    return f"{kind.unit}, {kind.default:g}" if kind.unit else ""


def test_the_document_names_every_fault_with_unit_and_default() -> None:
    told = documented()
    both_ways = {name for name in FAULTS if all(name + way in FAULTS for way in WAYS)}
    one_way = {name + way for name in both_ways for way in WAYS}
    assert one_way < set(FAULTS)
    assert told == {name: value_of(kind) for name, kind in FAULTS.items() if name not in one_way}
