"""How a person or a thing stands after each event about it. Pure: the table `entries` is this fold, written down.

A subject is a sort and a code: `user` `op-1`, `cartridge` `9f27c4d1`, `follow_up` `S-...|FU02`. One event may be about several.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from sessions.events import Body, Event
from sessions.people import bodies as b

Subject = tuple[str, str]

PIN_TRIES = 5  # wrong PINs before there is a wait
ACTIVE, LOCKED, ERASED, WITHDRAWN, OPEN, DONE = "active", "locked", "erased", "withdrawn", "open", "done"


@dataclass(frozen=True)
class Entry:
    """A subject after the newest event about it (`number` of `stream`); `due_utc` is its expiry or due time, "" for none."""

    sort: str
    code: str
    status: str = ACTIVE
    due_utc: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    stream: str = ""
    number: int = 0


def subjects(event: Event, body: Body) -> list[Subject]:
    """What the event is about."""
    client = event.stream.partition("/")[2]
    match body:
        case b.FollowUpsPlanned():
            return [("client", client), *(("follow_up", f"{body.session}|{task.code}") for task in body.tasks)]
        case b.FollowUpDone():
            return [("client", client), ("follow_up", f"{body.session}|{body.code}")]
        case b.AdverseEvent():
            return [("client", client), ("adverse", f"{client}|{body.report}")]
        case b.UserEntered() | b.UserLocked() | b.PinSet() | b.PinRefused() | b.SignedIn():
            return [("user", body.user)]
        case b.RoleCeilingSet():
            return [("role", body.role)]
        case b.CartridgeSeen() | b.CartridgeUsed():
            return [("cartridge", body.cartridge)]
        case b.MediaLot():
            return [("lot", body.lot)]
        case b.CertificateIssued() | b.CertificateWithdrawn():
            return [("certificate", body.certificate)]
        case b.TemplateSaved():
            return [("template", body.template)]
        case _:
            return [("client", client)]


def step(before: Entry | None, subject: Subject, event: Event, body: Body) -> Entry:
    """The entry of `subject` after `event`; `before` is None for the first event about it."""
    entry = before or Entry(*subject)
    after = _of_client(entry, event, body) if event.stream != "station" else _of_station(entry, event, body)
    return replace(after, stream=event.stream, number=event.number)


def _of_client(entry: Entry, event: Event, body: Body) -> Entry:
    client = event.stream.partition("/")[2]
    state = entry.state
    told: dict[str, Any]
    match body:
        case b.FollowUpsPlanned() if entry.sort == "follow_up":
            task = next(task for task in body.tasks if f"{body.session}|{task.code}" == entry.code)
            told = {"client": client, "session": body.session, "task": task.code, "latest_utc": task.latest_utc, "outcome": ""}
            return replace(entry, status=OPEN, due_utc=task.due_utc, state=told)
        case b.FollowUpDone() if entry.sort == "follow_up":
            told = {"client": client, "session": body.session, "task": body.code, "outcome": body.outcome, "done_utc": event.utc}
            # not reached: asked again until the latest time has passed
            return replace(entry, status=OPEN if body.outcome == "not_reached" else DONE, state={**state, **told})
        case b.AdverseEvent() if entry.sort == "adverse":
            told = body.model_dump(mode="json", exclude={"kind", "sealed"})
            return replace(entry, status=OPEN if body.status == "open" else DONE, state={**told, "client": client})
        case b.ClientEntered():
            told = {"entered_utc": event.utc, "photo_consent": False, "photos": 0, "notes": 0}
            return replace(entry, status=ACTIVE, state={**told, "sealed": body.sealed, "at": event.number})
        case b.ClientChanged():
            return replace(entry, state={**state, "sealed": body.sealed, "at": event.number})
        case b.ClientNoted():
            return replace(entry, state={**state, "notes": state.get("notes", 0) + 1})
        case b.PhotoConsent():
            return replace(entry, state={**state, "photo_consent": body.given})
        case b.ConsentSigned():
            told = {"version": body.version, "text_sha256": body.text_sha256, "utc": event.utc, "number": event.number}
            return replace(entry, state={**state, "consent": told})
        case b.AftercareTold():
            return replace(entry, state={**state, "advised": [*state.get("advised", []), body.session]})
        case b.PhotoAdded():
            return replace(entry, state={**state, "photos": state.get("photos", 0) + 1})
        case b.ClientErased():
            return replace(entry, status=ERASED, state={**state, "sealed": "", "at": 0, "erased_utc": event.utc})
        case _:
            return entry


def _of_station(entry: Entry, event: Event, body: Body) -> Entry:
    state = entry.state
    told = body.model_dump(mode="json", exclude={"kind"})
    match body:
        case b.UserEntered():
            due = min(filter(None, (body.registration_expires, body.insurance_expires)), default="")
            return replace(entry, due_utc=due, state={**state, **told})
        case b.UserLocked():
            return replace(entry, status=LOCKED if body.locked else ACTIVE, state={**state, "refused": 0})
        case b.PinSet():
            return replace(entry, state={**state, "verifier": body.verifier, "refused": 0, "pin_utc": event.utc})
        case b.PinRefused():
            return replace(entry, state={**state, "refused": state.get("refused", 0) + 1, "refused_utc": event.utc})
        case b.SignedIn():
            return replace(entry, state={**state, "refused": 0, "signed_in_utc": event.utc})
        case b.CartridgeSeen():
            return replace(entry, due_utc=body.expires, state={**state, **told, "uses": state.get("uses", [])})
        case b.CartridgeUsed():
            use = {"session": body.session, "client": body.client, "how": body.how, "utc": event.utc}
            return replace(entry, status="used", state={**state, "uses": [*state.get("uses", []), use]})
        case b.MediaLot():
            return replace(entry, status=WITHDRAWN if body.withdrawn else ACTIVE, due_utc=body.expires, state=told)
        case b.CertificateIssued():
            return replace(entry, status=ACTIVE, due_utc=body.due, state=told)
        case b.CertificateWithdrawn():
            return replace(entry, status=WITHDRAWN, state={**state, "withdrawn": body.reason})
        case b.TemplateSaved():
            versioned = {**told, "version": state.get("version", 0) + 1}
            return replace(entry, status=WITHDRAWN if body.withdrawn else ACTIVE, state=versioned)
        case _:
            return replace(entry, state={**state, **told})
