"""The client's consent: the exact text that is signed, photographs apart, and the pad. Nothing is kept here after Accept."""

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.signature_pad import SignaturePad
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

BOX_MM = 5.0
TICK = ((0.22, 0.52), (0.43, 0.73), (0.79, 0.28))
VERSION = "consent-1"  # a change of the words of `consent.text` or `consent.photos` is another version


@dataclass(frozen=True, repr=False)
class ConsentView:
    """Whose consent; `line` says what is known of it. Without `may_sign` the client has to be put on record first."""

    who: str
    line: str
    may_sign: bool
    may_enter: bool
    busy: bool = False


class TickKey(TapButton):
    """The exact sentence that is agreed to, beside a box: ticked or empty, so that nobody has to know what a lit key means."""

    def __init__(self, theme: Theme, metrics: Metrics, text: str) -> None:
        super().__init__(text, text, "small")
        self._theme, self._metrics = theme, metrics
        self.setCheckable(True)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The plate from the stylesheet, the box and its tick."""
        super().paintEvent(event)
        px = self._metrics.px
        side = px(BOX_MM)
        box = QRectF(px(3.5), (self.height() - side) / 2, side, side)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(self._theme.text if self.isEnabled() else self._theme.faint)
        painter.setPen(QPen(ink, px(0.45)))
        painter.drawRoundedRect(box, px(0.8), px(0.8))
        if self.isChecked():
            pen = QPen(ink, px(0.8))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([box.topLeft() + QPointF(side * x, side * y) for x, y in TICK]))


class ConsentPanel(Panel):
    """Signals: `accepted` (strokes, photographs allowed), `enter_touched`: the client is to be put on record."""

    accepted = pyqtSignal(object, bool)
    enter_touched = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(metrics, words, words("consent.title"), parent)
        self._words = words
        self._view = ConsentView("", "", False, False)
        px = metrics.px
        self.who, self.line = label("strong"), label("muted")
        self.line.setWordWrap(True)
        self.text = label("", words("consent.text"))
        self.text.setWordWrap(True)
        self.photos = TickKey(theme, metrics, words("consent.photos"))
        self.photos.setFixedHeight(px(12))
        self.pad = SignaturePad(theme, metrics, words("consent.pad"), words("consent.sign_here"))
        self.pad.drawn.connect(self._look)
        self.clear = TapButton(words("consent.clear"), words("consent.clear_accessible"))
        self.clear.clicked.connect(self.pad.clear)
        self.enter = TapButton(words("consent.enter"), words("consent.enter_accessible"))
        self.enter.clicked.connect(self.enter_touched)
        self.plate = HoldPlate(desk, theme, metrics, words("consent.accept"))
        self.plate.completed.connect(self._accept)
        for key in (self.clear, self.enter, self.plate):
            key.setFixedHeight(px(14))
        self.clear.setFixedWidth(px(34))
        self.enter.setFixedWidth(px(50))
        foot = QHBoxLayout()
        foot.setSpacing(px(2))
        for key in (self.clear, self.enter):
            foot.addWidget(key)
        foot.addWidget(self.plate, 1)
        column = QVBoxLayout()
        column.setSpacing(px(1.4))
        for part in (self.who, self.line, self.text, self.photos):
            column.addWidget(part)
        column.addWidget(self.pad, 1)
        column.addLayout(foot)
        self.box.addLayout(column, 1)
        self.left.connect(self.forget)
        self.show_view(self._view)

    def show_view(self, view: ConsentView) -> None:
        """Another client, or something more is known of this one."""
        self._view = view
        self.who.setText(view.who or self._words("missing"))
        self.line.setText(view.line)
        self.enter.setVisible(view.may_enter)
        self._look()

    def forget(self) -> None:
        """An empty pad, and nobody's name."""
        self.pad.clear()
        self.photos.setChecked(False)
        self.who.setText("")

    def _accept(self) -> None:
        self.accepted.emit(self.pad.strokes, self.photos.isChecked())

    def _look(self) -> None:
        may = self._view.may_sign and not self._view.busy
        drawn = bool(self.pad.strokes)
        self.pad.setEnabled(may)
        self.photos.setEnabled(may)
        self.clear.setEnabled(drawn)
        self.plate.setEnabled(may and drawn)
        self.plate.show_text(self._words("consent.accept"), self._words("hold.line" if may and drawn else "consent.draw_first"))
