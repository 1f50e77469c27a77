"""Whether each signature in a stream still stands. Pure: no key of ours, no clock, no database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import ValidationError

from sessions.afterwards import Signed
from sessions.events import Event
from sessions.signing.statement import signature_holds
from sessions.store.chain import GENESIS, event_hash

Stands = Literal["VALID", "VOIDED", "BROKEN", "UNKNOWN KEY"]


class Linked(Protocol):
    """An event with its place in the chain, as `sessions.reading.StoredEvent` has it."""

    @property
    def event(self) -> Event:
        """The event itself."""

    @property
    def prev_hash(self) -> str:
        """The hash before it, as on record."""


@dataclass(frozen=True)
class Standing:
    """One signature and how it stands.

    VALID: it fits, and nothing was added since. VOIDED: it fits what was there, but event `voided_by` was added after it.
    UNKNOWN KEY: it fits, but the key is none of those trusted. BROKEN: it does not fit, or what it covers was changed.
    """

    number: int  # of the `signed` event
    person: str
    name: str
    role: str
    meaning: str
    utc: str
    covers: int  # number of the last event covered
    content_sha256: str
    key_id: str
    signature: str
    standing: Stands
    voided_by: int | None = None
    why: str = ""  # one sentence, unless VALID

    @property
    def words(self) -> str:
        """As shown to people: VALID, VOIDED BY event 214, BROKEN, UNKNOWN KEY."""
        return f"VOIDED BY event {self.voided_by}" if self.standing == "VOIDED" and self.voided_by else self.standing


def standings(
    events: Sequence[Linked],
    trace_hashes: Collection[str],
    wires_hashes: Collection[str] | None,
    trusted: Collection[str] | None = None,
) -> list[Standing]:
    """The standing of every signature in one stream, in order.

    `events`: the whole stream. `trace_hashes`, `wires_hashes`: the hash of each block of trace and of tape that follows from
    the first one (None: not at hand; the tape is then taken as told). `trusted`: ids of the keys that are known to be the
    station's; None when there is nothing to compare them with, and then no key is unknown.
    """
    found: list[Standing] = []
    head, changed = GENESIS, 0  # the chain as it comes out of the rows, and the first event that does not follow
    newest = max((linked.event.number for linked in events if linked.event.kind != "signed"), default=0)
    for expected, linked in enumerate(events, start=1):
        event = linked.event
        if event.number != expected or linked.prev_hash != head:
            changed = changed or expected
        if event.kind == "signed":
            later = next((e.event.number for e in events[expected:] if e.event.kind != "signed"), 0) if newest > expected else 0
            found.append(_stands(event, head, changed, later, trace_hashes, wires_hashes, trusted))
        head = event_hash(linked.prev_hash, event)
    return found


def _stands(
    event: Event,
    head: str,
    changed: int,
    later: int,
    trace_hashes: Collection[str],
    wires_hashes: Collection[str] | None,
    trusted: Collection[str] | None,
) -> Standing:
    try:
        signed = Signed.model_validate(event.body)
    except ValidationError:
        return Standing(event.number, event.actor, "", "", "", event.utc, 0, "", "", "", "BROKEN", None, "it is no signature")

    def told(standing: Stands, why: str, voided_by: int | None = None) -> Standing:
        said = signed.model_dump(exclude={"kind", "events_head", "trace_head", "wires_head", "public_key"})
        return Standing(number=event.number, **said, standing=standing, voided_by=voided_by, why=why)

    why = _misfit(event, signed, head, changed) or _missing(signed, trace_hashes, wires_hashes)
    if why:
        return told("BROKEN", why)
    if trusted is not None and signed.key_id not in trusted:
        return told("UNKNOWN KEY", f"it was made with key {signed.key_id}, which is none of those trusted")
    if later:
        return told("VOIDED", f"event {later} was added after it", later)
    return told("VALID", "")


def _misfit(event: Event, signed: Signed, head: str, changed: int) -> str:
    if why := signature_holds(event.stream, signed):
        return why
    if (signed.person, signed.utc) != (event.actor, event.utc):
        return "its event names another person or time than it does"
    if changed:
        return f"event {changed}, which it covers, was changed"
    if signed.covers != event.number - 1 or signed.events_head != head:
        return "the events before it are not those that were signed"
    return ""


def _missing(signed: Signed, trace_hashes: Collection[str], wires_hashes: Collection[str] | None) -> str:
    if signed.trace_head != GENESIS and signed.trace_head not in trace_hashes:
        return "the trace is not the one that was signed"
    if wires_hashes is not None and signed.wires_head != GENESIS and signed.wires_head not in wires_hashes:
        return "the tape is not the one that was signed"
    return ""
