"""The treatment: speed over depth on the left, the map in the middle, keys and steppers below. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QWidget

from firmware_protocol import messages
from ui.touch.figure import Figure
from ui.touch.live import Live
from ui.touch.metrics import Metrics
from ui.touch.telemetry import Frame
from ui.touch.theme import Theme
from ui.touch.views import MapView, StepperView, mm, thousands
from ui.touch.widgets.column import STOP_MARGIN_MM, WIDTH_MM
from ui.touch.widgets.depth_bar import DepthBar
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.map_card import MapCard
from ui.touch.widgets.stepper import PAD_MM, SIDE_MM, Stepper
from ui.touch.widgets.stop_button import CLEAR_MM
from ui.touch.widgets.stop_button import SIDE_MM as STOP_MM
from ui.touch.widgets.trace_card import MISSING, TraceCard
from ui.touch.widgets.work_row import ROW_MM, PresetRow, ZoneRow
from ui.touch.words import Words
from ui.touch.zone_work import BandView, WorkView

if TYPE_CHECKING:
    from ui.touch.records.compare import ZoneTrace
    from ui.touch.widgets.trace_plot import TracePlot

MARGIN_MM, GAP_MM = 2.2, 1.7
SPEED_SPAN = (5500.0, 8500.0)
DEPTH_SPAN = (-0.08, 1.7)
CLEAR_RIGHT_MM = CLEAR_MM + STOP_MM + STOP_MARGIN_MM - WIDTH_MM  # targets end this far from the page's right edge


class TreatPage(QWidget):
    """Signals: intents of its steppers and map; `rewound` when the traces want their history."""

    rewound = pyqtSignal()
    stepped = pyqtSignal(str, int)  # Axis name, direction
    applied = pyqtSignal()
    picked = pyqtSignal(object)
    close_wanted = pyqtSignal()
    next_wanted = pyqtSignal()
    preset = pyqtSignal(int)
    freeze = pyqtSignal()
    direction = pyqtSignal()
    end_point = pyqtSignal()
    reaction = pyqtSignal()

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
        super().__init__(parent)
        self.setObjectName("page")
        self._theme, self._metrics, self._words = theme, metrics, words
        self._limit_um = 0
        self._speed_plot: TracePlot | None = None
        self._plots: tuple[TracePlot, TracePlot] | None = None
        self.bar = DepthBar(theme, metrics)
        self.speed_card = TraceCard(metrics, words("trace.speed"), words("unit.rpm"))
        self.depth_card = TraceCard(metrics, words("trace.depth"), words("unit.mm"), self.bar)
        self.map = MapCard(theme, metrics, words, blocked, load)
        self.depth_step = Stepper(desk, theme, metrics, words, "depth")
        self.speed_step = Stepper(desk, theme, metrics, words, "speed")
        self.presets = PresetRow(theme, metrics, words)
        self.zone_keys = ZoneRow(theme, metrics, words)
        parts = (self.speed_card, self.depth_card, self.map, self.presets, self.zone_keys, self.depth_step, self.speed_step)
        for part in parts:
            part.setParent(self)
        self.map.next_wanted.connect(self.next_wanted)
        self.presets.preset.connect(self.preset)
        self.presets.freeze.connect(self.freeze)
        self.zone_keys.direction.connect(self.direction)
        self.zone_keys.end_point.connect(self.end_point)
        self.zone_keys.reaction.connect(self.reaction)
        self.zone_keys.turned.connect(self.map.zones.turn)
        self.map.picked.connect(self.picked)
        self.map.close_wanted.connect(self.close_wanted)
        for stepper, axis in ((self.depth_step, "DEPTH"), (self.speed_step, "SPEED")):
            stepper.minus.connect(lambda axis=axis: self.stepped.emit(axis, -1))
            stepper.plus.connect(lambda axis=axis: self.stepped.emit(axis, 1))
            stepper.apply.connect(self.applied)

    def import_plots(self) -> None:
        """Load pyqtgraph, which takes as long as ten frames; in any thread."""
        import ui.touch.widgets.trace_plot  # noqa: F401

    def make_speed(self) -> None:
        """The first trace, nowhere yet; after the first paint."""
        from ui.touch.widgets.trace_plot import TracePlot

        speeds = [(float(value), thousands(value)) for value in (6000, 7000, 8000)]
        self._speed_plot = TracePlot(self._theme, self._metrics, self._theme.speed_trace, SPEED_SPAN, speeds)
        self._speed_plot.add_band(messages.SPEED_MIN_RPM, messages.SPEED_MAX_RPM)

    def install_plots(self) -> None:
        """Make the second trace, and put both in."""
        from ui.touch.widgets.trace_plot import TracePlot

        depths = [(value, f"{value:.1f}") for value in (0.5, 1.0, 1.5)]
        depth = TracePlot(self._theme, self._metrics, self._theme.depth_trace, DEPTH_SPAN, depths)
        speed = self._speed_plot
        assert speed is not None, "the speed trace is made first"
        self.speed_card.install_plot(lambda: speed)
        self.depth_card.install_plot(lambda: depth)
        self._plots = (speed, depth)
        self.show_limit(self._limit_um)
        self.rewound.emit()

    def plots(self) -> tuple[TracePlot, TracePlot]:
        """Speed and depth trace; only after `install_plots`."""
        assert self._plots is not None, "the traces come after the first paint"
        return self._plots

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Cards fill the page; everything that can be touched stays 15 mm clear of STOP."""
        del event
        px = self._metrics.px
        margin, gap = px(MARGIN_MM), px(GAP_MM)
        width, height = self.width(), self.height()
        step = self._metrics.px_at_least(SIDE_MM) + 2 * px(PAD_MM)
        below, row = height - margin - step, px(ROW_MM)
        keys = below - gap - row
        clear = width - px(CLEAR_RIGHT_MM) - 2
        half = (clear - margin - gap) // 2
        left = margin + half + gap
        tall = keys - gap - margin
        upper = (tall - gap) * 47 // 100  # the depth card has its bar besides
        self.speed_card.setGeometry(margin, margin, half, upper)
        self.depth_card.setGeometry(margin, margin + upper + gap, half, tall - gap - upper)
        self.map.setGeometry(left, margin, width - margin - left, tall)
        self.presets.setGeometry(margin, keys, half, row)
        self.zone_keys.setGeometry(left, keys, clear - left, row)
        self.depth_step.setGeometry(margin, below, half, step)
        self.speed_step.setGeometry(left, below, clear - left, step)
        self.map.keep_clear(clear - left)

    def showEvent(self, event: QShowEvent | None) -> None:
        """The traces want their history."""
        del event
        self.rewound.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Old digits must not be seen when the page comes back."""
        del event
        self.show_live_speed(Live())
        self.show_live_depth(Live())

    def show_frame(self, frame: Frame) -> None:
        """New samples into both traces."""
        if self._plots is None or not self.isVisible():
            return
        speed, depth = self._plots
        wants = speed.needs_begin() or depth.needs_begin()
        for plot, values in ((speed, frame.speed_rpm), (depth, frame.depth_mm)):
            if frame.begin or wants:
                plot.begin(frame.period_us)
            plot.add(frame.index, values)
            if frame.head >= 0:
                plot.advance(frame.head)
            plot.redraw()
        if wants and not frame.begin:
            self.rewound.emit()

    def show_live_speed(self, live: Live) -> None:
        """Digits and contact; missing is shown as missing."""
        self.speed_card.show_digits(thousands(live.speed_rpm) if live.speed_rpm is not None else MISSING)
        self.map.show_contact(live.fresh and live.contact)

    def show_live_depth(self, live: Live) -> None:
        """Digits and bar."""
        self.depth_card.show_digits(mm(live.depth_um) if live.depth_um is not None else MISSING)
        self.bar.show_depth(live.depth_um, self._limit_um)
        self._say_limit(self.bar.over)

    def _say_limit(self, over: bool) -> None:
        """Beside the digits: of which limit, or in strong words that they are beyond it."""
        key = "unit.mm" if not self._limit_um else "trace.over_limit" if over else "trace.of_limit"
        self.depth_card.show_over(over)
        self.depth_card.unit.setText(self._words(key, limit=mm(self._limit_um)))

    def show_limit(self, limit_um: int) -> None:
        """The zone's limit, 0 for none."""
        self._limit_um = limit_um
        self.bar.show_limit(limit_um)
        self._say_limit(self.bar.over)
        if self._plots is not None:
            text = self._words("trace.limit", limit=mm(limit_um))
            self._plots[1].show_limit(limit_um / 1000 if limit_um else None, text)

    def show_map(self, view: MapView) -> None:
        """Passes, title, present zone."""
        self.map.show_map(view)

    def show_depth_step(self, view: StepperView) -> None:
        """Depth asked and pending."""
        self.bar.show_asked(view.asked)
        self.depth_step.show_view(view)

    def show_speed_step(self, view: StepperView) -> None:
        """Speed asked and pending."""
        self.speed_step.show_view(view)

    def show_work(self, view: WorkView) -> None:
        """Presets, direction, end point, next zone."""
        self.presets.show_work(view)
        self.zone_keys.show_work(view)
        self.map.show_work(view)

    def show_band(self, view: BandView | None) -> None:
        """Zone and limit, large, for a while."""
        self.map.show_band(view)

    def show_frozen(self, frozen: bool) -> None:
        """The traces stand still, or take up the present again."""
        self.presets.show_frozen(frozen)
        if self._plots is not None:
            for plot in self._plots:
                plot.show_frozen(self._words("trace.frozen") if frozen else "")
        if not frozen:
            self.rewound.emit()

    def show_ghost(self, trace: ZoneTrace | None) -> None:
        """The client's last session in this zone, faint behind the frozen traces; None: there was none."""
        if self._plots is None:
            return
        speed, depth = self._plots
        if trace is not None:
            speed.show_ghost(trace.speed_rpm)
            depth.show_ghost(trace.depth_mm)
        line = self._words("trace.ghost", day=trace.opened_utc[:10]) if trace else self._words("trace.no_ghost")
        speed.show_frozen(line, keep=True)  # the other one has the limit's label there
        depth.show_frozen(self._words("trace.frozen"), keep=True)
