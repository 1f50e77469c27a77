"""The card around the map: title, strikes, view keys, legend."""

from collections.abc import Callable

from PyQt6.QtCore import QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QWidget

from ui.touch.figure import Figure
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.views import MapView
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.widgets.zone_map import ZoneMap
from ui.touch.words import Words

VIEWS = {"face": "face_front", "side": "face_side", "body": "body_front", "back": "body_back"}
STRIP_MM = 15.0
KEY_MM = 9.6


class MapCard(QFrame):
    """Signals: `picked` (Pick), `close_wanted`. A second tap on Side shows the other side."""

    picked = pyqtSignal(object)
    close_wanted = pyqtSignal()

    def __init__(
        self,
        theme: Theme,
        metrics: Metrics,
        words: Words,
        blocked: frozenset[str],
        load: Callable[[str, bool], Figure],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._metrics, self._words, self._load = metrics, words, load
        self._figures: dict[tuple[str, bool], Figure] = {}
        self._view, self._mirrored = "face", False
        self._clear = 0
        self.title = FitLabel(metrics, 4.4, 3.2, 600, "title")
        self.line = FitLabel(metrics, 3.0, 2.6, 400, "muted")
        self.strikes_name, self.strikes = label("small", words("map.strikes")), label("title")
        for text in (self.strikes_name, self.strikes):
            text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.zones = ZoneMap(theme, metrics, blocked)
        self.zones.picked.connect(self.picked)
        self.keys = {name: TapButton(words(f"view.{name}"), words(f"view.{name}_accessible")) for name in VIEWS}
        for name, key in self.keys.items():
            key.setCheckable(True)
            key.clicked.connect(lambda _=False, name=name: self.choose(name))
        self.turn = TapButton(words("view.turn"), words("view.turn_accessible"))
        self.turn.setCheckable(True)
        self.turn.toggled.connect(self.zones.turn)
        self.close_key = TapButton(words("close.key"), words("close.title"))
        self.close_key.clicked.connect(self.close_wanted)
        self.legend = Legend(theme, metrics, words)
        for part in (
            self.title,
            self.line,
            self.strikes_name,
            self.strikes,
            self.zones,
            self.turn,
            self.close_key,
            self.legend,
        ):
            part.setParent(self)
        for key in self.keys.values():
            key.setParent(self)

    def begin(self) -> None:
        """Load the first figure; after the first paint."""
        self.choose("face", toggle=False)

    def choose(self, name: str, toggle: bool = True) -> None:
        """Show a view; Side again is the other side."""
        self._mirrored = not self._mirrored if toggle and name == "side" == self._view else False
        self._view = name
        for other, key in self.keys.items():
            key.setChecked(other == name)
        wanted = (VIEWS[name], self._mirrored)
        if wanted not in self._figures:
            self._figures[wanted] = self._load(*wanted)
        self.zones.show_figure(self._figures[wanted])

    def keep_clear(self, clear: int) -> None:
        """Nothing that can be touched right of `clear` (own coordinates) in the lower part."""
        self._clear = clear
        self._place()

    def show_map(self, view: MapView) -> None:
        """Title, lines, zones."""
        self.title.setText(view.title)
        self.line.setText(view.line)
        self.strikes.setText(view.strikes)
        self.strikes.setVisible(bool(view.strikes))
        self.strikes_name.setVisible(bool(view.strikes))
        self.zones.show_map(view)

    def show_contact(self, contact: bool) -> None:
        """Whether the needles touch skin now."""
        self.zones.show_contact(contact)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Place everything."""
        del event
        self._place()

    def _place(self) -> None:
        px, width, height = self._metrics.px, self.width(), self.height()
        pad, strip, key = px(3), px(STRIP_MM), px(KEY_MM)
        left = width - strip - px(2)
        for number, button in enumerate(self.keys.values()):
            button.setGeometry(left, px(2) + number * (key + px(1.2)), strip, key)
        self.close_key.setGeometry(left, px(2) + 4 * (key + px(1.2)) + px(1.8), strip, key)
        figure_right = min(left - px(1), self._clear or left)
        strikes = px(22)
        self.title.setGeometry(pad, px(1.6), figure_right - pad - strikes, px(6))
        self.line.setGeometry(pad, px(7.2), figure_right - pad - strikes, px(4.6))
        self.strikes_name.setGeometry(figure_right - strikes, px(2.1), strikes, px(4))
        self.strikes.setGeometry(figure_right - strikes, px(6.0), strikes, px(6))
        self.zones.setGeometry(QRect(px(1.5), px(12.4), figure_right - px(1.5), height - px(14)))
        self.turn.setGeometry(pad, px(14), px(13), px(8))
        legend = px(30)
        self.legend.setGeometry(left, height - legend - px(2), strip, legend)
        self.turn.raise_()


class Legend(QWidget):
    """What the lightness of a zone means."""

    def __init__(self, theme: Theme, metrics: Metrics, words: Words) -> None:
        super().__init__()
        self._theme, self._metrics, self._words = theme, metrics, words
        self._font = font(metrics, 2.6)
        self.setAccessibleName(words("map.legend"))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """One swatch a step, the lightest above."""
        del event
        px = self._metrics.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        steps = len(self._theme.ramp)
        head = px(4.6)
        each = (self.height() - head) / steps
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(
            QRectF(0, 0, self.width(), head), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._words("map.legend")
        )
        for row, passes in enumerate(reversed(range(steps))):
            top = head + row * each
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.ramp[passes]))
            painter.drawRoundedRect(QRectF(px(2.2), top + 1, px(5.4), each - 3), px(0.7), px(0.7))
            painter.setPen(QColor(self._theme.muted))
            text = f"{passes}+" if passes == steps - 1 else str(passes)
            painter.drawText(
                QRectF(px(8.6), top, px(5), each - 1), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text
            )
