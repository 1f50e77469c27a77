"""Finds texts that have less room than they need: labels, keys, and whatever a widget paints by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QFontMetrics, QPainter
from PyQt6.QtWidgets import QLabel, QStyle, QStyleOptionButton, QWidget

from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.touch import TapButton

LEADING_PX = 3  # below the last line, where no letter is


def advance(key: TapButton) -> int:
    return key.fontMetrics().horizontalAdvance(key.text().replace("&&", "&"))


def inside(key: TapButton) -> int:
    """The width between a key's paddings, in pixels: what lies outside is cut off."""
    option, style = QStyleOptionButton(), key.style()
    assert style is not None
    key.initStyleOption(option)
    return style.subElementRect(QStyle.SubElement.SE_PushButtonContents, option, key).width()


def too_small(shell: QWidget) -> Iterator[str]:
    """Texts of labels and keys that have less room than they need."""
    for shown in shell.findChildren(QLabel):
        if not shown.isVisible() or not shown.text():
            continue
        if shown.wordWrap():
            need, room = shown.heightForWidth(shown.width()), shown.height()
        else:
            need, room = shown.fontMetrics().horizontalAdvance(shown.text()), shown.width() + 1
        if need > room:
            yield f"{shown.text()!r}: {need} > {room}"
        seen = shown.visibleRegion().boundingRect().width()
        if 0 < seen < shown.width():
            yield f"{shown.text()!r} is cut by what holds it: {seen} < {shown.width()}"
    for key in shell.findChildren(TapButton):
        if key.isVisible() and key.text() and key.testAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled):
            yield f"key {key.text()!r} is never painted"
        seen = key.visibleRegion().boundingRect().width()
        if key.isVisible() and 0 < seen < key.width() - 1:
            yield f"key {key.text()!r} is cut by what holds it: {seen} < {key.width()}"
        if key.isVisible() and key.text() and (room := inside(key)) < (need := advance(key)):
            yield f"key {key.text()!r}: {need} > {room}"
    for fit in shell.findChildren(FitLabel):
        if fit.isVisible() and fit.fitted()[1] != fit.text():
            yield f"shortened to {fit.fitted()[1]!r}: {fit.text()!r}"


@contextmanager
def watched() -> Iterator[list[str]]:
    """Texts that are painted meanwhile shortened, or into less room than they need."""
    found: list[str] = []
    shorten, draw = QFontMetrics.elidedText, QPainter.drawText

    def elided(metrics: QFontMetrics, text: str, *how: Any) -> str:
        shown = shorten(metrics, text, *how)
        if shown != text:
            found.append(f"{text!r} is shown as {shown!r}")
        return shown

    def drawn(painter: QPainter, *told: Any) -> Any:
        room, text = told[0], told[-1]
        if isinstance(room, QRect | QRectF) and isinstance(text, str):
            flags, metrics = Qt.TextFlag(int(getattr(told[1], "value", told[1]))), painter.fontMetrics()
            if flags & Qt.TextFlag.TextWordWrap:
                need = metrics.boundingRect(QRect(0, 0, int(room.width()), 10_000), flags.value, text)
                if need.width() > room.width() + 1 or need.height() > room.height() + LEADING_PX:
                    found.append(f"{text!r} needs {need.size()} of {room.size()}")
            elif metrics.horizontalAdvance(text) > room.width() + 1:
                found.append(f"{text!r} needs {metrics.horizontalAdvance(text)} of {room.width():.0f}")
        return draw(painter, *told)

    with patch.object(QFontMetrics, "elidedText", elided), patch.object(QPainter, "drawText", drawn):
        yield found
