"""Who, what, when, with which pen: the first page. Pure but for the fonts."""

from datetime import datetime
from typing import Any

from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from sessions.events import GateState, SessionOpened
from sessions.export.material import Material
from sessions.export.pdf.proof import signed_in_short
from sessions.export.pdf.style import (
    AMBER,
    BLUE,
    BOLD,
    DEEP,
    EVERY_CELL,
    INK,
    RED,
    REGULAR,
    SEMIBOLD,
    SOFT,
    WASH,
    WIDTH,
    grid,
    heading,
    micros,
    millimetres,
    remark,
    stamp,
    text,
    thousands,
)
from sessions.facts import Facts
from sessions.indications import indication_words

_LONG = 90  # characters: more than two lines of half a page
_STATE = {"CLOSED": BLUE, "INTERRUPTED": RED, "OPEN": AMBER}


def first_page(material: Material) -> list[Flowable]:
    """Title, the figures that matter, facts, gates."""
    facts = material.facts
    opened = facts.opened
    day = datetime.fromisoformat(facts.opened_utc)
    title = text("Treatment record", 24, BOLD, DEEP)
    client = opened.client if material.pseudonymous else f"Client {opened.client}"
    under = text(f"{client}, {day.day} {_MONTHS[day.month - 1]} {day.year}, {facts.opened_utc[11:16]} UTC", 11, REGULAR, SOFT)
    parts: list[Flowable] = [title, Spacer(0, 6), under, Spacer(0, 12), _figures(facts)]
    parts += [heading("Session"), *_pairs(_session_pairs(material)), heading("Pen and cartridge"), *_pairs(_pen_pairs(facts))]
    return [*parts, *_gates(opened.gates)]


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _figures(facts: Facts) -> Table:
    over = facts.enforcement.over_limit if facts.enforcement else None
    deepest = max((zone.max_depth_um for zone in facts.totals), default=0)
    cells = [
        (facts.state, "state", _STATE[facts.state]),
        (str(sum(zone.passes for zone in facts.totals)), "passes", INK),
        (_contact(sum(zone.contact_s for zone in facts.totals)), "contact", INK),
        (millimetres(deepest) if deepest else "none", "deepest stroke", INK),
        ("not reported" if over is None else thousands(over), "samples over the limit", RED if over else INK),
        (str(len(facts.trips)), "trips" if len(facts.trips) != 1 else "trip", RED if facts.trips else INK),
    ]
    big = [text(value, 15 if len(value) < 9 else 10.5, SEMIBOLD, colour) for value, _, colour in cells]
    small = [text(label, 7.5, REGULAR, SOFT) for _, label, _ in cells]
    table = Table([big, small], colWidths=[WIDTH * share for share in (0.19, 0.12, 0.15, 0.2, 0.22, 0.12)])
    table.setStyle(
        TableStyle(
            [
                EVERY_CELL,
                ("BACKGROUND", (0, 0), (-1, -1), WASH),
                ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
                ("TOPPADDING", (0, 0), (-1, 0), 8),
                ("BOTTOMPADDING", (0, 0), (-1, 0), 2),
                ("TOPPADDING", (0, 1), (-1, 1), 0),
                ("BOTTOMPADDING", (0, 1), (-1, 1), 9),
                ("LEFTPADDING", (0, 0), (-1, -1), 9),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                ("ROUNDEDCORNERS", [4, 4, 4, 4]),
            ]
        )
    )
    return table


def _contact(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 600 else f"{seconds / 60:.1f} min"


def _session_pairs(material: Material) -> list[tuple[str, str]]:
    facts, opened = material.facts, material.facts.opened
    closed = "not closed at the time of this export"
    if facts.closed:
        closed = f"{stamp(facts.closed_utc)}, by {facts.closed_by}"
    pairs = [
        ("Client code", opened.client),
        ("Operator", f"{opened.operator}, {opened.role}, ceiling {millimetres(opened.role_ceiling_um)}"),
        *_qualified(material),
        ("Indication", indication_words(opened.indication) or "none given"),
        ("Plan", f"CRC {opened.plan_crc:08X}, {_places(opened)}"),
        ("Opened", stamp(facts.opened_utc)),
        ("Interrupted" if facts.state == "INTERRUPTED" else "Closed", closed),
        ("Lasted", _duration(facts.ended_s)),
        ("Ended because", facts.closed.reason if facts.closed else "none yet"),
        ("Signatures", signed_in_short(material)),
        ("Resumed from", opened.resumed_from or "no earlier session"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in sorted(opened.versions.items())) or "none given"),
    ]
    return [*pairs, ("Note", opened.note)] if opened.note else pairs


def _qualified(material: Material) -> list[tuple[str, str]]:
    """Who the operator is by the station's register, as it stood when the session opened."""
    told = material.beside.operator
    if told is None:
        return []
    day = material.facts.opened_utc[:10]
    pairs = [("Name", told.name), ("Qualification", told.qualification or "NOT RECORDED")]
    for label, words, until in (
        ("Registration", told.registration, told.registration_expires),
        ("Insurance", told.insurance, told.insurance_expires),
    ):
        ends = f", until {until}" if until else ""
        expired = " (EXPIRED)" if until and until < day else ""
        pairs.append((label, f"{words or 'NOT RECORDED'}{ends}{expired}"))
    return pairs


def _pen_pairs(facts: Facts) -> list[tuple[str, str]]:
    pen, cartridge = facts.opened.pen, facts.opened.cartridge
    kind = "SIMULATED by software, no needles" if pen.simulated else "a physical pen"
    pairs = [
        ("Pen", f"serial {pen.serial}"),
        ("Kind", kind),
        ("Firmware", f"{pen.firmware}, protocol {pen.protocol}, start {pen.boot_id}"),
        ("Port", pen.port),
        ("Certificate", _certificate(facts.opened.gates)),
    ]
    if not cartridge.present:
        return [*pairs, ("Cartridge", "none in the pen when the session opened")]
    return [
        *pairs,
        ("Cartridge", f"{cartridge.id}, {cartridge.needles} needles, tip {millimetres(cartridge.tip_width_um)}"),
        ("Lot and expiry", f"lot {cartridge.lot}, expires {cartridge.expires}"),
        ("Used before", micros(cartridge.used_ms * 1000) if cartridge.used_ms else "never"),
    ]


def _certificate(gates: list[GateState]) -> str:
    """What the record has of the calibration that the session ran under."""
    gate = next((gate for gate in gates if gate.gate.lower() == "calibration"), None)
    if gate is None or not gate.detail:
        return "NOT RECORDED"
    return gate.detail if gate.status == "GREEN" else f"{gate.status}: {gate.detail}"


def _pairs(pairs: list[tuple[str, str]]) -> list[Flowable]:
    """Two columns of label and value, read row by row; what is long comes below over the whole width."""
    short = [pair for pair in pairs if len(pair[1]) <= _LONG]
    cells: list[list[Any]] = []
    for at in range(0, len(short), 2):
        row: list[Any] = []
        for pair in (*short[at : at + 2], ("", ""))[:2]:
            row += _pair(*pair)
        cells.append(row)
    parts: list[Flowable] = [_pair_table(cells, (0.135, 0.365, 0.135, 0.365))] if cells else []
    return parts + [_pair_table([_pair(*pair)], (0.135, 0.865)) for pair in pairs if len(pair[1]) > _LONG]


def _pair(label: str, value: str) -> list[Any]:
    return [text(label, 7.5, REGULAR, SOFT), text(value, 8.5, REGULAR)]


def _pair_table(cells: list[list[Any]], shares: tuple[float, ...]) -> Table:
    table = Table(cells, colWidths=[WIDTH * share for share in shares], splitInRow=1)
    table.setStyle(
        TableStyle(
            [
                EVERY_CELL,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 1.4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.4),
            ]
        )
    )
    return table


def _gates(gates: list[GateState]) -> list[Flowable]:
    if not gates:
        return [heading("Gates"), text("NOT RECORDED: no clinical gate was asked when this session opened.", 8.5, SEMIBOLD)]
    marks = {"GREEN": ("● GREEN", BLUE), "RED": ("▲ RED", RED), "NOT RECORDED": ("○ NOT RECORDED", AMBER)}
    rows: list[list[object]] = [
        [gate.gate, text(marks[gate.status][0], 8, SEMIBOLD, marks[gate.status][1]), gate.detail or _no_detail(gate)]
        for gate in gates
    ]
    table = grid(["Gate", "Status", "Evidence"], rows, [0.22, 0.22, 0.56])
    words = (
        "GREEN stands on evidence. NOT RECORDED: nothing was asked or nothing was kept, which is evidence of neither yes nor no."
    )
    return [heading("Gates"), table, remark(words)]


def _no_detail(gate: GateState) -> str:
    return "nothing on record" if gate.status == "NOT RECORDED" else "no detail given"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "still open"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours} h {minutes} min {rest} s" if hours else f"{minutes} min {rest} s"


def _places(opened: SessionOpened) -> str:
    """How many zones, and how many pins inside them."""
    pins = sum(zone.pin is not None for zone in opened.zones)
    zones = len(opened.zones) - pins
    words = f"{zones} zone{'s' if zones != 1 else ''}"
    return words + (f", {pins} pin{'s' if pins != 1 else ''}" if pins else "")
