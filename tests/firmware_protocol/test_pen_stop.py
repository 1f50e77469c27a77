"""STOP: in every state, for any session and sequence, past the cache, and over an ARM on its way (pen-link.md, 31)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import messages as m
from firmware_protocol.frame import FLAG_REPLY_WANTED, encode_frame
from tests.firmware_protocol.pen_bench import BOOT_ID, PLAN_CRC, Bench


def faulted(bench: Bench) -> Bench:
    bench.running().pen.link_lost(bench.now_us)
    return bench


STATES = [
    (m.STATE_BOOT, lambda bench: bench),
    (m.STATE_SELFTEST, lambda bench: bench.run(1) or bench),
    (m.STATE_IDLE, lambda bench: bench.ready()),
    (m.STATE_ARMED, lambda bench: bench.armed()),
    (m.STATE_RUNNING, lambda bench: bench.running()),
    (m.STATE_FAULT, faulted),
]


@pytest.mark.parametrize(("state", "enter"), STATES)
@pytest.mark.parametrize("session", [0, 1, 200])
def test_in_every_state_and_session(state: int, enter, session: int) -> None:  # type: ignore[no-untyped-def]
    bench = enter(Bench())
    assert bench.pen.state == state
    calls = bench.hardware.safe_calls
    assert bench.stop(session=session) == m.OK
    assert bench.hardware.safe_calls > calls
    assert not bench.hardware.powered
    assert bench.pen.motion.token == 0
    assert bench.pen.state == (m.STATE_IDLE if state in (m.STATE_ARMED, m.STATE_RUNNING) else state)


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFF), st.integers(0, 0xFF))
def test_any_sequence_session_and_reason(sequence: int, session: int, reason: int) -> None:
    bench = Bench().running()
    assert bench.stop(reason, sequence=sequence, session=session) == m.OK
    assert not bench.hardware.powered
    assert bench.pen.state == (m.STATE_FAULT if reason == m.STOP_EMERGENCY else m.STATE_IDLE)


def test_acts_before_it_answers_and_answers_without_being_asked() -> None:
    bench = Bench().running()
    payload = m.STOP.payload.pack(m.Stop(m.STOP_LIMIT))
    bench.pen.receive(encode_frame(m.STOP.id, 0, 0, 1, payload), bench.now_us)
    assert not bench.hardware.powered
    bench.collect()
    assert [reply.kind for reply in bench.replies] == [m.STOP.reply_id]


def test_another_major_and_unknown_flags_stop_too() -> None:
    import binascii

    from firmware_protocol.frame import cobs_encode

    bench = Bench().running()
    body = struct.pack("<BBBBH", 9, m.STOP.id, 77, 0xF0, 3) + b"\0"
    bench.send(b"\0" + cobs_encode(body + struct.pack("<I", binascii.crc32(body))) + b"\0")
    assert not bench.hardware.powered


def test_bypasses_the_reply_cache() -> None:
    bench = Bench().armed()
    first = bench.stop()
    again = bench.arm()
    assert (first, again) == (m.OK, m.OK)
    bench.keep(100)
    assert bench.pen.state == m.STATE_RUNNING
    # a late copy of the first STOP, its sequence long answered
    assert bench.stop(sequence=bench.sequence - 1) == m.OK
    assert not bench.hardware.powered


def test_on_the_sequence_of_a_cached_request() -> None:
    bench = Bench().armed()
    bench.keep(100)
    assert bench.stop(sequence=bench.sequence) == m.OK
    assert not bench.hardware.powered


def test_an_arm_on_its_way_does_not_arm() -> None:
    bench = Bench().ready()
    arm_sequence = bench.sequence + 1
    assert bench.stop(sequence=bench.sequence + 2) == m.OK
    result = bench.request(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, BOOT_ID, sequence=arm_sequence)
    assert result == m.BAD_STATE
    assert bench.pen.state == m.STATE_IDLE


def test_an_arm_on_its_way_does_not_arm_after_a_stop_of_another_session() -> None:
    bench = Bench().ready()
    assert bench.stop(sequence=9999, session=bench.session + 1) == m.OK
    assert bench.arm() == m.BAD_STATE
    assert bench.pen.state == m.STATE_IDLE
    assert bench.arm() == m.OK  # a new word of the person


def test_a_hello_ends_what_a_stop_of_another_session_voided() -> None:
    bench = Bench().ready()
    void = bench.sequence + 1
    assert bench.stop(sequence=9999, session=bench.session + 1) == m.OK
    bench.sequence = void - 2
    assert bench.hello(nonce=8) == m.OK
    assert bench.sequence + 1 == void
    assert bench.arm(mode=m.MODE_CALIBRATE, crc=0) == m.OK


def test_a_new_arm_after_three_copies_of_a_stop_arms() -> None:
    bench = Bench().running()
    bench.sequence += 1
    wire = encode_frame(m.STOP.id, bench.session, FLAG_REPLY_WANTED, bench.sequence, b"\0")
    assert len(bench.send(wire * 3)) == 3
    bench.run(60)
    assert bench.arm() == m.OK


def test_a_repeated_arm_gives_no_token_after_a_stop() -> None:
    bench = Bench().armed()
    sequence = bench.sequence
    assert bench.stop() == m.OK
    assert bench.request(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, BOOT_ID, sequence=sequence) == m.BAD_STATE
    assert bench.drive() == m.REFUSAL_NOT_ARMED


def test_any_stop_voids_the_token() -> None:
    bench = Bench().running()
    old = bench.token
    bench.stop()
    bench.run(60)
    assert bench.arm() == m.OK
    assert bench.token != old
    assert bench.drive(arm_token=old) == m.REFUSAL_TOKEN


def test_emergency_latches_over_another_fault_and_says_so_once() -> None:
    bench = faulted(Bench())
    bench.hello(nonce=5)
    for _ in range(3):
        assert bench.stop(m.STOP_EMERGENCY) == m.OK
    assert bench.pen.fault == m.FAULT_EMERGENCY
    assert [event.fault for event in bench.events].count(m.FAULT_EMERGENCY) == 1
    bench.run(100)
    assert bench.request(m.CLEAR_FAULT, m.FAULT_LINK, BOOT_ID) == m.DENIED
    assert bench.request(m.CLEAR_FAULT, m.FAULT_EMERGENCY, BOOT_ID) == m.OK
    assert bench.pen.state == m.STATE_IDLE


@pytest.mark.parametrize("reason", [m.STOP_OPERATOR, m.STOP_PAUSE])
def test_operator_and_pause_do_not_latch(reason: int) -> None:
    bench = Bench().running()
    bench.stop(reason)
    assert bench.events[-1] == m.Event(
        bench.events[-1].log_index, bench.now_us, m.STATE_IDLE, m.FAULT_NONE, bench.pen.index, m.CAUSE_STOP
    )


def test_a_frame_of_another_length_is_no_stop() -> None:
    bench = Bench().running()
    for payload in (b"", b"\0\0"):
        assert bench.send(encode_frame(m.STOP.id, bench.session, 1, 900, payload)) == []
    assert bench.pen.requests.bad_payloads == 2
    assert bench.pen.state == m.STATE_RUNNING
