"""The pen's guards at their exact edges, one at a time: on either side of each figure, and what a wrong comparison would do."""

from typing import Any

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import encode_frame
from firmware_protocol.pen_guards import INITIAL_LIMITS, Guards, Run, cause_is_gone
from firmware_protocol.pen_hardware import Readings
from tests.firmware_protocol.pen_bench import IDEAL, Bench

SPIN_UP_US = INITIAL_LIMITS.spin_up_us


def readings(**changes: Any) -> Readings:
    return Readings(**{**IDEAL, "depth_um": 1000, "speed_rpm": 7000, "needles_home": False, "motor_powered": True, **changes})


def a_run(**changes: Any) -> Run:
    run = Run()
    values = {"depth_limit_um": 1200, "depth_um": 1000, "speed_rpm": 7000, "over_tolerance_um": 100, "trip_us": 3000}
    for name, value in (values | changes).items():
        setattr(run, name, value)
    return run


def first_fault(guards: Guards, found: Readings, run: Run, from_us: int, most_ms: int = 600) -> tuple[int, int, int]:
    """(fault, value, after how many ms) of the same reading again and again; (0, 0, -1) when it never trips."""
    for ms in range(most_ms):
        fault, value = guards.judge(found, run, from_us + ms * 1000)
        if fault != m.FAULT_NONE:
            return fault, value, ms + 1
        assert value == 0
    return m.FAULT_NONE, 0, -1


NEVER = (m.FAULT_NONE, 0, -1)
EDGES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[int, int, int]]] = [
    ("depth at limit and tolerance", {"depth_um": 1300}, {}, NEVER),
    ("depth beyond", {"depth_um": 1301}, {}, (m.FAULT_DEPTH_OVER, 1301, 3)),
    ("no cartridge", {"cartridge": False}, {}, (m.FAULT_CARTRIDGE, 0, 1)),
    ("a quarter of the speed turns", {"speed_rpm": 1750, "current_ma": 900}, {}, (m.FAULT_SPEED_RANGE, 1750, 200)),
    ("less than a quarter does not", {"speed_rpm": 1749, "current_ma": 900}, {}, (m.FAULT_STALL, 1749, 200)),
    ("at 600 mA", {"speed_rpm": 0, "current_ma": 600}, {}, (m.FAULT_STALL, 0, 200)),
    ("at less it may coast", {"speed_rpm": 0, "current_ma": 599}, {}, (m.FAULT_SPEED_RANGE, 0, 200)),
    ("20 % slow", {"speed_rpm": 5600}, {}, NEVER),
    ("slower", {"speed_rpm": 5599}, {}, (m.FAULT_SPEED_RANGE, 5599, 200)),
    ("20 % fast", {"speed_rpm": 8400}, {}, NEVER),
    ("faster", {"speed_rpm": 8401}, {}, (m.FAULT_SPEED_RANGE, 8401, 200)),
    ("a motor held still that coasts", {"speed_rpm": 40}, {"speed_rpm": 0}, NEVER),
    ("a motor held still whose speed is unknown", {"speed_rpm": 0, "speed_valid": False}, {"speed_rpm": 0}, NEVER),
    ("the highest current", {"current_ma": 1200}, {}, NEVER),
    ("more current", {"current_ma": 1201}, {}, (m.FAULT_OVERCURRENT, 1201, 20)),
    ("the highest temperature", {"temperature_dc": 600}, {}, NEVER),
    ("warmer", {"temperature_dc": 601}, {}, (m.FAULT_OVERTEMPERATURE, 601, 100)),
    ("the lowest supply", {"supply_mv": 4400}, {}, NEVER),
    ("less supply", {"supply_mv": 4399}, {}, (m.FAULT_UNDERVOLTAGE, 4399, 20)),
]


@pytest.mark.parametrize(("name", "changes", "run", "told"), EDGES, ids=[row[0] for row in EDGES])
def test_each_figure_at_its_edge(name: str, changes: dict[str, Any], run: dict[str, Any], told: tuple[int, int, int]) -> None:
    assert first_fault(Guards(0), readings(**changes), a_run(**run), SPIN_UP_US) == told


def test_the_speed_is_judged_from_the_end_of_spin_up_on() -> None:
    slow, run = readings(speed_rpm=5000), a_run()
    for begins_us, trips_after_ms in ((SPIN_UP_US, 200), (SPIN_UP_US - 1000, 201)):
        assert first_fault(Guards(0), slow, run, begins_us) == (m.FAULT_SPEED_RANGE, 5000, trips_after_ms)


def test_another_speed_gets_the_longer_of_settling_and_what_is_left_of_spin_up() -> None:
    slow, run = readings(speed_rpm=5000), a_run()
    for old_rpm, asked_us, judged_us in (
        (7000, SPIN_UP_US + 9_000_000, SPIN_UP_US + 9_500_000),
        (7000, 100_000, SPIN_UP_US),
        (7000, SPIN_UP_US - 400_000, SPIN_UP_US + 100_000),
        (0, 3_000_000, 3_000_000 + SPIN_UP_US),
    ):
        guards = Guards(0)
        if asked_us > SPIN_UP_US:
            assert guards.judge(readings(), run, asked_us - 1000) == (m.FAULT_NONE, 0)
        guards.speed_asked(old_rpm, asked_us)
        assert first_fault(guards, slow, run, asked_us + 1000, 3000)[2] == (judged_us - asked_us) // 1000 + 199


def after_a_change(old_um: int, new_um: int, measured_um: int, then_um: int) -> int:
    """The fault when the reading stands at `then_um` after that change."""
    guards = Guards(0)
    guards.depth_asked(old_um, new_um, measured_um, 0)
    return first_fault(guards, readings(depth_um=then_um), a_run(depth_um=new_um), 1000)[0]


def test_a_change_is_watched_where_a_way_of_75_um_is_left() -> None:
    assert after_a_change(600, 800, 725, 725) == m.FAULT_SENSOR
    assert after_a_change(600, 800, 726, 726) == m.FAULT_NONE
    assert after_a_change(600, 699, 600, 600) == m.FAULT_NONE
    assert after_a_change(600, 700, 600, 649) == m.FAULT_SENSOR
    assert after_a_change(600, 700, 600, 650) == m.FAULT_NONE
    assert after_a_change(800, 600, 800, 800) == m.FAULT_SENSOR


@pytest.mark.parametrize(("back_to_um", "fault"), [(674, m.FAULT_NONE), (675, m.FAULT_SENSOR)])
def test_the_watch_ends_when_the_needles_are_sent_back_to_where_they_are(back_to_um: int, fault: int) -> None:
    guards = Guards(0)
    guards.depth_asked(600, 750, 600, 0)
    guards.depth_asked(750, back_to_um, 600, 10_000)
    assert first_fault(guards, readings(depth_um=600), a_run(), 11_000)[0] == fault


def test_a_movement_that_was_seen_is_not_asked_for_again() -> None:
    guards = Guards(0)
    guards.depth_asked(600, 750, 600, 0)
    assert guards.judge(readings(depth_um=650), a_run(), 1000) == (m.FAULT_NONE, 0)
    assert first_fault(guards, readings(depth_um=600), a_run(), 2000) == NEVER


HOME = {"needles_home": True, "motor_powered": False, "depth_um": 0, "speed_rpm": 0}
GONE: list[tuple[int, dict[str, Any], bool]] = [
    (m.FAULT_OVERTEMPERATURE, {"temperature_dc": 550}, True),
    (m.FAULT_OVERTEMPERATURE, {"temperature_dc": 551}, False),
    (m.FAULT_UNDERVOLTAGE, {"supply_mv": 4400}, True),
    (m.FAULT_UNDERVOLTAGE, {"supply_mv": 4399}, False),
    (m.FAULT_OVERCURRENT, {"current_ma": 1200}, True),
    (m.FAULT_OVERCURRENT, {"current_ma": 1201}, False),
    (m.FAULT_CARTRIDGE, {"cartridge": False}, False),
    (m.FAULT_DEPTH_OVER, {"depth_valid": False}, False),
    (m.FAULT_SENSOR, {"depth_valid": False}, False),
    (m.FAULT_STALL, {}, True),
    (m.FAULT_STALL, {"motor_powered": True}, False),
    (m.FAULT_STALL, {"needles_home": False}, False),
]


@pytest.mark.parametrize(("fault", "changes", "gone"), GONE)
def test_a_cause_is_gone_at_its_edge(fault: int, changes: dict[str, Any], gone: bool) -> None:
    assert cause_is_gone(fault, readings(**{**HOME, **changes})) is gone


def test_a_lost_link_and_a_stop_say_no_more_than_they_must() -> None:
    bench = Bench().running()
    bench.pen.link_lost(bench.now_us)
    log = bench.pen.service.log
    assert [(event.fault, event.argument) for event in log.read(log.last, 1) or ()] == [(m.FAULT_LINK, 0)]
    bench = Bench().running()
    assert bench.stop() == m.OK
    assert [reply.payload for reply in bench.replies] == [bytes([m.OK])]


# STATUS and requests


def status(bench: Bench) -> m.StatusReply:
    assert bench.request(m.STATUS_GET) == m.OK
    told: m.StatusReply = bench.reply(m.STATUS_GET)
    return told


def test_status_adds_up_everything_that_was_refused() -> None:
    bench = Bench().ready()
    before = status(bench)
    assert (before.rx_bad, before.rx_overrun, before.duplicates) == (0, 0, 0)
    session = bench.session
    bench.request(m.SYNC, 1, session=session + 1)  # another session
    bench.request(m.SYNC, 1, session=session + 1)
    for _ in range(6):
        bench.request(m.SYNC, 1)
    for _ in range(3):
        bench.request(m.SYNC, 1, sequence=bench.sequence - 5)  # long answered
    for _ in range(2):
        bench.request(m.SYNC, 1, sequence=bench.sequence)  # a repeat
        bench.send(encode_frame(m.SYNC.id, session, 1, 9000, b"123"))  # too short
    bench.send(b"\0" + bytes([0x55]) * 80 + b"\0")  # too long
    bench.send(encode_frame(0x2E, session, 1, 1, b""))  # no such type
    for payload in (b"", b"\1"):
        assert bench.send(encode_frame(m.HELLO.id, 0, 1, 1, payload)) == []  # no whole HELLO
    told = status(bench)
    assert (told.rx_bad, told.rx_overrun, told.duplicates) == (2 + 3 + 2 + 1 + 1 + 2, 1, 2)
    assert bench.pen.requests.bad_payloads == 4
    assert told.rx_good == before.rx_good + 2 + 6 + 3 + 4 + 1 + 2 + 1


def test_figures_of_status_past_their_field_go_round_or_stay_at_its_end() -> None:
    bench = Bench().ready()
    bench.pen._deframer.good = (1 << 32) + 40
    bench.pen._deframer.overrun = (1 << 16) + 3
    bench.pen.requests.duplicates = (1 << 16) + 4
    told = status(bench)
    assert (told.rx_good, told.rx_overrun, told.duplicates, told.rx_bad) == (41, 3, 4, 3)
    for longest_us, told_us in ((0xFFFF, 0xFFFF), (0x10000, 0xFFFF), (70_000, 0xFFFF), (0, 0)):
        bench.pen.motion.longest_step_us = longest_us
        assert status(bench).loop_max_us == told_us
    for free_kb, told_kb in ((-1, 0), (0, 0), (0xFFFF, 0xFFFF), (0x10000, 0xFFFF)):
        bench.hardware.free_kb = lambda free_kb=free_kb: free_kb  # type: ignore[method-assign, misc]
        assert status(bench).free_kb == told_kb


def test_the_lease_that_status_tells() -> None:
    bench = Bench().armed()
    assert bench.pen.motion.lease_left_ms(bench.now_us) == 0, "none yet"
    assert bench.drive(lease_ms=150) == m.REFUSAL_NONE
    assert status(bench).lease_left_ms == 150
    assert bench.pen.motion.lease_left_ms(bench.now_us + 149_000) == 1
    assert bench.pen.motion.lease_left_ms(bench.now_us + 149_001) == 0
    assert bench.pen.motion.lease_left_ms(bench.now_us + 150_000) == 0
    assert bench.pen.motion.lease_left_ms(bench.now_us + 900_000) == 0
    bench.stop()
    assert status(bench).lease_left_ms == 0


def test_after_a_lost_link_an_equal_nonce_opens_a_session_all_the_same() -> None:
    bench = Bench().ready()
    old = bench.session
    bench.pen.link_lost(bench.now_us)
    bench.collect()
    assert bench.hello(nonce=1) == m.OK
    assert bench.session not in (0, old)


def test_in_session_1_an_equal_nonce_is_a_repeat_too() -> None:
    bench = Bench()
    bench.run(30)
    nonce = 1
    while bench.session != 1:
        nonce += 1
        assert bench.hello(nonce) == m.OK
    assert bench.hello(nonce) == m.OK
    assert bench.session == 1


def test_arms_ceiling_may_be_the_pens_least_depth_and_tokens_go_round() -> None:
    bench = Bench().ready()
    bench.pen.motion._last_token = 0xFFFE
    for token in (0xFFFF, 1, 2):
        assert bench.arm(ceiling_um=500) == m.OK
        assert bench.token == token
        bench.stop()
        bench.run(60)


# motion


def test_needles_that_were_taken_in_wait_for_the_speed_again() -> None:
    bench = Bench().ready()
    assert bench.arm(mode=m.MODE_CALIBRATE, crc=0) == m.OK
    calibrate = {"mode": m.MODE_CALIBRATE, "zone": 0, "depth_limit_um": 1500}
    bench.keep(300, **calibrate, depth_um=1000, speed_rpm=0)
    bench.keep(40, **calibrate, depth_um=0, speed_rpm=7000)
    bench.hardware.override["speed_rpm"] = 3000
    bench.keep(100, **calibrate, depth_um=1000, speed_rpm=7000)
    assert bench.hardware.asked == (7000, 0)
    bench.hardware.override.clear()
    bench.keep(20, **calibrate, depth_um=1000, speed_rpm=7000)
    assert bench.hardware.asked[1] > 0


def test_a_motor_that_coasts_does_not_keep_the_needles_of_the_gauge_in() -> None:
    bench = Bench().ready()
    assert bench.arm(mode=m.MODE_CALIBRATE, crc=0) == m.OK
    bench.hardware.override["speed_rpm"] = 40
    bench.keep(300, mode=m.MODE_CALIBRATE, zone=0, depth_limit_um=1500, depth_um=1000, speed_rpm=0)
    assert bench.hardware.asked == (0, 1000)


def test_the_ramp_from_its_first_step_and_in_short_steps() -> None:
    bench = Bench().armed()
    bench.drive()
    bench.hardware.override["speed_rpm"] = 7000
    bench.run(1)
    assert bench.hardware.asked == (7000, 8)
    bench.run(1)
    assert bench.hardware.asked == (7000, 16)
    for short_us, more_um in ((100, 1), (250, 2), (375, 3)):
        before_um = bench.hardware.asked[1]
        bench.now_us += short_us
        bench.pen.step(bench.now_us)
        assert bench.hardware.asked == (7000, before_um + more_um)


def test_sessions_follow_one_another_from_1_to_255_and_a_repeat_is_counted() -> None:
    bench = Bench()
    bench.run(30)
    assert bench.hello(1) == m.OK
    for nonce in range(2, 600):
        expected = bench.session % 255 + 1
        assert bench.hello(nonce) == m.OK
        assert bench.session == expected
    for count in (1, 2, 3):
        assert bench.hello(nonce) == m.OK
        assert bench.pen.requests.duplicates == count


@pytest.mark.parametrize(("kind", "answered"), [(0x00, False), (0x2E, True), (0x3F, True), (0x40, False)])
def test_what_is_no_message_is_refused_where_a_host_may_have_asked(kind: int, answered: bool) -> None:
    bench = Bench().ready()
    replies = bench.send(encode_frame(kind, bench.session, 1, 900, b""))
    assert [reply.payload for reply in replies] == [bytes([m.UNSUPPORTED])] * answered
    assert bench.pen.requests.bad_types == 1
