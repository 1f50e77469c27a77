"""Records in words: list rows, totals, events, verification. Pure; every text comes from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from ui.touch.views import OVER_UM, MapView, ZoneMark, mm, thousands
from ui.touch.words import Words

if TYPE_CHECKING:
    from sessions.audit import Verdict
    from sessions.reading import SessionListing
    from ui.touch.records.record import Line, Record

HIDDEN = frozenset({"state_changed", "setting_reached", "setting_asked", "stroke", "armed"})  # told by the trace, many
URGENT = frozenset({"alarm_raised", "trip", "stopped", "fault_cleared"})


@dataclass(frozen=True)
class DayHead:
    """The line above a day's sessions."""

    day: date
    text: str


@dataclass(frozen=True)
class SessionRow:
    """One session of the list."""

    session: str
    state: str
    simulated: bool
    alarms: int
    time: str
    client: str
    line: str
    counts: str
    spoken: str


def local(utc: str, zone: tzinfo | None) -> datetime:
    """A moment of the record by the clinic's clock; `zone` None is this station's."""
    return datetime.fromisoformat(utc).astimezone(zone)


def day_text(day: date, words: Words) -> str:
    """Saturday, 21 November 2026, in the catalogue's order."""
    names = {"weekday": words(f"records.weekday.{day.isoweekday()}"), "month": words(f"records.month.{day.month}")}
    return words("records.day", day=day.day, year=day.year, **names)


def list_items(
    listings: Sequence[SessionListing], words: Words, zone: tzinfo | None, above: date | None = None
) -> list[DayHead | SessionRow]:
    """Rows under their days, newest first; `above` is the day of the row before the first."""
    items: list[DayHead | SessionRow] = []
    for listing in listings:
        opened = local(listing.opened_utc, zone)
        if opened.date() != above:
            above = opened.date()
            items.append(DayHead(above, day_text(above, words)))
        items.append(_row(listing, opened, words))
    return items


def _row(listing: SessionListing, opened: datetime, words: Words) -> SessionRow:
    state = words(f"records.state.{listing.state}")
    counts = words("records.row_counts", zones=listing.zones, passes=listing.passes)
    parts = [state, listing.operator]
    if listing.resumed_from:
        parts.append(words("records.row_resumed"))
    time = f"{opened:%H:%M}"
    simulated = (words("top.simulated"),) if listing.simulated else ()
    alarms = words("records.row_alarms", count=listing.alarms)
    spoken = ", ".join((time, listing.client, *parts, counts, alarms, *simulated, listing.id))
    row = (listing.id, listing.state, listing.simulated, listing.alarms, time, listing.client)
    return SessionRow(*row, " · ".join(parts), counts, spoken)


def clock_text(seconds: float) -> str:
    """0:03:12, with the hour only where there is one."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def head_texts(record: Record, words: Words, zone: tzinfo | None) -> tuple[str, str]:
    """The session's title and the line below."""
    opened = local(record.opened_utc, zone)
    title = words("records.title", client=record.opened.client, day=day_text(opened.date(), words), time=f"{opened:%H:%M}")
    parts = [record.session, words(f"records.state.{record.state}"), record.opened.operator]
    if record.opened.pen.simulated:
        parts.insert(0, words("top.simulated"))
    if record.opened.resumed_from:
        parts.append(words("records.resumed", session=record.opened.resumed_from))
    return title, " · ".join(parts)


def fact_rows(record: Record, words: Words) -> list[tuple[str, str]]:
    """What holds for the whole session: name and value."""
    opened, pen, cartridge = record.opened, record.opened.pen, record.opened.cartridge
    length = clock_text(record.ended_s) if record.ended_s is not None else words("missing")
    over = words("missing") if record.over_limit is None else thousands(record.over_limit)
    judged = words("records.fact_samples", samples=thousands(record.samples), lost=thousands(record.samples_lost))
    rows = [
        ("length", length),
        ("indication", _known(words, "indication", opened.indication) or words("missing")),
        ("pen", words("records.fact_pen", serial=pen.serial, firmware=pen.firmware)),
        ("cartridge", words("records.fact_lot", needles=cartridge.needles, lot=cartridge.lot or words("missing"))),
        ("samples", judged),
        ("over", over),
    ]
    return [(words(f"records.fact.{name}"), value) for name, value in rows]


def total_rows(record: Record, words: Words) -> list[tuple[str, ...]]:
    """One row a zone that received something: name, passes of planned, contact, strikes, deepest of limit."""
    planned = {zone.zone: zone.passes for zone in record.opened.zones}
    rows: list[tuple[str, ...]] = []
    for total in record.totals:
        if not (total.passes or total.strokes or total.contact_s):
            continue
        passes = words("closed.passes", passes=total.passes, planned=planned.get(total.zone, 0))
        over = total.max_depth_um > total.limit_um + OVER_UM
        key = "records.deepest_over" if over else "prepare.depth"
        deepest = words(key, depth=mm(total.max_depth_um), limit=mm(total.limit_um))
        contact = f"{total.contact_s:.0f} s"
        rows.append((record.name(total.zone), passes, contact, thousands(round(total.strikes_per_cm2)), deepest))
    return rows


def map_at(record: Record, at_s: float | None, moving: bool, words: Words) -> MapView:
    """The zone map as it stood `at_s` seconds after the opening; None is the end, with what went over its limit."""
    end = at_s is None
    totals = {total.zone: total for total in record.totals}
    passes = record.passes_at(at_s) if at_s is not None else {zone: total.passes for zone, total in totals.items()}
    marks = []
    for zone in record.opened.zones:
        count, total = passes.get(zone.zone, 0), totals.get(zone.zone)
        deep = end and total is not None and total.max_depth_um > zone.limit_um
        marks.append(ZoneMark(zone.zone, zone.limit_um, count, zone.passes, count > zone.passes or deep, pin=zone.pin))
    chosen = record.zone_at(at_s) if at_s is not None else ""
    limit = next((zone.limit_um for zone in record.opened.zones if zone.zone == chosen), 0)
    line = words("records.map_line", limit=mm(limit), passes=passes.get(chosen, 0)) if chosen else ""
    return MapView(tuple(marks), chosen, record.name(chosen) if chosen else "", line, "", moving)


def event_lines(record: Record, urgent: bool) -> list[Line]:
    """The events to list: all but what the trace tells better, or only what went wrong."""
    return [line for line in record.lines if line.kind not in HIDDEN and (not urgent or line.kind in URGENT)]


def event_texts(line: Line, record: Record, words: Words) -> tuple[str, str]:
    """What happened, and the details of it."""
    body: Any = line.body
    told: dict[str, Any] = body.model_dump(mode="json")
    zone = record.name(str(told.get("zone", ""))) if told.get("zone") else ""
    match line.kind:
        case "alarm_raised":
            return body.words, _joined(words(f"priority.{body.priority}"), body.detail)
        case "trip":
            depth = words("records.event.depths", depth=mm(body.depth_um), limit=mm(body.limit_um))
            return words("records.event.trip", guard=words(f"records.guard.{body.guard}")), _joined(body.alarm, depth)
        case "stopped":
            time = words("records.event.confirmed", ms=f"{body.confirmed_us / 1000:.1f}") if body.confirmed_us else ""
            return words("records.event.stopped"), _joined(_known(words, "records.stop", body.reason), time)
        case "zone_selected":
            return zone, words("trace.limit", limit=mm(body.limit_um))
        case "pass_counted":
            return words("records.event.pass", number=body.number), _joined(zone, words(f"records.how.{body.how}"))
        case "pass_corrected":
            counted = words("records.event.counts", counted=body.counted, corrected=body.corrected)
            return words("records.event.pass_corrected"), _joined(zone, counted, body.reason)
        case "signed":
            return words("records.event.signed", meaning=words(f"records.meaning.{body.meaning}")), _joined(
                body.person, body.role
            )
        case "corrected":
            return words("records.event.corrected", number=body.number), _joined(
                f"{body.field}: {body.old} → {body.new}", body.reason
            )
        case "pass_noted":
            return words("records.event.pass_noted", number=body.number), _joined(zone, f"{body.direction_deg}°")
        case "media_applied":
            known = words(f"media.{body.medium}") if words.has(f"media.{body.medium}") else body.name or body.medium
            amount = f"{body.amount_ul / 1000:.1f} ml" if body.amount_ul else ""
            return words("records.event.media_applied"), _joined(known, amount, body.lot)
        case "note":
            return body.code, _joined(zone, body.text)
    name = words(f"records.event.{line.kind}") if words.has(f"records.event.{line.kind}") else line.kind.replace("_", " ")
    details = [str(told[key]) for key in ("alarm", "fault", "state", "reason", "detail", "what", "product") if told.get(key)]
    return name, _joined(zone, *details)


def verdict_texts(verdict: Verdict, words: Words) -> list[tuple[bool, str, str]]:
    """(in order, what, details) of the chains and of each signature."""
    counts = words("records.verified_line", events=thousands(verdict.events), samples=thousands(verdict.samples))
    holds = verdict.holds
    found = [(holds, words("records.verified" if holds else "records.broken"), counts if holds else verdict.problems[0])]
    for each in verdict.signatures:
        valid = each.standing == "VALID"
        meaning = words(f"records.meaning.{each.meaning}") if each.meaning else ""
        standing = words(f"records.standing.{each.standing.replace(' ', '_')}", number=each.voided_by or 0)
        found.append((valid, _joined(words("records.signature", person=each.person), meaning), standing))
    if not verdict.signatures:
        found.append((False, words("records.unsigned"), words("records.unsigned_line")))
    return found


def _known(words: Words, group: str, code: str) -> str:
    """A code of one of our tables in words; anything else as it was recorded."""
    return words(f"{group}.{code}") if words.has(f"{group}.{code}") else code


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
