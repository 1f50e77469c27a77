"""The top bar: pen and link, mode, client, highest alarm, clock. Always there."""

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.fitting import draw_fitted
from ui.touch.fonts import font
from ui.touch.frame_views import AlarmsView, Timer, TopView
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.alarm_tile import AlarmTile
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.labels import label
from ui.touch.widgets.lamp import Lamp
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

_HEAD = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


def _pair(upper: QWidget, lower: QWidget) -> QVBoxLayout:
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


class NumbingChip(TapButton):
    """How long the numbing is on the skin, with a bar that fills until it is ready; framed when it is past its maximum."""

    def __init__(self, theme: Theme, metrics: Metrics, words: Words) -> None:
        super().__init__("", words("numbing.title"))
        self._theme, self._metrics, self._words = theme, metrics, words
        self._timer = Timer()
        self.setFixedSize(metrics.px(23), metrics.px(11))

    def show_timer(self, timer: Timer) -> None:
        """What it shows."""
        if timer != self._timer:
            self._timer = timer
            self.setAccessibleDescription(f"{timer.title}. {timer.line}")
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The plate from the stylesheet, two lines, and the phase as one to four marks."""
        super().paintEvent(event)
        timer, theme, px = self._timer, self._theme, self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(px(1), px(0.8), -px(1), -px(0.8))
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(self._metrics, 2.6))
        name = self._words("numbing.chip_over", maximum=timer.maximum) if timer.phase == "over" else self._words("numbing.chip")
        if timer.phase == "over":
            painter.setPen(QColor(theme.text))
            painter.setFont(font(self._metrics, 2.6, 700))
        draw_fitted(painter, QRectF(room.left(), room.top(), room.width(), px(3.6)), _HEAD, name)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(self._metrics, 3.4, 600))
        text = timer.short or self._words("missing")
        painter.drawText(room.adjusted(0, px(3.0), 0, -px(1.0)), Qt.AlignmentFlag.AlignCenter, text)
        phases = ("waiting", "ready", "target", "over")
        done = phases.index(timer.phase) + 1 if timer.phase else 0
        each = room.width() / len(phases)
        for number in range(len(phases)):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent if number < done else theme.line))
            painter.drawRect(QRectF(room.left() + number * each + px(0.3), room.bottom() - px(0.7), each - px(0.6), px(0.7)))
        if timer.phase == "over":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.limit), px(0.5)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(px(0.3), px(0.3), -px(0.3), -px(0.3)), px(1.6), px(1.6))


class TopBar(QFrame):
    """Signals: `alarms_touched` (the alarm tile), `more_touched` (the key with three bars), `numbing_touched` (its chip)."""

    alarms_touched = pyqtSignal()
    more_touched = pyqtSignal()
    numbing_touched = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._link = ""
        self._pen_line = ""
        self.setObjectName("topBar")
        px = metrics.px
        self.lamp = Lamp(theme, metrics)
        self.pen, self.mode = FitLabel(metrics, 4.4, 2.4, 600, "title"), FitLabel(metrics, 4.4, 2.4, 600, "title")
        self._pen_low, self.client = FitLabel(metrics, 3.0, 2.0, 400, "muted"), FitLabel(metrics, 3.0, 2.0, 400, "muted")
        self.simulated = label("pill", words("top.simulated"))
        self.simulated.hide()
        self.clock, self._open_for = label("title"), label("muted")
        for shown in (self.clock, self._open_for):
            shown.setAlignment(Qt.AlignmentFlag.AlignRight)
            shown.setFont(font(metrics, 3))
        self.tile = AlarmTile(theme, metrics, words)
        self.tile.clicked.connect(self.alarms_touched)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(4), 0, px(5), 0)
        row.setSpacing(px(2))
        row.addWidget(self.lamp)
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
        row.addLayout(left, 34)
        row.addLayout(_pair(self.mode, self.client), 22)
        self.more = MoreKey(theme, metrics, words("more.accessible"))
        self.more.clicked.connect(self.more_touched)
        self.numbing = NumbingChip(theme, metrics, words)
        self.numbing.clicked.connect(self.numbing_touched)
        self.numbing.hide()
        row.addWidget(self.numbing)
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
        self.lamp.show_on(view.pen_there)
        self.simulated.setVisible(view.simulated)
        self.mode.setText(view.mode)
        self.client.setText(view.client)
        self._show_link()

    def show_age(self, age_ms: float | None) -> None:
        """Age of the newest sample; None is missing."""
        self._link = self._words("top.age", age=f"{age_ms:.0f}") if age_ms is not None else self._words("top.age_missing")
        self._show_link()

    def show_numbing(self, timer: Timer, wanted: bool) -> None:
        """The timer; without one the chip is there only where it is `wanted`, to begin one."""
        self.numbing.show_timer(timer)
        self.numbing.setVisible(wanted or bool(timer.phase))

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


__all__ = ["MoreKey", "NumbingChip", "TopBar", "label"]
