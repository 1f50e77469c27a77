"""The replay of a session: traces, bar, digits and zone map as they were, a time slider and the keys to run it."""

from __future__ import annotations

from PyQt6.QtGui import QHideEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from firmware_protocol import messages
from ui.touch.live import Live
from ui.touch.records.figure_card import FigureCard
from ui.touch.records.kit import Kit
from ui.touch.records.record import Record
from ui.touch.records.replay import Cut, Player, Window, after, cut_of, figures_at
from ui.touch.records.replay_card import MISSING, ReplayCard
from ui.touch.records.replay_views import plot_views, slider_line, stops_of
from ui.touch.records.telling import clock_text, map_at
from ui.touch.records.track import Track
from ui.touch.views import mm, thousands
from ui.touch.widgets.depth_bar import DepthBar
from ui.touch.widgets.slider import TimeSlider
from ui.touch.widgets.span_plot import PlotScale, SpanPlot
from ui.touch.widgets.touch import TapButton

SPEED_SCALE = PlotScale(
    5500.0,
    8500.0,
    tuple((float(value), thousands(value)) for value in (6000, 7000, 8000)),
    (float(messages.SPEED_MIN_RPM), float(messages.SPEED_MAX_RPM)),
)
DEPTH_SCALE = PlotScale(-0.08, 1.7, ((0.5, "0.5"), (1.0, "1.0"), (1.5, "1.5")))
DIGITS_NS = 200_000_000
ZOOM = 4.0


class ReplayPage(QWidget):
    """Takes a Record, then its Track, first in part and then whole. `advance` once a frame while it is on show."""

    def __init__(self, kit: Kit, blocked: frozenset[str]) -> None:
        super().__init__()
        self._kit = kit
        theme, metrics, words = kit.theme, kit.metrics, kit.words
        self.record: Record | None = None
        self.track: Track | None = None
        self.player = Player(0, 1, 0.0)
        self.window_shown = Window(0, 1)
        self._now_ns = 0
        self._digits_ns = 0
        self._wanted_s: float | None = None
        self._drawn: object = None
        self._map: object = None
        self._stops: tuple[list[int], list[int]] = ([], [])  # places of alarms and trips, of zones
        speed = SpanPlot(theme, metrics, theme.speed_trace, SPEED_SCALE, words("records.trace", name=words("trace.speed")))
        depth = SpanPlot(theme, metrics, theme.depth_trace, DEPTH_SCALE, words("records.trace", name=words("trace.depth")))
        self.plots = (speed, depth)
        self.bar = DepthBar(theme, metrics)
        self.speed_card = ReplayCard(kit, words("trace.speed"), words("unit.rpm"), speed)
        self.depth_card = ReplayCard(kit, words("trace.depth"), words("unit.mm"), depth, self.bar)
        self.figure = FigureCard(kit, blocked, True)
        self.slider = TimeSlider(theme, metrics, words("records.slider"))
        names = ("play", "rate", "alarm", "zone", "out", "in")
        large = ("out", "in")
        self.keys = {
            name: TapButton("", words(f"records.key.{name}_accessible"), "key" if name in large else "") for name in names
        }
        for name in names[2:]:
            self.keys[name].setText(words(f"records.key.{name}"))
        self._place()
        self._connect()
        self._show_keys()

    def _place(self) -> None:
        px = self._kit.metrics.px
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        middle = QGridLayout()
        middle.setSpacing(px(2))
        middle.addWidget(self.speed_card, 0, 0)
        middle.addWidget(self.depth_card, 1, 0)
        middle.addWidget(self.figure, 0, 1, 2, 1)
        for column, share in ((0, 62), (1, 38)):
            middle.setColumnStretch(column, share)
        for number, share in ((0, 47), (1, 53)):
            middle.setRowStretch(number, share)
        box.addLayout(middle, 1)
        above = QHBoxLayout()
        above.addWidget(self.slider)
        box.addLayout(above)
        row = QHBoxLayout()
        row.setSpacing(px(2))
        for name, share in (("play", 22), ("rate", 16), ("alarm", 26), ("zone", 26), ("out", 16), ("in", 16)):
            self.keys[name].setFixedHeight(self._kit.metrics.px_at_least(15))
            self.keys[name].setMinimumWidth(self._kit.metrics.px_at_least(15))
            row.addWidget(self.keys[name], share)
        box.addLayout(row)
        self._feet = (above, row)

    def keep_clear(self, right: int) -> None:
        """What can be touched ends `right` pixels before the page's edge: STOP is near."""
        for row in self._feet:
            row.setContentsMargins(0, 0, right, 0)

    def _connect(self) -> None:
        keys = self.keys
        keys["play"].clicked.connect(self.toggle)
        keys["rate"].clicked.connect(self.faster)
        keys["alarm"].clicked.connect(lambda: self.jump(0))
        keys["zone"].clicked.connect(lambda: self.jump(1))
        keys["out"].clicked.connect(lambda: self.zoom(1 / ZOOM))
        keys["in"].clicked.connect(lambda: self.zoom(ZOOM))
        self.slider.moved.connect(self._on_slider)
        for plot in self.plots:
            plot.dragged.connect(self._on_dragged)
            plot.zoomed.connect(self._on_zoomed)
            plot.tapped.connect(self._on_tapped)

    def show_record(self, record: Record) -> None:
        """Another session; its trace is on the way."""
        self.record, self.track = record, None
        self.player, self.window_shown = Player(0, 1, 0.0), Window(0, 1)
        self._drawn = self._map = self._wanted_s = None
        self.slider.show_line((), ())
        self._stops = ([], [])
        self.figure.show_map(map_at(record, 0.0, False, self._kit.words))
        self._draw()
        self._show_keys()

    def show_track(self, track: Track) -> None:
        """The trace, or more of it: where the person looks stays."""
        fresh = self.track is None
        self.track = track
        if fresh:
            self.player = Player(track.begin, track.end, float(track.begin))
            self.window_shown = Window(track.begin, track.end - track.begin).held(track.begin, track.end)
        self._show_line(track)
        self._drawn = None
        self._draw()
        self._show_keys()
        if self._wanted_s is not None:
            self.go_to(self._wanted_s)

    def advance(self, now_ns: int) -> None:
        """One frame later."""
        passed_ns, self._now_ns = now_ns - self._now_ns, now_ns
        if not self.player.playing:
            self._draw()  # the page may have got another size
        if self.track is None or not self.player.playing:
            return
        self.player = self.player.passed(min(passed_ns, 250_000_000), self.track.ruler.period_ns)
        self.window_shown = self.window_shown.showing(self.player.place).held(self.track.begin, self.track.end)
        if not self.player.playing:
            self._show_keys()
        self._draw()

    def toggle(self) -> None:
        """Play or pause."""
        if self.track is not None:
            self.player = self.player.toggled()
            self._show_keys()
            self._draw()

    def faster(self) -> None:
        """The next rate."""
        self.player = self.player.faster()
        self._show_keys()

    def jump(self, which: int) -> None:
        """To the next alarm or trip (0), to the next zone (1)."""
        there = after(self._stops[which], self.player.place)
        if self.track is None or there is None:
            return
        self.player = self.player.moved(there)
        window = self.window_shown.around(there) if which == 0 else self.window_shown.showing(there)
        self._show_window(window)

    def go_to(self, at_s: float) -> None:
        """To a moment, given in seconds after the opening; remembered until the trace is there."""
        self._wanted_s = at_s
        if self.track is not None:
            self._wanted_s = None
            place = self.track.ruler.place(at_s)
            self.player = self.player.moved(place)
            self._show_window(self.window_shown.around(place))

    def show_problem(self, text: str) -> None:
        """Why there is no trace."""
        self.figure.line.setText(text)

    def zoom(self, factor: float) -> None:
        """Closer or further, around the cursor where it is on show."""
        shown = self.window_shown
        inside = shown.first <= self.player.place <= shown.first + shown.span
        self._show_window(shown.zoomed(factor, self.player.place if inside else shown.first + shown.span / 2))

    def hideEvent(self, event: QHideEvent | None) -> None:
        """A replay that nobody sees stands still."""
        del event
        if self.player.playing:
            self.toggle()

    def _on_slider(self, share: float) -> None:
        if self.track is not None:
            place = self.track.begin + share * (self.track.end - 1 - self.track.begin)
            self.player = self.player.moved(place)
            self._show_window(self.window_shown.showing(place, 1.0))

    def _on_dragged(self, columns: float) -> None:
        cut = self._cut()
        if cut is not None:
            self._show_window(Window(self.window_shown.first + columns * cut.each, self.window_shown.span))

    def _on_zoomed(self, factor: float, column: float) -> None:
        cut = self._cut()
        if cut is not None:
            self._show_window(self.window_shown.zoomed(factor, cut.place(column)))

    def _on_tapped(self, column: float) -> None:
        cut = self._cut()
        if cut is not None:
            self.player = self.player.moved(cut.place(column))
            self._draw()

    def _show_window(self, window: Window) -> None:
        if self.track is not None:
            self.window_shown = window.held(self.track.begin, self.track.end)
            self._draw()

    def _cut(self) -> Cut | None:
        if self.track is None or self.track.end - self.track.begin < 1:
            return None
        return cut_of(self.window_shown, self.plots[0].columns(), self.track.depth)

    def _draw(self) -> None:
        """Traces where the window moved, everything else where the cursor did."""
        cut, track = self._cut(), self.track
        place = int(self.player.place)
        if cut is None or track is None or self.record is None:
            self.show_live(Live(), 0)
            return
        drawn = (cut, place, self.plots[0].height(), self.plots[0].columns())
        if drawn == self._drawn:
            return
        self._drawn = drawn
        for plot, view in zip(self.plots, plot_views(self.record, track, cut, place, self._kit.words), strict=True):
            plot.show_view(view)
        self._draw_cursor(track, self.record, place)

    def _draw_cursor(self, track: Track, record: Record, place: int) -> None:
        """The slider each time; digits five times a second while playing; the map when something on it changed."""
        whole = max(1, track.end - 1 - track.begin)
        at_s = track.ruler.at_s(place)
        shown = self.window_shown
        window = ((shown.first - track.begin) / whole, (shown.first + shown.span - track.begin) / whole)
        end = clock_text(track.ruler.at_s(track.end - 1))
        self.slider.show_at((place - track.begin) / whole, window, clock_text(at_s), end)
        if not self.player.playing or self._now_ns - self._digits_ns >= DIGITS_NS:
            self._digits_ns = self._now_ns
            live = figures_at(track, place)
            self.show_live(live, track.limit.at(place))
            self.figure.show_contact(live.contact)
        wanted = (record.zone_at(at_s), tuple(record.passes_at(at_s).items()))
        if wanted != self._map:
            self._map = wanted
            self.figure.show_map(map_at(record, at_s, True, self._kit.words))

    def show_live(self, live: Live, limit_um: int) -> None:
        """Digits and bar of the moment; missing is shown as missing."""
        words = self._kit.words
        self.speed_card.digits.setText(thousands(live.speed_rpm) if live.speed_rpm is not None else MISSING)
        self.depth_card.digits.setText(mm(live.depth_um) if live.depth_um is not None else MISSING)
        self.depth_card.unit.setText(words("trace.of_limit", limit=mm(limit_um)) if limit_um else words("unit.mm"))
        self.bar.show_depth(live.depth_um, limit_um)

    def _show_line(self, track: Track) -> None:
        if self.record is not None:
            self._stops = stops_of(self.record, track)
            self.slider.show_line(*slider_line(self.record, track))

    def _show_keys(self) -> None:
        words, playing = self._kit.words, self.player.playing
        self.keys["play"].setText(words("records.key.pause" if playing else "records.key.play"))
        self.keys["rate"].setText(words("records.key.rate", rate=self.player.rate))
        for key in self.keys.values():
            key.setEnabled(self.track is not None and self.track.end > self.track.begin)
        for name, stops in zip(("alarm", "zone"), self._stops, strict=True):
            self.keys[name].setEnabled(bool(stops))
        self.slider.setEnabled(self.track is not None)
