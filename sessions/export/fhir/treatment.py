"""What was done: the procedure, and what each zone received. Pure."""

from collections.abc import Sequence

from sessions.events import ZoneLimit, ZoneTotals
from sessions.export.fhir.parts import HL7, OWN, Ids, Resource, clean, concept, extension, identifier, quantity
from sessions.export.fhir.sites import site, site_of
from sessions.export.material import Material
from sessions.indications import INDICATIONS
from sessions.remarks import remark_of

_STATUS = {"CLOSED": "completed", "INTERRUPTED": "stopped", "OPEN": "in-progress"}


def period(material: Material) -> dict[str, str]:
    """From opening to the end on record; without an end while the session is open."""
    return {"start": material.facts.opened_utc, "end": material.facts.closed_utc}


def procedure(material: Material, ids: Ids, used: Sequence[Resource]) -> Resource:
    """The session as one procedure with all that was `used` in it; a resumed one names the session it goes on from by
    identifier."""
    facts, opened = material.facts, material.facts.opened
    earlier = identifier("session", opened.resumed_from, "session that this one goes on from")
    return {
        "resourceType": "Procedure",
        "id": ids.of("procedure"),
        "identifier": [identifier("session", facts.session, "session")],
        "partOf": [{"type": "Procedure", "identifier": earlier}] if opened.resumed_from else [],
        "status": _STATUS[facts.state],
        "statusReason": concept(facts.closed.reason) if facts.closed and facts.state == "INTERRUPTED" else {},
        "category": concept("Treatment"),
        "code": concept("Micro-needling of the skin", OWN + "procedure", "micro-needling"),
        "subject": ids.ref("patient"),
        "performedPeriod": period(material),
        "performer": [{"function": {"text": clean(opened.role)}, "actor": ids.ref("practitioner")}],
        "reasonCode": [_reason(opened.indication)] if opened.indication else [],
        "bodySite": [site_of(zone) for zone in opened.zones],
        "usedReference": [{"reference": f"urn:uuid:{each['id']}"} for each in used],
        "note": [{"text": words} for words in _notes(material)],
        "extension": [extension("plan-crc", "String", f"{opened.plan_crc:08X}")],
    }


def _reason(told: str) -> dict[str, object]:
    return concept(INDICATIONS[told], OWN + "indication", told) if told in INDICATIONS else concept(told)


def zone_observations(material: Material, ids: Ids) -> list[Resource]:
    """One for each zone of the plan: what was planned, what it received."""
    planned = {zone.zone: zone for zone in material.facts.opened.zones}
    return [_zone(material, ids, total, planned.get(total.zone)) for total in material.facts.totals]


def _zone(material: Material, ids: Ids, total: ZoneTotals, planned: ZoneLimit | None) -> Resource:
    facts = material.facts
    name = planned.name if planned else total.zone
    parts = [
        _part("passes", "passes", quantity(total.passes, "{#}", "passes")),
        _part("strokes", "strokes", quantity(total.strokes, "{#}", "strokes")),
        _part("contact-time", "contact time", quantity(total.contact_s, "s")),
        _part("depth-limit", "deepest that the plan allowed", quantity(total.limit_um, "um", "µm")),
        _part("max-depth", "deepest measured in a stroke", quantity(total.max_depth_um, "um", "µm")),
        _part("strike-density", "strikes per area", quantity(total.strikes_per_cm2, "/cm2", "/cm²")),
    ]
    if planned:
        parts += [
            _part("planned-passes", "passes planned", quantity(planned.passes, "{#}", "passes")),
            _part("planned-depth", "depth at the zone's start", quantity(planned.default_um, "um", "µm")),
            _part("planned-speed", "speed planned, needle cycles", quantity(planned.speed_rpm, "/min", "rpm")),
            _part("area", "area", quantity(planned.area_cm2, "cm2", "cm²")),
        ]
    pin = planned.pin if planned else None
    place = [f"pin {total.zone} at {pin.x}, {pin.y} of the drawing {pin.drawing}"] if pin else []
    corrections = [
        f"passes {told.body.counted} corrected to {told.body.corrected} by {told.actor} at {told.utc}"
        + (f": {told.body.reason}" if told.body.reason else "")
        for told in facts.corrections
        if told.body.zone == total.zone
    ]
    ways = [
        f"pass {told.body.number} in direction {told.body.direction_deg} degrees"
        for told in facts.passes_noted
        if told.body.zone == total.zone and told.body.direction_deg is not None
    ]
    return {
        "resourceType": "Observation",
        "id": ids.of(f"zone:{total.zone}"),
        "partOf": [ids.ref("procedure")],
        "status": "final" if facts.closed else "preliminary",
        "category": [concept("Procedure", HL7 + "observation-category", "procedure", "Procedure")],
        "code": concept("What a zone received in micro-needling", OWN + "observation", "zone-received"),
        "subject": ids.ref("patient"),
        "effectivePeriod": period(material),
        "performer": [ids.ref("practitioner")],
        "bodySite": site_of(planned) if planned else site(total.zone, name),
        "device": ids.ref("pen"),
        "note": [{"text": clean(words)} for words in (*place, *ways, *corrections)],
        "component": parts,
    }


def _part(code: str, words: str, value: dict[str, object]) -> dict[str, object]:
    return {"code": concept(words, OWN + "observation", code), "valueQuantity": value}


def _notes(material: Material) -> list[str]:
    """What a reader must know who sees nothing but the procedure."""
    facts, words = material.facts, []
    if facts.opened.pen.simulated:
        words.append("SIMULATED: the pen was a simulation by software; no pen touched skin.")
    if material.pseudonymous:
        words.append("PSEUDONYMOUS: codes of people are replaced and free text is left out.")
    if facts.opened.note:
        words.append(clean(facts.opened.note))
    for told in (told for told in facts.notes if remark_of(told.body).sort == "note"):
        where = f" ({told.body.zone})" if told.body.zone else ""
        words.append(
            clean(f"{told.utc} {told.actor}{where}: {told.body.code}" + (f": {told.body.text}" if told.body.text else ""))
        )
    return [each for each in words if each]
