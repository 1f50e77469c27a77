"""Corrections of a session that has ended: a new event that shows what the old one said, checked before it is added. I/O."""

import json
from typing import Any

from pydantic import ValidationError

from sessions.afterwards import Corrected, Signed
from sessions.events import Event, canonical
from sessions.reading import load_events, require_session
from sessions.store import Store, WriteRefused
from sessions.store.appending import append
from sessions.vocabulary import read_body


def correct(
    store: Store, session: str, person: str, number: int, field: str, new: Any, reason: str, utc_ns: int, mono_ns: int
) -> Event:
    """Say that `field` of event `number` should be `new`; the event as it is on record. It voids every signature before it.

    `field` is dotted, "zones.0.reason"; `new` is a JSON value that the vocabulary allows there. Raises WriteRefused that says
    what is wrong, NoSuchSession, StoreError.
    """
    require_session(store, session)
    event = next((each.event for each in load_events(store, session) if each.event.number == number), None)
    if event is None:
        raise WriteRefused(f"{session} has no event {number}")
    body = read_body(event)
    if isinstance(body, Signed):
        raise WriteRefused(f"event {number} is a signature: it is not corrected; whoever meant something else signs again")
    if not reason.strip():
        raise WriteRefused("a correction needs a reason")
    told: dict[str, Any] = json.loads(canonical(event.body))
    for name, about in type(body).model_fields.items():
        if name != "kind" and not about.is_required():
            told.setdefault(name, about.default)  # what was not told can be told now
    old = _replace(told, field, new, number)
    if old == new:
        raise WriteRefused(f"event {number}: {field} is {canonical(old).decode()} already")
    try:
        type(body).model_validate_json(canonical(told), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise WriteRefused(f"event {number}: {field} cannot be {canonical(new).decode()}: {first['msg']}") from None
    shown = canonical(old).decode(), canonical(new).decode()
    corrected = Corrected(number=number, field=field, old=shown[0], new=shown[1], reason=reason.strip())
    (added,) = append(store, session, person, [corrected], utc_ns, mono_ns)
    return added


def _replace(told: dict[str, Any], field: str, new: Any, number: int) -> Any:
    """Put `new` where `field` points; what was there."""
    *way, last = field.split(".")
    place: Any = told
    for step in way:
        place = _within(place, step, field, number)
    old = _within(place, last, field, number)
    place[int(last) if isinstance(place, list) else last] = new
    return old


def _within(place: Any, step: str, field: str, number: int) -> Any:
    if isinstance(place, dict) and step in place:
        return place[step]
    if isinstance(place, list) and step.isdecimal() and int(step) < len(place):
        return place[int(step)]
    has = ", ".join(place) if isinstance(place, dict) else f"0 to {len(place) - 1}" if isinstance(place, list) else "nothing"
    raise WriteRefused(f"event {number} has no {field}: {step!r} is not there, but {has}")
