"""Whatever the session was like, the text of its PDF holds every pass, limit, alarm, correction, signature and head."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from reportlab.platypus import Flowable, Paragraph

from sessions.export.material import Material, load_material
from sessions.export.pdf.document import session_pdf
from sessions.export.pdf.proof import _row, signed_in_short
from sessions.export.pdf.style import clock, escaped
from sessions.store import open_store
from tests.sessions.drawing import DRAWING
from tests.sessions.export_cases import CASES, LONG
from tests.sessions.face import SESSION

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")


class Papers:
    """Material and text of each case, made once."""

    def __init__(self, place: Path) -> None:
        self._place = place

    @cache  # noqa: B019 - one object in this module
    def of(self, case: str) -> tuple[Material, str]:
        with open_store(self._place / case) as store:
            CASES[case](store)
            material = load_material(store, SESSION)
        file = self._place / f"{case}.pdf"
        file.write_bytes(session_pdf(material, DRAWING))
        told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
        return material, told.stdout.decode().replace("\u202f", " ")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


def _lines_with(text: str, *words: str) -> list[str]:
    return [line for line in text.splitlines() if all(word in line for word in words)]


@pytest.mark.parametrize("case", CASES)
def test_every_page_has_session_number_heads_and_marks(papers: Papers, case: str) -> None:
    material, text = papers.of(case)
    verdict, pages = material.verdict, text.split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in page
        assert SESSION in page
        assert verdict.events_head in page
        assert (verdict.trace_head if verdict.blocks else "no telemetry on record") in page
        assert (verdict.wires_head if verdict.wires else "no tape on record") in page
        assert ("SIMULATED" in page) == material.facts.opened.pen.simulated


@pytest.mark.parametrize("case", CASES)
def test_every_zone_with_its_limit_and_every_pass(papers: Papers, case: str) -> None:
    material, text = papers.of(case)
    facts, flat = material.facts, " ".join(text.split())
    names = {zone.zone: zone.name for zone in facts.opened.zones}
    for total in facts.totals:
        first = names[total.zone].split()[0]
        wanted = rf"{total.limit_um / 1000:.2f}\s+(▲ )?{total.max_depth_um / 1000:.2f}\s+\d+\s+{total.passes}\s+{total.strokes}\s"
        assert [line for line in _lines_with(text, total.zone, first) if re.search(wanted, line)], total
    for told in facts.passes:
        words = re.escape(names[told.body.zone].split()[0])
        assert re.search(rf"{re.escape(clock(told.at_s))}\s+{words}", text), told
    for trip in facts.trips:
        assert f"{clock(trip.at_s)} {trip.body.alarm}, seen by {trip.body.guard.lower()}" in flat
    if facts.opened.resumed_from:
        assert text.count(facts.opened.resumed_from) == 2, "who it goes on from, and whose counts are in it"


@pytest.mark.parametrize("case", CASES)
def test_every_alarm_with_its_acknowledgement(papers: Papers, case: str) -> None:
    material, text = papers.of(case)
    squeezed = re.sub(r"\s", "", text)
    for alarm in material.facts.alarms:
        (line,) = [each for each in _lines_with(text, alarm.raised.priority) if each.split()[0] == clock(alarm.at_s)]
        said = "not acknowledged" if alarm.acknowledged_s is None else f"{alarm.acknowledged_by} at {clock(alarm.acknowledged_s)}"
        assert said in line
        assert alarm.raised.words.split()[0] in line
        assert alarm.raised.alarm in text or re.sub(r"\s", "", alarm.raised.alarm)[:20] in squeezed
    assert ("No alarm was raised" in text) == (not material.facts.alarms)


@pytest.mark.parametrize("case", CASES)
def test_every_signature_with_its_standing(papers: Papers, case: str) -> None:
    material, text = papers.of(case)
    flat = " ".join(text.split())
    for signed in material.signatures:
        for told in (signed.content_sha256[:32], signed.content_sha256[32:], signed.key_id):
            assert told in text
        assert signed.standing in flat
        assert signed.meaning in flat
    assert ("Nobody has signed" in flat) == (not material.signatures)
    assert signed_in_short(material) in flat


def test_a_voided_signature_is_struck_and_no_other(papers: Papers) -> None:
    material, text = papers.of("voided")
    voided, *stand = material.signatures
    assert "VOIDED BY" in text
    assert f"event {voided.voided_by}" in text
    assert "3 signatures, 2 valid: see Signatures" in " ".join(text.split())
    assert _struck(_row(voided)) == ["P-01", "practitioner", "performed", "2026-11-21 09:35:00 UTC"]
    assert [_struck(_row(each)) for each in stand] == [[], []]


def _struck(cells: list[object]) -> list[str]:
    found = []
    for cell in cells:
        parts: list[Flowable] = cell if isinstance(cell, list) else [cell]
        found += [
            part.getPlainText() for part in parts if isinstance(part, Paragraph) and all(frag.us_lines for frag in part.frags)
        ]
    return found


def test_a_correction_shows_what_it_corrects(papers: Papers) -> None:
    flat = " ".join(papers.of("voided")[1].split())
    assert re.search(r'event 1, indication: "acne scars, atrophic" "acne scars,.{0,60} rolling". Reason: wrong tile', flat)


def test_the_enforcement_report_is_a_page_of_its_own(papers: Papers) -> None:
    pages = papers.of("signed")[1].split("\f")
    (page,) = [page for page in pages if "Enforcement of the limit" in page and "see Enforcement" not in page]
    for words in (
        "Samples judged",
        "Worst age of a sample",
        "Slowest answer",
        "Deadlines missed",
        "Guards active",
        "needles home",
    ):
        assert words in page, words
    for case in ("signed", "many_zones"):
        (page,) = [page for page in papers.of(case)[1].split("\f") if re.search("^Enforcement of the limit", page, re.MULTILINE)]
        for other in ("Alarms", "Depth and speed", "Signatures", "Notes and corrections"):
            assert other not in page, (case, other)


def test_without_drawings_every_zone_has_its_line(papers: Papers) -> None:
    assert len(re.findall(r"1 of \d passes", papers.of("many_zones")[1])) == 60


def test_who_the_operator_is_and_what_came_afterwards(papers: Papers) -> None:
    flat = " ".join(papers.of("people")[1].split())
    for words in (
        "The practitioner",
        "Diploma in skin needling",
        "REG-4711, until 2027-06-30",
        "POL-0815, until 2026-10-31 (EXPIRED)",
    ):
        assert words in flat, words
    assert "POL-0815, until 2026-10-31 (EXPIRED)" in flat
    assert "AE02, moderate F.CHIN observed resolved L-02, 2026-11-23 17:03:20 UTC" in flat
    assert "not part of the hash chains printed here" in flat


def test_a_note_longer_than_a_page_is_there_whole(papers: Papers) -> None:
    _, text = papers.of("alarming")
    assert text.count("comfortable") >= LONG.count("comfortable")


def test_media_and_medicine_are_applied_never_delivered(papers: Papers) -> None:
    """21 CFR 878.4430 excludes delivery: no document may say it, whatever was on the skin."""
    forbidden = re.compile(r"deliver|infus", re.IGNORECASE)
    for case in CASES:
        assert not forbidden.search(papers.of(case)[1]), case
    for path in (Path(__file__).resolve().parents[2] / "sessions" / "export").rglob("*.py"):
        assert not forbidden.search(path.read_text()), path


def test_what_was_put_on_the_skin_and_what_it_showed(papers: Papers) -> None:
    flat = " ".join(papers.of("people")[1].split()).replace("2g ", "2 g ")
    for words in (
        "end point Cheek, right redness P-01",
        "end point Chin ▲ excess bleeding P-01",
        "reaction Chin ▲ faint P-01",
        "at the end redness P-01",
        "Topical anaesthetic 2 g",
        "since 2026-11-21 08:45 UTC",
        "47 min",
        "medium Hyaluronic acid 1.5 ml HA 22/7 P-01",
        "medium ME06 not told not told P-01",
        "from 0:24.0 77aa01c2 12 11.00 mm L2609-C",
    ):
        assert words in flat, words
    notes = flat[flat.index("Notes and corrections") :]
    assert not re.search(r"end_point|response_|reaction\.|media_", notes), "what has a part of its own is no note"
    assert re.search(r"0:0\d\.\d Forehead 2 · 90° new zone", flat), "the direction that was noted of a pass"


def test_what_was_agreed_before_and_told_and_asked_afterwards(papers: Papers) -> None:
    flat = " ".join(papers.of("people")[1].split())
    for words in (
        "● signed version consent-3, language de",
        "cd" * 32,
        "● given version photo-2, language de",
        "Photographs on record, sealed: 2 before, 1 at a follow-up.",
        "48 h Ice pack or cooling aloe mask",
        "no end told Sun protection",
        "The client saw this sheet in language de on 2026-11-21 09:31:30 UTC; shown by P-01.",
        "▲ not improving",
        "Redness, bleeding, dizziness 2026-11-22 21:30 2026-11-22 22:30 open",
        "Marking, rash",
    ):
        assert words in flat, words
    assert flat.count("○ NOT RECORDED nobody asked") == 0
    assert "photographs ○ NOT RECORDED nobody asked" in " ".join(papers.of("signed")[1].split())


def test_a_letter_that_the_font_does_not_have_is_named_not_dropped() -> None:
    assert escaped("Zoë & <b> Łukasz Ωμέγα Ж ▲") == "Zoë &amp; &lt;b&gt; Łukasz Ωμέγα Ж ▲"
    assert escaped("漢\u202e😀\x00 line\nnext") == "[U+6F22][U+202E][U+1F600][U+0000] line\nnext"
