"""The vocabulary as it is written down for others: complete, true of real records, and never broken within its number."""

import copy
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sessions.events import VOCABULARY, Event
from sessions.export import export_sessions
from sessions.schema import __main__ as schema
from sessions.schema.json_schema import record_schema
from sessions.schema.models import all_models, sorts, words
from sessions.schema.page import BEGIN, END
from sessions.schema.release import breaks
from sessions.store import open_store
from sessions.store.chain import event_hash
from sessions.vocabulary import SESSION_KINDS, SORTS, is_session_stream, kinds_in
from tests.sessions.face import SESSION
from tests.sessions.tampering.record import make_record

PAGE = (schema.ROOT / schema.PAGE).read_text("utf-8")
NOW = record_schema()


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    make_record(home)
    with open_store(home) as store:
        (folder,) = export_sessions(store, [SESSION], ["json"], home / "out")
    return folder / "session.json"


def _events(document: Path) -> list[dict[str, Any]]:
    rows = json.loads(document.read_bytes())["events"]
    return [{key: value for key, value in row.items() if key not in ("hash", "prev_hash")} for row in rows]


def _copied(folder: Path) -> Path:
    (folder / "docs").mkdir()
    for name in (schema.PAGE, schema.SCHEMA):
        (folder / name).write_bytes((schema.ROOT / name).read_bytes())
    return folder


# ---- generated files


def test_the_page_and_the_schema_are_the_models() -> None:
    assert schema.main(["--check"]) == 0


@pytest.mark.parametrize("name", [schema.PAGE, schema.SCHEMA])
def test_check_sees_a_changed_word_and_writing_mends_it(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _copied(tmp_path) / name
    path.write_text(path.read_text("utf-8").replace("hard_cap_um", "hardest_um", 1), "utf-8")
    assert schema.main(["--check"], tmp_path) == 1
    assert f"{name} differs from the vocabulary" in capsys.readouterr().err
    assert schema.main([], tmp_path) == 0
    assert schema.main(["--check"], tmp_path) == 0
    assert path.read_bytes() == (schema.ROOT / name).read_bytes()
    assert schema.main(["--chek"], tmp_path) == 2


def test_every_kind_and_field_is_on_the_page() -> None:
    tables = PAGE[PAGE.index(BEGIN) : PAGE.index(END)]
    for sort in sorts():
        for kind in sort.kinds:
            assert f"#### `{kind}`" in tables
    for model in all_models():
        for name in model.model_fields:
            assert f"| `{name}` |" in tables or name == "kind", f"{model.__name__}.{name}"


def test_every_field_says_what_it_means() -> None:
    for model in all_models():
        missing = [name for name in model.model_fields if name != "kind" and not words(model).get(name)]
        assert not missing, f"{model.__name__}: a comment beside {missing} is needed"


def test_what_the_page_says_of_settings_is_what_the_store_sets() -> None:
    from sessions.store.store import _PRAGMAS

    for name, value in _PRAGMAS:
        assert f"`{name}={value}`" in PAGE or name == "journal_size_limit", name


# ---- the schema beside real records


def test_the_schema_is_one_and_takes_every_event_of_a_session(document: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(NOW)
    validator = jsonschema.Draft202012Validator(NOW)
    events = _events(document)
    assert len({event["kind"] for event in events}) >= 18
    for event in events:
        validator.validate(event)


def test_the_schema_refuses_what_the_store_refuses(document: Path) -> None:
    validator = jsonschema.Draft202012Validator(NOW)
    zone = next(event for event in _events(document) if event["kind"] == "zone_selected")
    for wrong in (
        {**zone, "kind": "wish"},
        {**zone, "more": 1},
        {**zone, "body": {**zone["body"], "limit_um": "deep"}},
        {**zone, "body": {**zone["body"], "wish": 1}},
        {**zone, "body": {"zone": "F.CHIN"}},
        {**zone, "number": "1"},
    ):
        assert not validator.is_valid(wrong), wrong
    for sort, kinds in SORTS.items():
        elsewhere = {**zone, "stream": f"{sort}/x"}
        assert validator.is_valid(elsewhere) is ("zone_selected" in kinds)


def test_a_streams_sort_is_its_first_word() -> None:
    assert kinds_in(SESSION) is SESSION_KINDS is kinds_in("J-7")
    assert is_session_stream(SESSION)
    for sort, kinds in SORTS.items():
        assert kinds_in(sort) is kinds is kinds_in(f"{sort}/c-0001")
        assert not is_session_stream(f"{sort}/c-0001")
        assert kinds_in(f"{sort}s/c-0001") is SESSION_KINDS


# ---- the promise


def test_the_released_vocabulary_is_kept() -> None:
    assert schema.RELEASED.exists(), f"vocabulary {VOCABULARY} has no promise: python -m sessions.schema --release"
    assert schema.released_breaks() == []


def _gone(now: Any) -> None:
    del now["$defs"]["ZoneSelected"]["properties"]["old_zone"]


def _renamed(now: Any) -> None:
    fields = now["$defs"]["Stroke"]["properties"]
    fields["length_ms"] = fields.pop("contact_ms")


def _kind_gone(now: Any) -> None:
    now["allOf"] = [case for case in now["allOf"] if case["if"]["properties"].get("kind") != {"const": "trip"}]


def _other_type(now: Any) -> None:
    now["$defs"]["Trip"]["properties"]["depth_um"]["type"] = "string"


def _no_longer_null(now: Any) -> None:
    now["$defs"]["Trip"]["properties"]["motor_off_us"] = {"type": "integer"}


def _choice_gone(now: Any) -> None:
    now["$defs"]["PassCounted"]["properties"]["how"]["enum"].remove("lift")


def _choice_new(now: Any) -> None:
    now["$defs"]["Stroke"]["properties"]["zone"]["enum"] = ["F.CHIN"]


def _needed(now: Any) -> None:
    now["$defs"]["Note"]["required"].append("text")


def _within_a_part(now: Any) -> None:
    del now["$defs"]["ZoneLimit"]["properties"]["hard_cap_um"]


def _bounded(now: Any) -> None:
    now["$defs"]["Stroke"]["properties"]["number"]["maximum"] = 99


def _least_raised(now: Any) -> None:
    now["$defs"]["RoleCeilingSet"]["properties"]["ceiling_um"]["minimum"] = 600


def _most_lowered(now: Any) -> None:
    now["$defs"]["RoleCeilingSet"]["properties"]["reason"]["maxLength"] = 100


def _envelope(now: Any) -> None:
    now["properties"]["actor"]["type"] = "integer"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_gone, "zone_selected.old_zone is gone"),
        (_renamed, "stroke.contact_ms is gone"),
        (_kind_gone, "trip is gone"),
        (_other_type, "trip.depth_um was of type integer, it is string"),
        (_no_longer_null, "trip.motor_off_us no longer takes null"),
        (_choice_gone, "pass_counted.how no longer takes 'lift'"),
        (_choice_new, "stroke.zone no longer takes any value"),
        (_needed, "note.text must be there now, and records that exist have none"),
        (_within_a_part, "session_opened.zones[].hard_cap_um is gone"),
        (_bounded, "stroke.number is narrower: maximum is 99"),
        (_least_raised, "role_ceiling_set.ceiling_um is narrower: minimum is 600"),
        (_most_lowered, "role_ceiling_set.reason is narrower: maxLength is 100"),
        (_envelope, "event.actor was of type string, it is integer"),
    ],
    ids=lambda each: each.__name__.strip("_") if callable(each) else "",
)
def test_a_break_is_named(change: Any, told: str) -> None:
    now = copy.deepcopy(NOW)
    change(now)
    assert told in breaks(NOW, now)


def test_what_is_added_breaks_nothing() -> None:
    now = copy.deepcopy(NOW)
    now["$defs"]["Stroke"]["properties"]["angle"] = {"type": "integer", "default": 90}
    now["$defs"]["PassCounted"]["properties"]["how"]["enum"].append("pedal")
    for name, bound, wider in (("ceiling_um", "minimum", 250), ("ceiling_um", "maximum", 2000), ("reason", "maxLength", 400)):
        now["$defs"]["RoleCeilingSet"]["properties"][name][bound] = wider
    del now["$defs"]["MediaLot"]["properties"]["reason"]["maxLength"]
    new_kind = copy.deepcopy(now["allOf"][-1])
    new_kind["if"]["properties"]["kind"]["const"] = "new_kind"
    now["allOf"].append(new_kind)
    assert breaks(NOW, now) == []


def test_a_broken_vocabulary_is_neither_checked_in_nor_released(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    released = tmp_path / "released_1.json"
    before = copy.deepcopy(NOW)
    before["$defs"]["Note"]["properties"]["mood"] = {"type": "string"}
    released.write_text(json.dumps(before))
    for arguments in (["--check"], [], ["--release"]):
        assert schema.main(arguments, _copied(tmp_path) if not (tmp_path / "docs").exists() else tmp_path, released) == 1
        assert "breaks vocabulary 1: note.mood is gone; raise VOCABULARY" in capsys.readouterr().err
    assert json.loads(released.read_text()) == before
    assert schema.main(["--release"], tmp_path, tmp_path / "new.json") == 0
    assert json.loads((tmp_path / "new.json").read_text()) == NOW


# ---- the page's own examples


def test_the_pages_example_has_the_hash_that_the_page_says() -> None:
    line = re.search(r"```json\n(.*)\n```", PAGE)
    told = re.search(r"and its hash is `([0-9a-f]{64})`", PAGE)
    assert line
    assert told
    assert hashlib.sha256(line[1].encode()).hexdigest() == told[1]
    event = json.loads(line[1])
    assert event_hash(event.pop("prev"), Event.model_validate(event)) == told[1]


def test_the_pages_program_checks_a_session_with_the_standard_library_alone(document: Path, tmp_path: Path) -> None:
    program = re.search(r"```python\n(.*?)\n```", PAGE, re.DOTALL)
    assert program
    (tmp_path / "check.py").write_text(program[1])

    def run(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(tmp_path / "check.py"), str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    head = json.loads(document.read_bytes())["chain"]["events_head"]
    assert run(document).stdout == f"20 events, head {head}\n"
    (tmp_path / "other.json").write_text(document.read_text().replace('"limit_um": 900', '"limit_um": 800', 1))
    assert run(tmp_path / "other.json").returncode != 0
