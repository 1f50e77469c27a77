"""Puts the resources together as a FHIR R4 document: a Composition first, then all that it names. Pure.

A document and not a collection: it has one subject, author and date, and a section where nothing was recorded says so
(`emptyReason`) instead of being silently absent.
"""

import json
from collections.abc import Mapping
from typing import Any

from sessions.export.fhir.afterwards import aftercare, follow_ups
from sessions.export.fhir.given import media, numbing, skin
from sessions.export.fhir.papers import adverse_events, consent, documents, photo_consent, provenance
from sessions.export.fhir.parts import HL7, LOINC, OWN, Ids, Resource, clean, concept, filled, identifier, narrative
from sessions.export.fhir.things import cartridges, patient, pen, practitioner, software
from sessions.export.fhir.treatment import period, procedure, zone_observations
from sessions.export.files import Written
from sessions.export.material import Material

_TEST = {"system": HL7 + "v3-ActReason", "code": "HTEST", "display": "test health data"}
_SIMULATED = {"system": OWN + "mark", "code": "SIMULATED", "display": "SIMULATED: no pen touched skin"}
_PSEUDONYM = {"system": HL7 + "v3-ObservationValue", "code": "PSEUDED", "display": "pseudonymized"}
_EMPTY = {"notasked": "Not Asked", "nilknown": "Nil Known"}


def session_fhir(material: Material, written: Mapping[str, Written]) -> bytes:
    """UTF-8 JSON; `written` are the files of the same export, by name."""
    return (json.dumps(session_bundle(material, written), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def session_bundle(material: Material, written: Mapping[str, Written]) -> dict[str, Any]:
    """The bundle. Every reference in it resolves in it."""
    ids = Ids(material.facts.session)
    zones, seen = zone_observations(material, ids), skin(material, ids)
    tools, given, numbed = [pen(material, ids), *cartridges(material, ids)], media(material, ids), numbing(material, ids)
    done, later = procedure(material, ids, [*tools, *given]), [*aftercare(material, ids), *follow_ups(material, ids)]
    agreed = [each for each in (consent(material, ids), photo_consent(material, ids)) if each]
    harm, papers = adverse_events(material, ids), documents(material, ids, written)
    told = [patient(material, ids), practitioner(material, ids), *tools, software(material, ids), *given]
    sections = [
        _section("Treatment", _treatment(material), [done]),
        _section("Zones", [] if zones else ["The plan has no zone."], zones, "nilknown"),
        _section("Skin", [] if seen else ["Nothing was noted."], seen, "nilknown"),
        _section("Numbing and media", [] if numbed or given else ["Nothing was noted."], [*numbed, *given], "nilknown"),
        _section("Consent and gates", [*_gates(material), *_pictures(material)], agreed, "notasked"),
        _section("Alarms", _alarms(material), []),
        _section("Aftercare and follow-ups", [] if later else ["None is on record."], later, "nilknown"),
        _section("Adverse events", [] if harm else ["None was reported up to this export."], harm, "nilknown"),
        _section("Documents", [], papers),
    ]
    composed = _composition(material, ids, sections)
    sealed = [composed, done, *zones, *seen, *numbed, *agreed, *later, *harm, *papers]
    targets = [{"reference": f"urn:uuid:{each['id']}"} for each in sealed]
    resources = [composed, *told, *sealed[1:], provenance(material, ids, targets)]
    bundle = {
        "resourceType": "Bundle",
        "id": ids.of("bundle"),
        "meta": _meta(material),
        "identifier": {"system": OWN + "session", "value": material.facts.session},
        "type": "document",
        "timestamp": material.last_utc,
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": _marked(material, each)} for each in resources],
    }
    whole: dict[str, Any] = filled(bundle)
    return whole


def _meta(material: Material) -> dict[str, Any]:
    simulated = material.facts.opened.pen.simulated
    return {
        "security": [*([_TEST] if simulated else []), *([_PSEUDONYM] if material.pseudonymous else [])],
        "tag": [_SIMULATED] if simulated else [],
    }


def _marked(material: Material, resource: Resource) -> Resource:
    """With its marks first and nothing empty: a resource taken out of its bundle still says that it is simulated."""
    return {"resourceType": resource["resourceType"], "id": resource["id"], "meta": _meta(material)} | resource


def _composition(material: Material, ids: Ids, sections: list[Resource]) -> Resource:
    facts = material.facts
    corrected = any(stored.event.kind == "corrected" for stored in material.events)
    mark = "SIMULATED " if facts.opened.pen.simulated else ""
    return {
        "resourceType": "Composition",
        "id": ids.of("composition"),
        "identifier": identifier("session", facts.session, "session"),
        "status": "preliminary" if not facts.closed else "amended" if corrected else "final",
        "type": concept("Procedure note", LOINC, "28570-0", "Procedure note"),
        "subject": ids.ref("patient"),
        "date": material.last_utc,
        "author": [ids.ref("practitioner")],
        "title": clean(f"{mark}Micro-needling session {facts.session}"),
        "attester": [_attester(signed.meaning, signed.utc, ids) for signed in material.signatures if signed.standing == "VALID"],
        "event": [{"period": period(material), "detail": [ids.ref("procedure")]}],
        "section": sections,
    }


def _attester(meaning: str, utc: str, ids: Ids) -> dict[str, Any]:
    return {"mode": "professional", "time": utc, "party": ids.ref("practitioner", meaning)}


def _section(title: str, sentences: list[str], named: list[Resource], empty: str = "") -> dict[str, Any]:
    told: dict[str, Any] = {"title": title}
    if sentences:
        told["text"] = narrative(sentences)
    if named:
        told["entry"] = [{"reference": f"urn:uuid:{each['id']}"} for each in named]
    elif empty:
        told["emptyReason"] = concept(_EMPTY[empty], HL7 + "list-empty-reason", empty, _EMPTY[empty])
    return told


def _treatment(material: Material) -> list[str]:
    facts = material.facts
    ended = f"{facts.state} at {facts.closed_utc}: {facts.closed.reason}" if facts.closed else "not closed"
    passes = sum(total.passes for total in facts.totals)
    return [f"Opened at {facts.opened_utc}; {ended}.", f"{passes} passes in {len(facts.totals)} zones of the plan."]


def _gates(material: Material) -> list[str]:
    gates = [f"{gate.gate}: {gate.status}" + (f", {gate.detail}" if gate.detail else "") for gate in material.facts.opened.gates]
    return gates or ["NOT RECORDED: no clinical gate was asked when the session opened."]


def _pictures(material: Material) -> list[str]:
    """How many photographs lie sealed; the pictures themselves are in no export."""
    count = len(material.beside.pictures)
    return [f"{count} photographs on record, sealed with the client's key."] if count else []


def _alarms(material: Material) -> list[str]:
    told = []
    for alarm in material.facts.alarms:
        answered = f"acknowledged by {alarm.acknowledged_by}" if alarm.acknowledged_s is not None else "not acknowledged"
        told.append(f"{alarm.utc} {alarm.raised.priority} {alarm.raised.alarm}: {alarm.raised.words}; {answered}.")
    return told or ["No alarm was raised."]
