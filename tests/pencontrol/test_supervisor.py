"""The judge of single samples: each window at its edge."""

from random import Random

from firmware_protocol import messages
from firmware_protocol.messages import Telemetry
from pencontrol.control.supervisor import MS, Supervisor, judge_limit, judge_status

GOOD = messages.FLAG_CARTRIDGE | messages.FLAG_DEPTH_VALID | messages.FLAG_SPEED_VALID | messages.FLAG_MOTOR_POWERED


def sample(depth_um: int = 750, speed_rpm: int = 7000, flags: int = GOOD, current_ma: int = 200) -> Telemetry:
    return Telemetry(1, 0, depth_um, speed_rpm, current_ma, 1, 0, messages.STATE_RUNNING, 0, 0, flags)


def judge(supervisor: Supervisor, ms: float, limit_um: int = 1000, **changes: int) -> set[str]:
    return {finding.alarm for finding in supervisor.judge(sample(**changes), round(ms * MS), limit_um)}


def running() -> Supervisor:
    supervisor = Supervisor(0, 750, 7000)
    judge(supervisor, 100)
    return supervisor


def test_over_the_limit_has_no_grace_and_the_tolerance_is_exact() -> None:
    assert judge(Supervisor(0, 750, 7000), 0, depth_um=1100) == set()
    assert judge(Supervisor(0, 750, 7000), 0, depth_um=1101) == {"DEPTH_OVER_LIMIT"}
    assert judge_limit(sample(depth_um=1100), 1000) == []
    assert judge_limit(sample(depth_um=1101), 1000)


def test_invalid_impossible_and_no_cartridge_are_found_at_once() -> None:
    assert "DEPTH_INVALID" in judge(running(), 101, flags=GOOD & ~messages.FLAG_DEPTH_VALID)
    assert "DEPTH_INVALID" in judge(running(), 101, depth_um=3001)
    assert "CARTRIDGE_OUT" in judge(running(), 101, flags=GOOD & ~messages.FLAG_CARTRIDGE)


def test_deeper_than_asked_counts_from_300_ms_after_a_change() -> None:
    supervisor = running()
    supervisor.accepted(1000 * MS, 600, 7000)
    assert judge(supervisor, 1299, depth_um=751) == set()
    assert "DEPTH_OVER_ASKED" in judge(supervisor, 1300, depth_um=751)
    supervisor = running()
    supervisor.accepted(1000 * MS, 600, 7000)
    judge(supervisor, 1100, depth_um=600)
    assert judge(supervisor, 1301, depth_um=750) == set()


def test_a_reading_that_does_not_move_after_a_change_is_frozen_a_steady_one_is_not() -> None:
    supervisor = running()
    supervisor.accepted(1000 * MS, 650, 7000)
    judge(supervisor, 1100)
    assert judge(supervisor, 1299) == set()
    assert judge(supervisor, 1300) == {"DEPTH_FROZEN"}
    steady = running()
    assert judge(steady, 60_000) == set()


def test_moving_but_not_there_is_not_reached() -> None:
    supervisor = running()
    supervisor.accepted(1000 * MS, 650, 7000)
    judge(supervisor, 1100, depth_um=755)
    assert judge(supervisor, 1299, depth_um=705) == set()
    assert judge(supervisor, 1300, depth_um=705) == {"NOT_REACHED"}
    supervisor = running()
    supervisor.accepted(1000 * MS, 650, 7000)
    judge(supervisor, 1100, depth_um=754)
    assert judge(supervisor, 1300, depth_um=705) == {"DEPTH_FROZEN"}  # moved 49 um
    supervisor = running()
    supervisor.accepted(1000 * MS, 650, 7000)
    judge(supervisor, 1100, depth_um=700)  # 50 um off is there
    assert judge(supervisor, 1400, depth_um=720) == set()


def test_a_small_change_that_does_not_show_is_not_frozen_but_not_reached() -> None:
    supervisor = running()
    supervisor.accepted(1000 * MS, 660, 7000)
    judge(supervisor, 1100)
    assert judge(supervisor, 1300) == {"NOT_REACHED"}


def test_speed_far_off_counts_after_spin_up_and_only_when_it_lasts() -> None:
    supervisor = running()
    assert judge(supervisor, 1000, speed_rpm=5000) == set()
    supervisor = running()
    judge(supervisor, 2000, speed_rpm=5599)
    assert judge(supervisor, 2199, speed_rpm=5599) == set()
    assert judge(supervisor, 2200, speed_rpm=5599) == {"SPEED_OFF"}
    supervisor = running()
    judge(supervisor, 2000, speed_rpm=5599)
    judge(supervisor, 2100, speed_rpm=7000)
    assert judge(supervisor, 2250, speed_rpm=5599) == set()


def test_a_motor_that_never_starts_is_found_at_the_end_of_spin_up() -> None:
    supervisor = Supervisor(0, 750, 7000)
    found = [ms for ms in range(0, 1600, 10) if "SPEED_OFF" in judge(supervisor, ms, speed_rpm=0, depth_um=0)]
    assert found[0] == 1500


def test_an_invalid_speed_counts_as_far_off() -> None:
    supervisor = running()
    judge(supervisor, 2000, flags=GOOD & ~messages.FLAG_SPEED_VALID)
    assert "SPEED_OFF" in judge(supervisor, 2200, flags=GOOD & ~messages.FLAG_SPEED_VALID)


def test_drift_of_ten_percent_for_a_second_is_a_medium_matter() -> None:
    supervisor = running()
    judge(supervisor, 2000, speed_rpm=6200)
    assert judge(supervisor, 2999, speed_rpm=6200) == set()
    assert judge(supervisor, 3000, speed_rpm=6200) == {"SPEED_DRIFT"}


def test_a_speed_change_opens_its_own_window() -> None:
    supervisor = running()
    judge(supervisor, 1990)
    supervisor.accepted(2000 * MS, 750, 8000)
    judge(supervisor, 2010, speed_rpm=6300)
    assert judge(supervisor, 2499, speed_rpm=6300) == set()
    assert judge(supervisor, 2500, speed_rpm=6300) == {"SPEED_OFF"}


def test_a_speed_that_comes_near_but_is_never_reached_stops_at_500_ms() -> None:
    supervisor = running()
    supervisor.accepted(2000 * MS, 750, 8000)
    assert judge(supervisor, 2499, speed_rpm=7199) == set()  # 10.01 % off
    assert judge(supervisor, 2500, speed_rpm=7199) == {"NOT_REACHED"}
    supervisor = running()
    supervisor.accepted(2000 * MS, 750, 8000)
    judge(supervisor, 2400, speed_rpm=7200)
    assert judge(supervisor, 2600, speed_rpm=7199) == set()


def test_reached_needs_both_and_starts_again_with_a_change() -> None:
    supervisor = Supervisor(0, 750, 7000)
    judge(supervisor, 10, depth_um=0, speed_rpm=7000)
    assert not supervisor.reached
    judge(supervisor, 20)
    assert supervisor.reached
    supervisor.accepted(30 * MS, 900, 7000)
    assert not supervisor.reached


def test_a_blocked_motor_and_too_much_current_have_their_own_windows() -> None:
    supervisor = running()
    judge(supervisor, 2000, speed_rpm=1000, current_ma=600)
    assert judge(supervisor, 2199, speed_rpm=1000, current_ma=600) == set()
    assert "STALL" in judge(supervisor, 2200, speed_rpm=1000, current_ma=600)
    supervisor = running()
    judge(supervisor, 2000, current_ma=1201)
    assert judge(supervisor, 2019, current_ma=1201) == set()
    assert judge(supervisor, 2020, current_ma=1201) == {"OVERCURRENT"}
    assert judge(supervisor, 2021, current_ma=1200) == set()


def test_the_temperature_is_exact() -> None:
    assert judge_status(600) == []
    assert [finding.alarm for finding in judge_status(601)] == ["OVERTEMPERATURE"]


def test_the_short_look_at_a_calm_sample_finds_and_notes_what_the_whole_judgement_does() -> None:
    """Two judges of the same samples; one is made to look at everything each time."""
    random = Random(1)
    agreed = short = 0
    for _ in range(60):
        quick, whole = Supervisor(0, 750, 7000), Supervisor(0, 750, 7000)
        now_ns, limit_um, depth_um, speed_rpm = 0, 1000, 750, 7000
        for _ in range(400):
            now_ns += random.choice((1, 1, 1, 20, 100, 400)) * MS
            if random.random() < 0.02:
                depth_um, speed_rpm = random.choice((500, 750, 900)), random.choice((6000, 7000, 8000))
                for each in (quick, whole):
                    each.accepted(now_ns, depth_um, speed_rpm)
            if random.random() < 0.02:
                limit_um = random.choice((700, 800, 1000))
            seen = sample(depth_um, speed_rpm)
            if random.random() < 0.15:
                edge_um = random.choice((limit_um + 100, depth_um + 150, depth_um + 50, 0, 3000))
                edge_rpm = round(speed_rpm * random.choice((0.9, 1.1, 0.8, 1.2, 0.25)))
                seen = seen._replace(
                    depth_um=random.choice((depth_um, edge_um, edge_um + 1)),
                    speed_rpm=random.choice((speed_rpm, edge_rpm - 1, edge_rpm, edge_rpm + 1)),
                    current_ma=random.choice((200, 600, 1200, 1201)),
                    flags=random.choice((GOOD, GOOD, GOOD & ~messages.FLAG_CARTRIDGE, GOOD & ~messages.FLAG_SPEED_VALID)),
                )
            short += quick._calm
            whole._calm = False
            assert quick.judge(seen, now_ns, limit_um) == whole.judge(seen, now_ns, limit_um)
            for slot in Supervisor.__slots__:
                # the extremes since a change are read only until the depth is reached, and a calm run has reached it
                if slot not in ("_calm", "_change_low_um", "_change_high_um"):
                    assert getattr(quick, slot) == getattr(whole, slot), slot
            agreed += 1
    assert agreed == 24_000
    assert short > 5_000
