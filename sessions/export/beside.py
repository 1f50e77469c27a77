"""What is on record beside the session's own stream and belongs on its papers: who the operator is, what was agreed to before
it, what came of it. I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from sessions.events import Event
from sessions.people.bodies import (
    AdverseEvent,
    AftercareTold,
    ConsentSigned,
    FollowUpDone,
    FollowUpsPlanned,
    FollowUpTask,
    PhotoAdded,
    PhotoConsent,
    UserEntered,
)
from sessions.people.register import STATION, client_stream
from sessions.store import Store
from sessions.store.models import EventRow
from sessions.store.rows import row_event
from sessions.vocabulary import read_body

CONSENT_HOLDS = timedelta(days=1)  # it is signed on the day of the treatment; an older one was to another


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Report(_Part):
    """An adverse event as it stood when last reported; what only the client's key opens is not in it."""

    body: AdverseEvent
    first_utc: str
    last_utc: str
    actor: str  # who reported it last


class PhotosAgreed(_Part):
    """What the client last said about photographs before the session ended."""

    body: PhotoConsent
    utc: str


class Consent(_Part):
    """The consent to the treatment that was signed last before the session opened, and at most a day before."""

    version: str
    language: str
    text_sha256: str
    file_sha256: str  # of the sealed file; "" in a pseudonymous export
    utc: str
    actor: str  # who had it signed
    number: int  # of the event in the client's stream


class Picture(_Part):
    """A photograph of the session: what is not sealed of it."""

    taken: str
    zone: str
    utc: str
    file_sha256: str  # of the sealed file; "" in a pseudonymous export


class Aftercare(_Part):
    """What the client was told before leaving."""

    body: AftercareTold
    utc: str
    actor: str


class FollowUp(_Part):
    """A follow-up of the session and what came of it; `outcome` "" until somebody tried."""

    task: FollowUpTask
    outcome: str
    utc: str  # of the last try
    actor: str


@dataclass(frozen=True)
class Beside:
    """Nothing of it is in the session's hash chain: it has chains of its own."""

    operator: UserEntered | None = None  # as it was when the session opened
    reports: tuple[Report, ...] = ()
    photos: PhotosAgreed | None = None
    consent: Consent | None = None
    pictures: tuple[Picture, ...] = ()
    aftercare: Aftercare | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    planned_utc: str = ""  # when the follow-ups were

    @property
    def last_utc(self) -> str:
        """When the newest of it was recorded, "" for nothing that came after the session."""
        told = [self.planned_utc, self.aftercare.utc if self.aftercare else ""]
        told += [report.last_utc for report in self.reports]
        told += [picture.utc for picture in self.pictures] + [each.utc for each in self.follow_ups]
        return max(told)


class _ToldBeside(_Part):
    operator: UserEntered | None
    reports: list[Report]
    photos: PhotosAgreed | None
    # What follows is not in exports of form 1.
    consent: Consent | None = None
    pictures: list[Picture] = []
    aftercare: Aftercare | None = None
    follow_ups: list[FollowUp] = []
    planned_utc: str = ""


def tell_beside(beside: Beside) -> dict[str, Any]:
    """For session.json: all but what is sealed."""
    told = _ToldBeside(
        **{**vars(beside), **{name: list(getattr(beside, name)) for name in ("reports", "pictures", "follow_ups")}}
    )
    kind: dict[str, Any] = {"body": {"kind": True}}
    sealed: dict[str, Any] = {"body": {"kind": True, "sealed": True}}
    advice: dict[str, Any] = {"body": {"kind": True}}
    apart: dict[str, Any] = {"operator": {"kind": True}, "reports": {"__all__": sealed}, "photos": kind, "aftercare": advice}
    return told.model_dump(mode="json", exclude=apart)


def read_beside(told: object) -> Beside:
    """What `tell_beside` told. Raises ValueError."""
    found = vars(_ToldBeside.model_validate(told))
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return Beside(**values)


def load_beside(store: Store, session: str, operator: str, client: str, opened_utc: str, ended_utc: str) -> Beside:
    """What the streams of the station and of the client say. Raises StoreError."""
    users = [read_body(event) for event in _events(store, STATION, "user_entered") if event.utc <= opened_utc]
    known = [body for body in users if isinstance(body, UserEntered) and body.user == operator]
    stream = client_stream(client)
    told = [(event, read_body(event)) for event in _events(store, stream, *_OF_CLIENT)]
    ended = ended_utc or max((event.utc for event, _ in told), default="")
    photos = [
        PhotosAgreed(body=body, utc=event.utc) for event, body in told if isinstance(body, PhotoConsent) and event.utc <= ended
    ]
    planned = [event.utc for event, body in told if isinstance(body, FollowUpsPlanned) and body.session == session]
    aftercare = [
        Aftercare(body=body, utc=event.utc, actor=event.actor)
        for event, body in told
        if isinstance(body, AftercareTold) and body.session == session
    ]
    return Beside(
        operator=known[-1] if known else None,
        reports=_reports(session, told),
        photos=photos[-1] if photos else None,
        consent=_consent(told, opened_utc),
        pictures=tuple(
            Picture(taken=body.taken, zone=body.zone, utc=event.utc, file_sha256=body.file_sha256)
            for event, body in told
            if isinstance(body, PhotoAdded) and body.session == session
        ),
        aftercare=aftercare[-1] if aftercare else None,
        follow_ups=_follow_ups(session, told),
        planned_utc=max(planned, default=""),
    )


_OF_CLIENT = (
    *("photo_consent", "consent_signed", "photo_added", "aftercare_told"),
    *("follow_ups_planned", "follow_up_done", "adverse_event"),
)
_Told = list[tuple[Event, Any]]


def _reports(session: str, told: _Told) -> tuple[Report, ...]:
    found: dict[str, Report] = {}
    for event, body in told:
        if isinstance(body, AdverseEvent) and body.session == session:
            first = found[body.report].first_utc if body.report in found else event.utc
            found[body.report] = Report(body=body, first_utc=first, last_utc=event.utc, actor=event.actor)
    return tuple(found.values())


def _consent(told: _Told, opened_utc: str) -> Consent | None:
    earliest = datetime.fromisoformat(opened_utc) - CONSENT_HOLDS
    signed = [
        (event, body)
        for event, body in told
        if isinstance(body, ConsentSigned) and event.utc <= opened_utc and datetime.fromisoformat(event.utc) >= earliest
    ]
    if not signed:
        return None
    event, body = signed[-1]
    return Consent(
        version=body.version,
        language=body.language,
        text_sha256=body.text_sha256,
        file_sha256=body.file_sha256,
        utc=event.utc,
        actor=event.actor,
        number=event.number,
    )


def _follow_ups(session: str, told: _Told) -> tuple[FollowUp, ...]:
    found: dict[str, FollowUp] = {}
    for event, body in told:
        if isinstance(body, FollowUpsPlanned) and body.session == session:
            found |= {task.code: FollowUp(task=task, outcome="", utc="", actor="") for task in body.tasks}
        elif isinstance(body, FollowUpDone) and body.session == session and body.code in found:
            task = found[body.code].task
            found[body.code] = FollowUp(task=task, outcome=body.outcome, utc=event.utc, actor=event.actor)
    return tuple(found.values())


def _events(store: Store, stream: str, *kinds: str) -> list[Event]:
    query = select(EventRow.__table__).where(EventRow.stream == stream, EventRow.kind.in_(kinds)).order_by(EventRow.number)
    with store.reading() as connection:
        return [row_event(row) for row in connection.execute(query)]
