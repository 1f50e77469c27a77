"""Every row of the alarm table: provoked in the simulated pen or around it, then seen, heard, recorded, silenced, ended.

Control and pen are whole (`tests/pencontrol/bench.py`: real bytes, virtual clock); the screen is whole too and reads control's
snapshots from a real ring. The cases are the table itself: a row that nobody here knows how to provoke fails.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PyQt6.QtWidgets import QApplication

from firmware_protocol.pen_guards import Guards
from pencontrol.control import commands
from pencontrol.control.alarms import NAMES, SILENCE_NS, TABLE, AlarmRow, Priority
from pencontrol.control.identity import days_since_epoch
from pencontrol.control.snapshot import AlarmView, State
from pencontrol.plan import Plan
from sessions.events import GateState, utc_text
from tests.pencontrol.bench import SCREEN, START_NS, UTC_NS, Bench, face_plan
from tests.ui.conftest import PANELS, Rig
from ui.touch.fonts import load_fonts
from ui.touch.sound.desk import Seen, SoundDesk
from ui.touch.views import alarms_view
from ui.touch.words import load_words

Step = Callable[[Bench], object]
TODAY = days_since_epoch(UTC_NS)


@dataclass(frozen=True)
class Case:
    """How the condition comes and goes. `before` is done to a fresh bench in place of opening and running a session."""

    provoke: Step
    end: Step
    before: Step = Bench.treat
    blind_pen: bool = False  # the pen's own guards see nothing: control's must


def fault(name: str, value: float | None = None, ms: int = 500) -> Step:
    def begin(bench: Bench) -> None:
        bench.device.begin_fault(name, value)
        bench.run(ms)

    return begin


def no_fault(*names: str) -> Step:
    def end(bench: Bench) -> None:
        for name in names:
            bench.device.clear_fault(name)

    return end


def then(step: Step, ms: int) -> Step:
    def both(bench: Bench) -> None:
        step(bench)
        bench.run(ms)

    return both


def connected(bench: Bench) -> None:
    bench.until(State.CONNECTED)
    bench.run(300)


def ready(bench: Bench) -> None:
    connected(bench)
    assert bench.open() == ""
    assert bench.zone("F.CHEEK.R") == ""
    bench.until(State.READY)


def certificate_until(days: int) -> Step:
    def step(bench: Bench) -> None:
        connected(bench)
        line = bench.station.line
        assert line is not None
        line.calibration_status, line.calibration_until_days, line.calibration_certificate = "PASS", days, "K-7"
        ready(bench)

    return step


def later_certificate(bench: Bench) -> None:
    """Only another pen, or a new certificate, ends this: the session is closed first."""
    bench.say(commands.CloseSession(number=9))


def close(bench: Bench) -> None:
    assert bench.say(commands.CloseSession(number=9)) == ""


def runs_away_at(asked_um: int) -> Step:
    def begin(bench: Bench) -> None:
        bench.ask(asked_um, 7000)
        bench.run(500)
        bench.device.begin_fault("no_own_trip")
        bench.device.begin_fault("depth_runaway", 4000.0)
        bench.run(300)

    return begin


def asks_in_vain(fault_name: str, value: float | None, depth_um: int, speed_rpm: int) -> Step:
    def begin(bench: Bench) -> None:
        bench.device.begin_fault(fault_name, value)
        bench.ask(depth_um, speed_rpm)
        bench.run(1200)

    return begin


def unplug(bench: Bench) -> None:
    bench.cable = False
    bench.run(30)


def plug_in(bench: Bench) -> None:
    bench.cable = True
    bench.control.pen_opened("bench", bench, bench.now_ns)
    bench.run(600)


def deaf_to_stop(bench: Bench) -> None:
    bench.device.begin_fault("stop_deaf", 1000)
    bench.control.on_stop_pressed(bench.now_ns)
    bench.run(130)


def record_stuck(bench: Bench) -> None:
    bench.recorder_slow = True
    bench.ask(600, 7000)
    bench.run(1100)


def record_goes_on(bench: Bench) -> None:
    bench.recorder_slow = False
    bench.run(50)


def screen_hangs(bench: Bench) -> None:
    bench.screen_alive = False
    bench.run(340)


def screen_lives(bench: Bench) -> None:
    bench.screen_alive = True
    bench.run(5)


def locks_itself(bench: Bench) -> None:
    assert bench.station.line is not None
    bench.station.line.calibration_status = "LOCKED"
    bench.run(60)


def unlocks(bench: Bench) -> None:
    assert bench.station.line is not None
    bench.station.line.calibration_status = "PASS"


def numbed(bench: Bench) -> None:
    applied_ns = UTC_NS + bench.now_ns - START_NS - 59_900_000_000
    told = commands.Numbing(number=4, product="Cream 5 %", maximum_min=1, applied_utc=utc_text(applied_ns))
    assert bench.say(told) == ""
    assert "NUMBING_OVER" not in bench.alarms
    bench.run(150)


def wiped(bench: Bench) -> None:
    assert bench.say(commands.NumbingOff(number=5)) == ""
    bench.run(2)


def mute(bench: Bench) -> None:
    bench.say(commands.Sound(number=4, device="", detail="no sound device is there"))


def heard(bench: Bench) -> None:
    bench.say(commands.Sound(number=4, device="Speaker"))


def clock_jumps(bench: Bench) -> None:
    bench.utc_shift_ns = -3_600_000_000_000
    bench.run(5)


def strokes(bench: Bench, count: int, ms: int = 900) -> None:
    for _ in range(count):
        bench.device.hand.press(1.2)
        bench.run(ms)
        bench.device.hand.lift()
        bench.run(350)


def too_many_strikes(bench: Bench) -> None:
    bench.station.strikes_limit_per_cm2 = 20
    strokes(bench, 1, 1500)


def plan_of_one_pass(bench: Bench) -> None:
    values = face_plan().model_dump(mode="json")
    row = {"depth_um": 750, "limit_um": 1000, "speed_rpm": 7000, "passes": 1}
    values["zones"] = [{"zone": "F.CHEEK.R", **row}, {"zone": "F.CHEEK.L", **row}]
    connected(bench)
    assert bench.open(Plan.model_validate(values)) == ""
    assert bench.zone("F.CHEEK.R") == ""
    bench.until(State.READY)
    assert bench.start() == ""
    bench.until(State.RUNNING)
    bench.run(900)


def two_passes(bench: Bench) -> None:
    for _ in range(2):
        strokes(bench, 1)
        assert bench.say(commands.PassDone(number=3)) == ""


def undo(bench: Bench) -> None:
    assert bench.say(commands.PassUndo(number=3)) == ""


def used_cartridge(bench: Bench) -> None:
    bench.treat()
    bench.pause()
    bench.run(300)
    close(bench)
    bench.run(100)
    ready(bench)


def consent_missing(bench: Bench) -> None:
    """As if the consent gate had found nothing."""
    treatment = bench.station.treatment
    assert treatment is not None
    red = GateState(gate="Consent", status="RED", detail="not signed today")
    treatment.gates = (*treatment.gates, red)
    assert "not signed today" in bench.start()


def disk_at(free: int) -> Step:
    def step(bench: Bench) -> None:
        bench.disk_free = free
        bench.run(1100)

    return step


def nothing(bench: Bench) -> None:
    del bench


CASES: dict[str, Case] = {
    "DEPTH_OVER_LIMIT": Case(runs_away_at(1000), no_fault("depth_runaway", "no_own_trip")),
    "DEPTH_FROZEN": Case(asks_in_vain("depth_freeze", None, 950, 7000), no_fault("depth_freeze"), blind_pen=True),
    "DEPTH_INVALID": Case(fault("depth_invalid", ms=60), no_fault("depth_invalid")),
    "DEPTH_OVER_ASKED": Case(runs_away_at(500), no_fault("depth_runaway", "no_own_trip")),
    "TELEMETRY_STALE": Case(fault("silence", ms=200), no_fault("silence")),
    "LINK_LOST": Case(unplug, plug_in),
    "PEN_RESTARTED": Case(fault("reset", ms=200), nothing),
    "STOP_UNCONFIRMED": Case(deaf_to_stop, no_fault("stop_deaf")),
    "PEN_FAULT": Case(fault("undervoltage"), no_fault("undervoltage")),
    "STALL": Case(fault("stall", ms=800), no_fault("stall"), blind_pen=True),
    "OVERCURRENT": Case(fault("overcurrent"), no_fault("overcurrent"), blind_pen=True),
    "OVERTEMPERATURE": Case(fault("overtemperature"), no_fault("overtemperature"), blind_pen=True),
    "SPEED_OFF": Case(fault("speed_drift", 3000.0, 2000), no_fault("speed_drift"), blind_pen=True),
    "CARTRIDGE_OUT": Case(fault("cartridge_out", ms=60), no_fault("cartridge_out"), blind_pen=True),
    "RECORD_LOST": Case(record_stuck, record_goes_on),
    "SCREEN_SILENT": Case(screen_hangs, screen_lives),
    "DRIVE_REFUSED": Case(fault("drive_deaf", ms=200), no_fault("drive_deaf")),
    "NOT_REACHED": Case(asks_in_vain("speed_drift", 1000.0, 750, 6500), no_fault("speed_drift")),
    "NO_AUTHORITY": Case(locks_itself, unlocks),
    "SPEED_DRIFT": Case(fault("speed_drift", 1000.0, 2000), then(no_fault("speed_drift"), 300)),
    "NUMBING_OVER": Case(numbed, wiped, before=connected),
    "NO_SOUND": Case(mute, heard, before=connected),
    "CLOCK_JUMPED": Case(clock_jumps, nothing),
    "DOSE_OVER": Case(too_many_strikes, then(lambda bench: bench.zone("F.JAW.R"), 400)),
    "PASS_OVER_PLAN": Case(two_passes, undo, before=plan_of_one_pass),
    "CALIBRATION_DUE": Case(nothing, close, before=certificate_until(TODAY + 14)),
    "CALIBRATION_OVERDUE": Case(nothing, close, before=certificate_until(TODAY - 1)),
    "CARTRIDGE_REFUSED": Case(nothing, close, before=used_cartridge),
    "GATES_RED": Case(consent_missing, close, before=ready),
    "DISK_LOW": Case(disk_at(499_000_000), disk_at(500_000_000), before=ready),
}
OVER_AT_ONCE = ("CLOCK_JUMPED",)  # a moment, not a condition


class Ear:
    """A voice that only remembers."""

    device: str | None = "Speaker"
    why = ""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, word: str) -> None:
        if word not in ("WATCH", "REST"):
            self.said.append(word)

    def poll(self, now_ns: int) -> None:
        del now_ns

    def close(self) -> None:
        pass


class Chair:
    """The bench's control before the real screen, with something that hears."""

    def __init__(self, bench: Bench, rig: Rig) -> None:
        self.bench, self.rig = bench, rig
        self._instance = SCREEN
        self.restart_screen()

    def restart_screen(self) -> None:
        self._instance += 1
        assert self.bench.say(commands.Hello(number=1, instance=self._instance)) == ""
        self.ear = Ear()
        self._sound = SoundDesk(self.ear, lambda make: True)

    def look(self) -> None:
        """One frame of the screen with what control says now."""
        self.rig.control.snapshot = self.bench.snapshot
        self.rig.frames(1)
        state = self.rig.state
        alarms = alarms_view(state, load_words()).alarms
        self._sound.frame(Seen(self.rig.clock(), state.linked, state.snapshot, alarms))

    def listen(self) -> str:
        """The burst that the next frame of a fresh pair of ears would play: what sounds now. Empty: nothing."""
        ear = Ear()
        alarms = alarms_view(self.rig.state, load_words()).alarms
        SoundDesk(ear, lambda make: True).frame(Seen(self.rig.clock(), True, self.rig.state.snapshot, alarms))
        return next((word for word in ear.said if word in Priority.__members__), "")

    def acknowledge_all_but(self, kept: str) -> None:
        for view in self.bench.snapshot.alarms:
            if view.alarm != kept:
                self._acknowledge(view)

    def acknowledge(self, alarm: str) -> None:
        self._acknowledge(next(view for view in self.bench.snapshot.alarms if view.alarm == alarm))

    def _acknowledge(self, view: AlarmView) -> None:
        """A touch on the screen, its command line carried over to control."""
        self.rig.touch.presenter.acknowledge(view.alarm, view.occurrence)
        line = self.rig.sent("acknowledge")[-1]
        assert (line["alarm"], line["occurrence"]) == (view.alarm, view.occurrence)
        answer, _ = self.bench.desk.answer(json.dumps(line).encode(), self.bench.now_ns)
        assert json.loads(answer)["ok"], answer

    def shown(self, alarm: str) -> AlarmView | None:
        snapshot = self.rig.state.snapshot
        assert snapshot is not None
        return next((view for view in snapshot.alarms if view.alarm == alarm), None)


@pytest.fixture(scope="module")
def rig(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    qapp.setStyle("Fusion")
    load_fonts()
    size, px_per_mm = PANELS["10.1"]
    made = Rig(tmp_path_factory.mktemp("screen"), size, px_per_mm)
    yield made
    made.close()


@pytest.fixture
def chair(row: AlarmRow, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Chair:
    case = CASES[row.id]  # KeyError: a row of the table that nothing here provokes
    if case.blind_pen:
        monkeypatch.setattr(Guards, "judge", lambda *_: (0, 0))
    bench = Bench()
    case.before(bench)
    chair = Chair(bench, rig)
    case.provoke(bench)
    chair.look()
    return chair


every_row = pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in TABLE.values()])


@every_row
def test_a_row_is_seen_heard_and_recorded_and_does_what_it_says(row: AlarmRow, chair: Chair) -> None:
    bench = chair.bench
    view = chair.shown(row.id)
    assert view is not None, [each.alarm for each in bench.snapshot.alarms]
    assert (view.priority, view.words) == (NAMES[row.priority], row.words)
    assert not view.silenced
    # seen
    tile = chair.rig.shell.top_bar.tile
    highest = bench.snapshot.alarms[0]
    assert highest.words in tile.accessibleName()
    assert Priority[highest.priority] >= row.priority
    # heard: of all that stands the highest; alone this row's own
    assert chair.ear.said[0] == highest.priority
    chair.acknowledge_all_but(row.id)
    chair.look()
    assert chair.listen() == row.priority.name
    # recorded
    bench.run(3)
    told = next(told for told in bench.told("alarm_raised") if told["alarm"] == row.id) if row.id != "RECORD_LOST" else None
    assert told is None or (told["priority"], told["words"]) == (row.priority.name, row.words)
    # done
    if row.action in ("stop", "stop_latch") and row.id not in ("STOP_UNCONFIRMED", "LINK_LOST", "TELEMETRY_STALE"):
        bench.run(100)
        assert bench.safe
    if row.action != "none":
        assert bench.start() != ""
    if row.action == "none" and CASES[row.id].before in (Bench.treat, plan_of_one_pass):
        assert bench.is_in(State.RUNNING)


@every_row
def test_a_row_sounds_until_acknowledged_and_shows_until_it_is_over(row: AlarmRow, chair: Chair) -> None:
    bench = chair.bench
    chair.acknowledge_all_but(row.id)
    CASES[row.id].end(bench)
    bench.run(30)
    chair.acknowledge_all_but(row.id)
    chair.look()
    view = chair.shown(row.id)
    assert view is not None
    assert chair.listen() == row.priority.name
    assert view.active is (row.action == "stop_latch")
    chair.restart_screen()
    chair.look()
    assert row.priority.name in chair.ear.said  # announced again
    chair.acknowledge(row.id)
    bench.run(30)
    chair.look()
    assert chair.shown(row.id) is None
    assert {told["alarm"] for told in bench.told("alarm_cleared")} >= {row.id}
    assert {told["alarm"] for told in bench.told("alarm_acknowledged")} >= {row.id}


@every_row
def test_acknowledging_silences_for_120_s_at_most_and_a_restart_ends_it(row: AlarmRow, chair: Chair) -> None:
    bench = chair.bench
    chair.acknowledge_all_but(row.id)
    chair.acknowledge(row.id)
    bench.run(2)
    chair.look()
    view = chair.shown(row.id)
    goes_on = row.level or (row.action in ("none", "refuse_start") and row.id not in OVER_AT_ONCE)
    assert (view is not None) is goes_on
    if view is None:
        return
    assert (view.active, view.silenced) == (True, True)
    assert chair.listen() == ""
    later = {each.alarm: each for each in bench.station.alarms.views(bench.now_ns + SILENCE_NS)}
    assert later[row.id].active
    assert not later[row.id].silenced
    chair.restart_screen()
    chair.look()
    assert chair.ear.said[0] == row.priority.name
    if row.action == "stop_latch":
        assert not bench.is_in(State.RUNNING)
        assert bench.start() != ""  # seen is not over


def test_the_table_is_the_one_of_the_manual() -> None:
    """A row that is taken away would make its case above disappear with it."""
    assert set(CASES) == set(TABLE)


def test_the_screen_says_it_has_no_sound_and_control_makes_it_an_alarm(rig: Rig) -> None:
    """The whole way: voice, screen, socket, control, snapshot."""
    from ui.touch.sound.hook import Hook

    ear = Ear()
    ear.device, ear.why = "", "no sound device is there"
    hook = Hook(ear, rig.touch.presenter, rig.touch.link, rig.clock)
    rig.frames(2)
    bench = Bench()
    connected(bench)
    line = rig.sent("sound")[-1]
    assert json.loads(bench.desk.answer(json.dumps(line).encode(), bench.now_ns)[0])["ok"]
    assert "NO_SOUND" in bench.alarms
    assert "no sound device" in bench.snapshot.alarms[0].detail
    ear.device = "Speaker"
    rig.frames(2)
    bench.desk.answer(json.dumps(rig.sent("sound")[-1]).encode(), bench.now_ns)
    assert "NO_SOUND" not in bench.alarms
    hook.close()
