"""The panel of the numbing: its timer, what is put on, and its removal. Every word of it goes into the record by a hold."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.frame_views import Timer
from ui.touch.metrics import Metrics
from ui.touch.numbing_view import AGO_MIN, AMOUNTS_G, MAXIMA_MIN, Telling
from ui.touch.pages.panels import Panel
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.plan_list import scrolling
from ui.touch.widgets.rows import ChoiceRow, StepRow
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import set_state
from ui.touch.words import Words

PLATE_MM = 14.0


class NumbingPanel(Panel):
    """Signals: `product` (code), `stepped` (field of `Telling`, -1 or +1), `applied` and `removed` (both held)."""

    product = pyqtSignal(str)
    stepped = pyqtSignal(str, int)
    applied = pyqtSignal()
    removed = pyqtSignal()

    def __init__(
        self,
        desk: HoldDesk,
        theme: Theme,
        metrics: Metrics,
        words: Words,
        products: tuple[tuple[str, str], ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(metrics, words, words("numbing.title"), parent)
        self._words = words
        px = metrics.px
        card = QFrame()
        card.setObjectName("card")
        told = QVBoxLayout(card)
        told.setContentsMargins(px(3), px(2), px(3), px(2))
        self.heading, self.line = label("title"), label("strong")
        for text in (self.heading, self.line):
            text.setWordWrap(True)
            told.addWidget(text)
        self.box.addWidget(card)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(px(1.6))
        self.product_row = ChoiceRow(metrics, words("numbing.product"), products)
        self.product_row.chosen.connect(self.product)
        rows.addWidget(self.product_row)
        self.product_row.setVisible(len(products) > 1)
        self.rows = {
            "maximum_min": StepRow(metrics, words, words("numbing.maximum"), words("numbing.maximum_line")),
            "ago_min": StepRow(metrics, words, words("numbing.when"), words("numbing.when_line")),
            "amount_g": StepRow(metrics, words, words("numbing.amount"), words("numbing.amount_line")),
        }
        for name, row in self.rows.items():
            row.stepped.connect(lambda step, name=name: self.stepped.emit(name, step))
            rows.addWidget(row)
        rows.addStretch()
        self.box.addWidget(scrolling(inside), 1)
        self.apply = HoldPlate(desk, theme, metrics, words("numbing.apply"))
        self.apply.completed.connect(self.applied)
        self.remove = HoldPlate(desk, theme, metrics, words("numbing.remove"))
        self.remove.completed.connect(self.removed)
        plates = QHBoxLayout()
        plates.setSpacing(px(2))
        for plate in (self.apply, self.remove):
            plate.setFixedHeight(px(PLATE_MM))
            plates.addWidget(plate)
        self.box.addLayout(plates)

    def show_telling(self, telling: Telling) -> None:
        """What is about to be told."""
        words = self._words
        self.product_row.show_value(telling.product)
        values = (
            ("maximum_min", telling.maximum_min, MAXIMA_MIN, words("numbing.minutes", minutes=telling.maximum_min)),
            (
                "ago_min",
                telling.ago_min,
                AGO_MIN,
                words("numbing.ago", minutes=telling.ago_min) if telling.ago_min else words("numbing.now"),
            ),
            (
                "amount_g",
                telling.amount_g,
                AMOUNTS_G,
                words("numbing.grams", grams=f"{telling.amount_g:g}") if telling.amount_g else words("missing"),
            ),
        )
        for name, value, steps, text in values:
            self.rows[name].show_value(text, value > steps[0], value < steps[-1])

    def show_timer(self, timer: Timer, may_tell: bool) -> None:
        """Since when, and what follows from it; `may_tell`: control is there to hear it."""
        self.heading.setText(timer.title)
        self.line.setText(timer.line)
        set_state(self.line, "phase", timer.phase)
        on = bool(timer.phase)
        apply = self._words("numbing.top_up" if on else "numbing.apply")
        self.apply.show_text(apply, self._words("hold.line"))
        self.apply.setEnabled(may_tell)
        self.remove.setEnabled(on and may_tell)
        self.remove.show_text(self._words("numbing.remove"), self._words("hold.line" if on else "numbing.none"))
