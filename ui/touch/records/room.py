"""The place of the records in the shell: empty until somebody goes there, so that nothing of it delays the first paint."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QWidget

from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.hold import Clock
from ui.touch.words import Words

if TYPE_CHECKING:
    from ui.touch.records.desk import Load, RecordsDesk
    from ui.touch.records.page import RecordsPage


class RecordsRoom(QWidget):
    """Signal `left`. `tick` once a frame; `close_down` before the screen ends."""

    left = pyqtSignal()

    def __init__(
        self, home: Path, theme: Theme, metrics: Metrics, words: Words, clock: Clock, blocked: frozenset[str], load: Load
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self._home, self._clock, self._blocked, self._load = home, clock, blocked, load
        self._made = (theme, metrics, words)
        self.page: RecordsPage | None = None
        self.desk: RecordsDesk | None = None
        self.actor: Callable[[], str] = lambda: "screen"  # who is at the chair

    def imports(self) -> list[Callable[[], object]]:
        """What the first visit needs, to be loaded while nobody waits for it: in pieces, in any thread."""
        names = (
            "ui.touch.records.desk",
            "ui.touch.records.page",
            "sessions.store",
            "sessions.listing",
            "ui.touch.records.loading",
        )
        return [partial(import_module, name) for name in names]

    def tick(self, now_ns: int) -> None:
        """One frame later; nothing while nobody looks."""
        if self.desk is not None and self.isVisible():
            self.desk.tick(now_ns)

    def open(self, session: str, section: str) -> None:
        """One session, at one of its sections; for whoever has brought a person here."""
        if self.desk is not None:
            self.desk.open_session(session, section)

    def close_down(self) -> None:
        """Threads and processes end."""
        if self.desk is not None:
            self.desk.close()

    def showEvent(self, event: QShowEvent | None) -> None:
        """The first visit furnishes the room."""
        del event
        if self.desk is None:
            self._furnish()
        if self.desk is not None:
            self.desk.begin()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Nothing goes on behind another page but an export."""
        del event
        if self.desk is not None:
            self.desk.rest()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The page fills the room."""
        del event
        if self.page is not None:
            self.page.setGeometry(self.rect())

    def _furnish(self) -> None:
        from ui.touch.records.desk import RecordsDesk
        from ui.touch.records.kit import Kit
        from ui.touch.records.librarian import Librarian, NoStore
        from ui.touch.records.page import RecordsPage

        theme, metrics, words = self._made
        kit = Kit(theme, metrics, words, self._clock)
        self.page = RecordsPage(kit, self._blocked, self)
        runner = Librarian(self._home, lambda _: NoStore())
        self.desk = RecordsDesk(self.page, kit, self._home, self._load, Librarian(self._home), runner)
        self.desk.actor = self.actor
        self.page.left.connect(self.left)
        self.page.setGeometry(self.rect())
        self.page.show()
