"""What has fallen silent, at the edge of each window: one nanosecond or microsecond less is no silence yet.

`test_watch_ends.py` has the rest of the module.
"""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from firmware_protocol import messages
from pencontrol.control.run import Phase
from pencontrol.control.station import Station
from pencontrol.control.watch import Silence, silences

NOW = 10_000_000_000
MS = 1_000_000


def station(phase: Phase | None = Phase.RUNNING, **changes: Any) -> Station:
    """Everything was heard this very moment; `changes` say how long ago each was heard instead."""
    heard = {
        "screen_ns": 0,
        "reading_ns": 0,
        "age_us": 0,
        "clock_ns": 0,
        "unaccepted_ns": 0,
        "refusal": messages.REFUSAL_NONE,
        "treatment": True,
        "connected": True,
        "overflowed": False,
        "unconfirmed_ns": 0,
        "newest": True,
        "line": True,
    } | changes
    reading = SimpleNamespace(
        read_ns=NOW - heard["reading_ns"], age_us=heard["age_us"], telemetry=SimpleNamespace(refusal=heard["refusal"])
    )
    clock = SimpleNamespace(good_within=lambda now_ns, within_ns: now_ns == NOW and heard["clock_ns"] <= within_ns)

    def unaccepted_ns(read_ns: int) -> int:
        assert read_ns == reading.read_ns
        return int(heard["unaccepted_ns"])

    def oldest_age_ns(now_ns: int) -> int:
        assert now_ns == NOW
        return int(heard["unconfirmed_ns"])

    return cast(
        "Station",
        SimpleNamespace(
            run=None if phase is None else SimpleNamespace(phase=phase, unaccepted_ns=unaccepted_ns),
            newest=reading if heard["newest"] else None,
            line=SimpleNamespace(link=SimpleNamespace(clock=clock)) if heard["line"] else None,
            heartbeat=lambda: (0, 0, NOW - heard["screen_ns"]),
            treatment=object() if heard["treatment"] else None,
            outbox=SimpleNamespace(connected=heard["connected"], overflowed=heard["overflowed"], oldest_age_ns=oldest_age_ns),
        ),
    )


STALE = "TELEMETRY_STALE"
SILENT: list[tuple[dict[str, Any], dict[str, Any], Silence]] = [
    (
        {"screen_ns": 300 * MS},
        {"screen_ns": 300 * MS + 1},
        Silence("SCREEN_SILENT", "no sign for 300 ms", messages.STOP_SCREEN),
    ),
    (
        {"reading_ns": 150 * MS, "age_us": None},
        {"reading_ns": 150 * MS + 1, "age_us": None},
        Silence(STALE, "newest reading 150 ms ago, age None us", messages.STOP_LINK),
    ),
    (
        {"age_us": 150_000, "reading_ns": 7 * MS},
        {"age_us": 150_001, "reading_ns": 7 * MS},
        Silence(STALE, "newest reading 7 ms ago, age 150001 us", messages.STOP_LINK),
    ),
    ({"age_us": -5000}, {"age_us": -5001}, Silence(STALE, "newest reading 0 ms ago, age -5001 us", messages.STOP_LINK)),
    (
        {"clock_ns": 5000 * MS},
        {"clock_ns": 5000 * MS + 1},
        Silence(STALE, "the pen's clock was not confirmed for 5 s", messages.STOP_LINK),
    ),
    (
        {"unaccepted_ns": 100 * MS, "refusal": messages.REFUSAL_TOKEN},
        {"unaccepted_ns": 100 * MS + 1, "refusal": messages.REFUSAL_TOKEN},
        Silence("DRIVE_REFUSED", "no DRIVE taken for 100 ms, the pen says TOKEN", messages.STOP_LIMIT),
    ),
    (
        {"unconfirmed_ns": 1000 * MS},
        {"unconfirmed_ns": 1000 * MS + 1},
        Silence("RECORD_LOST", "the recorder does not confirm", messages.STOP_RECORD),
    ),
    ({}, {"overflowed": True}, Silence("RECORD_LOST", "the recorder does not confirm", messages.STOP_RECORD)),
    ({}, {"connected": False}, Silence("RECORD_LOST", "the recorder is gone", messages.STOP_RECORD)),
    ({}, {"newest": False}, Silence(STALE, "no reading at all", messages.STOP_LINK)),
    ({}, {"line": False}, Silence(STALE, "no reading at all", messages.STOP_LINK)),
]


@pytest.mark.parametrize(("heard", "silent", "told"), SILENT, ids=[f"{row[2].alarm}: {row[2].detail}" for row in SILENT])
def test_each_window_at_its_edge(heard: dict[str, Any], silent: dict[str, Any], told: Silence) -> None:
    assert silences(station(**heard), NOW) == []
    assert silences(station(**silent), NOW) == [told]


ALL_SILENT = {"screen_ns": 400 * MS, "reading_ns": 200 * MS, "connected": False}


@pytest.mark.parametrize(
    ("phase", "alarms"),
    [
        (None, ["RECORD_LOST"]),
        (Phase.ARMING, ["SCREEN_SILENT", "RECORD_LOST"]),
        (Phase.RUNNING, [STALE, "SCREEN_SILENT", "RECORD_LOST"]),
        (Phase.STOPPING, ["RECORD_LOST"]),
    ],
)
def test_the_most_urgent_is_named_first_and_screen_and_pen_count_only_in_a_run(phase: Phase | None, alarms: list[str]) -> None:
    assert [silence.alarm for silence in silences(station(phase, **ALL_SILENT), NOW)] == alarms
    assert [silence.alarm for silence in silences(station(phase, **ALL_SILENT, treatment=False), NOW)] == alarms[:-1]
