"""What the screen knows, as one frozen value, and `reduce(state, event)`, which makes the next one. Pure; knows no Qt.

The screen judges nothing about safety: the rules here only decide what it shows and what it offers.
"""

from dataclasses import dataclass, field, replace

from firmware_protocol import messages
from pencontrol.control.snapshot import Setting, Snapshot, State, ZoneView
from ui.touch.frame_views import STOP_CONFIRM_NS
from ui.touch.happenings import (
    Applied,
    Axis,
    Draft,
    Drafted,
    Event,
    FaultsSeen,
    Froze,
    Noticed,
    Page,
    PageChosen,
    Panel,
    PanelChosen,
    Preset,
    ScreenFailed,
    SessionLeft,
    Sheet,
    SheetWritten,
    SnapshotRead,
    Staff,
    StaffRead,
    Stepped,
    Stop,
    StopPressed,
    Ticked,
)

CONTROL_SILENT_NS = 500_000_000  # control publishes at 20 Hz; ten missing snapshots are no word from control
BAND_NS = 2_000_000_000
DEPTH_STEP_UM = 50
SPEED_STEP_RPM = 100
MOVING = frozenset({State.ARMING, State.RUNNING, State.STOPPING})
ARMED = MOVING | {State.READY}  # no time to go anywhere else
AT_REST = frozenset({State.CONNECTED, State.READY, State.PAUSED, State.FAULT})
HOMES = {  # each question only over the page that asks it
    Panel.CLOSE: Page.TREAT,
    Panel.REACTION: Page.TREAT,
    Panel.END_POINT: Page.TREAT,
    Panel.CODE: Page.PREPARE,
    Panel.CONSENT: Page.PREPARE,
    Panel.MEDIA: Page.TREAT,
    Panel.AFTERCARE: Page.CLOSED,
    Panel.PINS: Page.PREPARE,
}


@dataclass(frozen=True)
class Band:
    """The zone and limit that hold from now on, shown large for a while. `rise`: -1 lower, +1 higher, 0 first or same."""

    zone: str
    limit_um: int
    rise: int
    until_ns: int


@dataclass(frozen=True)
class ScreenState:
    """Everything the screen knows. `now_ns` is the monotonic time of the last tick."""

    now_ns: int = 0
    snapshot: Snapshot | None = None
    alive: bool = False  # control's word is recent
    linked: bool = False  # the command socket is up
    stop: Stop = Stop.NONE
    stop_ns: int = 0
    pending_depth_um: int | None = None
    pending_speed_rpm: int | None = None
    panel: Panel = Panel.NONE
    notice: str = ""  # the last thing that was refused, in control's words
    faults: tuple[str, ...] = ()  # this screen's own errors
    left_session: str = ""  # the closed session that was left by "New session"
    draft: Draft = field(default_factory=Draft)
    visit: Page | None = None  # where a person went; never while the pen is armed
    band: Band | None = None
    sheet: Sheet = field(default_factory=Sheet)
    frozen: bool = False  # the traces stand still
    staff: Staff = Staff.NOBODY


def reduce(state: ScreenState, event: Event) -> ScreenState:
    """The state after `event`."""
    match event:
        case Ticked(now_ns, linked):
            return _tick(state, now_ns, linked)
        case SnapshotRead(snapshot):
            return _take_snapshot(state, snapshot)
        case StopPressed(now_ns):
            first_ns = state.stop_ns if state.stop is Stop.SENT else now_ns  # pressing again does not put off "not confirmed"
            return replace(state, stop=Stop.SENT, stop_ns=first_ns, pending_depth_um=None, pending_speed_rpm=None)
        case Stepped(axis, direction):
            return _step(state, axis, direction)
        case Preset(depth_um):
            return _preset(state, depth_um)
        case PageChosen(visit):
            return replace(state, visit=visit if visit is None or may_visit(state) else state.visit, panel=Panel.NONE)
        case SheetWritten(sheet):
            return replace(state, sheet=sheet)
        case Froze(frozen):
            return replace(state, frozen=frozen)
        case Applied():
            return replace(state, pending_depth_um=None, pending_speed_rpm=None)
        case PanelChosen(panel):
            return replace(state, panel=panel)
        case Noticed(text):
            return replace(state, notice=text)
        case ScreenFailed(text):
            return replace(state, faults=(*state.faults[-4:], text))
        case FaultsSeen():
            return replace(state, faults=())
        case SessionLeft():
            session = state.snapshot.session if state.snapshot else None
            return replace(state, left_session=session.id if session else "", draft=Draft(), notice="")
        case Drafted(draft):
            return replace(state, draft=draft, notice="")
        case StaffRead(staff):
            return replace(state, staff=staff)


def present_zone(state: ScreenState) -> ZoneView | None:
    """The zone that holds now."""
    snapshot = state.snapshot
    return next((zone for zone in snapshot.zones if zone.zone == snapshot.zone), None) if snapshot else None


def limit_um(state: ScreenState) -> int:
    """The deepest that may be offered: 0 without a zone. Never more than plan, control and pen allow."""
    zone = present_zone(state)
    if zone is None or state.snapshot is None:
        return 0
    return min(state.snapshot.limit_um, zone.limit_um, messages.DEPTH_MAX_UM)


def offer(state: ScreenState, axis: Axis) -> int | None:
    """The value one more plus would make pending, or None beyond the limit."""
    if state.snapshot is None or limit_um(state) == 0:
        return None
    asked = state.snapshot.asked
    if axis is Axis.DEPTH:
        value = (state.pending_depth_um or asked.depth_um or messages.DEPTH_MIN_UM - DEPTH_STEP_UM) + DEPTH_STEP_UM
        return value if value <= limit_um(state) else None
    value = (state.pending_speed_rpm or asked.speed_rpm or messages.SPEED_MIN_RPM - SPEED_STEP_RPM) + SPEED_STEP_RPM
    return value if value <= messages.SPEED_MAX_RPM else None


def lowered(state: ScreenState, axis: Axis) -> Setting | None:
    """What a tap on minus asks for at once; None at the pen's floor."""
    if state.snapshot is None:
        return None
    asked = state.snapshot.asked
    if axis is Axis.DEPTH:
        value = asked.depth_um - DEPTH_STEP_UM
        return Setting(depth_um=value, speed_rpm=asked.speed_rpm) if value >= messages.DEPTH_MIN_UM else None
    value = asked.speed_rpm - SPEED_STEP_RPM
    return Setting(depth_um=asked.depth_um, speed_rpm=value) if value >= messages.SPEED_MIN_RPM else None


def pending(state: ScreenState) -> Setting | None:
    """What the hold would ask for: the pending values over the asked ones, cut to the limit. None when nothing is pending."""
    if state.snapshot is None or (state.pending_depth_um is None and state.pending_speed_rpm is None):
        return None
    asked = state.snapshot.asked
    return Setting(
        depth_um=min(state.pending_depth_um or asked.depth_um, limit_um(state)),
        speed_rpm=min(state.pending_speed_rpm or asked.speed_rpm, messages.SPEED_MAX_RPM),
    )


def idle(state: ScreenState) -> bool:
    """Whether nobody may need the screen: it may dim and lock. What is not known is not idle, and neither is an alarm."""
    snapshot = state.snapshot
    if snapshot is None or not state.alive or snapshot.alarms or state.faults or state.stop in (Stop.SENT, Stop.UNCONFIRMED):
        return False
    return snapshot.state in (State.NO_PEN, State.CONNECTED)


def may_visit(state: ScreenState) -> bool:
    """Whether a person may leave the treatment for another page. Without control's word nothing else can be done here."""
    return state.snapshot is None or not state.alive or state.snapshot.state not in ARMED


def page(state: ScreenState) -> Page:
    """A person's visit, otherwise the session's page; an interrupted one is offered for resumption on the prepare page."""
    return state.visit or session_page(state)


def session_page(state: ScreenState) -> Page:
    """The page that the session asks for."""
    session = state.snapshot.session if state.snapshot else None
    if session is None or session.state == "INTERRUPTED" or session.id == state.left_session:
        return Page.PREPARE
    return Page.TREAT if session.state == "OPEN" else Page.CLOSED


def shown_panel(state: ScreenState) -> Panel:
    """The panel on show."""
    home = HOMES.get(state.panel)
    return state.panel if home in (None, page(state)) else Panel.NONE


def may_start(state: ScreenState) -> bool:
    """Whether START is offered; control decides."""
    snapshot = state.snapshot
    return (
        snapshot is not None
        and state.alive
        and state.linked
        and state.stop not in (Stop.SENT, Stop.UNCONFIRMED)
        and snapshot.state in (State.READY, State.PAUSED)
        and snapshot.zone != ""
        and page(state) is Page.TREAT
    )


def _tick(state: ScreenState, now_ns: int, linked: bool) -> ScreenState:
    snapshot = state.snapshot
    alive = snapshot is not None and now_ns - snapshot.mono_ns <= CONTROL_SILENT_NS
    stop = state.stop
    if stop is Stop.SENT and now_ns - state.stop_ns > STOP_CONFIRM_NS:
        stop = Stop.UNCONFIRMED
    lost = not (alive and linked)
    return replace(
        state,
        now_ns=now_ns,
        alive=alive,
        linked=linked,
        stop=stop,
        pending_depth_um=None if lost else state.pending_depth_um,
        pending_speed_rpm=None if lost else state.pending_speed_rpm,
        band=None if state.band is not None and now_ns >= state.band.until_ns else state.band,
    )


def _take_snapshot(state: ScreenState, snapshot: Snapshot) -> ScreenState:
    stop = state.stop
    if stop in (Stop.SENT, Stop.UNCONFIRMED) and _confirms(snapshot, state.stop_ns):
        stop = Stop.CONFIRMED
    elif stop is Stop.CONFIRMED and (snapshot.state in (State.ARMING, State.RUNNING) or not _same_place(state, snapshot)):
        stop = Stop.NONE
    keep = _same_place(state, snapshot)
    left = state.left_session
    if snapshot.session is None or snapshot.session.id != left:
        left = ""
    fresh = replace(state, snapshot=snapshot, stop=stop, left_session=left, band=_band(state, snapshot))
    if snapshot.state in ARMED - {State.STOPPING}:  # STOP throws nobody off a half-typed form
        fresh = replace(fresh, visit=None)
    return fresh if keep else replace(fresh, pending_depth_um=None, pending_speed_rpm=None, frozen=False)


def _band(state: ScreenState, snapshot: Snapshot) -> Band | None:
    """Every change of zone or limit begins a new one."""
    old = state.snapshot
    if not snapshot.zone or (old is not None and (old.zone, old.limit_um) == (snapshot.zone, snapshot.limit_um)):
        return state.band if snapshot.zone else None
    before = old.limit_um if old is not None and old.zone else snapshot.limit_um
    rise = (snapshot.limit_um > before) - (snapshot.limit_um < before)
    return Band(snapshot.zone, snapshot.limit_um, rise, max(state.now_ns, snapshot.mono_ns) + BAND_NS)


def _same_place(state: ScreenState, snapshot: Snapshot) -> bool:
    """Whether control, session and zone are still those of the last snapshot."""
    old = state.snapshot
    if old is None or old.zone != snapshot.zone or old.control != snapshot.control:
        return False
    return (old.session.id if old.session else "") == (snapshot.session.id if snapshot.session else "")


def _confirms(snapshot: Snapshot, stop_ns: int) -> bool:
    """Control's word that the pen is at rest, said after STOP was pressed. A pen that is gone confirms nothing."""
    if snapshot.mono_ns <= stop_ns:
        return False
    return snapshot.state in AT_REST or (snapshot.state is State.NO_PEN and snapshot.pen is None)


def _preset(state: ScreenState, depth_um: int) -> ScreenState:
    """Deeper than what is asked becomes pending, up to the limit; anything else withdraws what is pending."""
    asked = state.snapshot.asked.depth_um if state.snapshot else 0
    deeper = bool(asked) and asked < depth_um <= limit_um(state)
    return replace(state, pending_depth_um=depth_um if deeper else None)


def _step(state: ScreenState, axis: Axis, direction: int) -> ScreenState:
    """Plus builds a pending value. Minus withdraws it: lowering is asked at once, from what holds, by the presenter."""
    value = offer(state, axis) if direction > 0 else None
    if direction > 0 and value is None:
        return state
    if axis is Axis.DEPTH:
        return replace(state, pending_depth_um=value)
    return replace(state, pending_speed_rpm=value)
