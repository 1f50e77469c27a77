"""A session at a glance: totals and facts on the left, the zone map and the verification on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.fonts import font
from ui.touch.records.figure_card import FigureCard
from ui.touch.records.kit import Kit
from ui.touch.records.record import Record
from ui.touch.records.telling import fact_rows, map_at, total_rows, verdict_texts
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.lamp import Lamp
from ui.touch.widgets.plan_list import scrolling
from ui.touch.widgets.top_bar import label

if TYPE_CHECKING:
    from sessions.audit import Verdict

OVER = ">"  # what was deeper than its limit stands out
HEADS = ("zone", "passes", "contact", "strikes", "deepest")


class Summary(QWidget):
    """Shows a Record; the Verdict comes later."""

    def __init__(self, kit: Kit, blocked: frozenset[str]) -> None:
        super().__init__()
        self._kit = kit
        px = kit.metrics.px
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        left = QVBoxLayout()
        left.setSpacing(px(2))
        self.totals, self._totals_grid = _table(px(2.0), px(2.2))
        self.facts, self._facts_grid = _table(px(3), px(1.2))
        self._totals_grid.setColumnStretch(0, 1)
        self._totals_grid.setColumnMinimumWidth(0, px(25))
        self._facts_grid.setColumnStretch(1, 1)
        left.addWidget(_card(scrolling(self.totals), kit), 1)
        left.addWidget(_card(self.facts, kit))
        box.addLayout(left, 67)
        right = QVBoxLayout()
        right.setSpacing(px(2))
        self.figure = FigureCard(kit, blocked, False)
        self.checks, self._checks_grid = _table(px(2.4), px(1.2))
        self._checks_grid.setColumnStretch(1, 1)
        right.addWidget(self.figure, 1)
        right.addWidget(_card(self.checks, kit))
        box.addLayout(right, 33)

    def show_record(self, record: Record) -> None:
        """Another session; its verification is still under way."""
        words, metrics = self._kit.words, self._kit.metrics
        _clear(self._totals_grid)
        rows = total_rows(record, words)
        for column, head in enumerate(HEADS):
            made = FitLabel(metrics, 2.7, 1.9, 400, "small")
            made.setText(words(f"records.head.{head}"))
            made.setAlignment(Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
            self._totals_grid.addWidget(made, 0, column)
        for row, texts in enumerate(rows, start=1):
            name = FitLabel(metrics, 3.2, 2.4, 600, lines=2)
            name.setText(texts[0])
            self._totals_grid.addWidget(name, row, 0)
            for column, text in enumerate(texts[1:], start=1):
                figure = label("", text)
                figure.setFont(font(metrics, 3.0, 700 if OVER in text else 400))
                figure.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._totals_grid.addWidget(figure, row, column)
        self._totals_grid.setRowStretch(len(record.opened.zones) + 2, 1)
        if not rows:
            self._totals_grid.addWidget(label("muted", words("closed.nothing")), 1, 0)
        _clear(self._facts_grid)
        for row, (name_text, value) in enumerate(fact_rows(record, words)):
            self._facts_grid.addWidget(label("small", name_text), row, 0)
            shown = FitLabel(metrics, 3.0, 2.4, 400, lines=2)
            shown.setText(value)
            self._facts_grid.addWidget(shown, row, 1)
        self.figure.show_map(map_at(record, None, False, words))
        self.show_checks([(False, words("records.checking"), "")])

    def show_verdict(self, verdict: Verdict) -> None:
        """What the verification found."""
        self.show_checks(verdict_texts(verdict, self._kit.words))

    def show_checks(self, checks: list[tuple[bool, str, str]]) -> None:
        """Rows of (in order, what, details)."""
        _clear(self._checks_grid)
        for row, (good, what, details) in enumerate(checks):
            lamp = Lamp(self._kit.theme, self._kit.metrics)
            lamp.show_on(good)
            self._checks_grid.addWidget(lamp, row, 0, Qt.AlignmentFlag.AlignTop)
            pair = QVBoxLayout()
            pair.setSpacing(0)
            upper = FitLabel(self._kit.metrics, 3.0, 1.9, 600)
            upper.setText(what)
            pair.addWidget(upper)
            if details:
                lower = label("small", details)
                lower.setWordWrap(True)
                pair.addWidget(lower)
            inside = QWidget()
            pair.setContentsMargins(0, 0, 0, 0)
            inside.setLayout(pair)
            self._checks_grid.addWidget(inside, row, 1)


def _table(across: int, down: int) -> tuple[QWidget, QGridLayout]:
    inside = QWidget()
    grid = QGridLayout(inside)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(across)
    grid.setVerticalSpacing(down)
    return inside, grid


def _card(inside: QWidget, kit: Kit) -> QFrame:
    px = kit.metrics.px
    card = QFrame()
    card.setObjectName("card")
    box = QVBoxLayout(card)
    box.setContentsMargins(px(3), px(2.4), px(3), px(2.4))
    box.addWidget(inside)
    return card


def _clear(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
