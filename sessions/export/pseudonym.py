"""Replaces the codes of people by pseudonyms, and leaves out what people typed. Pure: the key is handed in.

A pseudonym is an HMAC of the code: the same person stays the same in every export of one station, and nobody without the
key can try codes against it. Texts are kept by a list of fields: everything else is left out, also what is new.

Times are kept, or neither passes nor dose could be judged: who knows when somebody was treated can still find them. The heads
of the original chains are kept, so that the owner of the record can show which record this came from. Hashes of single rows and
the bytes of signatures are not, because anybody could try codes until one fits. In a session where nobody typed anything, the
head of the events can be tried in the same way: it is the price of being able to show where this came from.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_origin

from pydantic import BaseModel

from sessions.events import Event
from sessions.export.beside import Beside
from sessions.export.material import Material
from sessions.facts import gather
from sessions.signing import Standing
from sessions.vocabulary import read_body

LEFT_OUT = "(left out)"
STATION = frozenset({"", "control", "pen", "recorder", "screen", "launcher", "detector"})  # actors that are no people

# Texts that stay, by class of body: codes, and words that the station itself wrote.
KEPT: Mapping[str, frozenset[str]] = {
    name: frozenset(fields.split())
    for name, fields in {
        "SessionOpened": "role indication versions resumed_from",
        "ZoneLimit": "zone name floor_note",
        "PinPlace": "zone drawing",
        "GateState": "gate",
        "PenIdentity": "serial firmware protocol port",
        "Cartridge": "id lot expires",
        "ZoneTotals": "zone",
        "ZoneSelected": "zone old_zone",
        "SettingAsked": "reasons",
        "SettingReached": "",
        "StateChanged": "old new",
        "Armed": "zone",
        "Stopped": "reason source",
        "AlarmRaised": "alarm words detail",
        "AlarmCleared": "alarm",
        "AlarmAcknowledged": "alarm",
        "Trip": "alarm",
        "Stroke": "zone",
        "PassCounted": "zone",
        "PassCorrected": "zone",
        "CartridgeChanged": "",
        "FaultCleared": "fault",
        "LinkChanged": "detail",
        "Numbing": "product name since_utc",
        "MediaApplied": "medium name lot zone",
        "PassNoted": "zone",
        "Note": "code zone",
        "Enforcement": "guards scheduling",
        "SessionClosed": "",
        "Signed": "role utc content_sha256 events_head trace_head wires_head key_id public_key",
        "Corrected": "field",
    }.items()
}
_BY_STATION = {("StateChanged", "reason"), ("SessionClosed", "reason")}  # kept when no person said it
_GATES_OF_THINGS = frozenset({"pen", "cartridge", "calibration"})  # the detail of any other gate may tell of a person
_PEOPLE = {("SessionOpened", "client"): "client", ("SessionOpened", "operator"): "person", ("Signed", "person"): "person"}


def pseudonym(key: bytes, sort: str, code: str) -> str:
    """The pseudonym of `code`, e.g. client-7QK2M4XW5B3A; `sort` is client or person."""
    digest = hmac.digest(key, f"{sort}\n{code}".encode(), hashlib.sha256)
    return f"{sort}-{base64.b32encode(digest)[:12].decode()}"


def pseudonymous(material: Material, key: bytes) -> Material:
    """The same session without codes of people and without what they typed. The verdict on the original chains stays.

    An event of a kind that this module does not know is left out whole: its number is missing.
    """
    names = _Names(material, key)
    known = [stored for stored in material.events if type(read_body(stored.event)).__name__ in KEPT]
    events = [replace(stored, event=_event(stored.event, names)) for stored in known]
    told = material.facts
    facts = gather(told.session, [stored.event for stored in events], material.closing, told.samples, told.samples_lost)
    verdict = replace(material.verdict, signatures=[_signed(signed, names) for signed in material.signatures])
    beside = _beside(material.beside, names)
    return replace(material, facts=facts, events=events, verdict=verdict, beside=beside, pseudonymous=True)


def _beside(told: Beside, names: "_Names") -> Beside:
    """Without the operator's papers, and without digests of files that somebody could hold against a file."""

    def coded(part: Any, **more: object) -> Any:
        return part.model_copy(update={"actor": names.person(part.actor), **more}) if part is not None else None

    return replace(
        told,
        operator=None,
        reports=tuple(coded(report) for report in told.reports),
        consent=coded(told.consent, file_sha256=""),
        pictures=tuple(picture.model_copy(update={"file_sha256": ""}) for picture in told.pictures),
        aftercare=coded(told.aftercare),
        follow_ups=tuple(coded(each) for each in told.follow_ups),
    )


class _Names:
    """Pseudonyms of every code in the session."""

    def __init__(self, material: Material, key: bytes) -> None:
        opened = material.facts.opened
        people = {opened.operator, *(stored.event.actor for stored in material.events)}
        people |= {signed.person for signed in material.signatures}
        self._of = {code: pseudonym(key, "person", code) for code in people - STATION}
        self._of[opened.client] = pseudonym(key, "client", opened.client)
        self._key = key
        codes = sorted(filter(None, self._of), key=len, reverse=True)
        self._any = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, codes)) + r")(?![\w-])")

    def person(self, code: str) -> str:
        """`code`, when it is the station's own, else its pseudonym."""
        return code if code in STATION else self.of("person", code)

    def of(self, sort: str, code: str) -> str:
        """The pseudonym of `code`, which may be one that the rest of the session does not have."""
        return self._of.get(code) or pseudonym(self._key, sort, code)

    def within(self, text: str) -> str:
        """`text` with every code in it replaced."""
        return self._any.sub(lambda found: self._of[found[0]], text)


@dataclass(frozen=True)
class _Speaker:
    names: _Names
    is_station: bool


def _event(event: Event, names: _Names) -> Event:
    told = _walk(read_body(event), _Speaker(names, event.actor in STATION))
    told.pop("kind")
    return event.model_copy(update={"actor": names.person(event.actor), "body": told})


def _walk(body: BaseModel, speaker: _Speaker) -> dict[str, Any]:
    return {name: _value(body, name, getattr(body, name), speaker) for name in type(body).model_fields}


def _value(body: BaseModel, field: str, value: Any, speaker: _Speaker) -> Any:
    if isinstance(value, BaseModel):
        return _walk(value, speaker)
    if isinstance(value, list):
        return [_value(body, field, each, speaker) for each in value if not isinstance(each, str) or _stays(body, field, speaker)]
    if isinstance(value, dict):
        return {key: speaker.names.within(each) for key, each in value.items() if _stays(body, field, speaker)}
    if not isinstance(value, str) or not value or get_origin(type(body).model_fields[field].annotation) is Literal:
        return value
    if sort := _PEOPLE.get((type(body).__name__, field)):
        return speaker.names.of(sort, value)
    return speaker.names.within(value) if _stays(body, field, speaker) else LEFT_OUT


def _stays(body: BaseModel, field: str, speaker: _Speaker) -> bool:
    name = type(body).__name__
    if (name, field) in _BY_STATION:
        return speaker.is_station
    if (name, field) == ("GateState", "detail"):
        gate: Any = body
        return gate.status == "NOT RECORDED" or gate.gate.lower() in _GATES_OF_THINGS
    return field in KEPT.get(name, frozenset())


def _signed(signed: Standing, names: _Names) -> Standing:
    """Without its bytes: they fit one code only, so that anybody could try codes against them."""
    return replace(signed, person=names.person(signed.person), name="", signature="", why=names.within(signed.why))
