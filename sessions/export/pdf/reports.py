"""Alarms, enforcement with its trips, notes. Pure but for the fonts."""

from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer

from sessions.events import Enforcement, Event
from sessions.export.material import Material
from sessions.export.pdf.style import (
    BLUE,
    INK,
    PRIORITY,
    RED,
    REGULAR,
    SEMIBOLD,
    SOFT,
    clock,
    escaped,
    grid,
    heading,
    micros,
    remark,
    stamp,
    style,
    text,
    thousands,
)
from sessions.export.pdf.trips import TripLine
from sessions.facts import AlarmStory, Facts
from sessions.remarks import remark_of

_TALL = 2000  # characters: more may be higher than a page
_SHAPE = {"HIGH": "▲", "MEDIUM": "◆", "LOW": "●"}


def alarms_part(facts: Facts) -> list[Flowable]:
    """Every occurrence, with who acknowledged it and when it passed."""
    if not facts.alarms:
        return [heading("Alarms"), text("No alarm was raised in this session.")]
    rows: list[list[object]] = [
        [
            clock(alarm.at_s),
            text(f"{_SHAPE[alarm.raised.priority]} {alarm.raised.priority}", 8, SEMIBOLD, PRIORITY[alarm.raised.priority]),
            [text(alarm.raised.words, 8), text(alarm.raised.alarm + f", occurrence {alarm.raised.occurrence}", 7, REGULAR, SOFT)],
            alarm.raised.detail or "",
            "still active at the end" if alarm.cleared_s is None else f"passed at {clock(alarm.cleared_s)}",
            _acknowledged(alarm),
        ]
        for alarm in facts.alarms
    ]
    table = grid(["At", "Priority", "Alarm", "Detail", "Condition", "Acknowledged"], rows, [0.08, 0.11, 0.27, 0.24, 0.15, 0.15])
    return [heading("Alarms"), table]


def _acknowledged(alarm: AlarmStory) -> Flowable:
    if alarm.acknowledged_s is None:
        return text("not acknowledged", 8, SEMIBOLD)
    return text(f"{alarm.acknowledged_by} at {clock(alarm.acknowledged_s)}", 8)


def enforcement_part(material: Material) -> list[Flowable]:
    """How well the limit was held, and each trip on its own time line."""
    facts = material.facts
    parts: list[Flowable] = [heading("Enforcement of the limit")]
    if facts.enforcement is None:
        why = "the session is still open" if facts.closed is None else "control ended before it could report"
        parts.append(text(f"NOT REPORTED: {why}. What its events and samples show is on the other pages.", 8.5, SEMIBOLD, RED))
    else:
        parts += _report(facts.enforcement)
    for told in facts.trips:
        parts += [Spacer(0, 8), KeepTogether([TripLine(material, told)])]
    if not facts.trips:
        parts.append(remark("No guard tripped in this session."))
    elif len(facts.trips) == 1:
        parts.append(remark("One guard tripped. Times run from the moment control read the sample; the scale is logarithmic."))
    else:
        parts.append(
            remark(f"{len(facts.trips)} trips. Times run from the moment control read the sample; the scale is logarithmic.")
        )
    return parts


def _report(report: Enforcement) -> list[Flowable]:
    left_out = "not recorded" if report.samples_dropped is None else thousands(report.samples_dropped)
    over = text(thousands(report.over_limit), 8, SEMIBOLD, RED if report.over_limit else INK, right=True)
    lines: list[tuple[str, object, str]] = [
        ("Samples received", thousands(report.samples), "as numbered by the pen"),
        ("Samples lost", thousands(report.samples_lost), "sent by the pen, never heard here"),
        ("Samples left out", left_out, "never sent by the pen, by its own count"),
        ("Samples judged", thousands(report.judged), "each against the limit that held at that moment"),
        ("Over the limit", over, "beyond limit and tolerance; each ends the run"),
        ("Worst age of a sample", micros(report.worst_age_us), "when judged, by the synchronised clocks"),
        ("Slowest answer", micros(report.slowest_answer_us), "from reading a sample to the decision on the wire"),
        ("Deadlines missed", thousands(report.deadlines_missed), "of control's 20 ms cycle"),
        ("Cycle, 99 of 100", micros(report.period_p99_us), "within this; control's cycle is 20 ms"),
        ("Longest cycle", micros(report.worst_period_us), "of control's 20 ms cycle"),
    ]
    rows: list[list[object]] = [[name, value, text(meaning, 8, REGULAR, SOFT)] for name, value, meaning in lines]
    rows.append(["Guards active", "", text(", ".join(report.guards) or "none", 8, SEMIBOLD, BLUE if report.guards else RED)])
    granted = ", ".join(f"{name} {answer}" for name, answer in sorted(report.scheduling.items()))
    rows.append(["Scheduling asked of the system", "", granted or "nothing reported"])
    return [grid(["What", "Count or time", "Meaning"], rows, [0.3, 0.18, 0.52], right=(1,))]


def notes_part(material: Material) -> list[Flowable]:
    """What people remarked and corrected, also after the end, and what was plugged in or cleared."""
    facts = material.facts
    rows: list[tuple[float, list[object]]] = []
    for told in facts.notes:
        if remark_of(told.body).sort != "note":
            continue  # what the skin showed has a part of its own
        words = told.body.code + (f": {told.body.text}" if told.body.text else "")
        rows.append((told.at_s, [clock(told.at_s), "note", told.body.zone, words, told.actor]))
    for told in facts.corrections:
        words = f"passes {told.body.counted} corrected to {told.body.corrected}: {told.body.reason or 'no reason given'}"
        rows.append((told.at_s, [clock(told.at_s), "correction", told.body.zone, words, told.actor]))
    for told in facts.faults_cleared:
        rows.append((told.at_s, [clock(told.at_s), "fault cleared", "", told.body.fault, told.actor]))
    for told in facts.links:
        words = f"pen {told.body.state}" + (f": {told.body.detail}" if told.body.detail else "")
        rows.append((told.at_s, [clock(told.at_s), "link", "", words, told.actor]))
    ordered = [row for _, row in sorted(rows, key=lambda each: each[0])]
    ordered += [_corrected(stored.event) for stored in material.events if stored.event.kind == "corrected"]
    if not ordered:
        return [heading("Notes and corrections"), text("None on record.")]
    left_out = [remark("This is a pseudonymous export: what people typed is left out.")] if material.pseudonymous else []
    tall = any(len(str(value)) > _TALL for stored in material.events for value in stored.event.body.values())
    table = grid(["At", "Kind", "Zone", "Words", "By"], ordered, [0.09, 0.13, 0.15, 0.49, 0.14], tall=tall)
    return [heading("Notes and corrections"), table, *left_out]


def _corrected(event: Event) -> list[object]:
    """A correction after the end: what the record said, struck, and what a person says instead."""
    body = event.body
    words = Paragraph(
        f"event {body['number']}, {escaped(str(body['field']))}: <strike>{escaped(str(body['old']))}</strike> "
        f"{escaped(str(body['new']))}. Reason: {escaped(str(body['reason']))}",
        style(8, splitLongWords=1),
    )
    return [text(stamp(event.utc), 7), "correction", "", words, event.actor]
