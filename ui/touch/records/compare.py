"""A zone's trace in the client's session before this one, for the faint line behind the live one. I/O."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_protocol import messages
from sessions.columns import iter_columns
from sessions.reading import list_sessions, opening
from sessions.store import Store
from ui.touch.decimation import Floats

SEARCHED = 20  # of the client's sessions, newest first
_FIELDS = ("depth_um", "speed_rpm", "zone", "state", "flags")


@dataclass(frozen=True)
class ZoneTrace:
    """Samples of one zone while the motor ran, back to back: NaN where depth or speed was not valid. 1 kHz as recorded."""

    session: str
    opened_utc: str
    zone: str
    depth_mm: Floats
    speed_rpm: Floats


def last_session_trace(store: Store, client: str, zone: str, before: str = "", most: int = 600_000) -> ZoneTrace | None:
    """The newest session of `client` in which `zone` was worked on, without the session `before`; None when there is none.

    At most the last `most` samples (ten minutes). Raises Damaged, StoreError.
    """
    for listing in list_sessions(store, SEARCHED, 0, client):
        if listing.id == before:
            continue
        number = next((each.number for each in opening(store, listing.id).zones if each.zone == zone), 0)
        found = _zone_trace(store, listing.id, number) if number else None
        if found is not None:
            depth, speed = found
            return ZoneTrace(listing.id, listing.opened_utc, zone, depth[-most:], speed[-most:])
    return None


def _zone_trace(store: Store, session: str, number: int) -> tuple[Floats, Floats] | None:
    depths: list[Floats] = []
    speeds: list[Floats] = []
    for columns in iter_columns(store, session, _FIELDS):
        fields = columns.fields
        here = (fields["zone"] == number) & (fields["state"] == messages.STATE_RUNNING)
        if here.any():
            flags = fields["flags"][here]
            depths.append(np.where(flags & messages.FLAG_DEPTH_VALID, fields["depth_um"][here] / 1000.0, np.nan))
            speeds.append(np.where(flags & messages.FLAG_SPEED_VALID, fields["speed_rpm"][here].astype(np.float64), np.nan))
    return (np.concatenate(depths), np.concatenate(speeds)) if depths else None
