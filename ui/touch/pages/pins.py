"""The panel that sets pins into a plan: a figure to tap, a keypad for the limit, a hold to write or to take away."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QPoint, QPointF, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.touch.figure import Figure
from ui.touch.metrics import Metrics
from ui.touch.pages.panels import Panel
from ui.touch.pick import Hit, Pick
from ui.touch.theme import Theme
from ui.touch.views import MapView
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.keypad import Keypad
from ui.touch.widgets.map_card import VIEWS
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.widgets.zone_map import ZoneMap
from ui.touch.widgets.zone_paint import side_letters
from ui.touch.words import Words

SIDE_MM, KEY_MM, PLATE_MM = 66.0, 10.0, 16.0


@dataclass(frozen=True)
class PinsView:
    """What the panel shows. `asks`: the keypad is up; `plate`: what is held, "" for nothing."""

    map: MapView
    title: str
    line: str
    asks: bool = False
    plate: str = ""
    plate_line: str = ""


class PinsPanel(Panel):
    """Signals: `placed` (zone exactly under the finger, drawing, place), `picked` (Pick) for what is no zone of the plan or
    an existing pin, `typed` (millimetres), `held`, `dropped` (the pin that was begun)."""

    placed = pyqtSignal(str, str, QPoint)
    picked = pyqtSignal(object)
    typed = pyqtSignal(str)
    held = pyqtSignal()
    dropped = pyqtSignal()

    def __init__(
        self,
        desk: HoldDesk,
        theme: Theme,
        metrics: Metrics,
        words: Words,
        blocked: frozenset[str],
        load: Callable[[str, bool], Figure],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(metrics, words, words("pins.title"), parent)
        px = metrics.px
        self._load = load
        self._figures: dict[tuple[str, bool], Figure] = {}
        self._shown, self._mirrored = "", False
        self._touched = QPointF()
        self.map = ZoneMap(theme, metrics, blocked, letters=side_letters(words), counts=False)
        self.map.touched.connect(self._keep)
        self.map.picked.connect(self._pick)
        self.keys = {name: TapButton(words(f"view.{name}"), words(f"view.{name}_accessible"), "small") for name in VIEWS}
        row = QHBoxLayout()
        row.setSpacing(px(1.6))
        for name, key in self.keys.items():
            key.setCheckable(True)
            key.setFixedHeight(px(KEY_MM))
            key.clicked.connect(lambda _=False, name=name: self.choose(name))
            row.addWidget(key)
        left = QVBoxLayout()
        left.setSpacing(px(1.6))
        left.addWidget(self.map, 1)
        left.addLayout(row)
        self.heading, self.line = label("strong"), label("muted")
        for text in (self.heading, self.line):
            text.setWordWrap(True)
        self.plate = HoldPlate(desk, theme, metrics, words("pins.write"))
        self.plate.setFixedHeight(px(PLATE_MM))
        self.plate.completed.connect(self.held)
        self.drop = TapButton(words("key.cancel"), words("pins.drop_accessible"))
        self.drop.setFixedHeight(px(12))
        self.drop.clicked.connect(self.dropped)
        told = QWidget()
        box = QVBoxLayout(told)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2.4))
        for part in (self.heading, self.line, self.plate, self.drop):
            box.addWidget(part)
        box.addStretch()
        self.keypad = Keypad(metrics, words)
        self.keypad.done.connect(self.typed)
        self.keypad.cancelled.connect(self.dropped)
        self.side = QStackedWidget()
        self.side.setFixedWidth(px(SIDE_MM))
        self.side.addWidget(told)
        self.side.addWidget(self.keypad)
        both = QHBoxLayout()
        both.setSpacing(px(4))
        both.addLayout(left, 1)
        both.addWidget(self.side)
        self.box.addLayout(both, 1)

    def choose(self, name: str, toggle: bool = True) -> None:
        """Show a view; Side again is the other side."""
        self._mirrored = not self._mirrored if toggle and name == "side" == self._shown else False
        self._shown = name
        for other, key in self.keys.items():
            key.setChecked(other == name)
        wanted = (VIEWS[name], self._mirrored)
        if wanted not in self._figures:
            self._figures[wanted] = self._load(*wanted)
        self.map.show_figure(self._figures[wanted])

    def ask_limit(self, title: str, low_mm: float, high_mm: float, unit: str) -> None:
        """The keypad for the limit of the pin that was begun."""
        self.keypad.ask_number(title, low_mm, high_mm, unit, 2)

    def show_view(self, view: PinsView) -> None:
        """Map, words, and what may be done."""
        self.map.show_map(view.map)
        self.heading.setText(view.title)
        self.line.setText(view.line)
        self.side.setCurrentIndex(1 if view.asks else 0)
        self.plate.setVisible(bool(view.plate))
        self.drop.setVisible(bool(view.plate))
        self.plate.show_text(view.plate, view.plate_line)

    def showEvent(self, event: object) -> None:
        """The drawings come with the first look at it."""
        del event
        if not self._shown:
            self.choose("face", toggle=False)

    def _keep(self, point: QPointF) -> None:
        self._touched = point

    def _pick(self, pick: Pick) -> None:
        zone, drawing, place = self.map.place_at(self._touched)
        if pick.hit is Hit.ZONE and zone == pick.zone:
            self.placed.emit(zone, drawing, place)
        else:
            self.picked.emit(pick)
