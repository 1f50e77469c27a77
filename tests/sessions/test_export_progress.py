"""How far an export is, within a file too; and that nobody finds half of one after a cancel."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sessions.export import ExportCancelled, ExportError, export_sessions
from sessions.export.verify import verify_folder
from sessions.store import Store, open_store
from tests.sessions.export_cases import CASES
from tests.sessions.face import SESSION, face, store_face

ORDER = ["session.pdf", "events.csv", "trace.csv", "session.json", "session.fhir.json"]
ALL = ["fhir", "pdf", "csv", "json"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("home"))
    store_face(store, face())
    return store


def test_files_are_counted_and_each_tells_how_far_it_is(store: Store, tmp_path: Path) -> None:
    files: list[tuple[int, int, str]] = []
    parts: list[tuple[str, float]] = []
    export_sessions(store, [SESSION], ALL, tmp_path, None, lambda *told: files.append(told), lambda *told: parts.append(told))
    assert [(done, total) for done, total, _ in files] == [(number, 5) for number in range(1, 6)]
    assert [name for *_, name in files] == [f"{SESSION}/{name}" for name in (ORDER[0], *ORDER[1:4], ORDER[4])], "fhir last"
    assert parts[0] == (SESSION, 0.0), "reading the record comes first"
    for name, least in (("session.pdf", 8), ("trace.csv", 4)):
        shares = [share for told, share in parts if told == f"{SESSION}/{name}"]
        assert shares[0] == 0.0
        assert shares == sorted(shares)
        assert len(set(shares)) >= least, name
        assert 0.9 < shares[-1] <= 1.0


@pytest.mark.parametrize("how", ["says no", "raises"])
@pytest.mark.parametrize(("name", "share"), [("session.pdf", 0.3), ("trace.csv", 0.5), ("session.json", 0.0)])
def test_a_cancel_within_a_file_leaves_only_whole_ones(store: Store, tmp_path: Path, name: str, share: float, how: str) -> None:
    def within(told: str, at: float) -> bool:
        if told == f"{SESSION}/{name}" and at >= share:
            if how == "raises":
                raise KeyboardInterrupt
            return False
        return True

    with pytest.raises(ExportCancelled if how == "says no" else KeyboardInterrupt):
        export_sessions(store, [SESSION], ["pdf", "csv", "json"], tmp_path, within=within)
    folder = tmp_path / SESSION
    whole = ORDER[: ORDER.index(name)]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*whole, *(["manifest.json"] if whole else [])])
    if whole:
        assert sorted(json.loads((folder / "manifest.json").read_bytes())["files"]) == sorted(whole)
        assert verify_folder(folder).holds


def test_a_cancel_leaves_the_file_of_an_earlier_export_as_it_was(store: Store, tmp_path: Path) -> None:
    (folder,) = export_sessions(store, [SESSION], ["csv"], tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ExportCancelled):
        export_sessions(store, [SESSION], ["csv"], tmp_path, within=lambda name, share: share < 0.5)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_cancel_between_files(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ExportCancelled, match="cancelled"):
        export_sessions(store, [SESSION], ["json", "csv"], tmp_path, progress=lambda done, total, name: done < 1)
    assert sorted(path.name for path in (tmp_path / SESSION).iterdir()) == ["manifest.json", "session.json"]


@pytest.mark.parametrize("answer", [None, 0, "", True])
def test_only_false_is_a_no(tmp_path: Path, answer: Any) -> None:
    callback: Callable[..., Any] = lambda *_: answer  # noqa: E731
    with open_store(tmp_path / "home") as bare:
        CASES["bare"](bare)
        assert export_sessions(bare, [SESSION], ["json"], tmp_path / "out", None, callback, callback)


def test_a_format_whose_package_is_missing_says_how_to_get_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sessions.export import run

    monkeypatch.setitem(run._NEEDS, "csv", "no_such_package_of_ours")
    with pytest.raises(ExportError, match=r"'csv' needs no_such_package_of_ours, .*pip install 'pencontrol\[csv\]'"):
        export_sessions(store, [SESSION], ["json", "csv"], tmp_path)
    assert not (tmp_path / SESSION).exists()
