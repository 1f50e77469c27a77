"""Everything about people on the screen, put together: panels, the clerk and the desks between them."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QObject

from pencontrol.media import media_of
from ui.touch import happenings as h
from ui.touch.metrics import Metrics
from ui.touch.pages.aftercare import AftercarePanel
from ui.touch.pages.close import ClosePanel
from ui.touch.pages.closed import ClosedPage
from ui.touch.pages.consent import ConsentPanel
from ui.touch.pages.media import MediaPanel
from ui.touch.pages.panels import Panel
from ui.touch.pages.prepare import PreparePage
from ui.touch.pages.sign_in import SignInPanel
from ui.touch.pages.text import TextPanel
from ui.touch.people.clerk import Clerk
from ui.touch.people.close_desk import CloseDesk
from ui.touch.people.consent_desk import ConsentDesk
from ui.touch.people.sign_in_desk import SignInDesk
from ui.touch.prepare_desk import PrepareDesk
from ui.touch.presenter import Presenter
from ui.touch.records.librarian import Librarian
from ui.touch.records.room import RecordsRoom
from ui.touch.theme import Theme
from ui.touch.widgets.hold import Clock, HoldDesk
from ui.touch.words import Words


class Front(QObject):
    """`panels` go into the shell; `meet` the pages when they are there, `begin` once all is shown, `close` at the end."""

    def __init__(
        self,
        presenter: Presenter,
        holds: HoldDesk,
        theme: Theme,
        metrics: Metrics,
        words: Words,
        home: Path,
        clock: Clock,
        text_panel: TextPanel,
        aftercare: AftercarePanel,
    ) -> None:
        """The two panels that take longest to make come ready made: each is a frame's work."""
        super().__init__(presenter)
        self._presenter, self._words, self._home = presenter, words, home
        self.clerk = Clerk(Librarian(home), home, time.time_ns, clock)
        self.sign_in_panel = SignInPanel(metrics, words)
        self.consent_panel = ConsentPanel(holds, theme, metrics, words)
        self.media_panel = MediaPanel(holds, theme, metrics, words)
        self.text_panel = text_panel
        self.close_panel = ClosePanel(holds, theme, metrics, words)
        self.panels: dict[h.Panel, Panel] = {
            h.Panel.CLOSE: self.close_panel,
            h.Panel.SIGN_IN: self.sign_in_panel,
            h.Panel.CONSENT: self.consent_panel,
            h.Panel.MEDIA: self.media_panel,
            h.Panel.TEXT: self.text_panel,
            h.Panel.AFTERCARE: aftercare,
        }
        self.sign_in = SignInDesk(presenter, self.clerk, self.sign_in_panel, words, clock)

    def meet(
        self,
        prepare: PreparePage,
        prepare_desk: PrepareDesk,
        closed: ClosedPage,
        records: RecordsRoom,
        language: str,
        now: Callable[[], datetime],
    ) -> None:
        """The pages whose keys lead here. `language` is the catalogue's, `now` the clinic's clock."""
        presenter, words = self._presenter, self._words
        self.consent = ConsentDesk(presenter, self.clerk, self.consent_panel, self.text_panel, words, language)
        names = {code: medium.name for code, medium in media_of(self._home).items()}
        self.closing = CloseDesk(
            presenter,
            self.clerk,
            words,
            self.close_panel,
            self.media_panel,
            closed,
            self.text_panel,
            self.sign_in,
            now,
            names,
            language,
        )
        prepare.consent_touched.connect(self.consent.ask)
        prepare_desk.sign_in = self._ask_operator

        records.actor = lambda: presenter.state.draft.operator or _operator(presenter) or "screen"

        def look_at_photos(session: str) -> None:
            presenter.visit(h.Page.RECORDS)
            records.open(session, "photos")

        closed.photos_touched.connect(look_at_photos)

    def begin(self) -> None:
        """The screen is up."""
        self.sign_in.begin()

    def close(self) -> None:
        """The screen ends."""
        self.clerk.close()

    def _ask_operator(self) -> bool:
        """The operator's field was touched; False: the code is typed, as nobody has a PIN here."""
        if not self.sign_in.needed():
            self._presenter.tell(self._words("sign_in.nobody"))
            return False
        self.sign_in.ask(user=self._presenter.state.draft.operator)
        return True


def _operator(presenter: Presenter) -> str:
    session = presenter.state.snapshot.session if presenter.state.snapshot is not None else None
    return session.operator if session is not None else ""
