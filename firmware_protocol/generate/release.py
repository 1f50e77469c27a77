"""Has the table broken a promise? Compares it with the stored snapshot of a release: names, numbers, types, units, ranges. Pure.

Within one major a peer of an earlier minor must go on working. So nothing released may go, move, change its type or unit, or
allow less; what is new comes at the end: a field with its `since` minor, a message under a free id, a code after the last.
"""

from __future__ import annotations

from typing import Any

from firmware_protocol import messages as m
from firmware_protocol.frame import MAJOR
from firmware_protocol.generate.table import CODE_LISTS, codes
from firmware_protocol.messages import Field, Layout

Snapshot = dict[str, Any]


def _fields(fields: tuple[Field, ...]) -> list[Snapshot]:
    return [{"name": f.name, "code": f.code, "unit": f.unit, "low": f.low, "high": f.high, "since": f.since} for f in fields]


def _layout(layout: Layout[Any] | None) -> Snapshot | None:
    if layout is None:
        return None
    return {"exact": layout.exact, "fields": _fields(layout.fields), "entries": _fields(layout.entries)}


def snapshot(
    table: tuple[m.Message[Any, Any], ...] = m.MESSAGES,
    lists: dict[str, tuple[str, ...]] | None = None,
    parameters: tuple[m.Parameter, ...] = m.PARAMETERS,
    minor: int = m.MINOR,
) -> Snapshot:
    """The table as plain data: what a release promises."""
    named = lists if lists is not None else {name: codes(name) for name, _, _ in CODE_LISTS}
    return {
        "major": MAJOR,
        "minor": minor,
        "messages": {
            each.name: {"id": each.id, "payload": _layout(each.payload), "reply": _layout(each.reply)} for each in table
        },
        "calibration": _layout(m.CALIBRATION),
        "codes": {name: list(names) for name, names in named.items()},
        "parameters": {each.name: {"id": each.id, "unit": each.unit, "low": each.low, "high": each.high} for each in parameters},
    }


def _field_breaks(where: str, old: Snapshot, new: Snapshot) -> list[str]:
    found = [
        f"{where}: {key} was {old[key]!r}, is {new[key]!r}" for key in ("name", "code", "unit", "since") if old[key] != new[key]
    ]
    if new["low"] > old["low"] or new["high"] < old["high"]:
        found.append(f"{where}: allowed was {old['low']} to {old['high']}, is only {new['low']} to {new['high']}")
    return found


def _layout_breaks(where: str, old: Snapshot | None, new: Snapshot | None, minor: int) -> list[str]:
    if old is None or new is None:
        return [] if old == new else [f"{where}: was {'there' if old else 'not there'}"]
    found = []
    if old["exact"] != new["exact"]:
        found.append(f"{where}: exact was {old['exact']}, is {new['exact']}")
    for part in ("fields", "entries"):
        was, now = old[part], new[part]
        for at, field in enumerate(was):
            if at >= len(now):
                found.append(f"{where}: field {field['name']} is gone")
            else:
                found += _field_breaks(f"{where}, field {at} {field['name']}", field, now[at])
        for field in now[len(was) :]:
            if part == "entries" or old["entries"]:
                found.append(f"{where}: {field['name']} cannot be appended where entries repeat: it would move them")
            elif field["since"] <= minor:
                found.append(f"{where}: {field['name']} is new, so its `since` must be over {minor}")
    return found


def breaks(old: Snapshot, new: Snapshot) -> list[str]:
    """Every promise of `old` that `new` does not keep, one sentence each; empty where all are kept."""
    if old["major"] != new["major"]:
        return []  # another major promises nothing of the last
    found = [] if new["minor"] >= old["minor"] else [f"minor was {old['minor']}, is {new['minor']}"]
    for name, was in old["messages"].items():
        now = new["messages"].get(name)
        if now is None:
            found.append(f"message {name} is gone")
            continue
        if was["id"] != now["id"]:
            found.append(f"message {name}: id was {was['id']:#04x}, is {now['id']:#04x}")
        for part in ("payload", "reply"):
            found += _layout_breaks(f"{name} {part}", was[part], now[part], old["minor"])
    found += _layout_breaks("calibration block", old["calibration"], new["calibration"], 0xFFFF)  # its length is fixed
    for name, names in old["codes"].items():
        now_names = new["codes"].get(name, [])
        if now_names[: len(names)] != names:
            found.append(f"codes {name}: were {names}, are {now_names}")
    for name, was in old["parameters"].items():
        now = new["parameters"].get(name)
        if now is None:
            found.append(f"parameter {name} is gone")
        elif (was["id"], was["unit"]) != (now["id"], now["unit"]):
            found.append(f"parameter {name}: was {was['id']} in {was['unit']!r}, is {now['id']} in {now['unit']!r}")
    return found
