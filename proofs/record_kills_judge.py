"""What proofs/record_kills.py asks of the record after a kill."""

import hashlib
import json
import pathlib
from dataclasses import dataclass, field
from typing import Any

MISSING_US, SAMPLE_US = 1_000_000, 1000
ROUNDING_NS = 1_000_000  # the end is told in milliseconds after the opening


def digest_of_event(event: dict[str, Any]) -> str:
    """Of all but the number: the recorder may have put an end of its own before it."""
    told = {key: value for key, value in event.items() if key != "number"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass
class Round:
    """What one kill did."""

    victim: str
    at_s: float
    state: str = ""
    session: str = ""
    events: int = 0
    acknowledged: int = 0
    missing_us: int = 0  # at the end of the trace
    within: int = 0  # samples
    lost: int = 0  # of these, sent by the pen
    problems: list[str] = field(default_factory=list)


def judge(home: pathlib.Path, witness: pathlib.Path, done: Round, ring: list[tuple[int, ...]]) -> None:
    """Hold the record in `home` against what control's witness saw. Raises StoreError when the database does not open."""
    from sqlalchemy import text

    from sessions.audit import verify
    from sessions.reading import iter_blocks, load_events
    from sessions.store import open_store

    told = read_witness(witness)
    with open_store(home) as store:
        with store.reading() as connection:
            check = connection.execute(text("PRAGMA quick_check")).scalars().all()
        if list(check) != ["ok"]:
            done.problems.append(f"SQLite's own check: {check[:2]}")
        for stream in told.fresh:
            events = load_events(store, stream)
            there = {digest_of_event(stored.event.model_dump(mode="json")) for stored in events}
            lost = [n for n, digest in told.said("number", stream) if digest not in there]
            done.problems += [f"{stream}: event {n} was acknowledged and is not there" for n in lost]
            done.acknowledged += len(told.said("number", stream))
            done.events += len(events)
            blocks = {h.block: hashlib.sha256(records).hexdigest() for h, records in iter_blocks(store, stream)}
            gone = [n for n, digest in told.said("block", stream) if blocks.get(n) != digest]
            done.problems += [f"{stream}: block {n} was acknowledged and is not there" for n in gone]
            done.problems += [f"{stream}: {problem}" for problem in verify(store, stream).problems]
        if done.session:
            _judge_trace(store, done, ring)


def _judge_trace(store: Any, done: Round, ring: list[tuple[int, ...]]) -> None:
    """What is missing of the trace, and whether the record tells of it."""
    import numpy as np

    from sessions.reading import load_facts, load_trace

    facts, trace = load_facts(store, done.session), load_trace(store, done.session)
    # What is missing within is told by the samples' own numbers. Of it `lost` was sent and never heard; the rest was never sent:
    # on a busy machine the simulated pen leaves samples out, and no kill can lose those.
    done.within = int((np.diff(trace["index"].astype(np.int64)) - 1).sum()) if len(trace) else 0
    done.lost = facts.samples_lost
    if done.lost * SAMPLE_US > MISSING_US:
        done.problems.append(f"{done.session}: {done.lost} samples were sent and are missing within the trace")
    if len(trace):  # not by the record's own count: what control judged between the trace's ends must be in the trace
        kept, ends = set(trace["index"].tolist()), (int(trace["t_pen_us"][0]), int(trace["t_pen_us"][-1]))
        unkept = sum(row[0] not in kept for row in ring if row[2] >= facts.opened_mono_ns and ends[0] <= row[1] <= ends[1])
        if unkept:
            done.problems.append(f"{done.session}: control judged {unkept} samples that are missing within the trace")
    if facts.state == "OPEN":
        return  # the recorder died outside a run: the session goes on
    ended_by_control = facts.closed_by != "recorder"
    if done.victim == "control" and not ended_by_control and ring:
        last_us = int(trace["t_pen_us"][-1]) if len(trace) else None
        after = [row for row in ring if row[2] >= facts.opened_mono_ns and (last_us is None or row[1] > last_us)]
        if after:
            done.missing_us = after[-1][1] - (last_us if last_us is not None else after[0][1])
        if done.missing_us > MISSING_US:
            done.problems.append(f"{done.session}: {done.missing_us / 1e6:.3f} s of trace are missing")
        # The record tells of it by an end that names the loss, and comes after all that is missing had been read.
        ended_ns = facts.opened_mono_ns + (facts.ended_s or 0.0) * 1e9
        lost = facts.closed is not None and "control process lost" in facts.closed.reason
        if facts.state != "INTERRUPTED" or not lost or (after and after[-1][2] > ended_ns + ROUNDING_NS):
            done.problems.append(f"{done.session}: the gap of {done.missing_us} us is not told ({facts.state})")


@dataclass
class Told:
    """The witness's file: what was said, up to which number it was acknowledged, and the newest streams."""

    things: dict[tuple[str, str], dict[int, str]]
    acked: dict[tuple[str, str], int]
    fresh: list[str]

    def said(self, what: str, stream: str) -> list[tuple[int, str]]:
        """Number and digest of everything acknowledged."""
        last = self.acked.get((what, stream), 0)
        return [(number, digest) for number, digest in self.things.get((what, stream), {}).items() if number <= last]


def read_witness(path: pathlib.Path) -> Told:
    """A half line at the end is one that was never finished: it says nothing."""
    told = Told({}, {}, [])
    order: dict[str, None] = {}
    for line in path.read_bytes().split(b"\n")[:-1]:
        what, *rest = json.loads(line)
        if what == "ack":
            kind, stream, number = rest
            told.acked[kind, stream] = max(number, told.acked.get((kind, stream), 0))
        else:
            stream, number, digest = rest
            told.things.setdefault((what, stream), {})[number] = digest
        order.pop(stream, None)
        order[stream] = None
    told.fresh = list(order)[-4:]  # this round's session and journals, and the round before's
    return told
