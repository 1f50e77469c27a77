"""Type, colour and the words for numbers, shared by all parts of the document. I/O: loads the fonts beside it."""

import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, Table, TableStyle

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 18 * mm
WIDTH = PAGE_WIDTH - 2 * MARGIN

INK = HexColor("#1B2328")
SOFT = HexColor("#5B6973")
FAINT = HexColor("#8A97A0")
RULE = HexColor("#D5DDE2")
WASH = HexColor("#F3F7F9")
DEEP = HexColor("#16425B")
BLUE = HexColor("#2F6F95")
SKY = HexColor("#5DA3C6")
PALE = HexColor("#9CD2E8")
RED = HexColor("#B3261E")
AMBER = HexColor("#A86A00")
PAPER = HexColor("#FFFFFF")
PRIORITY = {"HIGH": RED, "MEDIUM": AMBER, "LOW": BLUE}

REGULAR, SEMIBOLD, BOLD = "Inter", "Inter-SemiBold", "Inter-Bold"
EVERY_CELL = ("FONT", (0, 0), (-1, -1), REGULAR, 8)  # else reportlab names Helvetica, which is not embedded
_FONTS = Path(__file__).resolve().parent.parent / "fonts"


@cache
def register_fonts() -> None:
    """Make the embedded fonts known to reportlab, once in a process."""
    for name, file in ((REGULAR, "Inter-Regular"), (SEMIBOLD, "Inter-SemiBold"), (BOLD, "Inter-Bold")):
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{file}.ttf")))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=SEMIBOLD, italic=REGULAR, boldItalic=SEMIBOLD)


def style(size: float = 8.5, font: str = REGULAR, colour: HexColor = INK, leading: float = 0, **more: object) -> ParagraphStyle:
    """A paragraph style; `leading` 0 is 1.4 times the size."""
    register_fonts()
    return ParagraphStyle("", fontName=font, fontSize=size, leading=leading or size * 1.4, textColor=colour, **more)


def escaped(words: str) -> str:
    """`words` for a Paragraph: nothing in them is taken for markup, and what the font has no sign for is named.

    A letter that silently vanished would change what the record says: 漢 is printed as [U+6F22], and so are marks that turn
    the direction of writing.
    """
    register_fonts()
    signs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return escape("".join(letter if _shows(letter, signs) else f"[U+{ord(letter):04X}]" for letter in words))


def _shows(letter: str, signs: dict[int, int]) -> bool:
    return letter in "\n\t\r" or (ord(letter) in signs and unicodedata.category(letter) not in ("Cc", "Cf"))


def text(words: str, size: float = 8.5, font: str = REGULAR, colour: HexColor = INK, right: bool = False) -> Paragraph:
    """A paragraph of plain words: nothing in them is taken for markup."""
    more = {"alignment": TA_RIGHT} if right else {}
    return Paragraph(escaped(words).replace("\n", "<br/>"), style(size, font, colour, splitLongWords=1, **more))


def heading(words: str) -> Paragraph:
    """A section's title."""
    return Paragraph(escaped(words), style(12.5, SEMIBOLD, DEEP, spaceBefore=13, spaceAfter=5, keepWithNext=1))


def remark(words: str) -> Paragraph:
    """One quiet sentence under a title or a table."""
    return Paragraph(escaped(words), style(8, REGULAR, SOFT, spaceBefore=3, spaceAfter=5))


def grid(
    head: list[str], rows: list[list[object]], widths: list[float], right: tuple[int, ...] = (), tall: bool = False
) -> Table:
    """A table whose head repeats on every page. Cells are flowables or plain words; `right` are number columns.

    `tall`: a row may be higher than a page. Only then are rows split: it is ugly where it can be helped.
    """
    top = [text(word, 7, SEMIBOLD, SOFT, right=at in right) for at, word in enumerate(head)]
    body = [
        [cell if not isinstance(cell, str) else text(cell, 8, right=at in right) for at, cell in enumerate(row)] for row in rows
    ]
    table = Table([top, *body], colWidths=[share * WIDTH for share in widths], repeatRows=1, splitInRow=int(tall))
    table.setStyle(
        TableStyle(
            [
                EVERY_CELL,
                ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
                ("VALIGN", (0, 1), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-2, -1), 7),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.9),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.7),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, DEEP),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
            ]
        )
    )
    return table


def millimetres(depth_um: int) -> str:
    """A depth as people say it: 0.75 mm."""
    return f"{depth_um / 1000:.2f} mm"


def short_mm(depth_um: int) -> str:
    """A depth where the unit stands in the column's head."""
    return f"{depth_um / 1000:.2f}"


def micros(duration_us: int | None) -> str:
    """A short duration in the unit that reads best; not seen when unknown."""
    if duration_us is None:
        return "not seen"
    if abs(duration_us) < 1000:
        return f"{duration_us} µs"
    if abs(duration_us) < 1_000_000:
        return f"{duration_us / 1000:.1f} ms" if abs(duration_us) >= 10_000 else f"{duration_us / 1000:.2f} ms"
    return f"{duration_us / 1_000_000:.2f} s"


def clock(seconds: float) -> str:
    """Time since opening: 0:37.1, or 1:02:37.1 from an hour on."""
    tenths = round(abs(seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if seconds < 0 and tenths else ""
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{sign}{hours}:{minutes:02d}:{tail}" if hours else f"{sign}{minutes}:{tail}"


def stamp(utc: str) -> str:
    """An instant for people: 2026-11-21 09:30:00 UTC."""
    return f"{utc[:10]} {utc[11:19]} UTC" if utc else "not yet"


def thousands(count: int) -> str:
    """60 000, with narrow no-break spaces."""
    return f"{count:,}".replace(",", "\u202f")
