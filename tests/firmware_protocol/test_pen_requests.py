"""Requests: session, sequence, reply cache, HELLO, ARM's preconditions, the plan, and each other message."""

from typing import Any

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import encode_frame
from tests.firmware_protocol.pen_bench import BOOT_ID, PLAN, PLAN_CRC, Bench


def test_hello_says_who_the_pen_is() -> None:
    bench = Bench()
    bench.run(30)
    assert bench.hello() == m.OK
    reply = bench.reply(m.HELLO)
    assert reply == m.HelloReply(
        1,
        m.MINOR,
        BOOT_ID,
        m.STATE_IDLE,
        m.FAULT_NONE,
        0,
        m.RESET_POWER_ON,
        64,
        b"BENCH-1".ljust(12, b"\0"),
        b"1.0".ljust(8, b"\0"),
    )
    assert bench.session != 0


def test_hello_disarms_clears_the_plan_and_opens_another_session() -> None:
    bench = Bench().running()
    old = bench.session
    assert bench.hello(nonce=2) == m.OK
    assert bench.session not in (0, old)
    assert not bench.hardware.powered
    assert bench.pen.state == m.STATE_IDLE
    assert bench.events[-1].argument == m.CAUSE_HELLO
    bench.run(60)
    assert bench.arm() == m.DENIED  # no plan
    assert bench.request(m.SYNC, 1, session=old) == m.BAD_SESSION


def test_hello_with_an_equal_nonce_is_a_repeat() -> None:
    bench = Bench().running()
    session = bench.session
    assert bench.hello(nonce=1) == m.OK
    assert bench.session == session
    assert bench.pen.state == m.STATE_RUNNING
    assert bench.reply(m.HELLO).state == m.STATE_RUNNING


def test_hello_of_another_major_is_refused_and_changes_nothing() -> None:
    bench = Bench().running()
    assert bench.request(m.HELLO, 2, 0, 99, 0) == m.BAD_VERSION
    assert bench.pen.state == m.STATE_RUNNING


def test_a_longer_hello_of_a_later_minor_is_understood() -> None:
    bench = Bench()
    bench.run(30)
    payload = m.HELLO.payload.pack(m.Hello(1, 9, 5, 0)) + b"more"
    assert bench.send(encode_frame(m.HELLO.id, 0, 1, 1, payload))[0].payload[0] == m.OK


@pytest.mark.parametrize("session", [0, 1])
def test_before_hello_only_hello_and_stop_are_heard(session: int) -> None:
    bench = Bench()
    bench.run(30)
    for message, values in ((m.SYNC, (1,)), (m.ARM, (2, 0, 1500, BOOT_ID)), (m.STATUS_GET, ()), (m.STREAM, (1000, 1))):
        assert bench.request(message, *values, session=session) == m.BAD_SESSION
    assert bench.stop(session=session) == m.OK


def test_a_repeat_is_answered_from_the_cache_and_executed_once() -> None:
    bench = Bench().armed()
    token = bench.token
    bench.keep(40)
    assert bench.request(m.ARM, m.MODE_TREAT, PLAN_CRC, 1500, BOOT_ID, sequence=bench.sequence) == m.OK
    assert bench.reply(m.ARM).arm_token == token
    assert bench.pen.requests.duplicates == 1
    assert bench.pen.state == m.STATE_RUNNING


def test_a_repeat_with_other_content_is_still_a_repeat() -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, 4000, 1) == m.OK
    assert bench.request(m.STREAM, 1000, 1, sequence=bench.sequence) == m.OK
    assert bench.pen.sampling.period_us == 4000


def test_an_old_request_is_not_executed() -> None:
    bench = Bench().ready()
    for _ in range(6):
        assert bench.request(m.SYNC, 1) == m.OK
    assert bench.request(m.STREAM, 4000, 1, sequence=bench.sequence - 5) == m.BAD_STATE
    assert bench.pen.sampling.period_us == 1000
    assert bench.pen.requests.stale == 1


def test_sequence_goes_round() -> None:
    bench = Bench().ready()
    for sequence in (0x7000, 0xE000, 0xFFFD):
        bench.sequence = sequence
        assert bench.request(m.SYNC, 1) == m.OK
    assert [bench.request(m.SYNC, 1) for _ in range(4)] == [m.OK] * 4


def test_no_reply_unless_wanted() -> None:
    bench = Bench().ready()
    payload = m.STREAM.payload.pack(m.Stream(2000, 1))
    bench.pen.receive(encode_frame(m.STREAM.id, bench.session, 0, bench.sequence + 1, payload), bench.now_us)
    assert bench.pen.take_output() == b"", "not one byte"
    assert bench.pen.sampling.period_us == 2000


def test_the_four_newest_requests_are_answered_again_and_none_before() -> None:
    bench = Bench().ready()
    assert [bench.request(m.SYNC, number) for number in range(6)] == [m.OK] * 6
    newest = bench.sequence
    for back in (3, 0, 2, 1):
        assert bench.request(m.SYNC, 99, sequence=newest - back) == m.OK
        assert bench.reply(m.SYNC).host_us == 5 - back, "what was answered then"
        assert bench.replies[0].flags == 0, "a reply asks for nothing"
    assert (bench.pen.requests.duplicates, bench.pen.requests.stale) == (4, 0)
    assert bench.request(m.SYNC, 99, sequence=newest - 4) == m.BAD_STATE
    assert (bench.pen.requests.duplicates, bench.pen.requests.stale) == (4, 1)


def test_unknown_types_and_short_payloads_are_counted() -> None:
    bench = Bench().ready()
    replies = bench.send(encode_frame(0x2E, bench.session, 1, 900, b"abc"))
    assert [(reply.kind, reply.payload) for reply in replies] == [(0xAE, bytes([m.UNSUPPORTED]))]
    assert bench.send(encode_frame(0x99, bench.session, 1, 901, b"")) == []
    assert bench.send(encode_frame(m.SYNC.id, bench.session, 1, 902, b"123")) == []
    assert (bench.pen.requests.bad_types, bench.pen.requests.bad_payloads) == (2, 1)
    assert bench.request(m.STATUS_GET) == m.OK
    assert bench.reply(m.STATUS_GET).rx_bad == 3


def test_a_failed_request_answers_with_the_result_alone() -> None:
    bench = Bench().ready()
    assert bench.arm(crc=1) == m.BAD_CRC
    assert len(bench.replies[0].payload) == 1


ARM_REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
    ("mode", {"mode": 0}, {}, m.UNSUPPORTED),
    ("mode", {"mode": 3}, {}, m.UNSUPPORTED),
    ("crc", {"crc": PLAN_CRC ^ 1}, {}, m.BAD_CRC),
    ("boot", {"boot_id": BOOT_ID ^ 1}, {}, m.DENIED),
    ("ceiling", {"ceiling_um": 1501}, {}, m.DENIED),
    ("ceiling", {"ceiling_um": 499}, {}, m.DENIED),
    ("needles", {}, {"needles_home": False}, m.BUSY),
    ("motor", {}, {"motor_powered": True}, m.BUSY),
    ("cartridge", {}, {"cartridge": False}, m.DENIED),
    ("cartridge in calibrate", {"mode": m.MODE_CALIBRATE}, {"cartridge": False}, m.DENIED),
]


@pytest.mark.parametrize(("name", "arm", "readings", "result"), ARM_REFUSED)
def test_arm_is_refused(name: str, arm: dict[str, Any], readings: dict[str, Any], result: int) -> None:
    bench = Bench().ready()
    bench.hardware.override.update(readings)
    bench.run(1)
    assert bench.arm(**arm) == result
    assert bench.pen.state == m.STATE_IDLE
    assert bench.drive() == m.REFUSAL_NOT_ARMED


@pytest.mark.parametrize(
    ("period_us", "batch", "result"), [(0, 1, m.DENIED), (1000, 5, m.DENIED), (5000, 1, m.DENIED), (2000, 2, m.OK)]
)
def test_arm_needs_a_stream_of_at_most_4_ms(period_us: int, batch: int, result: int) -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, period_us, batch) == m.OK
    assert bench.arm() == result


def test_arm_only_in_idle() -> None:
    bench = Bench().armed()
    assert bench.arm() == m.BAD_STATE
    bench.keep(40)
    assert bench.arm() == m.BAD_STATE
    bench.run(300)
    assert bench.pen.state == m.STATE_FAULT
    assert bench.arm() == m.BAD_STATE


def test_disarm() -> None:
    bench = Bench().running()
    assert bench.request(m.DISARM) == m.OK
    assert not bench.hardware.powered
    assert (bench.pen.state, bench.events[-1].argument) == (m.STATE_IDLE, m.CAUSE_DISARM)
    assert bench.request(m.DISARM) == m.OK


def test_plan_in_parts_is_offset_addressed_and_repeats_do_no_harm() -> None:
    bench = Bench().ready()
    zones = tuple((zone, 500 + 10 * zone) for zone in range(1, 65))
    for offset in (0, 16, 16, 32, 48):
        assert bench.request(m.PLAN_WRITE, offset, zones[offset : offset + 16]) == m.OK
    assert bench.pen.requests.plan.crc == PLAN_CRC  # staged, not in force
    assert bench.request(m.PLAN_COMMIT, m.plan_crc(zones)) == m.OK
    assert bench.pen.requests.plan.limits_um == dict(zones)


@pytest.mark.parametrize(
    ("offset", "entries"),
    [(0, ()), (1, ((1, 900),)), (0, ((1, 499),)), (0, ((1, 1501),)), (63, ((1, 900), (2, 900)))],
)
def test_plan_write_is_refused(offset: int, entries: tuple[tuple[int, int], ...]) -> None:
    bench = Bench()
    bench.run(30)
    bench.hello()
    assert bench.request(m.PLAN_WRITE, offset, entries) == m.DENIED


def test_plan_commit_is_refused_and_the_old_plan_stays() -> None:
    bench = Bench().ready()
    twice = ((3, 900), (3, 1500))
    assert bench.request(m.PLAN_WRITE, 0, twice) == m.OK
    assert bench.request(m.PLAN_COMMIT, m.plan_crc(twice)) == m.DENIED
    assert bench.request(m.PLAN_WRITE, 0, ((3, 1500),)) == m.OK
    assert bench.request(m.PLAN_COMMIT, 12345) == m.BAD_CRC
    assert bench.pen.requests.plan.limits_um == dict(PLAN)


def test_plan_and_stream_are_for_idle() -> None:
    bench = Bench().armed()
    assert bench.request(m.PLAN_WRITE, 0, PLAN) == m.BAD_STATE
    assert bench.request(m.PLAN_COMMIT, PLAN_CRC) == m.BAD_STATE
    assert bench.request(m.STREAM, 1000, 1) == m.BAD_STATE


def test_a_host_that_comes_back_to_a_fault_may_stream_but_not_plan() -> None:
    bench = Bench().running()
    bench.pen.link_lost(bench.now_us)
    assert bench.hello(nonce=3) == m.OK
    assert bench.reply(m.HELLO).fault == m.FAULT_LINK
    assert bench.request(m.STREAM, 1000, 1) == m.OK
    assert bench.request(m.PLAN_WRITE, 0, PLAN) == m.BAD_STATE


@pytest.mark.parametrize(("period_us", "batch"), [(250, 1), (1250, 1), (1000, 0), (1000, 10)])
def test_stream_is_refused(period_us: int, batch: int) -> None:
    assert Bench().ready().request(m.STREAM, period_us, batch) == m.DENIED


def test_clear_fault_names_it_and_its_boot() -> None:
    bench = Bench().running()
    assert bench.request(m.CLEAR_FAULT, m.FAULT_NONE, BOOT_ID) == m.BAD_STATE
    bench.run(300)
    assert bench.request(m.CLEAR_FAULT, m.FAULT_STALL, BOOT_ID) == m.DENIED
    assert bench.request(m.CLEAR_FAULT, m.FAULT_HOST_TIMEOUT, BOOT_ID ^ 1) == m.DENIED
    assert bench.request(m.CLEAR_FAULT, m.FAULT_HOST_TIMEOUT, BOOT_ID) == m.OK
    assert bench.pen.state == m.STATE_IDLE
    assert bench.request(m.STATUS_GET) == m.OK
    assert bench.reply(m.STATUS_GET).fault_bits == 1 << m.FAULT_HOST_TIMEOUT


def test_sync_and_cartridge_and_simulate() -> None:
    bench = Bench().ready()
    assert bench.request(m.SYNC, 2**63) == m.OK
    assert bench.reply(m.SYNC) == m.SyncReply(2**63, bench.now_us, bench.now_us)
    assert bench.request(m.CARTRIDGE_GET) == m.OK
    assert bench.reply(m.CARTRIDGE_GET).needles == 12
    assert bench.request(m.SIMULATE, 4, -5) == m.UNSUPPORTED
    bench.hardware.takes_simulate = True
    assert bench.request(m.SIMULATE, 4, -5) == m.OK
    assert bench.hardware.simulated == [(4, -5), (4, -5)]


def test_status_shows_what_was_asked_and_what_is_left() -> None:
    bench = Bench().running()
    bench.drive(zone=7, depth_limit_um=800, depth_um=700, speed_rpm=6500, lease_ms=150)
    bench.drive(trip_ms=0)
    assert bench.request(m.STATUS_GET) == m.OK
    status = bench.reply(m.STATUS_GET)
    assert (status.zone, status.depth_limit_um, status.depth_um, status.speed_rpm) == (7, 800, 700, 6500)
    assert (status.arm_token, status.lease_left_ms, status.refusal, status.refused) == (bench.token, 150, m.REFUSAL_TRIP, 1)


def test_tokens_of_two_boots_differ() -> None:
    assert Bench().armed().token == (BOOT_ID & 0xFFFF) % 0xFFFF + 1
