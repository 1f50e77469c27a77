"""The panel with the keypad: one question at a time."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.widgets.keypad import Keypad
from ui.touch.words import Words


class KeypadPanel(Panel):
    """Signal `done` with (question, text)."""

    done = pyqtSignal(str, str)

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("keypad.title"), parent)
        self._question = ""
        self.keypad = Keypad(metrics, words)
        self.keypad.done.connect(lambda text: self.done.emit(self._question, text))
        self.keypad.cancelled.connect(self.left)
        self.box.addWidget(self.keypad, 1, Qt.AlignmentFlag.AlignHCenter)

    def ask_number(self, question: str, title: str, low: float, high: float, unit: str, decimals: int) -> None:
        """A number within a range."""
        self._question = question
        self.keypad.ask_number(title, low, high, unit, decimals)

    def ask_code(self, question: str, title: str) -> None:
        """A code of 4 to 8 digits."""
        self._question = question
        self.keypad.ask_code(title)

    def refuse(self, text: str) -> None:
        """The answer cannot be used; the same question again."""
        self.keypad.refuse(text)
