"""What is on record of the client around the session: consent before it, aftercare, follow-ups and adverse events after it. Pure
but for the fonts."""

from reportlab.platypus import Flowable, KeepTogether

from sessions.export.beside import Beside, Report
from sessions.export.material import Material
from sessions.export.pdf.style import AMBER, BLUE, INK, RED, REGULAR, SEMIBOLD, SOFT, grid, heading, remark, stamp, text
from sessions.people.bodies import Advice

_ELSEWHERE = "In the client's own stream: not part of the hash chains printed here."
_MOMENTS = {"before": "before", "after": "after", "follow_up": "at a follow-up"}
_OUTCOMES = {
    "": ("open", SOFT),
    "well": ("● well", BLUE),
    "settling": ("● settling", BLUE),
    "not_improving": ("▲ not improving", RED),
    "referred": ("▲ referred", RED),
    "not_reached": ("○ not reached", AMBER),
}


def consent_part(material: Material) -> list[Flowable]:
    """What the client agreed to before the session, against which text."""
    beside = material.beside
    rows = [_treatment_row(beside), _photos_row(beside)]
    table = grid(["Consent to", "Answer", "Text that was shown, SHA-256", "When"], rows, [0.12, 0.17, 0.53, 0.18])
    words = [_ELSEWHERE] if beside.consent or beside.photos else []
    if beside.pictures:
        counts = [f"{count} {words}" for moment, words in _MOMENTS.items() if (count := _count(beside, moment))]
        words = [f"Photographs on record, sealed: {', '.join(counts)}.", *words]
    return [KeepTogether([heading("Consent"), table, *([remark(" ".join(words))] if words else [])])]


def _count(beside: Beside, moment: str) -> int:
    return sum(picture.taken == moment for picture in beside.pictures)


def _treatment_row(beside: Beside) -> list[object]:
    told = beside.consent
    if told is None:
        return [
            "the treatment",
            text("○ NOT RECORDED", 8, SEMIBOLD, AMBER),
            "no signature in the 24 hours before the opening",
            "",
        ]
    shown = [text(f"version {told.version}, language {told.language}", 8), text(told.text_sha256, 6.2, REGULAR, SOFT)]
    return ["the treatment", text("● signed", 8, SEMIBOLD, BLUE), shown, f"{stamp(told.utc)}, by {told.actor}"]


def _photos_row(beside: Beside) -> list[object]:
    told = beside.photos
    if told is None:
        return ["photographs", text("○ NOT RECORDED", 8, SEMIBOLD, AMBER), "nobody asked", ""]
    answer = text("● given", 8, SEMIBOLD, BLUE) if told.body.given else text("▲ not given", 8, SEMIBOLD, INK)
    language = f", language {told.body.language}" if told.body.language else ""
    shown: list[Flowable] = [text(f"version {told.body.version}{language}", 8)]
    shown += [text(told.body.text_sha256, 6.2, REGULAR, SOFT)] if told.body.text_sha256.strip("0") else []
    return ["photographs", answer, shown, stamp(told.utc)]


def after_part(material: Material) -> list[Flowable]:
    """Aftercare, follow-ups and adverse events, as they stand; nothing of what is not on record."""
    beside = material.beside
    parts = [*_aftercare(beside), *_follow_ups(beside), *_adverse(beside)]
    return [*parts, remark(_ELSEWHERE)] if parts else []


def _aftercare(beside: Beside) -> list[Flowable]:
    told = beside.aftercare
    if told is None:
        return []
    ends = sorted({each.to_h for each in told.body.advice if each.to_h is not None})
    rows: list[list[object]] = [[_until(end), _sentences(told.body.advice, end)] for end in (*ends, None)]
    table = grid(["Until", "Advice"], [row for row in rows if row[1]], [0.15, 0.85])
    words = f"The client saw this sheet in language {told.body.language} on {stamp(told.utc)}; shown by {told.actor}."
    return [KeepTogether([heading("Aftercare told"), table, remark(words)])]


def _sentences(advice: list[Advice], end: int | None) -> str:
    return "; ".join(each.words or each.code for each in advice if each.to_h == end)


def _until(hours: int | None) -> str:
    if hours is None:
        return "no end told"
    return f"{hours} h" if hours <= 72 else f"{hours // 24} days"


def _follow_ups(beside: Beside) -> list[Flowable]:
    if not beside.follow_ups:
        return []
    rows: list[list[object]] = []
    for each in beside.follow_ups:
        words, colour = _OUTCOMES[each.outcome]
        asked = f"{each.actor}, {stamp(each.utc)}" if each.outcome else ""
        task = [text(each.task.words, 8), text(each.task.code, 7, REGULAR, SOFT)] if each.task.words else each.task.code
        rows.append(
            [task, stamp(each.task.due_utc)[:16], stamp(each.task.latest_utc)[:16], text(words, 8, SEMIBOLD, colour), asked]
        )
    table = grid(["Follow-up", "Due, UTC", "Latest, UTC", "Outcome", "Asked by"], rows, [0.27, 0.165, 0.165, 0.15, 0.25])
    return [KeepTogether([heading("Follow-ups"), table])]


def _adverse(beside: Beside) -> list[Flowable]:
    if not beside.reports:
        return []
    rows = [_report(report) for report in beside.reports]
    table = grid(["Began", "Effect", "Zone", "Action", "Now", "Last reported by"], rows, [0.13, 0.29, 0.11, 0.12, 0.1, 0.25])
    return [KeepTogether([heading("Adverse events"), table])]


def _report(report: Report) -> list[object]:
    body = report.body
    colour = RED if body.severity == "severe" else INK
    effect = [text(f"{body.effect}, {body.severity}", 8, SEMIBOLD, colour)]
    effect += [text(body.effect_words, 7.5)] if body.effect_words else []
    return [
        text(stamp(body.onset_utc), 8),
        effect,
        body.zone,
        body.action.replace("_", " "),
        body.status,
        text(f"{report.actor}, {stamp(report.last_utc)}", 8),
    ]
