"""A file of another form has another form's number, so that `verify` never calls an older export changed."""

import hashlib
import json
from pathlib import Path

import pytest

from sessions.export import export_sessions
from sessions.export.makers import FORMS, MADE_WITH, makers
from sessions.store import open_store
from tests.sessions.drawing import DRAWING
from tests.sessions.export_cases import CASES
from tests.sessions.face import SESSION

KNOWN = json.loads(Path(__file__).with_name("forms.json").read_bytes())
FORM_OF = {"session.pdf": "pdf_form", "session.fhir.json": "fhir_form"}


@pytest.mark.parametrize(("name", "kind"), [("session.pdf", "pdf"), ("session.fhir.json", "fhir")])
def test_the_same_record_gives_the_bytes_of_this_form(tmp_path: Path, name: str, kind: str) -> None:
    form, known = FORM_OF[name], KNOWN[name]
    here = {part: makers(DRAWING)[part] for part in MADE_WITH[name] if part != "pencontrol"}  # its version alone changes no byte
    others = {part: version for part, version in known["made_by"].items() if part != form}
    if {part: here[part] for part in others} != others:
        pytest.skip(f"{name}: its bytes are known as made by {others}; here are {here}")
    with open_store(tmp_path / "home") as store:
        CASES["people"](store)
        (folder,) = export_sessions(store, [SESSION], [kind], tmp_path / "out", DRAWING)
    made = {"made_by": here, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
    assert made == known, f"{name} is made otherwise: raise {form} in sessions/export/makers.py, and write {made} to forms.json"


def test_every_form_belongs_to_a_file() -> None:
    assert set(FORM_OF.values()) == FORMS.keys() == {part for parts in MADE_WITH.values() for part in parts if part in FORMS}
