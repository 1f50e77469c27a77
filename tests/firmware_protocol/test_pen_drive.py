"""DRIVE: every rule of acceptance, the lease, and that a late frame never deepens (pen-link.md, "Two kinds of traffic")."""

import pytest

from firmware_protocol import messages as m
from firmware_protocol.frame import encode_frame
from tests.firmware_protocol.pen_bench import PLAN, PLAN_CRC, Bench

REFUSED = [
    ({"arm_token": 0}, m.REFUSAL_TOKEN),
    ({"mode": m.MODE_CALIBRATE}, m.REFUSAL_MODE),
    ({"mode": m.MODE_NONE}, m.REFUSAL_MODE),
    ({"lease_ms": 59}, m.REFUSAL_LEASE),
    ({"lease_ms": 201}, m.REFUSAL_LEASE),
    ({"over_tolerance_um": 49}, m.REFUSAL_TOLERANCE),
    ({"over_tolerance_um": 151}, m.REFUSAL_TOLERANCE),
    ({"trip_ms": 0}, m.REFUSAL_TRIP),
    ({"trip_ms": 21}, m.REFUSAL_TRIP),
    ({"zone": 4}, m.REFUSAL_ZONE),
    ({"zone": 0}, m.REFUSAL_ZONE),
    ({"depth_limit_um": 1201}, m.REFUSAL_LIMIT),
    ({"depth_limit_um": 499}, m.REFUSAL_LIMIT),
    ({"zone": 7, "depth_um": 700}, m.REFUSAL_LIMIT),  # zone 7 ends at 800
    ({"depth_um": 499}, m.REFUSAL_DEPTH),
    ({"depth_um": 1201}, m.REFUSAL_DEPTH),
    ({"depth_limit_um": 900, "depth_um": 901}, m.REFUSAL_DEPTH),
    ({"depth_um": 0}, m.REFUSAL_DEPTH),  # (0, speed) is for calibration only
    ({"speed_rpm": 5999}, m.REFUSAL_SPEED),
    ({"speed_rpm": 8001}, m.REFUSAL_SPEED),
    ({"speed_rpm": 0}, m.REFUSAL_SPEED),  # (depth, 0) is for calibration only
]


@pytest.mark.parametrize(("change", "refusal"), REFUSED)
def test_refused_with_its_reason_and_nothing_changes(change: dict[str, int], refusal: int) -> None:
    bench = Bench().running()
    before = bench.pen.motion.lease_left_ms(bench.now_us)
    accepted = bench.pen.motion.drive_sequence
    assert bench.drive(**change) == refusal
    assert bench.pen.motion.lease_left_ms(bench.now_us) == before
    bench.run(2)
    assert bench.hardware.asked == (7000, 1000)
    assert bench.samples[-1].refusal == refusal
    assert bench.samples[-1].drive_sequence == accepted
    assert bench.pen.motion.refused == 1
    assert bench.drive() == m.REFUSAL_NONE
    bench.run(1)
    assert bench.samples[-1].refusal == m.REFUSAL_NONE


@pytest.mark.parametrize(("change", "refusal"), REFUSED)
def test_refused_drives_do_not_hold_the_lease(change: dict[str, int], refusal: int) -> None:
    bench = Bench().running()
    bench.keep(240, **change)
    assert (bench.pen.state, bench.pen.fault) == (m.STATE_FAULT, m.FAULT_HOST_TIMEOUT)
    assert not bench.hardware.powered


ACCEPTED = [
    {"lease_ms": 60},
    {"over_tolerance_um": 50, "trip_ms": 1},
    {"over_tolerance_um": 150, "trip_ms": 20},
    {"zone": 7, "depth_limit_um": 800, "depth_um": 800},
    {"depth_limit_um": 500, "depth_um": 500},
    {"depth_um": 1200},
    {"speed_rpm": 6000},
    {"speed_rpm": 8000},
]


@pytest.mark.parametrize("change", ACCEPTED)
def test_accepted_at_the_edges(change: dict[str, int]) -> None:
    bench = Bench().armed()
    assert bench.drive(**change) == m.REFUSAL_NONE
    assert bench.pen.state == m.STATE_RUNNING


def test_ceiling_of_arm_holds_against_the_plan() -> None:
    bench = Bench().ready()
    assert bench.arm(ceiling_um=1000) == m.OK
    assert bench.drive(depth_limit_um=1001) == m.REFUSAL_LIMIT
    assert bench.drive(depth_limit_um=1000) == m.REFUSAL_NONE


@pytest.mark.parametrize(
    ("behind", "refusal"), [(0, m.REFUSAL_NONE), (100, m.REFUSAL_NONE), (101, m.REFUSAL_SEEN), (-1, m.REFUSAL_SEEN)]
)
def test_seen_index(behind: int, refusal: int) -> None:
    bench = Bench().armed()
    bench.run(200)
    assert bench.drive(seen_index=(bench.pen.index - behind) & 0xFFFFFFFF) == refusal


def test_seen_index_is_judged_in_sample_time() -> None:
    bench = Bench().ready()
    assert bench.request(m.STREAM, 2000, 2) == m.OK
    assert bench.arm() == m.OK
    bench.run(200)
    assert bench.drive(seen_index=bench.pen.index - 51) == m.REFUSAL_SEEN
    assert bench.drive(seen_index=bench.pen.index - 50) == m.REFUSAL_NONE


def test_a_sender_that_outlives_its_reader_is_stopped() -> None:
    bench = Bench().running()
    stuck = bench.pen.index
    bench.keep(320, seen_index=stuck)
    assert bench.pen.fault == m.FAULT_HOST_TIMEOUT


def test_only_the_current_session_drives() -> None:
    bench = Bench().armed()
    for session in (0, bench.session + 1, bench.session - 1):
        assert bench.drive(session=session) == m.REFUSAL_SESSION
    assert bench.pen.state == m.STATE_ARMED


@pytest.mark.parametrize("change", [b"", b"\0"])
def test_length_is_exact(change: bytes) -> None:
    bench = Bench().armed()
    payload = bytes(18) if not change else bytes(19) + change
    bench.send(encode_frame(m.DRIVE.id, bench.session, 0, 501, payload))
    assert bench.pen.motion.refusal == m.REFUSAL_LENGTH


def test_not_armed() -> None:
    bench = Bench().ready()
    assert bench.drive() == m.REFUSAL_NOT_ARMED
    assert not bench.hardware.powered


def test_a_late_or_repeated_drive_never_brings_back_a_deeper_setting() -> None:
    bench = Bench().running()
    deep = bench.drive_sequence
    assert bench.drive(depth_um=600) == m.REFUSAL_NONE
    for sequence in (deep, deep - 1, bench.drive_sequence):
        assert bench.drive(sequence=sequence, depth_um=1000) == m.REFUSAL_SEQUENCE
    bench.run(5)
    assert bench.hardware.asked == (7000, 600)


def test_sequence_goes_round() -> None:
    bench = Bench().armed()
    bench.drive_sequence = 0xFFFD
    bench.keep(200)
    assert bench.pen.motion.refused == 0
    assert bench.pen.motion.drive_sequence == 7


def test_lease_end_stops_on_the_next_step_and_latches() -> None:
    bench = Bench().running()
    assert bench.drive(lease_ms=60) == m.REFUSAL_NONE
    bench.run(59)
    assert bench.pen.state == m.STATE_RUNNING
    bench.run(1)
    assert (bench.pen.state, bench.pen.fault) == (m.STATE_FAULT, m.FAULT_HOST_TIMEOUT)
    assert not bench.hardware.powered
    assert bench.events[-1].fault == m.FAULT_HOST_TIMEOUT


def test_a_drive_after_the_lease_ended_does_not_bring_it_back() -> None:
    bench = Bench().running()
    assert bench.drive(lease_ms=60) == m.REFUSAL_NONE
    bench.now_us += 60_000  # the pen's loop hung, and the host's frame comes before the next step
    assert bench.drive() == m.REFUSAL_NOT_ARMED
    assert bench.pen.fault == m.FAULT_HOST_TIMEOUT
    assert not bench.hardware.powered


def test_lease_across_the_clocks_wrap() -> None:
    bench = Bench(start_us=2**32 - 150_000).running()
    bench.keep(400)
    assert bench.pen.state == m.STATE_RUNNING
    bench.run(200)
    assert bench.pen.fault == m.FAULT_HOST_TIMEOUT


def test_armed_is_held_by_zero_zero_and_its_lease() -> None:
    bench = Bench().armed()
    bench.keep(2000, depth_um=0, speed_rpm=0)
    assert bench.pen.state == m.STATE_ARMED
    assert not bench.hardware.powered
    bench.run(200)
    assert bench.pen.fault == m.FAULT_HOST_TIMEOUT


def test_armed_without_a_drive_goes_back_to_idle() -> None:
    bench = Bench().armed()
    bench.keep(980, arm_token=0)
    assert bench.pen.state == m.STATE_ARMED
    bench.run(20)
    assert bench.pen.state == m.STATE_IDLE
    assert bench.events[-1].argument == m.CAUSE_NO_DRIVE
    assert bench.drive() == m.REFUSAL_NOT_ARMED


def test_zero_zero_in_running_is_a_stop() -> None:
    bench = Bench().running()
    assert bench.drive(depth_um=0, speed_rpm=0) == m.REFUSAL_NONE
    assert bench.pen.state == m.STATE_IDLE
    assert not bench.hardware.powered
    assert bench.drive() == m.REFUSAL_NOT_ARMED


def test_speed_first_then_needles() -> None:
    bench = Bench().armed()
    bench.hardware.override["speed_rpm"] = 5599  # 20 % under 7000 is 5600
    bench.keep(300)
    assert bench.hardware.asked == (7000, 0)
    bench.hardware.override["speed_rpm"] = 5600
    bench.keep(20)
    assert bench.hardware.asked[1] > 0


def test_an_invalid_speed_lets_no_needle_out() -> None:
    bench = Bench().armed()
    bench.hardware.override["speed_valid"] = False
    bench.keep(300)
    assert bench.hardware.asked == (7000, 0)


def test_deeper_ramps_and_shallower_is_at_once() -> None:
    bench = Bench().running()
    bench.drive(depth_um=1200)
    bench.run(5)
    assert bench.hardware.asked == (7000, 1040)  # 8 um a millisecond
    bench.drive(depth_um=500)
    bench.run(1)
    assert bench.hardware.asked == (7000, 500)


def test_calibrate_holds_the_needles_out_with_the_motor_still() -> None:
    bench = Bench().ready()
    assert bench.arm(mode=m.MODE_CALIBRATE, crc=0) == m.OK
    still = {"mode": m.MODE_CALIBRATE, "zone": 0, "speed_rpm": 0, "depth_limit_um": 1500, "depth_um": 1500}
    bench.keep(300, **still)
    assert bench.hardware.asked == (0, 1500)
    bench.keep(40, **{**still, "speed_rpm": 7000, "depth_um": 0})
    assert bench.hardware.asked == (7000, 0)
    assert bench.pen.state == m.STATE_RUNNING


def test_a_drive_of_another_length_is_counted_each_time() -> None:
    bench = Bench().running()
    good = bench.drive_wire(900, bench.session)
    payload = m.DRIVE.payload.pack(m.Drive(bench.token, 200, bench.pen.index, 3, 1, 1200, 1000, 7000, 100, 3))
    for count, wrong in enumerate((payload + b"\0", payload[:-1], b""), 1):
        bench.send(encode_frame(m.DRIVE.id, bench.session, 0, 900 + count, wrong))
        assert (bench.pen.requests.bad_payloads, bench.pen.motion.refused) == (count, count)
        assert bench.pen.motion.refusal == m.REFUSAL_LENGTH
    assert bench.request(m.STATUS_GET) == m.OK
    assert bench.reply(m.STATUS_GET).rx_bad == 3
    bench.send(good)
    assert bench.pen.motion.refusal == m.REFUSAL_NONE


def test_session_0_is_none_and_session_1_is_one_like_any_other() -> None:
    bench = Bench()
    bench.run(30)
    assert bench.drive(session=0) == m.REFUSAL_SESSION
    nonce = 2
    while bench.session != 1:
        assert bench.hello(nonce) == m.OK
        assert bench.session != 0
        nonce += 1
    assert nonce < 260
    assert bench.request(m.STREAM, 1000, 1) == m.OK
    assert bench.request(m.PLAN_WRITE, 0, PLAN) == m.OK
    assert bench.request(m.PLAN_COMMIT, PLAN_CRC) == m.OK
    assert bench.arm() == m.OK
    assert bench.drive() == m.REFUSAL_NONE


def test_hello_forgets_the_drive_sequence() -> None:
    bench = Bench().running()
    bench.hello(nonce=2)
    assert bench.pen.motion.drive_sequence == 0
    bench.run(2)
    assert bench.request(m.PLAN_WRITE, 0, ((3, 1200),)) == m.OK
    assert bench.request(m.PLAN_COMMIT, m.plan_crc(((3, 1200),))) == m.OK
    assert bench.arm(crc=m.plan_crc(((3, 1200),))) == m.OK
    assert bench.drive(sequence=1) == m.REFUSAL_NONE
