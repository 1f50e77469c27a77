"""Who signed and whether it still stands, and what the hash chains prove. Pure but for the fonts."""

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer

from sessions.export.material import Material
from sessions.export.pdf.style import (
    AMBER,
    BLUE,
    INK,
    RED,
    REGULAR,
    SEMIBOLD,
    SOFT,
    escaped,
    grid,
    heading,
    remark,
    stamp,
    style,
    text,
    thousands,
)
from sessions.signing import Standing

_COLOUR = {"VALID": BLUE, "VOIDED": RED, "BROKEN": RED, "UNKNOWN KEY": AMBER}
_MARK = {"VALID": "●", "VOIDED": "▲", "BROKEN": "▲", "UNKNOWN KEY": "◆"}


def proof_part(material: Material) -> list[Flowable]:
    """Signatures, then the heads and what they are worth."""
    return [CondPageBreak(120), *_signatures(material), *_chains(material)]


def signed_in_short(material: Material) -> str:
    """One line for the first page: how many signatures there are, and how many of them stand."""
    if not material.signatures:
        return "not signed"
    stand = sum(signed.standing == "VALID" for signed in material.signatures)
    count = len(material.signatures)
    return f"{count} signature{'s' if count != 1 else ''}, {stand} valid" + ("" if stand == count else ": see Signatures")


def _signatures(material: Material) -> list[Flowable]:
    if not material.signatures:
        return [heading("Signatures"), text("Nobody has signed this session.", 8.5, SEMIBOLD)]
    rows: list[list[object]] = [_row(signed) for signed in material.signatures]
    head = ["Standing", "Signed by", "As", "Meaning", "When", "Content signed, SHA-256"]
    table = grid(head, rows, [0.17, 0.13, 0.13, 0.11, 0.16, 0.3])
    words = (
        "Each covers the session up to itself: every event, sample and block of tape. What is added later voids it and is told "
        "above. Ed25519, key of the station: " + ", ".join(dict.fromkeys(signed.key_id for signed in material.signatures))
    )
    return [heading("Signatures"), table, remark(words)]


def _row(signed: Standing) -> list[object]:
    """A signature that does not stand is struck through: nobody may take it for one that does."""
    colour = _COLOUR[signed.standing]
    stands = signed.standing in ("VALID", "UNKNOWN KEY")
    standing: list[Flowable] = [text(f"{_MARK[signed.standing]} {signed.words}", 8, SEMIBOLD, colour)]
    if signed.why:
        standing.append(text(signed.why, 7, REGULAR, SOFT))
    told = [_struck(words, stands) for words in (signed.person, signed.role, signed.meaning, stamp(signed.utc))]
    named = [told[0], *([_struck(signed.name, stands)] if signed.name else [])]
    return [
        standing,
        named,
        *told[1:],
        text(f"{signed.content_sha256[:32]}\n{signed.content_sha256[32:]}", 7, REGULAR, INK if stands else SOFT),
    ]


def _struck(words: str, stands: bool) -> Paragraph:
    shown = escaped(words) if stands else f"<strike>{escaped(words)}</strike>"
    return Paragraph(shown, style(8, REGULAR, INK if stands else SOFT, splitLongWords=1))


def _chains(material: Material) -> list[Flowable]:
    verdict = material.verdict
    rows: list[list[object]] = [
        ["Events", thousands(verdict.events), text(verdict.events_head, 8)],
        ["Trace, blocks", thousands(verdict.blocks), text(verdict.trace_head if verdict.blocks else "no telemetry on record", 8)],
        ["Tape, blocks", thousands(verdict.wires), text(verdict.wires_head if verdict.wires else "no tape on record", 8)],
    ]
    parts: list[Flowable] = [
        heading("What this document rests on"),
        grid(["Hash chain", "Rows", "Head, SHA-256"], rows, [0.18, 0.12, 0.7], right=(1,)),
        Spacer(0, 4),
    ]
    if verdict.holds:
        parts.append(text("The chains were recomputed from the rows when this document was made, and hold.", 8.5, SEMIBOLD))
    for problem in verdict.problems:
        parts.append(text(f"▲ {problem}", 8.5, SEMIBOLD, RED))
    if material.pseudonymous:
        parts.append(
            remark(
                "This is a pseudonymous export: codes of people are replaced and free text is left out. The heads are those of "
                "the original record, so the events shown here do not give them; the samples still do."
            )
        )
    parts.append(
        remark(
            "The heads prove that no event and no sample before them was changed, removed, added or moved since it was written. "
            "They do not prove that nothing was cut off at the end: a shortened record has an earlier head, and only a head "
            "printed or kept elsewhere, like those at the foot of every page here, shows that. The tape is every byte from the "
            "pen and every decision, from which the session can be replayed."
        )
    )
    return [KeepTogether(parts)]
