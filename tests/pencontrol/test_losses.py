"""Every loss ends with motor off and needles home, an alarm, and a record of it."""

import pytest

from firmware_protocol.clock import ClockSync
from firmware_protocol.pen_guards import Guards
from pencontrol.control import commands
from pencontrol.control.snapshot import State
from tests.pencontrol.bench import SCREEN, Bench

# fault of the simulated pen, its number, the alarms that may be its first, how long until the pen stands still
CASES = [
    ("depth_runaway", 4000.0, {"DEPTH_OVER_ASKED", "DEPTH_OVER_LIMIT"}, 400),
    ("depth_invalid", None, {"DEPTH_INVALID"}, 60),
    ("cartridge_out", None, {"CARTRIDGE_OUT"}, 60),
    ("stall", None, {"STALL"}, 800),
    ("overcurrent", None, {"OVERCURRENT"}, 200),
    ("overtemperature", None, {"OVERTEMPERATURE"}, 400),
    ("speed_drift", 3000.0, {"SPEED_OFF"}, 2000),
    ("silence", None, {"TELEMETRY_STALE"}, 400),
    ("disconnect", None, {"LINK_LOST"}, 300),
    ("reset", None, {"PEN_RESTARTED"}, 200),
    ("drive_deaf", None, {"DRIVE_REFUSED"}, 300),
    ("nonsense", None, {"TELEMETRY_STALE"}, 400),
]


@pytest.mark.parametrize(("fault", "value", "alarms", "within_ms"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_of_the_pen_ends_safe_with_its_alarm(fault: str, value: float | None, alarms: set[str], within_ms: int) -> None:
    bench = Bench()
    bench.treat()
    bench.device.begin_fault(fault, value)
    bench.run(within_ms)
    raised = {view.alarm for view in bench.snapshot.alarms}
    assert bench.safe, bench.station.state
    assert raised & alarms, raised
    resting = State.PAUSED if fault == "drive_deaf" else State.FAULT  # a refused DRIVE stops without a latch
    assert bench.is_in(resting, State.NO_PEN, State.UNCERTAIN, State.STOPPING, State.CONNECTED)
    bench.run(50)
    assert {told["alarm"] for told in bench.told("alarm_raised")} & alarms


def test_depth_freeze_after_a_change_is_found() -> None:
    bench = Bench()
    bench.treat()
    bench.device.begin_fault("depth_freeze")
    bench.ask(500, 7000)
    bench.run(420)
    assert bench.safe
    assert {"DEPTH_FROZEN", "DEPTH_INVALID", "DEPTH_OVER_ASKED"} & bench.alarms


def test_a_deaf_pen_raises_the_alarm_that_says_switch_off_and_the_port_is_given_up() -> None:
    bench = Bench()
    bench.treat()
    bench.device.begin_fault("stop_deaf", 1000)
    bench.control.on_stop_pressed(bench.now_ns)
    bench.run(130)
    assert "STOP_UNCONFIRMED" in bench.alarms
    assert bench.abandoned


def test_a_silent_screen_stops_the_pen_after_300_ms_and_not_before() -> None:
    bench = Bench()
    bench.treat()
    bench.screen_alive = False
    bench.run(295)
    assert bench.is_in(State.RUNNING)
    bench.run(60)
    assert bench.safe
    assert any(told["alarm"] == "SCREEN_SILENT" for told in bench.told("alarm_raised"))
    assert bench.is_in(State.PAUSED)  # no latch: a person goes on when the screen lives


def test_a_screen_that_ends_in_mid_run_interrupts_the_session() -> None:
    bench = Bench()
    bench.treat()
    bench.control.screen_lost(SCREEN, bench.now_ns)
    bench.run(80)
    assert bench.safe
    assert bench.told("session_closed")[0]["state"] == "INTERRUPTED"
    session = bench.snapshot.session
    assert session is not None
    assert session.state == "INTERRUPTED"


def test_a_recorder_that_ends_in_mid_run_interrupts_the_session_and_loses_nothing() -> None:
    bench = Bench()
    bench.treat()
    bench.recorder_alive = False
    bench.control.recorder_lost(bench.now_ns)
    bench.run(80)
    assert bench.safe
    assert "RECORD_LOST" in bench.alarms
    assert not bench.told("session_closed")
    bench.recorder_alive = True
    bench.station.outbox.connect(b"")
    bench.run(20)
    assert bench.told("session_closed")[0]["state"] == "INTERRUPTED"
    numbers = [event["number"] for event in bench.events if event["stream"] == "S-1"]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_event_unacknowledged_for_a_second_stops_the_pen() -> None:
    bench = Bench()
    bench.treat(settle_ms=1200)
    bench.recorder_slow = True
    bench.ask(600, 7000)
    bench.run(990)
    assert bench.is_in(State.RUNNING)
    bench.run(80)
    assert bench.safe
    assert "RECORD_LOST" in bench.alarms


def test_start_is_refused_while_a_latch_stands_and_possible_after_acknowledging() -> None:
    bench = Bench()
    bench.treat()
    bench.device.begin_fault("cartridge_out")
    bench.run(100)
    assert "FAULT" in bench.start()
    bench.device.clear_fault("cartridge_out")
    for view in bench.snapshot.alarms:
        assert bench.say(commands.Acknowledge(number=1, alarm=view.alarm, occurrence=view.occurrence)) == ""
    if bench.snapshot.fault != "NONE":
        assert bench.say(commands.ClearFault(number=2, fault=bench.snapshot.fault)) == ""
    bench.run(500)
    assert bench.start() == ""
    bench.until(State.RUNNING)


def test_a_cable_that_comes_back_never_rearms() -> None:
    bench = Bench()
    bench.treat()
    bench.cable = False
    bench.run(200)
    assert bench.is_in(State.NO_PEN)
    bench.cable = True
    bench.control.pen_opened("bench", bench, bench.now_ns)
    bench.run(2000)
    assert bench.safe
    assert bench.is_in(State.FAULT)
    session = bench.snapshot.session
    assert session is not None
    assert session.state == "OPEN"


@pytest.mark.parametrize("who", ["control", "pen"])
def test_each_guard_works_alone(who: str) -> None:
    bench = Bench() if who == "control" else Bench(guard=lambda run, sample, limit_um: [])
    bench.treat("F.TEMPLE.R")
    if who == "control":
        bench.device.begin_fault("no_own_trip")
    bench.device.begin_fault("depth_runaway", 4000.0)
    bench.run(400)
    assert bench.safe
    trip = bench.told("trip")[0]
    assert trip["guard"] == who.upper()
    assert trip["limit_um"] == 600
    assert trip["motor_off_us"] is not None
    assert trip["needles_home_us"] <= 100_000
    deepest = max(sample[4] for sample in bench.samples)
    assert deepest < 600 + 100 + 60


WANTED = {"overcurrent": "OVERCURRENT", "overtemperature": "OVERTEMPERATURE", "stall": "STALL", "cartridge_out": "CARTRIDGE_OUT"}


@pytest.mark.parametrize("fault", WANTED)
def test_control_finds_what_the_pen_would_overlook(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pen's own guards see nothing here; control's reading of the same figures must do."""
    monkeypatch.setattr(Guards, "judge", lambda *_: (0, 0))
    bench = Bench()
    bench.treat()
    bench.device.begin_fault(fault)
    bench.run(800)
    assert bench.safe
    assert WANTED[fault] in bench.alarms


def test_a_jump_of_the_wall_clock_is_told_once_and_stops_nothing() -> None:
    bench = Bench()
    bench.treat()
    bench.utc_shift_ns = 3_600_000_000_000
    bench.run(50)
    assert bench.is_in(State.RUNNING)
    raised = [told for told in bench.told("alarm_raised") if told["alarm"] == "CLOCK_JUMPED"]
    assert len(raised) == 1
    assert "+3600.0 s" in raised[0]["detail"]
    assert bench.told("alarm_cleared")[0]["alarm"] == "CLOCK_JUMPED"


def test_a_full_disk_refuses_start_in_words() -> None:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(200)
    bench.open()
    bench.zone("F.CHIN")
    bench.until(State.READY)
    bench.disk_free = 499_000_000
    assert "499 MB are free" in bench.start()
    assert "DISK_LOW" in bench.alarms
    bench.disk_free = 500_000_000
    assert bench.start() == ""
    assert "DISK_LOW" not in bench.alarms


def test_a_used_cartridge_refuses_start_but_not_the_resumed_part_of_its_session() -> None:
    bench = Bench()
    bench.treat()
    bench.pause()
    bench.run(300)
    assert bench.say(commands.CloseSession(number=1)) == ""
    bench.run(100)
    assert bench.open() == ""
    bench.zone("F.CHIN")
    bench.until(State.READY)
    assert "already used" in bench.start()
    assert "CARTRIDGE_REFUSED" in bench.alarms
    assert bench.say(commands.CloseSession(number=2)) == ""
    bench.run(100)
    assert bench.open(resumed_from="S-1") == ""
    bench.zone("F.CHIN")
    bench.until(State.PAUSED if bench.station.ran else State.READY)
    assert bench.start() == ""


def test_too_many_strikes_are_a_low_alarm_that_goes_with_the_zone() -> None:
    bench = Bench()
    bench.station.strikes_limit_per_cm2 = 20
    bench.treat()
    bench.run(300)
    bench.device.hand.press(1.2)
    bench.run(1500)
    bench.device.hand.lift()
    bench.run(300)
    assert "DOSE_OVER" in bench.alarms
    assert bench.is_in(State.RUNNING)
    bench.zone("F.JAW.R")
    bench.run(400)
    assert "DOSE_OVER" not in bench.alarms


def test_a_clock_that_is_not_confirmed_for_5_s_stops_the_pen(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.treat()
    monkeypatch.setattr(ClockSync, "add", lambda *_: False)
    bench.run(4000)
    assert bench.is_in(State.RUNNING)
    bench.run(1500)
    assert bench.safe
    (alarm,) = [view for view in bench.snapshot.alarms if view.alarm == "TELEMETRY_STALE"]
    assert alarm.detail == "the pen's clock was not confirmed for 5 s"


def test_what_the_pen_left_out_and_what_the_wire_lost_are_counted_apart() -> None:
    bench = Bench()
    bench.treat(settle_ms=300)
    bench.pause()
    bench.until(State.PAUSED)
    bench.run(100)
    sampling = bench.device.pen.sampling
    sampling.dropped = (sampling.dropped + 6) & 0xFFFF  # it was busy for six periods: index goes on, and it says so
    sampling.index += 6
    bench.run(50)
    for _ in range(4):  # sent, and never arrived
        bench.now_ns += 1_000_000
        bench.device.step(bench._pen_us(), bench.now_ns)
        bench.device.take_output()
    bench.run(50)
    assert bench.say(commands.CloseSession(number=bench.number())) == ""
    bench.run(20)
    (closed,) = bench.told("session_closed")
    told = closed["enforcement"]
    assert (told["samples_dropped"], told["samples_lost"]) == (6, 4)
    assert bench.blocks[-1]["lost"] == 4
