"""Depth and speed over time as vector paths: the whole session on one strip, and a panel for each stay in a zone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from reportlab.platypus import Flowable, Table, TableStyle

from sessions.export.material import Material
from sessions.export.pdf.decimate import Envelope, Run, envelope, stretches, treated_runs, zone_runs
from sessions.export.pdf.style import (
    BLUE,
    DEEP,
    EVERY_CELL,
    FAINT,
    INK,
    PALE,
    RED,
    REGULAR,
    RULE,
    SEMIBOLD,
    SKY,
    SOFT,
    WIDTH,
    clock,
    heading,
    remark,
    text,
)
from sessions.facts import Facts

_FIELDS = ("index", "mono_ns", "depth_um", "asked_depth_um", "speed_rpm", "limit_um", "contact")
_GUTTER = 16.0
_LEFT = 22.0  # room for the scale's numbers
_DOTS_PER_COLUMN = 0.55  # points: finer than a printer's line


def traces_part(material: Material) -> list[Flowable]:
    """The section on traces."""
    trace = material.trace
    runs = treated_runs(trace)
    if not len(trace):
        return [heading("Depth and speed"), text("No telemetry is on record for this session.")]
    lost = material.facts.samples_lost
    words = (
        f"{len(trace)} samples, {lost} lost. Light blue: depth asked; blue: depth measured, least to greatest; dark dashes: the "
        "limit that held; bars below: contact; red dot: a sample that tripped a guard. Every extreme is drawn."
    )
    drawn = _drawn(material)
    parts: list[Flowable] = [heading("Depth and speed"), remark(words), Strip(drawn)]
    panels = [Panel(drawn, run, (WIDTH - _GUTTER) / 2) for run in runs]
    if panels:
        rows: list[list[Any]] = [[*panels[at : at + 2], ""][:2] for at in range(0, len(panels), 2)]
        table = Table(rows, colWidths=[(WIDTH + _GUTTER) / 2, (WIDTH - _GUTTER) / 2])
        table.setStyle(TableStyle([EVERY_CELL, *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP"))]))
        parts.append(table)
    return parts


@dataclass(frozen=True)
class _Drawn:
    """What every plot shares: the fields that are drawn, each in one piece of memory, and the tops of the scales."""

    facts: Facts
    trace: dict[str, npt.NDArray[Any]]
    runs: list[Run]
    top_um: int
    top_rpm: int


def _drawn(material: Material) -> _Drawn:
    trace = {name: np.ascontiguousarray(material.trace[name]) for name in _FIELDS}
    trace["mono_ns"] = np.maximum.accumulate(trace["mono_ns"])  # as it is, unless somebody changed the record
    highest = max(int(trace["depth_um"].max(initial=0)), int(trace["limit_um"].max(initial=0)), 1000)
    top_um = -(-(highest + 60) // 250) * 250  # the same on every plot, so that plots compare
    return _Drawn(material.facts, trace, zone_runs(material.trace), top_um, max(8000, int(trace["speed_rpm"].max(initial=0))))


class _Plot(Flowable):  # type: ignore[misc]
    """Shared by strip and panel: a scale in millimetres, and samples between two times."""

    def __init__(self, drawn: _Drawn, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self._drawn = drawn
        self._facts = drawn.facts
        self._trace = drawn.trace
        self._top_um = drawn.top_um
        self._begin_ns = self._end_ns = 0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        return self.width, self.height

    def _x(self, mono_ns: float) -> float:
        share = (mono_ns - self._begin_ns) / max(1, self._end_ns - self._begin_ns)
        return _LEFT + share * (self.width - _LEFT)

    def _squeeze(self, name: str, run: Run) -> Envelope:
        values, times = (self._trace[field][run.first : run.end] for field in (name, "mono_ns"))
        columns = max(1, int((self.width - _LEFT) / _DOTS_PER_COLUMN))
        return envelope(values, times, self._begin_ns, self._end_ns, columns)

    def _grid(self, base: float, height: float) -> None:
        canvas = self.canv
        canvas.setLineWidth(0.35)
        canvas.setFont(REGULAR, 6)
        for depth_um in range(0, self._top_um + 1, 500):
            y = base + depth_um / self._top_um * height
            canvas.setStrokeColor(FAINT if depth_um == 0 else RULE)
            canvas.line(_LEFT, y, self.width, y)
            canvas.setFillColor(SOFT)
            canvas.drawRightString(_LEFT - 4, y - 2, f"{depth_um / 1000:.1f}")

    def _band(self, shape: Envelope, base: float, height: float, top: float, colour: Any) -> None:
        """The envelope as one closed, thinly stroked path."""
        if not len(shape.at):
            return
        canvas = self.canv
        xs = _LEFT + shape.at * (self.width - _LEFT)
        lows, highs = base + shape.low / top * height, base + shape.high / top * height
        path = canvas.beginPath()
        path.moveTo(round(xs[0], 2), round(highs[0], 2))
        for x, y in zip(np.round(xs[1:], 2).tolist(), np.round(highs[1:], 2).tolist(), strict=True):
            path.lineTo(x, y)
        for x, y in zip(np.round(xs[::-1], 2).tolist(), np.round(lows[::-1], 2).tolist(), strict=True):
            path.lineTo(x, y)
        path.close()
        canvas.setLineWidth(0.45)
        canvas.setStrokeColor(colour)
        canvas.setFillColor(colour)
        canvas.drawPath(path, stroke=1, fill=1)

    def _limit(self, run: Run, base: float, height: float) -> None:
        canvas = self.canv
        y = base + run.limit_um / self._top_um * height
        canvas.saveState()
        canvas.setStrokeColor(DEEP)
        canvas.setLineWidth(0.8)
        canvas.setDash(2.4, 1.6)
        canvas.line(self._x(int(self._trace["mono_ns"][run.first])), y, self._x(int(self._trace["mono_ns"][run.end - 1])), y)
        canvas.restoreState()

    def _trips(self, run: Run, base: float, height: float) -> None:
        part = self._trace["index"][run.first : run.end]
        for told in self._facts.trips:
            at = int(np.searchsorted(part, told.body.sample_index))
            if at < len(part) and int(part[at]) == told.body.sample_index:
                x = self._x(int(self._trace["mono_ns"][run.first + at]))
                self.canv.setFillColor(RED)
                self.canv.circle(x, base + told.body.depth_um / self._top_um * height, 1.9, stroke=0, fill=1)

    def _since(self, mono_ns: int) -> float:
        return (mono_ns - self._facts.opened_mono_ns) / 1e9


class Strip(_Plot):
    """Depth over the whole session, the limit as a staircase, zone numbers above."""

    def __init__(self, drawn: _Drawn) -> None:
        super().__init__(drawn, WIDTH, 92)
        self._begin_ns, self._end_ns = int(self._trace["mono_ns"][0]), int(self._trace["mono_ns"][-1])

    def draw(self) -> None:
        """All runs on one scale."""
        canvas, base, height = self.canv, 14.0, 62.0
        self._grid(base, height)
        whole = Run(0, 0, 0, len(self._trace["mono_ns"]))
        self._band(self._squeeze("asked_depth_um", whole), base, height, self._top_um, PALE)
        self._band(self._squeeze("depth_um", whole), base, height, self._top_um, BLUE)
        last = -100.0
        for run in self._drawn.runs:
            self._limit(run, base, height)
            self._trips(run, base, height)
            middle = self._x(int(self._trace["mono_ns"][(run.first + run.end) // 2]))
            if middle - last > 12:
                canvas.setFillColor(INK)
                canvas.setFont(SEMIBOLD, 7)
                canvas.drawCentredString(middle, base + height + 6, str(run.zone))
                last = middle
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 6.5)
        canvas.drawString(_LEFT, 3, clock(self._since(self._begin_ns)))
        canvas.drawRightString(self.width, 3, clock(self._since(self._end_ns)))
        canvas.drawCentredString((_LEFT + self.width) / 2, 3, "time since opening; numbers above are the zones of the table")
        canvas.drawString(0, base + height + 6, "mm")


class Panel(_Plot):
    """One stay in one zone: depth above, speed below, contact as bars between them."""

    def __init__(self, drawn: _Drawn, run: Run, width: float) -> None:
        super().__init__(drawn, width, 128)
        self._run = run
        self._begin_ns = int(self._trace["mono_ns"][run.first])
        self._end_ns = int(self._trace["mono_ns"][run.end - 1])
        self._top_rpm = drawn.top_rpm

    def draw(self) -> None:
        """Title, depth, contact, speed."""
        canvas, run = self.canv, self._run
        depth_base, depth_height, speed_base, speed_height = 40.0, 62.0, 12.0, 20.0
        self._title()
        self._grid(depth_base, depth_height)
        self._band(self._squeeze("asked_depth_um", run), depth_base, depth_height, self._top_um, PALE)
        self._band(self._squeeze("depth_um", run), depth_base, depth_height, self._top_um, BLUE)
        self._limit(run, depth_base, depth_height)
        self._trips(run, depth_base, depth_height)
        self._contact(depth_base - 4.6)
        canvas.setStrokeColor(FAINT)
        canvas.setLineWidth(0.35)
        canvas.line(_LEFT, speed_base, self.width, speed_base)
        self._band(self._squeeze("speed_rpm", run), speed_base, speed_height, self._top_rpm, SKY)
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 6)
        canvas.drawRightString(_LEFT - 4, speed_base + speed_height * 8000 / self._top_rpm - 5, "8000")
        canvas.drawRightString(_LEFT - 4, speed_base, "rpm")
        canvas.drawString(_LEFT, 3, clock(self._since(self._begin_ns)))
        canvas.drawRightString(self.width, 3, clock(self._since(self._end_ns)))

    def _title(self) -> None:
        canvas, run = self.canv, self._run
        zone = next((zone for zone in self._facts.opened.zones if zone.number == run.zone), None)
        y = self.height - 11
        canvas.setFillColor(INK)
        canvas.setFont(SEMIBOLD, 8)
        name = f"{run.zone}  {zone.name if zone else 'zone not in the plan'}"
        while canvas.stringWidth(name, SEMIBOLD, 8) > self.width - _LEFT - 60:
            name = name[:-2].rstrip(" ,.") + "…"
        canvas.drawString(_LEFT, y, name)
        canvas.setFillColor(DEEP)
        canvas.setFont(REGULAR, 7)
        canvas.drawRightString(self.width, y, f"limit {run.limit_um / 1000:.2f} mm")

    def _contact(self, y: float) -> None:
        contact, times = (self._trace[field][self._run.first : self._run.end] for field in ("contact", "mono_ns"))
        self.canv.setFillColor(SKY)
        for first, end in stretches(contact != 0):
            left, right = self._x(int(times[first])), self._x(int(times[end - 1]))
            self.canv.rect(left, y, max(0.4, right - left), 2.2, stroke=0, fill=1)
