"""The screen's own keyboard: codes, searches, notes. Keys are 15 mm wide or more and 2 mm apart, so a glove meets one at a time.

Nine keys of 15 mm stand beside each other on the smallest panel, so P has moved to the third row there; where ten have room
every letter is where it is on a desk. Letters and accents come from the language's catalogue.
"""

from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QWidget

from ui.touch.metrics import Metrics
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

KEY_MM, GAP_MM = 15.0, 2.0
MOST_KEY_MM = 24.0
MOST_CODE, LEAST_CODE = 16, 3
MOST_TEXT = 400
SIGNS = ".,:;!?'\"/()&+=_@%#*"
NARROW = 9


@dataclass(frozen=True)
class Kind:
    """What is typed: `most` signs, `least` before Done may be touched, and which layers there are."""

    most: int
    least: int
    small: bool = False  # small letters and a shift key
    signs: bool = False  # a layer of accents and signs


CODE = Kind(MOST_CODE, LEAST_CODE)
SEARCH = Kind(60, 0, signs=True)
NOTE = Kind(MOST_TEXT, 0, small=True, signs=True)


def letter_rows(rows: tuple[str, str, str], columns: int) -> tuple[str, ...]:
    """Digits over three rows of letters in `columns` keys each. What does not fit goes to the end of the last row."""
    digits = "1234567890"
    if columns >= 10:
        return (digits, *rows[:2], f"{rows[2]}-"[:columns])
    over = "".join(row[columns:] for row in rows[:2])
    last = f"{rows[2]}{over}"
    return (digits[:columns], rows[0][:columns], rows[1][:columns], f"{last}{digits[columns:]}"[:columns])


def sign_rows(accents: str, columns: int) -> tuple[str, ...]:
    """The language's own letters first, then signs, in four rows."""
    every = accents + SIGNS
    return tuple(every[at : at + columns] for at in range(0, 4 * columns, columns))


MOST_COLUMNS, ROWS = 10, 4


class Keyboard(QWidget):
    """Signals: `done` with the text, `cancelled`, `typed` with the text after each key."""

    done = pyqtSignal(str)
    cancelled = pyqtSignal()
    typed = pyqtSignal(str)

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None, kind: Kind = CODE) -> None:
        super().__init__(parent)
        self._metrics, self._words, self.kind = metrics, words, kind
        self.code = ""
        self._capital, self._signs = not kind.small, False
        self._columns = 0
        self._title = label("title")
        self._shown = FitLabel(metrics, 6.4, 3.6, 700, "word")
        self._shown.setAccessibleName(words("keyboard.text"))
        self._field = QFrame()
        self._field.setObjectName("card")
        for part in (self._title, self._field, self._shown):
            part.setParent(self)
        # made at once: a key that is made while a stack changes its page is never painted
        self._rows = [[self._letter() for _ in range(MOST_COLUMNS)] for _ in range(ROWS)]
        self.back = self._command("key.back", "key.back_accessible")
        self.back.clicked.connect(lambda: self._put(self.code[:-1]))
        self.space = self._command("keyboard.space", "keyboard.space")
        self.space.clicked.connect(lambda: self._type(" "))
        self.dash = self._command("keyboard.dash", "keyboard.dash_accessible", "key")
        self.dash.clicked.connect(lambda: self._type("-"))
        self.shift = self._command("keyboard.shift", "keyboard.shift_accessible")
        self.shift.setCheckable(True)
        self.shift.clicked.connect(self._on_shift)
        self.layer = self._command("keyboard.signs", "keyboard.signs_accessible")
        self.layer.setCheckable(True)
        self.layer.clicked.connect(self._on_layer)
        self.leave = self._command("key.cancel", "key.cancel")
        self.leave.clicked.connect(self.cancelled)
        self.enter = self._command("key.done", "key.done", "primary")
        self.enter.clicked.connect(lambda: self.done.emit(self.code.strip()))
        self.shift.setVisible(kind.small)
        self.layer.setVisible(kind.signs)
        self.space.setVisible(kind is not CODE)
        self._show()

    def ask(self, title: str, code: str) -> None:
        """Begin with `code` under `title`."""
        self._title.setText(title)
        self._signs = False
        self.layer.setChecked(False)
        self._lay_keys(self._columns)
        self._put(code)

    def letters(self) -> dict[str, TapButton]:
        """The keys that type something now, by what they type."""
        return {key.text(): key for row in self._rows for key in row if key.text()}

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """As many columns as have room, up to ten."""
        del event
        self._place()

    def _letter(self) -> TapButton:
        key = TapButton("", role="key", parent=self)
        key.clicked.connect(lambda: self._type(key.text()))
        key.hide()
        return key

    def _command(self, text: str, accessible: str, role: str = "") -> TapButton:
        return TapButton(self._words(text), self._words(accessible), role, self)

    def _place(self) -> None:
        metrics = self._metrics
        key, gap = metrics.px_at_least(KEY_MM), metrics.px_at_least(GAP_MM)
        columns = max(NARROW, min(MOST_COLUMNS, (self.width() + gap) // (key + gap)))
        if columns != self._columns:
            self._lay_keys(columns)
        px, width = metrics.px, self.width()
        head = px(7) if self._title.text() else 0
        self._title.setGeometry(0, 0, width, px(6))
        shown = px(10)
        self._field.setGeometry(0, head, width, shown)
        self._shown.setGeometry(px(3), head, width - px(6), shown)
        top = head + shown + gap
        high = min(px(MOST_KEY_MM), (self.height() - top - 4 * gap) // 5)
        wide = min(px(MOST_KEY_MM), (width - (columns - 1) * gap) // columns)
        for number, row in enumerate(self._rows):
            for column, button in enumerate(row):
                button.setGeometry(column * (wide + gap), top + number * (high + gap), wide, high)
        self._place_commands(top + 4 * (high + gap), high, wide, gap, columns)

    def _place_commands(self, top: int, high: int, wide: int, gap: int, columns: int) -> None:
        """The row below: single keys first, then what is left shared by space, delete and the two that end it."""
        singles = [key for key, there in ((self.shift, self.kind.small), (self.layer, self.kind.signs)) if there] + [self.dash]
        if columns > NARROW:
            singles.remove(self.dash)
        self.dash.setVisible(columns <= NARROW)
        left = 0
        for key in singles:
            key.setGeometry(left, top, wide, high)
            left += wide + gap
        wanted = [
            key for key in (self.space, self.back, self.leave, self.enter) if key is not self.space or self.kind is not CODE
        ]
        room = columns * wide + (columns - 1) * gap - left
        each = (room - (len(wanted) - 1) * gap) // len(wanted)
        for key in wanted:
            key.setGeometry(left, top, each, high)
            left += each + gap

    def _lay_keys(self, columns: int) -> None:
        """The letters or the signs, as keys that are made once and used again."""
        self._columns = columns
        if not columns:
            return
        rows = letter_rows(self._letter_rows(), columns)
        if self._signs:
            rows = sign_rows(self._words("keyboard.accents"), columns)
        for row, texts in zip(self._rows, rows, strict=True):
            for number, key in enumerate(row):
                key.setVisible(number < len(texts))
                text = texts[number] if number < len(texts) else ""
                text = text if self._capital else text.lower()
                key.setText(text.replace("&", "&&"))
                key.setAccessibleName(text)
        self._place()

    def _letter_rows(self) -> tuple[str, str, str]:
        first, second, third = (self._words(f"keyboard.row{number}") for number in (1, 2, 3))
        return first, second, third

    def _on_shift(self) -> None:
        self._capital = self.shift.isChecked()
        self._lay_keys(self._columns)

    def _on_layer(self) -> None:
        self._signs = self.layer.isChecked()
        self._lay_keys(self._columns)

    def _type(self, text: str) -> None:
        self._put((self.code + text.replace("&&", "&"))[: self.kind.most])

    def _put(self, text: str) -> None:
        self.code = text
        if self.kind.small:
            begins = not text or text.endswith((". ", "! ", "? "))
            if begins != self._capital:
                self._capital = begins
                self.shift.setChecked(begins)
                self._lay_keys(self._columns)
        self._show()
        self.typed.emit(text)

    def _show(self) -> None:
        self._shown.setText(self.code or " ")
        self.enter.setEnabled(len(self.code.strip()) >= self.kind.least)
