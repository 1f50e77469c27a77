"""Whatever is done to a stored session or to its exported folder is found, and what verify names is right.

A third of the set, and whatever is done to signatures; `./prove tampering` runs all of it.
"""

import json
from pathlib import Path

import pytest

from sessions.audit import verify
from sessions.events import canonical
from sessions.export import export_sessions
from sessions.export.verify import verify_folder
from sessions.store import open_store
from tests.sessions.drawing import DRAWING
from tests.sessions.tampering.folder import RENDERED, Files
from tests.sessions.tampering.record import KEY, SESSION, Record, as_store, export, in_memory, make_record
from tests.sessions.tampering.run import folder_cases, run_folder_cases, run_store_cases, store_cases

EVERY = 3
FLIPS, TRACE_LINES = 4, 8


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return make_record(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def files(record: Record, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return export(record, tmp_path_factory.mktemp("out"))


def test_tamperings_with_the_store_are_found(record: Record) -> None:
    cases = store_cases(record, FLIPS)
    assert len(cases) > 700
    chosen = [case for at, case in enumerate(cases) if at % EVERY == 0 or "sign" in case.name]
    missed = list(run_store_cases(record, chosen))
    assert not missed, "\n".join(missed)


def test_tamperings_with_the_folder_are_found(record: Record, files: Files, tmp_path: Path) -> None:
    cases = folder_cases(files, FLIPS, TRACE_LINES)
    assert len(cases) > 900
    missed = list(run_folder_cases(record, files, cases[::EVERY], tmp_path))
    assert not missed, "\n".join(missed)


def test_what_a_chain_alone_cannot_notice_is_not_claimed(record: Record) -> None:
    connection = in_memory(record)
    connection.execute("DELETE FROM events WHERE kind = 'signed'")
    assert verify(as_store(connection), SESSION).holds, "without a head or a key a cut tail is no news"
    assert not verify(as_store(connection), SESSION, heads=record.heads).holds
    connection.close()


@pytest.mark.parametrize("part", ["pencontrol", "reportlab", "zlib", "zone_art"])
def test_a_print_by_another_version_is_told_as_not_proven(files: Files, tmp_path: Path, part: str) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["made_by"][part] = "0.0.7"
    for name, data in {**files, "manifest.json": canonical(manifest) + b"\n"}.items():
        (tmp_path / name).write_bytes(data)
    verdict = verify_folder(tmp_path, zone_art=DRAWING)
    assert verdict.holds, verdict.problems
    (told,) = [words for words in verdict.unproven if words.startswith("session.pdf")]
    assert f"written by pencontrol {'0.0.7' if part == 'pencontrol' else ''}" in told
    assert f"{part} 0.0.7" in told
    others = {"session.fhir.json", "trace.parquet"} & files.keys()
    assert {words.partition(":")[0] for words in verdict.unproven} == {"session.pdf", *(others if part == "pencontrol" else ())}


@pytest.mark.parametrize("formats", [["pdf"], ["pdf", "fhir", "csv"], ["fhir", "json"], ["pdf", "json"], ["csv", "pdf", "json"]])
def test_each_file_of_a_smaller_export_is_proven_or_named(record: Record, tmp_path: Path, formats: list[str]) -> None:
    with open_store(record.home) as store:
        (folder,) = export_sessions(store, [SESSION], formats, tmp_path, DRAWING)
    verdict = verify_folder(folder, zone_art=DRAWING)
    assert verdict.holds, verdict.problems
    unproven = {words.partition(":")[0] for words in verdict.unproven}
    again = {words.partition(":")[0] for words in verdict.checked if "made again" in words}
    rendered = {path.name for path in folder.iterdir()} & RENDERED
    if "json" in formats:
        pdf_too = rendered if "csv" in formats or "pdf" not in formats else rendered - {"session.pdf"}
        assert (again, unproven) == (pdf_too, rendered - pdf_too)
    else:
        assert (again, unproven >= rendered) == (set(), True)


def test_heads_of_a_print_made_before_the_signatures_are_found(record: Record, files: Files, tmp_path: Path) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    connection = in_memory(record)
    (early,) = connection.execute("SELECT hash FROM events WHERE kind = 'session_closed'").fetchone()
    stored = verify(as_store(connection), SESSION, {KEY.key_id}, [early[:16], record.heads[1], record.heads[2]])
    connection.close()
    exported = verify_folder(tmp_path, {KEY.key_id}, [early, *record.heads])
    assert stored.holds, stored.problems
    assert exported.holds, exported.problems
    assert stored.heads_found[0] == f"head {early[:16]}: event 18, 2 more came after it"
    assert f"head {record.heads[2]}: tape 1, the newest" in exported.checked
