"""What was put on the skin and what the skin showed: substances, administrations, observations. Pure.

A medium is a Substance that the procedure used, and no MedicationAdministration: it is on record as applied and as nothing
else. Numbing is a medicine with a time on the skin, so it is one.
"""

from sessions.export.fhir.parts import HL7, OWN, Ids, Resource, clean, concept, identifier, quantity
from sessions.export.fhir.sites import site_in
from sessions.export.material import Material
from sessions.facts import Told
from sessions.remarks import Remark, remark_of

_CODES = {
    "end_point": ("end-point", "end point of a zone"),
    "reaction": ("reaction", "reaction of the client"),
    "response": ("immediate-response", "response of the skin at the end"),
}
_ROUTE = concept("on the skin")


def media(material: Material, ids: Ids) -> list[Resource]:
    """One substance for each time that a medium was applied."""
    return [_medium(material, ids, number, told) for number, told in enumerate(material.facts.media, start=1)]


def _medium(material: Material, ids: Ids, number: int, told: Told) -> Resource:
    body = told.body
    amount = quantity(body.amount_ul, "uL", "µl") if body.amount_ul is not None else None
    lot = identifier("lot", body.lot, "lot as printed on the pack") if body.lot else None
    where = f", zone {body.zone}" if body.zone else ""
    return {
        "resourceType": "Substance",
        "id": ids.of(f"medium:{number}"),
        "status": "active",
        "category": [concept("Medium applied to the skin", OWN + "substance", "medium")],
        "code": concept(body.name or body.medium, OWN + "medium", body.medium, body.name),
        "description": clean(f"Applied at {told.utc} by {told.actor}{where}."),
        "instance": [{"identifier": lot, "quantity": amount}],
    }


def numbing(material: Material, ids: Ids) -> list[Resource]:
    """One administration for each time that numbing was put on; what was taken off ends the ones before it."""
    found: list[Resource] = []
    since: list[Resource] = []
    for number, told in enumerate(material.facts.numbing, start=1):
        if told.body.what != "taken_off":
            found.append(_administration(material, ids, number, told))
            since.append(found[-1])
            continue
        if not since:  # it was put on before the session was opened
            found.append(_administration(material, ids, number, told))
            since.append(found[-1])
        for each in since:
            each["status"] = "completed"
            each["effectivePeriod"]["end"] = told.utc
            words = f"Taken off at {told.utc} by {told.actor}" + _minutes(told.body.on_skin_s)
            each["note"] = [*each["note"], {"text": clean(words)}]
        since = []
    return found


def _minutes(on_skin_s: int | None) -> str:
    return "." if on_skin_s is None else f", {on_skin_s / 60:.0f} min after the first application."


def _administration(material: Material, ids: Ids, number: int, told: Told) -> Resource:
    body = told.body
    notes = [f"At most {body.maximum_min} min on the skin, by its label."] if body.maximum_min is not None else []
    notes += [body.reason] if body.reason else []
    # On the first application `since_utc` is its own time, which a person may have told later; a top-up was when it was told.
    start = body.since_utc if body.what != "topped_up" and body.since_utc else told.utc
    dose = {"text": "applied to the skin", "route": _ROUTE, "dose": quantity(body.amount_g, "g")} if body.amount_g else None
    return {
        "resourceType": "MedicationAdministration",
        "id": ids.of(f"numbing:{number}"),
        "partOf": [ids.ref("procedure")],
        "status": "unknown" if material.facts.closed else "in-progress",  # nobody said when it was taken off
        "medicationCodeableConcept": concept(body.name or body.product, OWN + "medium", body.product, body.name),
        "subject": ids.ref("patient"),
        "effectivePeriod": {"start": start},
        "performer": [{"actor": ids.ref("practitioner")}],
        "note": [{"text": clean(words)} for words in notes],
        "dosage": dose,
    }


def skin(material: Material, ids: Ids) -> list[Resource]:
    """End points, reactions and the response at the end, each an observation of its own."""
    told = [(each, remark_of(each.body)) for each in material.facts.notes]
    seen = [(each, remark) for each, remark in told if remark.sort in _CODES]
    return [_seen(material, ids, number, each, remark) for number, (each, remark) in enumerate(seen, start=1)]


def _seen(material: Material, ids: Ids, number: int, told: Told, remark: Remark) -> Resource:
    code, words = _CODES[remark.sort]
    zone = told.body.zone if remark.sort != "response" else ""
    return {
        "resourceType": "Observation",
        "id": ids.of(f"skin:{number}"),
        "partOf": [ids.ref("procedure")],
        "status": "final",
        "category": [concept("Exam", HL7 + "observation-category", "exam", "Exam")],
        "code": concept(words, OWN + "observation", code),
        "subject": ids.ref("patient"),
        "effectiveDateTime": told.utc,
        "performer": [{"identifier": identifier("operator", told.actor, "code of the person"), "type": "Practitioner"}],
        "bodySite": site_in(material, zone) if zone else None,
        "valueCodeableConcept": concept(remark.words, OWN + "skin", remark.code),
        "note": [{"text": clean(told.body.text)}] if clean(told.body.text) else [],
    }
