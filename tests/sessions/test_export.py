"""Exports: whole, readable elsewhere, the same bytes every time, harmless in a spreadsheet, and checkable alone."""

import csv
import hashlib
import json
import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sessions import events as ev
from sessions.audit import Verdict, verify
from sessions.export import FORMATS, ExportError, export_sessions
from sessions.export.art import bounds
from sessions.export.events_csv import safe
from sessions.export.files import write_file
from sessions.export.material import load_material
from sessions.export.trace_csv import trace_csv
from sessions.export.verify import verify_folder
from sessions.reading import load_trace
from sessions.store import FILE_NAME, Damaged, NoSuchSession, open_store
from sessions.store.writing import Writer
from tests.sessions.drawing import DRAWING
from tests.sessions.face import SESSION, face, store_face
from tests.sessions.face_plan import ZONES

NAMES = ("events.csv", "manifest.json", "session.fhir.json", "session.json", "session.pdf", "trace.csv", "trace.parquet")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with open_store(folder) as store:
        store_face(store, face())
    return folder


@pytest.fixture(scope="module")
def exported(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    with open_store(home) as store:
        (folder,) = export_sessions(store, [SESSION], FORMATS, out, DRAWING)
    return folder


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_files_and_their_hashes(exported: Path, home: Path) -> None:
    files = _bytes(exported)
    assert tuple(files) == NAMES, "and nothing temporary is left"
    manifest = json.loads(files["manifest.json"])
    assert ev.canonical(manifest) + b"\n" == files["manifest.json"]
    assert set(manifest["files"]) == set(NAMES) - {"manifest.json"}
    for name, told in manifest["files"].items():
        assert told == {"sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}
    with open_store(home) as store:
        assert manifest["events_head"] == verify(store, SESSION).events_head


def test_nothing_of_this_host_is_in_the_files(exported: Path, home: Path) -> None:
    for name, data in _bytes(exported).items():
        assert str(home).encode() not in data, name
        assert os.uname().nodename.encode() not in data or len(os.uname().nodename) < 4, name


def test_an_unknown_format_names_the_allowed_before_anything_is_written(home: Path, tmp_path: Path) -> None:
    with open_store(home) as store:
        with pytest.raises(ExportError, match="'docx'; allowed are pdf, csv, json, fhir, parquet"):
            export_sessions(store, [SESSION], ["csv", "docx"], tmp_path / "out")
        with pytest.raises(ExportError, match="none; allowed"):
            export_sessions(store, [SESSION], [], tmp_path / "out")
        with pytest.raises(NoSuchSession):
            export_sessions(store, [SESSION, "S-none"], ["csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with open_store(home) as store, pytest.raises(ExportError, match="cannot be written"):
        export_sessions(store, [SESSION], ["json"], tmp_path / "out")


def test_a_second_export_adds_to_the_manifest_and_drops_what_was_changed(home: Path, tmp_path: Path) -> None:
    with open_store(home) as store:
        (folder,) = export_sessions(store, [SESSION], ["csv"], tmp_path)
        (folder / "events.csv").write_text("changed")
        export_sessions(store, [SESSION], ["json"], tmp_path)
        assert set(json.loads((folder / "manifest.json").read_bytes())["files"]) == {"session.json", "trace.csv"}
        (folder / "trace.csv").unlink()
        export_sessions(store, [SESSION], ["json"], tmp_path)
        assert set(json.loads((folder / "manifest.json").read_bytes())["files"]) == {"session.json"}
        export_sessions(store, [SESSION], ["csv"], tmp_path)
    assert set(json.loads((folder / "manifest.json").read_bytes())["files"]) == {"events.csv", "session.json", "trace.csv"}


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    write_file(tmp_path, "a.txt", [b"old"])

    def broken() -> object:
        yield b"new"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_file(tmp_path, "a.txt", broken())  # type: ignore[arg-type]
    assert _bytes(tmp_path) == {"a.txt": b"old"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    evil = start + "cmd|' /C calc'!A0"
    told = face(seconds=24.0)
    told.events[0] = told.events[0].model_copy(update={"actor": evil})
    zones = [{**zone, "zone": evil} for zone in told.events[0].body["zones"][:1]] + told.events[0].body["zones"][1:]
    told.events[0] = told.events[0].model_copy(update={"body": {**told.events[0].body, "zones": zones, "client": evil}})
    with open_store(tmp_path / "home") as store:
        store_face(store, replace(told, events=told.events[:1]))
        (folder,) = export_sessions(store, [SESSION], ["csv", "pdf"], tmp_path / "out")
    for name in ("events.csv", "trace.csv"):
        with (folder / name).open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        cells = [cell for row in rows for cell in row if cell]
        assert not [cell for cell in cells if cell[0] in "=+-@\t\r"], name
        assert any(cell == "'" + evil.replace("\t", " ").replace("\r", " ") for cell in cells), name


def test_safe_leaves_ordinary_words_alone() -> None:
    assert [safe(words) for words in ("P-01", "", "a=b", "'x")] == ["P-01", "", "a=b", "'x"]


def test_events_csv_is_every_event(exported: Path) -> None:
    told = face()
    with (exported / "events.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["number"]) for row in rows] == [event.number for event in told.events]
    assert [json.loads(row["body_json"]) for row in rows] == [event.body for event in told.events]
    assert rows[-1]["utc"] == told.events[-1].utc
    assert rows[-1]["since_opening_s"] == "60.000000"


def test_trace_csv_is_every_sample(exported: Path, home: Path) -> None:
    with open_store(home) as store:
        trace = load_trace(store, SESSION)
    with (exported / "trace.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(trace)
    for name in ev.TRACE_FIELDS:
        assert np.array_equal(np.array([int(row[name]) for row in rows]), trace[name].astype(np.int64)), name
    sample = rows[3000]
    assert sample["zone_id"] == ZONES[int(sample["zone"]) - 1][0]
    assert sample["utc"] == f"2026-11-21T09:30:0{float(sample['since_opening_s']):.6f}Z"


def test_trace_csv_of_odd_values(home: Path) -> None:
    with open_store(home) as store:
        material = load_material(store, SESSION)
    trace = material.trace[:6].copy()
    trace["age_us"] = [ev.NO_AGE, -5, 0, 70_000, 65_535, 1]
    trace["index"] = [0, 9, 10, 9_999, 10_000, 2**64 - 1]
    trace["t_pen_us"] = [0, 7, 12_345, 99_999, 100_000, 10**15]
    trace["mono_ns"][0] = material.facts.opened_mono_ns - 1_500_000
    trace["depth_um"] = [0, 9, 10, 100, 65_535, 1000]
    lines = b"".join(trace_csv(replace(material, trace=trace))).decode().splitlines()
    rows = list(csv.DictReader(lines))
    assert [row["age_us"] for row in rows] == ["", "-5", "0", "70000", "65535", "1"]
    assert [int(row["index"]) for row in rows] == trace["index"].tolist()
    assert [row["t_pen_us"] for row in rows] == ["0", "7", "12345", "99999", "100000", str(10**15)]
    assert [row["depth_um"] for row in rows] == ["0", "9", "10", "100", "65535", "1000"]
    assert (rows[0]["since_opening_s"], rows[0]["utc"]) == ("-0.001500", "2026-11-21T09:29:59.998500Z")


def test_session_json_tells_the_whole_record(exported: Path) -> None:
    document = json.loads((exported / "session.json").read_bytes())
    assert document["state"] == "CLOSED"
    assert document["enforcement"]["over_limit"] == 1
    assert len(document["events"]) == document["chain"]["events"] == len(face().events)
    assert sum(block["samples"] for block in document["blocks"]) == 60_000


def test_a_folder_verifies_alone(exported: Path) -> None:
    verdict = verify_folder(exported)
    assert verdict.holds, verdict.problems
    assert f"event chain: {len(face().events)} events to the head" in verdict.checked
    assert "trace chain: 60000 samples to the head" in verdict.checked


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("session.pdf", b"%PDF", b"%PDf", "session.pdf was changed"),
        ("session.json", b'"P-01"', b'"P-02"', "breaks the chain"),
        ("trace.csv", b",653,", b",553,", "rebuilt from trace.csv breaks the chain"),
    ],
)
def test_a_changed_file_is_found_even_when_the_manifest_was_changed_with_it(
    exported: Path, tmp_path: Path, name: str, old: bytes, new: bytes, problem: str
) -> None:
    folder = tmp_path / SESSION
    shutil.copytree(exported, folder)
    data = (folder / name).read_bytes()
    assert old in data
    (folder / name).write_bytes(data.replace(old, new, 1) if name != "session.json" else data.replace(old, new))
    assert any(f"{name} was changed" in found for found in verify_folder(folder).problems)
    if name == "session.pdf":
        return
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_bytes(ev.canonical(manifest))
    assert any(problem in found for found in verify_folder(folder).problems)


def test_a_folder_that_is_no_export_is_a_problem_not_a_crash(tmp_path: Path, exported: Path) -> None:
    assert not verify_folder(tmp_path).holds
    (tmp_path / "manifest.json").write_text("[]")
    assert not verify_folder(tmp_path).holds
    (tmp_path / "manifest.json").write_text('{"format": "pencontrol.manifest/1"}')
    assert not verify_folder(tmp_path).holds
    folder = tmp_path / "less"
    shutil.copytree(exported, folder)
    (folder / "trace.csv").unlink()
    assert "trace.csv is missing" in verify_folder(folder).problems


def test_an_interrupted_session_is_exported_too(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        told = face(end=False)
        store_face(store, told)
        Writer(store).close_open("", "control process lost", 1_795_253_500_000_000_000, 5_100_000_000_000)
        (folder,) = export_sessions(store, [SESSION], FORMATS, tmp_path / "out", DRAWING)
    assert json.loads((folder / "session.json").read_bytes())["enforcement"] is None
    assert verify_folder(folder).holds


def test_views_are_chosen_by_what_they_show() -> None:
    assert [view.title for view in DRAWING.views_with({"F.CHIN", "X"})] == ["Face, front"]
    assert DRAWING.views_with({"X"}) == ()
    assert bounds(DRAWING.views[0].zones["F.CHIN"]) == (160, 365, 240, 432)
    with pytest.raises(ValueError, match="without points"):
        bounds((("Z",),))


def test_a_tail_cut_off_is_noticed_by_the_head(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / SESSION
    shutil.copytree(exported, folder)
    document = json.loads((folder / "session.json").read_bytes())
    document["events"].pop()
    document["blocks"].pop()
    (folder / "session.json").write_text(json.dumps(document))
    lines = (folder / "trace.csv").read_bytes().splitlines(keepends=True)
    (folder / "trace.csv").write_bytes(b"".join(lines[:-1000]))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name in ("session.json", "trace.csv"):
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    (folder / "manifest.json").write_bytes(ev.canonical(manifest))
    problems = verify_folder(folder).problems
    assert "the events do not end at the head in the manifest" in problems
    assert "the samples do not end at the head in the manifest" in problems


def test_a_session_json_of_another_session_is_noticed(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / SESSION
    shutil.copytree(exported, folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_bytes(ev.canonical({**manifest, "session": "S-other"}))
    assert any("of session" in problem for problem in verify_folder(folder).problems)


def test_a_damaged_block_is_named_and_the_rest_is_exported(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    stranger = sqlite3.connect(copy / FILE_NAME)
    stranger.execute("DROP TRIGGER blocks_no_update")
    stranger.execute("UPDATE blocks SET data = x'00' WHERE block = 41")
    stranger.commit()
    stranger.close()
    with open_store(copy) as store:
        with pytest.raises(Damaged, match="block 41"):
            load_trace(store, SESSION)
        (folder,) = export_sessions(store, [SESSION], FORMATS, tmp_path / "out", DRAWING)
    document = json.loads((folder / "session.json").read_bytes())
    assert ["block 41 cannot be unpacked" in problem for problem in document["chain"]["problems"]] == [True]
    assert len((folder / "trace.csv").read_bytes().splitlines()) == 1 + 40_000
    assert any("at the export: block 41" in problem for problem in verify_folder(folder).problems)


def test_a_session_that_is_being_written_is_exported_as_it_was_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What control sends while the rest is being read is not in the files: events and heads would not agree."""
    told = face(seconds=24.0)
    with open_store(tmp_path / "home") as store:
        store_face(store, replace(told, events=told.events[:60], blocks=told.blocks[:10]))

        def slowly(*asked: Any, **more: Any) -> Verdict:
            found = verify(*asked, **more)
            store_face(store, told)
            return found

        monkeypatch.setattr("sessions.export.material.verify", slowly)
        (folder,) = export_sessions(store, [SESSION], ["csv", "json"], tmp_path / "out")
    verdict = verify_folder(folder)
    assert verdict.holds, verdict.problems
    document = json.loads((folder / "session.json").read_bytes())
    assert (document["state"], len(document["events"]), document["samples"]) == ("OPEN", 60, 10_000)
