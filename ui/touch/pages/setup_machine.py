"""The technician's corner: what the system granted, how the link does, which versions run. Reads only."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.views_around import MachineView
from ui.touch.widgets.plan_list import scrolling
from ui.touch.widgets.top_bar import label
from ui.touch.words import Words


class MachineTab(QWidget):
    """Cards of names and values; drawn anew only when something has changed."""

    def __init__(self, metrics: Metrics, words: Words) -> None:
        super().__init__()
        self._metrics, self._words = metrics, words
        self._shown: MachineView | None = None
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, metrics.px(2), 0)
        self._list.setSpacing(metrics.px(1.6))
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scrolling(inside))

    def show_view(self, view: MachineView) -> None:
        """Groups of lines."""
        if view == self._shown:
            return
        self._shown = view
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for title, lines in view.groups:
            self._list.addWidget(self._group(title, lines))

    def values(self) -> dict[str, str]:
        """Every line on show, for who wants to look."""
        groups = self._shown.groups if self._shown is not None else ()
        return {name: value for _, lines in groups for name, value in lines}

    def _group(self, title: str, lines: tuple[tuple[str, str], ...]) -> QFrame:
        px = self._metrics.px
        card = QFrame()
        card.setObjectName("card")
        grid = QGridLayout(card)
        grid.setContentsMargins(px(3), px(1.8), px(3), px(2))
        grid.setHorizontalSpacing(px(4))
        grid.setVerticalSpacing(px(0.9))
        grid.setColumnStretch(1, 1)
        grid.addWidget(label("strong", title), 0, 0, 1, 2)
        for row, (name, value) in enumerate(lines, start=1):
            grid.addWidget(label("muted", name), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = label("", value)
            shown.setWordWrap(True)
            grid.addWidget(shown, row, 1)
        return card
