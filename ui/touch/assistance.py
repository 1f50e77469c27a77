"""What a screen reader may press: only what a finger could meet now. Its actions reach a widget without passing the window."""

from typing import Protocol, runtime_checkable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget


@runtime_checkable
class Wakes(Protocol):
    """A lid that goes away at the first touch, and swallows that touch."""

    def wake(self) -> None:
        """As a finger would."""


@runtime_checkable
class Attended(Protocol):
    """A window that wants to know that somebody is there."""

    def attended(self) -> None:
        """Somebody has done something, though no finger was seen."""


def lid_over(widget: QWidget) -> QWidget | None:
    """The panel, lock or dimmed screen that lies over the middle of `widget` in its window; None when nothing does.

    What is only scrolled out of sight is not covered: a screen reader need not scroll.
    """
    window = widget.window()
    if window is None or window is widget:
        return None
    branch = widget
    while (parent := branch.parentWidget()) is not None and parent is not window:
        branch = parent
    middle = widget.mapTo(window, widget.rect().center())
    room = branch.geometry()
    middle.setX(min(max(middle.x(), room.left()), room.right()))
    middle.setY(min(max(middle.y(), room.top()), room.bottom()))
    siblings = [child for child in window.children() if isinstance(child, QWidget)]  # the last lies highest
    for lid in reversed(siblings[siblings.index(branch) + 1 :]):
        through = lid.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if lid.isVisible() and not through and lid.geometry().contains(middle):
            return lid
    return None


def may_assist(widget: QWidget) -> bool:
    """Whether a screen reader's press of `widget` counts; one that falls on the dimmed screen wakes it, as a finger does."""
    if not widget.isEnabled() or not widget.isVisible():
        return False
    lid, window = lid_over(widget), widget.window()
    if isinstance(lid, Wakes):
        lid.wake()
    if lid is None and isinstance(window, Attended):
        window.attended()
    return lid is None
