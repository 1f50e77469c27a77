"""Before a session is closed: what the skin shows at once, what was applied, and the hold that closes it."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton, set_state
from ui.touch.words import Words

RESPONSES = ("none", "redness", "swelling", "pinpoint", "bruising", "other")
COLUMNS = 3


class ClosePanel(Panel):
    """Signals: `response` with a code, `media_touched`, `close_session` (held)."""

    response = pyqtSignal(str)
    media_touched = pyqtSignal()
    close_session = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("close.title"), parent)
        px = metrics.px
        self.box.addWidget(label("strong", words("close.response")))
        grid = QGridLayout()
        grid.setSpacing(px(2))
        self.tiles: dict[str, TapButton] = {}
        for number, code in enumerate(RESPONSES):
            text = words(f"close.response_{code}")
            tile = TapButton(text, f"{words('close.response')} {text}", "small")
            tile.setFixedHeight(px(15))
            tile.clicked.connect(lambda _=False, code=code: self.response.emit(code))
            self.tiles[code] = tile
            grid.addWidget(tile, number // COLUMNS, number % COLUMNS)
        self.box.addLayout(grid)
        self.media = TapButton(words("close.media"), words("close.media_accessible"))
        self.media.setFixedHeight(px(14))
        self.media.clicked.connect(self.media_touched)
        self.box.addWidget(self.media)
        fixed = label("muted", words("close.text"))
        fixed.setWordWrap(True)
        self.box.addStretch()
        self.box.addWidget(fixed)
        self.plate = HoldPlate(desk, theme, metrics, words("close.hold"))
        self.plate.show_text(words("close.hold"), words("close.line"))
        self.plate.setFixedHeight(px(16))
        self.plate.completed.connect(self.close_session)
        self.box.addWidget(self.plate)

    def show_said(self, codes: frozenset[str]) -> None:
        """Which responses were noted in this session."""
        for code, tile in self.tiles.items():
            set_state(tile, "mark", "pending" if code in codes else "")
