"""The client's last session in the same zone, for the faint line behind frozen traces. Fetched beside, never waited for."""

from collections.abc import Callable
from typing import Any, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from ui.touch import happenings as h
from ui.touch import state as s
from ui.touch.presenter import Presenter
from ui.touch.records.librarian import Answer

TOPIC = "last time"
KEPT = 16  # zones whose trace is kept


class Fetcher(Protocol):
    """What is needed of the librarian."""

    def ask(self, topic: str, job: Callable[[Any, Any], Any], done: Callable[[Answer], None]) -> None:
        """Fetch in a thread."""

    def poll(self) -> None:
        """Hand out what is ready."""

    def close(self) -> None:
        """Give up."""


class LastTime(QObject):
    """Signal `ghost` with a ZoneTrace or None (there is none), while the traces stand still.

    It is fetched when a zone is chosen and the pen does not move, so that a freeze in mid-run finds it ready.
    """

    ghost = pyqtSignal(object)

    def __init__(self, presenter: Presenter, fetcher: Fetcher) -> None:
        super().__init__(presenter)
        self._fetcher = fetcher
        self._presenter = presenter
        self._kept: dict[tuple[str, str, str], Any] = {}
        self._asked: tuple[str, str, str] | None = None
        presenter.changed.connect(self._on_change)
        presenter.ticked.connect(lambda _: fetcher.poll() if self._asked is not None else None)

    def close(self) -> None:
        """Nobody waits any more."""
        self._asked = None
        self._fetcher.close()

    def _on_change(self, old: s.ScreenState, new: s.ScreenState) -> None:
        key = _key(new)
        if key is None:
            return
        froze = new.frozen and not old.frozen
        resting = new.snapshot is not None and new.snapshot.state not in s.MOVING
        if froze and key in self._kept:
            self.ghost.emit(self._kept[key])
        elif key not in self._kept and key != self._asked and (froze or (resting and key != _key(old))):
            self._asked = key
            self._fetcher.ask(TOPIC, _job(*key), lambda answer: self._take(key, answer))

    def _take(self, key: tuple[str, str, str], answer: Answer) -> None:
        self._asked = None
        while len(self._kept) >= KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = answer.value
        state = self._presenter.state
        if state.frozen and _key(state) == key:
            self.ghost.emit(answer.value)


def _key(state: s.ScreenState) -> tuple[str, str, str] | None:
    """(client, zone, session) of the treatment on show."""
    snapshot = state.snapshot
    if snapshot is None or snapshot.session is None or not snapshot.zone or s.page(state) is not h.Page.TREAT:
        return None
    return snapshot.session.client, snapshot.zone, snapshot.session.id


def _job(client: str, zone: str, session: str) -> Callable[[Any, Any], Any]:
    def job(store: Any, _ticket: Any) -> Any:
        from ui.touch.records.compare import last_session_trace  # SQLAlchemy comes with it, in the librarian's thread

        return last_session_trace(store, client, zone, before=session)

    return job
