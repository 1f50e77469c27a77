"""Puts the parts together into session.pdf. Pure: material in, bytes out, the same every time."""

import io

from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Frame, PageBreak, PageTemplate

from sessions.export.art import ZoneArt
from sessions.export.material import Material
from sessions.export.pdf.facts_part import first_page
from sessions.export.pdf.frame import BOTTOM, TOP, canvas_for
from sessions.export.pdf.reports import alarms_part, chain_part, enforcement_part, notes_part
from sessions.export.pdf.style import MARGIN, PAGE_HEIGHT, REGULAR, WIDTH, register_fonts
from sessions.export.pdf.traces import traces_part
from sessions.export.pdf.zones_part import map_part, zone_table


def session_pdf(material: Material, zone_art: ZoneArt | None) -> bytes:
    """The whole document. Fonts are embedded; `invariant` keeps date and id of the file out of it."""
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
    story = [
        *first_page(material),
        *zone_table(material.facts),
        PageBreak(),
        *map_part(material.facts, zone_art),
        *notes_part(material.facts),
        CondPageBreak(360),
        *traces_part(material),
        CondPageBreak(200),
        *alarms_part(material.facts),
        *enforcement_part(material),
        *chain_part(material),
    ]
    document.build(story, canvasmaker=canvas_for(material))
    return out.getvalue()
