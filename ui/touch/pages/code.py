"""The panel that asks for a client's or operator's code on the screen's own keyboard."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.widgets.keyboard import Keyboard
from ui.touch.words import Words


class CodePanel(Panel):
    """Signal `done` with ("client" or "operator", code)."""

    done = pyqtSignal(str, str)

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("code.title"), parent)
        self._words = words
        self._field = ""
        self.keyboard = Keyboard(metrics, words)
        self.keyboard.done.connect(lambda code: self.done.emit(self._field, code))
        self.keyboard.cancelled.connect(self.left)
        sides = self.box.contentsMargins()
        sides.setLeft(metrics.px(2.6))  # nine keys of 15 mm need the width
        self.box.setContentsMargins(sides)
        self.box.addWidget(self.keyboard, 1)

    def ask(self, field: str, code: str) -> None:
        """Which code, and how it begins."""
        self._field = field
        self.title.setText(self._words(f"prepare.{field}"))
        self.keyboard.ask(self._words(f"code.{field}"), code or self._words(f"code.{field}_begin"))
