"""Puts the parts together into session.pdf. Pure: material in, bytes out, the same every time."""

import io
from collections.abc import Callable

from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Frame, PageBreak, PageTemplate

from sessions.export.art import ZoneArt
from sessions.export.material import Material
from sessions.export.pdf.around_part import after_part, consent_part
from sessions.export.pdf.facts_part import first_page
from sessions.export.pdf.frame import BOTTOM, TOP, canvas_for
from sessions.export.pdf.given_part import cartridges_part, given_part, skin_part
from sessions.export.pdf.proof import proof_part
from sessions.export.pdf.reports import alarms_part, enforcement_part, notes_part
from sessions.export.pdf.style import MARGIN, PAGE_HEIGHT, REGULAR, WIDTH, register_fonts
from sessions.export.pdf.traces import traces_part
from sessions.export.pdf.zones_part import map_part, pins_part, zone_table


def session_pdf(material: Material, zone_art: ZoneArt | None, tick: Callable[[float], None] = lambda _: None) -> bytes:
    """The whole document. Fonts are embedded; `invariant` keeps date and id of the file out of it.

    `tick` is told the share that is laid out, 0 to 1; what it raises ends the work.
    """
    register_fonts()
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=f"Treatment record {material.facts.session}",
        author="pencontrol",
        subject="SIMULATED" if material.facts.opened.pen.simulated else "Treatment",
        lang="en",
        initialFontName=REGULAR,  # else every page names Helvetica, which is not embedded
        invariant=1,
        pageCompression=1,
    )
    body = Frame(MARGIN, BOTTOM, WIDTH, PAGE_HEIGHT - TOP - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate(frames=[body])])
    facts = material.facts
    # The report on enforcement stands alone where there is one: somebody may want just that page.
    apart = PageBreak() if facts.enforcement or facts.trips else CondPageBreak(120)
    story = [
        *first_page(material),
        *consent_part(material),
        *zone_table(facts),
        *pins_part(facts),
        CondPageBreak(400),
        *map_part(facts, zone_art),
        *skin_part(facts),
        *given_part(facts),
        *cartridges_part(facts),
        *notes_part(material),
        CondPageBreak(560 if len(material.trace) else 0),
        *traces_part(material),
        apart,
        *enforcement_part(material),
        apart,
        *alarms_part(facts),
        *after_part(material),
        *proof_part(material),
    ]
    document.setProgressCallBack(_share_of(len(story), tick))
    document.build(story, canvasmaker=canvas_for(material))
    return out.getvalue()


def _share_of(parts: int, tick: Callable[[float], None]) -> Callable[[str, int], None]:
    """reportlab's callback: PROGRESS comes with the number of parts laid out, which falls again when a part is split."""
    furthest = 0.0

    def heard(kind: str, value: int) -> None:
        nonlocal furthest
        if kind == "PROGRESS":
            furthest = max(furthest, min(1.0, value / max(1, parts)))
            tick(furthest)

    return heard
