"""The alarm table and its latching machine, in the form of IEC 60601-1-8. Pure: `now_ns` is handed in.

The sight follows the condition; the sound latches until a person acknowledges. Acknowledging silences that occurrence for
at most 120 s; a new alarm of the same or a higher priority, a lost link or a restart ends every silence. A `stop_latch`
alarm stands until a person acknowledges it, whatever the pen shows by then; one that control goes on watching (`level`)
stands until the condition is gone as well.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from pencontrol.control.snapshot import AlarmView

SILENCE_NS = 120_000_000_000

Action = Literal["stop_latch", "stop", "refuse_start", "none"]


class Priority(IntEnum):
    """Higher is more urgent; also the burst that sounds."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One row of the table. `lasts`: with what the condition is over at the latest; `level`: control watches it go."""

    id: str
    condition: str
    priority: Priority
    action: Action
    words: str
    lasts: Literal["", "run", "session"] = ""
    level: bool = False


_HIGH, _MEDIUM, _LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW
_ROWS = (
    AlarmRow("DEPTH_OVER_LIMIT", "depth over limit + tolerance", _HIGH, "stop_latch", "Needles deeper than the limit"),
    AlarmRow("DEPTH_FROZEN", "depth unmoved 300 ms after a change", _HIGH, "stop_latch", "Depth reading does not move"),
    AlarmRow("DEPTH_INVALID", "depth impossible or missing", _HIGH, "stop_latch", "Depth reading impossible or missing"),
    AlarmRow("DEPTH_OVER_ASKED", "depth over asked + 0.15 mm", _HIGH, "stop_latch", "Needles deeper than asked"),
    AlarmRow("TELEMETRY_STALE", "telemetry older than 150 ms", _HIGH, "stop_latch", "No fresh reading from the pen"),
    AlarmRow("LINK_LOST", "link lost", _HIGH, "stop_latch", "Pen disconnected", level=True),
    AlarmRow("PEN_RESTARTED", "pen restarted", _HIGH, "stop_latch", "Pen restarted"),
    AlarmRow(
        "STOP_UNCONFIRMED", "STOP not confirmed in 100 ms", _HIGH, "stop_latch", "STOP not confirmed: switch the pen off by hand"
    ),
    AlarmRow("PEN_FAULT", "a fault of the pen without a row of its own", _HIGH, "stop_latch", "The pen stopped itself"),
    AlarmRow("STALL", "motor stalled", _HIGH, "stop_latch", "Motor is blocked"),
    AlarmRow("OVERCURRENT", "over-current", _HIGH, "stop_latch", "Motor draws too much current"),
    AlarmRow("OVERTEMPERATURE", "over-temperature", _HIGH, "stop_latch", "Pen is too hot"),
    AlarmRow("SPEED_OFF", "speed off by more than 20 %", _HIGH, "stop_latch", "Speed far from what was asked"),
    AlarmRow("CARTRIDGE_OUT", "cartridge out while running", _HIGH, "stop_latch", "Cartridge came out"),
    AlarmRow(
        "RECORD_LOST", "recorder gone, disk full, not written", _HIGH, "stop_latch", "The record is not being written", level=True
    ),
    AlarmRow("SCREEN_SILENT", "screen silent 300 ms", _HIGH, "stop", "Screen does not answer", "run"),
    AlarmRow("DRIVE_REFUSED", "a DRIVE not accepted within 100 ms", _HIGH, "stop", "The pen refuses the setting", "run"),
    AlarmRow("NOT_REACHED", "accepted, not reached in time", _HIGH, "stop", "The pen does not reach the setting", "run"),
    AlarmRow("NO_AUTHORITY", "decide() refuses", _HIGH, "stop", "Treatment is not allowed as things stand", "run"),
    AlarmRow("SPEED_DRIFT", "speed off by more than 10 % for 1 s", _MEDIUM, "none", "Speed more than 10 % off", "run"),
    AlarmRow("NUMBING_OVER", "numbing past the product's maximum", _MEDIUM, "none", "Numbing past its maximum: take it off"),
    AlarmRow("NO_SOUND", "no sound device", _MEDIUM, "none", "No sound: alarms are only seen"),
    AlarmRow("CLOCK_JUMPED", "wall clock against monotonic clock", _MEDIUM, "none", "The computer's clock jumped"),
    AlarmRow("DOSE_OVER", "strikes per cm2 over the limit", _LOW, "none", "More strikes than the clinic allows", "session"),
    AlarmRow("PASS_OVER_PLAN", "pass over plan", _LOW, "none", "More passes than planned", "session"),
    AlarmRow("CALIBRATION_DUE", "calibration due in 14 days", _LOW, "none", "Calibration ends within 14 days", "session"),
    AlarmRow("CALIBRATION_OVERDUE", "calibration overdue", _LOW, "refuse_start", "Calibration is not in date", "session"),
    AlarmRow("CARTRIDGE_REFUSED", "cartridge unknown or used", _LOW, "refuse_start", "Cartridge unknown or used", "session"),
    AlarmRow("GATES_RED", "gates open", _LOW, "refuse_start", "A gate of the session is red", "session"),
    AlarmRow("DISK_LOW", "disk under 500 MB", _LOW, "refuse_start", "Too little room on the disk", "session"),
)
TABLE = {row.id: row for row in _ROWS}
_STOPS = ("stop", "stop_latch")


@dataclass(slots=True)
class _Alarm:
    row: AlarmRow
    occurrence: int
    since_ns: int
    detail: str
    active: bool
    acknowledged: bool
    silent_until_ns: int
    holds: bool  # watched, and not yet seen to be gone


@dataclass(frozen=True, slots=True)
class Change:
    """What the machine tells the record: one alarm was raised, cleared or acknowledged."""

    what: Literal["raised", "cleared", "acknowledged"]
    row: AlarmRow
    occurrence: int
    detail: str


class Alarms:
    """All alarms of one control process. `changes` collects what the record must hear; the caller takes them."""

    def __init__(self) -> None:
        self._alarms: dict[str, _Alarm] = {}
        self._occurrences: dict[str, int] = {}
        self.changes: list[Change] = []

    def raise_alarm(self, id: str, detail: str, now_ns: int) -> None:
        """The condition holds. A second call while it holds changes nothing."""
        alarm = self._alarms.get(id)
        if alarm is not None and alarm.active:
            return
        row = TABLE[id]
        occurrence = self._occurrences.get(id, 0) + 1
        self._occurrences[id] = occurrence
        for other in self._alarms.values():
            if other.row.priority <= row.priority:
                other.silent_until_ns = 0
        self._alarms[id] = _Alarm(row, occurrence, now_ns, detail, True, False, 0, row.level)
        self.changes.append(Change("raised", row, occurrence, detail))

    def clear(self, id: str) -> bool:
        """The condition is gone. A latching alarm stays until it is acknowledged. False: that was known already."""
        alarm = self._alarms.get(id)
        if alarm is None or not alarm.active:
            return False
        held, alarm.holds = alarm.holds, False
        if alarm.row.action != "stop_latch" or alarm.acknowledged:
            self._end(alarm)
            return True
        return held

    def clear_with(self, what: Literal["run", "session"]) -> None:
        """A run or a session ended, and with it the conditions that are its own."""
        for ended in [alarm.row.id for alarm in self._alarms.values() if alarm.row.lasts == what]:
            self.clear(ended)

    def acknowledge(self, id: str, occurrence: int, now_ns: int) -> bool:
        """A person has seen this occurrence: silent for 120 s, its latch released. False: no such occurrence stands."""
        alarm = self._alarms.get(id)
        if alarm is None or alarm.occurrence != occurrence:
            return False
        alarm.acknowledged = True
        alarm.silent_until_ns = now_ns + SILENCE_NS
        self.changes.append(Change("acknowledged", alarm.row, occurrence, alarm.detail))
        if alarm.row.action == "stop_latch" and alarm.active and not alarm.holds:
            self._end(alarm)
        elif not alarm.active:
            del self._alarms[id]
        return True

    def end_silences(self) -> None:
        """The link was lost or a screen came back: what is not seen must be heard."""
        for alarm in self._alarms.values():
            alarm.silent_until_ns = 0

    def is_active(self, id: str) -> bool:
        """Does the condition (or its latch) hold?"""
        alarm = self._alarms.get(id)
        return alarm is not None and alarm.active

    @property
    def standing(self) -> bool:
        """Is there any alarm, active or unacknowledged?"""
        return bool(self._alarms)

    @property
    def stopping(self) -> frozenset[str]:
        """Ids of active alarms that forbid motion."""
        return frozenset(alarm.row.id for alarm in self._alarms.values() if alarm.active and alarm.row.action in _STOPS)

    @property
    def refusing(self) -> frozenset[str]:
        """Ids of active alarms that forbid a START."""
        return frozenset(alarm.row.id for alarm in self._alarms.values() if alarm.active and alarm.row.action != "none")

    @property
    def latched(self) -> bool:
        """Does a latching stop wait for a person?"""
        waiting = (alarm for alarm in self._alarms.values() if alarm.active and not alarm.acknowledged)
        return any(alarm.row.action == "stop_latch" for alarm in waiting)

    def views(self, now_ns: int) -> tuple[AlarmView, ...]:
        """For the screen, highest priority first, newest first among equals."""
        ordered = sorted(self._alarms.values(), key=lambda alarm: (-alarm.row.priority, -alarm.since_ns))
        return tuple(
            AlarmView(
                alarm=alarm.row.id,
                priority=NAMES[alarm.row.priority],
                occurrence=alarm.occurrence,
                words=alarm.row.words,
                detail=alarm.detail,
                active=alarm.active,
                silenced=now_ns < alarm.silent_until_ns,
            )
            for alarm in ordered
        )

    def _end(self, alarm: _Alarm) -> None:
        alarm.active = False
        self.changes.append(Change("cleared", alarm.row, alarm.occurrence, alarm.detail))
        if alarm.acknowledged:
            del self._alarms[alarm.row.id]


NAMES: dict[Priority, Literal["HIGH", "MEDIUM", "LOW"]] = {
    Priority.HIGH: "HIGH",
    Priority.MEDIUM: "MEDIUM",
    Priority.LOW: "LOW",
}
