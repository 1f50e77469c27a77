"""What the record rests on: consent, the documents beside the bundle, and where all of it comes from. Pure."""

import base64
from collections.abc import Mapping

from sessions.export.beside import Consent as Signed
from sessions.export.fhir.parts import HL7, LOINC, OWN, Ids, Resource, clean, concept, extension, identifier, narrative
from sessions.export.files import Written
from sessions.export.material import Material
from sessions.people.bodies import AdverseEvent as Reported
from sessions.signing import Standing

_DOCUMENTS = (  # file, media type, what it is
    ("session.pdf", "application/pdf", "Treatment record, for people"),
    ("trace.csv", "text/csv", "Every telemetry sample, as text"),
    ("trace.parquet", "application/vnd.apache.parquet", "Every telemetry sample, as columns"),
    ("events.csv", "text/csv", "Every event, as text"),
    ("session.json", "application/json", "The record with its hash chain"),
)
_CONSENT = {"GREEN": "active", "RED": "proposed"}  # RED: asked for and not (yet) given
_OUTCOME = {"open": "ongoing", "resolved": "resolved", "lasting": "ongoing"}
_SIGNED = {  # ASTM E1762 as FHIR lists it
    "performed": ("1.2.840.10065.1.12.1.1", "Author's Signature"),
    "reviewed": ("1.2.840.10065.1.12.1.13", "Review Signature"),
    "approved": ("1.2.840.10065.1.12.1.5", "Verification Signature"),
}


def consent(material: Material, ids: Ids) -> Resource | None:
    """The consent that the client signed; else the gate as it stood at the opening; None when nothing was recorded."""
    if material.beside.consent is not None:
        return _signed_consent(material.beside.consent, ids)
    gate = next((gate for gate in material.facts.opened.gates if gate.gate.lower() == "consent"), None)
    if gate is None or gate.status not in _CONSENT:
        return None
    return {
        "resourceType": "Consent",
        "id": ids.of("consent"),
        "text": narrative([f"Consent gate {gate.status} when the session opened: {gate.detail or 'no detail on record'}."]),
        "status": _CONSENT[gate.status],
        "scope": concept("Treatment", HL7 + "consentscope", "treatment", "Treatment"),
        "category": [concept("Consent document", LOINC, "59284-0", "Consent Document")],
        "patient": ids.ref("patient"),
        "performer": [ids.ref("patient")],
        "policyRule": {"text": clean(gate.detail) or "the clinic's consent to micro-needling"},
    }


def _signed_consent(told: Signed, ids: Ids) -> Resource:
    words = f"text shown: version {told.version}, language {told.language}, SHA-256 {told.text_sha256}"
    return {
        "resourceType": "Consent",
        "id": ids.of("consent"),
        "text": narrative([f"Signed with a finger on the screen at {told.utc}; {words}."]),
        "status": "active",
        "scope": concept("Treatment", HL7 + "consentscope", "treatment", "Treatment"),
        "category": [concept("Consent document", LOINC, "59284-0", "Consent Document")],
        "patient": ids.ref("patient"),
        "dateTime": told.utc,
        "performer": [ids.ref("patient")],
        "policyRule": {"text": words},
        "verification": [{"verified": True, "verifiedWith": ids.ref("patient"), "verificationDate": told.utc}],
        "extension": [extension("sealed-file-sha256", "String", told.file_sha256)] if told.file_sha256 else [],
    }


def photo_consent(material: Material, ids: Ids) -> Resource | None:
    """What the client last said about photographs; None when they were not asked."""
    told = material.beside.photos
    if told is None:
        return None
    language = f", language {told.body.language}" if told.body.language else ""
    digest = f", SHA-256 {told.body.text_sha256}" if told.body.text_sha256 else ""
    text = f"text shown: version {told.body.version}{language}{digest}"
    return {
        "resourceType": "Consent",
        "id": ids.of("consent:photos"),
        "status": "active" if told.body.given else "inactive",
        "scope": concept("Privacy Consent", HL7 + "consentscope", "patient-privacy", "Privacy Consent"),
        "category": [concept("Consent to photographs", OWN + "consent", "photographs")],
        "patient": ids.ref("patient"),
        "dateTime": told.utc,
        "performer": [ids.ref("patient")],
        "policyRule": {"text": text},
    }


def adverse_events(material: Material, ids: Ids) -> list[Resource]:
    """What was reported afterwards about this session, as it stood when last reported."""

    def in_words(body: Reported) -> str:
        return f"{body.effect_words or body.effect}, {body.severity}, action: {body.action}, now {body.status}"

    return [
        {
            "resourceType": "AdverseEvent",
            "id": ids.of(f"adverse:{report.body.report}"),
            "identifier": identifier("adverse-event", report.body.report, "report"),
            "actuality": "actual",
            "event": concept(
                in_words(report.body),
                OWN + "after-effect",
                report.body.effect,
            ),
            "subject": ids.ref("patient"),
            "date": report.body.onset_utc,
            "detected": report.first_utc,
            "recordedDate": report.last_utc,
            "severity": concept(report.body.severity, HL7 + "adverse-event-severity", report.body.severity),
            "outcome": concept(report.body.status, HL7 + "adverse-event-outcome", _OUTCOME[report.body.status]),
            "recorder": {"identifier": identifier("operator", report.actor, "code of the person"), "type": "Practitioner"},
            "suspectEntity": [{"instance": ids.ref("pen")}],
            "extension": [extension("zone", "String", report.body.zone)] if report.body.zone else [],
        }
        for report in material.beside.reports
    ]


def documents(material: Material, ids: Ids, written: Mapping[str, Written]) -> list[Resource]:
    """The files of the same export, each with size and SHA-1 as FHIR wants it; the PDF is named even when it is not there.

    `attachment.hash` is SHA-1 by FHIR R4's definition; what the record trusts is the SHA-256 in manifest.json.
    """
    return [
        _document(material, ids, name, kind, words, written.get(name))
        for name, kind, words in _DOCUMENTS
        if name in written or name == "session.pdf"
    ]


def _document(material: Material, ids: Ids, name: str, kind: str, words: str, file: Written | None) -> Resource:
    facts = material.facts
    attachment: dict[str, object] = {"contentType": kind, "title": f"{name}: {words}"}
    if file:
        attachment |= {"url": name, "size": file.size, "hash": base64.b64encode(bytes.fromhex(file.sha1)).decode()}
        attachment["extension"] = [extension("sha256", "String", file.sha256)]
    return {
        "resourceType": "DocumentReference",
        "id": ids.of(f"document:{name}"),
        "identifier": [identifier("file", f"{facts.session}/{name}", "file of the export")],
        "status": "current",
        "docStatus": "final" if facts.closed else "preliminary",
        "type": concept("Procedure note", LOINC, "28570-0", "Procedure note") if name == "session.pdf" else concept(words),
        "subject": ids.ref("patient"),
        "date": material.last_utc,
        "author": [ids.ref("software")],
        "description": words if file else f"{words}. It was not written in the same export, so it has no hash here.",
        "content": [{"attachment": attachment}],
        "context": {"related": [ids.ref("procedure")]},
    }


def provenance(material: Material, ids: Ids, targets: list[dict[str, str]]) -> Resource:
    """Where the bundle comes from: the heads of the hash chains, whether they held, and every signature that stands."""
    facts, verdict = material.facts, material.verdict
    heads_of_all = [
        (verdict.events, "events", verdict.events_head, f"head of the events 1-{verdict.events}"),
        (verdict.blocks, "trace", verdict.trace_head, f"head of {verdict.blocks} blocks of telemetry"),
        (verdict.wires, "tape", verdict.wires_head, f"head of {verdict.wires} blocks of tape"),
    ]
    heads = [(name, head, words) for rows, name, head, words in heads_of_all if rows]
    held = "held when recomputed for this export" if verdict.holds else "BROKEN: " + "; ".join(verdict.problems)
    return {
        "resourceType": "Provenance",
        "id": ids.of("provenance"),
        "text": narrative([f"{words}, SHA-256: {head}" for _, head, words in heads] + [f"The hash chains {held}."]),
        "target": targets,
        "occurredPeriod": {"start": facts.opened_utc, "end": facts.closed_utc},
        "recorded": material.last_utc,
        "activity": concept("Treatment recorded as it happened, rows chained by SHA-256"),
        "agent": [
            {"type": _agent("author", "Author"), "who": ids.ref("practitioner")},
            {"type": _agent("assembler", "Assembler"), "who": ids.ref("software")},
        ],
        "entity": [
            {"role": "source", "what": {"identifier": identifier(f"head:{name}", head, words), "display": words}}
            for name, head, words in heads
        ],
        "signature": [_signature(ids, signed) for signed in material.signatures if signed.standing == "VALID"],
        "extension": [
            extension("chain-holds", "Boolean", verdict.holds),
            *(extension("signature-without-standing", "String", _refused(signed)) for signed in _without(material)),
        ],
    }


def _agent(code: str, words: str) -> dict[str, object]:
    return concept(words, HL7 + "provenance-participant-type", code, words)


def _without(material: Material) -> list[Standing]:
    return [signed for signed in material.signatures if signed.standing != "VALID"]


def _refused(signed: Standing) -> str:
    """A signature that does not stand is told in words: nothing may take it for one that does."""
    return clean(f"{signed.words}: {signed.person}, {signed.meaning}, {signed.utc}. {signed.why}")


def _signature(ids: Ids, signed: Standing) -> dict[str, object]:
    code, words = _SIGNED.get(signed.meaning, ("1.2.840.10065.1.12.1.14", "Source Signature"))
    return {
        "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": code, "display": words}],
        "when": signed.utc,
        "who": {
            "identifier": identifier("operator", signed.person, "code of the person"),
            "display": clean(signed.name) or clean(signed.person),
        },
        "sigFormat": "application/octet-stream",
        "data": signed.signature,
        "extension": [
            extension("signed-meaning", "String", signed.meaning),
            extension("signed-content-sha256", "String", signed.content_sha256),
            extension("signed-key-sha256", "String", signed.key_id),
        ],
    }
