"""One recorded value: name and unit, the digits of that moment, and the trace below. The look is that of the live card."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ui.touch.fonts import digits_font
from ui.touch.records.kit import Kit
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.span_plot import SpanPlot

DIGITS_MM = 7.0
MISSING = "---"


class ReplayCard(QFrame):
    """Digits are smaller than in the treatment: nobody looks up from a client's skin here."""

    def __init__(self, kit: Kit, title: str, unit: str, plot: SpanPlot, extra: QWidget | None = None) -> None:
        super().__init__()
        self.setObjectName("card")
        px = kit.metrics.px
        self.plot = plot
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)  # another digit never moves the map
        if extra is not None:
            extra.setMinimumWidth(px(6))
        self.digits = QLabel(MISSING)
        self.digits.setAccessibleName(title)
        self.digits.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        own = digits_font(kit.metrics, DIGITS_MM)
        self.digits.setStyleSheet(f"font-size: {own.pixelSize()}px; font-weight: {own.weight()};")  # the sheet sets one for all
        self.digits.setFont(own)
        self.unit, name = FitLabel(kit.metrics, 4.0, 2.0, 400, "unit"), FitLabel(kit.metrics, 5.3, 2.8, 600, "label")
        self.unit.setText(unit)
        name.setText(title)
        self.unit.setMinimumWidth(px(19))
        head = QHBoxLayout()
        head.setSpacing(px(1.6))
        head.addWidget(name)
        head.addWidget(self.unit, 2, Qt.AlignmentFlag.AlignVCenter)
        if extra is not None:
            head.addSpacing(px(2))
            head.addWidget(extra, 1, Qt.AlignmentFlag.AlignVCenter)
            head.addSpacing(px(2))
        else:
            head.addStretch()
        head.addWidget(self.digits)
        box = QVBoxLayout(self)
        box.setContentsMargins(px(3), px(1.2), px(3), px(1.6))
        box.setSpacing(px(0.8))
        box.addLayout(head)
        box.addWidget(plot, 1)
