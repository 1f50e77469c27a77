"""The gates before a session, each with its state in words. What nobody recorded is never green."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from sessions.events import GateState
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.lamp import Lamp
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

ROW_MM = 4.7


class GateList(QFrame):
    """Signals: `search_touched`, look for the pen again, by a key that is there only while there is none; `cartridge_touched`,
    another cartridge is in the pen, by one that is there while there is a pen."""

    search_touched = pyqtSignal()
    cartridge_touched = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._theme, self._metrics, self._words = theme, metrics, words
        px = metrics.px
        self._rows: dict[str, tuple[Lamp, FitLabel]] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(px(3), px(2.2), px(3), px(2))
        self._box.setSpacing(px(0.2))
        head = QHBoxLayout()
        head.setSpacing(px(1.3))
        title = FitLabel(metrics, 4.4, 2.8, 600, "title")
        title.setText(words("gate.title"))
        head.addWidget(title, 1)
        self.search = TapButton(words("gate.search"), words("gate.search_accessible"))
        self.search.setFixedSize(px(26), px(8))
        self.search.clicked.connect(self.search_touched)
        self.cartridge = TapButton(words("prepare.cartridge"), words("prepare.cartridge_accessible"), "small")
        self.cartridge.setFixedSize(px(29), px(8))
        self.cartridge.clicked.connect(self.cartridge_touched)
        head.addWidget(self.search)
        head.addWidget(self.cartridge)
        self._box.addLayout(head)
        self._box.addSpacing(px(0.6))
        self._tail = QWidget()
        self._box.addWidget(self._tail, 1)

    def show_gates(self, gates: tuple[GateState, ...]) -> None:
        """State and detail of each."""
        missing = any(gate.gate == "pen" and gate.status != "GREEN" for gate in gates)
        self.search.setVisible(missing)
        self.cartridge.setVisible(not missing)
        for gate in gates:
            if gate.gate not in self._rows:
                self._add(gate.gate)
            lamp, state = self._rows[gate.gate]
            lamp.show_on(gate.status == "GREEN")
            state.setText(gate.detail or self._words(f"gate.{gate.status}"))
            state.setProperty("status", gate.status)

    def shown(self) -> dict[str, tuple[str, bool]]:
        """By gate: its words, and whether its lamp is on."""
        return {gate: (state.text(), lamp.on) for gate, (lamp, state) in self._rows.items()}

    def _add(self, gate: str) -> None:
        lamp = Lamp(self._theme, self._metrics)
        state = FitLabel(self._metrics, 2.7, 1.9, 400, "muted", lines=2)
        state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout()
        row.setSpacing(self._metrics.px(1.4))
        row.addWidget(lamp)
        name = FitLabel(self._metrics, 3.0, 1.9, 400)
        name.setText(self._words(f"gate.{gate}.name"))
        state.setFixedHeight(self._metrics.px(ROW_MM))  # two lines of the smallest type
        row.addWidget(name, 9)
        row.addWidget(state, 11)
        state.setAccessibleName(self._words(f"gate.{gate}.name"))
        self._box.insertLayout(self._box.indexOf(self._tail), row)
        self._rows[gate] = (lamp, state)
