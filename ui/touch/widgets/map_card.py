"""The card around the map: title, strikes, the next zone, view keys, legend."""

from collections.abc import Callable

from PyQt6.QtCore import QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QWidget

from ui.touch.figure import Figure
from ui.touch.fitting import draw_fitted
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.views import MapView
from ui.touch.widgets.band import HEIGHT_MM as BAND_MM
from ui.touch.widgets.band import Band
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton, set_state
from ui.touch.widgets.work_row import TwoLineKey
from ui.touch.widgets.zone_map import ZoneMap
from ui.touch.widgets.zone_paint import side_letters
from ui.touch.words import Words
from ui.touch.zone_work import BandView, WorkView

VIEWS = {"face": "face_front", "side": "face_side", "body": "body_front", "back": "body_back"}
STRIP_MM = 15.0
KEY_MM = 9.6
NEXT_MM = 27.0


class MapCard(QFrame):
    """Signals: `picked` (Pick), `next_wanted`, `close_wanted`. A second tap on Side shows the other side."""

    picked = pyqtSignal(object)
    next_wanted = pyqtSignal()
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
        self.title = FitLabel(metrics, 4.4, 2.6, 600, "title", lines=2)
        self.line = FitLabel(metrics, 3.0, 2.1, 400, "muted")
        self.strikes_name, self.strikes = FitLabel(metrics, 2.7, 1.9, 400, "small"), label("title")
        self.strikes_name.setText(words("map.strikes"))
        self.strikes.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.zones = ZoneMap(theme, metrics, blocked, letters=side_letters(words))
        self.zones.picked.connect(self.picked)
        self.zones.zoomed.connect(self._show_zoomed)
        self.next_key = TwoLineKey(theme, metrics, words("treat.next"), words("treat.next_accessible"))
        self.next_key.clicked.connect(self.next_wanted)
        self.keys = {name: TapButton(words(f"view.{name}"), words(f"view.{name}_accessible"), "small") for name in VIEWS}
        for name, key in self.keys.items():
            key.setCheckable(True)
            key.clicked.connect(lambda _=False, name=name: self.choose(name))
        self.whole_key = TapButton(words("view.whole"), words("view.whole_accessible"), "small")
        self.whole_key.clicked.connect(self.zones.overview)
        self.close_key = TapButton(words("close.key"), words("close.title"), "small")
        self.close_key.clicked.connect(self.close_wanted)
        self.legend = Legend(theme, metrics, words)
        self.band = Band(theme, metrics, words)
        parts = (self.title, self.line, self.strikes_name, self.strikes, self.zones, self.whole_key, self.next_key)
        for part in (*parts, self.close_key, self.legend, *self.keys.values(), self.band):
            part.setParent(self)
        self.whole_key.hide()

    def load_first(self) -> None:
        """Read the first figure into the loader's memory; in any thread."""
        self._load(VIEWS["face"], False)

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
        self._show_strikes(bool(view.strikes))
        self.zones.show_map(view)

    def show_work(self, view: WorkView) -> None:
        """The zone that the plan has next; loud when the present one is done."""
        self.next_key.setEnabled(bool(view.next_zone) and (view.usable or not view.direction_deg))
        self.next_key.show_value(view.next_name or self._words("treat.all_done"))
        set_state(self.next_key, "due", view.done and bool(view.next_zone))
        self.zones.show_next(view.next_zone)

    def show_band(self, view: BandView | None) -> None:
        """Zone and limit, large, for a while."""
        self.band.show_band(view)

    def show_contact(self, contact: bool) -> None:
        """Whether the needles touch skin now."""
        self.zones.show_contact(contact)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Place everything."""
        del event
        self._place()

    def _show_zoomed(self, zoomed: bool) -> None:
        self.whole_key.setVisible(zoomed)
        self._show_strikes(bool(self.strikes.text()) and not zoomed)

    def _show_strikes(self, shown: bool) -> None:
        for part in (self.strikes_name, self.strikes):
            part.setVisible(shown)

    def _place(self) -> None:
        px, width, height = self._metrics.px, self.width(), self.height()
        pad, strip, key = px(3), px(STRIP_MM), px(KEY_MM)
        left = width - strip - px(2)
        for number, button in enumerate(self.keys.values()):
            button.setGeometry(left, px(2) + number * (key + px(1.2)), strip, key)
        self.close_key.setGeometry(left, px(2) + 4 * (key + px(1.2)) + px(1.8), strip, key)
        right = min(left - px(1), self._clear or left)
        after = px(NEXT_MM)
        self.next_key.setGeometry(right - after, px(2), after, key)
        text = right - after - px(2) - pad
        self.title.setGeometry(pad, px(0.9), text, px(6.6))
        self.line.setGeometry(pad, px(7.1), text, px(4.6))
        figure = QRect(px(1.5), px(12.2), right - px(1.5), height - px(13.2))
        self.zones.setGeometry(figure)
        self.whole_key.setGeometry(pad, px(14), px(15), px(9))
        self.strikes_name.setGeometry(pad, height - px(11.4), px(17), px(4))  # the figure's neck begins there
        self.strikes.setGeometry(pad, height - px(7.6), px(20), px(6))
        top = self.close_key.geometry().bottom() + px(2)
        legend = min(px(28), height - top - px(1.4))
        self.legend.setGeometry(left, height - legend - px(1.4), strip, legend)
        band = px(BAND_MM)
        self.band.setGeometry(figure.left() + px(1), figure.center().y() - band // 2, figure.width() - px(2), band)
        for part in (self.strikes_name, self.strikes, self.whole_key, self.band):
            part.raise_()


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
        top_middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        draw_fitted(painter, QRectF(0, 0, self.width(), head), top_middle, self._words("map.legend"))
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
