"""All that the writers of one session's files need, read once. I/O through the store."""

from dataclasses import dataclass

from sessions.audit import Verdict, verify
from sessions.facts import Facts
from sessions.reading import StoredBlock, StoredEvent, Trace, as_trace, iter_blocks, load_events, load_facts
from sessions.store import Store


@dataclass(frozen=True)
class Material:
    """One session: what its events say, the events and blocks as stored, every sample, and the verdict on the chains."""

    facts: Facts
    events: list[StoredEvent]
    blocks: list[StoredBlock]
    trace: Trace
    verdict: Verdict


def load_material(store: Store, session: str) -> Material:
    """Raises NoSuchSession, StoreError; sessions.store.rows.Malformed when a block cannot be unpacked."""
    facts = load_facts(store, session)
    headers: list[StoredBlock] = []
    records: list[bytes] = []
    for header, data in iter_blocks(store, session):
        headers.append(header)
        records.append(data)
    return Material(facts, load_events(store, session), headers, as_trace(b"".join(records)), verify(store, session))
