"""The aftercare sheet, by hour: what the client is told before leaving."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.widgets.plan_list import scrolling
from ui.touch.widgets.top_bar import label
from ui.touch.words import Words

Groups = Sequence[tuple[int | None, Sequence[str]]]
COLUMNS = 2


class AftercarePanel(Panel):
    """Takes groups of (hours, codes); the words are `aftercare.CODE`."""

    def __init__(self, metrics: Metrics, words: Words, groups: Groups, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("aftercare.title"), parent)
        px = metrics.px
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, px(4), 0)
        grid.setHorizontalSpacing(px(5))
        grid.setVerticalSpacing(px(1.2))
        row = 0
        for hours, codes in groups:
            grid.addWidget(label("accent", _until(words, hours)), row, 0, 1, COLUMNS)
            row += 1
            for number, code in enumerate(codes):
                line = label("", words(f"aftercare.{code}"))
                line.setWordWrap(True)
                grid.addWidget(line, row + number // COLUMNS, number % COLUMNS, Qt.AlignmentFlag.AlignTop)
            row += -(-len(codes) // COLUMNS)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(row, 1)
        self.box.addWidget(scrolling(inside), 1)


def _until(words: Words, hours: int | None) -> str:
    if hours is None:
        return words("aftercare.after")
    return words("aftercare.hours", hours=hours) if hours <= 72 else words("aftercare.days", days=hours // 24)
