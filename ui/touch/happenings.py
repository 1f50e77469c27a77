"""What can happen to the screen's state, each a frozen value. `state.reduce` takes them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pencontrol.control.snapshot import Snapshot


class Stop(StrEnum):
    """How far the last STOP of this screen has come."""

    NONE = "NONE"
    SENT = "SENT"
    CONFIRMED = "CONFIRMED"
    UNCONFIRMED = "UNCONFIRMED"


class Page(StrEnum):
    """Which page is on show."""

    PREPARE = "PREPARE"
    TREAT = "TREAT"
    CLOSED = "CLOSED"
    SETUP = "SETUP"
    RECORDS = "RECORDS"


VISITS = frozenset({Page.SETUP, Page.RECORDS})  # pages a person goes to and comes back from; the others follow control's session


class Panel(StrEnum):
    """The in-page panel over the page."""

    NONE = "NONE"
    ALARMS = "ALARMS"
    CLOSE = "CLOSE"
    CODE = "CODE"
    MORE = "MORE"
    REACTION = "REACTION"
    END_POINT = "END_POINT"
    KEYPAD = "KEYPAD"
    SIGN_IN = "SIGN_IN"
    CONSENT = "CONSENT"
    MEDIA = "MEDIA"
    TEXT = "TEXT"
    AFTERCARE = "AFTERCARE"
    PINS = "PINS"
    NUMBING = "NUMBING"


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
    role: str = ""  # under which the operator signed in; "" when nobody has a PIN here
    ceiling_um: int = 0  # how deep the clinic lets that role go
    consent: str = ""  # what the consent gate rests on; "" while nobody signed


class Staff(StrEnum):
    """Whether opening a session takes a sign-in."""

    READING = "READING"  # not known yet: nobody opens
    NOBODY = "NOBODY"  # nobody has a PIN: the operator's code is typed
    SIGNS_IN = "SIGNS_IN"


@dataclass(frozen=True)
class StaffRead:
    """Who works here was read from the records."""

    staff: Staff


@dataclass(frozen=True)
class Sheet:
    """What the practitioner says of the zones of one session: directions of travel and end points."""

    session: str = ""
    orders: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # the plan's directions by zone, in degrees
    directions: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by zone: (pass, degrees) changed by hand
    end_points: Mapping[str, str] = field(default_factory=dict)  # by zone: one of END_POINTS


END_POINTS = ("none", "redness", "pinpoint", "excess")
REACTIONS = ("faint", "pain", "bleeding", "other")


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
class Preset:
    """A depth was touched; deeper than what holds it becomes pending, shallower withdraws what is pending."""

    depth_um: int


@dataclass(frozen=True)
class Applied:
    """The pending values were held and sent."""


@dataclass(frozen=True)
class PanelChosen:
    """A panel was opened; NONE closes it."""

    panel: Panel


@dataclass(frozen=True)
class PageChosen:
    """A person goes to one of VISITS; None comes back."""

    page: Page | None


@dataclass(frozen=True)
class SheetWritten:
    """Directions or end points changed."""

    sheet: Sheet


@dataclass(frozen=True)
class Froze:
    """The traces were stopped for a look, or let go on."""

    frozen: bool


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
    | Preset
    | Applied
    | PanelChosen
    | PageChosen
    | SheetWritten
    | Froze
    | Noticed
    | ScreenFailed
    | FaultsSeen
    | SessionLeft
    | Drafted
    | StaffRead
)
