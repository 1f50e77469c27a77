"""What can happen to the screen's state, each a frozen value. `state.reduce` takes them. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from pencontrol.control.snapshot import Snapshot


class Stop(StrEnum):
    """How far the last STOP of this screen has come."""

    NONE = "NONE"
    SENT = "SENT"
    CONFIRMED = "CONFIRMED"
    UNCONFIRMED = "UNCONFIRMED"


class Page(StrEnum):
    """Which page is on show; follows control's session."""

    PREPARE = "PREPARE"
    TREAT = "TREAT"
    CLOSED = "CLOSED"


class Panel(StrEnum):
    """The in-page panel over the page."""

    NONE = "NONE"
    ALARMS = "ALARMS"
    CLOSE = "CLOSE"
    CODE = "CODE"


class Axis(StrEnum):
    """Which setting a stepper changes."""

    DEPTH = "DEPTH"
    SPEED = "SPEED"


@dataclass(frozen=True)
class Draft:
    """The session being prepared."""

    plan: str = ""  # path of the plan file
    client: str = ""
    operator: str = ""


@dataclass(frozen=True)
class Ticked:
    """Time goes on; says whether the command socket is up."""

    now_ns: int
    linked: bool


@dataclass(frozen=True)
class SnapshotRead:
    """Control published."""

    snapshot: Snapshot


@dataclass(frozen=True)
class StopPressed:
    """STOP was touched and has already been sent."""

    now_ns: int


@dataclass(frozen=True)
class Stepped:
    """A tap on minus (-1) or plus (+1)."""

    axis: Axis
    direction: int


@dataclass(frozen=True)
class Applied:
    """The pending values were held and sent."""


@dataclass(frozen=True)
class PanelChosen:
    """A panel was opened; NONE closes it."""

    panel: Panel


@dataclass(frozen=True)
class Noticed:
    """Something to tell; empty takes it away."""

    text: str


@dataclass(frozen=True)
class ScreenFailed:
    """An exception in this screen."""

    text: str


@dataclass(frozen=True)
class FaultsSeen:
    """This screen's own errors were acknowledged."""


@dataclass(frozen=True)
class SessionLeft:
    """The closed session is done with."""


@dataclass(frozen=True)
class Drafted:
    """A part of the session being prepared was chosen."""

    draft: Draft


Event = (
    Ticked
    | SnapshotRead
    | StopPressed
    | Stepped
    | Applied
    | PanelChosen
    | Noticed
    | ScreenFailed
    | FaultsSeen
    | SessionLeft
    | Drafted
)
