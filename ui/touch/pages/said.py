"""Panels of coded tiles: which reaction, which end point. Tiles instead of typing in gloves."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton, set_state
from ui.touch.words import Words

TILE_MM = 26.0


class TilesPanel(Panel):
    """Signal `chosen` with the code. Words: `PREFIX_CODE` for the tile, `PREFIX_CODE_line` for what follows from it."""

    chosen = pyqtSignal(str)

    def __init__(
        self,
        metrics: Metrics,
        words: Words,
        title: str,
        line: str,
        prefix: str,
        codes: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(metrics, words, title, parent)
        said = label("strong", line)
        said.setWordWrap(True)
        self.line = said
        self.box.addWidget(said)
        self.box.addSpacing(metrics.px(2))
        grid = QGridLayout()
        grid.setSpacing(metrics.px(2.4))
        self.tiles: dict[str, TapButton] = {}
        for number, code in enumerate(codes):
            text = words(f"{prefix}_{code}")
            tile = TapButton(text, f"{title}: {text}", "tile")
            tile.setFixedHeight(metrics.px(TILE_MM))
            tile.clicked.connect(lambda _=False, code=code: self.chosen.emit(code))
            self.tiles[code] = tile
            grid.addWidget(tile, number // 2, number % 2)
        self.box.addLayout(grid)
        self.box.addStretch()

    def show_chosen(self, code: str) -> None:
        """Mark what was said before."""
        for other, tile in self.tiles.items():
            set_state(tile, "mark", "pending" if other == code else "")
