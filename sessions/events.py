"""The record's vocabulary, version 1: every kind of event with its fields, and the layout of a trace sample. Pure.

An event is never changed or deleted; a correction is a new event that names the old one. Depths are micrometres, speeds
revolutions a minute, `_mono_ns` the station's monotonic clock, `utc` ISO 8601 with microseconds and a trailing Z.
"""

import json
import struct
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

VOCABULARY = 1

# One judged telemetry sample, as control saw it. Little endian, 48 bytes; the ring and the record share it.
TRACE_LAYOUT = "trace/1"
TRACE_FORMAT = "<QQqiHHHHHHBBBBBBxx"
TRACE_FIELDS = (
    "index",  # sample number, unwrapped
    "t_pen_us",  # pen clock, unwrapped
    "mono_ns",  # when control read it
    "age_us",  # by synced clocks; NO_AGE when unknown
    "depth_um",
    "speed_rpm",
    "current_ma",
    "asked_depth_um",
    "asked_speed_rpm",
    "limit_um",
    "zone",  # wire number, 0: none
    "state",  # the pen's
    "fault",
    "refusal",
    "flags",  # TELEMETRY.flags
    "contact",  # 1 while the host's detector sees contact
)
TRACE_BYTES = struct.calcsize(TRACE_FORMAT)
NO_AGE = -(2**31)

WIRE_LAYOUT = "wire/1"  # blocks of control's tape: `pencontrol.control.tape` says what is in them


class Body(BaseModel):
    """What one kind of event says. Unknown keys are refused: the vocabulary is this file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ZoneLimit(Body):
    """A zone as this session's frozen plan has it."""

    zone: str
    number: int  # on the wire
    name: str
    mode: Literal["treat", "caution"]
    default_um: int
    limit_um: int
    speed_rpm: int
    passes: int
    area_cm2: float
    soft_cap_um: int
    hard_cap_um: int
    reason: str = ""  # typed when the limit is above the soft cap
    acknowledged: bool = False  # for caution zones
    floor_note: str = ""  # where charts advise less than the pen's 0.5 mm


class GateState(Body):
    """One clinical gate at the start: GREEN only on evidence, NOT RECORDED where nothing was asked."""

    gate: str
    status: Literal["GREEN", "RED", "NOT RECORDED"]
    detail: str = ""


class PenIdentity(Body):
    """The pen as its HELLO, STATUS and cartridge chip told."""

    serial: str
    firmware: str
    boot_id: int
    simulated: bool
    protocol: str  # "1.0"
    port: str


class Cartridge(Body):
    """The cartridge's chip."""

    present: bool
    id: str  # hexadecimal
    needles: int
    tip_width_um: int
    lot: str
    expires: str  # ISO date
    used_ms: int


class ZoneTotals(Body):
    """What one zone received, as counted and as corrected by the person."""

    zone: str
    passes: int
    strokes: int
    contact_s: float
    limit_um: int
    max_depth_um: int
    strikes_per_cm2: float


class SessionOpened(Body):
    """The plan is frozen here, with its CRC; everything that the limits rest on is inside."""

    kind: Literal["session_opened"] = "session_opened"
    client: str
    operator: str
    role: str
    role_ceiling_um: int
    indication: str
    plan_crc: int
    zones: list[ZoneLimit]
    pen: PenIdentity
    cartridge: Cartridge
    gates: list[GateState]
    versions: dict[str, str]
    resumed_from: str = ""
    carried: list[ZoneTotals] = []
    note: str = ""


class ZoneSelected(Body):
    """One tap: which zone and limit now hold."""

    kind: Literal["zone_selected"] = "zone_selected"
    zone: str
    limit_um: int
    old_zone: str = ""
    old_limit_um: int = 0


class SettingAsked(Body):
    """What was asked, what was granted and why less."""

    kind: Literal["setting_asked"] = "setting_asked"
    asked_depth_um: int
    asked_speed_rpm: int
    granted_depth_um: int
    granted_speed_rpm: int
    reasons: list[str]


class SettingReached(Body):
    """The pen's own telemetry shows the setting."""

    kind: Literal["setting_reached"] = "setting_reached"
    depth_um: int
    speed_rpm: int
    after_ms: int


class StateChanged(Body):
    """The treatment's state, as in design.md."""

    kind: Literal["state_changed"] = "state_changed"
    old: str
    new: str
    reason: str = ""


class Armed(Body):
    """A person's START was answered by the pen with a token."""

    kind: Literal["armed"] = "armed"
    zone: str
    limit_um: int
    token: int


class Stopped(Body):
    """A STOP left control: why, asked by whom, and how long the pen took to show motor off."""

    kind: Literal["stopped"] = "stopped"
    reason: str
    source: str
    confirmed_us: int | None = None  # None: never confirmed


class AlarmRaised(Body):
    """An alarm condition came true."""

    kind: Literal["alarm_raised"] = "alarm_raised"
    alarm: str
    priority: Literal["HIGH", "MEDIUM", "LOW"]
    occurrence: int
    words: str
    detail: str = ""


class AlarmCleared(Body):
    """The condition is gone; the record of it stays."""

    kind: Literal["alarm_cleared"] = "alarm_cleared"
    alarm: str
    occurrence: int


class AlarmAcknowledged(Body):
    """A person silenced one occurrence."""

    kind: Literal["alarm_acknowledged"] = "alarm_acknowledged"
    alarm: str
    occurrence: int


class Trip(Body):
    """A sample that ended the run: who saw it and how long each step took, in microseconds after control read it."""

    kind: Literal["trip"] = "trip"
    guard: Literal["CONTROL", "PEN"]
    alarm: str
    sample_index: int
    depth_um: int
    limit_um: int
    tolerance_um: int
    decided_us: int
    stop_on_wire_us: int | None
    motor_off_us: int | None
    needles_home_us: int | None


class Stroke(Body):
    """One contact of needles with skin."""

    kind: Literal["stroke"] = "stroke"
    zone: str
    number: int
    first_index: int
    last_index: int
    contact_ms: int
    max_depth_um: int


class PassCounted(Body):
    """One coverage of a zone ended: proposed by the detector or told by the person."""

    kind: Literal["pass_counted"] = "pass_counted"
    zone: str
    number: int
    how: Literal["zone_change", "button", "tap", "lift", "close"]
    strokes: int
    contact_ms: int


class PassCorrected(Body):
    """The person undid a count; both stay in the record."""

    kind: Literal["pass_corrected"] = "pass_corrected"
    zone: str
    counted: int
    corrected: int
    reason: str = ""


class FaultCleared(Body):
    """A person cleared the pen's latched fault by name."""

    kind: Literal["fault_cleared"] = "fault_cleared"
    fault: str


class LinkChanged(Body):
    """The link to the pen came or went."""

    kind: Literal["link_changed"] = "link_changed"
    state: Literal["connected", "lost"]
    detail: str = ""
    pen: PenIdentity | None = None


class Note(Body):
    """A coded remark of the person, with optional text: reaction, end point, note."""

    kind: Literal["note"] = "note"
    code: str
    zone: str = ""
    text: str = ""


class Enforcement(Body):
    """How well the limit was held, counted while it happened."""

    samples: int
    samples_lost: int
    judged: int
    over_limit: int
    worst_age_us: int | None
    slowest_answer_us: int | None
    deadlines_missed: int
    worst_period_us: int
    guards: list[str]
    scheduling: dict[str, str]


class SessionClosed(Body):
    """The end: CLOSED by a person, INTERRUPTED by a loss, with the totals at that moment."""

    kind: Literal["session_closed"] = "session_closed"
    state: Literal["CLOSED", "INTERRUPTED"]
    reason: str
    zones: list[ZoneTotals]
    enforcement: Enforcement | None


AnyBody = (
    SessionOpened
    | ZoneSelected
    | SettingAsked
    | SettingReached
    | StateChanged
    | Armed
    | Stopped
    | AlarmRaised
    | AlarmCleared
    | AlarmAcknowledged
    | Trip
    | Stroke
    | PassCounted
    | PassCorrected
    | FaultCleared
    | LinkChanged
    | Note
    | SessionClosed
)
BODIES: dict[str, type[Body]] = {
    str(body.model_fields["kind"].default): body for body in AnyBody.__args__ if issubclass(body, Body)
}


class Event(BaseModel):
    """One row of the record. `stream` is a session id, or `J-...` for what happens outside a session."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stream: str
    number: int  # 1, 2, 3 ... within the stream, without a gap
    kind: str
    utc: str
    mono_ns: int
    actor: str  # a person's code, or "control", "pen", "recorder"
    body: dict[str, Any]


def make_event(stream: str, number: int, utc_ns: int, mono_ns: int, actor: str, body: Body) -> Event:
    """The event that says `body`, with both clocks handed in."""
    told = body.model_dump(mode="json")
    return Event(
        stream=stream, number=number, kind=told.pop("kind"), utc=utc_text(utc_ns), mono_ns=mono_ns, actor=actor, body=told
    )


def read_body(event: Event) -> Body:
    """The typed body of `event`. Raises KeyError for an unknown kind, pydantic.ValidationError for a bad body."""
    return BODIES[event.kind].model_validate(event.body)


def utc_text(utc_ns: int) -> str:
    """ISO 8601 in UTC with microseconds, e.g. 2026-11-21T14:32:05.000123Z."""
    seconds, rest = divmod(utc_ns, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest // 1000:06d}Z"


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, no NaN. The hash chain runs over this."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
