"""What lies over the page when the screen rests: the veil that dims, and the lock. STOP stays above both."""

from PyQt6.QtCore import QEvent, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTouchEvent
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.rest import Lock
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.keypad import Keypad
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TOUCHES, TapButton
from ui.touch.words import Words

PIN_DIGITS = (4, 12)
UNLOCK_NS = 2_000_000_000  # a cloth rests in one place for a second
VEIL_ALPHA = 225


class Swallower(QWidget):
    """Takes every touch and press that falls on it, and does nothing with them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)

    def event(self, event: QEvent | None) -> bool:
        """Touch ends here."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES:
            self.on_touch(event)
            event.accept()
            return True
        return super().event(event)

    def on_touch(self, event: QTouchEvent) -> None:
        """For who wants to know."""

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Taken."""
        if event is not None:
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Taken."""
        if event is not None:
            event.accept()


class Veil(Swallower):
    """The dimmed screen. The first touch only wakes it: signal `woken` when that finger has lifted.

    The whole gesture belongs to the veil: it stays, clear as glass, until the finger is gone.
    """

    woken = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clear = self._down = False
        self.hide()

    def show_dim(self, dim: bool) -> None:
        """Draw over everything, or go away; not while the touch that wakes is still down."""
        if dim and self.isHidden():
            self._clear = self._down = False
            self.show()
        elif not dim and not self._down:
            self.hide()

    def lifted(self) -> None:
        """No finger and no button is down any more."""
        if self._down:
            self._down = False
            self.woken.emit()

    def wake(self) -> None:
        """A screen reader's first press: it only wakes."""
        self.hide()
        self.woken.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Almost black; nothing as soon as a finger is down."""
        del event
        if not self._clear:
            QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, VEIL_ALPHA))

    def on_touch(self, event: QTouchEvent) -> None:
        """Clear from the first contact on."""
        if event.type() == QEvent.Type.TouchBegin:
            self._begin()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """As a finger."""
        super().mousePressEvent(event)
        self._begin()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """As a finger."""
        super().mouseReleaseEvent(event)
        self.lifted()

    def _begin(self) -> None:
        self._clear = self._down = True
        self.update()


class Curtain(Swallower):
    """The lock. Page opaque, top bar and column still in view; nothing under it can be touched. Signals: `unlocked` (held),
    `code_typed` (digits), `other_touched`: somebody else wants to unlock."""

    unlocked = pyqtSignal()
    code_typed = pyqtSignal(str)
    other_touched = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metrics, self._words = metrics, words
        self._lock = Lock.NONE
        self._asked = ""  # whose PIN, in words; "" asks the screen's own code
        self.page = QFrame(self)
        self.page.setObjectName("panelGround")
        px = metrics.px
        box = QVBoxLayout(self.page)
        box.setContentsMargins(px(16), px(6), px(16), px(6))
        box.setSpacing(px(4))
        self.title, self.line = label("word"), label("muted")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.line.setWordWrap(True)
        self.plate = HoldPlate(desk, theme, metrics, words("lock.leave"), hold_ns=UNLOCK_NS)
        self.plate.show_text(words("lock.leave"), words("lock.hold"))
        self.plate.setFixedSize(px(70), px(20))
        self.plate.completed.connect(self.unlocked)
        self.keypad = Keypad(metrics, words)
        self.keypad.done.connect(self.code_typed)
        self.keypad.cancel.hide()
        self.other = TapButton(words("lock.other"), words("lock.other_accessible"))
        self.other.setFixedSize(px(50), px(10))
        self.other.clicked.connect(self.other_touched)
        box.addStretch()
        for part in (self.title, self.line):
            box.addWidget(part)
        box.addWidget(self.plate, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self.keypad, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self.other, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch()
        self.hide()

    def show_lock(self, lock: Lock, by_code: bool) -> None:
        """Which lock, and whether a code opens it."""
        if lock is self._lock:
            return
        self._lock = lock
        self.setVisible(lock is not Lock.NONE)
        if lock is Lock.NONE:
            return
        kind = "clean" if lock is Lock.CLEAN else "idle"
        asks = lock is Lock.IDLE and by_code
        self.title.setText(self._words(f"lock.{kind}"))
        self.line.setText(self._words(f"lock.{kind}_line"))
        self.plate.setVisible(not asks)
        self.keypad.setVisible(asks)
        self.line.setVisible(not asks)
        self.other.setVisible(asks and bool(self._asked))
        if asks:
            self._ask()

    def ask_pin(self, text: str) -> None:
        """Whose PIN opens the idle lock, in words; "" asks the screen's own code. Said before or while it is on show."""
        if text == self._asked:
            return
        self._asked = text
        if self._lock is Lock.IDLE and self.keypad.isVisible():
            self.other.setVisible(bool(text))
            self._ask()

    def _ask(self) -> None:
        self.keypad.setEnabled(True)
        if self._asked:
            self.keypad.ask_code(self._asked, *PIN_DIGITS)
        else:
            self.keypad.ask_code(self._words("lock.code"))

    def refuse(self, text: str) -> None:
        """The code was wrong, or came too early."""
        self.keypad.setEnabled(True)
        self.keypad.refuse(text)

    def hold_off(self, text: str) -> None:
        """What was typed is being looked at."""
        self.keypad.setEnabled(False)
        self.keypad.range.setText(text)

    def place(self, page: QRect) -> None:
        """Where the page is, in the shell's coordinates."""
        self.page.setGeometry(page)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The shell calls `place` as well."""
        super().resizeEvent(event)
