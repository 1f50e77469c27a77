"""What each part of the screen shows, computed from the state: frozen values, ready words. Pure; knows no Qt."""

from dataclasses import dataclass

from firmware_protocol import messages
from pencontrol.control.snapshot import AlarmView, State
from sessions.events import PinPlace
from ui.touch.frame_views import AlarmsView, StartView, TopView, WordView, stop_sent
from ui.touch.happenings import Axis, Page, Stop
from ui.touch.state import ScreenState, limit_um, lowered, may_start, offer, page, present_zone
from ui.touch.words import Words

THIN = "\u2009"
OVER_UM = 50  # a step of the setting; less beyond a limit is the ripple of a pen that holds it
SCREEN_ALARM = "SCREEN_ERROR"


def mm(depth_um: int) -> str:
    """Millimetres with two digits."""
    return f"{depth_um / 1000:.2f}"


def thousands(value: int) -> str:
    """With a thin space between thousands."""
    return f"{value:,}".replace(",", THIN)


@dataclass(frozen=True)
class ZoneMark:
    """One zone on the map."""

    zone: str
    limit_um: int
    passes: int
    planned: int
    over: bool
    name: str = ""
    line: str = ""  # limit and passes in words, for who hears the map
    pin: PinPlace | None = None  # of a pin: where it stands


@dataclass(frozen=True)
class MapView:
    """The map's colours and its title lines."""

    marks: tuple[ZoneMark, ...]
    selected: str
    title: str
    line: str
    strikes: str
    moving: bool


@dataclass(frozen=True)
class StepperView:
    """Asked, pending and actual of one setting."""

    value: str  # asked
    unit: str
    status: str  # plain words: as set, on its way, hold to apply
    pending: str  # "" or the value that waits for its hold
    on_way: bool  # asked, not yet shown by the pen
    minus: bool
    plus: bool
    hint: str  # why plus is grey
    asked: int = 0  # in the axis' own unit; 0: nothing, or not known


def word_view(state: ScreenState, words: Words) -> WordView:
    """The one word for what the pen does."""
    snapshot = state.snapshot
    if state.stop is Stop.SENT:
        return stop_sent(words)
    if state.stop is Stop.UNCONFIRMED:
        key = "NO PEN" if snapshot and snapshot.state is State.NO_PEN else "UNCERTAIN"
        return WordView(key, words(f"state.{key}"), words("reason.stop_unconfirmed"), words("stop.unconfirmed"), True)
    if snapshot is None or not state.alive:
        return WordView("UNCERTAIN", words("state.UNCERTAIN"), words("reason.control_silent"), state.notice)
    stopped = state.stop is Stop.CONFIRMED and snapshot.state in (State.READY, State.PAUSED)
    key = "STOPPED" if stopped else _WORDS[snapshot.state]
    if stopped:
        return WordView(key, words("state.STOPPED"), words("reason.stopped"), state.notice or _after_stop(state, words))
    return WordView(key, words(f"state.{key}"), snapshot.reason or words(f"reason.{key}"), state.notice or _note(state))


def _note(state: ScreenState) -> str:
    """Where charts advise less than the pen can do, the zone says so."""
    zone = present_zone(state)
    return zone.floor_note if zone is not None and page(state) is Page.TREAT else ""


_WORDS = {
    State.NO_PEN: "NO PEN",
    State.CONNECTED: "STOPPED",
    State.READY: "READY",
    State.ARMING: "STARTING",
    State.RUNNING: "RUNNING",
    State.STOPPING: "STOPPING",
    State.PAUSED: "PAUSED",
    State.UNCERTAIN: "UNCERTAIN",
    State.FAULT: "FAULT",
}


def _after_stop(state: ScreenState, words: Words) -> str:
    """What resuming takes; from another page it takes going back first, and START says that."""
    return words("stop.confirmed") if page(state) is Page.TREAT else ""


def start_view(state: ScreenState, words: Words) -> StartView:
    """PAUSE while the pen moves or may move, START otherwise."""
    snapshot = state.snapshot
    if snapshot and state.alive and snapshot.state in (State.ARMING, State.RUNNING) and state.stop is not Stop.SENT:
        return StartView(True, state.linked, words("pause.tap"))
    if may_start(state):
        return StartView(False, True, words("start.hold"))
    return StartView(False, False, _why_no_start(state, words))


def _why_no_start(state: ScreenState, words: Words) -> str:
    snapshot = state.snapshot
    if snapshot is None or not state.alive or not state.linked:
        return words("start.no_control")
    if snapshot.state is State.NO_PEN:
        return words("start.no_pen")
    if snapshot.state is State.FAULT:
        return words("start.fault")
    if page(state) is not Page.TREAT:
        session = snapshot.session
        return words("start.visit" if session is not None and session.state == "OPEN" else "start.no_session")
    return words("start.wait") if snapshot.zone else words("start.no_zone")


def top_view(state: ScreenState, words: Words) -> TopView:
    """Pen, mode, client."""
    snapshot = state.snapshot
    pen = snapshot.pen if snapshot and state.alive and snapshot.state is not State.NO_PEN else None
    session = snapshot.session if snapshot else None
    shown = page(state)
    client = ""
    if session and shown is not Page.PREPARE:
        client = words("top.client", client=session.client, operator=session.operator)
    return TopView(
        pen=pen.serial if pen else words("top.no_pen"),
        pen_line=words("top.firmware", firmware=pen.firmware) if pen else words("top.search"),
        pen_there=pen is not None,
        simulated=bool(snapshot and snapshot.pen and snapshot.pen.simulated),
        mode=words(f"page.{shown.value}"),
        client=client or words("top.no_client"),
        opened_mono_ns=session.opened_mono_ns if session and shown is Page.TREAT else 0,
    )


def alarms_view(state: ScreenState, words: Words) -> AlarmsView:
    """Control's alarms after this screen's own."""
    own: list[AlarmView] = []
    if state.faults:
        own.append(_own(SCREEN_ALARM, words("alarm.screen"), state.faults[-1], len(state.faults)))
    if state.stop is Stop.UNCONFIRMED:
        own.append(_own("STOP_UNCONFIRMED", words("alarm.stop"), words("alarm.stop_detail"), 0))
    if state.snapshot is not None and not state.alive:
        own.append(_own("CONTROL_SILENT", words("alarm.control"), words("alarm.control_detail"), 0))
    snapshot = state.snapshot
    fault = snapshot.fault if snapshot and snapshot.fault != "NONE" else ""
    clear = bool(fault) and state.alive and state.linked
    return AlarmsView((*own, *(snapshot.alarms if snapshot else ())), fault, clear)


def _own(alarm: str, text: str, detail: str, occurrence: int) -> AlarmView:
    return AlarmView(alarm=alarm, priority="HIGH", occurrence=occurrence, words=text, detail=detail)


def map_view(state: ScreenState, words: Words) -> MapView:
    """Zones with what they received, and the present zone's title."""
    snapshot = state.snapshot
    zones = snapshot.zones if snapshot else ()
    marks = tuple(
        ZoneMark(
            zone.zone,
            zone.limit_um,
            zone.passes,
            zone.planned,
            zone.passes > zone.planned or zone.max_depth_um > zone.limit_um,
            zone.name,
            words("map.line_done", limit=mm(zone.limit_um), passes=zone.passes, planned=zone.planned),
            zone.pin,
        )
        for zone in zones
    )
    zone = present_zone(state)
    if zone is None or snapshot is None:
        return MapView(marks, "", words("map.choose"), words("map.choose_line"), "", False)
    line = words("map.line", limit=mm(limit_um(state)), this=min(zone.passes + 1, 99), planned=zone.planned)
    if zone.passes >= zone.planned:
        line = words("map.line_done", limit=mm(limit_um(state)), passes=zone.passes, planned=zone.planned)
    strikes = thousands(round(zone.strikes_per_cm2))
    return MapView(marks, zone.zone, zone.name, line, strikes, snapshot.state is State.RUNNING)


def stepper_view(state: ScreenState, words: Words, axis: Axis) -> StepperView:
    """One stepper: what is asked, what waits for its hold, what the pen does not show yet."""
    snapshot = state.snapshot
    depth = axis is Axis.DEPTH
    top_um = limit_um(state)
    usable = snapshot is not None and state.alive and state.linked and top_um > 0
    asked = (snapshot.asked.depth_um if depth else snapshot.asked.speed_rpm) if snapshot and state.alive else 0
    waiting = state.pending_depth_um if depth else state.pending_speed_rpm
    show = mm if depth else thousands
    on_way = bool(snapshot and asked and not snapshot.reached and snapshot.state is State.RUNNING)
    cut = snapshot.cuts[0] if snapshot and snapshot.cuts else ""
    status = words("step.as_set")
    if waiting is not None:
        status = words("step.hold", value=show(waiting))
    elif on_way:
        status = words("step.on_way")
    elif cut and depth:
        status = cut
    if not asked:
        status = words("step.no_zone" if state.alive else "start.no_control")
    above = offer(state, axis)
    hint = ""
    if usable and above is None:
        hint = words("step.limit", limit=mm(top_um)) if depth else words("step.top_speed", top=thousands(messages.SPEED_MAX_RPM))
    unit = words("step.depth_unit", limit=mm(top_um)) if depth and top_um else words("unit.mm" if depth else "unit.rpm")
    return StepperView(
        value=show(asked) if asked else "---",
        unit=unit,
        status=status,
        pending=show(waiting) if waiting is not None else "",
        on_way=on_way,
        minus=usable and (lowered(state, axis) is not None or waiting is not None),
        plus=usable and above is not None,
        hint=hint,
        asked=asked,
    )
