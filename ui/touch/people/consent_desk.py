"""The client of the session being prepared: whether they are on record, what they signed today, and the panel they sign on."""

from collections.abc import Callable

from ui.touch import happenings as h
from ui.touch import state as s
from ui.touch.pages.consent import VERSION, ConsentPanel, ConsentView
from ui.touch.pages.text import TextPanel
from ui.touch.people import jobs
from ui.touch.people.clerk import Clerk
from ui.touch.people.jobs import Seen
from ui.touch.presenter import Presenter
from ui.touch.records.librarian import Answer
from ui.touch.words import Words

TOPIC = "client"


class ConsentDesk:
    """`ask` opens the panel. The client's name is held only while the panel shows it, and the strokes until they are sealed."""

    def __init__(
        self, presenter: Presenter, clerk: Clerk, panel: ConsentPanel, typing: TextPanel, words: Words, language: str
    ) -> None:
        self._presenter, self._clerk, self._panel, self._typing = presenter, clerk, panel, typing
        self._words, self._language = words, language
        self._seen: Seen | None = None
        self._said = ""
        panel.accepted.connect(self._accept)
        panel.enter_touched.connect(self._ask_name)
        panel.left.connect(self._forget_name)
        presenter.changed.connect(self._on_change)

    def ask(self) -> None:
        """Open the panel for the client who was chosen."""
        if not self._presenter.state.draft.client:
            self._presenter.tell(self._words("prepare.need_client"))
            return
        self._said = ""
        self._look_up(self._show)
        self._show()
        self._presenter.show_panel(h.Panel.CONSENT)

    def _on_change(self, old: s.ScreenState, new: s.ScreenState) -> None:
        if old.draft.client != new.draft.client and (self._seen is None or self._seen.code != new.draft.client):
            self._seen = None
            if new.draft.consent:
                self._presenter.draft(consent="")
            if new.draft.client:
                self._look_up(lambda: None)

    def _look_up(self, then: Callable[[], None]) -> None:
        typed = self._presenter.state.draft.client
        if not self._clerk.has_records():
            self._seen = Seen(typed, False)
            return
        self._clerk.ask(TOPIC, "screen", jobs.look_up(typed, VERSION), lambda answer: self._on_seen(typed, answer, then))

    def _on_seen(self, typed: str, answer: Answer, then: Callable[[], None]) -> None:
        if typed != self._presenter.state.draft.client:
            return
        if answer.kind:
            self._say(answer.why)
            return
        self._seen = answer.value
        self._presenter.draft(client=answer.value.code, consent=answer.value.consent)
        then()
        if self._presenter.state.panel is not h.Panel.CONSENT:
            self._forget_name()

    def _accept(self, strokes: tuple[tuple[tuple[int, int], ...], ...], photos: bool) -> None:
        seen = self._seen
        if seen is None or not seen.on_record:
            return
        words = self._words
        agreed = words("consent.photos") if photos else ""
        job = jobs.sign_consent(seen.code, seen.name, words("consent.text"), VERSION, self._language, strokes, agreed)
        self._show(busy=True)
        self._clerk.ask("consent", self._actor(), job, lambda answer: self._on_signed(seen.code, answer))

    def _on_signed(self, client: str, answer: Answer) -> None:
        if client != self._presenter.state.draft.client:
            return
        if answer.kind:
            self._say(answer.why)
            return
        self._presenter.draft(consent=answer.value.consent)
        self._presenter.show_panel(h.Panel.NONE)
        self._panel.forget()
        self._forget_name()
        self._presenter.tell(self._words("consent.done", client=client))

    def _ask_name(self) -> None:
        client = self._presenter.state.draft.client
        self._typing.ask(
            self._words("consent.enter"), self._words("consent.name", client=client), lambda name: self._enter(client, name)
        )
        self._presenter.show_panel(h.Panel.TEXT)

    def _enter(self, client: str, name: str) -> None:
        self._clerk.ask("consent", self._actor(), jobs.enter(client, name), lambda answer: self._on_entered(answer))
        self.ask()

    def _on_entered(self, answer: Answer) -> None:
        if answer.kind:
            self._say(answer.why)
        else:
            self._look_up(self._show)

    def _say(self, text: str) -> None:
        self._said = text
        if self._presenter.state.panel is h.Panel.CONSENT:
            self._show()
        else:
            self._presenter.tell(text)

    def _show(self, busy: bool = False) -> None:
        seen, words = self._seen, self._words
        client = self._presenter.state.draft.client
        known = seen is not None and seen.on_record
        line = words("consent.unknown") if seen is not None and not known else ""
        if seen is not None and seen.consent:
            line = words("consent.standing")
        if busy:
            line = words("consent.writing")
        who = f"{client} · {seen.name}" if seen is not None and seen.name else client
        self._panel.show_view(ConsentView(who, self._said or line, known, seen is not None and not known, busy))

    def _forget_name(self) -> None:
        """The name was on show and is not any more."""
        if self._seen is not None:
            self._seen = Seen(self._seen.code, self._seen.on_record, "", self._seen.consent, self._seen.photos)

    def _actor(self) -> str:
        return self._presenter.state.draft.operator or "screen"
