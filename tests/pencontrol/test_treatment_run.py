"""A treatment on the bench: what starts it, what it does to the pen, what ends it."""

import pytest

from firmware_protocol import messages, pen_motion
from firmware_protocol.frame import Deframer
from firmware_protocol.simulator.plant import Plant
from pencontrol.control import arming, commands, core
from pencontrol.control.image import ImageError
from pencontrol.control.snapshot import State
from pencontrol.plan import Plan
from tests.pencontrol.bench import SCREEN, Bench, face_plan


def test_connects_and_says_who_the_pen_is() -> None:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(100)
    pen = bench.snapshot.pen
    assert pen is not None
    assert pen.simulated
    assert bench.snapshot.cartridge is not None


def test_start_runs_the_pen_at_the_plan_and_reports_it_reached() -> None:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    assert bench.is_in(State.RUNNING)
    assert abs(bench.device.plant.reach_um - 750) < 60
    assert abs(bench.device.plant.speed_rpm - 7000) < 200
    assert bench.snapshot.reached
    assert bench.told("setting_reached")
    assert not bench.alarms


def test_pause_ends_with_motor_off_and_needles_home_and_start_resumes() -> None:
    bench = Bench()
    bench.treat()
    assert bench.pause() == ""
    bench.run(80)
    assert bench.safe
    assert bench.is_in(State.PAUSED)
    bench.run(400)
    assert bench.start() == ""
    bench.until(State.RUNNING)


@pytest.mark.parametrize("moment", ["connected", "ready", "arming", "running", "paused"])
def test_stop_reaches_the_wire_in_every_state_within_the_call(moment: str) -> None:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(200)
    if moment != "connected":
        bench.open()
        bench.zone("F.CHEEK.R")
        bench.until(State.READY)
    if moment in ("arming", "running", "paused"):
        assert bench.start() == ""
    if moment in ("running", "paused"):
        bench.until(State.RUNNING)
        bench.run(600)
    if moment == "paused":
        bench.pause()
        bench.run(200)
    before = len(bench.wire)
    bench.control.on_stop_pressed(bench.now_ns)
    assert len(bench.wire) == before + 1
    bench.run(100)
    assert bench.safe
    assert bench.station.state not in (State.RUNNING, State.ARMING)
    assert any(told["source"] == "screen" for told in bench.told("stopped"))


def test_a_stop_while_arming_wins_over_the_late_answer_to_arm() -> None:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    bench.pause()
    bench.run(500)
    bench.start()
    bench.control.on_stop_pressed(bench.now_ns)
    bench.run(1500)
    assert bench.safe
    assert bench.is_in(State.PAUSED)


def test_start_is_refused_without_session_zone_or_living_screen() -> None:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(200)
    assert "no session" in bench.start()
    bench.open()
    bench.run(100)
    assert "no zone" in bench.start()
    bench.zone("F.CHIN")
    bench.until(State.READY)
    bench.screen_alive = False
    bench.run(260)
    assert "sign of life" in bench.start()
    stranger = commands.Start(number=9, instance=SCREEN + 1, heartbeat=bench.beats, stops=0)
    assert "another screen" in bench.say(stranger)
    assert bench.safe


def test_a_start_that_waited_behind_a_stop_is_refused() -> None:
    bench = Bench()
    bench.treat()
    bench.pause()
    bench.run(400)
    late = commands.Start(number=9, instance=SCREEN, heartbeat=bench.beats, stops=bench.stops)
    bench.stops += 1
    assert "STOP was pressed after it" in bench.say(late)
    assert bench.start() == ""


def test_a_heartbeat_of_the_future_is_refused() -> None:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(200)
    bench.open()
    bench.zone("F.CHIN")
    bench.until(State.READY)
    assert bench.say(commands.Start(number=9, instance=SCREEN, heartbeat=bench.beats + 1, stops=0)) != ""


def test_one_tap_on_a_zone_never_deepens() -> None:
    bench = Bench()
    bench.treat("F.FOREHEAD")
    assert bench.zone("F.CHEEK.R") == ""
    bench.run(500)
    assert bench.snapshot.asked.depth_um == 500
    assert abs(bench.device.plant.reach_um - 500) < 60


def test_a_lower_limit_waits_for_the_needles_and_the_old_limit_judges_until_then() -> None:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    assert bench.zone("F.UPLIP") == ""
    assert bench.station.treatment is not None
    assert bench.station.treatment.zone == "F.CHEEK.R"
    bench.run(300)
    assert bench.station.treatment.zone == "F.UPLIP"
    assert abs(bench.device.plant.reach_um - 500) < 60
    assert bench.is_in(State.RUNNING)
    assert not bench.alarms


def test_needles_that_do_not_rise_for_a_lower_limit_end_in_stop() -> None:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    bench.device.begin_fault("depth_freeze")
    bench.zone("F.UPLIP")
    bench.run(450)
    assert bench.safe
    assert bench.station.treatment is not None
    assert bench.station.treatment.zone == "F.CHEEK.R"


def test_a_deeper_ask_is_cut_to_the_limit_with_its_reason() -> None:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    assert bench.ask(1500, 9000) == ""
    bench.run(500)
    assert bench.snapshot.asked.depth_um == 1000
    assert bench.snapshot.asked.speed_rpm == 8000
    assert any("1.00 mm" in cut for cut in bench.snapshot.cuts)
    assert bench.device.plant.reach_um < 1060
    assert bench.told("setting_asked")[-1]["granted_depth_um"] == 1000


def test_a_therapist_is_held_to_one_millimetre_on_the_pen_too() -> None:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(200)
    values = face_plan().model_dump(mode="json")
    values["zones"] = [
        {"zone": "F.CHEEK.R", "depth_um": 750, "limit_um": 1500, "speed_rpm": 7000, "passes": 1, "reason": "deep scar"}
    ]
    assert bench.open(Plan.model_validate(values), role="therapist") == ""
    bench.zone("F.CHEEK.R")
    bench.until(State.READY)
    assert bench.snapshot.limit_um == 1000
    bench.start()
    bench.until(State.RUNNING)
    bench.run(900)
    bench.ask(1400, 7000)
    bench.run(500)
    assert bench.device.plant.reach_um < 1060


def test_every_drive_on_the_wire_is_within_the_plan() -> None:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    for depth_um in (100, 700, 5000, 0, 65535, -1):
        bench.ask(depth_um, 7000)
        bench.run(100)
    bench.zone("F.UPLIP")
    bench.run(600)
    deframer = Deframer(64)
    drives = [
        messages.DRIVE.payload.unpack(frame.payload)
        for data in bench.wire
        for frame in deframer.feed(data)
        if frame.kind == messages.DRIVE.id
    ]
    assert len(drives) > 50
    zones = {limit.number: limit.limit_um for limit in bench.station.treatment.limits.values()} if bench.station.treatment else {}
    for drive in drives:
        assert 500 <= drive.depth_um <= drive.depth_limit_um <= zones[drive.zone]
        assert 6000 <= drive.speed_rpm <= 8000


def test_passes_and_strokes_are_counted_and_can_be_undone() -> None:
    bench = Bench()
    bench.treat("F.CHEEK.R")
    for _ in range(3):
        bench.device.hand.press(1.2)
        bench.run(800)
        bench.device.hand.lift()
        bench.run(400)
    assert bench.say(commands.PassDone(number=1)) == ""
    view = next(zone for zone in bench.snapshot.zones if zone.zone == "F.CHEEK.R")
    assert (view.strokes, view.passes) == (3, 1)
    assert 2.0 < view.contact_s < 3.0
    assert view.strikes_per_cm2 > 0
    assert "no stroke" in bench.say(commands.PassDone(number=2))
    assert bench.say(commands.PassUndo(number=3)) == ""
    assert next(zone for zone in bench.snapshot.zones if zone.zone == "F.CHEEK.R").passes == 0
    bench.run(1)
    assert bench.told("pass_corrected")[0] == {
        "zone": "F.CHEEK.R",
        "counted": 1,
        "corrected": 0,
        "reason": "undone by hand",
    }


def test_the_pens_button_pauses() -> None:
    bench = Bench()
    bench.treat()
    bench.device.begin_fault("button", 0.2)
    bench.run(300)
    assert bench.safe
    assert bench.is_in(State.PAUSED)
    assert not bench.alarms


def test_closing_tells_totals_and_enforcement() -> None:
    bench = Bench()
    bench.treat()
    bench.device.hand.press(1.0)
    bench.run(1000)
    bench.pause()
    bench.run(300)
    assert bench.say(commands.CloseSession(number=5)) == ""
    bench.run(50)
    closed = bench.told("session_closed")[0]
    assert closed["state"] == "CLOSED"
    assert closed["zones"][0]["passes"] == 1
    assert closed["enforcement"]["judged"] > 1500
    assert closed["enforcement"]["samples_lost"] == 0
    numbers = [event["number"] for event in bench.events if event["stream"] == "S-1"]
    assert numbers == list(range(1, len(numbers) + 1))


def test_closing_is_refused_while_the_pen_runs() -> None:
    bench = Bench()
    bench.treat()
    assert "stop it first" in bench.say(commands.CloseSession(number=5))


def test_gates_are_never_green_when_nobody_asked() -> None:
    bench = Bench()
    bench.treat()
    gates = bench.told("session_opened")[0]["gates"]
    assert {gate["gate"] for gate in gates} >= {"Screening", "Consent", "Calibration", "Cartridge"}
    assert {gate["status"] for gate in gates} == {"NOT RECORDED"}


def test_a_session_that_cannot_be_kept_on_tape_says_so_in_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_image(control: object) -> bytes:
        raise ImageError("no image holds a Thing")

    bench = Bench()
    bench.treat()
    assert "tape" not in bench.told("session_opened")[0]["versions"]
    monkeypatch.setattr(core, "image_of", no_image)
    bench = Bench()
    bench.treat()
    assert bench.told("session_opened")[0]["versions"]["tape"] == "none: no image holds a Thing"


def arms(bench: Bench) -> int:
    """How often ARM went on the wire."""
    deframer = Deframer(64)
    return sum(frame.kind == messages.ARM.id for data in bench.wire for frame in deframer.feed(data))


@pytest.mark.parametrize("after_ms", [0, 3, 12, 40])
def test_a_start_just_after_a_stop_waits_until_the_pen_stands(after_ms: int) -> None:
    """Its needles take up to 50 ms home; asked before that the pen would say BUSY, and the person would have to hold again."""
    bench = Bench()
    bench.treat()
    bench.control.on_stop_pressed(bench.now_ns)
    bench.until(State.PAUSED)
    bench.run(after_ms)
    at_home, before = bench.device.plant.needles_home, arms(bench)
    assert after_ms or not at_home, "the wait is needed here"
    assert bench.start() == ""
    assert bench.is_in(State.ARMING)
    assert (arms(bench) > before) == at_home
    bench.until(State.RUNNING, 250)
    assert arms(bench) == before + 1
    assert bench.snapshot.reason == ""


def test_a_stop_ends_a_start_that_waits() -> None:
    bench = Bench()
    bench.treat()
    bench.control.on_stop_pressed(bench.now_ns)
    bench.until(State.PAUSED)
    before = arms(bench)
    assert bench.start() == ""
    bench.control.on_stop_pressed(bench.now_ns)
    bench.run(600)
    assert bench.is_in(State.PAUSED)
    assert bench.safe
    assert arms(bench) == before


@pytest.mark.parametrize(("guarded", "ms", "end"), [(True, 101, State.FAULT), (False, 200, State.PAUSED)])
def test_needles_that_stay_out_end_a_start_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, guarded: bool, ms: int, end: State
) -> None:
    """A pen whose own guard lives latches HOMING; with another one control does not wait for ever."""
    bench = Bench()
    bench.treat()
    bench.control.on_stop_pressed(bench.now_ns)
    bench.until(State.PAUSED)
    before = arms(bench)
    monkeypatch.setattr(Plant, "needles_home", False)
    if not guarded:
        monkeypatch.setattr(pen_motion, "HOMING_US", 10_000_000)
    assert bench.start() == ""
    bench.run(ms - 20)
    assert bench.is_in(State.ARMING)
    bench.run(25)
    assert bench.is_in(end)
    assert bench.station.run is None
    assert bench.snapshot.reason == "The pen refused to arm: its needles are not home"
    assert arms(bench) == before


def test_what_the_pen_answers_to_arm_is_told_in_words() -> None:
    for result in range(messages.BUSY, messages.LOCKED + 1):
        told = arming.refused(result)
        assert told.startswith("The pen refused to arm: ")
        for name in ("BUSY", "BAD_STATE", "DENIED", "BAD_CRC", "LOCKED"):
            assert name not in told
