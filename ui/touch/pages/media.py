"""Media that were applied in this session: which, how much, of which lot. Logged as applied and as nothing else."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.people.jobs import Lot
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.rows import StepRow
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton, set_state
from ui.touch.words import Words

MEDIA = ("ME01", "ME02", "ME03", "ME04", "ME05", "ME06", "ME07", "ME09", "ME10", "ME11")  # numbing has a panel of its own
STEP_UL, MOST_UL = 500, 20_000
LOTS = 2
TILE_MM = (34.0, 13.0)
SAID = 4


class MediaPanel(Panel):
    """Signals: `applied` (medium, microlitres, lot), `lot_wanted`: a lot is to be typed."""

    applied = pyqtSignal(str, int, str)
    lot_wanted = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("media.title"), parent)
        self._words = words
        self._lots: Sequence[Lot] = ()
        self.medium, self.lot, self.amount_ul = "", "", STEP_UL
        px = metrics.px
        grid = QGridLayout()
        grid.setSpacing(px(1.6))
        self.tiles: dict[str, TapButton] = {}
        for number, code in enumerate(MEDIA):
            tile = TapButton(words(f"media.{code}"), role="small")
            tile.setFixedSize(px(TILE_MM[0]), px(TILE_MM[1]))
            tile.clicked.connect(lambda _=False, code=code: self.choose(code))
            self.tiles[code] = tile
            grid.addWidget(tile, number // 2, number % 2)
        left = QVBoxLayout()
        left.addLayout(grid)
        left.addStretch()
        self.amount = StepRow(metrics, words, words("media.amount"))
        self.amount.stepped.connect(self._step)
        self.lot_keys = [TapButton("", role="small") for _ in range(LOTS)]
        self.other = TapButton(words("media.lot"), words("media.lot_accessible"), "small")
        self.other.clicked.connect(self.lot_wanted)
        lots = QHBoxLayout()
        lots.setSpacing(px(1.6))
        for number, key in enumerate((*self.lot_keys, self.other)):
            key.setFixedHeight(px(13))
            lots.addWidget(key, 1)
            if key is not self.other:
                key.clicked.connect(lambda _=False, number=number: self.take_lot(self._fitting()[number].lot))
        self.plate = HoldPlate(desk, theme, metrics, words("media.log"))
        self.plate.setFixedHeight(px(15))
        self.plate.completed.connect(self._apply)
        self.said = label("muted")
        self.said.setWordWrap(True)
        right = QVBoxLayout()
        right.setSpacing(px(1.6))
        right.addWidget(self.amount)
        right.addLayout(lots)
        right.addWidget(self.plate)
        right.addWidget(self.said)
        right.addStretch()
        sides = QHBoxLayout()
        sides.setSpacing(px(4))
        sides.addLayout(left)
        sides.addLayout(right, 1)
        self.box.addLayout(sides, 1)
        self._show()

    def show_lots(self, lots: Sequence[Lot]) -> None:
        """Lots on record that are in date."""
        self._lots = lots
        self._show()

    def show_said(self, lines: Sequence[str]) -> None:
        """What was logged in this session so far; the newest of it."""
        self.said.setText("\n".join(lines[-SAID:]))

    def choose(self, medium: str) -> None:
        """A medium, with the smallest amount and no lot."""
        self.medium, self.lot, self.amount_ul = medium, "", STEP_UL
        self._show()

    def take_lot(self, lot: str) -> None:
        """A lot, typed or touched."""
        self.lot = lot
        self._show()

    def _fitting(self) -> list[Lot]:
        return [lot for lot in self._lots if lot.medium == self.medium][:LOTS]

    def _step(self, direction: int) -> None:
        self.amount_ul = min(MOST_UL, max(STEP_UL, self.amount_ul + direction * STEP_UL))
        self._show()

    def _apply(self) -> None:
        self.applied.emit(self.medium, self.amount_ul, self.lot)

    def _show(self) -> None:
        words = self._words
        for code, tile in self.tiles.items():
            set_state(tile, "mark", "pending" if code == self.medium else "")
        fitting = self._fitting()
        for key, lot in zip(self.lot_keys, [*fitting, *[None] * LOTS], strict=False):
            key.setVisible(lot is not None)
            if lot is not None:
                key.setText(lot.lot)
                key.setAccessibleName(words("media.lot_of", lot=lot.lot, day=lot.expires))
                set_state(key, "mark", "pending" if lot.lot == self.lot else "")
        self.other.setEnabled(bool(self.medium))
        ml = f"{self.amount_ul / 1000:.1f}"
        self.amount.show_value(f"{ml} ml", self.amount_ul > STEP_UL, self.amount_ul < MOST_UL)
        told = words("media.told", medium=words(f"media.{self.medium}"), amount=ml, lot=self.lot or words("missing"))
        ready = bool(self.medium and self.lot)
        self.plate.setEnabled(ready)
        self.plate.show_text(
            words("media.log"), told if ready else words("media.choose" if not self.medium else "media.need_lot")
        )
