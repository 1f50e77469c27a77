"""The list of sessions by day, with what it says when there is nothing to list."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.records.kit import Kit
from ui.touch.records.rows import SessionRows
from ui.touch.records.telling import DayHead, SessionRow
from ui.touch.widgets.drag_list import DragList
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton


class DayList(QWidget):
    """Signals: `chosen` (session id), `more` (older rows are wanted), `search_touched`, `clear_touched`, `retry_touched`."""

    chosen = pyqtSignal(str)
    more = pyqtSignal()
    search_touched = pyqtSignal()
    clear_touched = pyqtSignal()
    retry_touched = pyqtSignal()

    def __init__(self, kit: Kit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px, words = kit.metrics.px, kit.words
        self._words = words
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        head = QHBoxLayout()
        head.setSpacing(px(2))
        self.field = TapButton("", words("records.search"), "field")
        self.clear = TapButton(words("records.clear"), words("records.clear_accessible"))
        for key in (self.field, self.clear):
            key.setFixedHeight(kit.metrics.px_at_least(15))
        self.clear.setFixedWidth(px(28))
        head.addWidget(self.field, 1)
        head.addWidget(self.clear)
        box.addLayout(head)
        self.list = DragList(SessionRows(kit), kit.theme, kit.metrics, kit.clock, words("records.list"))
        self.says = label("title")
        self.detail = label("muted")
        self.retry = TapButton(words("records.retry"))
        self.retry.setFixedSize(px(50), kit.metrics.px_at_least(15))
        for text in (self.says, self.detail):
            text.setWordWrap(True)
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self.list, 1)
        self._room = QWidget()
        empty = QVBoxLayout(self._room)
        empty.setSpacing(px(3))
        empty.addStretch(2)
        empty.addWidget(self.says)
        empty.addWidget(self.detail)
        empty.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignHCenter)
        empty.addStretch(3)
        box.addWidget(self._room, 1)
        self.list.touched.connect(self._on_touched)
        self.list.near_end.connect(self.more)
        self.field.clicked.connect(self.search_touched)
        self.clear.clicked.connect(self.clear_touched)
        self.retry.clicked.connect(self.retry_touched)
        self.show_query("")
        self.show_text(words("records.loading"), "", False)

    def show_query(self, typed: str) -> None:
        """What is searched for; "" is nothing."""
        self.field.setText(typed or self._words("records.search_empty"))
        self.clear.setVisible(bool(typed))

    def show_items(self, items: Sequence[DayHead | SessionRow]) -> None:
        """A list from its top; it is not empty."""
        self._room.hide()
        self.list.show()
        self.list.show_items(items)

    def append(self, items: Sequence[DayHead | SessionRow]) -> None:
        """Older rows."""
        self.list.append(items)

    def show_text(self, text: str, detail: str, retry: bool) -> None:
        """Instead of a list: it is being read, there is none, or why it cannot be read."""
        self.list.hide()
        self._room.show()
        self.says.setText(text)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self.retry.setVisible(retry)

    def _on_touched(self, item: object) -> None:
        if isinstance(item, SessionRow):
            self.chosen.emit(item.session)
