"""Setup: what this panel is and how it behaves. Tabs on the left, rows on the right; nothing here reaches the pen."""

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.pages.panels import CLEAR_RIGHT_MM
from ui.touch.pages.setup_machine import MachineTab
from ui.touch.pages.setup_screen import LanguageTab, LocksTab, ScreenTab, SoundTab
from ui.touch.settings import Settings
from ui.touch.theme import Theme
from ui.touch.views_around import MachineView
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

ANEW = ("px_per_mm", "pass_tick", "theme", "language", "day_from_h", "dim_from_h")  # what a drawn screen cannot change in itself


class SetupPage(QWidget):
    """Signals: `changed` (dict of settings, kept at once), `anew` (held: draw the screen again), `left`, `measure` (the keypad
    for the ruler), `code` (the keypad for a new code), `test_sound`."""

    changed = pyqtSignal(dict)
    anew = pyqtSignal()
    left = pyqtSignal()
    measure = pyqtSignal()
    code = pyqtSignal()
    test_sound = pyqtSignal()

    def __init__(
        self,
        desk: HoldDesk,
        theme: Theme,
        metrics: Metrics,
        words: Words,
        languages: Mapping[str, str],
        brightness: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._words = words
        px = metrics.px
        self.screen_tab = ScreenTab(theme, metrics, words, brightness)
        self.sound_tab = SoundTab(metrics, words)
        self.language_tab = LanguageTab(metrics, words, languages)
        self.locks_tab = LocksTab(metrics, words)
        self.machine_tab = MachineTab(metrics, words)
        tabs: dict[str, QWidget] = {
            "screen": self.screen_tab,
            "sound": self.sound_tab,
            "language": self.language_tab,
            "locks": self.locks_tab,
            "machine": self.machine_tab,
        }
        self._tabs, self.keys = tabs, {name: TapButton(words(f"setup.tab_{name}"), role="small") for name in tabs}
        self.stack = QStackedWidget()
        side = QVBoxLayout()
        side.setSpacing(px(1.6))
        for name, key in self.keys.items():
            key.setCheckable(True)
            key.setFixedSize(px(32), px(13))
            key.clicked.connect(lambda _=False, name=name: self.choose(name))
            side.addWidget(key)
            self.stack.addWidget(tabs[name])
        side.addStretch()
        back = TapButton(words("panel.back"), words("panel.back_accessible", title=words("setup.title")))
        back.setFixedSize(px(32), px(14))
        back.clicked.connect(self.left)
        side.addWidget(back)
        self.problem = label("strong")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.plate = HoldPlate(desk, theme, metrics, words("setup.anew"))
        self.plate.show_text(words("setup.anew"), words("setup.anew_line"))
        self.plate.setFixedHeight(px(14))
        self.plate.completed.connect(self.anew)
        self.plate.hide()
        main = QVBoxLayout()
        main.setSpacing(px(1.6))
        main.addWidget(self.problem)
        main.addWidget(self.stack, 1)
        main.addWidget(self.plate)
        box = QHBoxLayout(self)
        box.setContentsMargins(px(2.6), px(2.6), px(CLEAR_RIGHT_MM), px(2.6))
        box.setSpacing(px(3))
        box.addLayout(side)
        box.addLayout(main, 1)
        for tab in (self.screen_tab, self.sound_tab, self.language_tab, self.locks_tab):
            tab.changed.connect(self.changed)
        self.screen_tab.measure.connect(self.measure)
        self.locks_tab.code.connect(self.code)
        self.sound_tab.test.connect(self.test_sound)
        self.choose("screen")

    def choose(self, name: str) -> None:
        """Show one tab."""
        self.stack.setCurrentWidget(self._tabs[name])
        for other, key in self.keys.items():
            key.setChecked(other == name)

    def show_settings(self, settings: Settings, drawn: Settings) -> None:
        """The settings as kept; `drawn` are those the screen was drawn with."""
        self.screen_tab.show_settings(settings)
        self.sound_tab.show_settings(settings)
        self.language_tab.show_settings(settings)
        self.locks_tab.show_settings(settings)
        self.plate.setVisible(any(getattr(settings, key) != getattr(drawn, key) for key in ANEW))

    def show_problem(self, text: str) -> None:
        """What was wrong with the file, or with keeping it; "" is nothing."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def show_machine(self, view: MachineView) -> None:
        """Grants, counters, versions."""
        if self.isVisible():
            self.machine_tab.show_view(view)
