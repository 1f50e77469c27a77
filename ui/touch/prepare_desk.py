"""What the prepare page offers and takes: plan files, the client's last session as a template, codes, opening, resuming."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject

from pencontrol.plan import Plan
from pencontrol.zones import Zone
from ui.touch import happenings as h
from ui.touch import planning
from ui.touch.interpreter import WRONG_PLANS, Interpreter
from ui.touch.last_time import Fetcher
from ui.touch.pages.code import CodePanel
from ui.touch.pages.prepare import PreparePage
from ui.touch.presenter import Presenter
from ui.touch.records.librarian import Answer
from ui.touch.state import ScreenState
from ui.touch.words import Words, load_words

log = logging.getLogger(__name__)
TOPIC = "last plan"


class PrepareDesk(QObject):
    """Intents of the prepare page. The store is read by the librarian; what is not there yet is not offered."""

    def __init__(
        self,
        presenter: Presenter,
        page: PreparePage,
        panel: CodePanel,
        home: Path,
        zones: Mapping[str, Zone],
        fetcher: Fetcher,
        words: Words,
    ) -> None:
        super().__init__(presenter)
        self._presenter, self._page, self._panel = presenter, page, panel
        self._home, self._zones, self._fetcher, self._words = home, zones, fetcher, words
        self._said = Interpreter(words, load_words(), WRONG_PLANS)
        self._choices: tuple[planning.PlanChoice, ...] = ()
        self._pinned: dict[str, Plan] = {}  # by path: plans with pins that were set into them here, for this client
        self._template: planning.PlanChoice | None = None
        self._client = ""
        self.sign_in: Callable[[], bool] = lambda: False  # who asks for a PIN; False: nobody has one
        self._waits = False
        presenter.prepare.connect(page.show_view)
        presenter.changed.connect(self._on_change)
        presenter.ticked.connect(lambda _: fetcher.poll() if self._waits else None)
        page.plan_chosen.connect(lambda path: presenter.draft(plan=path))
        page.field_touched.connect(self.ask_code)
        page.search_touched.connect(presenter.search_pen)
        page.open_held.connect(self._open)
        page.resume_held.connect(self._resume)
        panel.done.connect(self._take_code)

    def close(self) -> None:
        """Nobody waits any more."""
        self._waits = False
        self._fetcher.close()

    def reload_plans(self) -> None:
        """Read the plan files again; the template of the present client comes first."""
        files = planning.list_plans(self._home, self._zones)
        self._choices = (self._template, *files) if self._template is not None else files
        told = tuple(replace(each, error=self._said.say_or_quote(each.error)) for each in self._choices)
        self._page.show_plans(told, {zone.zone: zone.name for zone in self._zones.values()})
        self._show_draft()

    def ask_code(self, field: str) -> None:
        """Open the keyboard for "client" or "operator"; where people have PINs, the operator signs in instead."""
        if field == "operator" and self.sign_in():
            return
        draft = self._presenter.state.draft
        self._panel.ask(field, draft.client if field == "client" else draft.operator)
        self._presenter.show_panel(h.Panel.CODE)

    def _take_code(self, field: str, code: str) -> None:
        self._presenter.draft(**{field: code})
        self._presenter.show_panel(h.Panel.NONE)

    def _on_change(self, old: ScreenState, new: ScreenState) -> None:
        if old.draft != new.draft:
            if old.draft.client != new.draft.client:
                self._pinned = {}  # a scar is one client's own
            self._show_draft()
            self._look_for_template()

    def _show_draft(self) -> None:
        draft = self._presenter.state.draft
        choice = self._choice(draft.plan)
        self._page.show_draft(draft, self.plan(), planning.shown_name(choice, self._words) if choice is not None else "")

    def plan(self) -> Plan | None:
        """The chosen plan, with the pins that were set into it."""
        path = self._presenter.state.draft.plan
        choice = self._choice(path)
        return self._pinned.get(path, choice.plan) if choice is not None else None

    def pin(self, plan: Plan) -> None:
        """The chosen plan with other pins."""
        self._pinned[self._presenter.state.draft.plan] = plan
        self._show_draft()

    def _choice(self, path: str) -> planning.PlanChoice | None:
        return next((choice for choice in self._choices if choice.path == path), None)

    def _look_for_template(self) -> None:
        """Another client has another last session."""
        client = self._presenter.state.draft.client
        if client == self._client:
            return
        self._client = client
        if self._template is not None:
            if self._presenter.state.draft.plan == self._template.path:
                self._presenter.draft(plan="")
            self._template = None
            self.reload_plans()
        if client:
            self._waits = True
            self._fetcher.ask(TOPIC, _last_opening(client), lambda answer: self._take_template(client, answer))

    def _take_template(self, client: str, answer: Answer) -> None:
        self._waits = False
        if answer.value is None or client != self._client:
            return
        session, opened_utc, opened = answer.value
        name = self._words("prepare.as_on", day=opened_utc[:10])
        self._template = planning.template(session, name, opened, self._zones)
        self.reload_plans()

    def _open(self) -> None:
        chosen = self.plan()
        if chosen is not None:
            plan = chosen.model_dump(mode="json")
            if self._presenter.open_session(plan):
                self._remember(plan)

    def _resume(self) -> None:
        snapshot = self._presenter.state.snapshot
        if snapshot is not None and snapshot.session is not None:
            plan = planning.plan_to_resume(self._home, snapshot)
            self._presenter.open_session(plan, snapshot.session.id, planning.carried_totals(snapshot.zones))

    def _remember(self, plan: dict[str, Any]) -> None:
        try:
            planning.remember_plan(self._home, plan)
        except OSError as error:
            log.warning("the opened plan could not be kept for a resumption: %s", error)


def _last_opening(client: str) -> Any:
    def job(store: Any, _ticket: Any) -> Any:
        from sessions.reading import list_sessions, opening  # SQLAlchemy comes with it, in the librarian's thread

        for listing in list_sessions(store, 1, 0, client):
            return listing.id, listing.opened_utc, opening(store, listing.id)
        return None

    return job
