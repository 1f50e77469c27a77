"""The top bar: pen and link, mode, client, highest alarm, clock. Always there."""

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.views import AlarmsView, TopView
from ui.touch.widgets.alarm_tile import AlarmTile
from ui.touch.widgets.lamp import Lamp
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words


def label(role: str, text: str = "") -> QLabel:
    """A label whose look comes from the stylesheet."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def _pair(upper: QLabel, lower: QLabel) -> QVBoxLayout:
    box = QVBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(1)
    box.addStretch()
    box.addWidget(upper)
    box.addWidget(lower)
    box.addStretch()
    return box


class MoreKey(TapButton):
    """Three bars: everything that is not the treatment."""

    def __init__(self, theme: Theme, metrics: Metrics, accessible: str) -> None:
        super().__init__("", accessible)
        self._theme, self._metrics = theme, metrics
        self.setFixedSize(metrics.px(13), metrics.px(11))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Plate and bars."""
        super().paintEvent(event)
        painter = QPainter(self)
        pen = QPen(QColor(self._theme.text), self._metrics.px(0.6))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, arm, step = QRectF(self.rect()).center(), self._metrics.px(2.2), self._metrics.px(1.7)
        for line in (-1, 0, 1):
            y = round(centre.y() + line * step)
            painter.drawLine(round(centre.x() - arm), y, round(centre.x() + arm), y)


class TopBar(QFrame):
    """Signals: `alarms_touched` (the alarm tile), `more_touched` (the key with three bars)."""

    alarms_touched = pyqtSignal()
    more_touched = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._link = ""
        self._pen_line = ""
        self.setObjectName("topBar")
        px = metrics.px
        self._lamp = Lamp(theme, metrics)
        self.pen, self._pen_low = label("title"), label("muted")
        self.simulated = label("pill", words("top.simulated"))
        self.simulated.hide()
        self.mode, self.client = label("title"), label("muted")
        self.clock, self._open_for = label("title"), label("muted")
        for shown in (self.clock, self._open_for):
            shown.setAlignment(Qt.AlignmentFlag.AlignRight)
            shown.setFont(font(metrics, 3))
        self.tile = AlarmTile(theme, metrics, words)
        self.tile.clicked.connect(self.alarms_touched)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(4), 0, px(5), 0)
        row.setSpacing(px(2))
        row.addWidget(self._lamp)
        head = QHBoxLayout()
        head.setSpacing(px(2))
        head.addWidget(self.pen)
        head.addWidget(self.simulated)
        head.addStretch()
        left = QVBoxLayout()
        left.setSpacing(1)
        left.addStretch()
        left.addLayout(head)
        left.addWidget(self._pen_low)
        left.addStretch()
        row.addLayout(left, 30)
        row.addLayout(_pair(self.mode, self.client), 26)
        self.more = MoreKey(theme, metrics, words("more.accessible"))
        self.more.clicked.connect(self.more_touched)
        row.addWidget(self.tile, 44)
        row.addWidget(self.more)
        row.addSpacing(px(2))
        row.addLayout(_pair(self.clock, self._open_for))
        self.tile.setFixedHeight(px(11))
        self._open_for.setMinimumWidth(px(17))

    def show_top(self, view: TopView) -> None:
        """Pen, mode, client."""
        self.pen.setText(view.pen)
        self._pen_line = view.pen_line
        self._lamp.show_on(view.pen_there)
        self.simulated.setVisible(view.simulated)
        self.mode.setText(view.mode)
        self.client.setText(view.client)
        self._show_link()

    def show_age(self, age_ms: float | None) -> None:
        """Age of the newest sample; None is missing."""
        self._link = self._words("top.age", age=f"{age_ms:.0f}") if age_ms is not None else self._words("top.age_missing")
        self._show_link()

    def show_clock(self, clock: str, open_for: str) -> None:
        """Time of day, and how long the session is open."""
        self.clock.setText(clock)
        self._open_for.setText(open_for)

    def show_alarms(self, view: AlarmsView) -> None:
        """The highest alarm and how many there are."""
        self.tile.show_alarms(view.alarms)

    def link_line(self) -> str:
        """The line under the pen's name."""
        return self._pen_low.text()

    def _show_link(self) -> None:
        self._pen_low.setText(" · ".join(part for part in (self._link, self._pen_line) if part))
