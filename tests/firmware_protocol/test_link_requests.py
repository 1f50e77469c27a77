"""Requests, replies and retries of the host's link."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages as wire
from firmware_protocol.frame import FrameTooLong, encode_frame
from firmware_protocol.happenings import Replied, Unanswered, Voided
from firmware_protocol.link import Link
from tests.firmware_protocol.link_peer import MS, NONCE, Peer, S, Wire, connected, is_retry

ARM_TREAT = wire.Arm(wire.MODE_TREAT, 0x55, 1000, 0xB007)


@pytest.mark.parametrize(("result", "has_reply"), [(wire.OK, True), (wire.BAD_STATE, False), (wire.BUSY, False), (99, False)])
def test_the_answer_is_reported_with_what_was_asked(result: int, has_reply: bool) -> None:
    line = connected()
    line.peer.results[wire.ARM.id] = result
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    reply = wire.ArmReply(0xA55A) if has_reply else None
    assert line.run(3) == [Replied(wire.ARM, result, reply, ARM_TREAT)]


def test_one_request_is_in_flight_and_the_order_is_kept() -> None:
    line = connected()
    line.lose = lambda way, data: way == "in"
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.link.request(wire.STATUS_GET, wire.StatusGet(), line.now_ns)
    line.link.request(wire.CARTRIDGE_GET, wire.CartridgeGet(), line.now_ns)
    line.run(300)
    assert set(line.peer.kinds()) == {wire.DISARM.id}
    line.lose = lambda way, data: False
    replies = [each for each in line.run(400) if isinstance(each, Replied)]
    assert [each.message.name for each in replies] == ["DISARM", "STATUS_GET", "CARTRIDGE_GET"]
    assert [name for name in line.peer.done if name != "SYNC"] == ["DISARM", "STATUS_GET", "CARTRIDGE_GET"]


@pytest.mark.parametrize("way", ["out", "in"])
@pytest.mark.parametrize("losses", [1, 2, 3])
def test_a_lost_frame_is_asked_again_with_the_same_sequence_and_done_once(way: str, losses: int) -> None:
    line = connected()
    left = [losses]

    def lose(direction: str, data: bytes) -> bool:
        left[0] -= direction == way
        return direction == way and left[0] >= 0

    line.lose = lose
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    assert line.run(600) == [Replied(wire.DISARM, wire.OK, (), ())]
    tries = line.frames(wire.DISARM)
    assert len(tries) == losses + 1
    assert len({frame.sequence for _, frame in tries}) == 1
    assert [is_retry(frame) for _, frame in tries] == [False] + [True] * losses
    assert [later[0] - tries[0][0] for later in tries] == [0, 50 * MS, 150 * MS, 350 * MS][: losses + 1]
    assert line.peer.done == ["DISARM"]
    assert line.link.counters.retries == losses
    assert not line.link.lost


def test_after_four_tries_it_is_unanswered_within_800_ms_and_the_link_is_lost() -> None:
    line = connected()
    line.lose = lambda way, data: True
    start = line.now_ns
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.run(2000)
    assert [each for _, each in line.happened] == [Unanswered(wire.ARM, ARM_TREAT), Voided(wire.DISARM, wire.Disarm())]
    assert line.happened[0][0] - start < 800 * MS
    assert len(line.frames(wire.ARM)) == 4
    assert line.link.lost
    assert line.sent[-1][1].kind == wire.ARM.id, "a lost link asks for nothing"
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    assert line.run(5) == [Voided(wire.DISARM, wire.Disarm())]


@pytest.mark.parametrize("after_ms", range(0, 1000, 30))
def test_a_request_ends_within_800_ms_of_the_call_even_behind_a_sync_that_has_no_answer(after_ms: int) -> None:
    line = connected()
    syncs = len(line.frames(wire.SYNC))
    while len(line.frames(wire.SYNC)) == syncs:
        line.run(1)
    line.lose = lambda way, data: True
    line.run(after_ms)
    if line.link.lost:  # SYNC found it out by itself
        assert after_ms >= 700
        return
    start = line.now_ns
    line.link.request(wire.DISARM, wire.Disarm(), start)
    line.run(1000)
    assert Unanswered(wire.DISARM, wire.Disarm()) in [each for _, each in line.happened]
    assert line.happened[-1][0] - start <= 801 * MS  # 1: the line's own step
    assert line.link.lost


@pytest.mark.parametrize("after_ms", range(0, 400, 20))
def test_the_quick_syncs_after_the_greeting_hold_no_request_up_either(after_ms: int) -> None:
    line = Wire(Link(NONCE), Peer())
    line.run(25)
    line.lose = lambda way, data: True
    line.run(after_ms)
    start = line.now_ns
    line.link.request(wire.DISARM, wire.Disarm(), start)
    line.run(1000)
    assert line.happened[-1][0] - start <= 801 * MS
    assert Unanswered(wire.DISARM, wire.Disarm()) in [each for _, each in line.happened]


def test_after_a_sync_that_gave_way_the_request_goes_first_and_syncs_go_on() -> None:
    line = connected()
    syncs = len(line.frames(wire.SYNC))
    while len(line.frames(wire.SYNC)) == syncs:
        line.run(1)
    line.lose = lambda way, data: True
    line.run(200)
    line.lose = lambda way, data: False
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.run(5)
    assert line.sent[-1][1].kind == wire.DISARM.id
    assert line.peer.done[-1] == "DISARM"
    done = len(line.peer.done)
    line.run(1200)
    assert "SYNC" in line.peer.done[done:]


def test_repeated_and_foreign_replies_are_counted_and_have_no_effect() -> None:
    line = connected()
    line.lose = lambda way, data: way == "in"
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.run(2)
    sequence = line.frames(wire.ARM)[0][1].sequence
    good = line.peer.reply(wire.ARM, sequence, wire.OK, wire.ArmReply(5))
    bad: dict[str, tuple[str, bytes]] = {
        "sequence": ("stale_replies", line.peer.reply(wire.ARM, sequence + 1, wire.OK, wire.ArmReply(6))),
        "type": ("stale_replies", line.peer.reply(wire.DISARM, sequence, wire.OK, ())),
        "session": ("wrong_session", line.peer.reply(wire.ARM, sequence, wire.OK, wire.ArmReply(6), session=8)),
        "no result": ("bad_payload", encode_frame(wire.ARM.reply_id, 7, 0, sequence, b"")),
        "short": ("bad_payload", encode_frame(wire.ARM.reply_id, 7, 0, sequence, b"\0\1")),
        "unknown": ("unknown_types", encode_frame(0xBB, 7, 0, sequence, b"\0\1")),
        "a host's own": ("unknown_types", encode_frame(wire.ARM.id, 7, 0, sequence, wire.ARM.payload.pack(ARM_TREAT))),
        "to a drive": ("unknown_types", encode_frame(wire.DRIVE.id | 0x80, 7, 0, sequence, b"\0")),
    }
    for name, (counter, data) in bad.items():
        before = getattr(line.link.counters, counter)
        assert line.link.receive(data, line.now_ns) == [], name
        assert getattr(line.link.counters, counter) == before + 1, name
    assert line.link.receive(good + good, line.now_ns) == [Replied(wire.ARM, wire.OK, wire.ArmReply(5), ARM_TREAT)]
    assert line.link.counters.stale_replies == 3


@pytest.mark.parametrize("message", [wire.HELLO, wire.SYNC, wire.STOP, wire.DRIVE, wire.TELEMETRY])
def test_what_is_no_request_of_the_owners_is_refused(message: wire.Message[Any, Any]) -> None:
    with pytest.raises(ValueError, match=message.name):
        connected().link.request(message, (), S)


def test_a_payload_that_cannot_be_sent_is_refused_at_once() -> None:
    line = connected()
    with pytest.raises(wire.MessageError):
        line.link.request(wire.ARM, wire.Arm(3, 0, 1000, 0), line.now_ns)
    with pytest.raises(FrameTooLong):
        line.link.request(wire.PLAN_WRITE, wire.PlanWrite(0, tuple((zone, 600) for zone in range(17))), line.now_ns)
    line.link.request(wire.PLAN_WRITE, wire.PlanWrite(0, tuple((zone, 600) for zone in range(16))), line.now_ns)
    [told] = line.run(3)
    assert isinstance(told, Replied)


def test_next_due_wakes_the_owner_for_every_retry_and_no_more() -> None:
    line = connected()
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    now_ns = line.now_ns
    wakes = []
    while not line.link.lost:
        line.link.receive(b"", now_ns)
        if line.link.poll(now_ns):
            wakes.append((now_ns - line.now_ns) // MS)
        due_ns = line.link.next_due_ns()
        if due_ns is None:
            break
        now_ns = max(now_ns, due_ns)
    assert wakes == [0, 50, 150, 350]
    assert now_ns - line.now_ns == 750 * MS


def test_drive_counts_its_own_sequence_and_needs_no_answer() -> None:
    line = connected()
    drive = wire.Drive(0xA55A, 200, 5, 3, wire.MODE_TREAT, 1000, 900, 7000, 100, 3)
    for _ in range(3):
        line.write(line.link.drive(drive))
    sequences = [frame.sequence for _, frame in line.frames(wire.DRIVE)]
    assert [(later - first) & 0xFFFF for first, later in pairwise(sequences)] == [1, 1]
    assert line.link.drive_sequence == sequences[-1]
    frame = line.frames(wire.DRIVE)[0][1]
    assert (frame.session, frame.flags, wire.DRIVE.payload.unpack(frame.payload)) == (7, 0, drive)
    assert len(line.link.drive(drive)) == 32


def test_what_was_withdrawn_is_told_without_waiting() -> None:
    line = connected()
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.link.stop(wire.STOP_PAUSE, line.now_ns)
    due_ns = line.link.next_due_ns()
    assert due_ns is not None
    assert due_ns <= line.now_ns
    assert line.link.receive(b"", line.now_ns) == [Voided(wire.ARM, ARM_TREAT)]


def test_a_host_that_stalled_gives_the_next_try_its_time() -> None:
    line = connected()
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.lose = lambda way, data: True
    line.run(2)
    line.now_ns += 5 * S
    line.run(49)
    assert len(line.frames(wire.DISARM)) == 2, "not all the tries at once"
    line.lose = lambda way, data: False
    assert line.run(55) == [Replied(wire.DISARM, wire.OK, (), ())]


@given(seed=st.integers(0, 2**32), loss=st.floats(0, 0.9), count=st.integers(1, 12))
def test_every_request_ends_in_exactly_one_way_whatever_is_lost(seed: int, loss: float, count: int) -> None:
    dice = random.Random(seed)
    line = connected()
    line.lose = lambda way, data: dice.random() < loss
    asked = []
    for _ in range(count):
        message: wire.Message[Any, Any] = dice.choice([wire.ARM, wire.DISARM, wire.CLEAR_FAULT, wire.STATUS_GET])
        payload = {wire.ARM.id: ARM_TREAT, wire.CLEAR_FAULT.id: wire.ClearFault(1, 2)}.get(message.id, ())
        line.link.request(message, payload, line.now_ns)
        asked.append(message.name)
        line.run(dice.randrange(200))
        if dice.random() < 0.2:
            line.write(line.link.stop(wire.STOP_PAUSE, line.now_ns))
        if dice.random() < 0.1:
            line.link.hello_again(dice.randrange(2**32), line.now_ns)
    line.run(13 * 800)
    ended = [
        each.message.name
        for _, each in line.happened
        if isinstance(each, Replied | Unanswered | Voided) and each.message not in (wire.HELLO, wire.SYNC)
    ]
    assert sorted(ended) == sorted(asked)
