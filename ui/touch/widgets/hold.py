"""Holds of 0.8 s: what raises risk. `HoldTimer` is pure; `Hold` is a widget with it; `HoldDesk` cancels whatever is held.

A screen reader cannot hold: it presses twice. The first press asks, the second within 3 s confirms, and whatever cancels a
hold takes the question back.
"""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QTouchEvent
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.touch.assistance import may_assist
from ui.touch.widgets.touch import ENTER, TOUCHES, local_points

HOLD_NS = 800_000_000
CONFIRM_NS = 3_000_000_000
BOUNCE_NS = 300_000_000  # a switch that bounces, or a hand that trembles, presses twice in less
HOLD_KEYS = ENTER | {Qt.Key.Key_Space}
Clock = Callable[[], int]


class HoldTimer:
    """How far a hold is. Every moment comes in as an argument, in monotonic nanoseconds."""

    def __init__(self, hold_ns: int = HOLD_NS) -> None:
        self._hold_ns = hold_ns
        self._since_ns: int | None = None

    @property
    def held(self) -> bool:
        """Whether a finger holds."""
        return self._since_ns is not None

    def press(self, now_ns: int) -> None:
        """A finger came down."""
        self._since_ns = now_ns

    def cancel(self) -> None:
        """Start again from nothing."""
        self._since_ns = None

    def fraction(self, now_ns: int) -> float:
        """0 to 1; 1 is complete."""
        return 0.0 if self._since_ns is None else min(1.0, max(0.0, (now_ns - self._since_ns) / self._hold_ns))


class Question:
    """Whether a second press confirms. Every moment comes in as an argument, in monotonic nanoseconds."""

    def __init__(self) -> None:
        self._since_ns: int | None = None

    @property
    def asked(self) -> bool:
        """Whether a first press waits for its second."""
        return self._since_ns is not None

    def ask(self, now_ns: int) -> None:
        """The first press."""
        self._since_ns = now_ns

    def cancel(self) -> None:
        """Nothing was asked."""
        self._since_ns = None

    def over(self, now_ns: int) -> bool:
        """Whether it is too late to confirm."""
        return self._since_ns is not None and not 0 <= now_ns - self._since_ns <= CONFIRM_NS

    def confirms(self, now_ns: int) -> bool:
        """Whether a press now confirms: within 3 s, and not so soon that it is the same press."""
        return self._since_ns is not None and BOUNCE_NS <= now_ns - self._since_ns <= CONFIRM_NS


class HoldDesk(QObject):
    """Knows which hold is under way. The frame tick moves it on; alarms, page changes, lost links and second fingers end it.

    `again` is what a hold says while it waits for a screen reader's second press.
    """

    def __init__(self, clock: Clock, again: str = "") -> None:
        super().__init__()
        self.clock = clock
        self.again = again
        self._active: Hold | None = None
        self._fingers = 0

    def begin(self, hold: "Hold") -> bool:
        """Whether `hold` may begin: not while another is held or a second finger is down anywhere."""
        if self._fingers > 1 or self._active not in (None, hold):
            self.cancel()
            return False
        self._active = hold
        return True

    def ask(self, hold: "Hold") -> bool:
        """Whether `hold` may ask for a second press: not while a finger is on the screen or another is held or asks."""
        if self._fingers:
            self.cancel()
            return False
        return self.begin(hold)

    def count_fingers(self, fingers: int) -> None:
        """How many are on the screen now; two are no hold, and one takes a question back."""
        self._fingers = fingers
        if fingers > 1:
            self.cancel()
        elif fingers:
            self.disarm()

    def end(self, hold: "Hold") -> None:
        """`hold` is over."""
        if self._active is hold:
            self._active = None

    def cancel(self) -> None:
        """End what is held, unfinished."""
        if self._active is not None:
            self._active.cancel()

    def disarm(self) -> None:
        """Take back what waits for a second press: somebody is doing something else. What a finger holds goes on."""
        if self._active is not None and self._active.asking:
            self._active.cancel()

    def advance(self) -> None:
        """One frame later."""
        if self._active is not None:
            self._active.advance(self.clock())

    @property
    def busy(self) -> bool:
        """Whether anything is held."""
        return self._active is not None


class Hold(QAbstractButton):
    """A target that must be held for 0.8 s. Lifting, sliding off, a second finger or being disabled cancels.

    Signals: `completed` once per hold; `pressed_down` at contact. It is a button for Qt's accessible tree only: fingers,
    mouse and keys are heard here, and the button's own `pressed` comes from a screen reader alone.
    """

    completed = pyqtSignal()
    pressed_down = pyqtSignal()

    def __init__(self, desk: HoldDesk, accessible: str, parent: QWidget | None = None, hold_ns: int = HOLD_NS) -> None:
        super().__init__(parent)
        self._desk = desk
        self._timer = HoldTimer(hold_ns)
        self._question = Question()
        self._line = ""
        self.progress = 0.0
        self.setAccessibleName(accessible)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.pressed.connect(self._on_assisted)

    @property
    def asking(self) -> bool:
        """Whether a screen reader's first press waits for its second."""
        return self._question.asked

    @property
    def prompt(self) -> str:
        """What is to be shown instead of the usual line; "" while nothing is asked."""
        return self._desk.again if self.asking else ""

    def setAccessibleDescription(self, description: str | None) -> None:
        """What a screen reader says besides the name; while a second press is waited for it says that first."""
        self._line = description or ""
        super().setAccessibleDescription(" · ".join(part for part in (self.prompt, self._line) if part))

    def wants_hold(self) -> bool:
        """Whether contact begins a hold now."""
        return self.isEnabled()

    def contains(self, point: QPointF) -> bool:
        """Whether `point` (own coordinates) is on the target."""
        return self.rect().contains(point.toPoint())

    def advance(self, now_ns: int) -> None:
        """One frame later; emits `completed` when the hold is full."""
        if not self.wants_hold() or not self.isVisible() or self._question.over(now_ns):
            self.cancel()
            return
        if self.asking:
            return
        self.progress = self._timer.fraction(now_ns)
        self.update()
        if self.progress >= 1.0:
            self.cancel()
            self.completed.emit()

    def cancel(self) -> None:
        """Back to nothing."""
        self._timer.cancel()
        self._desk.end(self)
        self.progress = 0.0
        if self.asking:
            self._question.cancel()
            self.setAccessibleDescription(self._line)
        self.update()

    def event(self, event: QEvent | None) -> bool:
        """Touch first; a second finger on the target cancels."""
        if isinstance(event, QTouchEvent) and event.type() in TOUCHES and self.isEnabled():
            points = local_points(self, event)
            if event.type() == QEvent.Type.TouchBegin and len(points) == 1:
                self._press(points[0])
            elif event.type() == QEvent.Type.TouchUpdate and len(points) == 1:
                self._move(points[0])
            else:
                self.cancel()
            event.accept()
            return True
        if event is not None and event.type() in (QEvent.Type.EnabledChange, QEvent.Type.Hide):
            self.cancel()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Contact."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._press(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Sliding."""
        if event is not None:
            self._move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Lifting."""
        del event
        self.cancel()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Space or Enter held is a finger in the middle; for work at a desk."""
        if event is None or event.key() not in HOLD_KEYS:
            QWidget.keyPressEvent(self, event)
        elif not event.isAutoRepeat():
            self._press(QRectF(self.rect()).center())

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """The key let go."""
        if event is None or event.key() not in HOLD_KEYS:
            QWidget.keyReleaseEvent(self, event)
        elif not event.isAutoRepeat():
            self.cancel()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Whoever lost the keyboard holds nothing."""
        self.cancel()
        super().focusOutEvent(event)

    def _press(self, point: QPointF) -> None:
        if not self.contains(point):
            return
        if self.asking:
            self.cancel()
        self.pressed_down.emit()
        if self.wants_hold() and self._desk.begin(self):
            self._timer.press(self._desk.clock())
            self.update()

    def _move(self, point: QPointF) -> None:
        if self._timer.held and not self.contains(point):
            self.cancel()

    def _on_assisted(self) -> None:
        """A screen reader's press: the first asks, the second confirms. What acts on contact acts at once."""
        if not may_assist(self):
            self.cancel()
            return
        if self._timer.held:
            return
        now_ns = self._desk.clock()
        if self._question.confirms(now_ns) and self.wants_hold():
            self.cancel()
            self.completed.emit()
            return
        if self.asking and not self._question.over(now_ns):
            return
        self.pressed_down.emit()
        if self.wants_hold() and self._desk.ask(self):
            self._question.ask(now_ns)
            self.setAccessibleDescription(self._line)
            self.update()
