"""Pins in what leaves the program: drawn on the PDF's map, named in the JSON, the tables and the bundle."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sessions.export import View, ZoneArt, export_sessions
from sessions.export.art import MIRRORED
from sessions.export.material import load_material
from sessions.export.pdf.document import session_pdf
from sessions.store import open_store
from tests.sessions.drawing import DRAWING
from tests.sessions.export_cases import CASES
from tests.sessions.face import SESSION
from ui.zone_art import zone_art

PIN, OTHER = "F.CHEEK.R#1", "F.CHEEK.R#2"
FORMATS = ("json", "csv", "fhir", "pdf")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pins")
    with open_store(place / "home") as store:
        CASES["pinned"](store)
        (made,) = export_sessions(store, [SESSION], FORMATS, place / "out", zone_art())
    return made


def named(view: View, name: str) -> View:
    return View(view.title, view.width, view.height, view.outline, view.zones, view.labels, view.under, view.over, name)


def pdf_text(tmp_path: Path, art: ZoneArt) -> str:
    with open_store(tmp_path / "home") as store:
        CASES["pinned"](store)
        (tmp_path / "s.pdf").write_bytes(session_pdf(load_material(store, SESSION), art))
    told = subprocess.run(["pdftotext", "-layout", str(tmp_path / "s.pdf"), "-"], capture_output=True, check=True)
    return " ".join(told.stdout.decode().split())


def test_the_map_draws_each_pin_with_its_limit_on_its_own_drawing(tmp_path: Path) -> None:
    front, back = DRAWING.views
    side = named(front, "face_side_mirrored")
    text = pdf_text(tmp_path, ZoneArt((named(front, "face_front"), back, side)))
    assert text.count("0.70 mm") == 1
    assert text.count("0.65 mm") == 1
    assert "8 zones, 2 pins" in text
    assert "Acne scars (IN02)" in text
    assert re.search(r"at the opening 9f27c4d1 12 11.00 mm L2609-B .* from 0:05.0 77aa 12 11.00 mm L2609-C", text)
    assert re.search(r"numbing applied ME08 2 ?g at most 60 min, put on at home", text)
    assert "Cheek, right, pin 1 F.CHEEK.R#1 0.70 1.25 2 110, 290 of face_front" in text
    assert "Cheek, right, pin 2 F.CHEEK.R#2 0.65 1.25 2 200, 290 of face_side_mirrored" in text
    assert "Not on the drawings" not in text
    assert "Cheek, right, pin" in text


def test_a_pin_is_drawn_on_no_drawing_but_its_own(tmp_path: Path) -> None:
    front, back = DRAWING.views
    text = pdf_text(tmp_path, ZoneArt((named(front, "face_front"), back)))
    assert (text.count("0.70 mm"), text.count("0.65 mm")) == (1, 0)


def test_without_its_drawing_a_pin_has_its_line_all_the_same(tmp_path: Path) -> None:
    text = pdf_text(tmp_path, DRAWING)
    assert "Cheek, right, pin 1" in text
    assert "1 of 2 passes" in text


def test_a_mirrored_view_is_there_for_its_pins_only() -> None:
    art = zone_art()
    zones = {"F.CHEEK.L", "F.CHIN"}
    assert not any(view.name.endswith(MIRRORED) for view in art.views_with(zones))
    shown = [view.name for view in art.views_with(zones, {"face_side_mirrored"})]
    assert "face_side_mirrored" in shown
    assert [view.name for view in art.views] == ["face_front", "face_side", "body_front", "body_back", "face_side_mirrored"]
    plain, mirrored = art.views[1], art.views[-1]
    assert {zone.removesuffix(".R") for zone in plain.zones} == {zone.removesuffix(".L") for zone in mirrored.zones}


def test_json_and_csv_name_the_pins(folder: Path) -> None:
    told: dict[str, Any] = json.loads((folder / "session.json").read_text())
    limits = {zone["zone"]: zone for zone in told["opened"]["zones"]}
    assert limits[PIN]["pin"] == {"zone": "F.CHEEK.R", "drawing": "face_front", "x": 110, "y": 290}
    assert "pin" not in limits["F.CHEEK.R"]
    assert told["zones"][PIN]["passes"] == 1
    rows = (folder / "events.csv").read_text()
    assert PIN in rows
    assert OTHER in rows
    assert "cartridge_changed" in rows
    assert "put on at home" in rows


def test_the_bundle_puts_a_pin_at_its_zone(folder: Path) -> None:
    bundle = json.loads((folder / "session.fhir.json").read_text())
    found = [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "Observation"]
    pin = next(each for each in found if each["bodySite"]["text"] == "Cheek, right, pin 1")
    assert pin["bodySite"]["coding"][0]["code"] == "F.CHEEK.R"
    assert pin["note"][0]["text"] == "pin F.CHEEK.R#1 at 110, 290 of the drawing face_front"
