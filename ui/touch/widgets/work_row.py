"""The keys between the cards and the steppers: depth presets and freeze, direction of travel, end point, reaction, turn."""

import math

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PyQt6.QtWidgets import QWidget

from ui.touch.fitting import draw_fitted
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.touch import TapButton, set_state
from ui.touch.words import Words
from ui.touch.zone_work import WorkView

ROW_MM = 9.6
_CENTRE = Qt.AlignmentFlag.AlignCenter


class Row(QWidget):
    """Keys side by side over the whole width, by shares."""

    def __init__(self, metrics: Metrics, gap_mm: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._metrics, self._gap_mm = metrics, gap_mm
        self._keys: list[tuple[QWidget, float]] = []

    def add(self, key: QWidget, share: float = 1.0) -> None:
        """One more key at the right."""
        key.setParent(self)
        self._keys.append((key, share))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Places by shares, edges on whole pixels."""
        del event
        gap = self._metrics.px(self._gap_mm)
        room = self.width() - gap * (len(self._keys) - 1)
        total = sum(share for _, share in self._keys)
        before = 0.0
        for number, (key, share) in enumerate(self._keys):
            left, right = round(room * before / total), round(room * (before + share) / total)
            key.setGeometry(left + number * gap, 0, right - left, self.height())
            before += share


WAVE_MM = ((-3.0, 0.3), (-1.8, 0.3), (-1.0, -1.5), (0.1, 1.6), (0.9, -0.9), (1.6, 0.3), (3.0, 0.3))


class FreezeKey(TapButton):
    """A trace; framed like a picture while the traces stand. Never two bars: that would be taken for the pen's pause."""

    def __init__(self, theme: Theme, metrics: Metrics, words: Words) -> None:
        super().__init__("", words("treat.freeze_accessible"))
        self._theme, self._metrics = theme, metrics
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """Only the state decides whether it is checked."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The plate from the stylesheet, and the sign."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre, px = QRectF(self.rect()).center(), self._metrics.px_per_mm
        painter.setPen(QPen(QColor(self._theme.accent if self.isChecked() else self._theme.text), 0.35 * px))
        painter.drawPolyline(QPolygonF([QPointF(centre.x() + x_mm * px, centre.y() + y_mm * px) for x_mm, y_mm in WAVE_MM]))
        if self.isChecked():
            frame = QRectF(0, 0, 8.2 * px, 5.6 * px)
            frame.moveCenter(centre)
            painter.drawRoundedRect(frame, 0.6 * px, 0.6 * px)


class PresetRow(Row):
    """Signals: `preset` (micrometres), `freeze`."""

    preset = pyqtSignal(int)
    freeze = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, 1.4, parent)
        self._words = words
        self._depths: list[int] = [0, 0, 0, 0]
        self.freeze_key = FreezeKey(theme, metrics, words)
        self.freeze_key.clicked.connect(self.freeze)
        self.keys = [TapButton("", role="small") for _ in self._depths]
        self.add(self.freeze_key, 0.86)
        for number, key in enumerate(self.keys):
            key.clicked.connect(lambda _=False, number=number: self.preset.emit(self._depths[number]))
            self.add(key, 1.0 if number < 3 else 1.4)

    def show_work(self, view: WorkView) -> None:
        """Depths, and which of them is asked or waits for its hold."""
        for number, (key, shown) in enumerate(zip(self.keys, view.presets, strict=True)):
            self._depths[number] = shown.depth_um
            key.setText(shown.text)
            key.setEnabled(shown.enabled)
            key.setAccessibleName(self._words("treat.preset_accessible", depth=shown.text))
            key.setAccessibleDescription(self._words(f"treat.preset_{shown.mark}") if shown.mark else "")
            set_state(key, "mark", shown.mark)

    def show_frozen(self, frozen: bool) -> None:
        """Whether the traces stand still."""
        self.freeze_key.setChecked(frozen)
        self.freeze_key.setAccessibleName(self._words("treat.live_accessible" if frozen else "treat.freeze_accessible"))
        self.freeze_key.update()


class DirectionKey(TapButton):
    """An arrow with two heads as the practitioner sees the skin, and the degrees."""

    def __init__(self, theme: Theme, metrics: Metrics, words: Words) -> None:
        super().__init__("", words("treat.direction"))
        self._theme, self._metrics, self._words = theme, metrics, words
        self._degrees: int | None = None
        self._line = ""
        self._font, self._small = font(metrics, 3.4, 600), font(metrics, 2.4)

    def show_direction(self, degrees: int | None, line: str) -> None:
        """None: no zone."""
        self._degrees, self._line = degrees, line
        self.setEnabled(degrees is not None)
        told = f"{degrees}\u00b0" if degrees is not None else self._words("missing")
        self.setAccessibleName(f"{self._words('treat.direction')} {told}")
        self.setAccessibleDescription(line)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Plate, arrow, degrees, which pass."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px = self._theme, self._metrics.px_per_mm
        on = self.isEnabled() and self._degrees is not None
        ink = QColor(theme.text if on else theme.faint)
        middle = QPointF(4.6 * px, self.height() / 2)
        text = QRectF(7.6 * px, 0, self.width() - 8.2 * px, self.height())
        painter.setPen(ink)
        painter.setFont(self._font)
        if self._degrees is None:
            draw_fitted(painter, QRectF(self.rect()).adjusted(4, 0, -4, 0), _CENTRE, self._words("treat.direction"))
            return
        upper = text.adjusted(0, self.height() * 0.06, 0, -self.height() * 0.38)
        painter.drawText(upper, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{self._degrees}\u00b0")
        painter.setFont(self._small)
        painter.setPen(QColor(theme.muted if on else theme.faint))
        lower = text.adjusted(0, self.height() * 0.5, 0, -self.height() * 0.08)
        draw_fitted(painter, lower, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._line)
        self._paint_arrow(painter, middle, ink if not on else QColor(theme.accent))

    def _paint_arrow(self, painter: QPainter, middle: QPointF, ink: QColor) -> None:
        assert self._degrees is not None
        px = self._metrics.px_per_mm
        pen = QPen(ink, 0.55 * px)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        angle = math.radians(self._degrees)
        along = QPointF(math.cos(angle), -math.sin(angle))  # as on paper: 90 degrees is up
        across = QPointF(-along.y(), along.x())
        reach, barb = 2.6 * px, 0.95 * px
        painter.drawLine(middle - along * reach, middle + along * reach)
        for end in (-1, 1):
            tip = middle + along * (reach * end)
            for side in (-1, 1):
                painter.drawLine(tip, tip - along * (barb * end) + across * (barb * side))


class TwoLineKey(TapButton):
    """A small line over a strong one."""

    def __init__(self, theme: Theme, metrics: Metrics, name: str, accessible: str) -> None:
        super().__init__("", accessible)
        self._theme, self._name, self._text = theme, name, ""
        self._small, self._font = font(metrics, 2.4), font(metrics, 3.2, 600)
        self._accessible = accessible

    def show_value(self, text: str) -> None:
        """The strong line."""
        self._text = text
        self.setAccessibleName(f"{self._accessible}: {text}" if text else self._accessible)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Plate and lines; the strong one gets smaller when it must."""
        super().paintEvent(event)
        painter = QPainter(self)
        on, theme, high = self.isEnabled(), self._theme, self.height()
        painter.setFont(self._small)
        painter.setPen(QColor(theme.muted if on else theme.faint))
        room = QRectF(4, 0, self.width() - 8, high)
        draw_fitted(painter, room.adjusted(0, high * 0.1, 0, -high * 0.52), _CENTRE, self._name)
        painter.setFont(self._font)
        painter.setPen(QColor(theme.text if on else theme.faint))
        draw_fitted(painter, room.adjusted(0, high * 0.42, 0, -high * 0.04), _CENTRE, self._text, wrap=True, least=0.62)


class ZoneRow(Row):
    """Signals: `direction`, `end_point`, `reaction`, `turned` (bool)."""

    direction = pyqtSignal()
    end_point = pyqtSignal()
    reaction = pyqtSignal()
    turned = pyqtSignal(bool)

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, 1.4, parent)
        self.direction_key = DirectionKey(theme, metrics, words)
        self.end_key = TwoLineKey(theme, metrics, words("treat.end_point"), words("treat.end_point"))
        self.reaction_key = TapButton(words("treat.reaction"), words("treat.reaction_accessible"), "strong", on_contact=True)
        self.turn_key = TapButton(words("view.turn"), words("view.turn_accessible"), "small")
        self.turn_key.setCheckable(True)
        self.direction_key.clicked.connect(self.direction)
        self.end_key.clicked.connect(self.end_point)
        self.reaction_key.pressed.connect(self.reaction)
        self.turn_key.toggled.connect(self.turned)
        for key, share in ((self.direction_key, 1.2), (self.end_key, 1.3), (self.reaction_key, 1.3), (self.turn_key, 0.9)):
            self.add(key, share)

    def show_work(self, view: WorkView) -> None:
        """Direction and end point of the present zone."""
        self.direction_key.show_direction(view.direction_deg, view.direction_line)
        self.direction_key.setEnabled(view.usable)
        self.end_key.show_value(view.end_point)
        self.end_key.setEnabled(view.usable)
        self.reaction_key.setEnabled(view.reaction)
