"""Whatever is exported verifies: PDF, FHIR and Parquet are made again from the folder and come out the same."""

import json
from pathlib import Path

import pytest

from sessions.events import canonical
from sessions.export import export_sessions
from sessions.export.files import sha256_of
from sessions.export.makers import FORMS
from sessions.export.verify import FolderVerdict, verify_folder
from sessions.store import open_store
from tests.sessions.drawing import DRAWING
from tests.sessions.export_cases import CASES
from tests.sessions.face import SESSION
from tests.sessions.tampering.record import FORMATS

KEY = b"k" * 32
MADE_AGAIN = {"session.pdf", "session.fhir.json", *(["trace.parquet"] if "parquet" in FORMATS else [])}


def _exported(case: str, place: Path, key: bytes | None) -> Path:
    with open_store(place / "home") as store:
        CASES[case](store)
        (folder,) = export_sessions(store, [SESSION], FORMATS, place / "out", DRAWING, pseudonym_key=key)
    return folder


def _again(verdict: FolderVerdict) -> set[str]:
    return {words.partition(":")[0] for words in verdict.checked if "made again" in words}


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    """With the manifest made to fit."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8", newline="")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][name] = {"sha256": sha256_of(folder / name), "size": (folder / name).stat().st_size}
    (folder / "manifest.json").write_bytes(canonical(manifest) + b"\n")


@pytest.mark.parametrize(("case", "key"), [*((case, None) for case in CASES), *((case, KEY) for case in ("voided", "people"))])
def test_every_file_comes_out_the_same(tmp_path: Path, case: str, key: bytes | None) -> None:
    folder = _exported(case, tmp_path, key)
    verdict = verify_folder(folder, zone_art=DRAWING)
    assert verdict.holds, verdict.problems
    assert _again(verdict) == MADE_AGAIN
    beside = [words for words in verdict.unproven if "not in the session's chain" in words]
    assert bool(beside) == (case == "people")


def test_what_other_chains_hold_is_named_and_must_be_the_same_everywhere(tmp_path: Path) -> None:
    folder = _exported("people", tmp_path, None)
    told = json.loads((folder / "session.json").read_bytes())["beside"]
    assert told["operator"]["name"]
    assert told["reports"]
    assert "sealed" not in json.dumps(told)
    _edit(folder, "session.json", json.dumps(told["operator"]["name"]), '"Another Name"')
    problems = verify_folder(folder, zone_art=DRAWING).problems
    assert "session.pdf was changed: it is not what session.json gives" in problems


def test_a_lie_about_who_made_it_is_named_and_so_is_silence(tmp_path: Path) -> None:
    folder = _exported("bare", tmp_path, None)
    _edit(folder, "session.fhir.json", '"type": "document"', '"type": "collection"')
    assert verify_folder(folder, zone_art=DRAWING).problems == [
        "session.fhir.json was changed: it is not what session.json gives"
    ]
    manifest = json.loads((folder / "manifest.json").read_bytes())
    lie = {**manifest, "made_by": {**manifest["made_by"], "pencontrol": "9.9"}}
    (folder / "manifest.json").write_bytes(canonical(lie) + b"\n")
    verdict = verify_folder(folder, zone_art=DRAWING)
    assert (verdict.holds, _again(verdict)) == (True, set())
    assert any(words.startswith("session.fhir.json: not proven, written by pencontrol 9.9") for words in verdict.unproven)
    (folder / "manifest.json").write_bytes(canonical({k: v for k, v in manifest.items() if k != "made_by"}) + b"\n")
    verdict = verify_folder(folder, zone_art=DRAWING)
    assert (verdict.holds, _again(verdict)) == (True, set())
    assert any("session.fhir.json: not proven, the manifest does not say by what" in words for words in verdict.unproven)


def test_an_export_older_than_these_words_verifies_and_says_what_it_cannot(tmp_path: Path) -> None:
    folder = _exported("bare", tmp_path, None)
    document = json.loads((folder / "session.json").read_bytes())
    del document["beside"]
    text = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    (folder / "session.json").write_text(text, encoding="utf-8", newline="")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["made_by"]
    manifest["files"]["session.json"] = {"sha256": sha256_of(folder / "session.json"), "size": len(text.encode())}
    (folder / "manifest.json").write_bytes(canonical(manifest) + b"\n")
    verdict = verify_folder(folder, zone_art=DRAWING)
    assert verdict.holds, verdict.problems
    assert _again(verdict) == set()
    assert any(words.startswith("session.pdf: not proven") for words in verdict.unproven)


def test_an_export_of_the_first_form_verifies_and_says_what_it_cannot(tmp_path: Path) -> None:
    folder = _exported("bare", tmp_path, None)
    document = json.loads((folder / "session.json").read_bytes())
    document["beside"] = {name: document["beside"][name] for name in ("operator", "reports", "photos")}
    text = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    (folder / "session.json").write_text(text, encoding="utf-8", newline="")
    (folder / "session.pdf").write_bytes(b"%PDF of another layout")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for form in FORMS:
        del manifest["made_by"][form]
    for name in ("session.json", "session.pdf"):
        manifest["files"][name] = {"sha256": sha256_of(folder / name), "size": (folder / name).stat().st_size}
    (folder / "manifest.json").write_bytes(canonical(manifest) + b"\n")
    verdict = verify_folder(folder, zone_art=DRAWING)
    assert verdict.holds, verdict.problems
    assert _again(verdict) == MADE_AGAIN & {"trace.parquet"}
    told = [words for words in verdict.unproven if words.startswith("session.pdf: not proven, written by pencontrol")]
    assert len(told) == 1
    assert "pdf_form (none)" in told[0]
