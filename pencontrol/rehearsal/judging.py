"""Holds a session's summary against a scenario's expectations. Pure."""

from collections.abc import Mapping
from typing import Any

from pencontrol.rehearsal.scenario import Expectations, TripExpectation, ZoneExpectation


def unmet(expect: Expectations, summary: Mapping[str, Any]) -> list[str]:
    """One sentence for each expectation that does not hold; empty: all are met."""
    said = []
    if summary["state"] != expect.state:
        said.append(f"state is {summary['state']}, expected {expect.state}")
    if expect.samples_min is not None and not (summary["samples"] >= expect.samples_min):
        said.append(f"samples is {summary['samples']}, expected at least {expect.samples_min}")
    if expect.samples_lost_max is not None and not (summary["samples_lost"] <= expect.samples_lost_max):
        said.append(f"samples_lost is {summary['samples_lost']}, expected at most {expect.samples_lost_max}")
    if expect.alarms is not None:
        found = {alarm["id"] for alarm in summary["alarms"]}
        for alarm in sorted(set(expect.alarms) - found):
            said.append(f"alarm {alarm} was expected and never raised")
        for alarm in sorted(found - set(expect.alarms)):
            said.append(f"alarm {alarm} was raised and not expected")
    for zone, wanted in expect.zones.items():
        said += _zone(zone, wanted, summary["zones"].get(zone))
    for trip in expect.trip:
        said += _trip(trip, summary["trips"])
    return said


def _zone(zone: str, wanted: ZoneExpectation, found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return [f"zone {zone} was expected and is not in the record"]
    said = []
    if wanted.passes is not None and found["passes"] != wanted.passes:
        said.append(f"{zone}: passes is {found['passes']}, expected {wanted.passes}")
    for key, lowest in (("strokes", wanted.strokes_min), ("contact_s", wanted.contact_s_min)):
        if lowest is not None and not (found[key] >= lowest):
            said.append(f"{zone}: {key} is {found[key]}, expected at least {lowest}")
    for key, highest in (
        ("strokes", wanted.strokes_max),
        ("contact_s", wanted.contact_s_max),
        ("max_depth_um", wanted.max_depth_um_max),
    ):
        if highest is not None and not (found[key] <= highest):
            said.append(f"{zone}: {key} is {found[key]}, expected at most {highest}")
    return said


def _trip(wanted: TripExpectation, trips: list[Mapping[str, Any]]) -> list[str]:
    same = [trip for trip in trips if trip["guard"] == wanted.guard]
    if not same:
        return [f"a trip by {wanted.guard} was expected, there were {[trip['guard'] for trip in trips] or 'none'}"]
    said = []
    for key, highest in (
        ("stop_on_wire_us", wanted.stop_on_wire_us_max),
        ("motor_off_us", wanted.motor_off_us_max),
        ("needles_home_us", wanted.needles_home_us_max),
    ):
        found = same[0][key]
        if highest is not None and not (found is not None and found <= highest):
            said.append(f"trip by {wanted.guard}: {key} is {found}, expected at most {highest}")
    if wanted.alarm and same[0].get("alarm") not in (None, wanted.alarm):
        said.append(f"trip by {wanted.guard}: alarm is {same[0]['alarm']}, expected {wanted.alarm}")
    return said
