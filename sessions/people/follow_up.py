"""Follow-ups: planned when a session ends, due by the clock, done with an outcome. The times are data/follow_up.csv."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sessions.events import utc_text
from sessions.people import bodies as b
from sessions.people.entries import ERASED, OPEN, Entry
from sessions.people.keys import Keyring, PeopleError
from sessions.people.register import Desk, client_stream, entries, entry, next_number, record_within
from sessions.people.sealing import seal_text
from sessions.store import Store

TABLE = Path(__file__).with_name("data") / "follow_up.csv"
_HOUR_NS = 3600 * 1_000_000_000


@dataclass(frozen=True)
class Step:
    """A row of the table: `due_h` to `latest_h` hours after the session's end."""

    code: str
    due_h: int
    latest_h: int
    task: str


@dataclass(frozen=True)
class Due:
    """A follow-up that is open; `late` once its latest time has passed."""

    client: str
    session: str
    code: str
    due_utc: str
    latest_utc: str
    outcome: str  # of the last try, "" for none
    late: bool


def read_steps(table: Path = TABLE) -> list[Step]:
    """The clinic's table. Raises PeopleError that names file and row."""
    steps: list[Step] = []
    try:
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                steps.append(Step(row["code"], int(row["due_h"]), int(row["latest_h"]), row["task"]))
    except (OSError, KeyError, ValueError, TypeError, UnicodeDecodeError) as error:
        raise PeopleError(f"{table.name}: row {len(steps) + 1} cannot be read: {error}") from None
    if wrong := [step.code for step in steps if not (0 <= step.due_h <= step.latest_h)]:
        raise PeopleError(f"{table.name}: {wrong[0]}: due_h must be at most latest_h, and not under 0")
    return steps


def tasks_after(ended_utc: str, steps: Sequence[Step]) -> list[b.FollowUpTask]:
    """The times for a session that ended at `ended_utc`. Pure."""
    ended_ns = round(datetime.fromisoformat(ended_utc).timestamp()) * 1_000_000_000
    return [
        b.FollowUpTask(
            code=step.code,
            due_utc=utc_text(ended_ns + step.due_h * _HOUR_NS),
            latest_utc=utc_text(ended_ns + step.latest_h * _HOUR_NS),
            words=step.task[:200],
        )
        for step in steps
    ]


def plan_follow_ups(desk: Desk, client: str, session: str, ended_utc: str, steps: Sequence[Step]) -> bool:
    """Put a session's follow-ups on record; False when they are there already. Raises PeopleError, StoreError."""
    tasks = tasks_after(ended_utc, steps)
    with desk.store.writing() as connection:
        stream = client_stream(client)
        if next_number(connection, stream) == 1:
            raise PeopleError(f"no client {client!r} is on record")
        if tasks and entry(desk.store, "follow_up", f"{session}|{tasks[0].code}") is not None:
            return False
        record_within(connection, desk, stream, b.FollowUpsPlanned(session=session, tasks=tasks))
    return True


def do_follow_up(desk: Desk, keyring: Keyring, session: str, code: str, outcome: str, text: str = "") -> None:
    """What the client said; `text` is sealed. `not_reached` leaves it open. Raises PeopleError, StoreError."""
    found = entry(desk.store, "follow_up", f"{session}|{code}")
    if found is None:
        raise PeopleError(f"no follow-up {code!r} of session {session!r} is planned")
    client = str(found.state["client"])
    stream = client_stream(client)
    with desk.store.writing() as connection:
        sealed = ""
        if text:
            place = f"{stream}|follow_up|{next_number(connection, stream)}"
            sealed = seal_text(keyring.load(connection, client), place, text, keyring.random)
        told = {"session": session, "code": code, "outcome": outcome, "sealed": sealed}
        record_within(connection, desk, stream, _checked(lambda: b.FollowUpDone.model_validate(told), outcome))


def due_follow_ups(store: Store, now_utc: str) -> list[Due]:
    """What is open and due by `now_utc`, longest due first; none of erased clients: nobody can reach them. Raises StoreError."""
    gone = {found.code for found in entries(store, "client", ERASED)}
    return [due for found in entries(store, "follow_up", OPEN, now_utc) if (due := _due(found, now_utc)).client not in gone]


def _due(found: Entry, now_utc: str) -> Due:
    state = found.state
    latest = str(state["latest_utc"])
    return Due(state["client"], state["session"], state["task"], found.due_utc, latest, state["outcome"], latest < now_utc)


def _checked(make: Callable[[], b.FollowUpDone], outcome: str) -> b.FollowUpDone:
    try:
        return make()
    except ValueError:
        allowed = "well, settling, not_improving, referred, not_reached"
        raise PeopleError(f"outcome {outcome!r}; allowed are {allowed}") from None
