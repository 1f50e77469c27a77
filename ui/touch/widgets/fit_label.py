"""A label that never clips: it takes a smaller font, then shortens the name before its last comma."""

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QWidget

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.widgets.top_bar import label

_STEP_MM = 0.2


class FitLabel(QWidget):
    """One line in the width it is given. The last part of a zone's name (left, right) always stays."""

    def __init__(
        self, metrics: Metrics, em_mm: float, least_mm: float, weight: int, role: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._metrics = metrics
        self._sizes = [em_mm - step * _STEP_MM for step in range(int((em_mm - least_mm) / _STEP_MM) + 1)]
        self._weight = weight
        self._ink: QLabel = label(role)  # gives the colour that the stylesheet has for the role
        self._ink.setParent(self)
        self._ink.hide()
        self._text = ""
        self._align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

    def setAlignment(self, align: Qt.AlignmentFlag) -> None:
        """Where in the room the text stands."""
        self._align = align

    def setText(self, text: str) -> None:
        """Another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def text(self) -> str:
        """The whole text, whatever part of it has room."""
        return self._text

    def sizeHint(self) -> QSize:
        """As high as its line, as wide as the text at full size."""
        metrics = QFontMetrics(font(self._metrics, self._sizes[0], self._weight))
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """As high as its line; any width will do."""
        return QSize(self._metrics.px(6), self.sizeHint().height())

    def fitted(self) -> tuple[float, str]:
        """(em in mm, text) as painted."""
        for size in self._sizes:
            if self._advance(size, self._text) <= self.width():
                return size, self._text
        size = self._sizes[-1]
        first, comma, last = self._text.rpartition(", ")
        metrics = QFontMetrics(font(self._metrics, size, self._weight))
        if not comma:
            return size, metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        room = self.width() - metrics.horizontalAdvance(f", {last}")
        return size, f"{metrics.elidedText(first, Qt.TextElideMode.ElideRight, room)}, {last}"

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The text that fits."""
        del event
        size, text = self.fitted()
        painter = QPainter(self)
        painter.setFont(font(self._metrics, size, self._weight))
        painter.setPen(self._ink.palette().color(self._ink.foregroundRole()))
        painter.drawText(QRect(0, 0, self.width(), self.height()), self._align, text)

    def _advance(self, size: float, text: str) -> int:
        return QFontMetrics(font(self._metrics, size, self._weight)).horizontalAdvance(text)
