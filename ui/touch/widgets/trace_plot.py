"""The trace itself, with pyqtgraph. Imported after the first paint. Fixed ranges, no mouse, no menu, no new pens per update."""

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPen
from PyQt6.QtWidgets import QWidget

from ui.touch.decimation import Floats, Integers, MinMax
from ui.touch.fonts import font
from ui.touch.metrics import Metrics
from ui.touch.theme import Theme

WINDOW_S = 10.0
AXIS_MM = 9.5


class TracePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Ten seconds of one value, decimated to one bin a pixel column."""

    def __init__(
        self,
        theme: Theme,
        metrics: Metrics,
        colour: str,
        span: tuple[float, float],
        ticks: list[tuple[float, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, background=theme.card, enableMenu=False)
        self._theme, self._metrics = theme, metrics
        self._period_us = 1000.0
        self._top = span[1]
        self._bins = MinMax(1, 1)
        item = self.getPlotItem()
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.hideAxis("bottom")
        item.setContentsMargins(0, 0, 0, 0)
        item.getViewBox().setDefaultPadding(0)
        self.setAntialiasing(False)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setYRange(*span, padding=0)
        axis = item.getAxis("left")
        axis.setStyle(tickFont=font(metrics, 2.7), tickLength=0, tickTextOffset=metrics.px(1.0), autoExpandTextSpace=False)
        axis.setTicks([ticks])
        axis.setPen(QPen(Qt.PenStyle.NoPen))
        axis.setTextPen(theme.muted)
        axis.setWidth(metrics.px(AXIS_MM))
        grid = QPen(QColor(theme.line))
        grid.setCosmetic(True)
        for value, _ in ticks:
            self.addItem(pg.InfiniteLine(value, angle=0, pen=grid))
        pen = QPen(QColor(colour), 2)
        pen.setCosmetic(True)
        self._curve = pg.PlotCurveItem(pen=pen, connect="finite", antialias=False, skipFiniteCheck=False)
        self.addItem(self._curve)
        self._limit = pg.InfiniteLine(0, angle=0, pen=_limit_pen(theme, metrics))
        self._limit_text = pg.TextItem("", color=theme.limit, anchor=(1, 1), fill=QColor(theme.card))
        self._limit_text.setFont(font(metrics, 2.8, 600))
        ghost = QPen(QColor(theme.faint), 1)
        ghost.setCosmetic(True)
        self._ghost = pg.PlotCurveItem(pen=ghost, connect="finite", antialias=False, skipFiniteCheck=False)
        self._ghost.setZValue(-10)
        self._frozen_text = pg.TextItem("", color=theme.text, anchor=(0, 0), fill=QColor(theme.raised))
        self._frozen_text.setFont(font(metrics, 2.8, 600))
        for mark in (self._limit, self._limit_text, self._ghost, self._frozen_text):
            self.addItem(mark, ignoreBounds=True)
            mark.hide()

    def add_band(self, low: float, high: float) -> None:
        """Draw the allowed band behind the trace."""
        band = pg.LinearRegionItem(
            (low, high), "horizontal", brush=QColor(self._theme.band), pen=QPen(Qt.PenStyle.NoPen), movable=False
        )
        band.setZValue(-20)
        self.addItem(band, ignoreBounds=True)

    def show_limit(self, value: float | None, text: str) -> None:
        """The limit line with its label; None takes it away."""
        for mark in (self._limit, self._limit_text):
            mark.setVisible(value is not None)
        if value is not None:
            self._limit.setPos(value)
            self._limit_text.setText(text)
            self._limit_text.setPos(self._bins.columns - 1, value)

    def show_frozen(self, text: str, keep: bool = False) -> None:
        """What says that this trace stands still; "" takes it away. The last session's trace goes unless `keep`."""
        self._frozen_text.setText(text)
        self._frozen_text.setPos(0, self._top)
        self._frozen_text.setVisible(bool(text))
        if not keep:
            self._ghost.hide()

    def show_ghost(self, value: Floats) -> None:
        """The last session's trace, faint behind this one: the newest of `value` that fit, one value a millisecond."""
        bins = MinMax(self._bins.columns, max(1, round(WINDOW_S * 1000 / self._bins.columns)))
        shown = value[-bins.columns * bins.per_bin :]
        first = bins.columns * bins.per_bin - len(shown)
        bins.advance(bins.columns * bins.per_bin - 1)
        bins.add(np.arange(first, first + len(shown), dtype=np.int64), shown)
        self._ghost.setData(*(part.copy() for part in bins.line()))
        self._ghost.show()

    def ghost_shown(self) -> bool:
        """Whether the last session's trace is on show."""
        return bool(self._ghost.isVisible())

    def columns(self) -> int:
        """Pixel columns of the trace."""
        return max(16, int(self.width()) - self._metrics.px(AXIS_MM) - 2)

    def begin(self, period_us: float) -> None:
        """Forget the trace; from now on samples come every `period_us`."""
        columns = self.columns()
        per_bin = max(1, round(WINDOW_S * 1e6 / period_us / columns))
        self._bins = MinMax(columns, per_bin)
        self.setXRange(0, columns - 1, padding=0)
        self._limit_text.setPos(columns - 1, self._limit.value())
        self.redraw()

    def needs_begin(self) -> bool:
        """Whether the width has changed since the trace began."""
        return self._bins.columns != self.columns()

    def add(self, index: Integers, value: Floats) -> None:
        """New samples; nothing is drawn before `redraw`."""
        self._bins.add(index, value)

    def advance(self, index: int) -> None:
        """Time goes on without samples: the gap grows at the right."""
        self._bins.advance(index)

    def values(self) -> Floats:
        """What is on show, two values a column."""
        return self._bins.line()[1]

    def limit_shown(self) -> float | None:
        """Where the limit line stands."""
        return float(self._limit.value()) if self._limit.isVisible() else None

    def redraw(self) -> None:
        """Draw what was added."""
        x, y = self._bins.line()
        self._curve.setData(x, y)


def _limit_pen(theme: Theme, metrics: Metrics) -> QPen:
    pen = QPen(QColor(theme.limit), metrics.px(0.3))
    pen.setCosmetic(True)
    pen.setDashPattern([5.0, 3.0])
    return pen
