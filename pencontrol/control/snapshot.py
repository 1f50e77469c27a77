"""Control's truth as the screen sees it: one frozen document, written to the ring file at 20 Hz and at every change. Pure.

Live numbers (depth, speed) are not here: they come sample by sample from the ring.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from sessions.events import Cartridge, GateState, PenIdentity, PinPlace


class State(StrEnum):
    """The treatment as control sees it (design.md)."""

    NO_PEN = "NO_PEN"
    CONNECTED = "CONNECTED"
    READY = "READY"
    ARMING = "ARMING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    PAUSED = "PAUSED"
    UNCERTAIN = "UNCERTAIN"
    FAULT = "FAULT"


class Frozen(BaseModel):
    """Base of all that is read and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Setting(Frozen):
    """A pair of settings."""

    depth_um: int = 0
    speed_rpm: int = 0


class ZoneView(Frozen):
    """One zone or pin of the session's plan, with what it received so far."""

    zone: str
    number: int
    name: str
    mode: Literal["treat", "caution"]
    default_um: int
    limit_um: int
    speed_rpm: int
    planned: int
    floor_note: str = ""
    passes: int = 0
    strokes: int = 0
    contact_s: float = 0.0
    strikes_per_cm2: float = 0.0
    max_depth_um: int = 0
    pin: PinPlace | None = None


class AlarmView(Frozen):
    """One alarm on show: active (the condition holds) or latched (it has passed, nobody has acknowledged it)."""

    alarm: str
    priority: Literal["HIGH", "MEDIUM", "LOW"]
    occurrence: int
    words: str
    detail: str = ""
    active: bool = True
    silenced: bool = False


class NumbingView(Frozen):
    """The numbing on the client's skin. `since_ns` and `due_ns` are monotonic; at `due_ns` it is past its maximum."""

    product: str
    since_utc: str  # of the first application
    since_ns: int
    due_ns: int
    top_ups: int = 0


class SessionView(Frozen):
    """The open session, or the last one closed."""

    id: str
    client: str
    operator: str
    opened_utc: str
    opened_mono_ns: int
    state: Literal["OPEN", "CLOSED", "INTERRUPTED"] = "OPEN"
    resumed_from: str = ""
    indication: str = ""
    gates: tuple[GateState, ...] = ()
    recorded: bool = False  # everything said so far is acknowledged by the recorder


class Counters(Frozen):
    """Link and loop figures, for the technician's page and the record."""

    samples: int = 0
    samples_lost: int = 0
    bad_frames: int = 0
    refused: int = 0  # the code of the last refusal, 0 when the last DRIVE was taken
    deadlines_missed: int = 0
    worst_period_us: int = 0
    clock_error_us: int | None = None


class Snapshot(Frozen):
    """Everything the screen may show. `mono_ns` is when it was true."""

    mono_ns: int
    control: str  # this control process's id: another one means control restarted
    state: State = State.NO_PEN
    reason: str = ""  # plain words: why this state
    pen: PenIdentity | None = None
    cartridge: Cartridge | None = None
    session: SessionView | None = None
    zone: str = ""
    limit_um: int = 0
    asked: Setting = Setting()  # what the person asked for, as granted by decide()
    accepted: Setting = Setting()  # what the pen has taken from the last DRIVE
    reached: bool = False  # the pen's telemetry shows what was asked
    cuts: tuple[str, ...] = ()  # why less was granted than asked
    zones: tuple[ZoneView, ...] = ()
    alarms: tuple[AlarmView, ...] = ()  # highest first
    numbing: NumbingView | None = None
    recorder: bool = False
    fault: str = "NONE"  # the pen's latched fault
    counters: Counters = Counters()
    scheduling: dict[str, str] = {}
