"""One live figure: label and unit, digits 12 mm high, and the trace of the last ten seconds below."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.touch.fonts import digits_font
from ui.touch.metrics import Metrics
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.touch import set_state

DIGITS_MM = 12.0
UNIT_MM = 4.2
MISSING = "---"


class TraceCard(QFrame):
    """Digits and a place for the plot, which comes after the first paint."""

    def __init__(
        self, metrics: Metrics, title: str, unit: str, extra: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._title, self._unit = title, unit
        px = metrics.px
        self.digits = QLabel(MISSING)
        self.digits.setFont(digits_font(metrics, DIGITS_MM))
        self.digits.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.digits.setAccessibleName(title)
        self.digits.setFixedHeight(metrics.px_at_least(DIGITS_MM) + px(2.4))
        self.digits.setStyleSheet(_own_font(self.digits))
        self.unit = FitLabel(metrics, UNIT_MM, 2.6, 400, "unit")
        self.unit.setText(unit)
        name = FitLabel(metrics, 5.3, 3.4, 600, "label")
        name.setText(title)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addStretch()
        names.addWidget(name)
        names.addWidget(self.unit)
        names.addStretch()
        head = QHBoxLayout()
        head.setSpacing(px(1))
        head.addLayout(names, 1)
        head.addWidget(self.digits)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(px(3), px(1.8), px(3), px(2))
        self._box.setSpacing(px(1.2))
        self._box.addLayout(head)
        if extra is not None:
            self._box.addWidget(extra)
        self._room = QWidget()
        self._box.addWidget(self._room, 1)

    def install_plot(self, make: Callable[[], QWidget]) -> QWidget:
        """Put the plot where its room was kept."""
        plot = make()
        self._box.replaceWidget(self._room, plot)
        self._room.deleteLater()
        return plot

    def show_over(self, over: bool) -> None:
        """Framed, and the words beside the digits strong, while the figure is beyond what is allowed."""
        if over != (self.property("over") == "true"):
            set_state(self, "over", "true" if over else None)
            self.unit.set_role("unitOver" if over else "unit")

    def show_digits(self, text: str) -> None:
        """The figure, or the sign for missing."""
        if text != self.digits.text():
            self.digits.setText(text)
            self.digits.setAccessibleName(f"{self._title}: {text} {self._unit}")


def _own_font(target: QLabel) -> str:
    """The application's stylesheet sets a size for every label; this one keeps its own."""
    own = target.font()
    return f"font-size: {own.pixelSize()}px; font-weight: {own.weight()};"
