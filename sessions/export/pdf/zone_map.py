"""The zone map: each zone coloured by its passes, with their number in it; and the table-like stand-in without drawings."""

from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.platypus import Flowable

from sessions.events import ZoneLimit, ZoneTotals
from sessions.export.art import Path, View, bounds
from sessions.export.pdf.style import (
    AMBER,
    BLUE,
    DEEP,
    FAINT,
    INK,
    PALE,
    PAPER,
    REGULAR,
    RULE,
    SEMIBOLD,
    SKY,
    SOFT,
    WASH,
    short_mm,
)
from sessions.facts import Facts

_STEPS = (PAPER, PALE, SKY, BLUE, DEEP)  # 0, 1, 2, 3, 4 and more passes
_DARK_FROM = 3
_PIN = 6.0  # points from a pin's middle to its corners


def pass_colour(passes: int) -> HexColor:
    """The map's colour for a number of passes."""
    return _STEPS[min(passes, len(_STEPS) - 1)]


class ZoneMap(Flowable):  # type: ignore[misc]
    """One view, scaled to `width` and at most `height` points."""

    def __init__(self, view: View, facts: Facts, width: float, height: float) -> None:
        super().__init__()
        self._view, self._facts = view, facts
        self._scale = min(width / view.width, (height - 12) / view.height)
        self.width, self.height = width, view.height * self._scale + 12

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        return self.width, self.height

    def draw(self) -> None:
        """Ground, zones, features, numbers."""
        view, canvas = self._view, self.canv
        passes = {total.zone: total.passes for total in self._facts.totals}
        left = (self.width - view.width * self._scale) / 2
        canvas.saveState()
        canvas.translate(left, self.height - 12)
        canvas.scale(self._scale, -self._scale)
        for shade in view.under:
            self._fill(shade.path, _shade(shade.darkness))
        canvas.setLineWidth(0.5 / self._scale)
        canvas.setStrokeColor(FAINT)
        for path in view.outline:
            canvas.drawPath(_path(canvas, path), stroke=1, fill=0)
        for zone, path in view.zones.items():
            if zone in passes:
                canvas.setLineWidth(0.7 / self._scale)
                canvas.setStrokeColor(DEEP)
                canvas.setFillColor(pass_colour(passes[zone]))
                canvas.drawPath(_path(canvas, path), stroke=1, fill=1)
        for shade in view.over:
            self._fill(shade.path, _shade(shade.darkness))
        canvas.restoreState()
        for zone, path in view.zones.items():
            if zone in passes:
                x, y = view.labels.get(zone) or _middle(path)
                self._number(left + x * self._scale, self.height - 12 - y * self._scale, passes[zone])
        for pin in self._facts.opened.zones:
            if pin.pin is not None and view.name and pin.pin.drawing == view.name:
                x, y = left + pin.pin.x * self._scale, self.height - 12 - pin.pin.y * self._scale
                self._pin(x, y, pin, passes.get(pin.zone, 0))
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 7.5)
        canvas.drawCentredString(self.width / 2, self.height - 8, view.title)

    def _fill(self, path: Path, colour: Color) -> None:
        self.canv.setFillColor(colour)
        self.canv.drawPath(_path(self.canv, path), stroke=0, fill=1)

    def _pin(self, x: float, y: float, pin: ZoneLimit, passes: int) -> None:
        """A diamond in the colour of its passes, its number in it and its limit beside it."""
        canvas, half = self.canv, _PIN
        canvas.setFillColor(pass_colour(passes))
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.8)
        diamond = canvas.beginPath()
        diamond.moveTo(x, y + half)
        for corner in ((x + half, y), (x, y - half), (x - half, y)):
            diamond.lineTo(*corner)
        diamond.close()
        canvas.drawPath(diamond, stroke=1, fill=1)
        canvas.setFillColor(PAPER if passes >= _DARK_FROM else INK)
        canvas.setFont(SEMIBOLD, 6.5)
        canvas.drawCentredString(x, y - 2.3, pin.zone.rpartition("#")[2])
        words = f"{short_mm(pin.limit_um)} mm"
        canvas.setFont(SEMIBOLD, 6)
        canvas.setFillColor(PAPER)
        canvas.rect(x + half + 0.5, y - 3, canvas.stringWidth(words, SEMIBOLD, 6) + 2, 7, stroke=0, fill=1)
        canvas.setFillColor(INK)
        canvas.drawString(x + half + 1.5, y - 1.8, words)

    def _number(self, x: float, y: float, passes: int) -> None:
        self.canv.setFillColor(PAPER if passes >= _DARK_FROM else INK)
        self.canv.setFont(SEMIBOLD, 9)
        self.canv.drawCentredString(x, y - 3.2, str(passes))


class Legend(Flowable):  # type: ignore[misc]
    """What the map's colours mean."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.width, self.height = width, 18.0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        return self.width, self.height

    def draw(self) -> None:
        """Five small squares with their number."""
        canvas = self.canv
        labels = ("0", "1", "2", "3", "4 or more passes")
        x = (self.width - 176) / 2
        canvas.setFont(REGULAR, 7.5)
        for passes, label in enumerate(labels):
            canvas.setFillColor(pass_colour(passes))
            canvas.setStrokeColor(DEEP)
            canvas.setLineWidth(0.5)
            canvas.rect(x, 1, 8, 8, stroke=1, fill=1)
            canvas.setFillColor(SOFT)
            canvas.drawString(x + 11, 2, label)
            x += 27


class ZoneBars(Flowable):  # type: ignore[misc]
    """Without drawings: one line per zone, one dot per planned pass, filled when counted."""

    _LINE = 15.0

    def __init__(self, facts: Facts, totals: Sequence[ZoneTotals], width: float) -> None:
        super().__init__()
        self._facts, self._totals, self.width = facts, totals, width
        self.height = self._LINE * len(totals)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        return self.width, self.height

    def draw(self) -> None:
        """Name, dots, words."""
        canvas = self.canv
        planned = {zone.zone: zone for zone in self._facts.opened.zones}
        for at, total in enumerate(self._totals):
            y = self.height - self._LINE * (at + 1) + 4
            zone = planned.get(total.zone)
            wanted = zone.passes if zone else 0
            canvas.setFillColor(INK)
            canvas.setFont(REGULAR, 8.5)
            canvas.drawString(0, y, zone.name if zone else total.zone)
            dots = min(max(wanted, total.passes), 24)
            for dot in range(dots):
                done, extra = dot < total.passes, dot >= wanted
                canvas.setFillColor((AMBER if extra else BLUE) if done else WASH)
                canvas.setStrokeColor(RULE if not done else (AMBER if extra else BLUE))
                canvas.circle(self.width * 0.42 + dot * 12, y + 3, 4, stroke=1, fill=1)
            canvas.setFillColor(SOFT)
            canvas.setFont(REGULAR, 8)
            canvas.drawRightString(self.width, y, f"{total.passes} of {wanted} passes")


def _path(canvas: Any, path: Path) -> Any:
    drawn = canvas.beginPath()
    for command in path:
        match command:
            case ("M", x, y):
                drawn.moveTo(x, y)
            case ("L", x, y):
                drawn.lineTo(x, y)
            case ("C", x1, y1, x2, y2, x, y):
                drawn.curveTo(x1, y1, x2, y2, x, y)
            case _:
                drawn.close()
    return drawn


def _shade(darkness: float) -> Color:
    """Between paper and ink, never darker than a zone's number can be read on."""
    share = min(max(darkness, 0.0), 1.0)
    return Color(*(p + (i - p) * share for p, i in zip(PAPER.rgb(), INK.rgb(), strict=True)))


def _middle(path: Path) -> tuple[float, float]:
    left, top, right, bottom = bounds(path)
    return (left + right) / 2, (top + bottom) / 2
