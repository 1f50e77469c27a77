"""A pseudonymous export names nobody, keeps what was measured, and says how far it can be verified."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_origin

import pytest
from pydantic import BaseModel

from sessions import events as ev
from sessions.export import FORMATS, ExportError, export_sessions
from sessions.export.pseudonym import KEPT, LEFT_OUT, pseudonym
from sessions.export.verify import verify_folder
from sessions.store import open_store
from sessions.vocabulary import SESSION_KINDS
from tests.sessions.export_cases import CASES
from tests.sessions.face import SESSION, Face, store_face
from tests.sessions.face_plan import opened

Export = Callable[..., Path]
KEY, OTHER = b"k" * 32, b"o" * 32
# Everything in the cases that tells of a person, in any file.
TELLING: tuple[str, ...] = ("C-0001", "P-01", "L-02", "The practitioner", "The clinic lead", "REG-4711", "POL-0815", "Diploma")
TELLING += ("no bleeding", "wiped, not treated", "acne scars, rolling", "wrong tile")


def _exported(place: Path, case: str, key: bytes | None = KEY, formats: Sequence[str] = FORMATS) -> Path:
    with open_store(place / "home") as store:
        if not (place / "out").exists():
            CASES[case](store)
        (folder,) = export_sessions(store, [SESSION], formats, place / "out", pseudonym_key=key)
    return folder


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """All files of a case, made once for each key."""

    @cache
    def made(case: str, key: bytes | None = KEY) -> Path:
        return _exported(tmp_path_factory.mktemp(case), case, key)

    return made


@pytest.mark.parametrize("case", ["people", "voided"])
def test_nobody_is_named_in_any_file(export: Export, case: str) -> None:
    folder = export(case)
    for path in folder.iterdir():
        data = path.read_bytes()
        if path.suffix == ".pdf" and shutil.which("pdftotext"):
            data = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout
            assert b"PSEUDONYMOUS" in data
        for words in TELLING:
            assert words.encode() not in data, (path.name, words)


def test_what_was_measured_stays(export: Export) -> None:
    clear, folder = export("voided", None), export("voided")
    one, other = (json.loads((each / "session.json").read_bytes()) for each in (clear, folder))
    for key in ("zones", "trips", "alarms", "samples", "blocks", "enforcement", "opened_utc", "closed_utc"):
        assert one[key] == other[key], key
    assert (clear / "trace.csv").read_bytes() == (folder / "trace.csv").read_bytes()
    assert [each["standing"] for each in other["signatures"]] == ["VOIDED", "VALID", "VALID"]
    assert [event["utc"] for event in one["events"]] == [event["utc"] for event in other["events"]]


def test_the_same_person_stays_the_same_and_only_under_one_key(export: Export) -> None:
    document = json.loads((export("voided") / "session.json").read_bytes())
    assert document["opened"]["client"] == pseudonym(KEY, "client", "C-0001")
    assert document["opened"]["operator"] == document["closed_by"] == pseudonym(KEY, "person", "P-01")
    actors = {event["actor"] for event in document["events"]}
    assert actors == {"control", pseudonym(KEY, "person", "P-01"), pseudonym(KEY, "person", "L-02")}
    stops = {event["body"]["source"] for event in document["events"] if event["kind"] == "stopped"}
    assert stops == {"control", pseudonym(KEY, "person", "P-01")}
    names = {pseudonym(key, sort, "C-0001") for key in (KEY, OTHER) for sort in ("client", "person")}
    assert len({name.partition("-")[2] for name in names}) == 4, "a client and a person of one code are not seen to be so"
    assert all(re.fullmatch(r"(client|person)-[A-Z2-7]{12}", name) for name in names)


def test_nothing_is_left_that_codes_could_be_tried_against(export: Export) -> None:
    clear, folder = export("voided", None), export("voided")
    document = json.loads((clear / "session.json").read_bytes())
    secrets = {event["hash"] for event in document["events"]} | {each["signature"] for each in document["signatures"]}
    secrets -= {document["chain"]["events_head"]}  # the one head is kept: docs say what that means
    heads_signed = {event["body"]["events_head"] for event in document["events"] if event["kind"] == "signed"}
    for path in folder.iterdir():
        if path.suffix != ".pdf":
            data = path.read_bytes()
            assert not [secret for secret in secrets - heads_signed if secret.encode() in data], path.name


def test_what_verify_says_of_it(export: Export) -> None:
    clear, folder = export("voided", None), export("voided")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["pseudonymous"] is True
    verdict = verify_folder(folder)
    assert verdict.holds, verdict.problems
    assert "trace chain: 24000 samples to the head" in verdict.checked, "samples are as they were"
    assert any("codes were replaced" in words for words in verdict.unproven)
    assert manifest["events_head"] == json.loads((clear / "manifest.json").read_bytes())["events_head"]


def test_files_of_both_sorts_never_share_a_folder(tmp_path: Path) -> None:
    folder = _exported(tmp_path, "bare", None, ["json"])
    with pytest.raises(ExportError, match="not pseudonymous"):
        _exported(tmp_path, "bare", KEY, ["csv"])
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "session.json"]
    shutil.rmtree(folder)
    _exported(tmp_path, "bare", KEY, ["csv"])
    with pytest.raises(ExportError, match="holds a pseudonymous export"):
        _exported(tmp_path, "bare", None, ["csv"])
    _exported(tmp_path, "bare", KEY, ["json"])
    assert verify_folder(folder).holds
    (folder / "manifest.json").unlink()
    with pytest.raises(ExportError, match="not pseudonymous"):
        _exported(tmp_path, "bare", KEY, ["csv"])


def _texts(body: type[BaseModel], seen: dict[str, set[str]]) -> dict[str, set[str]]:
    """Fields of `body`, and of all bodies in it, that may hold words."""
    fields = seen.setdefault(body.__name__, set())
    for name, field in body.model_fields.items():
        inner: list[Any] = [field.annotation, *getattr(field.annotation, "__args__", ())]
        for each in inner:
            if isinstance(each, type) and issubclass(each, BaseModel) and each.__name__ not in seen:
                _texts(each, seen)
        if get_origin(field.annotation) is not Literal and str in inner:
            fields.add(name)
    return seen


def test_every_kind_of_event_was_judged() -> None:
    seen: dict[str, set[str]] = {}
    for body in SESSION_KINDS.values():
        _texts(body, seen)
    assert KEPT.keys() == seen.keys(), "a new kind: say in sessions/export/pseudonym.py which of its texts may stay"
    for name, kept in KEPT.items():
        assert kept <= seen[name], f"{name} has no text field {kept - seen[name]}"


def test_codes_within_the_stations_own_words_and_text_of_people(tmp_path: Path) -> None:
    told = Face()
    gates = [
        ev.GateState(gate="Consent", status="GREEN", detail="signed by Jane Roe before P-01"),
        ev.GateState(gate="Calibration", status="GREEN", detail="CAL-3, by P-01, due 2027-02-11"),
        ev.GateState(gate="Screening", status="NOT RECORDED", detail="this version does not ask for it"),
    ]
    told.say(opened().model_copy(update={"gates": gates, "note": "Jane asked for it"}), "P-01")
    told.say(ev.Note(code="reaction: faint", zone="F.CHIN", text="Jane felt dizzy"), "P-01")
    told.say(ev.LinkChanged(state="lost", detail="while P-01 held it; C-0001x stays"), "control")
    told.say(ev.SessionClosed(state="CLOSED", reason="Jane had enough", zones=[], enforcement=None), "P-01")
    with open_store(tmp_path / "home") as store:
        store_face(store, told)
        (folder,) = export_sessions(store, [SESSION], ["json"], tmp_path / "out", pseudonym_key=KEY)
    document = json.loads((folder / "session.json").read_bytes())
    assert "Jane" not in json.dumps(document)
    person = pseudonym(KEY, "person", "P-01")
    details = [gate["detail"] for gate in document["opened"]["gates"]]
    assert details == [LEFT_OUT, f"CAL-3, by {person}, due 2027-02-11", "this version does not ask for it"]
    assert document["opened"]["note"] == document["reason"] == LEFT_OUT
    note, link = (event["body"] for event in document["events"][1:3])
    assert (note["code"], note["zone"], note["text"]) == ("reaction: faint", "F.CHIN", LEFT_OUT)
    assert link["detail"] == f"while {person} held it; C-0001x stays"


def test_who_ended_it_says_whether_the_reason_stays(tmp_path: Path) -> None:
    document = json.loads((_exported(tmp_path, "interrupted", KEY, ["json"]) / "session.json").read_bytes())
    assert document["reason"] == "control process lost"
