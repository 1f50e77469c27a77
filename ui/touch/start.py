"""What the screen needs, but not for its first picture: brought piece by piece after STOP has been painted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QEvent, QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from ui.touch.records.librarian import Answer, Librarian

PATIENCE_FRAMES = 180  # three seconds without a paint: a display that sleeps must not keep the screen from being ready


@dataclass(frozen=True)
class Piece:
    """`fetch` runs in a thread and touches no widget; `put` takes what it gave, in the screen's thread, in a frame of its own.

    What takes `put` longer than a few milliseconds it does in steps: it gives an iterator, and each step is a frame's.
    """

    fetch: Callable[[], Any]
    put: Callable[[Any], Iterator[None] | None] = lambda _: None


class Start(QObject):
    """Signal `done` when nothing more comes. `tick` once a frame.

    Imports take as long as ten frames. In the runner's thread they let each frame through, and the frames bring the pieces.
    A piece that fails is raised to the guard, once, and nothing comes after it; STOP stays as it is.
    """

    done = pyqtSignal()

    def __init__(self, watched: QWidget, runner: Librarian, pieces: Sequence[Piece], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watched, self._runner, self._left = watched, runner, list(pieces)
        self._steps: Iterator[None] | None = None
        self._painted = False
        self._frames = 0

    @property
    def left(self) -> int:
        """Pieces still to come."""
        return len(self._left)

    def add(self, pieces: Sequence[Piece]) -> None:
        """More, at the end; from within a piece."""
        self._left += pieces

    def begin(self) -> None:
        """From the next paint of `watched` on."""
        self._watched.installEventFilter(self)

    def tick(self, _now_ns: int) -> None:
        """One frame later."""
        self._frames += 1
        if not self._left or not (self._painted or self._frames > PATIENCE_FRAMES):
            return
        try:
            self._advance()
        except BaseException:
            self._left.clear()
            self._steps = None
            self.done.emit()
            raise

    def complete(self) -> None:
        """Everything that is left, at once: for whoever does not want to wait for frames."""
        self._runner.drop("piece")
        while self._left:
            if self._steps is None:
                self._put(self._left[0].fetch())
            else:
                self._step(self._steps)

    def close(self) -> None:
        """The screen ends."""
        self._left.clear()
        self._steps = None
        self._runner.close()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """The first paint. Swallows nothing."""
        if event is not None and event.type() == QEvent.Type.Paint and not self._painted:
            self._painted = True
            self._watched.removeEventFilter(self)
        return False

    def _advance(self) -> None:
        if self._steps is not None:
            self._step(self._steps)
            return
        self._runner.poll()
        if self._left and self._steps is None and not self._runner.busy:
            fetch = self._left[0].fetch
            self._runner.ask("piece", lambda _store, _ticket: fetch(), self._on_fetched)

    def _on_fetched(self, answer: Answer) -> None:
        self._put(answer.value)

    def _put(self, value: Any) -> None:
        self._steps = self._left[0].put(value)
        if self._steps is None:
            self._end()

    def _step(self, steps: Iterator[None]) -> None:
        if next(steps, self) is self:
            self._steps = None
            self._end()

    def _end(self) -> None:
        del self._left[0]
        if not self._left:
            self.done.emit()
