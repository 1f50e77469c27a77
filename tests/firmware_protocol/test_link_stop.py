"""STOP of the host's link: past everything, until it is proven."""

from __future__ import annotations

import pytest

from firmware_protocol import messages as wire
from firmware_protocol.happenings import Replied, Sample, StopConfirmed, StopUnconfirmed, Unanswered, Voided
from firmware_protocol.link import Link
from tests.firmware_protocol.link_peer import MOTOR, MS, NONCE, Peer, S, Wire, connected, is_retry, telemetry

ARM_TREAT = wire.Arm(wire.MODE_TREAT, 0x55, 1000, 0xB007)
CLEAR = wire.ClearFault(wire.FAULT_EMERGENCY, 0xB007)
HOME = wire.FLAG_NEEDLES_HOME


def deaf() -> Wire:
    """Connected, and from now on nothing answers."""
    line = connected()
    line.lose = lambda way, data: True
    return line


def test_three_equal_frames_in_one_write() -> None:
    line = connected()
    frames = line.link.stop(wire.STOP_LIMIT, line.now_ns)
    assert frames[: len(frames) // 3] * 3 == frames
    line.write(frames)
    assert [frame.kind for frame in line.peer.heard] == [wire.STOP.id] * 3
    assert {wire.STOP.payload.unpack(frame.payload) for frame in line.peer.heard} == {wire.Stop(wire.STOP_LIMIT)}


def test_stop_works_before_any_hello() -> None:
    link = Link(NONCE)
    peer = Peer()
    assert link.receive(peer.hear(link.stop(wire.STOP_OPERATOR, S)), S + MS) == [StopConfirmed(1000)]


def test_it_passes_the_queue_and_withdraws_what_would_raise_authority() -> None:
    line = deaf()
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.run(2)
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.link.request(wire.CLEAR_FAULT, CLEAR, line.now_ns)
    line.link.request(wire.STATUS_GET, wire.StatusGet(), line.now_ns)
    line.sent.clear()
    line.lose = lambda way, data: False
    line.write(line.link.stop(wire.STOP_OPERATOR, line.now_ns))
    happened = line.run(100)
    assert [frame.kind for _, frame in line.sent[:3]] == [wire.STOP.id] * 3
    assert happened[:3] == [Voided(wire.ARM, ARM_TREAT), Voided(wire.CLEAR_FAULT, CLEAR), StopConfirmed(1000)]
    assert [each.message.name for each in happened[3:] if isinstance(each, Replied)] == ["DISARM", "STATUS_GET"]
    assert "ARM" not in line.peer.done
    assert "CLEAR_FAULT" not in line.peer.done


def test_an_arm_on_its_way_is_void_and_its_late_reply_has_no_effect() -> None:
    line = deaf()
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.run(2)
    [(_, arm)] = line.frames(wire.ARM)
    line.link.stop(wire.STOP_PAUSE, line.now_ns)
    late = line.peer.reply(wire.ARM, arm.sequence, wire.OK, wire.ArmReply(1))
    assert line.link.receive(late, line.now_ns + MS) == [Voided(wire.ARM, ARM_TREAT)]
    assert line.link.counters.stale_replies == 1
    line.run(1000)
    assert len(line.frames(wire.ARM)) == 1, "a void request is not asked again"


def test_while_a_stop_is_unproven_nothing_that_raises_authority_is_asked() -> None:
    line = deaf()
    line.write(line.link.stop(wire.STOP_OPERATOR, line.now_ns))
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    assert line.run(60) == [Voided(wire.ARM, ARM_TREAT)]
    line.lose = lambda way, data: False
    line.run(30)
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    assert line.run(3) == [Replied(wire.ARM, wire.OK, wire.ArmReply(0xA55A), ARM_TREAT)]


def test_a_request_that_a_stop_overtook_is_asked_under_a_newer_sequence() -> None:
    line = deaf()
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.run(2)
    line.lose = lambda way, data: False
    line.write(line.link.stop(wire.STOP_OPERATOR, line.now_ns))
    line.run(100)
    stop = line.frames(wire.STOP)[0][1].sequence
    tries = [frame.sequence for _, frame in line.frames(wire.DISARM)]
    assert [(each - stop) & 0xFFFF for each in tries] == [0xFFFF, 1]
    assert [is_retry(frame) for _, frame in line.frames(wire.DISARM)] == [False, False]


def test_the_answer_to_a_try_before_the_stop_still_counts() -> None:
    line = deaf()
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.run(2)
    [(_, first)] = line.frames(wire.DISARM)
    line.link.stop(wire.STOP_OPERATOR, line.now_ns)
    line.run(60)
    assert len(line.frames(wire.DISARM)) == 2
    late = line.peer.reply(wire.DISARM, first.sequence, wire.OK, ())
    assert Replied(wire.DISARM, wire.OK, (), ()) in line.link.receive(late, line.now_ns)


def test_repeats_every_20_ms_until_a_reply_and_says_once_that_proof_is_missing() -> None:
    line = deaf()
    start = line.now_ns
    line.write(line.link.stop(wire.STOP_LIMIT, line.now_ns))
    happened = line.run(250)
    times = [(at - start) // MS for at, _ in line.frames(wire.STOP)]
    assert times == [0, 0, 0, *range(20, 260, 20)]
    assert happened == [StopUnconfirmed()]
    assert line.happened[0][0] - start == 100 * MS
    line.lose = lambda way, data: False
    assert line.run(30) == [StopConfirmed(261_000)]
    line.sent.clear()
    line.run(200)
    assert not line.frames(wire.STOP)


def test_a_lost_link_still_stops() -> None:
    line = deaf()
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    assert Unanswered(wire.DISARM, wire.Disarm()) in line.run(900)
    line.sent.clear()
    line.write(line.link.stop(wire.STOP_LINK, line.now_ns))
    line.run(50)
    assert len(line.frames(wire.STOP)) == 5
    line.lose = lambda way, data: False
    assert StopConfirmed(61_000) in line.run(30)


def test_stop_after_stop_does_not_put_the_alarm_off_and_the_first_reply_is_proof() -> None:
    line = deaf()
    for _ in range(120):
        line.write(line.link.stop(wire.STOP_LIMIT, line.now_ns))
        line.run(1)
    assert [each for _, each in line.happened] == [StopUnconfirmed()]
    first = line.frames(wire.STOP)[0][1].sequence
    assert line.link.receive(line.peer.reply(wire.STOP, first, wire.OK, ()), line.now_ns) == [StopConfirmed(120_000)]


@pytest.mark.parametrize(
    ("name", "state", "flags", "proof"),
    [
        ("idle, off", wire.STATE_IDLE, HOME, True),
        ("fault, off", wire.STATE_FAULT, 0, True),
        ("running", wire.STATE_RUNNING, MOTOR, False),
        ("armed, off: a DRIVE on its way could start it", wire.STATE_ARMED, HOME, False),
        ("running, off", wire.STATE_RUNNING, 0, False),
        ("idle, powered", wire.STATE_IDLE, MOTOR | HOME, False),
    ],
)
def test_telemetry_that_shows_the_motor_off_is_proof(name: str, state: int, flags: int, proof: bool) -> None:
    line = deaf()
    line.link.stop(wire.STOP_OPERATOR, line.now_ns)
    line.run(5)
    told = line.peer.tell(wire.TELEMETRY, telemetry(1, line.peer.clock_us, state=state, flags=flags))
    happened = line.link.receive(told, line.now_ns)
    assert isinstance(happened[0], Sample)
    assert happened[1:] == ([StopConfirmed(5000)] if proof else []), name


def test_a_sample_taken_before_the_stop_proves_nothing() -> None:
    line = deaf()
    line.link.stop(wire.STOP_OPERATOR, line.now_ns)
    old_us = line.peer.clock_us - 30_000
    line.run(5)
    happened = line.link.receive(line.peer.tell(wire.TELEMETRY, telemetry(1, old_us)), line.now_ns)
    assert [type(each) for each in happened] == [Sample]
    assert line.link.stop_pending


def test_a_sample_of_another_session_proves_nothing() -> None:
    line = deaf()
    line.link.stop(wire.STOP_OPERATOR, line.now_ns)
    line.run(5)
    assert line.link.receive(line.peer.tell(wire.TELEMETRY, telemetry(1, line.peer.clock_us), session=8), line.now_ns) == []


def test_an_emergency_is_proven_only_by_its_own_reply_or_a_fault() -> None:
    line = deaf()
    line.write(line.link.stop(wire.STOP_PAUSE, line.now_ns))
    line.run(1)
    line.write(line.link.stop(wire.STOP_EMERGENCY, line.now_ns))
    line.write(line.link.stop(wire.STOP_OPERATOR, line.now_ns))
    line.run(25)
    pause, emergency = (line.frames(wire.STOP)[at][1] for at in (0, 3))
    reasons = [wire.STOP.payload.unpack(frame.payload).reason for _, frame in line.frames(wire.STOP)]
    assert reasons == [wire.STOP_PAUSE] * 3 + [wire.STOP_EMERGENCY] * 7, "nothing milder takes its place"
    idle = line.peer.tell(wire.TELEMETRY, telemetry(1, line.peer.clock_us))
    assert [type(each) for each in line.link.receive(idle, line.now_ns)] == [Sample]
    assert line.link.receive(line.peer.reply(wire.STOP, pause.sequence, wire.OK, ()), line.now_ns) == []
    assert line.link.receive(line.peer.reply(wire.STOP, emergency.sequence, wire.FAILED, ()), line.now_ns) == []
    assert line.link.receive(line.peer.reply(wire.STOP, emergency.sequence, wire.OK, ()), line.now_ns) == [StopConfirmed(26_000)]
    line.link.stop(wire.STOP_EMERGENCY, line.now_ns)
    fault = line.peer.tell(wire.TELEMETRY, telemetry(2, line.peer.clock_us, state=wire.STATE_FAULT))
    assert line.link.receive(fault, line.now_ns)[1:] == [StopConfirmed(0)]


def test_the_stop_before_does_not_prove_the_next() -> None:
    line = connected()
    line.write(line.link.stop(wire.STOP_OPERATOR, line.now_ns))
    line.run(5)
    old = line.frames(wire.STOP)[0][1].sequence
    line.lose = lambda way, data: True
    line.link.stop(wire.STOP_OPERATOR, line.now_ns)
    assert line.link.receive(line.peer.reply(wire.STOP, old, wire.OK, ()), line.now_ns) == []
    assert line.link.stop_pending


def test_next_due_wakes_for_repeats_and_for_the_alarm() -> None:
    link = Link(NONCE)
    link.hello_again(NONCE, S)
    link.stop(wire.STOP_LIMIT, S)
    now_ns = S
    alarm_ns = 0
    while not alarm_ns:
        if StopUnconfirmed() in link.receive(b"", now_ns):
            alarm_ns = now_ns
        link.poll(now_ns)
        due_ns = link.next_due_ns()
        assert due_ns is not None
        now_ns = max(now_ns, due_ns)
    assert alarm_ns == S + 100 * MS


def test_the_alarm_keeps_its_time_between_repeats_and_nothing_spins_after_it() -> None:
    line = deaf()
    start = line.now_ns
    line.link.stop(wire.STOP_LIMIT, start)
    line.link.receive(b"", start)
    line.link.stop(wire.STOP_LIMIT, start + 85 * MS)
    assert line.link.next_due_ns() == start + 100 * MS
    assert line.link.receive(b"", start + 100 * MS) == [StopUnconfirmed()]
    assert line.link.next_due_ns() == start + 105 * MS


def test_a_reply_to_a_stop_that_was_never_sent_proves_nothing() -> None:
    line = deaf()
    line.write(line.link.stop(wire.STOP_LIMIT, line.now_ns))
    [(_, stop)] = line.frames(wire.STOP)[:1]
    assert line.link.receive(line.peer.reply(wire.STOP, stop.sequence + 1, wire.OK, ()), line.now_ns) == []
