"""What the pages before and after the treatment show, computed from the state: frozen values, ready words. Pure."""

from dataclasses import dataclass
from typing import Literal

from pencontrol.control.snapshot import Snapshot, State
from sessions.events import GateState
from ui.touch.happenings import Draft, Page, Staff
from ui.touch.numbing_view import timer
from ui.touch.state import MOVING, ScreenState, may_visit, page
from ui.touch.views import mm, thousands
from ui.touch.words import Words

GATES = ("client", "screening", "consent", "patch", "preparation", "numbing", "media", "calibration")


@dataclass(frozen=True)
class PrepareView:
    """Gates and what may be opened."""

    gates: tuple[GateState, ...]
    interrupted: str  # id of the session that may be resumed
    interrupted_line: str
    may_resume: bool
    may_open: bool
    why_not: str


@dataclass(frozen=True)
class ClosedView:
    """The last session's totals: (zone, passes of planned, strokes, contact, strikes, deepest)."""

    session: str
    client: str
    rows: tuple[tuple[str, str, str, str, str, str], ...]
    recorded: bool


@dataclass(frozen=True)
class MoreView:
    """Where a person may go from here."""

    may_visit: bool
    may_lock: bool
    why_not: str


def more_view(state: ScreenState, words: Words) -> MoreView:
    """Other pages are for when the pen is not armed; the screen is cleaned when it does not move."""
    moving = state.snapshot is not None and state.snapshot.state in MOVING
    may = may_visit(state)
    return MoreView(may, not moving, "" if may else words("more.armed"))


@dataclass(frozen=True)
class MachineView:
    """The technician's corner: groups of (name, value)."""

    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def machine_view(
    state: ScreenState, words: Words, versions: tuple[tuple[str, str], ...], screen: tuple[tuple[str, str], ...]
) -> MachineView:
    """What control says of itself; figures of a control that is silent are missing, not old."""
    snapshot = state.snapshot if state.alive else None
    missing = words("missing")
    counters = snapshot.counters if snapshot is not None else None
    scheduling = sorted(snapshot.scheduling.items()) if snapshot is not None else []
    grants = tuple((_grant(name, words), told) for name, told in scheduling)
    link = tuple(
        (words(f"machine.{name}"), thousands(value) if counters is not None and value is not None else missing)
        for name, value in (
            ("samples", counters.samples if counters else None),
            ("samples_lost", counters.samples_lost if counters else None),
            ("bad_frames", counters.bad_frames if counters else None),
            ("refused", counters.refused if counters else None),
            ("deadlines_missed", counters.deadlines_missed if counters else None),
            ("worst_period_us", counters.worst_period_us if counters else None),
            ("clock_error_us", counters.clock_error_us if counters else None),
        )
    )
    pen = snapshot.pen if snapshot is not None else None
    told = (("firmware", pen.firmware), ("protocol", pen.protocol), ("port", pen.port)) if pen is not None else ()
    return MachineView(
        (
            (words("machine.grants"), grants or ((words("machine.grants"), missing),)),
            (words("machine.link"), link),
            (words("machine.pen"), tuple((words(f"machine.{name}"), value) for name, value in told)),
            (words("machine.screen"), screen),
            (words("machine.versions"), versions),
        )
    )


def _grant(name: str, words: Words) -> str:
    """What control asks the system for, by the name it has in control."""
    return words(f"machine.grant.{name}") if words.has(f"machine.grant.{name}") else name


def prepare_view(state: ScreenState, words: Words) -> PrepareView:
    """Gates in words, and whether a session may be asked for."""
    snapshot = state.snapshot
    session = snapshot.session if snapshot else None
    gone = session is not None and session.state == "INTERRUPTED" and session.id != state.left_session
    line = words("prepare.interrupted", client=session.client, operator=session.operator) if session and gone else ""
    draft = state.draft
    why = ""
    if snapshot is None or not (state.alive and state.linked):
        why = words("start.no_control")
    elif snapshot.state is State.NO_PEN:
        why = words("start.no_pen")
    elif state.staff is Staff.READING:
        why = words("prepare.reading_staff")
    elif state.staff is Staff.SIGNS_IN and not draft.role:
        why = words("prepare.need_sign_in")
    may_resume = gone and not why
    missing = next((part for part in ("plan", "client", "operator") if not getattr(draft, part)), "")
    if missing and not why:
        why = words(f"prepare.need_{missing}")
    known = snapshot if state.alive else None  # of a control that is silent nothing is known: old news opens no gate
    gates = _with_used(_with_numbing(_gates(known, draft, words), state, words), known, gone, words)
    return PrepareView(gates, session.id if session and gone else "", line, may_resume, not why, why)


def _with_numbing(gates: tuple[GateState, ...], state: ScreenState, words: Words) -> tuple[GateState, ...]:
    """The numbing's gate is red before it is ready and past its maximum; without any nothing is recorded."""
    numbing = timer(state, words)
    if not numbing.phase:
        return gates
    status: Literal["GREEN", "RED"] = "GREEN" if numbing.phase in ("ready", "target") else "RED"
    now = GateState(gate="numbing", status=status, detail=words(f"numbing.gate_{numbing.phase}", time=numbing.short))
    return tuple(now if each.gate == now.gate else each for each in gates)


def _with_used(gates: tuple[GateState, ...], snapshot: Snapshot | None, gone: bool, words: Words) -> tuple[GateState, ...]:
    """A cartridge that has run is for the session it ran in, which may go on when it is `gone`; for another one it is red."""
    cartridge = snapshot.cartridge if snapshot is not None else None
    if gone or cartridge is None or not cartridge.present or cartridge.used_ms == 0:
        return gates
    used = GateState(gate="cartridge", status="RED", detail=words("gate.used"))
    return tuple(used if each.gate == used.gate else each for each in gates)


def _gates(snapshot: Snapshot | None, draft: Draft, words: Words) -> tuple[GateState, ...]:
    """What control can see itself; all that nobody has recorded is NOT RECORDED and never green."""
    cartridge = snapshot.cartridge if snapshot else None
    there = snapshot is not None and snapshot.state is not State.NO_PEN and snapshot.pen is not None
    chip = cartridge is not None and cartridge.present
    seen = [
        GateState(gate="pen", status="GREEN" if there else "RED", detail=words("gate.there" if there else "gate.not_there")),
        # present is not enough for green: nobody has checked where it was before
        GateState(gate="cartridge", status="NOT RECORDED" if chip else "RED", detail="" if chip else words("gate.not_there")),
        GateState(
            gate="recorder",
            status="GREEN" if snapshot and snapshot.recorder else "RED",
            detail=words("gate.recording" if snapshot and snapshot.recorder else "gate.not_there"),
        ),
    ]
    asked = {"consent": draft.consent}
    return (*seen, *(GateState(gate=gate, status="GREEN" if asked.get(gate) else "NOT RECORDED") for gate in GATES))


def closed_view(state: ScreenState, words: Words) -> ClosedView | None:
    """Totals of the session that was closed; None while there is none."""
    snapshot = state.snapshot
    if snapshot is None or snapshot.session is None or page(state) is not Page.CLOSED:
        return None
    rows = tuple(
        (
            zone.name,
            words("closed.passes", passes=zone.passes, planned=zone.planned),
            str(zone.strokes),
            f"{zone.contact_s:.0f} s",
            thousands(round(zone.strikes_per_cm2)),
            f"{mm(zone.max_depth_um)} mm" if zone.max_depth_um else words("missing"),
        )
        for zone in snapshot.zones
        if zone.passes or zone.strokes or zone.contact_s
    )
    return ClosedView(snapshot.session.id, snapshot.session.client, rows, snapshot.session.recorded)
