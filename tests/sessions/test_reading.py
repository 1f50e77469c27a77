"""Lists, traces and summaries as others use them, against numbers worked out by hand."""

import struct
from pathlib import Path

import numpy as np
import pytest

from sessions import events as ev
from sessions.dose import strikes_per_cm2
from sessions.reading import (
    TRACE_DTYPE,
    count_sessions,
    list_sessions,
    load_bodies,
    load_events,
    load_trace,
    summary,
    totals_for_resume,
)
from sessions.recording.latency import Latency
from sessions.store import NoSuchSession, Store, open_store
from sessions.store.writing import Writer
from sessions.totals import derive_totals
from sessions.vocabulary import read_body
from tests.sessions.face import INDEX_0, SESSION, Face, face, store_face
from tests.sessions.face_plan import ZONES, opened


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


def test_trace_layout_is_the_vocabularys() -> None:
    values = (1, 2, -3, -4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    record = np.frombuffer(struct.pack(ev.TRACE_FORMAT, *values), TRACE_DTYPE)
    assert TRACE_DTYPE.names == ev.TRACE_FIELDS
    assert record[0].item() == values


def test_listing(store: Store) -> None:
    with store:
        for number in range(3):
            store_face(store, face(f"S-{number}", 24.0, simulated=number == 1, client=f"C-000{number % 2}", end=number != 2))
        newest = list_sessions(store, limit=1)
        assert [listed.id for listed in newest] == ["S-2"]
        assert (newest[0].state, newest[0].closed_utc) == ("OPEN", "")
        done = list_sessions(store)[2]
        assert (done.id, done.state, done.zones, done.passes, done.alarms, done.simulated) == ("S-0", "CLOSED", 8, 17, 3, False)
        assert (newest[0].passes, newest[0].alarms) == (17, 3), "an open session is counted from its events"
        assert [listed.id for listed in list_sessions(store, client="C-0000")] == ["S-2", "S-0"]
        assert count_sessions(store) == 3


def test_summary_has_the_keys_and_numbers_of_the_contract(store: Store) -> None:
    with store:
        told = face()
        store_face(store, told)
        found = summary(store, SESSION)
    assert list(found) == ["session", "state", "samples", "samples_lost", "alarms", "trips", "zones"]
    assert (found["state"], found["samples"], found["samples_lost"]) == ("CLOSED", 60_000, 0)
    assert [(alarm["id"], alarm["priority"]) for alarm in found["alarms"]] == [
        ("SPEED_DEVIATION", "MEDIUM"),
        ("DEPTH_OVER_LIMIT", "HIGH"),
        ("DOSE_OVER_CLINIC_LIMIT", "LOW"),
    ]
    assert found["alarms"][1]["at_s"] == pytest.approx(37.13, abs=0.01)
    (trip,) = found["trips"]
    assert set(trip) == {
        "guard", "sample_index", "depth_um", "limit_um", "decided_us", "stop_on_wire_us", "motor_off_us", "needles_home_us",
    }  # fmt: skip
    assert list(found["zones"]) == [zone[0] for zone in ZONES]
    chin = found["zones"]["F.CHIN"]
    assert (chin["passes"], chin["strokes"], chin["limit_um"]) == (2, 9, 1000), "three counted, one corrected away"
    assert set(chin) == {"passes", "strokes", "contact_s", "limit_um", "max_depth_um", "strikes_per_cm2"}


def test_trip_of_the_record_is_the_sample_of_the_trace(store: Store) -> None:
    with store:
        store_face(store, face())
        trip = summary(store, SESSION)["trips"][0]
        trace = load_trace(store, SESSION)
    sample = trace[trip["sample_index"] - INDEX_0]
    assert (sample["index"], sample["depth_um"]) == (trip["sample_index"], trip["depth_um"])


def test_derived_totals_are_those_control_counted(store: Store) -> None:
    with store:
        store_face(store, face())
        bodies = load_bodies(store, SESSION)
        assert derive_totals(bodies) == totals_for_resume(store, SESSION)


def test_totals_of_a_session_without_an_end_are_derived(store: Store) -> None:
    with store:
        store_face(store, face(end=False))
        assert [zone.passes for zone in totals_for_resume(store, SESSION)] == [2, 2, 2, 2, 3, 3, 1, 2]
        assert summary(store, SESSION)["state"] == "OPEN"


def test_carried_counts_go_on() -> None:
    carried = ev.ZoneTotals(
        zone="F.CHIN", passes=2, strokes=7, contact_s=12.5, limit_um=1000, max_depth_um=990, strikes_per_cm2=900.0
    )
    told = Face()
    told.say(opened(resumed_from="S-before").model_copy(update={"carried": [carried]}))
    bodies: list[ev.Body] = [
        read_body(told.events[0]),
        ev.SettingAsked(asked_depth_um=800, asked_speed_rpm=9000, granted_depth_um=750, granted_speed_rpm=6000, reasons=["x"]),
        ev.Stroke(zone="F.CHIN", number=1, first_index=1, last_index=2, contact_ms=2500, max_depth_um=760),
        ev.PassCounted(zone="F.CHIN", number=1, how="tap", strokes=1, contact_ms=2500),
    ]
    chin = {total.zone: total for total in derive_totals(bodies)}["F.CHIN"]
    assert (chin.passes, chin.strokes, chin.contact_s, chin.max_depth_um) == (3, 8, 15.0, 990)
    assert chin.strikes_per_cm2 == 900.0 + 12 * 6000 / 60 * 2.5 / 15


@pytest.mark.parametrize(("rpm", "expected"), [(6000, 1800), (7000, 2100), (8000, 2400)])
def test_strikes_per_cm2_of_the_clinics_example(rpm: int, expected: int) -> None:
    assert strikes_per_cm2(12, rpm, 60, 40) == expected
    assert strikes_per_cm2(12, rpm, 60, 0) == 0


def test_unknown_session_is_named(store: Store) -> None:
    with store:
        assert load_events(store, "S-none") == []
        for ask in (summary, totals_for_resume):
            with pytest.raises(NoSuchSession, match="S-none"):
                ask(store, "S-none")


def test_empty_trace_has_the_layout(store: Store) -> None:
    with store:
        Writer(store).write(face().events[:1])
        assert load_trace(store, SESSION).dtype == TRACE_DTYPE
        assert len(load_trace(store, SESSION)) == 0


def test_latency_percentiles_are_at_most_one_step_above() -> None:
    latency = Latency()
    assert latency.told()["p99_ms"] == 0
    for micro in range(1, 1001):
        latency.add(micro * 1000)
    for share in (0.5, 0.9, 0.99, 1.0):
        assert share * 1e6 <= latency.percentile_ns(share) <= share * 1e6 * 1.13
    assert latency.worst_ns == 1_000_000
