"""A label that never clips: it takes a smaller font, then a second line if it may, then shortens before its last comma."""

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QWidget

from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.widgets.labels import label
from ui.touch.widgets.touch import set_state

_STEP_MM = 0.2
WRAPS_BELOW = 0.85  # of the size that is meant


class FitLabel(QWidget):
    """One line in the width it is given, or two with `lines`. The last part of a zone's name (left, right) always stays."""

    def __init__(
        self,
        metrics: Metrics,
        em_mm: float,
        least_mm: float,
        weight: int,
        role: str = "",
        parent: QWidget | None = None,
        lines: int = 1,
    ) -> None:
        super().__init__(parent)
        self._metrics = metrics
        self._sizes = [em_mm - step * _STEP_MM for step in range(int((em_mm - least_mm) / _STEP_MM) + 1)]
        self._weight, self._lines = weight, lines
        if lines > 1:
            policy = self.sizePolicy()
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self._ink: QLabel = label(role)  # gives the colour that the stylesheet has for the role
        self._ink.setParent(self)
        self._ink.hide()
        self._text = ""
        self._align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

    def setAlignment(self, align: Qt.AlignmentFlag) -> None:
        """Where in the room the text stands."""
        self._align = align

    def set_role(self, role: str) -> None:
        """The colour that the stylesheet has for another role."""
        set_state(self._ink, "role", role)
        self.update()

    def setText(self, text: str) -> None:
        """Another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def text(self) -> str:
        """The whole text, whatever part of it has room."""
        return self._text

    def sizeHint(self) -> QSize:
        """As high as its line, as wide as the text at full size."""
        metrics = QFontMetrics(font(self._metrics, self._sizes[0], self._weight, tabular=False))
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height())

    def heightForWidth(self, width: int) -> int:
        """One line, or as many as the text needs."""
        one = self.sizeHint().height()
        if self._lines == 1 or any(self._advance(size, self._text) <= width for size in self._large()):
            return one
        return max(one, self._wrapped(self._large()[-1], width).height() + 1)

    def minimumSizeHint(self) -> QSize:
        """As high as its line; any width will do."""
        return QSize(self._metrics.px(6), self.sizeHint().height())

    def fitted(self) -> tuple[float, str]:
        """(em in mm, text) as painted."""
        if (size := self._one_line(self._large())) is not None or (size := self._two_lines(self._large())) is not None:
            return size, self._text
        if (size := self._one_line(self._sizes)) is not None or (size := self._two_lines(self._sizes)) is not None:
            return size, self._text
        size = self._sizes[-1]
        first, comma, last = self._text.rpartition(", ")
        metrics = QFontMetrics(font(self._metrics, size, self._weight, tabular=False))
        if not comma:
            return size, metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        room = self.width() - metrics.horizontalAdvance(f", {last}")
        return size, f"{metrics.elidedText(first, Qt.TextElideMode.ElideRight, room)}, {last}"

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The text that fits."""
        del event
        size, text = self.fitted()
        painter = QPainter(self)
        painter.setFont(font(self._metrics, size, self._weight, tabular=False))
        painter.setPen(self._ink.palette().color(self._ink.foregroundRole()))
        one_line = self._lines == 1 or self._advance(size, text) <= self.width()
        wrap = Qt.TextFlag(0) if one_line else Qt.TextFlag.TextWordWrap
        painter.drawText(QRect(0, 0, self.width(), self.height()), self._align | wrap, text)

    def _large(self) -> list[float]:
        """Sizes in which another line is better than smaller letters."""
        return [size for size in self._sizes if self._lines == 1 or size >= self._sizes[0] * WRAPS_BELOW]

    def _one_line(self, sizes: list[float]) -> float | None:
        return next((size for size in sizes if self._advance(size, self._text) <= self.width()), None)

    def _two_lines(self, sizes: list[float]) -> float | None:
        if self._lines == 1:
            return None
        needs = ((size, self._wrapped(size, self.width())) for size in sizes)
        return next((size for size, need in needs if need.width() <= self.width() and need.height() <= self.height()), None)

    def _wrapped(self, size: float, width: int) -> QRect:
        """What the text needs in several lines."""
        metrics = QFontMetrics(font(self._metrics, size, self._weight, tabular=False))
        return metrics.boundingRect(QRect(0, 0, max(1, width), 10_000), Qt.TextFlag.TextWordWrap.value, self._text)

    def _advance(self, size: float, text: str) -> int:
        return QFontMetrics(font(self._metrics, size, self._weight, tabular=False)).horizontalAdvance(text)
