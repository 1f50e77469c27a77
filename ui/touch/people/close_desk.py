"""The end of a session: what was seen and applied goes to control as coded notes while the session is open; what comes after it
has ended (note, follow-ups, signature) is written by the clerk."""

from collections.abc import Callable, Mapping
from datetime import datetime

from pencontrol.control import commands
from ui.touch import happenings as h
from ui.touch.pages.close import ClosePanel
from ui.touch.pages.closed import ClosedPage
from ui.touch.pages.media import MediaPanel
from ui.touch.pages.text import TextPanel
from ui.touch.people import jobs
from ui.touch.people.clerk import Clerk
from ui.touch.people.jobs import Ended, Member
from ui.touch.people.sign_in_desk import SignInDesk
from ui.touch.presenter import Presenter
from ui.touch.records.librarian import Answer
from ui.touch.views_around import ClosedView
from ui.touch.words import Words


class CloseDesk:
    """Intents of the panels Close and Media, and of the page after the session."""

    def __init__(
        self,
        presenter: Presenter,
        clerk: Clerk,
        words: Words,
        close: ClosePanel,
        media: MediaPanel,
        closed: ClosedPage,
        typing: TextPanel,
        sign_in: SignInDesk,
        now: Callable[[], datetime],
        names: Mapping[str, str],
        language: str,
    ) -> None:
        """`names`: media by code, as the clinic's table has them; `language` is the screen's."""
        self._presenter, self._clerk, self._words, self._now = presenter, clerk, words, now
        self._names, self._language = names, language
        self._close, self._media, self._closed, self._typing, self._sign_in = close, media, closed, typing, sign_in
        self._session = ""  # whose notes these are
        self._responses: frozenset[str] = frozenset()
        self._applied: tuple[str, ...] = ()
        self._ended = ""  # the session whose follow-ups were seen to
        self._advised = ""  # the session whose client saw the aftercare sheet
        close.response.connect(self._respond)
        close.media_touched.connect(self._ask_media)
        media.applied.connect(self._apply)
        media.lot_wanted.connect(self._ask_lot)
        closed.note_touched.connect(self._ask_note)
        closed.sign_touched.connect(self._ask_signature)
        closed.aftercare_touched.connect(self._show_aftercare)
        presenter.closed.connect(self._on_closed)
        presenter.changed.connect(lambda _old, _new: self._same_session())

    def _same_session(self) -> None:
        """Another session begins with nothing said."""
        session = self._presenter.state.snapshot.session if self._presenter.state.snapshot else None
        fresh = session.id if session is not None else ""
        if fresh != self._session:
            self._session, self._responses, self._applied = fresh, frozenset(), ()
            self._close.show_said(self._responses)
            self._media.show_said(self._applied)

    def _respond(self, code: str) -> None:
        if code not in self._responses and self._note(f"response_{code}", ""):
            self._responses |= {code}
            self._close.show_said(self._responses)

    def _ask_media(self) -> None:
        if self._clerk.has_records():
            self._clerk.ask("lots", "screen", jobs.lots(self._now().date().isoformat()), self._on_lots)
        self._presenter.show_panel(h.Panel.MEDIA)

    def _on_lots(self, answer: Answer) -> None:
        if answer.kind:
            self._presenter.tell(answer.why)
        else:
            self._media.show_lots(answer.value)

    def _ask_lot(self) -> None:
        def take(lot: str) -> None:
            self._media.take_lot(lot)
            self._presenter.show_panel(h.Panel.MEDIA)

        self._typing.ask(self._words("media.lot"), self._words("media.lot_line"), take, "lot")
        self._presenter.show_panel(h.Panel.TEXT)

    def _apply(self, medium: str, amount_ul: int, lot: str) -> None:
        """By the table's own name: the record tells it in English whatever the screen speaks."""
        name = self._names.get(medium, "")
        if self._presenter.send(
            lambda number: commands.ApplyMedium(number=number, medium=medium, name=name, amount_ul=amount_ul, lot=lot)
        ):
            told = self._words("media.told", medium=self._words(f"media.{medium}"), amount=f"{amount_ul / 1000:.1f}", lot=lot)
            self._applied = (*self._applied, told)
            self._media.show_said(self._applied)
            self._media.choose("")

    def _note(self, code: str, text: str) -> bool:
        return self._presenter.send(lambda number: commands.AddNote(number=number, code=code, text=text))

    def _on_closed(self, view: ClosedView | None) -> None:
        if view is None:
            return
        if view.session != self._ended:
            self._closed.show_follow_ups("")
        if view.recorded and view.session != self._ended:
            self._ended = view.session
            if self._clerk.has_records():
                self._clerk.ask("end", self._actor(), jobs.end(view.session), self._on_ended)

    def _on_ended(self, answer: Answer) -> None:
        words = self._words
        if answer.kind:
            self._closed.show_follow_ups(answer.why)
            return
        ended: Ended = answer.value
        if not ended.follow_ups:
            self._closed.show_follow_ups(words("closed.no_follow_ups"))
            return
        first = datetime.fromisoformat(ended.first_utc).astimezone().strftime("%d.%m. %H:%M")
        self._closed.show_follow_ups(words("closed.follow_ups", count=ended.follow_ups, first=first))

    def _ask_note(self) -> None:
        session = self._presenter.state.snapshot.session if self._presenter.state.snapshot else None
        if session is None:
            return
        client, stream = session.client, session.id

        def take(text: str) -> None:
            self._presenter.show_panel(h.Panel.NONE)
            self._clerk.ask("note", self._actor(), jobs.note(client, stream, text), self._on_noted)

        self._typing.ask(self._words("note.title"), self._words("note.line"), take)
        self._presenter.show_panel(h.Panel.TEXT)

    def _on_noted(self, answer: Answer) -> None:
        self._closed.show_said(answer.why if answer.kind else self._words("note.kept"))

    def _show_aftercare(self) -> None:
        """The sheet; that it was shown is on record once."""
        self._presenter.show_panel(h.Panel.AFTERCARE)
        session = self._presenter.state.snapshot.session if self._presenter.state.snapshot else None
        if session is not None and session.id == self._ended != self._advised and self._clerk.has_records():
            self._advised = session.id
            job = jobs.tell_aftercare(session.client, session.id, self._language)
            self._clerk.ask("aftercare", self._actor(), job, self._on_advised)

    def _on_advised(self, answer: Answer) -> None:
        if answer.kind:
            self._closed.show_said(answer.why)

    def _ask_signature(self) -> None:
        session = self._presenter.state.snapshot.session if self._presenter.state.snapshot else None
        if session is None:
            return
        stream = session.id

        def let(member: Member) -> None:
            self._presenter.show_panel(h.Panel.NONE)
            self._closed.show_said(self._words("closed.signing"))
            job = jobs.sign_session(stream, member.code, member.role)
            self._clerk.ask("sign", member.code, job, lambda answer: self._on_signed(member.code, answer))

        self._sign_in.ask(let, self._words("closed.sign_line"), session.operator)

    def _on_signed(self, person: str, answer: Answer) -> None:
        self._closed.show_said(answer.why if answer.kind else self._words("closed.signed", person=person))

    def _actor(self) -> str:
        session = self._presenter.state.snapshot.session if self._presenter.state.snapshot else None
        return session.operator if session is not None and session.operator else "screen"
