"""The record's vocabulary, version 1: every kind of event with its fields, and the layout of a trace sample. Pure.

An event is never changed or deleted; a correction is a new event that names the old one. Depths are micrometres, speeds
revolutions a minute, `_mono_ns` the station's monotonic clock, `utc` ISO 8601 with microseconds and a trailing Z.
"""

import json
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sessions.trace_layout import NO_AGE as NO_AGE
from sessions.trace_layout import TRACE_BYTES as TRACE_BYTES
from sessions.trace_layout import TRACE_FIELDS as TRACE_FIELDS
from sessions.trace_layout import TRACE_FORMAT as TRACE_FORMAT
from sessions.trace_layout import TRACE_LAYOUT as TRACE_LAYOUT
from sessions.zones import Body as Body
from sessions.zones import PinPlace as PinPlace
from sessions.zones import ZoneLimit as ZoneLimit

VOCABULARY = 1

WIRE_LAYOUT = "wire/1"  # blocks of control's tape: `pencontrol.control.tape` says what is in them


class GateState(Body):
    """One clinical gate at the start: GREEN only on evidence, NOT RECORDED where nothing was asked."""

    gate: str  # what was asked for
    status: Literal["GREEN", "RED", "NOT RECORDED"]  # the answer
    detail: str = ""  # what it rests on


class PenIdentity(Body):
    """The pen as its HELLO, STATUS and cartridge chip told."""

    serial: str  # of the pen
    firmware: str  # its version
    boot_id: int  # drawn by the pen at each start
    simulated: bool  # true: no pen, no skin
    protocol: str  # "1.0"
    port: str  # where it was plugged in


class Cartridge(Body):
    """The cartridge's chip."""

    present: bool  # false: the rest says nothing
    id: str  # hexadecimal
    needles: int  # how many
    tip_width_um: int  # across
    lot: str  # of the maker
    expires: str  # ISO date
    used_ms: int  # motor time before this session


class ZoneTotals(Body):
    """What one zone received, as counted and as corrected by the person."""

    zone: str  # id, as in the plan
    passes: int  # corrected by the person
    strokes: int  # counted
    contact_s: float  # needles in skin
    limit_um: int  # that held last
    max_depth_um: int  # deepest measured
    strikes_per_cm2: float  # needles * speed * contact / area


class SessionOpened(Body):
    """The plan is frozen here, with its CRC; everything that the limits rest on is inside."""

    kind: Literal["session_opened"] = "session_opened"
    client: str  # code of the client
    operator: str  # code of the person who treats
    role: str  # as which they signed in
    role_ceiling_um: int  # deepest that this role may go
    indication: str  # row of the shipped table of indications, e.g. IN11
    plan_crc: int  # CRC-32 of the plan as the pen got it
    zones: list[ZoneLimit]  # the frozen plan
    pen: PenIdentity  # which pen, by its own word
    cartridge: Cartridge  # which cartridge, by its chip
    gates: list[GateState]  # what was asked before the start, and what was answered
    versions: dict[str, str]  # of program, vocabulary and tables, by name
    resumed_from: str = ""  # session that this one goes on from
    carried: list[ZoneTotals] = Field(default=[])  # what that session had reached
    note: str = ""  # of the plan


class ZoneSelected(Body):
    """One tap: which zone and limit now hold."""

    kind: Literal["zone_selected"] = "zone_selected"
    zone: str  # id, as in the plan
    limit_um: int  # that now holds
    old_zone: str = ""  # before it
    old_limit_um: int = 0  # before it


class SettingAsked(Body):
    """What was asked, what was granted and why less."""

    kind: Literal["setting_asked"] = "setting_asked"
    asked_depth_um: int  # by the person
    asked_speed_rpm: int  # by the person
    granted_depth_um: int  # what went to the pen
    granted_speed_rpm: int  # what went to the pen
    reasons: list[str]  # why less than asked


class SettingReached(Body):
    """The pen's own telemetry shows the setting."""

    kind: Literal["setting_reached"] = "setting_reached"
    depth_um: int  # asked of the pen, and now measured
    speed_rpm: int  # asked of the pen, and now measured
    after_ms: int  # after it was sent


class StateChanged(Body):
    """The treatment's state, as in design.md."""

    kind: Literal["state_changed"] = "state_changed"
    old: str  # before
    new: str  # from now on
    reason: str = ""  # in words, where there is one


class Armed(Body):
    """A person's START was answered by the pen with a token."""

    kind: Literal["armed"] = "armed"
    zone: str  # id, as in the plan
    limit_um: int  # that the pen was told
    token: int  # the pen's answer; whoever drives must say it


class Stopped(Body):
    """A STOP left control: why, asked by whom, and how long the pen took to show motor off."""

    kind: Literal["stopped"] = "stopped"
    reason: str  # alarm, or what was pressed
    source: str  # a person's code, or the part that stopped
    confirmed_us: int | None = None  # None: never confirmed


class AlarmRaised(Body):
    """An alarm condition came true."""

    kind: Literal["alarm_raised"] = "alarm_raised"
    alarm: str  # id in the table of alarms
    priority: Literal["HIGH", "MEDIUM", "LOW"]  # form of IEC 60601-1-8
    occurrence: int  # counted per alarm in this session
    words: str  # as shown
    detail: str = ""  # figures


class AlarmCleared(Body):
    """The condition is gone; the record of it stays."""

    kind: Literal["alarm_cleared"] = "alarm_cleared"
    alarm: str  # id in the table of alarms
    occurrence: int  # which one


class AlarmAcknowledged(Body):
    """A person silenced one occurrence."""

    kind: Literal["alarm_acknowledged"] = "alarm_acknowledged"
    alarm: str  # id in the table of alarms
    occurrence: int  # which one


class Trip(Body):
    """A sample that ended the run: who saw it and how long each step took, in microseconds after control read it."""

    kind: Literal["trip"] = "trip"
    guard: Literal["CONTROL", "PEN"]  # who saw it
    alarm: str  # id in the table of alarms
    sample_index: int  # `index` of the sample in the trace
    depth_um: int  # measured in that sample
    limit_um: int  # that held
    tolerance_um: int  # beyond the limit, before it trips
    decided_us: int  # control had decided
    stop_on_wire_us: int | None  # STOP was written; null: the pen was first
    motor_off_us: int | None  # telemetry shows it; null: never seen
    needles_home_us: int | None  # telemetry shows it; null: never seen


class Stroke(Body):
    """One contact of needles with skin."""

    kind: Literal["stroke"] = "stroke"
    zone: str  # id, as in the plan
    number: int  # counted in the zone, from 1
    first_index: int  # `index` of its first sample
    last_index: int  # `index` of its last sample
    contact_ms: int  # how long
    max_depth_um: int  # deepest measured in it


class PassCounted(Body):
    """One coverage of a zone ended: proposed by the detector or told by the person."""

    kind: Literal["pass_counted"] = "pass_counted"
    zone: str  # id, as in the plan
    number: int  # counted in the zone, from 1
    how: Literal["zone_change", "button", "tap", "lift", "close"]  # what ended it
    strokes: int  # in this pass
    contact_ms: int  # in this pass


class PassCorrected(Body):
    """The person undid a count; both stay in the record."""

    kind: Literal["pass_corrected"] = "pass_corrected"
    zone: str  # id, as in the plan
    counted: int  # passes before
    corrected: int  # passes from now on
    reason: str = ""  # coded, with optional text


class CartridgeChanged(Body):
    """Another cartridge is in the pen while a session is open."""

    kind: Literal["cartridge_changed"] = "cartridge_changed"
    old: Cartridge  # the one before
    new: Cartridge  # the one that is used from now on


class FaultCleared(Body):
    """A person cleared the pen's latched fault by name."""

    kind: Literal["fault_cleared"] = "fault_cleared"
    fault: str  # as the pen names it


class LinkChanged(Body):
    """The link to the pen came or went."""

    kind: Literal["link_changed"] = "link_changed"
    state: Literal["connected", "lost"]  # what it is now
    detail: str = ""  # why
    pen: PenIdentity | None = None  # who answered


class Numbing(Body):
    """Numbing on the client's skin: applied, topped up or taken off. The maximum counts from the first application."""

    kind: Literal["numbing"] = "numbing"
    what: Literal["applied", "topped_up", "taken_off"]  # what was done
    product: str  # row of the table of media: ME08 ...
    name: str = Field(default="", exclude_if=lambda told: not told)  # of the product, as the table had it then
    since_utc: str  # of the first application
    maximum_min: int | None = None  # by the label of what was put on now
    on_skin_s: int | None = None  # when it was taken off
    amount_g: float | None = Field(default=None, exclude_if=lambda told: told is None)  # put on now, where it was said
    reason: str = Field(default="", exclude_if=lambda told: not told)  # why the time was told later than it was put on


class MediaApplied(Body):
    """A medium was applied to skin; nothing is said of where it went from there."""

    kind: Literal["media_applied"] = "media_applied"
    medium: str  # row of the table of media: ME01 ...
    name: str = ""  # as the table had it then
    amount_ul: int | None = None  # None: not told
    lot: str = ""  # as printed on the pack; empty: not told
    zone: str = ""  # id, if it was for one


class PassNoted(Body):
    """What the person says of a pass that was counted."""

    kind: Literal["pass_noted"] = "pass_noted"
    zone: str  # id, as in the plan
    number: int  # of the pass in this zone
    direction_deg: Literal[0, 45, 90, 135] | None = None  # of travel, as the plan and the screen number it


class Note(Body):
    """A coded remark of the person, with optional text: reaction, end point, response of the skin."""

    kind: Literal["note"] = "note"
    code: str  # tile that was tapped; those of this program are listed below
    zone: str = ""  # id, if it is about one
    text: str = ""  # typed


class Enforcement(Body):
    """How well the limit was held, counted while it happened."""

    samples: int  # heard while the session was open
    samples_lost: int  # sent by the pen and never heard
    samples_dropped: int | None = None  # never sent by the pen, by its own count; None: not recorded
    judged: int  # held against the limit while armed
    over_limit: int  # of these, beyond limit and tolerance
    worst_age_us: int | None  # oldest sample that was judged
    slowest_answer_us: int | None  # slowest reply of the pen
    deadlines_missed: int  # turns of control that came late
    worst_period_us: int  # longest time between two turns
    period_p99_us: int | None = None  # of 100 DRIVEs 99 followed the one before within this; None: not recorded
    guards: list[str]  # that watched
    scheduling: dict[str, str]  # what the system granted control, by name


class SessionClosed(Body):
    """The end: CLOSED by a person, INTERRUPTED by a loss, with the totals at that moment."""

    kind: Literal["session_closed"] = "session_closed"
    state: Literal["CLOSED", "INTERRUPTED"]  # how it ended
    reason: str  # in words
    zones: list[ZoneTotals]  # what each zone received
    enforcement: Enforcement | None  # null: control ended without a word


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
    | CartridgeChanged
    | FaultCleared
    | LinkChanged
    | Numbing
    | MediaApplied
    | PassNoted
    | Note
    | SessionClosed
)


def by_kind(*bodies: type[Body]) -> dict[str, type[Body]]:
    """The classes by the kind each says it is."""
    return {str(body.model_fields["kind"].default): body for body in bodies}


BODIES = by_kind(*(body for body in AnyBody.__args__ if issubclass(body, Body)))  # what control itself says


class Event(BaseModel):
    """One row of the record. `stream` is a session id, or `J-...` for what happens outside a session."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stream: str  # a session's id, `J-...`, or a sort and a name: `client/c-0001`
    number: int  # 1, 2, 3 ... within the stream, without a gap
    kind: str  # what sort of thing happened: one of those below that its stream may hold
    utc: str  # wall clock of the station, microseconds
    mono_ns: int  # monotonic clock of the station: only differences within one run mean something
    actor: str  # a person's code, or "control", "pen", "recorder"
    body: dict[str, Any]  # what is told, by kind


def make_event(stream: str, number: int, utc_ns: int, mono_ns: int, actor: str, body: Body) -> Event:
    """The event that says `body`, with both clocks handed in."""
    told = body.model_dump(mode="json")
    return Event(
        stream=stream, number=number, kind=told.pop("kind"), utc=utc_text(utc_ns), mono_ns=mono_ns, actor=actor, body=told
    )


def utc_text(utc_ns: int) -> str:
    """ISO 8601 in UTC with microseconds, e.g. 2026-11-21T14:32:05.000123Z."""
    seconds, rest = divmod(utc_ns, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest // 1000:06d}Z"


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, no NaN. The hash chain runs over this."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
