"""What was put on the skin, what the skin showed, and which cartridges were in the pen. Pure but for the fonts."""

from reportlab.platypus import Flowable, KeepTogether

from sessions.events import Cartridge
from sessions.export.pdf.style import INK, RED, REGULAR, SEMIBOLD, SOFT, clock, grid, heading, millimetres, remark, text
from sessions.facts import Facts, Told
from sessions.remarks import Remark, remark_of

_NB = "\u00a0"  # a number stays with its unit
_TOGETHER = 12  # rows that are not split over pages
_SORTS = {"end_point": "end point", "reaction": "reaction", "response": "at the end"}
_GRAVE = {("end_point", "excess"), ("reaction", "faint"), ("reaction", "bleeding")}


def skin_part(facts: Facts) -> list[Flowable]:
    """End points by zone, reactions, and the response at the end; nothing when none was told."""
    told = [(each, remark_of(each.body)) for each in facts.notes]
    rows = [_skin_row(each, remark, facts) for each, remark in told if remark.sort in _SORTS]
    if not rows:
        return []
    table = grid(["At", "What", "Zone", "Seen", "Words", "By"], rows, [0.09, 0.13, 0.2, 0.2, 0.24, 0.14])
    return _part("Skin", table, len(rows))


def _skin_row(told: Told, remark: Remark, facts: Facts) -> list[object]:
    grave = (remark.sort, remark.code) in _GRAVE
    seen = text(("▲ " if grave else "") + remark.words, 8, SEMIBOLD, RED if grave else INK)
    zone = _name(facts, told.body.zone) if remark.sort != "response" else ""
    return [clock(told.at_s), _SORTS[remark.sort], zone, seen, told.body.text, told.actor]


def given_part(facts: Facts) -> list[Flowable]:
    """Numbing and media, in the order in which they were applied; nothing when none was."""
    told = sorted([*facts.numbing, *facts.media], key=lambda each: each.at_s)
    if not told:
        return []
    rows = [_numbing_row(each) if each.body.kind == "numbing" else _medium_row(each, facts) for each in told]
    table = grid(["At", "What", "Product", "Amount", "Lot", "Details", "By"], rows, [0.09, 0.155, 0.19, 0.08, 0.11, 0.265, 0.11])
    words = "What was applied to the skin. At: time since opening; the details say since when, if it was earlier."
    return _part("Numbing and media", table, len(rows), words)


def _numbing_row(told: Told) -> list[object]:
    body = told.body
    details = [f"since {body.since_utc[:10]} {body.since_utc[11:16]} UTC"] if body.since_utc else []
    if body.maximum_min is not None:
        details.append(f"at most {body.maximum_min}{_NB}min")
    if body.on_skin_s is not None:
        details.append(f"{body.on_skin_s / 60:.0f}{_NB}min on the skin")
    details += [body.reason] if body.reason else []
    amount = f"{body.amount_g:g}{_NB}g" if body.amount_g is not None else ""
    what = f"numbing {body.what.replace('_', ' ')}"
    return [clock(told.at_s), what, _product(body.name, body.product), amount, "", ", ".join(details), told.actor]


def _medium_row(told: Told, facts: Facts) -> list[object]:
    body = told.body
    amount = f"{body.amount_ul / 1000:.1f}{_NB}ml" if body.amount_ul is not None else "not told"
    where = _name(facts, body.zone)
    return [clock(told.at_s), "medium", _product(body.name, body.medium), amount, body.lot or "not told", where, told.actor]


def _product(name: str, code: str) -> Flowable | str:
    return [text(name, 8, SEMIBOLD), text(code, 7, REGULAR, SOFT)] if name and name != code else code


def cartridges_part(facts: Facts) -> list[Flowable]:
    """Every cartridge that was in the pen; nothing when it stayed the same: the first page has that one."""
    if not facts.cartridges:
        return []
    rows = [_cartridge_row("at the opening", facts.opened.cartridge, "")]
    rows += [_cartridge_row(f"from {clock(told.at_s)}", told.body.new, told.actor) for told in facts.cartridges]
    head = ["In the pen", "Id", "Needles", "Tip", "Lot", "Expires", "Used before", "By"]
    table = grid(head, rows, [0.15, 0.16, 0.08, 0.1, 0.15, 0.12, 0.13, 0.11])
    return _part("Cartridges used", table, len(rows))


def _cartridge_row(since: str, told: Cartridge, actor: str) -> list[object]:
    if not told.present:
        return [since, "none", *[""] * 5, actor]
    used = f"{told.used_ms / 1000:.1f} s" if told.used_ms else "never"
    return [
        since,
        text(told.id, 8, SEMIBOLD),
        str(told.needles),
        millimetres(told.tip_width_um),
        told.lot,
        told.expires,
        used,
        actor,
    ]


def _name(facts: Facts, zone: str) -> str:
    return next((each.name for each in facts.opened.zones if each.zone == zone), zone)


def _part(title: str, table: Flowable, rows: int, words: str = "") -> list[Flowable]:
    parts = [heading(title), table, *([remark(words)] if words else [])]
    return [KeepTogether(parts)] if rows <= _TOGETHER else parts
