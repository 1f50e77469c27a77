"""Corrections: new events that show the old words, refused where they cannot be true."""

from pathlib import Path
from typing import Any

import pytest

from sessions.audit import verify
from sessions.correcting import correct
from sessions.events import Event
from sessions.reading import load_events
from sessions.store import Store, WriteRefused, open_store
from tests.sessions.export_cases import KEY, after, signed
from tests.sessions.face import SESSION, face, store_face


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_store(tmp_path_factory.mktemp("home"))
    signed(store)
    return store


def _correct(store: Store, number: int, field: str, new: Any, reason: str = "wrong tile", session: str = SESSION) -> Event:
    return correct(store, session, "P-01", number, field, new, reason, *after(400))


def test_a_correction_shows_old_and_new_and_voids_what_was_signed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        signed(store)
        before = [stored.event for stored in load_events(store, SESSION)]
        event = _correct(store, 1, "zones.0.reason", "scar")
        assert event.body == {
            "number": 1, "field": "zones.0.reason", "old": '""', "new": '"scar"', "reason": "wrong tile",
        }  # fmt: skip
        _correct(store, 1, "note", "Rötung")
        assert [stored.event for stored in load_events(store, SESSION)][: len(before)] == before, "what was said stays"
        verdict = verify(store, SESSION, {KEY.key_id})
        assert verdict.holds
        assert [(each.standing, each.voided_by) for each in verdict.signatures] == [("VOIDED", event.number)]


@pytest.mark.parametrize(
    ("number", "field", "new", "why"),
    [
        (999, "indication", "IN02", "has no event 999"),
        (1, "indications", "IN02", "event 1 has no indications: 'indications' is not there, but carried, "),
        (1, "zones.8.reason", "", "'8' is not there, but 0 to 7"),
        (1, "zones.0.reason.x", "", "'x' is not there, but nothing"),
        (1, "zones.0.limit_um", "deep", 'event 1: zones.0.limit_um cannot be "deep"'),
        (1, "zones.0.limit_um", "900", "should be a valid integer"),
        (1, "indication", "acne scars, atrophic", 'is "acne scars, atrophic" already'),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(closed: Store, number: int, field: str, new: Any, why: str) -> None:
    count = len(load_events(closed, SESSION))
    with pytest.raises(WriteRefused, match=why.replace(".", r"\.")):
        _correct(closed, number, field, new)
    assert len(load_events(closed, SESSION)) == count


def test_neither_a_signature_nor_an_open_session_is_corrected_and_none_without_a_reason(closed: Store, tmp_path: Path) -> None:
    number = load_events(closed, SESSION)[-1].event.number
    with pytest.raises(WriteRefused, match=f"event {number} is a signature"):
        _correct(closed, number, "meaning", "approved")
    with pytest.raises(WriteRefused, match="needs a reason"):
        _correct(closed, 1, "indication", "IN02", reason=" ")
    with open_store(tmp_path) as store:
        store_face(store, face(seconds=16.0, end=False))
        with pytest.raises(WriteRefused, match="still open"):
            _correct(store, 1, "indication", "IN02")
