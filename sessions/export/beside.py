"""What is on record beside the session's own stream and belongs on its papers: who the operator is, what came of it. I/O."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from sessions.events import Event
from sessions.people.bodies import AdverseEvent, PhotoConsent, UserEntered
from sessions.people.register import STATION, client_stream
from sessions.store import Store
from sessions.store.models import EventRow
from sessions.store.rows import row_event
from sessions.vocabulary import read_body


@dataclass(frozen=True)
class Report:
    """An adverse event as it stood when last reported; what only the client's key opens is not in it."""

    body: AdverseEvent
    first_utc: str
    last_utc: str
    actor: str  # who reported it last


@dataclass(frozen=True)
class PhotosAgreed:
    """What the client last said about photographs before the session ended."""

    body: PhotoConsent
    utc: str


@dataclass(frozen=True)
class Beside:
    """Nothing of it is in the session's hash chain: it has chains of its own."""

    operator: UserEntered | None = None  # as it was when the session opened
    reports: tuple[Report, ...] = ()
    photos: PhotosAgreed | None = None


class _Told(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class _ToldReport(_Told):
    body: AdverseEvent
    first_utc: str
    last_utc: str
    actor: str


class _ToldPhotos(_Told):
    body: PhotoConsent
    utc: str


class _ToldBeside(_Told):
    operator: UserEntered | None
    reports: list[_ToldReport]
    photos: _ToldPhotos | None


def tell_beside(beside: Beside) -> dict[str, Any]:
    """For session.json: all but what is sealed."""
    operator, photos = beside.operator, beside.photos
    return {
        "operator": operator.model_dump(mode="json", exclude={"kind"}) if operator else None,
        "reports": [
            {**vars(report), "body": report.body.model_dump(mode="json", exclude={"kind", "sealed"})} for report in beside.reports
        ],
        "photos": {"body": photos.body.model_dump(mode="json", exclude={"kind"}), "utc": photos.utc} if photos else None,
    }


def read_beside(told: object) -> Beside:
    """What `tell_beside` told. Raises ValueError."""
    found = _ToldBeside.model_validate(told)
    reports = tuple(Report(each.body, each.first_utc, each.last_utc, each.actor) for each in found.reports)
    photos = PhotosAgreed(found.photos.body, found.photos.utc) if found.photos else None
    return Beside(found.operator, reports, photos)


def load_beside(store: Store, session: str, operator: str, client: str, opened_utc: str, ended_utc: str) -> Beside:
    """What the streams of the station and of the client say. Raises StoreError."""
    users = [read_body(event) for event in _events(store, STATION, "user_entered") if event.utc <= opened_utc]
    known = [body for body in users if isinstance(body, UserEntered) and body.user == operator]
    stream = client_stream(client)
    agreed = [event for event in _events(store, stream, "photo_consent") if event.utc <= (ended_utc or event.utc)]
    return Beside(
        known[-1] if known else None,
        _reports(session, _events(store, stream, "adverse_event")),
        PhotosAgreed(PhotoConsent.model_validate(agreed[-1].body), agreed[-1].utc) if agreed else None,
    )


def _reports(session: str, events: list[Event]) -> tuple[Report, ...]:
    found: dict[str, Report] = {}
    for event in events:
        body = AdverseEvent.model_validate(event.body)
        if body.session == session:
            first = found[body.report].first_utc if body.report in found else event.utc
            found[body.report] = Report(body, first, event.utc, event.actor)
    return tuple(found.values())


def _events(store: Store, stream: str, kind: str) -> list[Event]:
    query = select(EventRow.__table__).where(EventRow.stream == stream, EventRow.kind == kind).order_by(EventRow.number)
    with store.reading() as connection:
        return [row_event(row) for row in connection.execute(query)]
