"""events.csv and trace.csv in a spreadsheet: nothing runs, numbers are numbers, every cell is what the file says."""

import csv
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import events as ev
from sessions.export import export_sessions
from sessions.export.events_csv import HEADER, row_of, safe, safe_json
from sessions.export.trace_csv import HEADER as TRACE_HEADER
from sessions.reading import StoredEvent, as_trace
from sessions.store import open_store
from tests.sessions.face import SESSION, face, store_face

SOFFICE = shutil.which("soffice")
STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
EVIL = ("=cmd|' /C calc'!A0", "x;=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", 'a";=1+1;"')
_OFFICE, _TABLE, _TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text"))
Cell = tuple[str, str, bool]  # type, value, whether it is a formula


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short session in which everybody and everything has the name of a formula."""
    told = face(seconds=24.0)
    told.say(ev.Note(code="=1+1", zone="x;=1+1", text='"; =HYPERLINK("http://x")\t=1+1|=1+1'), "@SUM(A1)")
    told.events = [told.events[0], *told.events[-1:]]
    body = told.events[0].body
    zones = [{**zone, "zone": EVIL[at % len(EVIL)], "name": EVIL[at % len(EVIL)]} for at, zone in enumerate(body["zones"])]
    first = told.events[0].model_copy(update={"actor": "-2+3", "body": {**body, "zones": zones, "client": EVIL[0]}})
    last = told.events[1].model_copy(update={"number": 2})
    trace = _every_zone(told.blocks[0].records)
    place = tmp_path_factory.mktemp("evil")
    with open_store(place / "home") as store:
        store_face(store, replace(told, events=[first, last], blocks=[replace(told.blocks[0], records=trace)]))
        (folder,) = export_sessions(store, [SESSION], ["csv"], place / "out")
    return folder


def _every_zone(records: bytes) -> bytes:
    """The same samples, each in one zone after the other, so that every zone's id is in the file."""
    trace = as_trace(records).copy()
    trace["zone"] = np.arange(len(trace)) % 9
    return trace.tobytes()


def test_units_stand_in_the_headers() -> None:
    numbers = [name for name in (*HEADER, *TRACE_HEADER) if re.search(r"depth|speed|current|limit|age|since|mono|pen_", name)]
    assert len(numbers) >= 9
    assert all(re.search(r"_(um|rpm|ma|us|ns|s)$", name) for name in numbers), numbers


@given(st.text(st.sampled_from(STARTS + " \n;|,\"'a1(")))
def test_no_cell_starts_a_formula_however_the_file_is_split(words: str) -> None:
    cell = safe(words)
    for piece in re.split("[;|\t]", cell):
        assert not piece.lstrip().startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")), cell
    assert not re.search(r"[\x00-\x1f]", cell)
    told = json.dumps({"text": words}, ensure_ascii=False)
    assert json.loads(safe_json(told)) == {"text": words}, "the same value, only written otherwise"
    assert not re.search("[;|]\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]", safe_json(told))


def test_negative_numbers_stay_numbers(exported: Path) -> None:
    event = ev.make_event(SESSION, 1, 0, 1_000_000, "control", ev.FaultCleared(fault="X"))
    assert row_of(StoredEvent(event, "", ""), 2_500_000)[2] == "-0.001500"


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed: nothing was opened in a real spreadsheet")
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_libreoffice_runs_nothing_and_reads_every_cell(exported: Path, tmp_path: Path, separator: str) -> None:
    (tmp_path / "control.csv").write_text("a\n=1+1\n")
    files = [tmp_path / "control.csv", exported / "events.csv", exported / "trace.csv"]
    control, events, trace = _opened(files, tmp_path, separator)
    assert control[1][0] == ("float", "2", True), "this spreadsheet does run formulas from CSV, else the test proves nothing"
    for name, rows in (("events.csv", events), ("trace.csv", trace)):
        assert not [cell for row in rows for cell in row if cell[2]], name
    if separator == ",":
        _compare(exported / "events.csv", events, {"number", "since_opening_s", "mono_ns"})
        _compare(exported / "trace.csv", trace, set(TRACE_HEADER) - {"utc", "zone_id"})


def _opened(files: list[Path], tmp_path: Path, separator: str) -> list[list[list[Cell]]]:
    """Each file as the spreadsheet sees it: type, value and whether it is a formula, cell by cell."""
    assert SOFFICE
    filters = f"--infilter=CSV:{ord(separator)},34,76,1,,0,false,true,false,false,false,-1,true"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [SOFFICE, profile, "--headless", filters, "--convert-to", "fods", "--outdir", str(tmp_path / "opened")]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=90)
    return [_cells(next((tmp_path / "opened").glob(f"{file.stem}*.fods"))) for file in files]


def _cells(path: Path) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for row in ET.parse(path).iter(f"{_TABLE}table-row"):
        cells: list[Cell] = []
        for cell in row.iter(f"{_TABLE}table-cell"):
            kind = cell.get(f"{_OFFICE}value-type", "")
            shown = "\n".join("".join(part.itertext()) for part in cell.iter(f"{_TEXT}p"))
            value = cell.get(f"{_OFFICE}value", shown) if kind == "float" else shown
            told = (kind, value, cell.get(f"{_TABLE}formula") is not None)
            cells += [told] * int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        rows += [cells] * int(row.get(f"{_TABLE}number-rows-repeated", "1"))
    return rows


def _compare(path: Path, found: list[list[Cell]], numbers: set[str]) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        wanted = list(csv.reader(file))
    head = wanted[0]
    assert [cell[1] for cell in found[0][: len(head)]] == head
    for row, cells in zip(wanted[1:], found[1:], strict=False):
        for name, words, (kind, value, _) in zip(head, row, cells, strict=False):
            if name in numbers and words:
                assert (kind, float(value)) == ("float", float(words)), name
            elif words:
                assert re.sub(r"\s+", " ", value) == re.sub(r"\s+", " ", words), name
    assert len(found) >= len(wanted)
