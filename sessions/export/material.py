"""All that the writers of one session's files need, read once. I/O through the store."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sessions.audit import Verdict, verify
from sessions.export.beside import Beside, load_beside
from sessions.facts import Facts, gather
from sessions.reading import (
    StoredBlock,
    StoredEvent,
    Trace,
    as_trace,
    closing_number,
    iter_blocks,
    load_events,
    require_session,
    trace_counts,
)
from sessions.signing import Standing
from sessions.store import Damaged, Store


@dataclass(frozen=True)
class Material:
    """One session: what its events say, the events and blocks as stored, every sample, and the verdict on the chains."""

    facts: Facts
    events: list[StoredEvent]
    blocks: list[StoredBlock]
    trace: Trace
    verdict: Verdict
    closing: int = 0  # number of the event that ended the session, 0: none
    beside: Beside = field(default_factory=Beside)
    pseudonymous: bool = False  # codes replaced, free text left out: the rows no longer give the chain's hashes

    @property
    def signatures(self) -> Sequence[Standing]:
        """Every signature on the session, and how it stands whoever's key it is: that must not depend on the station."""
        return self.verdict.signatures

    @property
    def last_utc(self) -> str:
        """When the newest of it was recorded: the date of what is made from this, so that two exports agree."""
        return max(self.events[-1].event.utc, self.beside.last_utc)


def load_material(store: Store, session: str) -> Material:
    """Raises NoSuchSession, StoreError.

    A session that is still being written is taken as it was when its chains were verified: rows are only ever added, so
    that what came while the rest was read is cut off again.
    """
    require_session(store, session)
    headers, records = list[StoredBlock](), list[bytes]()

    def keep(header: StoredBlock, data: bytes) -> None:
        headers.append(header)
        records.append(data)

    verdict = verify(store, session, keep=keep)
    events, closing = load_events(store, session), closing_number(store, session)
    if verdict.holds:
        events = events[: verdict.events]
        samples, lost = sum(header.samples for header in headers), max((header.lost for header in headers), default=0)
        closing = closing if closing <= verdict.events else 0
    else:  # all that is there is shown, whatever it is worth
        headers, records = _whatever_is_there(store, session)
        samples, lost = trace_counts(store, session)
    facts = gather(session, [stored.event for stored in events], closing, samples, lost)
    opened = facts.opened
    beside = load_beside(store, session, opened.operator, opened.client, facts.opened_utc, facts.closed_utc)
    return Material(facts, events, headers, as_trace(b"".join(records)), verdict, closing, beside)


def _whatever_is_there(store: Store, session: str) -> tuple[list[StoredBlock], list[bytes]]:
    headers, records = list[StoredBlock](), list[bytes]()
    # A damaged block ends the trace here; the verdict names it, in the PDF and in session.json.
    with contextlib.suppress(Damaged):
        for header, data in iter_blocks(store, session):
            headers.append(header)
            records.append(data)
    return headers, records
