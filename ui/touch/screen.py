"""The running screen, brought in order: the frame with STOP, control's word, pages and desks, figures and traces."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from pencontrol.control.ring import Ring
from pencontrol.runtime import Runtime
from ui.touch.first import First
from ui.touch.guard import Guard
from ui.touch.outfit import Outfit
from ui.touch.records.librarian import Librarian, NoStore
from ui.touch.start import Piece, Start
from ui.touch.stop_line import StopLine

if TYPE_CHECKING:  # imported in a thread, after the first paint
    from ui.touch.app import Touch
    from ui.touch.core import Core

FRAME_MS = 15  # a frame that has 5 ms more to do than the one before it still comes within 20 ms of it


class Screen(QObject):
    """`begin` shows it; `close` lets go of ring, socket and pipe. `touch` is everything but the frame, once it is there.

    Signals: `anew` (draw the screen again with the settings as kept), `leave` (out of the kiosk).
    """

    anew = pyqtSignal()
    leave = pyqtSignal()

    def __init__(self, runtime: Runtime, ring: Ring, stop: StopLine, guard: Guard, outfit: Outfit) -> None:
        super().__init__()
        self._runtime, self._ring, self._stop, self._guard, self._outfit = runtime, ring, stop, guard, outfit
        self.first = First(outfit.theme, outfit.metrics, outfit.words, stop, outfit.clock)
        self.first.setParent(self)
        guard.tell(self.first.fail)
        self.shell = self.first.shell
        self.core: Core | None = None
        self.touch: Touch | None = None
        runner = Librarian(outfit.home, lambda _: NoStore())
        pieces = [Piece(_import_core, self._put_core), Piece(_import_touch, self._put_touch)]
        self.start = Start(self.shell.stop_button, runner, pieces, self)
        self.frame_timer = QTimer(self)
        self.frame_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.frame_timer.setInterval(FRAME_MS)
        self.frame_timer.timeout.connect(self._frame)

    def begin(self, kiosk: bool, size: tuple[int, int]) -> None:
        """Show with a live STOP at once; all else comes after the first paint."""
        self.start.begin()
        self.first.show(kiosk, size)
        self.frame_timer.start()

    def close(self) -> None:
        """Stop the frame tick and let go of everything."""
        self.frame_timer.stop()
        self.start.close()
        if self.touch is not None:
            self.touch.close()
        self.shell.may_close = True
        self.shell.close()
        if self.core is not None:
            self.core.close()
        self._stop.close()
        self._ring.close()

    def _frame(self) -> None:
        if self.core is not None:
            self.core.presenter.tick()
        else:
            self.first.tick()
        self.start.tick(0)

    def _put_core(self, make: "type[Core]") -> None:
        outfit = self._outfit
        now = outfit.means.now if outfit.means is not None else datetime.now
        self.core = make(self.first, self._runtime, self._ring, self._stop, self._guard, outfit.words, outfit.clock, now)
        self.core.presenter.tick()

    def _put_touch(self, make: "type[Touch]") -> Iterator[None]:
        assert self.core is not None, "the core is the piece before"
        self.touch = make(self.core, self._outfit)
        yield from self.touch.build()
        self.touch.household.anew.connect(self.anew)
        self.touch.household.leave.connect(self.leave)
        self.start.add(self.touch.pieces())


def _import_core() -> "type[Core]":
    from ui.touch.core import Core

    return Core


def _import_touch() -> "type[Touch]":
    from ui.touch.app import Touch

    return Touch
