"""What each zone received: map, table, every pass. Pure but for the fonts."""

from reportlab.platypus import Flowable, KeepTogether, Spacer, Table, TableStyle

from sessions.events import ZoneTotals
from sessions.export.art import ZoneArt
from sessions.export.pdf.style import (
    AMBER,
    EVERY_CELL,
    INK,
    RED,
    REGULAR,
    SEMIBOLD,
    SOFT,
    WIDTH,
    clock,
    grid,
    heading,
    remark,
    short_mm,
    text,
)
from sessions.export.pdf.zone_map import Legend, ZoneBars, ZoneMap
from sessions.facts import Facts, Told

_HOW = {"zone_change": "new zone", "button": "pen's button", "tap": "tap", "lift": "long lift", "close": "close"}
_MAP_HEIGHT = 285.0
_ONE_COLUMN = 5  # passes and corrections that need no second half
_BARS = 8  # lines that stay together without drawings


def zone_table(facts: Facts) -> list[Flowable]:
    """The numbers of each zone, kept on one page where they fit one."""
    if not facts.totals:
        return [heading("Zones"), text("The plan has no zone.", 8.5, SEMIBOLD)]
    return [KeepTogether([heading("Zones"), _table(facts), *_remarks(facts)])]


def pins_part(facts: Facts) -> list[Flowable]:
    """Every pin with the limit of its own; nothing when there is none."""
    planned = {zone.zone: zone for zone in facts.opened.zones}
    rows: list[list[object]] = []
    for pin in facts.opened.zones:
        if pin.pin is not None:
            around = planned.get(pin.pin.zone)
            rows.append(
                [
                    text(pin.name, 8, SEMIBOLD),
                    text(pin.zone, 7, REGULAR, SOFT),
                    text(short_mm(pin.limit_um), 8, SEMIBOLD, right=True),
                    short_mm(around.limit_um) if around else "",
                    str(pin.passes),
                    f"{pin.pin.x}, {pin.pin.y} of {pin.pin.drawing}",
                ]
            )
    if not rows:
        return []
    head = ["Pin", "Id", "Limit mm", "Its zone's, mm", "Planned", "On the drawing, in its own units"]
    table = grid(head, rows, [0.26, 0.15, 0.09, 0.12, 0.08, 0.3], right=(2, 3, 4))
    return [KeepTogether([heading("Pins"), table])] if len(rows) <= _BARS else [heading("Pins"), table]


def map_part(facts: Facts, zone_art: ZoneArt | None) -> list[Flowable]:
    """Where the passes were, and each of them; `zone_art` None gives dots in place of the map."""
    return [heading("Passes"), *_map(facts, zone_art), Spacer(0, 8), *_passes(facts)]


def _map(facts: Facts, zone_art: ZoneArt | None) -> list[Flowable]:
    pins = {zone.zone: zone.pin for zone in facts.opened.zones if zone.pin is not None}
    drawings = {pin.drawing for pin in pins.values()}
    views = zone_art.views_with({total.zone for total in facts.totals}, drawings) if zone_art else ()
    if not views:
        parts = [facts.totals[at : at + _BARS] for at in range(0, len(facts.totals), _BARS)]
        return [ZoneBars(facts, part, WIDTH) for part in parts]
    per_row = min(2, len(views))
    maps = [ZoneMap(view, facts, WIDTH / per_row, _MAP_HEIGHT) for view in views]
    rows = [[*maps[at : at + per_row], *[""] * (per_row - len(maps[at : at + per_row]))] for at in range(0, len(maps), per_row)]
    table = Table(rows, colWidths=[WIDTH / per_row] * per_row)
    table.setStyle(TableStyle([EVERY_CELL, ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]))
    drawn = {zone for view in views for zone in view.zones}
    drawn |= {zone for zone, pin in pins.items() if any(view.name == pin.drawing for view in views)}
    absent = [total.zone for total in facts.totals if total.zone not in drawn]
    more = [remark("Not on the drawings: " + ", ".join(absent))] if absent else []
    return [table, Legend(WIDTH), *more]


def _table(facts: Facts) -> Flowable:
    planned = {zone.zone: zone for zone in facts.opened.zones}
    rows: list[list[object]] = []
    for total in facts.totals:
        zone = planned.get(total.zone)
        rows.append(
            [
                str(zone.number) if zone else "",
                text(zone.name if zone else total.zone, 8, SEMIBOLD),
                text(total.zone, 7, REGULAR, SOFT),
                short_mm(total.limit_um),
                _deepest(total, facts),
                str(zone.passes) if zone else "",
                text(str(total.passes), 8, SEMIBOLD, right=True),
                str(total.strokes),
                f"{total.contact_s:.1f}",
                f"{total.strikes_per_cm2:.0f}",
            ]
        )
    head = ["#", "Zone", "Id", "Limit mm", "Deepest mm", "Planned", "Passes", "Strokes", "Contact s", "Strikes/cm²"]
    return grid(head, rows, [0.045, 0.215, 0.12, 0.085, 0.105, 0.08, 0.07, 0.08, 0.09, 0.11], right=(3, 4, 5, 6, 7, 8, 9))


def _deepest(total: ZoneTotals, facts: Facts) -> Flowable:
    over = total.max_depth_um > total.limit_um
    tripped = any(told.body.limit_um == total.limit_um and told.body.depth_um == total.max_depth_um for told in facts.trips)
    colour = RED if tripped else AMBER if over else INK
    return text(("▲ " if over else "") + short_mm(total.max_depth_um), 8, SEMIBOLD if over else REGULAR, colour, True)


def _remarks(facts: Facts) -> list[Flowable]:
    lines = []
    if any(total.max_depth_um > total.limit_um for total in facts.totals):
        lines.append(
            "▲ measured deeper than the limit. Beyond limit and tolerance a guard stops the pen: see Enforcement of the limit."
        )
    if facts.opened.carried:
        carried = sum(total.passes for total in facts.opened.carried)
        lines.append(f"Counts include {carried} passes carried over from session {facts.opened.resumed_from}.")
    for zone in facts.opened.zones:
        if zone.reason:
            lines.append(
                f"{zone.zone}: limit above the soft cap of {short_mm(zone.soft_cap_um)} mm, reason given: {zone.reason}."
            )
        if zone.pin is None and zone.mode == "caution":
            said = "acknowledged by the operator" if zone.acknowledged else "not acknowledged"
            lines.append(f"{zone.zone}: caution zone, {said}" + (f"; {zone.floor_note.rstrip('.')}." if zone.floor_note else "."))
    return [remark(" ".join(lines))] if lines else []


def _passes(facts: Facts) -> list[Flowable]:
    """Every pass as counted and every correction, in time order."""
    told = sorted([*facts.passes, *facts.corrections], key=lambda each: each.at_s)
    if not told:
        return [text("No pass was counted in this session.")]
    names = {zone.zone: zone.name for zone in facts.opened.zones}
    ways = {(each.body.zone, each.body.number): f" · {each.body.direction_deg}°" for each in facts.passes_noted}
    rows = [_pass_row(each, names, ways) for each in told]
    head = ["At", "Zone", "Pass", "Ended by", "Contact"]
    widths = [0.08, 0.165, 0.08, 0.09, 0.07]
    words = "Contact is that of the one pass, and so is the direction of travel, where one was noted."
    if len(rows) <= _ONE_COLUMN:
        table = grid(head, rows, widths, right=(4,))
        table.hAlign = "LEFT"
        return [remark(f"At: time since opening. {words}"), table]
    half = (len(rows) + 1) // 2
    left, right = rows[:half], rows[half:]
    right += [[""] * 5] * (half - len(right))
    both = [[*a, "", *b] for a, b in zip(left, right, strict=True)]
    table = grid([*head, "", *head], both, [*widths, 0.03, *widths], right=(4, 10))
    return [remark(f"At: time since opening, down the left half, then the right. {words}"), table]


def _pass_row(told: Told, names: dict[str, str], ways: dict[tuple[str, int], str]) -> list[object]:
    body = told.body
    name = names.get(body.zone, body.zone)
    if body.kind == "pass_corrected":
        return [
            clock(told.at_s),
            name,
            text(f"{body.counted} to {body.corrected}", 8, SEMIBOLD),
            text("corrected", 7.5, SEMIBOLD),
            "",
        ]
    number = f"{body.number}{ways.get((body.zone, body.number), '')}"
    return [clock(told.at_s), name, number, _HOW[body.how], f"{body.contact_ms / 1000:.1f} s"]
