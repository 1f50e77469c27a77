"""The setup page's tabs that change settings: screen, sound, language, locks."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.touch.metrics import Metrics
from ui.touch.settings import Settings
from ui.touch.sound.tones import LEVELS
from ui.touch.theme import Theme
from ui.touch.widgets.rows import ChoiceRow, KeyRow, StepRow
from ui.touch.widgets.ruler import STEP, Ruler
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

SCALES = (2.0, 40.0)
DIM_S = (0, 60, 120, 300, 600, 1200, 1800)
LOCK_S = (0, 60, 180, 300, 600, 900, 1800)


class Tab(QWidget):
    """A column of rows. Signal `changed` with the settings that a person changed."""

    changed = pyqtSignal(dict)

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(metrics.px(1.6))


class ScreenTab(Tab):
    """Ruler, theme, brightness, dimming. Signal `measure`: the length of the bar will be typed."""

    measure = pyqtSignal()

    def __init__(self, theme: Theme, metrics: Metrics, words: Words, brightness: bool) -> None:
        super().__init__(metrics)
        self._words, self._settings, self._brightness = words, Settings(), brightness
        px = metrics.px
        card = QFrame()
        card.setObjectName("card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(px(3), px(1.6), px(1.4), px(1.4))
        inner.setSpacing(px(1.0))
        inner.addWidget(label("strong", words("setup.ruler")))
        line = label("small", words("setup.ruler_line"))
        line.setWordWrap(True)
        inner.addWidget(line)
        self.ruler = Ruler(theme, metrics)
        inner.addWidget(self.ruler)
        keys = QHBoxLayout()
        keys.setSpacing(px(1.4))
        self.shorter, self.longer = (
            TapButton("\u2212", words("setup.shorter"), "key"),
            TapButton("+", words("setup.longer"), "key"),
        )
        self.scale = label("muted")
        self.scale.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.type_key = TapButton(words("setup.measure"), words("setup.measure_accessible"), "small")
        for key, step in ((self.shorter, 1 / STEP), (self.longer, STEP)):
            key.setFixedSize(px(14), px(14))
            key.clicked.connect(lambda _=False, step=step: self._scale_by(step))
        self.type_key.setFixedSize(px(40), px(14))
        self.type_key.clicked.connect(self.measure)
        for key in (self.shorter, self.longer):
            keys.addWidget(key)
        keys.addWidget(self.scale, 1)
        keys.addWidget(self.type_key)
        inner.addLayout(keys)
        self.theme = ChoiceRow(
            metrics, words("setup.theme"), [(code, words(f"setup.theme_{code}")) for code in ("day", "dim", "auto")], " "
        )
        self.theme.chosen.connect(lambda code: self.changed.emit({"theme": code}))
        self.brightness = StepRow(metrics, words, words("setup.brightness"), "" if brightness else words("setup.no_backlight"))
        self.brightness.stepped.connect(lambda step: self._step("brightness", step, range(3, 11)))
        self.dim = StepRow(metrics, words, words("setup.dim"), words("setup.dim_line"))
        self.dim.stepped.connect(lambda step: self._step("dim_after_s", step, DIM_S))
        for part in (card, self.theme, self.brightness, self.dim):
            self.box.addWidget(part)
        self.box.addStretch()

    def show_settings(self, settings: Settings) -> None:
        """As kept."""
        self._settings = settings
        words = self._words
        self.ruler.show_scale(settings.px_per_mm)
        self.scale.setText(words("setup.scale", scale=f"{settings.px_per_mm:.3f}"))
        self.theme.show_value(settings.theme)
        self.theme.line.setText(words("setup.theme_line", day=settings.day_from_h, dim=settings.dim_from_h))
        at = settings.brightness
        self.brightness.show_value(f"{at * 10} %", self._brightness and at > 3, self._brightness and at < 10)
        show_seconds(self.dim, words, settings.dim_after_s, DIM_S)

    def measured(self, length_mm: float) -> None:
        """What a real ruler says of the bar."""
        from ui.touch.widgets.ruler import BAR_MM

        self._scale_by(BAR_MM / length_mm)

    def _scale_by(self, factor: float) -> None:
        low, high = SCALES
        self.changed.emit({"px_per_mm": min(max(self._settings.px_per_mm * factor, low), high)})

    def _step(self, key: str, step: int, values: range | tuple[int, ...]) -> None:
        self.changed.emit({key: beside(values, getattr(self._settings, key), step)})


class SoundTab(Tab):
    """Volume and pass tick. Signals: `test`, let it be heard; `level`, the volume was changed. No alarm falls below its floor."""

    test = pyqtSignal()
    level = pyqtSignal(int)

    def __init__(self, metrics: Metrics, words: Words) -> None:
        super().__init__(metrics)
        self._words, self._level = words, LEVELS
        self.volume = StepRow(metrics, words, words("setup.volume"), words("setup.volume_line"))
        self.volume.stepped.connect(self._step)
        self.tick = ChoiceRow(metrics, words("setup.tick"), [("on", words("setup.on")), ("off", words("setup.off"))])
        self.tick.chosen.connect(lambda code: self.changed.emit({"pass_tick": code == "on"}))
        self.try_row = KeyRow(metrics, words("setup.try_sound"), words("setup.try_line"), words("setup.try_key"))
        self.try_row.touched.connect(self.test)
        for part in (self.volume, self.tick, self.try_row):
            self.box.addWidget(part)
        self.box.addStretch()

    def show_settings(self, settings: Settings) -> None:
        """As kept."""
        self._level = settings.volume
        text = self._words("setup.level", level=settings.volume, most=LEVELS)
        self.volume.show_value(text, settings.volume > 1, settings.volume < LEVELS)
        self.tick.show_value("on" if settings.pass_tick else "off")

    def _step(self, step: int) -> None:
        level = beside(range(1, LEVELS + 1), self._level, step)
        self.changed.emit({"volume": level})
        self.level.emit(level)


class LanguageTab(Tab):
    """One tile a catalogue."""

    def __init__(self, metrics: Metrics, words: Words, languages: Mapping[str, str]) -> None:
        super().__init__(metrics)
        self.tiles: dict[str, TapButton] = {}
        grid = QGridLayout()
        grid.setSpacing(metrics.px(2))
        for number, (code, name) in enumerate(languages.items()):
            tile = TapButton(name, words("setup.language_accessible", name=name), "tile")
            tile.setCheckable(True)
            tile.setFixedHeight(metrics.px(18))
            tile.clicked.connect(lambda _=False, code=code: self.changed.emit({"language": code}))
            self.tiles[code] = tile
            grid.addWidget(tile, number // 2, number % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.box.addLayout(grid)
        self.box.addStretch()

    def show_settings(self, settings: Settings) -> None:
        """As kept."""
        for code, tile in self.tiles.items():
            tile.setChecked(code == settings.language)


class LocksTab(Tab):
    """Idle lock and the code. Signal `code`: a new one will be typed."""

    code = pyqtSignal()

    def __init__(self, metrics: Metrics, words: Words) -> None:
        super().__init__(metrics)
        self._words, self._settings = words, Settings()
        self.idle = StepRow(metrics, words, words("setup.idle_lock"), words("setup.idle_lock_line"))
        self.idle.stepped.connect(
            lambda step: self.changed.emit({"lock_after_s": beside(LOCK_S, self._settings.lock_after_s, step)})
        )
        self.code_row = KeyRow(metrics, words("setup.code"), " ", words("setup.code_key"))
        self.code_row.touched.connect(self.code)
        for part in (self.idle, self.code_row):
            self.box.addWidget(part)
        self.box.addStretch()

    def show_settings(self, settings: Settings) -> None:
        """As kept."""
        self._settings = settings
        show_seconds(self.idle, self._words, settings.lock_after_s, LOCK_S)
        self.code_row.show_line(self._words("setup.code_set" if settings.code else "setup.code_none"))


def beside(values: range | tuple[int, ...], value: int, step: int) -> int:
    """The next of `values` above or below `value`; the last one stays."""
    if step > 0:
        return min((each for each in values if each > value), default=values[-1])
    return max((each for each in values if each < value), default=values[0])


def show_seconds(row: StepRow, words: Words, value: int, values: tuple[int, ...]) -> None:
    """A time in minutes, or never."""
    text = words("setup.minutes", minutes=f"{value / 60:g}") if value else words("setup.never")
    row.show_value(text, value > values[0], value < values[-1])
