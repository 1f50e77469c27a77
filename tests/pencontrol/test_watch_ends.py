"""What control looks at once a second, and which conditions are over: numbing, record, link, disk, certificate, gates."""

from types import SimpleNamespace
from typing import Any

import pytest

from pencontrol.control.alarms import Alarms
from pencontrol.control.snapshot import NumbingView
from pencontrol.control.watch import judge_disk, judge_due, judge_gates, look
from sessions.events import GateState

NOW = 10_000_000_000
MS = 1_000_000
MINUTE_NS = 60_000 * MS


class Touched:
    """Counts how often the record was told to look again."""

    def __init__(self) -> None:
        self.times = 0

    def touch(self) -> None:
        self.times += 1


def resting(**changes: Any) -> Any:
    """A station at which nothing is amiss, nobody is treated and the next look is due; `changes` are facts of it."""

    def oldest_age_ns(now_ns: int) -> int:
        assert now_ns == NOW
        return 0

    facts: dict[str, Any] = {
        "alarms": Alarms(),
        "tape": Touched(),
        "outbox": SimpleNamespace(connected=True, overflowed=False, oldest_age_ns=oldest_age_ns),
        "disk_free_bytes": lambda: 500_000_000,
        "look_ns": NOW,
        "numbing": None,
        "numbed_s": None,
        "treatment": None,
        "run": None,
        "line": None,
    }
    return SimpleNamespace(**facts | changes)


def treated(*gates: GateState) -> Any:
    return SimpleNamespace(gates=gates)


def gate(name: str, status: Any = "RED", detail: str = "why") -> GateState:
    return GateState(gate=name, status=status, detail=detail)


def numbed(minutes: int, at_most_min: int = 60) -> NumbingView:
    since_ns = NOW - minutes * MINUTE_NS
    due_ns = since_ns + at_most_min * MINUTE_NS
    return NumbingView(product="Cream", since_utc="2026-11-21T13:02:05Z", since_ns=since_ns, due_ns=due_ns)


def pen(days_left: int, **changes: Any) -> Any:
    facts = {"identity": object(), "uncertain": False, "needs_greeting": False, "today_days": 2000, "calibration_status": "PASS"}
    facts |= {"calibration_until_days": 2000 + days_left, "calibration_certificate": "CAL-7"}
    return SimpleNamespace(**facts | changes)


def shown(station: Any) -> dict[str, str]:
    """Every alarm whose condition holds, with its detail."""
    return {view.alarm: view.detail for view in station.alarms.views(NOW) if view.active}


DISK_WORDS = "499 MB are free for the record, 500 MB are needed"
DUE_WORDS = "certificate CAL-7 ends on 2025-07-07"
OVER_WORDS = "Cream on the skin since 13:02 UTC, at most 60 min"


@pytest.mark.parametrize(("session", "look_ns", "looks"), [(True, NOW, True), (True, NOW + 1, False), (False, NOW, False)])
def test_disk_and_certificate_are_looked_at_once_a_second_and_only_in_a_session(session: bool, look_ns: int, looks: bool) -> None:
    station = resting(
        treatment=treated() if session else None, look_ns=look_ns, line=pen(14), disk_free_bytes=lambda: 499_999_999
    )
    look(station, NOW)
    assert shown(station) == ({"DISK_LOW": DISK_WORDS, "CALIBRATION_DUE": DUE_WORDS} if looks else {})
    assert station.look_ns == (NOW + 1000 * MS if looks else look_ns)


@pytest.mark.parametrize(
    ("numbing", "numbed_s", "alarms"),
    [
        (None, None, {}),  # the gates stay as they were judged when the session opened
        (numbed(29), None, {"GATES_RED": "Numbing: Cream on the skin for 29 of 30 min; Consent: why"}),
        (None, 60, {"GATES_RED": "Consent: why"}),
    ],
)
def test_the_gates_are_looked_at_again_only_where_numbing_goes_on(
    numbing: NumbingView | None, numbed_s: int | None, alarms: dict[str, str]
) -> None:
    station = resting(treatment=treated(gate("Numbing"), gate("Consent")), numbing=numbing, numbed_s=numbed_s)
    look(station, NOW)
    assert shown(station) == alarms


def test_numbing_past_its_maximum_is_told_until_it_is_taken_off() -> None:
    station = resting(numbing=numbed(60))
    look(station, NOW - 1)
    assert shown(station) == {}
    look(station, NOW)
    look(station, NOW)
    assert shown(station) == {"NUMBING_OVER": OVER_WORDS}
    assert station.tape.times == 0
    station.numbing = None
    look(station, NOW)
    look(station, NOW)  # what is known is not told again
    assert shown(station) == {}
    assert station.tape.times == 1


def ends(station: Any, alarm: str) -> bool:
    """Is the condition of a standing, latched `alarm` seen to be gone? Then the record hears once, and a person ends it."""
    station.alarms.raise_alarm(alarm, "", NOW)
    look(station, NOW)
    look(station, NOW)
    station.alarms.acknowledge(alarm, 1, NOW)
    gone = not station.alarms.is_active(alarm)
    assert station.tape.times == gone
    return gone


@pytest.mark.parametrize(("session", "connected", "gone"), [(True, False, False), (True, True, True), (False, False, True)])
def test_a_lost_record_is_over_when_the_recorder_is_back_or_nothing_is_recorded(
    session: bool, connected: bool, gone: bool
) -> None:
    station = resting(treatment=treated() if session else None)
    station.outbox.connected = connected
    assert ends(station, "RECORD_LOST") is gone


LINES = [
    (None, False),
    (pen(99, identity=None), False),
    (pen(99, uncertain=True), False),
    (pen(99, needs_greeting=True), False),
    (pen(99), True),
]


@pytest.mark.parametrize(("line", "stands"), LINES, ids=["none", "no identity", "uncertain", "not greeted", "good"])
@pytest.mark.parametrize(("session", "run"), [(False, False), (True, False), (False, True), (True, True)])
def test_a_lost_link_is_over_when_it_stands_again_or_nobody_misses_it(line: Any, stands: bool, session: bool, run: bool) -> None:
    station = resting(line=line, treatment=treated() if session else None, run=object() if run else None)
    assert ends(station, "LINK_LOST") is (stands or not (session or run))


@pytest.mark.parametrize("latched", ["RECORD_LOST", "LINK_LOST"])
def test_a_latch_that_waits_for_a_person_hides_no_other_end_from_the_record(latched: str) -> None:
    station = resting(numbing=numbed(60))
    station.alarms.raise_alarm(latched, "", NOW)
    look(station, NOW)
    assert station.tape.times == 1
    station.numbing = None
    look(station, NOW)
    assert station.tape.times == 2
    assert shown(station) == {latched: ""}


@pytest.mark.parametrize(
    ("free_bytes", "words"),
    [(499_999_999, DISK_WORDS), (499_000_000, DISK_WORDS), (500_000_000, ""), (None, "")],
)
def test_the_room_that_a_record_needs(free_bytes: int | None, words: str) -> None:
    station = resting(disk_free_bytes=lambda: free_bytes)
    for _ in range(2):
        assert judge_disk(station, NOW) == words
        assert shown(station) == ({"DISK_LOW": words} if words else {})
        station.alarms.raise_alarm("DISK_LOW", words, NOW)  # there was no room before


def test_a_certificate_is_due_two_weeks_before_its_last_day() -> None:
    station = resting(line=pen(14))
    judge_due(station, NOW)
    assert shown(station) == {"CALIBRATION_DUE": DUE_WORDS}
    for unknown in (None, pen(15, identity=None)):  # what is not known ends nothing
        station.line = unknown
        judge_due(station, NOW)
        assert shown(station) == {"CALIBRATION_DUE": DUE_WORDS}
    station.line = pen(15)
    judge_due(station, NOW)
    assert shown(station) == {}


def test_each_red_gate_raises_its_alarm_and_is_named() -> None:
    red = (gate("Consent", detail="not signed"), gate("Cartridge", detail="used"), gate("Photo", detail="none"))
    fine = (gate("Room", "GREEN"), gate("Tattoo", "NOT RECORDED"))
    station = resting(treatment=treated(*red, *fine, gate("Calibration", detail="ended")))
    assert judge_gates(station, NOW) == "Calibration: ended; Cartridge: used; Consent: not signed; Photo: none"
    alarms = {
        "CALIBRATION_OVERDUE": "Calibration: ended",
        "CARTRIDGE_REFUSED": "Cartridge: used",
        "GATES_RED": "Consent: not signed; Photo: none",
    }
    assert shown(station) == alarms
    for nothing in (treated(*fine), None):
        for alarm, detail in alarms.items():
            station.alarms.raise_alarm(alarm, detail, NOW)
        station.treatment = nothing
        assert judge_gates(station, NOW) == ""
        assert shown(station) == {}


@pytest.mark.parametrize(
    ("numbing", "numbed_s", "status", "detail"),
    [
        (None, None, "GREEN", "as asked"),
        (numbed(60), None, "RED", OVER_WORDS),
        (numbed(30), None, "GREEN", "Cream on the skin for 30 min"),
        (None, 29 * 60, "NOT RECORDED", "taken off after 29 min"),
    ],
)
def test_the_numbings_gate_goes_on_with_time(numbing: NumbingView | None, numbed_s: int | None, status: str, detail: str) -> None:
    station = resting(treatment=treated(gate("Numbing", "GREEN", "as asked")), numbing=numbing, numbed_s=numbed_s)
    words = f"Numbing: {detail}" if status == "RED" else ""
    assert judge_gates(station, NOW) == words
    assert shown(station) == ({"GATES_RED": words} if words else {})
    assert station.treatment.gates == (gate("Numbing", status, detail),)
