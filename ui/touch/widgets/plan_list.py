"""The plans to choose from, and what the chosen one contains."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QScroller, QVBoxLayout, QWidget

from pencontrol.pins import pin_number
from pencontrol.plan import PinPlan, Plan, ZonePlan
from ui.touch.metrics import Metrics
from ui.touch.planning import PlanChoice, shown_name
from ui.touch.views import mm, thousands
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

TILE_MM = 15.0
MOST_ROWS = 400  # more than any plan has; what is below takes the room that is left
PIN_SIGN = "   \u25c7"  # a diamond, as on the map, set in under its zone


def scrolling(inside: QWidget) -> QScrollArea:
    """A scroll area that a finger drags."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
    return area


class PlanCard(QFrame):
    """Signal `chosen` with the path of a plan that can be used."""

    chosen = pyqtSignal(str)

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._metrics, self._words = metrics, words
        self.tiles: dict[str, TapButton] = {}
        px = metrics.px
        box = QVBoxLayout(self)
        box.setContentsMargins(px(3), px(2.2), px(2), px(2))
        box.setSpacing(px(2))
        box.addWidget(label("title", words("prepare.plans")))
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, px(1), 0)
        self._list.setSpacing(px(1.6))
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        box.addWidget(scrolling(inside), 1)

    def show_choices(self, choices: tuple[PlanChoice, ...]) -> None:
        """One tile a file; a broken one says what is wrong and cannot be chosen."""
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.tiles = {}
        for choice in choices:
            tile = self._tile(choice)
            self.tiles[choice.path] = tile
            self._list.addWidget(tile)
            if choice.error:
                wrong = label("small", choice.error)
                wrong.setWordWrap(True)
                self._list.addWidget(wrong)
        if not choices:
            self._list.addWidget(label("muted", self._words("prepare.no_plans")))

    def show_chosen(self, path: str) -> None:
        """Mark the chosen one."""
        for other, tile in self.tiles.items():
            tile.setChecked(other == path)

    def _tile(self, choice: PlanChoice) -> TapButton:
        name = shown_name(choice, self._words)
        tile = TapButton("", self._words("prepare.plan_accessible", name=name), "plan")
        shown = label("tile", name)
        shown.setWordWrap(True)
        shown.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inner = QVBoxLayout(tile)
        inner.setContentsMargins(self._metrics.px(3), 0, self._metrics.px(2), 0)
        inner.addWidget(shown)
        tile.setCheckable(True)
        tile.setEnabled(choice.plan is not None)
        tile.setFixedHeight(self._metrics.px(TILE_MM))
        tile.clicked.connect(lambda: self.chosen.emit(choice.path))
        return tile


class PlanPreview(QFrame):
    """Zones and pins of the chosen plan: depth and limit, speed, passes. Signal `pins_touched`."""

    pins_touched = pyqtSignal()

    def __init__(self, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._metrics, self._words = metrics, words
        self.names: dict[str, str] = {}
        self._shown: tuple[Plan | None, str] = (None, "")
        px = metrics.px
        box = QVBoxLayout(self)
        box.setContentsMargins(px(3), px(2.2), px(2), px(2))
        box.setSpacing(px(1.6))
        self.title, self.line = FitLabel(metrics, 4.4, 2.8, 600, "title", lines=2), label("muted", words("prepare.no_plan_line"))
        self.title.setText(words("prepare.no_plan"))
        self.title.setFixedHeight(px(12))
        self.line.setWordWrap(True)
        self.pins = TapButton(words("pins.key"), words("pins.key_accessible"), "small")
        self.pins.setFixedSize(px(24), px(12))
        self.pins.clicked.connect(self.pins_touched)
        self.pins.setEnabled(False)
        head = QHBoxLayout()
        head.addWidget(self.title, 1, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.pins, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(head)
        box.addWidget(self.line)
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, px(2.4), 0)
        self._grid.setVerticalSpacing(px(1.1))
        self._grid.setHorizontalSpacing(px(1.6))
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(MOST_ROWS, 1)
        box.addWidget(scrolling(self._inside), 1)

    def show_plan(self, plan: Plan | None, name: str = "") -> None:
        """The plan under `name`, its own if "", or the invitation to choose one."""
        if (plan, name) == self._shown:
            return
        self._shown = (plan, name)
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        words = self._words
        self.title.setText((name or plan.name) if plan else words("prepare.no_plan"))
        self.line.setText(words("prepare.plan_line", zones=len(plan.zones)) if plan else words("prepare.no_plan_line"))
        self.pins.setEnabled(plan is not None)
        if plan is None:
            return
        for column, head in enumerate(("zone", "depth", "passes")):
            self._put(0, column, label("small", words(f"prepare.head_{head}")))
        row = 0
        for zone in plan.zones:
            row += 1
            self._row(row, self.names.get(zone.zone, zone.zone), zone)
            for pin in plan.pins:
                if pin.zone == zone.zone:
                    row += 1
                    self._row(row, f"{PIN_SIGN} {words('pins.short', number=pin_number(pin.pin))}", pin)

    def _row(self, row: int, text: str, planned: ZonePlan | PinPlan) -> None:
        name = FitLabel(self._metrics, 3.0, 2.3, 400, lines=2)
        name.setText(text)
        self._grid.addWidget(name, row, 0)
        depth = QLabel(self._words("prepare.depth", depth=mm(planned.depth_um), limit=mm(planned.limit_um)))
        depth.setAccessibleDescription(self._words("prepare.speed", speed=thousands(planned.speed_rpm)))
        self._put(row, 1, depth)
        self._put(row, 2, QLabel(str(planned.passes)))

    def _put(self, row: int, column: int, shown: QLabel) -> None:
        if column:
            shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(shown, row, column)
