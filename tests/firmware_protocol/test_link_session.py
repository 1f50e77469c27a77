"""HELLO, SYNC, BOOT and what the pen says unasked, through the host's link."""

from __future__ import annotations

from firmware_protocol import messages as wire
from firmware_protocol.happenings import PenBooted, PenEvent, Replied, StatusSeen, Unanswered, Voided
from firmware_protocol.link import Link
from tests.firmware_protocol.link_peer import MS, NONCE, Peer, S, Wire, connected, is_retry

ARM_TREAT = wire.Arm(wire.MODE_TREAT, 0x55, 1000, 0xB007)


def test_the_first_frame_is_hello_without_a_session() -> None:
    link = Link(NONCE)
    assert link.next_due_ns() is not None
    assert (link.session, link.hello, link.lost) == (0, None, False)
    peer = Peer()
    peer.hear(link.poll(S))
    [frame] = peer.heard
    assert (frame.kind, frame.session) == (wire.HELLO.id, 0)
    assert wire.HELLO.payload.unpack(frame.payload) == wire.Hello(1, wire.MINOR, NONCE, 0)


def test_hello_gives_the_session_then_come_eight_syncs_then_one_each_980_ms() -> None:
    line = Wire(Link(NONCE), Peer(session=9))
    [hello] = line.run(3)
    assert isinstance(hello, Replied)
    assert hello.message is wire.HELLO
    assert line.link.session == 9
    assert line.link.hello is hello.reply
    line.run(150)
    assert len(line.frames(wire.SYNC)) == 8
    assert line.link.clock.rounds == 8
    line.run(2000)
    times = [at for at, _ in line.frames(wire.SYNC)]
    assert times[8] - times[7] == 980 * MS
    assert times[9] - times[8] == 980 * MS
    assert {frame.session for _, frame in line.frames(wire.SYNC)} == {9}


def test_a_new_hello_ends_the_uncertainty() -> None:
    line = connected()
    line.lose = lambda way, data: True
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.run(1000)
    assert line.link.lost
    line.lose = lambda way, data: False
    line.peer.session = 8
    line.link.hello_again(NONCE + 1, line.now_ns)
    assert (line.link.session, line.link.hello, line.link.lost) == (0, None, False)
    line.run(5)
    assert (line.link.session, line.link.lost) == (8, False)


def test_hello_again_withdraws_everything_and_a_late_reply_has_no_effect() -> None:
    line = connected()
    line.lose = lambda way, data: way == "out"
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.run(2)
    sequence = line.frames(wire.ARM)[0][1].sequence
    line.link.hello_again(NONCE + 1, line.now_ns)
    happened = line.link.receive(line.peer.reply(wire.ARM, sequence, wire.OK, wire.ArmReply(5)), line.now_ns)
    assert happened == [Voided(wire.ARM, ARM_TREAT), Voided(wire.DISARM, wire.Disarm())]
    assert line.link.counters.wrong_session == 1


def test_a_hello_of_an_older_connection_is_not_taken_for_the_answer() -> None:
    old = Peer(session=3)
    late = old.hear(Link(NONCE).poll(S))
    link = Link(NONCE + 77)
    link.poll(S)
    assert link.receive(late, S) == []
    assert (link.session, link.counters.stale_replies) == (0, 1)


def test_a_refused_hello_leaves_no_session() -> None:
    line = Wire(Link(NONCE), Peer())
    line.peer.results[wire.HELLO.id] = wire.BAD_VERSION
    [told] = line.run(5)
    assert isinstance(told, Replied)
    assert (told.result, told.reply, line.link.session) == (wire.BAD_VERSION, None, 0)


def test_hello_answered_with_session_zero_is_no_answer() -> None:
    link = Link(NONCE)
    peer = Peer(session=0)
    answer = peer.hear(link.poll(S))
    assert link.receive(answer, S) == []
    assert (link.session, link.counters.bad_payload) == (0, 1)


def test_unsolicited_frames_are_reported_only_in_session() -> None:
    line = connected()
    status = wire.Status(*range(21))
    event = wire.Event(1, 2, 3, 4, 5, 6)
    told = line.peer.tell(wire.STATUS, status) + line.peer.tell(wire.EVENT, event)
    assert line.link.receive(told, line.now_ns) == [StatusSeen(status), PenEvent(event)]
    foreign = line.peer.tell(wire.STATUS, status, session=6) + line.peer.tell(wire.EVENT, event, session=0)
    assert line.link.receive(foreign, line.now_ns) == []
    assert line.link.counters.wrong_session == 2


def test_boot_before_hello_is_news_and_in_session_a_lost_link() -> None:
    line = Wire(Link(NONCE), Peer())
    boot = wire.Boot(0xB008, wire.RESET_BROWN_OUT)
    told = line.peer.tell(wire.BOOT, boot, session=0)
    assert line.link.receive(told, line.now_ns) == [PenBooted(boot)]
    assert not line.link.lost
    line.connected()
    line.lose = lambda way, data: True
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.run(1)
    assert line.link.receive(told, line.now_ns) == [
        PenBooted(boot),
        Unanswered(wire.ARM, ARM_TREAT),
        Voided(wire.DISARM, wire.Disarm()),
    ]
    assert (line.link.lost, line.link.session, line.link.hello) == (True, 0, None)


def test_a_retried_sync_tells_no_time() -> None:
    line = connected()
    rounds = line.link.clock.rounds
    lost = [0]

    def lose_first(way: str, data: bytes) -> bool:
        lost[0] += 1
        return lost[0] == 1

    line.lose = lose_first
    line.run(1100)
    syncs = line.frames(wire.SYNC)
    assert [is_retry(frame) for _, frame in syncs] == [False, True]
    assert line.link.clock.rounds == rounds


def test_a_pen_that_forgot_the_session_is_a_lost_link() -> None:
    line = connected()
    line.peer.results[wire.DISARM.id] = wire.BAD_SESSION
    line.link.request(wire.DISARM, wire.Disarm(), line.now_ns)
    line.link.request(wire.ARM, ARM_TREAT, line.now_ns)
    assert line.run(5) == [Replied(wire.DISARM, wire.BAD_SESSION, None, ()), Voided(wire.ARM, ARM_TREAT)]
    assert line.link.lost
    line = connected()
    line.peer.results[wire.SYNC.id] = wire.BAD_SESSION
    assert [type(each) for each in line.run(1000)] == [Unanswered]
    assert line.link.lost


def test_an_echo_of_another_sync_tells_no_time() -> None:
    line = connected()
    line.lose = lambda way, data: way == "in"
    while not line.frames(wire.SYNC):
        line.run(1)
    [(_, frame)] = line.frames(wire.SYNC)
    reply = wire.SyncReply(5, line.peer.clock_us, line.peer.clock_us)
    line.link.receive(line.peer.reply(wire.SYNC, frame.sequence, wire.OK, reply), line.now_ns)
    assert (line.link.clock.rounds, line.link.counters.bad_payload) == (8, 1)


def test_next_due_wakes_for_the_next_sync() -> None:
    line = connected()
    due_ns = line.link.next_due_ns()
    assert due_ns is not None
    assert 0 < due_ns - line.now_ns <= 980 * MS
    line.write(line.link.poll(due_ns - 1))
    assert not line.frames(wire.SYNC)
    line.write(line.link.poll(due_ns))
    assert len(line.frames(wire.SYNC)) == 1


def test_a_long_queue_does_not_hold_up_sync() -> None:
    line = connected()
    for _ in range(2000):
        line.link.request(wire.STATUS_GET, wire.StatusGet(), line.now_ns)
    line.run(1000)
    assert len(line.frames(wire.SYNC)) == 1
    assert len(line.frames(wire.STATUS_GET)) > 900


def test_a_stop_does_not_make_a_second_hello_of_one_on_its_way() -> None:
    line = Wire(Link(NONCE), Peer())
    line.lose = lambda way, data: True
    line.run(2)
    line.write(line.link.stop(wire.STOP_LINK, line.now_ns))
    line.run(200)
    assert len({frame.sequence for _, frame in line.frames(wire.HELLO)}) == 1
    assert [is_retry(frame) for _, frame in line.frames(wire.HELLO)] == [False, True, True]


def test_hello_and_sync_are_the_links_own_and_never_reported_void() -> None:
    line = Wire(Link(NONCE), Peer())
    line.link.hello_again(NONCE + 1, line.now_ns)
    [told] = line.run(5)
    assert isinstance(told, Replied)
    line.lose = lambda way, data: True
    line.run(30)
    assert line.frames(wire.SYNC)
    line.link.hello_again(NONCE + 2, line.now_ns)
    assert line.link.receive(b"", line.now_ns) == []
