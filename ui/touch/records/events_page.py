"""What happened in a session, line by line; one key narrows it to what went wrong."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.records.kit import Kit
from ui.touch.records.record import Record
from ui.touch.records.rows import PairRows
from ui.touch.records.telling import clock_text, event_lines, event_texts
from ui.touch.widgets.drag_list import DragList
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton


class EventsPage(QWidget):
    """Signal `chosen` with the seconds of the event that was touched: the replay goes there."""

    chosen = pyqtSignal(float)

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._record: Record | None = None
        px = kit.metrics.px
        self.count = label("muted")
        self.count.setWordWrap(True)
        self.urgent = TapButton(kit.words("records.urgent"), kit.words("records.urgent_accessible"))
        self.urgent.setCheckable(True)
        self.urgent.setFixedSize(px(44), kit.metrics.px_at_least(15))
        self.urgent.toggled.connect(self._show)
        self.list = DragList(PairRows(kit), kit.theme, kit.metrics, kit.clock, kit.words("records.section.events"))
        self.list.touched.connect(lambda item: self.chosen.emit(float(item[0])))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        head = QHBoxLayout()
        head.addWidget(self.count, 1)
        head.addWidget(self.urgent)
        box.addLayout(head)
        box.addWidget(self.list, 1)

    def show_record(self, record: Record) -> None:
        """Another session."""
        self._record = record
        self._show()

    def _actor(self, actor: str) -> str:
        """A process by its name, a person by the code."""
        words = self._kit.words
        return words(f"records.actor.{actor}") if words.has(f"records.actor.{actor}") else actor

    def _show(self) -> None:
        record, words = self._record, self._kit.words
        if record is None:
            return
        items = []
        for line in event_lines(record, self.urgent.isChecked()):
            upper, lower = event_texts(line, record, words)
            priority = getattr(line.body, "priority", "HIGH") if line.kind in ("alarm_raised", "trip") else None
            actor = words("records.event.by", time=clock_text(line.at_s), actor=self._actor(line.actor))
            items.append((str(max(0.0, line.at_s)), upper, lower, actor, priority))
        self.count.setText(words("records.events_count", count=len(items)))
        self.list.show_items(items)
