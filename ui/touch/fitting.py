"""Texts that never lose a letter: a smaller font where a line is too long, then two lines."""

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QPainter

LEAST = 0.7  # of the size that is meant; below that a word is no longer read at arm's length
WRAP = Qt.TextFlag.TextWordWrap


def fits(made: QFont, text: str, width: float, height: float, wrap: bool) -> bool:
    """Whether `text` has room, in one line or, with `wrap`, in as many as fit."""
    metrics = QFontMetrics(made)
    if metrics.horizontalAdvance(text) <= width:
        return True
    if not wrap:
        return False
    needs = metrics.boundingRect(QRect(0, 0, int(width), 10_000), WRAP.value, text)
    return needs.width() <= width and needs.height() <= height


def fitted(made: QFont, text: str, width: float, height: float = 0.0, wrap: bool = False, least: float = LEAST) -> QFont:
    """`made`, or the largest smaller font in which `text` has room; the smallest allowed when none has."""
    size = made.pixelSize()
    for pixels in range(size, round(size * least) - 1, -1):
        smaller = QFont(made)
        smaller.setPixelSize(pixels)
        if fits(smaller, text, width, height, wrap):
            return smaller
    return smaller


def draw_fitted(
    painter: QPainter,
    room: QRectF,
    flags: Qt.AlignmentFlag,
    text: str,
    wrap: bool = False,
    least: float = LEAST,
) -> None:
    """Draw `text` into `room` in the painter's font or a smaller one."""
    before = painter.font()
    made = fitted(before, text, room.width(), room.height(), wrap, least)
    painter.setFont(made)
    whole = flags | (WRAP if wrap else Qt.TextFlag(0))
    if not fits(made, text, room.width(), room.height(), wrap):
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, whole, text)
    painter.setFont(before)
