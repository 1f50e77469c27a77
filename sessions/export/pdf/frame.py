"""What every page carries: session id, page n of m, chain head, and the SIMULATED mark. Drawn when all pages are known."""

import hashlib
from datetime import datetime
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sessions.export.material import Material
from sessions.export.pdf.style import (
    AMBER,
    BOLD,
    DEEP,
    INK,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PALE,
    PAPER,
    REGULAR,
    SEMIBOLD,
    SOFT,
)

TOP = 25 * mm  # from the paper's edge to the text
BOTTOM = 25 * mm


def canvas_for(material: Material) -> type[Canvas]:
    """A canvas class that keeps its pages until the end, to number them "n of m"."""

    class Pages(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            _date(self, material.facts.closed_utc or material.facts.opened_utc)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            kept = self._kept
            for number, page in enumerate(kept, start=1):
                self.__dict__.update(page)
                _draw(self, material, number, len(kept))
                super().showPage()
            super().save()

    return Pages


def _date(canvas: Canvas, utc: str) -> None:
    """Date and id of the file come from the session: reportlab's follow SOURCE_DATE_EPOCH even when `invariant` is set."""
    date = datetime.fromisoformat(utc)
    stamp = canvas._doc._timeStamp
    stamp.t, stamp.lt, stamp.YMDhms = date.timestamp(), date.timetuple(), tuple(date.timetuple())[:6]
    canvas._doc.signature = hashlib.md5(utc.encode(), usedforsecurity=False)


def _draw(canvas: Canvas, material: Material, number: int, count: int) -> None:
    facts, verdict = material.facts, material.verdict
    right = PAGE_WIDTH - MARGIN
    y = PAGE_HEIGHT - 14 * mm
    canvas.saveState()
    canvas.setFillColor(DEEP)
    canvas.setFont(SEMIBOLD, 8)
    canvas.drawString(MARGIN, y, facts.session)
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, 8)
    canvas.drawRightString(right, y, f"page {number} of {count}")
    marks = [*(["SIMULATED"] if facts.opened.pen.simulated else []), *(["PSEUDONYMOUS"] if material.pseudonymous else [])]
    for at, words in enumerate(marks):
        _mark(canvas, PAGE_WIDTH / 2 + (at - (len(marks) - 1) / 2) * 82, y, words)
    canvas.setStrokeColor(PALE)
    canvas.setLineWidth(0.8)
    canvas.line(MARGIN, y - 5, right, y - 5)

    y = 16 * mm
    canvas.line(MARGIN, y + 10, right, y + 10)
    heads = (
        (f"Events 1-{verdict.events}", verdict.events_head),
        (f"Trace, {verdict.blocks} blocks", verdict.trace_head if verdict.blocks else "no telemetry on record"),
        (f"Tape, {verdict.wires} blocks", verdict.wires_head if verdict.wires else "no tape on record"),
    )
    canvas.setFont(REGULAR, 6.5)
    for line, (name, head) in enumerate(heads):
        canvas.setFillColor(SOFT)
        canvas.drawString(MARGIN, y - 9 * line, name)
        canvas.setFillColor(INK)
        canvas.drawString(MARGIN + 66, y - 9 * line, head)
    canvas.setFillColor(SOFT)
    canvas.drawRightString(right, y, "Heads of the hash chains, SHA-256")
    if facts.opened.pen.simulated:
        canvas.setFillColor(AMBER)
        canvas.setFont(SEMIBOLD, 6.5)
        canvas.drawRightString(right, y - 9, "SIMULATED: no pen touched skin")
    canvas.restoreState()


def _mark(canvas: Canvas, middle: float, y: float, words: str) -> None:
    half = canvas.stringWidth(words, BOLD, 7) / 2 + 7
    canvas.setFillColor(AMBER if words == "SIMULATED" else DEEP)
    canvas.roundRect(middle - half, y - 3.4, 2 * half, 12.4, 6.2, stroke=0, fill=1)
    canvas.setFillColor(PAPER)
    canvas.setFont(BOLD, 7)
    canvas.drawCentredString(middle, y, words)
