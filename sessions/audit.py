"""Verifies a stream's three hash chains against its rows. The verdict is pure; reading goes through the store.

What it proves: no event or block was changed, removed from the middle, added or moved since it was written. What it does
not: that nothing was cut off at the end. Compare the head with the one on a printed PDF for that.
"""

from dataclasses import dataclass

from sessions.reading import iter_blocks, iter_wires, load_events
from sessions.store import Damaged, Store
from sessions.store.chain import GENESIS, block_hash, event_hash, wire_hash


@dataclass(frozen=True)
class Verdict:
    """What verification found; `problems` is empty when all chains hold."""

    stream: str
    events: int
    events_head: str
    blocks: int
    samples: int
    trace_head: str
    problems: list[str]
    wires: int = 0
    wires_head: str = GENESIS

    @property
    def holds(self) -> bool:
        """Whether every row follows the one before it."""
        return not self.problems


def verify(store: Store, stream: str) -> Verdict:
    """Recompute the chains of `stream`. Raises StoreError when the database cannot be read."""
    problems: list[str] = []
    events_head, events = GENESIS, load_events(store, stream)
    for expected, stored in enumerate(events, start=1):
        if stored.event.number != expected:
            problems.append(f"event {expected} is missing, {stored.event.number} comes instead")
            break
        if stored.prev_hash != events_head:
            problems.append(f"event {expected} does not follow the one before it")
        if event_hash(stored.prev_hash, stored.event) != stored.hash:
            problems.append(f"event {expected} was changed after it was written")
        events_head = stored.hash
    trace_head, blocks, samples = GENESIS, 0, 0
    try:
        for header, records in iter_blocks(store, stream):
            blocks += 1
            samples += header.samples
            if header.block != blocks:
                problems.append(f"block {blocks} is missing, {header.block} comes instead")
                break
            if header.prev_hash != trace_head:
                problems.append(f"block {blocks} does not follow the one before it")
            found = block_hash(header.prev_hash, stream, blocks, header.first_index, header.lost, header.layout, records)
            if found != header.hash:
                problems.append(f"block {blocks} was changed after it was written")
            trace_head = header.hash
    except Damaged as error:
        problems.append(str(error))
    wires, wires_head = _verify_wires(store, stream, problems)
    return Verdict(stream, len(events), events_head, blocks, samples, trace_head, problems, wires, wires_head)


def _verify_wires(store: Store, stream: str, problems: list[str]) -> tuple[int, str]:
    """Number of blocks of tape, and their head."""
    head, count = GENESIS, 0
    try:
        for stored, data in iter_wires(store, stream):
            count += 1
            if stored.wire != count:
                problems.append(f"block {count} of tape is missing, {stored.wire} comes instead")
                break
            if stored.prev_hash != head:
                problems.append(f"block {count} of tape does not follow the one before it")
            if wire_hash(stored.prev_hash, stream, count, stored.layout, data) != stored.hash:
                problems.append(f"block {count} of tape was changed after it was written")
            head = stored.hash
    except Damaged as error:
        problems.append(str(error))
    return count, head
