"""What lies before and beside the treatment: Prepare, the keyboards, Setup, the locks."""

from functools import partial
from typing import Any

from pencontrol.control.snapshot import Counters, State
from tests.ui.conftest import click
from tests.ui.scenes.stage import Scene, Stage
from ui.touch import happenings as h
from ui.touch.planning import SHIPPED
from ui.touch.settings import make_code

GRANTS = {"memory": "locked", "priority": "FIFO 40", "core": "core 1", "idle states": "not held"}


def _prepare(stage: Stage, **changes: Any) -> None:
    stage.publish(**changes)


def chosen(stage: Stage, **changes: Any) -> None:
    """Plan, client and operator are there."""
    stage.touch.presenter.draft(plan=str(SHIPPED / "full_face.toml"), client="C-0001", operator="P-01")
    stage.frames(2)
    stage.publish(**changes)


def _broken_plan(stage: Stage) -> None:
    (stage.home / "plans" / "scars.toml").write_text("name = 'Scars'\n[[zones]]\nzone = 'F.CHEEK.R'\n", encoding="utf-8")
    stage.touch.prepare_desk.reload_plans()
    stage.frames(1)
    (stage.home / "plans" / "scars.toml").unlink()


def _interrupted(stage: Stage) -> None:
    stage.treat(State.CONNECTED, "", settled=False)
    stage.session(state="INTERRUPTED")


def _no_control(stage: Stage) -> None:
    stage.publishing = False
    stage.clock.now_ns += 2_000_000_000
    stage.frames(2)


def _code(stage: Stage, field: str, typed: str = "") -> None:
    stage.touch.prepare_desk.ask_code(field)
    for letter in typed:
        stage.touch.code_panel.keyboard._type(letter)


def _setup(stage: Stage, tab: str, **settings: object) -> None:
    stage.publish(counters=Counters(samples=705_312, samples_lost=3, worst_period_us=1180, clock_error_us=41), scheduling=GRANTS)
    stage.touch.presenter.visit(h.Page.SETUP)
    stage.touch.setup.choose(tab)
    if settings:
        stage.touch.household.change(settings)
    stage.touch.household._slow_ns = 0
    stage.frames(2)


def _problem(stage: Stage) -> None:
    _setup(stage, "screen")
    stage.touch.setup.show_problem(stage.words("setup.problem", keys="px_per_mm, theme"))


def _keypad(stage: Stage, typed: str = "") -> None:
    _setup(stage, "screen")
    click(stage.touch.setup.screen_tab.type_key)
    for sign in typed:
        stage.touch.keypad_panel.keypad.type(sign)


def _code_pad(stage: Stage, refused: bool = False) -> None:
    _setup(stage, "locks")
    stage.touch.household._ask_code()
    for sign in "1234":
        stage.touch.keypad_panel.keypad.type(sign)
    if refused:
        stage.touch.keypad_panel.refuse(stage.words("lock.wait", seconds=30))


def _clean(stage: Stage) -> None:
    stage.treat(State.PAUSED)
    stage.touch.household.lock_for_cleaning()


def _idle(stage: Stage, by_code: bool, refused: bool = False) -> None:
    code = make_code("1234", b"salt") if by_code else ""
    stage.touch.household.change({"code": code, "lock_after_s": 60})
    stage.clock.now_ns += 61_000_000_000
    stage.frames(2)
    if refused:
        stage.touch.shell.curtain.refuse(stage.words("lock.wrong"))


def _dim(stage: Stage) -> None:
    stage.touch.household.change({"dim_after_s": 60})
    stage.clock.now_ns += 61_000_000_000
    stage.frames(2)
    assert stage.touch.shell.veil.isVisible()


SCENES = (
    Scene("prepare", _prepare),
    Scene("prepare chosen", chosen),
    Scene("prepare broken plan", _broken_plan),
    Scene("prepare no pen", partial(chosen, state=State.NO_PEN, pen=None, cartridge=None, recorder=False)),
    Scene("prepare interrupted", _interrupted),
    Scene("prepare no control", _no_control),
    Scene("code client", partial(_code, field="client")),
    Scene("code operator", partial(_code, field="operator", typed="01")),
    Scene("setup screen", partial(_setup, tab="screen")),
    Scene("setup screen changed", partial(_setup, tab="screen", theme="auto")),
    Scene("setup sound", partial(_setup, tab="sound")),
    Scene("setup language", partial(_setup, tab="language")),
    Scene("setup locks", partial(_setup, tab="locks", code="salt:hash", lock_after_s=300)),
    Scene("setup machine", partial(_setup, tab="machine")),
    Scene("setup problem", _problem),
    Scene("keypad", partial(_keypad, typed="49.5")),
    Scene("keypad code", _code_pad),
    Scene("keypad refused", partial(_code_pad, refused=True)),
    Scene("lock clean", _clean),
    Scene("lock idle", partial(_idle, by_code=False)),
    Scene("lock idle code", partial(_idle, by_code=True)),
    Scene("lock idle wrong", partial(_idle, by_code=True, refused=True)),
    Scene("dimmed", _dim),
    Scene("first", Stage.begin, Stage.ended),
)
