"""Who is at the chair: a tile for everybody who has a PIN, and the keypad."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.people.jobs import Member
from ui.touch.widgets.keypad import Keypad
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton, set_state
from ui.touch.words import Words

PIN_DIGITS = (4, 12)
ROWS, COLUMNS = 4, 2
TILE_MM = (34.0, 16.0)


class SignInPanel(Panel):
    """Signals: `chosen` with a user's code, `typed` with code and PIN. The PIN is kept nowhere here."""

    chosen = pyqtSignal(str)
    typed = pyqtSignal(str, str)

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("sign_in.title"), parent)
        self._words = words
        self._members: Sequence[Member] = ()
        self._first = 0
        self.user = ""
        px = metrics.px
        self.line = label("muted")
        self.line.setWordWrap(True)
        self.line.setFixedWidth(px(TILE_MM[0] * COLUMNS + 2))
        grid = QGridLayout()
        grid.setSpacing(px(2))
        self.tiles = [TapButton("", role="small") for _ in range(ROWS * COLUMNS)]
        for number, tile in enumerate(self.tiles):
            tile.setFixedSize(px(TILE_MM[0]), px(TILE_MM[1]))
            tile.clicked.connect(lambda _=False, number=number: self._choose_tile(number))
            grid.addWidget(tile, number // COLUMNS, number % COLUMNS, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(COLUMNS, 1)
        self.others = TapButton(words("sign_in.others"), words("sign_in.others_accessible"))
        self.others.setFixedSize(px(TILE_MM[0]), px(12))
        self.others.clicked.connect(self._next_tiles)
        left = QVBoxLayout()
        left.addLayout(grid)
        left.addWidget(self.others)
        left.addWidget(self.line)
        left.addStretch()
        self.keypad = Keypad(metrics, words)
        self.keypad.cancel.hide()
        self.keypad.done.connect(lambda pin: self.typed.emit(self.user, pin))
        sides = QHBoxLayout()
        sides.setSpacing(px(6))
        sides.addLayout(left)
        sides.addStretch()
        sides.addWidget(self.keypad, 0, Qt.AlignmentFlag.AlignTop)
        sides.addStretch()
        self.box.addLayout(sides, 1)
        self.show_members((), "")

    def show_members(self, members: Sequence[Member], line: str) -> None:
        """Who may be chosen; `line` says what follows, or why there is nobody."""
        self._members, self._first = members, 0
        self.line.setText(line)
        self._show_tiles()

    def choose(self, user: str) -> None:
        """Ask this user's PIN; "" asks nobody's."""
        self.user = user
        for tile, member in self._shown():
            set_state(tile, "mark", "pending" if member.code == user else "")
        self.keypad.setEnabled(bool(user))
        self.keypad.ask_code(self._words("sign_in.pin", user=user) if user else self._words("sign_in.who"), *PIN_DIGITS)

    def refuse(self, text: str) -> None:
        """Wrong; the same user again."""
        self.keypad.setEnabled(True)
        self.keypad.refuse(text)

    def hold_off(self, text: str) -> None:
        """No PIN is heard now: it is being looked at, or there is a wait."""
        self.keypad.setEnabled(False)
        self.keypad.range.setText(text)

    def _shown(self) -> list[tuple[TapButton, Member]]:
        return list(zip(self.tiles, self._members[self._first :], strict=False))

    def _show_tiles(self) -> None:
        for tile in self.tiles:
            tile.hide()
        for tile, member in self._shown():
            tile.setText(member.code)
            tile.setAccessibleName(member.code)
            tile.show()
        self.others.setVisible(len(self._members) > len(self.tiles))
        self.choose(self.user if any(member.code == self.user for _, member in self._shown()) else "")

    def _choose_tile(self, number: int) -> None:
        user = self._members[self._first + number].code
        self.choose(user)
        self.chosen.emit(user)

    def _next_tiles(self) -> None:
        self._first += len(self.tiles)
        if self._first >= len(self._members):
            self._first = 0
        self._show_tiles()
