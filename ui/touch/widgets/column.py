"""The right column above STOP: the state word, START/PAUSE, pass done and undo, and STOP's own message."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QWidget

from ui.touch.frame_views import StartView, WordView
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.ring_control import RingControl
from ui.touch.widgets.stop_button import CLEAR_MM, SIDE_MM
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton, set_state
from ui.touch.words import Words

WIDTH_MM = 48.0
STOP_MARGIN_MM = 2.0


class Column(QFrame):
    """Signals: `start` (held), `pause` (touched), `pass_done`, `pass_undo`. STOP itself belongs to the shell."""

    start = pyqtSignal()
    pause = pyqtSignal()
    pass_done = pyqtSignal()
    pass_undo = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metrics, self._words = metrics, words
        self._view: WordView | None = None
        self._contact: bool | None = None
        self.setObjectName("column")
        self.setFixedWidth(metrics.px(WIDTH_MM))
        self.word, self.reason = label("word"), label("muted")
        self.message = label("stopMessage")
        self.ring = RingControl(desk, theme, metrics, words)
        self.ring.completed.connect(self.start)
        self.ring.pause.connect(self.pause)
        self.done = TapButton(words("pass.done"))
        self.undo = TapButton(words("pass.undo"), words("pass.undo_accessible"))
        self.done.clicked.connect(self.pass_done)
        self.undo.clicked.connect(self.pass_undo)
        for text in (self.word, self.reason, self.message):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            text.setWordWrap(text is not self.word)
        self.word.setAccessibleName(words("state.accessible"))
        for part in (self.word, self.reason, self.ring, self.done, self.undo, self.message):
            part.setParent(self)
        self._start = StartView(False, False, "")
        self._treating = (False, False)
        self._locked = False
        self.show_treating(False, False)

    def resizeEvent(self, event: object) -> None:
        """Everything that can be touched ends 15 mm above STOP; the free band between holds STOP's message."""
        del event
        px, width = self._metrics.px, self.width()
        margin = px(3)
        inner = width - 2 * margin
        stop_top = self.height() - px(STOP_MARGIN_MM) - self._metrics.px_at_least(SIDE_MM)
        end = stop_top - self._metrics.px_at_least(CLEAR_MM) - 1
        key = px(10)
        self.word.setGeometry(0, px(2), width, px(8))
        self.reason.setGeometry(margin, px(10), inner, px(8))
        self.done.setGeometry(margin, end - key, inner * 62 // 100, key)
        self.undo.setGeometry(margin + inner * 62 // 100 + px(1.5), end - key, inner - inner * 62 // 100 - px(1.5), key)
        top = px(19.4)
        side = min(end - key - px(2.2) - top, px(34))
        free = end - key - px(2.2) - top - side
        self.ring.setGeometry((width - side) // 2, top + free // 2, side, side)
        self.message.setGeometry(margin, end + px(1.5), inner, stop_top - end - px(3))

    def show_word(self, view: WordView) -> None:
        """The word and the lines."""
        self._view = view
        self.word.setText(view.word)
        _tighten(self.word, lambda: self.word.fontMetrics().horizontalAdvance(self.word.text()) <= self.word.width())
        self.word.setAccessibleName(f"{self._words('state.accessible')}: {view.word}")
        set_state(self.message, "loud", view.loud)
        self._show_reason()

    def show_contact(self, contact: bool | None) -> None:
        """Whether the needles touch skin; None is not known. Said while the pen runs."""
        self._contact = contact
        self._show_reason()

    def _show_reason(self) -> None:
        """Two lines have room under the word; a longer reason takes the band above STOP, unless STOP itself speaks there, and
        leaves the state's plain line under the word."""
        view = self._view
        text, message = (view.reason, view.stop_message) if view is not None else ("", "")
        if view is not None and view.key == "RUNNING" and self._contact is not None:
            text = self._words("reason.skin" if self._contact else "reason.air")
        self.reason.setText(text)
        if not message and self.reason.heightForWidth(self.reason.width()) > self.reason.height():
            self.reason.setText(self._words(f"reason.{view.key}") if view is not None else "")
            message = text
        self.message.setText(message)
        _tighten(self.message, lambda: self.message.heightForWidth(self.message.width()) <= self.message.height())

    def show_start(self, view: StartView) -> None:
        """START or PAUSE."""
        self._start = view
        self.ring.show_view(StartView(view.pause, False, self._words("start.locked")) if self._locked else view)

    def show_treating(self, done: bool, undo: bool) -> None:
        """Whether a pass can be counted or taken back."""
        self._treating = (done, undo)
        self.done.setEnabled(done and not self._locked)
        self.undo.setEnabled(undo and not self._locked)

    def show_locked(self, locked: bool) -> None:
        """While the screen is locked nothing here works, and nothing looks as if it did."""
        if locked != self._locked:
            self._locked = locked
            self.show_start(self._start)
            self.show_treating(*self._treating)


def _tighten(text: QLabel, has_room: Callable[[], bool]) -> None:
    """The largest size of the stylesheet in which the text has room."""
    for tight in (None, "1", "2"):
        set_state(text, "tight", tight)
        if has_room():
            return
