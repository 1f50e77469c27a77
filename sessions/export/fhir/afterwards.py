"""What came after the session: the aftercare that was told, and the follow-ups. Pure."""

from sessions.export.beside import FollowUp
from sessions.export.fhir.parts import OWN, Ids, Resource, clean, concept, identifier
from sessions.export.material import Material

_STATUS = {  # of a task by its outcome; who was not reached is asked again
    "": "requested",
    "well": "completed",
    "settling": "completed",
    "not_improving": "completed",
    "referred": "completed",
    "not_reached": "in-progress",
}


def aftercare(material: Material, ids: Ids) -> list[Resource]:
    """The sheet as it was shown; none when that is not on record."""
    told = material.beside.aftercare
    if told is None:
        return []
    return [
        {
            "resourceType": "Communication",
            "id": ids.of("aftercare"),
            "partOf": [ids.ref("procedure")],
            "status": "completed",
            "category": [concept("Instruction", "http://terminology.hl7.org/CodeSystem/communication-category", "instruction")],
            "subject": ids.ref("patient"),
            "topic": concept("Aftercare of micro-needling"),
            "about": [ids.ref("procedure")],
            "sent": told.utc,
            "recipient": [ids.ref("patient")],
            "sender": {"identifier": identifier("operator", told.actor, "code of the person"), "type": "Practitioner"},
            "payload": [{"contentString": _advice(each.words or each.code, each.to_h)} for each in told.body.advice],
            "note": [{"text": f"Shown in language {told.body.language}; the words here are those of the table, in English."}],
        }
    ]


def _advice(words: str, to_h: int | None) -> str:
    return clean(words) + (f" (until {to_h} h after the session)" if to_h is not None else "")


def follow_ups(material: Material, ids: Ids) -> list[Resource]:
    """One task for each time that the client is to be asked, with what came of it."""
    return [_task(material, ids, each) for each in material.beside.follow_ups]


def _task(material: Material, ids: Ids, told: FollowUp) -> Resource:
    task = told.task
    asked = {"identifier": identifier("operator", told.actor, "code of the person"), "type": "Practitioner"}
    outcome = told.outcome.replace("_", " ")
    return {
        "resourceType": "Task",
        "id": ids.of(f"follow-up:{task.code}"),
        "identifier": [identifier("follow-up", f"{material.facts.session}|{task.code}", "follow-up")],
        "status": _STATUS[told.outcome],
        "businessStatus": concept(outcome, OWN + "follow-up-outcome", told.outcome) if outcome else None,
        "intent": "plan",
        "code": concept(task.words or task.code, OWN + "follow-up", task.code),
        "focus": ids.ref("procedure"),
        "for": ids.ref("patient"),
        "authoredOn": material.beside.planned_utc,
        "lastModified": told.utc or material.beside.planned_utc,
        "owner": asked if told.actor else None,
        "restriction": {"period": {"start": task.due_utc, "end": task.latest_utc}},
    }
