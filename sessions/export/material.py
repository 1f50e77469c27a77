"""All that the writers of one session's files need, read once. I/O through the store."""

import contextlib
from dataclasses import dataclass

from sessions.audit import Verdict, verify
from sessions.facts import Facts
from sessions.reading import StoredBlock, StoredEvent, Trace, as_trace, iter_blocks, load_events, load_facts
from sessions.store import Damaged, Store


@dataclass(frozen=True)
class Material:
    """One session: what its events say, the events and blocks as stored, every sample, and the verdict on the chains."""

    facts: Facts
    events: list[StoredEvent]
    blocks: list[StoredBlock]
    trace: Trace
    verdict: Verdict


def load_material(store: Store, session: str) -> Material:
    """Raises NoSuchSession, StoreError."""
    facts = load_facts(store, session)
    headers: list[StoredBlock] = []
    records: list[bytes] = []
    # A damaged block ends the trace here; the verdict names it, in the PDF and in session.json.
    with contextlib.suppress(Damaged):
        for header, data in iter_blocks(store, session):
            headers.append(header)
            records.append(data)
    return Material(facts, load_events(store, session), headers, as_trace(b"".join(records)), verify(store, session))
