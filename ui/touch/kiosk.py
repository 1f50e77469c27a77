"""Kiosk mode: nothing but this program on the panel. One way out: a held corner, then the code where one was set."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QWidget

from ui.touch.metrics import Metrics
from ui.touch.widgets.hold import Hold, HoldDesk

CORNER_MM = 13.0
CORNER_NS = 3_000_000_000


class Corner(Hold):
    """The upper left corner; invisible, so that nobody finds it by chance. `completed` after three seconds."""

    def __init__(self, desk: HoldDesk, metrics: Metrics, accessible: str, parent: QWidget) -> None:
        super().__init__(desk, accessible, parent, hold_ns=CORNER_NS)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side = metrics.px(CORNER_MM)
        self.setGeometry(0, 0, side, side)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Nothing."""


def take_over(window: QWidget) -> None:
    """Full screen, no frame, no cursor."""
    window.setWindowFlags(window.windowFlags() | Qt.WindowType.FramelessWindowHint)
    window.setCursor(Qt.CursorShape.BlankCursor)
    window.showFullScreen()
