"""A list that a finger drags and taps: rows are painted, so a thousand of them cost as little as ten."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Protocol

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QTouchEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.hold import Clock
from ui.touch.widgets.hold_plate import paint_focus
from ui.touch.widgets.row_targets import RowTargets
from ui.touch.widgets.touch import ENTER, TOUCHES, local_points

SLOP_MM = 2.0  # a gloved tap wanders this far
DECAY_S = 0.32
SLOWEST_MM_S = 8.0
NEAR_END_ROWS = 12
BAR_MM = 1.4
TAP_KEYS = ENTER | {Qt.Key.Key_Space}
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}


class Rows(Protocol):
    """How the items of a list look."""

    def height_mm(self, item: Any) -> float:
        """Height of its row."""
        ...

    def touchable(self, item: Any) -> bool:
        """Whether a tap on it means something."""
        ...

    def paint(self, painter: QPainter, room: QRectF, item: Any, pressed: bool, chosen: bool) -> None:
        """Draw it into `room`."""
        ...

    def words(self, item: Any) -> str:
        """What a screen reader says of it."""
        ...


class DragList(QWidget):
    """Signals: `touched` with the item that was tapped; `near_end` when the last rows come into sight."""

    touched = pyqtSignal(object)
    near_end = pyqtSignal()

    def __init__(
        self, rows: Rows, theme: Theme, metrics: Metrics, clock: Clock, accessible: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows, self._theme, self._metrics, self._clock = rows, theme, metrics, clock
        self.items: list[Any] = []
        self.chosen: Any = None
        self._ends: list[int] = []
        self.offset = 0.0
        self._speed = 0.0  # pixels a second, after the finger has left
        self._moved_ns = 0
        self._start: QPointF | None = None
        self._last: QPointF | None = None
        self._dragging = False
        self._at_key = -1  # where the keyboard is
        self._targets = RowTargets(self, self._tap)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(accessible)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)

    def show_items(self, items: Sequence[Any]) -> None:
        """Another list, from its top."""
        self.items, self.chosen = [], None
        self._ends = []
        self._at_key = -1
        self.offset, self._speed, self._start = 0.0, 0.0, None
        self.append(items)

    def choose(self, item: Any) -> None:
        """Mark a row; None marks none."""
        self.chosen = item
        self.update()

    def append(self, items: Sequence[Any]) -> None:
        """More at the end."""
        heights = [self._metrics.px_at_least(self._rows.height_mm(item)) for item in items]
        begin = self._ends[-1] if self._ends else 0
        self._ends += list(accumulate(heights, initial=begin))[1:]
        self.items += items
        self._tell()
        self.update()

    def row_room(self, number: int) -> QRectF:
        """Where row `number` stands now, in own coordinates."""
        top = self._ends[number - 1] if number else 0
        return QRectF(0, top - self.offset, self.width() - self._metrics.px(BAR_MM * 2), self._ends[number] - top)

    def to_top(self) -> None:
        """The first rows, at rest."""
        self._speed = 0.0
        self.scroll_to(0)

    def scroll_to(self, offset: float) -> None:
        """Show from `offset` pixels on, as far as there is something."""
        most = max(0.0, (self._ends[-1] if self._ends else 0) - self.height())
        held = min(max(0.0, offset), most)
        if held != offset:
            self._speed = 0.0
        if held != self.offset:
            self.offset = held
            self._tell()
            self.update()
        if self.items and self._row_at(self.height() - 1) >= len(self.items) - NEAR_END_ROWS:
            self.near_end.emit()

    def advance(self, now_ns: int) -> None:
        """One frame later: a list that was flung runs out by itself."""
        if not self._speed or self._start is not None:
            return
        passed_s = min(0.1, max(0, now_ns - self._moved_ns) / 1e9)
        self._moved_ns = now_ns
        self.scroll_to(self.offset + self._speed * passed_s)
        self._speed *= math.exp(-passed_s / DECAY_S)
        if abs(self._speed) < SLOWEST_MM_S * self._metrics.px_per_mm:
            self._speed = 0.0

    def event(self, event: QEvent | None) -> bool:
        """The first finger; a second one ends the touch."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES:
            points = local_points(self, event)
            if len(points) != 1 or event.type() == QEvent.Type.TouchCancel:
                self._start = None
            elif event.type() == QEvent.Type.TouchBegin:
                self._press(points[0])
            elif event.type() == QEvent.Type.TouchUpdate:
                self._move(points[0])
            else:
                self._lift(points[0])
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Contact."""
        if event is not None:
            self._press(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Dragging."""
        if event is not None:
            self._move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Lifting."""
        if event is not None:
            self._lift(event.position())

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """A mouse with a wheel scrolls, too."""
        if event is not None:
            self.scroll_to(self.offset - event.angleDelta().y() / 120 * self._metrics.px(15))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows walk the rows that can be tapped, Space or Enter taps; for work at a desk."""
        if event is None:
            return
        if event.key() in STEPS:
            self._walk(STEPS[Qt.Key(event.key())])
        elif event.key() in TAP_KEYS and not event.isAutoRepeat():
            self._tap(self._at_key)
        else:
            super().keyPressEvent(event)

    def _walk(self, step: int) -> None:
        rows = [row for row, item in enumerate(self.items) if self._rows.touchable(item)]
        if not rows:
            return
        at = rows.index(self._at_key) + step if self._at_key in rows else 0
        self._at_key = rows[min(max(0, at), len(rows) - 1)]
        room = self.row_room(self._at_key)
        if room.top() < 0:
            self.scroll_to(self.offset + room.top())
        elif room.bottom() > self.height():
            self.scroll_to(self.offset + room.bottom() - self.height())
        self._tell()
        self.update()

    def _tap(self, row: int) -> None:
        if 0 <= row < len(self.items) and self._rows.touchable(self.items[row]):
            self.touched.emit(self.items[row])

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The end may now be higher up."""
        del event
        self.scroll_to(self.offset)
        self._tell()

    def _press(self, point: QPointF) -> None:
        self._start = self._last = point
        self._dragging = bool(self._speed)  # a touch on a running list stops it and taps nothing
        self._speed = 0.0
        self._moved_ns = self._clock()
        self.update()

    def _move(self, point: QPointF) -> None:
        if self._start is None or self._last is None:
            return
        if not self._dragging and abs(point.y() - self._start.y()) > self._metrics.px(SLOP_MM):
            self._dragging = True
        if self._dragging:
            now = self._clock()
            step = self._last.y() - point.y()
            passed_s = (now - self._moved_ns) / 1e9
            if passed_s > 0:
                self._speed = 0.6 * step / max(passed_s, 0.004) + 0.4 * self._speed
                self._moved_ns = now
            self._last = point
            self.scroll_to(self.offset + step)

    def _lift(self, point: QPointF) -> None:
        start, self._start = self._start, None
        self.update()
        if start is None:
            return
        if self._dragging:
            if self._clock() - self._moved_ns > 100_000_000:  # it rested before it left: no fling
                self._speed = 0.0
            self._moved_ns = self._clock()
            return
        self._speed = 0.0
        if self.rect().contains(point.toPoint()):
            self._tap(self._row_at(start.y()))

    def _row_at(self, y: float) -> int:
        return bisect_right(self._ends, y + self.offset)

    def _tell(self) -> None:
        first = self._row_at(0)
        last = min(self._row_at(max(0, self.height() - 1)) + 1, len(self.items))
        words = {row: self._rows.words(self.items[row]) for row in range(first, last)}
        at_key = self.items[self._at_key] if self.hasFocus() and 0 <= self._at_key < len(self.items) else None
        self.setAccessibleDescription(self._rows.words(at_key) if at_key else "; ".join(filter(None, words.values())))
        taps = {row: said for row, said in words.items() if said and self._rows.touchable(self.items[row])}
        self._targets.show_rows({row: (said, self.row_room(row).toAlignedRect()) for row, said in taps.items()})

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The rows in sight, and where in the list they are."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pressed = -1 if self._start is None or self._dragging else self._row_at(self._start.y())
        for number in range(self._row_at(0), len(self.items)):
            room = self.row_room(number)
            if room.top() >= self.height():
                break
            item = self.items[number]
            self._rows.paint(painter, room, item, number == pressed, self.chosen is not None and item == self.chosen)
            if number == self._at_key and self.hasFocus():
                paint_focus(painter, self._theme, self._metrics.px(0.4), room, self._metrics.px(1.6))
        whole = self._ends[-1] if self._ends else 0
        if whole > self.height():
            bar, long = self._metrics.px(BAR_MM), max(self._metrics.px(8), self.height() ** 2 / whole)
            top = self.offset / (whole - self.height()) * (self.height() - long)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.edge))
            painter.drawRoundedRect(QRectF(self.width() - bar, top, bar, long), bar / 2, bar / 2)
