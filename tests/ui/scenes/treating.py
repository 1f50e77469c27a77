"""Treat in every state of pen, pages and panels that may lie over it, and what follows when the session has ended."""

from functools import partial
from typing import Any

from PyQt6.QtCore import Qt

from pencontrol.control.alarms import NAMES, TABLE
from pencontrol.control.snapshot import AlarmView, Setting, State
from tests.ui.conftest import hand
from tests.ui.fake_control import FACE
from tests.ui.scenes.stage import EXPORTS, REST_S, Scene, Stage
from ui.touch import happenings as h

DONE = tuple(zone.model_copy(update={"passes": zone.planned, "max_depth_um": 0}) for zone in FACE)


def alarm(name: str, detail: str = "", **more: Any) -> AlarmView:
    """An alarm as control's table words it."""
    row = TABLE[name]
    return AlarmView(alarm=name, priority=NAMES[row.priority], occurrence=1, words=row.words, detail=detail, **more)


OVER = alarm("DEPTH_OVER_LIMIT", "1.12 mm, limit 1.00 mm")
DRIFT, DOSE, SOUND = alarm("SPEED_DRIFT"), alarm("DOSE_OVER"), alarm("NO_SOUND", silenced=True)
PASSED = alarm("TELEMETRY_STALE", "newest reading 210 ms ago, age 900 us", active=False)


def _state(state: State, stage: Stage) -> None:
    stage.treat(state)


def _stop(stage: Stage) -> None:
    stage.treat()
    stage.touch.presenter.stop()


def _stopped(stage: Stage) -> None:
    _stop(stage)
    stage.frames(1)
    stage.publish(state=State.PAUSED)
    stage.play(rest_s=REST_S)


def _unconfirmed(stage: Stage) -> None:
    _stop(stage)
    stage.frames(20, samples=True)


def _fault(stage: Stage) -> None:
    stage.treat(State.FAULT, fault="DEPTH_OVER", alarms=(OVER,))
    stage.play(peak_um=1120, rest_s=REST_S)


def _no_pen(stage: Stage) -> None:
    stage.treat(
        State.NO_PEN,
        pen=None,
        reason="No pen is connected",
        alarms=(alarm("LINK_LOST", "the connection to the pen broke while writing"),),
    )
    stage.play(gap_s=REST_S)


def _silent(stage: Stage) -> None:
    stage.treat()
    stage.publishing = False
    stage.clock.now_ns += 2_000_000_000
    stage.frames(2)


def _alarms(stage: Stage, *alarms: AlarmView, state: State = State.PAUSED, panel: bool = False, fault: str = "NONE") -> None:
    stage.treat(state, alarms=alarms, fault=fault)
    if panel:
        stage.panel(h.Panel.ALARMS)


def _screen_failed(stage: Stage) -> None:
    stage.treat(State.PAUSED)
    stage.dispatch(h.ScreenFailed("ZeroDivisionError: division by zero"))


def _pending(stage: Stage) -> None:
    stage.treat()
    for _ in range(2):
        stage.touch.presenter.step(h.Axis.DEPTH, 1)
    stage.touch.presenter.step(h.Axis.SPEED, 1)


def _half_held(stage: Stage) -> None:
    _pending(stage)
    hand.mousePress(stage.touch.treat.depth_step.plate, Qt.MouseButton.LeftButton)
    stage.frames(26, samples=True)


def _let_go(stage: Stage) -> None:
    hand.mouseRelease(stage.touch.treat.depth_step.plate, Qt.MouseButton.LeftButton)


def _on_way(stage: Stage) -> None:
    stage.treat(asked=Setting(depth_um=850, speed_rpm=7100), reached=False)


def _at_limit(stage: Stage) -> None:
    top = Setting(depth_um=1000, speed_rpm=8000)
    stage.treat(asked=top, accepted=top)


def _cut(stage: Stage) -> None:
    low = Setting(depth_um=500, speed_rpm=7000)
    stage.treat(
        State.READY, "F.UPLIP", asked=low, accepted=low, cuts=("cut to 0.50 mm: the plan's limit for Upper lip, skin only",)
    )


def _caution(stage: Stage) -> None:
    low = Setting(depth_um=500, speed_rpm=7000)
    stage.treat(State.READY, "F.PERIORB.R", asked=low, accepted=low)


def _long_name(stage: Stage) -> None:
    low = Setting(depth_um=500, speed_rpm=7000)
    stage.treat(State.RUNNING, "F.PERIORB.L", asked=low, accepted=low)
    stage.play(depth_um=500)


def _lowering(stage: Stage) -> None:
    """A lower zone was chosen; the needles are still where they were."""
    low = Setting(depth_um=500, speed_rpm=7000)
    stage.treat(State.RUNNING, "F.UPLIP", asked=low, accepted=low, reached=False)


def _no_zone(stage: Stage) -> None:
    nothing = Setting()
    stage.treat(State.READY, "", asked=nothing, accepted=nothing)


def _all_done(stage: Stage) -> None:
    stage.treat(State.PAUSED, zones=DONE)


def _band(stage: Stage, chosen: str) -> None:
    stage.treat(State.READY)
    limit = next(zone.limit_um for zone in FACE if zone.zone == chosen)
    stage.publish(zone=chosen, limit_um=limit, asked=Setting(depth_um=500, speed_rpm=7000))


def _zoom(stage: Stage) -> None:
    stage.treat(State.READY)
    zones = stage.touch.treat.map.zones
    assert zones._figure is not None
    at = zones.to_screen(zones._figure.zones["F.UPLIP"].label).toPoint()
    hand.mouseClick(zones, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def _view(stage: Stage, name: str, again: bool = False) -> None:
    stage.treat(State.READY)
    for _ in range(1 + again):
        stage.touch.treat.map.choose(name)


def _turned(stage: Stage) -> None:
    stage.treat(State.READY)
    stage.touch.treat.zone_keys.turn_key.setChecked(True)


def _frozen(stage: Stage) -> None:
    stage.treat(State.PAUSED)
    stage.dispatch(h.Froze(True))
    stage.touch.treat.show_ghost(None)


def _notice(stage: Stage) -> None:
    stage.treat(State.PAUSED)
    stage.touch.presenter.tell(stage.words("map.blocked"))


def _reason(stage: Stage) -> None:
    stage.treat(State.UNCERTAIN, reason="DRIVE had no answer: what the pen does is not known")


def _panel(stage: Stage, panel: h.Panel, state: State = State.PAUSED) -> None:
    stage.treat(state)
    stage.panel(panel)


def _closed(stage: Stage, **changes: Any) -> None:
    stage.treat(State.CONNECTED, "")
    stage.session(state="CLOSED", **changes)
    stage.rest()
    said = stage.words("closed.follow_ups", count=7, first="22.11. 02:40") if changes else ""
    stage.touch.closed.show_follow_ups(said)  # the stand-in's session is not in the store


def _closed_empty(stage: Stage) -> None:
    nothing = {"passes": 0, "strokes": 0, "contact_s": 0}
    stage.treat(State.CONNECTED, "", zones=tuple(zone.model_copy(update=nothing) for zone in FACE))
    stage.session(state="CLOSED")


def _exporting(stage: Stage, said: str) -> None:
    _closed(stage, recorded=True)
    if said == "running":
        stage.touch.closed.show_exporting()
    else:
        stage.touch.closed.show_exported(str(EXPORTS / "S-20261121-0001"), "no room left" if said == "failed" else "")


SCENES = (
    Scene("treat ready", partial(_state, State.READY)),
    Scene("treat starting", partial(_state, State.ARMING)),
    Scene("treat running", partial(_state, State.RUNNING)),
    Scene("treat stopping", _stop),
    Scene("treat stopped", _stopped),
    Scene("treat stop unconfirmed", _unconfirmed),
    Scene("treat paused", partial(_state, State.PAUSED)),
    Scene("treat uncertain", _reason),
    Scene("treat fault", _fault),
    Scene("treat no pen", _no_pen),
    Scene("treat control silent", _silent),
    Scene("treat screen failed", _screen_failed),
    Scene("treat alarm medium", lambda stage: _alarms(stage, DRIFT, state=State.RUNNING)),
    Scene("treat alarm low", lambda stage: _alarms(stage, DOSE, state=State.RUNNING)),
    Scene("treat alarms", lambda stage: _alarms(stage, OVER, PASSED, SOUND, DOSE)),
    Scene("alarm list", lambda stage: _alarms(stage, OVER, PASSED, SOUND, DOSE, panel=True, fault="DEPTH_OVER")),
    Scene("alarm list empty", lambda stage: _alarms(stage, panel=True)),
    Scene("treat pending", _pending),
    Scene("treat half held", _half_held, _let_go),
    Scene("treat on its way", _on_way),
    Scene("treat at the limit", _at_limit),
    Scene("treat cut", _cut),
    Scene("treat caution", _caution),
    Scene("treat long name", _long_name),
    Scene("treat lowering", _lowering),
    Scene("treat no zone", _no_zone),
    Scene("treat all done", _all_done),
    Scene("treat band lower", partial(_band, chosen="F.TEMPLE.R")),
    Scene("treat band same", partial(_band, chosen="F.CHEEK.L")),
    Scene("treat zoom", _zoom),
    Scene("treat side", partial(_view, name="side")),
    Scene("treat other side", partial(_view, name="side", again=True)),
    Scene("treat body", partial(_view, name="body")),
    Scene("treat back", partial(_view, name="back")),
    Scene("treat turned", _turned),
    Scene("treat frozen", _frozen),
    Scene("treat refused", _notice),
    Scene("reaction", partial(_panel, panel=h.Panel.REACTION)),
    Scene("end point", partial(_panel, panel=h.Panel.END_POINT)),
    Scene("close", partial(_panel, panel=h.Panel.CLOSE)),
    Scene("more while armed", partial(_panel, panel=h.Panel.MORE, state=State.READY)),
    Scene("more", partial(_panel, panel=h.Panel.MORE)),
    Scene("closed", partial(_closed, recorded=True)),
    Scene("closed recording", _closed),
    Scene("closed nothing", _closed_empty),
    Scene("closed exporting", partial(_exporting, said="running")),
    Scene("closed exported", partial(_exporting, said="done")),
    Scene("closed export failed", partial(_exporting, said="failed")),
)
