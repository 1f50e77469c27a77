"""In-page panels: questions and lists over the page. They never reach the column, so STOP is never covered."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from pencontrol.control.snapshot import AlarmView
from ui.touch.frame_views import AlarmsView
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.alarm_tile import alarm_colours, draw_shape
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

CLEAR_RIGHT_MM = 13.5  # between a panel's targets and the column: 15 mm to STOP
ROWS = 6


class Panel(QFrame):
    """Opaque ground with a title and a key to go back. Signal `left`."""

    left = pyqtSignal()

    def __init__(self, metrics: Metrics, words: Words, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelGround")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        px = metrics.px
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(px(5), px(4), px(CLEAR_RIGHT_MM), px(5))
        self.box.setSpacing(px(2.0))
        self.title = label("title", title)
        back = TapButton(words("panel.back"), words("panel.back_accessible", title=title))
        back.setFixedSize(px(34), px(12))
        back.clicked.connect(self.left)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch()
        head.addWidget(back)
        self.box.addLayout(head)


class ShapeMark(QWidget):
    """The shape of an alarm's priority on its colour."""

    def __init__(self, theme: Theme, metrics: Metrics, priority: str) -> None:
        super().__init__()
        self._colours = alarm_colours(theme, priority)
        self._metrics, self._priority = metrics, priority
        self.setFixedSize(metrics.px(9), metrics.px(9))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Plate and shape."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours[0])
        painter.drawRoundedRect(self.rect(), self._metrics.px(1.4), self._metrics.px(1.4))
        inset = self._metrics.px(2)
        draw_shape(painter, self.rect().toRectF().adjusted(inset, inset, -inset, -inset), self._priority, self._colours[1])


class AlarmPanel(Panel):
    """Signals: `acknowledge` (alarm, occurrence), `clear_fault` (held)."""

    acknowledge = pyqtSignal(str, int)
    clear_fault = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("alarm.panel"), parent)
        self._theme, self._metrics, self._words = theme, metrics, words
        self._list = QVBoxLayout()
        self._list.setSpacing(metrics.px(1.6))
        self.box.addLayout(self._list)
        self.box.addStretch()
        self.clear = HoldPlate(desk, theme, metrics, words("alarm.clear_fault"))
        self.clear.setFixedHeight(metrics.px(15))
        self.clear.completed.connect(self.clear_fault)
        self.box.addWidget(self.clear)
        self.show_alarms(AlarmsView((), "", False))

    def show_alarms(self, view: AlarmsView) -> None:
        """The list anew; it changes rarely."""
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        if not view.alarms:
            self._list.addWidget(label("muted", self._words("alarm.none")))
        for alarm in view.alarms[:ROWS]:
            self._list.addWidget(self._row(alarm))
        if len(view.alarms) > ROWS:
            self._list.addWidget(label("muted", self._words("alarm.more", count=len(view.alarms) - ROWS)))
        self.clear.setVisible(bool(view.fault))
        self.clear.setEnabled(view.may_clear)
        self.clear.show_text(self._words("alarm.clear_fault"), self._words("alarm.clear_line", fault=self._fault(view.fault)))

    def _fault(self, fault: str) -> str:
        known = self._words.has(f"fault.{fault}")
        return self._words(f"fault.{fault}") if known else fault.replace("_", " ").lower()

    def _row(self, alarm: AlarmView) -> QWidget:
        px = self._metrics.px
        row = QFrame()
        row.setObjectName("card")
        row.setFixedHeight(px(15))
        line = QHBoxLayout(row)
        line.setContentsMargins(px(3), 0, px(2), 0)
        line.setSpacing(px(3))
        line.addWidget(ShapeMark(self._theme, self._metrics, alarm.priority))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch()
        told = FitLabel(self._metrics, 3.8, 2.8, 600, "strong")
        told.setText(alarm.words)
        words.addWidget(told)
        standing = self._words("alarm.active" if alarm.active else "alarm.latched")
        more = FitLabel(self._metrics, 3.0, 2.4, 400, "muted", lines=2)
        more.setText(" · ".join(part for part in (alarm.detail, standing) if part))
        words.addWidget(more)
        words.addStretch()
        line.addLayout(words, 1)
        key = TapButton(self._words("alarm.acknowledged" if alarm.silenced else "alarm.acknowledge"))
        key.setAccessibleName(self._words("alarm.acknowledge_one", alarm=alarm.words))
        key.setEnabled(not alarm.silenced)
        key.setFixedSize(px(34), px(11))
        key.clicked.connect(lambda: self.acknowledge.emit(alarm.alarm, alarm.occurrence))
        line.addWidget(key)
        return row
