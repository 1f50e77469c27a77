"""Another cartridge: between sessions it makes the next one possible, in mid-session it is told and judged."""

from pencontrol.control import commands
from pencontrol.control.snapshot import State
from sessions.events import Cartridge, CartridgeChanged, PassCounted, SessionOpened, SettingReached, Stroke
from sessions.totals import derive_totals
from tests.pencontrol.bench import Bench


def treated_once() -> Bench:
    bench = Bench()
    bench.treat()
    assert bench.pause() == ""
    bench.run(400)
    assert bench.say(commands.CloseSession(number=1)) == ""
    bench.run(300)
    return bench


def test_a_used_cartridge_is_refused_and_a_new_one_opens_the_next_session() -> None:
    bench = treated_once()
    used = bench.snapshot.cartridge
    assert used is not None
    assert used.used_ms > 0
    assert bench.open() == ""
    bench.zone("F.CHIN")
    bench.run(300)
    assert "already used" in bench.start()
    assert bench.say(commands.CloseSession(number=2)) == ""
    bench.device.change_cartridge()
    bench.run(900)
    fresh = bench.snapshot.cartridge
    assert fresh is not None
    assert (fresh.present, fresh.used_ms) == (True, 0)
    assert fresh.id != used.id
    bench.treat("F.CHIN")
    assert bench.is_in(State.RUNNING)
    assert bench.told("cartridge_changed") == [], "between sessions there is nothing to tell"


def test_a_replacement_in_mid_session_is_told_and_judged_anew() -> None:
    bench = Bench()
    bench.treat()
    assert bench.pause() == ""
    bench.run(400)
    first = bench.snapshot.cartridge
    bench.device.change_cartridge()
    bench.run(900)
    (told,) = bench.told("cartridge_changed")
    assert first is not None
    assert (told["old"]["id"], told["new"]["used_ms"]) == (first.id, 0)
    assert told["new"]["id"] != first.id
    assert bench.start() == ""
    bench.run(600)
    assert bench.is_in(State.RUNNING)
    bench.pause()
    bench.run(400)
    bench.device.plant._changes += 1  # somebody puts one in that was used elsewhere
    assert bench.say(commands.ReadCartridge(number=3)) == ""
    bench.run(200)
    assert len(bench.told("cartridge_changed")) == 2
    assert "CARTRIDGE_REFUSED" in bench.alarms
    assert "already used" in bench.start()
    session = bench.snapshot.session
    assert session is not None
    assert next(gate.status for gate in session.gates if gate.gate == "Cartridge") == "RED"


def test_the_same_cartridge_out_and_in_again_is_no_other_one() -> None:
    bench = Bench()
    bench.treat()
    bench.pause()
    bench.run(400)
    bench.device.begin_fault("cartridge_out", for_s=0.3)
    bench.run(700)
    assert bench.say(commands.ReadCartridge(number=3)) == ""
    bench.run(100)
    assert bench.told("cartridge_changed") == []
    assert bench.start() == ""


def test_without_a_pen_there_is_nothing_to_read() -> None:
    bench = Bench()
    bench.run(400)
    bench.cable = False
    bench.run(400)
    assert "no pen is connected" in bench.say(commands.ReadCartridge(number=1))


def test_totals_reckon_each_stroke_with_the_needles_that_made_it() -> None:
    bench = Bench()
    bench.treat()
    opened = SessionOpened.model_validate(bench.told("session_opened")[0])
    other = Cartridge.model_validate(opened.cartridge.model_dump() | {"id": "FF", "needles": 36})
    stroke = Stroke(zone="F.CHEEK.R", number=1, first_index=0, last_index=1, contact_ms=1000, max_depth_um=500)
    reached = SettingReached(depth_um=500, speed_rpm=7000, after_ms=1)
    counted = PassCounted(zone="F.CHEEK.R", number=1, how="tap", strokes=1, contact_ms=1000)

    def strikes(*bodies: object) -> float:
        totals = derive_totals([opened, reached, *bodies])  # type: ignore[list-item]
        return next(total.strikes_per_cm2 for total in totals if total.zone == "F.CHEEK.R")

    once = strikes(stroke, counted)
    changed = CartridgeChanged(old=opened.cartridge, new=other)
    assert strikes(changed, stroke, counted) == round(once * 3, 1)
