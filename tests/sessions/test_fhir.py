"""session.fhir.json: valid R4 by an independent model, every code and unit from a table here, every reference resolved."""

import base64
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from sessions import events as ev
from sessions.export import export_sessions
from sessions.export.fhir import session_bundle
from sessions.export.fhir.parts import Ids, clean, code_of, day_or_none, filled
from sessions.export.material import load_material
from sessions.export.run import FORMATS
from sessions.indications import INDICATIONS
from sessions.people.bodies import ConsentSigned
from sessions.people.register import Desk, client_stream, record
from sessions.store import open_store
from tests.sessions.export_cases import CASES, after
from tests.sessions.face import SESSION, Face, store_face
from tests.sessions.face_plan import opened

ASSETS = Path(__file__).resolve().parents[2] / "ui" / "touch" / "assets"
Exported = Callable[..., Path]
OWN = "urn:x-pencontrol:"
HL7 = "http://terminology.hl7.org/CodeSystem/"

# FHIR R4 (4.0.1), the value sets of required strength that the bundle uses, and the codes of others that it may use.
STATUS = {
    "Composition": {"preliminary", "final", "amended", "entered-in-error"},
    "Device": {"active", "inactive", "entered-in-error", "unknown"},
    "Procedure": {
        "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown",
    },
    "Observation": {
        "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown",
    },
    "Consent": {"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"},
    "DocumentReference": {"current", "superseded", "entered-in-error"},
    "Substance": {"active", "inactive", "entered-in-error"},
    "MedicationAdministration": {
        "in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown",
    },
    "Communication": {
        "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown",
    },
    "Task": {
        "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold", "failed",
        "completed", "entered-in-error",
    },
}  # fmt: skip
CODES = {
    HL7 + "v3-ActReason": {"HTEST"},
    HL7 + "v3-ObservationValue": {"PSEUDED"},
    HL7 + "observation-category": {"procedure", "exam"},
    HL7 + "communication-category": {"alert", "notification", "reminder", "instruction"},
    HL7 + "consentscope": {"adr", "research", "patient-privacy", "treatment"},
    HL7 + "provenance-participant-type": {"author", "assembler"},
    HL7 + "list-empty-reason": {"nilknown", "notasked", "withheld", "unavailable", "notstarted", "closed"},
    HL7 + "adverse-event-severity": {"mild", "moderate", "severe"},
    HL7 + "adverse-event-outcome": {"resolved", "recovering", "ongoing", "resolvedWithSequelae", "fatal", "unknown"},
    "http://loinc.org": {"28570-0", "59284-0"},
    "urn:iso-astm:E1762-95:2013": {f"1.2.840.10065.1.12.1.{number}" for number in range(1, 19)},
}
UCUM = {"um", "mm", "/min", "s", "ms", "/cm2", "cm2", "{#}", "g", "uL"}
OF_A_SESSION = {"Composition", "Patient", "Practitioner", "Device", "Procedure", "DocumentReference", "Provenance"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Exports a case once in this module."""

    @cache
    def export(case: str, *formats: str) -> Path:
        place = tmp_path_factory.mktemp(case)
        with open_store(place / "home") as store:
            CASES[case](store)
            (folder,) = export_sessions(store, [SESSION], formats or ("fhir",), place / "out")
        return folder

    return export


def _bundle(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "session.fhir.json").read_bytes())
    return told


def _of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == kind]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_session_is_a_valid_document(exported: Exported, case: str) -> None:
    bundle = _bundle(exported(case))
    Bundle.model_validate(bundle)
    resources = [each["resource"] for each in bundle["entry"]]
    kinds = [each["resourceType"] for each in resources]
    assert bundle["type"] == "document"
    assert kinds[0] == "Composition", "FHIR: a document begins with its Composition"
    assert set(kinds) >= OF_A_SESSION
    urls = [each["fullUrl"] for each in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    assert [f"urn:uuid:{each['id']}" for each in resources] == urls
    for found in _objects(bundle):
        if isinstance(found.get("reference"), str):
            assert found["reference"] in urls, found
        if "system" in found and "code" in found:
            _check_code(found)
        assert all(value not in ("", [], {}, None) for value in found.values()), found
    for resource in resources:
        if resource["resourceType"] in STATUS and "status" in resource:
            assert resource["status"] in STATUS[resource["resourceType"]]


def _check_code(found: dict[str, Any]) -> None:
    assert re.fullmatch(r"[^\s]+( [^\s]+)*", found["code"]), found
    if "value" in found:
        assert found["system"] == "http://unitsofmeasure.org"
        assert found["code"] in UCUM
    elif not found["system"].startswith(OWN):
        assert found["code"] in CODES[found["system"]], found


def test_what_each_zone_received_in_ucum_units(exported: Exported) -> None:
    folder = exported("signed", "json", "fhir")
    zones = json.loads((folder / "session.json").read_bytes())["zones"]
    found = {}
    for observation in _of_kind(_bundle(folder), "Observation"):
        assert observation["status"] == "final"
        parts = {part["code"]["coding"][0]["code"]: part["valueQuantity"] for part in observation["component"]}
        found[observation["bodySite"]["coding"][0]["code"]] = parts
    assert found.keys() == zones.keys()
    for zone, told in zones.items():
        said = {name: (part["value"], part["code"]) for name, part in found[zone].items()}
        assert said["passes"] == (told["passes"], "{#}")
        assert said["strokes"] == (told["strokes"], "{#}")
        assert said["contact-time"] == (told["contact_s"], "s")
        assert said["depth-limit"] == (told["limit_um"], "um")
        assert said["max-depth"] == (told["max_depth_um"], "um")
        assert said["strike-density"] == (told["strikes_per_cm2"], "/cm2")
    assert found["F.CHIN"]["planned-speed"] == {
        "value": 7000, "unit": "rpm", "system": "http://unitsofmeasure.org", "code": "/min",
    }  # fmt: skip


def test_the_states_of_a_session(exported: Exported) -> None:
    told = {}
    for case in ("signed", "interrupted", "bare"):
        bundle = _bundle(exported(case))
        (procedure,) = _of_kind(bundle, "Procedure")
        told[case] = (procedure["status"], _of_kind(bundle, "Composition")[0]["status"], "end" in procedure["performedPeriod"])
        if case == "interrupted":
            assert procedure["statusReason"]["text"] == "control process lost"
    assert told["signed"] == ("completed", "final", True)
    assert told["interrupted"] == ("stopped", "final", True)
    assert told["bare"] == ("in-progress", "preliminary", False)


def test_pen_and_cartridge_with_lot_and_expiry(exported: Exported) -> None:
    bundle = _bundle(exported("signed"))
    pen, cartridge, _software = _of_kind(bundle, "Device")
    assert pen["serialNumber"] == "PEN-00042"
    assert (cartridge["lotNumber"], cartridge["expirationDate"]) == ("L2609-B", "2028-03-31")
    (procedure,) = _of_kind(bundle, "Procedure")
    urls = [f"urn:uuid:{each['id']}" for each in (pen, cartridge)]
    assert [each["reference"] for each in procedure["usedReference"]] == urls
    bare = _bundle(exported("bare"))
    assert len(_of_kind(bare, "Device")) == 2, "no cartridge in the pen, none in the bundle"


def test_a_simulated_session_is_marked_in_every_resource(exported: Exported) -> None:
    simulated, real = _bundle(exported("signed")), _bundle(exported("one_zone"))
    for resource in [simulated, *(each["resource"] for each in simulated["entry"])]:
        assert [tag["code"] for tag in resource["meta"]["tag"]] == ["SIMULATED"]
        assert [label["code"] for label in resource["meta"]["security"]] == ["HTEST"]
    assert "SIMULATED" in _of_kind(simulated, "Composition")[0]["title"]
    assert "SIMULATED" in _of_kind(simulated, "Procedure")[0]["note"][0]["text"]
    assert "SIMULATED" not in json.dumps(real)


def test_the_documents_of_the_same_export_with_size_and_hash(exported: Exported) -> None:
    folder = exported("signed", "fhir", "pdf", "csv")
    found = {each["content"][0]["attachment"].get("url"): each for each in _of_kind(_bundle(folder), "DocumentReference")}
    assert found.keys() == {"session.pdf", "trace.csv", "events.csv"}
    for name, document in found.items():
        data, told = (folder / name).read_bytes(), document["content"][0]["attachment"]
        assert told["size"] == len(data)
        assert told["hash"] == base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
        assert told["extension"][0]["valueString"] == hashlib.sha256(data).hexdigest()
    (alone,) = _of_kind(_bundle(exported("signed")), "DocumentReference")
    assert alone["content"][0]["attachment"].keys() == {"contentType", "title"}, "what is not there has no size and no hash"


def test_the_heads_and_only_the_signatures_that_stand(exported: Exported) -> None:
    folder = exported("voided", "json", "fhir")
    chain = json.loads((folder / "session.json").read_bytes())
    (provenance,) = _of_kind(_bundle(folder), "Provenance")
    heads = [each["what"]["identifier"]["value"] for each in provenance["entity"]]
    assert heads == [chain["chain"]["events_head"], chain["chain"]["trace_head"]]
    stand = [each for each in chain["signatures"] if each["standing"] == "VALID"]
    assert [each["data"] for each in provenance["signature"]] == [each["signature"] for each in stand]
    assert [each["who"]["identifier"]["value"] for each in provenance["signature"]] == ["P-01", "L-02"]
    without = [each["valueString"] for each in provenance["extension"] if each["url"].endswith("signature-without-standing")]
    assert len(without) == 1
    assert without[0].startswith("VOIDED BY event")
    assert len(_of_kind(_bundle(folder), "Composition")[0]["attester"]) == 2


def test_a_broken_chain_is_said(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        CASES["signed"](store)
    stranger = sqlite3.connect(tmp_path / "home" / "records.sqlite")
    stranger.execute("DROP TRIGGER events_no_update")
    stranger.execute("UPDATE events SET actor = 'P-09' WHERE number = 5")
    stranger.commit()
    stranger.close()
    with open_store(tmp_path / "home") as store:
        (folder,) = export_sessions(store, [SESSION], ["fhir"], tmp_path / "out")
    (provenance,) = _of_kind(_bundle(folder), "Provenance")
    assert {"url": f"{OWN}extension:chain-holds", "valueBoolean": False} in provenance["extension"]
    assert "BROKEN: event 5" in provenance["text"]["div"]
    assert "signature" not in provenance


def test_people_consent_and_adverse_events_as_on_record(exported: Exported) -> None:
    bundle = _bundle(exported("people"))
    (practitioner,) = _of_kind(bundle, "Practitioner")
    assert practitioner["name"] == [{"text": "The practitioner"}]
    (qualified,) = practitioner["qualification"]
    assert (qualified["identifier"][0]["value"], qualified["period"]["end"]) == ("REG-4711", "2027-06-30")
    treated, photographed = _of_kind(bundle, "Consent")
    assert [each["scope"]["coding"][0]["code"] for each in (treated, photographed)] == ["treatment", "patient-privacy"]
    assert {each["status"] for each in (treated, photographed)} == {"active"}
    assert treated["policyRule"]["text"] == f"text shown: version consent-3, language de, SHA-256 {'cd' * 32}"
    assert treated["dateTime"] == treated["verification"][0]["verificationDate"] == "2026-11-21T08:30:00.000000Z"
    (harm,) = _of_kind(bundle, "AdverseEvent")
    assert harm["outcome"]["coding"][0]["code"] == "resolved", "as last reported"
    assert harm["event"]["text"].startswith("Marking, rash, moderate")
    assert (harm["detected"], harm["recordedDate"]) == ("2026-11-22T09:30:00.000000Z", "2026-11-23T17:03:20.000000Z")
    assert bundle["timestamp"] == harm["recordedDate"], "not older than what is in it"
    (patient,) = _of_kind(bundle, "Patient")
    assert patient.keys() == {"resourceType", "id", "meta", "identifier"}, "a code and nothing that names anybody"


def test_numbing_and_media_are_what_they_are_on_record_as(exported: Exported) -> None:
    bundle = _bundle(exported("people"))
    (numbed,) = _of_kind(bundle, "MedicationAdministration")
    assert (numbed["status"], numbed["effectivePeriod"]["start"]) == ("completed", "2026-11-21T08:45:00.000000Z")
    assert numbed["effectivePeriod"]["end"] > numbed["effectivePeriod"]["start"]
    assert (numbed["dosage"]["dose"]["value"], numbed["dosage"]["dose"]["code"]) == (2.0, "g")
    words = [note["text"] for note in numbed["note"]]
    assert words[:2] == ["At most 60 min on the skin, by its label.", "put on at home"]
    assert words[2].endswith("47 min after the first application.")
    told, bare = _of_kind(bundle, "Substance")
    (lot,) = told["instance"]
    assert (told["code"]["text"], lot["identifier"]["value"], lot["quantity"]["value"]) == ("Hyaluronic acid", "HA 22/7", 1500)
    assert (bare["code"]["text"], "instance" in bare) == ("ME06", False), "what was not told is not made up"
    (procedure,) = _of_kind(bundle, "Procedure")
    used = [each["reference"] for each in procedure["usedReference"]]
    devices = [f"urn:uuid:{each['id']}" for each in _of_kind(bundle, "Device")]
    assert used == [*devices[:3], *(f"urn:uuid:{each['id']}" for each in (told, bare))], "pen, both cartridges, both media"
    assert not re.search("deliver|infus", json.dumps(bundle), re.IGNORECASE), "applied, and nothing else is said"


def test_numbing_that_nobody_took_off_has_no_end(exported: Exported) -> None:
    (numbed,) = _of_kind(_bundle(exported("pinned")), "MedicationAdministration")
    assert (numbed["status"], "end" in numbed["effectivePeriod"]) == ("unknown", False)


def test_numbing_put_on_before_the_session_and_a_consent_to_an_earlier_one(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        desk = Desk(store, "P-01", lambda: after(-100_000)[0], lambda: after(-100_000)[1])
        paper = {"version": "consent-3", "language": "de", "text_sha256": "cd" * 32, "paper": "1" * 32}
        signed = ConsentSigned.model_validate({**paper, "file_sha256": "ef" * 32, "file_bytes": 900})
        record(desk, client_stream("C-0001"), signed)
        told = Face()
        told.say(opened(), "P-01")
        since = "2026-11-21T08:45:00.000000Z"
        told.say(ev.Numbing(what="taken_off", product="ME08", since_utc=since, on_skin_s=2700), "P-01")
        store_face(store, told)
        bundle = session_bundle(load_material(store, SESSION), {})
    (numbed,) = _of_kind(bundle, "MedicationAdministration")
    period = {"start": since, "end": "2026-11-21T09:30:00.000000Z"}
    assert (numbed["status"], numbed["effectivePeriod"]) == ("completed", period)
    assert not _of_kind(bundle, "Consent"), "signed more than a day before: it was to another treatment"


def test_the_gate_stands_for_a_consent_that_is_not_in_the_clients_stream(exported: Exported) -> None:
    (consent,) = _of_kind(_bundle(exported("pinned")), "Consent")
    assert (consent["status"], consent["policyRule"]["text"]) == ("active", "consent-3 signed today")
    assert "dateTime" not in consent


def test_the_indication_has_the_words_that_the_screen_has(exported: Exported) -> None:
    (procedure,) = _of_kind(_bundle(exported("pinned")), "Procedure")
    (reason,) = procedure["reasonCode"]
    assert (reason["text"], reason["coding"][0]["code"]) == ("Acne scars", "IN02")
    shown = json.loads((ASSETS / "words" / "en.json").read_bytes())
    assert {f"indication.{code}": words for code, words in INDICATIONS.items()} == {
        key: words for key, words in shown.items() if key.startswith("indication.")
    }


def test_what_the_skin_showed(exported: Exported) -> None:
    bundle = _bundle(exported("people"))
    seen = [each for each in _of_kind(bundle, "Observation") if "valueCodeableConcept" in each]
    told = [
        (each["code"]["coding"][0]["code"], each["valueCodeableConcept"]["text"], each.get("bodySite", {}).get("text"))
        for each in seen
    ]
    assert told == [
        ("end-point", "redness", "Cheek, right"),
        ("end-point", "excess bleeding", "Chin"),
        ("reaction", "faint", "Chin"),
        ("immediate-response", "redness", None),
    ]
    (procedure,) = _of_kind(bundle, "Procedure")
    assert "redness" not in json.dumps([note for note in procedure["note"] if "end point" not in note["text"]])


def test_aftercare_and_follow_ups(exported: Exported) -> None:
    bundle = _bundle(exported("people"))
    (told,) = _of_kind(bundle, "Communication")
    assert told["sent"] == "2026-11-21T09:31:30.000000Z"
    assert [each["contentString"] for each in told["payload"]] == [
        "Ice pack or cooling aloe mask (until 48 h after the session)",
        "Sun protection",
    ]
    done, waiting = _of_kind(bundle, "Task")
    assert (done["status"], done["businessStatus"]["text"]) == ("completed", "not improving")
    assert done["owner"]["identifier"]["value"] == "L-02"
    assert (waiting["status"], "businessStatus" in waiting, "owner" in waiting) == ("requested", False, False)
    assert waiting["restriction"]["period"] == {"start": "2026-11-22T21:30:00Z", "end": "2026-11-22T22:30:00Z"}


def test_a_corrected_record_is_said_to_be_amended(exported: Exported) -> None:
    told = {case: _of_kind(_bundle(exported(case)), "Composition")[0]["status"] for case in ("signed", "voided")}
    assert told == {"signed": "final", "voided": "amended"}


def test_what_was_not_asked_is_said_so(exported: Exported) -> None:
    bundle = _bundle(exported("signed"))
    assert not _of_kind(bundle, "Consent")
    (composition,) = _of_kind(bundle, "Composition")
    (section,) = [each for each in composition["section"] if each["title"] == "Consent and gates"]
    assert section["emptyReason"]["coding"][0]["code"] == "notasked"
    assert "consent: NOT RECORDED" in section["text"]["div"]


def test_a_resumed_session_names_the_one_before(exported: Exported) -> None:
    (procedure,) = _of_kind(_bundle(exported("one_zone")), "Procedure")
    assert procedure["partOf"][0]["identifier"]["value"] == "S-20261121-081500-11aa"


def test_ids_follow_from_session_and_role_alone() -> None:
    assert Ids("S-1").of("pen") == Ids("S-1").of("pen") == "aa90cc05-29e3-5423-ac70-090060515d7c"
    assert len({Ids(session).of(role) for session in ("S-1", "S-2") for role in ("pen", "patient")}) == 4


def test_words_as_fhir_allows_them() -> None:
    assert clean(" a\x00b\r\nc\t ") == "a b\r\nc"
    assert code_of(" F.CHIN \n 2 ") == "F.CHIN 2"
    assert [day_or_none(text) for text in ("2028-03-31", "31.03.2028", "", "2028-02-30")] == ["2028-03-31", None, None, None]
    assert filled({"a": 0, "b": False, "c": "", "d": [{}, {"e": None}], "f": [{"g": 1}]}) == {"a": 0, "b": False, "f": [{"g": 1}]}


def test_fhir_is_one_of_the_formats() -> None:
    assert "fhir" in FORMATS
