"""A client's follow-ups and adverse events: read, and told. I/O, in the librarian's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessions.store import Store
    from ui.touch.records.librarian import Ticket

OUTCOMES = ("well", "settling", "not_improving", "referred", "not_reached")
SEVERITIES = ("mild", "moderate", "severe")
ACTIONS = ("observed", "treated_here", "referred", "emergency")
STATUSES = ("open", "resolved", "lasting")
EFFECTS = tuple(f"AE{number:02}" for number in range(1, 20))  # rows of data/after_effects.csv
Clocks = tuple[Callable[[], int], Callable[[], int]]


@dataclass(frozen=True)
class FollowUp:
    """One time to ask; `outcome` of the last try, "" for none."""

    session: str
    code: str
    due_utc: str
    latest_utc: str
    outcome: str
    done: bool


@dataclass(frozen=True)
class Adverse:
    """An adverse event as it stands."""

    report: str
    session: str
    effect: str
    severity: str
    status: str


@dataclass(frozen=True)
class Follow:
    """All of a client's; `on_record` False: nothing can be told of them. `now_utc`: when it was read."""

    client: str
    on_record: bool
    tasks: tuple[FollowUp, ...]
    adverse: tuple[Adverse, ...]
    now_utc: str


@dataclass(frozen=True)
class Report:
    """What the form says of an adverse event found in a follow-up."""

    effect: str
    severity: str
    action: str
    status: str


def load_follow(client: str, clocks: Clocks) -> Callable[[Store, Ticket], Follow]:
    """What is planned, done and reported, by due time."""

    def job(store: Store, _ticket: Ticket) -> Follow:
        from sessions.events import utc_text
        from sessions.people.entries import DONE
        from sessions.people.register import entries, entry

        found = entry(store, "client", client)
        mine = [each for each in entries(store, "follow_up") if each.state.get("client") == client]
        tasks = tuple(
            FollowUp(
                each.state["session"],
                each.state["task"],
                each.due_utc,
                str(each.state.get("latest_utc", each.due_utc)),
                each.state["outcome"],
                each.status == DONE,
            )
            for each in sorted(mine, key=lambda each: (each.due_utc, each.code))
        )
        reported = tuple(
            Adverse(state["report"], state["session"], state["effect"], state["severity"], state["status"])
            for state in (each.state for each in entries(store, "adverse"))
            if state.get("client") == client
        )
        known = found is not None and found.status != "erased"
        return Follow(client, known, tasks, reported, utc_text(clocks[0]()))

    return job


def tell_outcome(
    home: Path, client: str, task: FollowUp, outcome: str, actor: str, clocks: Clocks
) -> Callable[[Store, Ticket], Follow]:
    """What the client said at a follow-up. Raises PeopleError (a StoreError)."""

    def job(store: Store, ticket: Ticket) -> Follow:
        from sessions.people.follow_up import do_follow_up
        from sessions.people.keys import open_keyring
        from sessions.people.register import Desk

        desk = Desk(store, actor, *clocks)
        do_follow_up(desk, open_keyring(store, home), task.session, task.code, outcome)
        return load_follow(client, clocks)(store, ticket)

    return job


def tell_adverse(
    home: Path, client: str, task: FollowUp, told: Report, actor: str, clocks: Clocks
) -> Callable[[Store, Ticket], Follow]:
    """An adverse event found in a follow-up, with the next free number. Raises PeopleError (a StoreError)."""

    def job(store: Store, ticket: Ticket) -> Follow:
        from sessions.events import utc_text
        from sessions.people.bodies import AdverseEvent
        from sessions.people.clients import report_adverse
        from sessions.people.effects import effect_words
        from sessions.people.keys import open_keyring
        from sessions.people.register import Desk

        desk = Desk(store, actor, *clocks)
        before = load_follow(client, clocks)(store, ticket).adverse
        taken = [int(each.report[3:]) for each in before if each.report.startswith("AR-") and each.report[3:].isdigit()]

        def body(sealed: str) -> AdverseEvent:
            fields = {"effect": told.effect, "severity": told.severity, "action": told.action, "status": told.status}
            where = {"session": task.session, "follow_up": task.code, "onset_utc": utc_text(clocks[0]())}
            where["effect_words"] = effect_words(told.effect)
            return AdverseEvent.model_validate(
                {"report": f"AR-{max(taken, default=0) + 1:03}", "sealed": sealed, **fields, **where}
            )

        report_adverse(desk, open_keyring(store, home), client, body)
        return load_follow(client, clocks)(store, ticket)

    return job
