"""The aftercare sheet: what holds for how long after a session. The times are data/aftercare.csv; its words are the screen's."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sessions.people import bodies
from sessions.people.entries import ERASED

if TYPE_CHECKING:
    from sessions.people.register import Desk

TABLE = Path(__file__).with_name("data") / "aftercare.csv"


class AftercareError(ValueError):
    """The table cannot be used: names file and row."""


@dataclass(frozen=True)
class Advice:
    """A row of the table: from `from_h` to `to_h` hours after the session; None: no end is told."""

    code: str
    from_h: int
    to_h: int | None
    on: bool  # told unless the practitioner says otherwise
    words: str = ""  # the table's own, in English


def read_aftercare(table: Path = TABLE) -> list[Advice]:
    """The clinic's table. Raises AftercareError."""
    rows: list[Advice] = []
    try:
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                until = int(row["to_h"]) if row["to_h"] else None
                advice = Advice(row["code"], int(row["from_h"]), until, row["default"] == "on", row["text"])
                if until is not None and until <= advice.from_h:
                    raise ValueError(f"to_h is {until}, allowed is more than from_h {advice.from_h}")
                rows.append(advice)
    except (OSError, KeyError, ValueError, TypeError, UnicodeDecodeError) as error:
        raise AftercareError(f"{table.name}: row {len(rows) + 1} cannot be read: {error}") from None
    return rows


def by_hour(rows: Sequence[Advice]) -> list[tuple[int | None, tuple[str, ...]]]:
    """What is told, grouped by when it ends, the soonest first; what has no end comes last, under None. Pure."""
    told = [row for row in rows if row.on]
    ends = sorted({row.to_h for row in told if row.to_h is not None})
    groups: list[tuple[int | None, tuple[str, ...]]] = [(end, tuple(row.code for row in told if row.to_h == end)) for end in ends]
    rest = tuple(row.code for row in told if row.to_h is None)
    return [*groups, (None, rest)] if rest else groups


def tell_aftercare(desk: "Desk", client: str, session: str, language: str, rows: Sequence[Advice] | None = None) -> bool:
    """Put on record what the sheet told the client of `session`, once; whether it is on record now.

    False for a client who is not on record or was erased. Raises AftercareError, StoreError.
    """
    from sessions.people.register import client_stream, entry_within, record_within  # brings SQLAlchemy; the sheet needs none

    told = [row for row in (read_aftercare() if rows is None else rows) if row.on]
    advice = [bodies.Advice(code=row.code, to_h=row.to_h, words=row.words[:200]) for row in told]
    with desk.store.writing() as connection:
        found = entry_within(connection, "client", client)
        if found is None or found.status == ERASED or not advice:
            return False
        if session not in found.state.get("advised", []):
            body = bodies.AftercareTold(session=session, language=language, advice=advice)
            record_within(connection, desk, client_stream(client), body)
    return True
