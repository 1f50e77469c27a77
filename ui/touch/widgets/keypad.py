"""Digits for gloves: a number with its range in view, or a code that is shown as dots."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

KEYS = ("789", "456", "123")
KEY_MM, GAP_MM = 15.0, 1.6
MOST = 8


class Keypad(QWidget):
    """Signals: `done` with the text as typed, only when it is within the range; `cancelled`.

    What is out of range greys Done and says what is allowed; nothing is corrected silently.
    """

    done = pyqtSignal(str)
    cancelled = pyqtSignal()

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._range: tuple[float, float] | None = None
        self._digits_range = (1, MOST)
        self.text = ""
        px = metrics.px
        self.title, self.shown, self.range = label("title"), label("word"), label("muted")
        self.shown.setFixedHeight(px(9))
        for part in (self.title, self.shown, self.range):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(1.4))
        for part in (self.title, self.shown, self.range):
            box.addWidget(part)
        grid = QGridLayout()
        grid.setSpacing(px(GAP_MM))
        for row, digits in enumerate(KEYS):
            for column, digit in enumerate(digits):
                grid.addWidget(self._key(digit, px), row, column)
        self.point = self._key(".", px)
        self.back = TapButton(words("key.erase"), words("key.back_accessible"), "key")
        self.back.setFixedSize(px(KEY_MM * 1.4), px(KEY_MM * 0.8))
        self.back.clicked.connect(lambda: self.type(""))
        grid.addWidget(self.point, 3, 0)
        grid.addWidget(self._key("0", px), 3, 1)
        grid.addWidget(self.back, 3, 2)
        box.addLayout(grid)
        self.enter = TapButton(words("key.done"), role="primary")
        self.cancel = TapButton(words("key.cancel"))
        self.enter.clicked.connect(self._finish)
        self.cancel.clicked.connect(self.cancelled)
        foot = QHBoxLayout()
        foot.setSpacing(px(GAP_MM))
        for key, share in ((self.cancel, 1), (self.enter, 2)):
            key.setFixedHeight(px(12))
            foot.addWidget(key, share)
        box.addLayout(foot)

    def ask_number(self, title: str, low: float, high: float, unit: str, decimals: int) -> None:
        """A number from `low` to `high`, with at most `decimals` places."""
        self._range = (low, high)
        self._digits_range = (1, MOST)
        self.point.setEnabled(decimals > 0)
        self.point.show()
        self.title.setText(title)
        self.range.setText(self._words("keypad.range", low=f"{low:.{decimals}f}", high=f"{high:.{decimals}f}", unit=unit))
        self._begin()

    def ask_code(self, title: str, least: int = 4, most: int = 8) -> None:
        """A code; its digits are not shown."""
        self._range = None
        self._digits_range = (least, most)
        self.point.hide()
        self.title.setText(title)
        self.range.setText(self._words("keypad.digits", low=least, high=most))
        self._begin()

    def refuse(self, text: str) -> None:
        """Begin again, with the reason in view."""
        self._begin()
        self.range.setText(text)

    def type(self, sign: str) -> None:
        """One key; "" takes the last sign away."""
        if not sign:
            self.text = self.text[:-1]
        elif len(self.text) < self._digits_range[1] and not (sign == "." and "." in self.text):
            self.text += sign
        self._show()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """A keyboard, or a gauge that types like one: digits, comma or point, Enter."""
        if event is None:
            return
        sign = event.text().replace(",", ".")
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.enter.isEnabled():
            self._finish()
        elif event.key() == Qt.Key.Key_Backspace:
            self.type("")
        elif (sign and sign in "0123456789") or (sign == "." and self._range is not None):
            self.type(sign)
        else:
            super().keyPressEvent(event)

    def _key(self, sign: str, px: object) -> TapButton:
        assert callable(px)
        key = TapButton(sign, role="key")
        key.setFixedSize(px(KEY_MM * 1.4), px(KEY_MM * 0.8))
        key.clicked.connect(lambda: self.type(sign))
        return key

    def _finish(self) -> None:
        text, self.text = self.text, ""
        self.done.emit(text)

    def _begin(self) -> None:
        self.text = ""
        self._show()

    def _show(self) -> None:
        self.shown.setText((self.text if self._range is not None else "\u2022" * len(self.text)) or " ")
        self.enter.setEnabled(self._fits())

    def _fits(self) -> bool:
        if self._range is None:
            return self._digits_range[0] <= len(self.text) <= self._digits_range[1]
        try:
            value = float(self.text)
        except ValueError:
            return False
        return self._range[0] <= value <= self._range[1]
