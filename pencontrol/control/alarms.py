"""The alarm table and its latching machine, in the form of IEC 60601-1-8. Pure: `now_ns` is handed in.

The sight follows the condition; the sound latches until a person acknowledges. Acknowledging silences that occurrence for
at most 120 s; a new alarm of the same or a higher priority, a lost link or a restart ends every silence. A `latch` alarm's
condition holds until a person acknowledges it, whatever the pen shows by then.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from pencontrol.control.snapshot import AlarmView

SILENCE_NS = 120_000_000_000

Action = Literal["stop_latch", "stop", "refuse_start", "none"]


class Priority(IntEnum):
    """Higher is more urgent."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One row of clinic.md's table."""

    id: str
    priority: Priority
    action: Action
    words: str


_ROWS = (
    AlarmRow("DEPTH_OVER_LIMIT", Priority.HIGH, "stop_latch", "Needles deeper than the limit"),
    AlarmRow("DEPTH_FROZEN", Priority.HIGH, "stop_latch", "Depth reading does not move"),
    AlarmRow("DEPTH_INVALID", Priority.HIGH, "stop_latch", "Depth reading impossible or missing"),
    AlarmRow("DEPTH_OVER_ASKED", Priority.HIGH, "stop_latch", "Needles deeper than asked"),
    AlarmRow("TELEMETRY_STALE", Priority.HIGH, "stop_latch", "No fresh reading from the pen"),
    AlarmRow("LINK_LOST", Priority.HIGH, "stop_latch", "Pen disconnected"),
    AlarmRow("PEN_RESTARTED", Priority.HIGH, "stop_latch", "Pen restarted"),
    AlarmRow("STOP_UNCONFIRMED", Priority.HIGH, "stop_latch", "STOP not confirmed: switch the pen off by hand"),
    AlarmRow("PEN_FAULT", Priority.HIGH, "stop_latch", "The pen stopped itself"),
    AlarmRow("STALL", Priority.HIGH, "stop_latch", "Motor is blocked"),
    AlarmRow("OVERCURRENT", Priority.HIGH, "stop_latch", "Motor draws too much current"),
    AlarmRow("OVERTEMPERATURE", Priority.HIGH, "stop_latch", "Pen is too hot"),
    AlarmRow("SPEED_OFF", Priority.HIGH, "stop_latch", "Speed far from what was asked"),
    AlarmRow("CARTRIDGE_OUT", Priority.HIGH, "stop_latch", "Cartridge came out"),
    AlarmRow("RECORD_LOST", Priority.HIGH, "stop_latch", "The record is not being written"),
    AlarmRow("SCREEN_SILENT", Priority.HIGH, "stop", "Screen does not answer"),
    AlarmRow("DRIVE_REFUSED", Priority.HIGH, "stop", "The pen refuses the setting"),
    AlarmRow("NOT_REACHED", Priority.HIGH, "stop", "The pen does not reach the setting"),
    AlarmRow("NO_AUTHORITY", Priority.HIGH, "stop", "Treatment is not allowed as things stand"),
    AlarmRow("SPEED_DRIFT", Priority.MEDIUM, "none", "Speed more than 10 % off"),
    AlarmRow("CLOCK_JUMPED", Priority.MEDIUM, "none", "The computer's clock jumped"),
    AlarmRow("DOSE_OVER", Priority.LOW, "none", "More strikes than the clinic allows"),
    AlarmRow("DISK_LOW", Priority.LOW, "refuse_start", "Too little room on the disk"),
    AlarmRow("PASS_OVER_PLAN", Priority.LOW, "none", "More passes than planned"),
    AlarmRow("CALIBRATION_DUE", Priority.LOW, "none", "Calibration ends within 14 days"),
    AlarmRow("GATES_RED", Priority.LOW, "refuse_start", "A gate of the session is red"),
)
TABLE = {row.id: row for row in _ROWS}


@dataclass(slots=True)
class _Alarm:
    row: AlarmRow
    occurrence: int
    since_ns: int
    detail: str
    active: bool
    acknowledged: bool
    silent_until_ns: int


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
        self._alarms[id] = _Alarm(row, occurrence, now_ns, detail, True, False, 0)
        self.changes.append(Change("raised", row, occurrence, detail))

    def clear(self, id: str) -> None:
        """The condition is gone. A latching alarm stays until it is acknowledged."""
        alarm = self._alarms.get(id)
        if alarm is None or not alarm.active or (alarm.row.action == "stop_latch" and not alarm.acknowledged):
            return
        self._end(alarm)

    def acknowledge(self, id: str, occurrence: int, now_ns: int) -> bool:
        """A person has seen this occurrence: silent for 120 s; a latch is released. False: no such occurrence stands."""
        alarm = self._alarms.get(id)
        if alarm is None or alarm.occurrence != occurrence:
            return False
        alarm.acknowledged = True
        alarm.silent_until_ns = now_ns + SILENCE_NS
        self.changes.append(Change("acknowledged", alarm.row, occurrence, alarm.detail))
        if alarm.row.action == "stop_latch" and alarm.active:
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
    def stopping(self) -> frozenset[str]:
        """Ids of active alarms that forbid motion."""
        return frozenset(alarm.row.id for alarm in self._alarms.values() if alarm.active and alarm.row.action != "none")

    @property
    def latched(self) -> bool:
        """Does a latching stop wait for a person?"""
        return any(alarm.active and alarm.row.action == "stop_latch" for alarm in self._alarms.values())

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
