"""The screen's own keyboard for codes: capitals, digits, dash. Names are not typed at the chair."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL-", "ZXCVBNM")
MOST = 16


class Keyboard(QWidget):
    """Signals: `done` with the code, `cancelled`."""

    done = pyqtSignal(str)
    cancelled = pyqtSignal()

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = metrics.px
        self.code = ""
        self._title = label("title")
        self._shown = label("word")
        self._shown.setFixedHeight(px(11))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        box.addWidget(self._title)
        box.addWidget(self._shown)
        grid = QGridLayout()
        grid.setSpacing(px(1.5))
        grid.setVerticalSpacing(px(1.5))
        for row, letters in enumerate(ROWS):
            for column, letter in enumerate(letters):
                grid.addWidget(self._key(letter, px(12.4)), row, column)
        back = TapButton(words("key.back"), words("key.back_accessible"), "key")
        back.setFixedHeight(px(12.4))
        back.clicked.connect(lambda: self._type(""))
        grid.addWidget(back, 3, 7, 1, 3)
        box.addLayout(grid)
        box.addSpacing(px(2))
        self.enter = TapButton(words("key.done"), role="primary")
        leave = TapButton(words("key.cancel"))
        self.enter.clicked.connect(lambda: self.done.emit(self.code))
        leave.clicked.connect(self.cancelled)
        foot = QHBoxLayout()
        foot.setSpacing(px(1.5))
        for key, share in ((leave, 1), (self.enter, 2)):
            key.setFixedHeight(px(14))
            foot.addWidget(key, share)
        box.addLayout(foot)
        box.addStretch()

    def ask(self, title: str, code: str) -> None:
        """Begin with `code` under `title`."""
        self._title.setText(title)
        self.code = code
        self._show()

    def _key(self, letter: str, height: int) -> TapButton:
        key = TapButton(letter, role="key")
        key.setFixedHeight(height)
        key.clicked.connect(lambda: self._type(letter))
        return key

    def _type(self, letter: str) -> None:
        self.code = self.code[:-1] if not letter else (self.code + letter)[:MOST]
        self._show()

    def _show(self) -> None:
        self._shown.setText(self.code or " ")
        self.enter.setEnabled(len(self.code) >= 3)
