"""Rows of the setup page: a name with minus and plus, a name with a few choices, a name with a line of text."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

ROW_MM, KEY_MM = 14.0, 14.0


def _card(metrics: Metrics, name: str, line: str, owner: QFrame) -> tuple[QHBoxLayout, QLabel]:
    px = metrics.px
    owner.setObjectName("card")
    owner.setFixedHeight(px(ROW_MM + 4))
    box = QHBoxLayout(owner)
    box.setContentsMargins(px(3), px(1), px(1.4), px(1))
    box.setSpacing(px(1.4))
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addStretch()
    title = label("strong", name)
    title.setWordWrap(True)
    names.addWidget(title)
    low = label("small", line)
    low.setWordWrap(True)
    if not line:
        low.hide()  # and never shown here: it has no parent yet, and would be a window that takes the keyboard
    names.addWidget(low)
    names.addStretch()
    box.addLayout(names, 1)
    return box, low


class StepRow(QFrame):
    """Signal `stepped` (-1 or +1). Whoever owns the value shows it."""

    stepped = pyqtSignal(int)

    def __init__(self, metrics: Metrics, words: Words, name: str, line: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box, self.line = _card(metrics, name, line, self)
        px = metrics.px
        self.minus = TapButton("\u2212", words("rows.less", name=name), "key")
        self.plus = TapButton("+", words("rows.more", name=name), "key")
        self.value = label("strong")
        self.value.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.value.setMinimumWidth(px(24))
        for key, step in ((self.minus, -1), (self.plus, 1)):
            key.setFixedSize(px(KEY_MM), px(KEY_MM))
            key.clicked.connect(lambda _=False, step=step: self.stepped.emit(step))
        for part in (self.minus, self.value, self.plus):
            box.addWidget(part)

    def show_value(self, text: str, minus: bool, plus: bool) -> None:
        """The value, and which way it can go."""
        self.value.setText(text)
        self.minus.setEnabled(minus)
        self.plus.setEnabled(plus)


class ChoiceRow(QFrame):
    """Signal `chosen` with the choice's code."""

    chosen = pyqtSignal(str)

    def __init__(
        self, metrics: Metrics, name: str, choices: Sequence[tuple[str, str]], line: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        box, self.line = _card(metrics, name, line, self)
        px = metrics.px
        self.keys: dict[str, TapButton] = {}
        for code, text in choices:
            key = TapButton(text, f"{name}: {text}", "small")
            key.setCheckable(True)
            key.setMinimumWidth(px(19))
            key.setFixedHeight(px(KEY_MM))
            key.clicked.connect(lambda _=False, code=code: self.chosen.emit(code))
            self.keys[code] = key
            box.addWidget(key)

    def show_value(self, code: str) -> None:
        """Mark the present choice."""
        for other, key in self.keys.items():
            key.setChecked(other == code)


class KeyRow(QFrame):
    """A name and one key. Signal `touched`."""

    touched = pyqtSignal()

    def __init__(self, metrics: Metrics, name: str, line: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box, self.line = _card(metrics, name, line, self)
        self.key = TapButton(key, f"{name}: {key}", "small")
        self.key.setFixedSize(metrics.px(36), metrics.px(KEY_MM))
        self.key.clicked.connect(self.touched)
        box.addWidget(self.key)

    def show_line(self, text: str) -> None:
        """What stands under the name."""
        self.line.setText(text)
        self.line.setVisible(bool(text))
