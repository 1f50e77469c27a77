"""Everything that is not the treatment, behind one key: other pages, and the lock for wiping the screen."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.views_around import MoreView
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

TILE_MM = (48.0, 22.0)
COLUMNS = 3


class MorePanel(Panel):
    """One tile a place, from the words `more.NAME` and `more.NAME_line`. Signal `gone`: a tile was followed."""

    gone = pyqtSignal()

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("more.title"), parent)
        self._metrics, self._words = metrics, words
        self.tiles: dict[str, TapButton] = {}
        self._visits: set[str] = set()
        self._grid = QGridLayout()
        self._grid.setSpacing(metrics.px(2))
        self.why = label("muted")
        self.why.setWordWrap(True)
        self.box.addSpacing(metrics.px(2))
        self.box.addLayout(self._grid)
        self.box.addWidget(self.why)
        self.box.addStretch()

    def add(self, name: str, go: Callable[[], object], visit: bool = True) -> TapButton:
        """A tile. `visit`: another page, for when the pen is not armed."""
        tile = TapButton("", f"{self._words(f'more.{name}')}: {self._words(f'more.{name}_line')}", "tile")
        inner = QVBoxLayout(tile)
        inner.setSpacing(self._metrics.px(0.8))
        inner.addStretch()
        for role, key in (("title", f"more.{name}"), ("muted", f"more.{name}_line")):
            text = label(role, self._words(key))
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            text.setWordWrap(role == "muted")
            text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inner.addWidget(text)
        inner.addStretch()
        tile.setFixedSize(*(self._metrics.px(side) for side in TILE_MM))
        tile.clicked.connect(lambda: self._follow(go))
        number = len(self.tiles)
        self._grid.addWidget(tile, number // COLUMNS, number % COLUMNS)
        self._grid.setColumnStretch(COLUMNS, 1)
        self.tiles[name] = tile
        if visit:
            self._visits.add(name)
        return tile

    def show_view(self, view: MoreView) -> None:
        """Which tiles may be followed, and why not."""
        for name, tile in self.tiles.items():
            may = view.may_visit if name in self._visits else view.may_lock
            tile.setEnabled(may)
            for text in tile.findChildren(QLabel):
                text.setEnabled(may)  # the stylesheet greys it
        self.why.setText(view.why_not)

    def _follow(self, go: Callable[[], object]) -> None:
        self.gone.emit()
        go()
