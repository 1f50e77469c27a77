"""A store for the records' pages, written by the real writer: whole sessions with traces, and many without one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from firmware_protocol import messages
from sessions import events as ev
from sessions.reading import as_trace
from sessions.store import Store, open_store
from sessions.store.rows import Block
from sessions.store.writing import Item, Writer
from tests.sessions.face import SESSION, START_MONO_NS, START_UTC_NS, Face, face
from tests.sessions.face_plan import ZONES, opened

DAY_NS = 86_400_000_000_000


def flagged(blocks: Sequence[Block]) -> list[Block]:
    """The sample session's trace with the pen's flags set: depth and speed valid, running while something was asked."""
    made = []
    for block in blocks:
        trace = as_trace(block.records).copy()
        trace["flags"] = messages.FLAG_DEPTH_VALID | messages.FLAG_SPEED_VALID | messages.FLAG_CARTRIDGE
        trace["state"] = np.where(trace["asked_depth_um"] > 0, messages.STATE_RUNNING, messages.STATE_IDLE)
        made.append(replace(block, records=trace.tobytes()))
    return made


def whole(stream: str = SESSION, seconds: float = 60.0, client: str = "C-0001") -> Face:
    """A session as the recorder would have it, with a trip, three alarms and a trace."""
    told = face(stream, seconds, client=client)
    told.blocks = flagged(told.blocks)
    return told


def first(blocks: int) -> Face:
    """The same with a trace of only so many seconds."""
    told = whole(seconds=16)
    told.blocks = told.blocks[:blocks]
    return told


def bare(
    number: int, days_ago: float, client: str, depth_um: int = 900, state: str = "CLOSED", passes: int = 2
) -> list[ev.Event]:
    """A session without a trace: opened, one zone worked, ended."""
    utc_ns = START_UTC_NS - round(days_ago * DAY_NS)
    stream = f"S-{ev.utc_text(utc_ns)[:10].replace('-', '')}-{number:06d}"
    totals = [
        ev.ZoneTotals(
            zone=str(zone[0]), passes=passes, strokes=30, contact_s=41.0, limit_um=int(str(zone[4])),
            max_depth_um=min(depth_um, int(str(zone[4]))), strikes_per_cm2=900.0,
        )
        for zone in ZONES[4:6]
    ]  # fmt: skip
    bodies: list[tuple[str, ev.Body]] = [("P-01", opened(True, client))]
    if state != "OPEN":
        end = ev.SessionClosed(state=state, reason="", zones=totals, enforcement=None)  # type: ignore[arg-type]
        bodies.append(("control", end))
    return [
        ev.make_event(stream, at, utc_ns + at * 60_000_000_000, START_MONO_NS + at * 60_000_000_000, actor, body)
        for at, (actor, body) in enumerate(bodies, start=1)
    ]


def write(home: Path, *told: Face | Sequence[ev.Event]) -> None:
    """Everything on record in the store of `home`."""
    with open_store(home) as store:
        put(store, *told)


def put(store: Store, *told: Face | Sequence[ev.Event]) -> None:
    """The same into an open store."""
    writer = Writer(store)
    for each in told:
        items: list[Item] = [*each.events, *each.blocks] if isinstance(each, Face) else list(each)
        refused = [outcome.why for outcome in writer.write(items) if not outcome.on_record]
        assert not refused, refused
