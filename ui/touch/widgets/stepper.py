"""One setting: minus acts at once, plus builds a pending value, a hold on the middle applies what is pending."""

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.touch.fitting import draw_fitted
from ui.touch.fonts import digits_font, font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.views import StepperView
from ui.touch.widgets.hold import Hold, HoldDesk
from ui.touch.widgets.hold_plate import outline
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

SIDE_MM = 20.0
ASKED_MM = 7.0
PAD_MM = 0.9


class StepKey(TapButton):
    """A big minus or plus. Minus acts on contact (`pressed`); plus when the finger lifts (`clicked`), and never repeats."""

    def __init__(self, theme: Theme, metrics: Metrics, plus: bool, accessible: str) -> None:
        super().__init__("", accessible, on_contact=not plus)
        self._theme, self._metrics, self._plus = theme, metrics, plus
        side = metrics.px_at_least(SIDE_MM)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The plate from the stylesheet, and the sign."""
        super().paintEvent(event)
        painter = QPainter(self)
        colour = self._theme.text if self.isEnabled() else self._theme.faint
        pen = QPen(QColor(colour), self._metrics.px(0.9))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, arm = QRectF(self.rect()).center(), self._metrics.px(3.2)
        painter.drawLine(round(centre.x() - arm), round(centre.y()), round(centre.x() + arm), round(centre.y()))
        if self._plus:
            painter.drawLine(round(centre.x()), round(centre.y() - arm), round(centre.x()), round(centre.y() + arm))


class ValuePlate(Hold):
    """Asked value, unit, status. While something is pending it is the target of the hold."""

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, accessible: str) -> None:
        super().__init__(desk, accessible)
        self._theme, self._metrics = theme, metrics
        self._name = accessible
        self._view: StepperView | None = None
        self._value_font = digits_font(metrics, ASKED_MM)
        self._unit_font = font(metrics, 3.0)
        self._status_font = font(metrics, 2.9, 600)
        self._waiting_fonts = [font(metrics, size, 700) for size in (3.3, 2.9, 2.5, 2.1)]

    def show_view(self, view: StepperView) -> None:
        """Take the view."""
        if self._view is not None and view.pending != self._view.pending:
            self.cancel()
        self._view = view
        self.setAccessibleDescription(f"{view.value} {view.unit}, {view.status}")
        self.update()

    def wants_hold(self) -> bool:
        """Only a pending value is held."""
        return self.isEnabled() and self._view is not None and self._view.pending != ""

    def status_font(self, line: str) -> QFont:
        """The largest in which a waiting value is whole: half a figure is another figure."""
        room = self.width() - self._metrics.px(1)
        fits = (made for made in self._waiting_fonts if QFontMetrics(made).horizontalAdvance(line) <= room)
        return next(fits, self._waiting_fonts[-1])

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Digits, lines, and the outline that fills."""
        del event
        view, theme, px = self._view, self._theme, self._metrics.px
        if view is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = px(0.9)
        rect = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        if view.pending:
            painter.setPen(QPen(QColor(theme.accent), max(1, width // 3)))
            painter.setBrush(QColor(theme.accent_ground))
            painter.drawRoundedRect(rect, px(1.6), px(1.6))
        elif view.on_way:  # asked, not yet there: the outline of what is pending, broken and without its ground
            pen = QPen(QColor(theme.accent), max(1, width // 3), Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([6.0, 5.0])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, px(1.6), px(1.6))
        if self.progress > 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), width))
            painter.drawPath(outline(rect, px(1.6), self.progress))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.setPen(QColor(theme.accent if view.on_way and not view.pending else theme.text))
        painter.setFont(self._value_font)
        painter.drawText(QRectF(0, px(1.4), self.width(), px(8.6)), centre, view.value)
        painter.setPen(QColor(theme.muted))
        painter.setFont(self._unit_font)
        draw_fitted(painter, QRectF(px(0.6), px(10.0), self.width() - px(1.2), px(4)), centre, view.unit)
        painter.setPen(QColor(theme.accent if view.pending or view.on_way else theme.muted))
        line = self.prompt or (view.status if view.pending or view.on_way or not view.hint else view.hint)
        painter.setFont(self.status_font(line) if view.pending else self._status_font)
        draw_fitted(painter, QRectF(px(0.6), px(14.2), self.width() - px(1.2), px(5)), centre, line, wrap=not view.pending)


class Stepper(QFrame):
    """Signals: `minus`, `plus` (taps), `apply` (held)."""

    minus = pyqtSignal()
    plus = pyqtSignal()
    apply = pyqtSignal()

    def __init__(
        self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        title = words(f"step.{name}")
        self.minus_key = StepKey(theme, metrics, False, words("step.minus", name=title))
        self.plate = ValuePlate(desk, theme, metrics, words("step.apply", name=title))
        self.plus_key = StepKey(theme, metrics, True, words("step.plus", name=title))
        self.minus_key.pressed.connect(self.minus)
        self.plus_key.clicked.connect(self.plus)
        self.plate.completed.connect(self.apply)
        row = QHBoxLayout(self)
        pad = metrics.px(PAD_MM)
        row.setContentsMargins(pad, pad, pad, pad)
        row.setSpacing(pad)
        row.addWidget(self.minus_key)
        row.addWidget(self.plate, 1)
        row.addWidget(self.plus_key)
        self.plate.setFixedHeight(metrics.px_at_least(SIDE_MM))

    def show_view(self, view: StepperView) -> None:
        """Asked, pending, on its way."""
        self.plate.show_view(view)
        self.minus_key.setEnabled(view.minus)
        self.plus_key.setEnabled(view.plus)
        self.plus_key.setAccessibleDescription(view.hint)
