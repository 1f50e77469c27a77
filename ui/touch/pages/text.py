"""The panel with the whole keyboard: a note, a name, a lot. What is typed goes to who asked, and nowhere else."""

from collections.abc import Callable

from PyQt6.QtWidgets import QStackedWidget, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.widgets.keyboard import NOTE, Keyboard, Kind
from ui.touch.words import Words

LOT = Kind(32, 1)


class TextPanel(Panel):
    """One question at a time; `ask` names who takes the answer."""

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("text.title"), parent)
        self._take: Callable[[str], None] = lambda _: None
        self.keyboards = {"text": Keyboard(metrics, words, kind=NOTE), "lot": Keyboard(metrics, words, kind=LOT)}
        self.stack = QStackedWidget()
        for keyboard in self.keyboards.values():
            keyboard.done.connect(self._done)
            keyboard.cancelled.connect(self._cancel)
            self.stack.addWidget(keyboard)
        sides = self.box.contentsMargins()
        sides.setLeft(metrics.px(2.6))  # nine keys of 15 mm need the width
        self.box.setContentsMargins(sides)
        self.box.addWidget(self.stack, 1)
        self.left.connect(self._forget)

    def ask(self, title: str, line: str, take: Callable[[str], None], kind: str = "text") -> None:
        """Ask once. `kind`: "text" with small letters and signs, "lot" as printed on a pack."""
        self._take = take
        self.title.setText(title)
        keyboard = self.keyboards[kind]
        self.stack.setCurrentWidget(keyboard)
        keyboard.ask(line, "")

    def _done(self, text: str) -> None:
        take = self._take
        self._forget()
        if text:
            take(text)
        else:
            self.left.emit()

    def _cancel(self) -> None:
        self.left.emit()

    def _forget(self) -> None:
        self._take = lambda _: None
        for keyboard in self.keyboards.values():
            keyboard.ask("", "")
