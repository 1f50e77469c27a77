"""session.pdf: what a reader must find is in its text; a single sample over the limit is never smoothed away."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import events as ev
from sessions.export.material import Material, load_material
from sessions.export.pdf.decimate import envelope, stretches, treated_runs
from sessions.export.pdf.document import session_pdf
from sessions.export.pdf.style import clock, micros, thousands
from sessions.reading import TRACE_DTYPE
from sessions.store import open_store
from sessions.store.writing import Writer
from tests.sessions.drawing import DRAWING
from tests.sessions.face import SESSION, Face, face, store_face
from tests.sessions.face_plan import ZONES, opened

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")


def _material(tmp_path: Path, told: Face) -> Material:
    with open_store(tmp_path / "home") as store:
        store_face(store, told)
        return load_material(store, told.stream)


def _text(pdf: bytes, tmp_path: Path) -> str:
    file = tmp_path / "page.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return told.stdout.decode()


@needs_poppler
def test_every_pass_limit_alarm_gate_and_head_is_in_the_text(tmp_path: Path) -> None:
    told = face()
    material = _material(tmp_path, told)
    text = _text(session_pdf(material, DRAWING), tmp_path)
    lines = text.splitlines()
    for zone, name, _mode, _default, limit, _speed, planned, *_ in ZONES:
        total = next(total for total in material.facts.totals if total.zone == zone)
        (line,) = [line for line in lines if zone in line and name in line]
        deepest = f"{total.max_depth_um / 1000:.2f}"
        wanted = rf"{limit / 1000:.2f}\s+(▲ )?{deepest}\s+{planned}\s+{total.passes}\s+{total.strokes}\s"
        assert re.search(wanted, line), line
        assert text.count(f"limit {limit / 1000:.2f} mm") >= 1
    for counted in material.facts.passes:
        name = next(zone.name for zone in material.facts.opened.zones if zone.zone == counted.body.zone)
        wanted = rf"{re.escape(clock(counted.at_s))}\s+{re.escape(name)}\s+{counted.body.number}\s"
        assert re.search(wanted, text), wanted
    assert re.search(r"3 to 2\s+corrected", text)
    for alarm in material.facts.alarms:
        assert alarm.raised.alarm in text
        assert re.search(rf"{re.escape(clock(alarm.at_s))}\s+[▲◆●] {alarm.raised.priority}", text)
    assert text.count("NOT RECORDED") == 3 + 1 + 2, "gates, the remark under them, both consents"
    for words in ("C-0001", "P-01", "PEN-00042", "1.4.2", "L2609-B", "2028-03-31", "5A17C0DE", "60 ", "412 µs", "4.12 ms"):
        assert words in text.replace("\u202f", " "), words
    pages = text.split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in page
        assert SESSION in page
        assert material.verdict.events_head in page
        assert material.verdict.trace_head in page
        assert page.count("SIMULATED") >= 2


@needs_poppler
def test_a_real_pen_is_not_marked(tmp_path: Path) -> None:
    text = _text(session_pdf(_material(tmp_path, face(simulated=False)), None), tmp_path)
    assert "SIMULATED" not in text
    assert "a physical pen" in text


@needs_poppler
def test_without_drawings_each_zone_still_tells_its_passes(tmp_path: Path) -> None:
    text = _text(session_pdf(_material(tmp_path, face()), None), tmp_path)
    assert re.search(r"Chin\s+2 of 3 passes", text)
    assert re.search(r"Upper lip, skin only\s+1 of 1 passes", text)


@needs_poppler
def test_zones_not_on_the_drawings_are_named(tmp_path: Path) -> None:
    view = DRAWING.views[0]
    less = replace(DRAWING, views=(replace(view, zones={k: v for k, v in view.zones.items() if k != "F.CHIN"}),))
    assert "Not on the drawings: F.CHIN" in _text(session_pdf(_material(tmp_path, face()), less), tmp_path)


@needs_poppler
def test_an_interrupted_session_says_so_plainly(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        store_face(store, face(end=False))
        Writer(store).close_open("", "control process lost", 1_795_253_500_000_000_000, 5_100_000_000_000)
        text = _text(session_pdf(load_material(store, SESSION), DRAWING), tmp_path)
    assert "INTERRUPTED" in text
    assert "control process lost" in text
    assert "NOT REPORTED: control ended before it could report" in text


@needs_poppler
def test_the_barest_session_makes_a_document(tmp_path: Path) -> None:
    told = Face()
    body = opened().model_copy(update={"gates": [], "zones": [], "indication": "", "versions": {}})
    told.say(body)
    text = _text(session_pdf(_material(tmp_path, told), DRAWING), tmp_path)
    for words in ("OPEN", "No telemetry is on record", "No alarm was raised", "no clinical gate was asked", "still open"):
        assert words in text, words


@needs_poppler
def test_words_with_markup_stay_words(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    told.say(ev.Note(code="end point", zone="F.CHIN", text="<b>bold</b> & <font size=99>"), "P-01")
    moved = told.events.pop()
    last = told.events.pop(-1)
    told.events.append(moved.model_copy(update={"number": last.number}))
    told.events.append(last.model_copy(update={"number": last.number + 1}))
    assert "<b>bold</b> & <font size=99>" in _text(session_pdf(_material(tmp_path, told), None), tmp_path)


@needs_poppler
def test_a_changed_row_is_told_in_the_document(tmp_path: Path) -> None:
    material = _material(tmp_path, face())
    broken = replace(material, verdict=replace(material.verdict, problems=["event 4 was changed after it was written"]))
    text = _text(session_pdf(broken, None), tmp_path)
    assert "event 4 was changed after it was written" in text
    assert "and hold" not in text


@needs_poppler
def test_fonts_are_embedded(tmp_path: Path) -> None:
    file = tmp_path / "page.pdf"
    file.write_bytes(session_pdf(_material(tmp_path, face()), DRAWING))
    told = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout
    fonts = told.splitlines()[2:]
    assert len(fonts) >= 3
    assert all(re.search(r"Inter\S*\s+TrueType\s+\S+\s+yes", line) for line in fonts), told


@given(
    values=st.lists(st.integers(0, 65535), min_size=1, max_size=400),
    columns=st.integers(1, 60),
)
def test_no_extreme_is_lost_in_decimation(values: list[int], columns: int) -> None:
    times = np.arange(len(values), dtype=np.int64) * 1_000_000
    shape = envelope(np.array(values, np.uint16), times, 0, len(values) * 1_000_000, columns)
    assert shape.high.max() == max(values)
    assert shape.low.min() == min(values)
    assert len(shape.at) <= columns
    assert (shape.low <= shape.high).all()
    assert (np.diff(shape.at) > 0).all()


def test_runs_and_stretches() -> None:
    trace = np.zeros(10, TRACE_DTYPE)
    trace["zone"] = [0, 1, 1, 1, 2, 2, 0, 1, 1, 1]
    trace["limit_um"] = [0, 5, 5, 7, 7, 7, 0, 5, 5, 5]
    trace["depth_um"] = [0, 3, 3, 3, 0, 0, 0, 1, 0, 0]
    found = [(run.zone, run.limit_um, run.first, run.end) for run in treated_runs(trace)]
    assert found == [(1, 5, 1, 3), (1, 7, 3, 4), (1, 5, 7, 10)]
    assert treated_runs(trace[:0]) == []
    assert stretches(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert stretches(np.zeros(3, bool)) == []


def test_words_for_numbers() -> None:
    assert [micros(value) for value in (None, 31, 4120, 39_800, 2_500_000)] == [
        "not seen",
        "31 µs",
        "4.12 ms",
        "39.8 ms",
        "2.50 s",
    ]
    assert [clock(value) for value in (0, 59.96, 61.25, 3725.5, -0.04)] == ["0:00.0", "1:00.0", "1:01.2", "1:02:05.5", "0:00.0"]
    assert thousands(1_234_567) == "1\u202f234\u202f567"
