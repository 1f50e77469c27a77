"""The first picture: the frame around every page, with a live STOP. Nothing here may fail, wait, or take long to import."""

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from ui.touch.frame_views import StartView, WordView, first_word
from ui.touch.metrics import Metrics
from ui.touch.shell import Shell
from ui.touch.stop_line import StopLine
from ui.touch.theme import Theme, stylesheet
from ui.touch.widgets.hold import Clock, HoldDesk
from ui.touch.words import Words


class First(QObject):
    """The shell, with STOP on its own line, until somebody who reads control's word takes over.

    Until then the column says that nothing is known, and after STOP what holds without control's word.
    """

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, stop: StopLine, clock: Clock) -> None:
        super().__init__()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyleSheet(stylesheet(theme, metrics))
        self._words, self._stop, self._clock = words, stop, clock
        self.holds = HoldDesk(clock, words("hold.again"))
        self.shell = Shell(self.holds, theme, metrics, words)
        self.stopped_ns: int | None = None  # when STOP was first pressed here
        self._failed = ""
        self._shown: WordView | None = None
        self.shell.stop.connect(self.stop)
        self.shell.fingers.connect(self.holds.count_fingers)
        self.shell.column.show_start(StartView(False, False, words("reason.starting")))
        self.tick()

    @property
    def failed(self) -> str:
        """This screen's own error so far; "" is none."""
        return self._failed

    def show(self, kiosk: bool, size: tuple[int, int]) -> None:
        """On the panel, STOP's pipe open."""
        self._stop.open_ahead()
        if kiosk:
            self.shell.enter_kiosk()
        else:
            self.shell.resize(*size)
            self.shell.show()
        self._shown = None  # the word was fitted before there was a size
        self.tick()

    def tick(self) -> None:
        """One frame, while nobody reads control's word."""
        view = first_word(self._words, self._clock(), self.stopped_ns, bool(self._failed))
        if view != self._shown:
            self._shown = view
            self.shell.column.show_word(view)
            self.shell.stop_button.show_line(view.word if view.key == "STOPPING" else "")

    def stop(self) -> None:
        """STOP: the line first."""
        self._stop.send()
        self._note()

    def fail(self, text: str) -> None:
        """An exception in this screen; STOP has been sent."""
        self._failed = text
        self._note()

    def hand_over(self) -> None:
        """Somebody else hears STOP from now on; called after he does."""
        self.shell.stop.disconnect(self.stop)

    def _note(self) -> None:
        if self.stopped_ns is None:  # pressing again does not put off "not confirmed"
            self.stopped_ns = self._clock()
        self.tick()
