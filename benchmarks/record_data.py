"""Fills a store with many sessions, fast: rows as the recorder writes them for the list, without events or traces.

For the list and the search only; a session made here has nothing to open. Made of a seeded generator: every run the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sqlalchemy import Connection, insert

from sessions.events import utc_text
from sessions.store import Store
from sessions.store.keys import WORDED
from sessions.store.models import ClosureRow, KeyValueRow, SessionKeyRow, SessionRow

ZONES = tuple(f"{area}.{part}" for area in ("F", "N", "S", "B") for part in ("FOREHEAD", "CHEEK.L", "CHEEK.R", "CHIN", "JAW.L"))
_FIRST_NS = 1_480_000_000_000_000_000  # 2016-11-24
_YEARS_NS = 10 * 365 * 86_400 * 1_000_000_000
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Made:
    """One session's row for the list, and by what it is found."""

    session: str
    opened_utc: str
    closed_utc: str
    state: str
    client: str
    operator: str
    pen: str
    zones: tuple[str, ...]
    cartridge: str
    lot: str

    def found_by(self) -> Iterator[tuple[str, str, str, str]]:
        """Rows of `session_keys`."""
        found = (
            ("client", self.client),
            ("operator", self.operator),
            ("pen", self.pen),
            ("cartridge", self.cartridge),
            ("lot", self.lot),
            ("state", self.state),
            ("tail", self.session.rpartition("-")[2].lower()),
            *(("zone", zone) for zone in self.zones),
        )
        for facet, value in found:
            yield facet, value, self.opened_utc, self.session


def sessions_made(count: int, seed: int = 1) -> Iterator[Made]:
    """`count` sessions over ten years, oldest first: one client for five sessions, six operators, four pens."""
    chance = Random(seed)
    for number in range(count):
        opened_ns = _FIRST_NS + _YEARS_NS // count * number + chance.randrange(1000) * 1_000_000
        opened = utc_text(opened_ns)
        stamp = opened[:19].translate({ord(mark): None for mark in "-:"}).replace("T", "-")
        yield Made(
            session=f"S-{stamp}-{chance.randrange(1 << 16):04X}",
            opened_utc=opened,
            closed_utc=utc_text(opened_ns + 1_800_000_000_000),
            state="INTERRUPTED" if chance.random() < 0.005 else "CLOSED",
            client=f"c-{chance.randrange(max(1, count // 5)) + 1:05}",
            operator=f"op-{chance.randrange(6) + 1}",
            pen=f"PEN-{chance.randrange(4) + 1:05}",
            zones=tuple(chance.sample(ZONES, 8)),
            cartridge=f"{chance.randrange(1 << 32):08x}",
            lot=f"L{opened[2:4]}{opened[5:7]}-{chance.choice('AB')}",
        )


def fill(store: Store, count: int, seed: int = 1) -> list[Made]:
    """Write `count` sessions into an empty store, in one transaction. Raises StoreError."""
    made = list(sessions_made(count, seed))
    keys = sorted({key for session in made for key in session.found_by()})  # in the order they lie in
    values = sorted({(facet, value.lower(), value) for facet, value, _, _ in keys if facet in WORDED})
    with store.writing() as connection:
        _insert(connection, SessionRow, [_session(session) for session in made])
        _insert(connection, ClosureRow, [_closure(session) for session in made])
        names = ("facet", "value", "opened_utc", "session")
        for part in (keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE)):
            _insert(connection, SessionKeyRow, [dict(zip(names, key, strict=True)) for key in part])
        _insert(connection, KeyValueRow, [dict(zip(("facet", "folded", "value"), value, strict=True)) for value in values])
    return made


def _insert(connection: Connection, table: type, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _session(made: Made) -> dict[str, object]:
    return {
        "id": made.session,
        "opened_utc": made.opened_utc,
        "client": made.client,
        "operator": made.operator,
        "simulated": False,
        "resumed_from": "",
        "plan_crc": 1,
        "pen_serial": made.pen,
        "zones": len(made.zones),
    }


def _closure(made: Made) -> dict[str, object]:
    return {
        "session": made.session,
        "state": made.state,
        "reason": "",
        "utc": made.closed_utc,
        "number": 2,
        "passes": 16,
        "alarms": 0,
    }
