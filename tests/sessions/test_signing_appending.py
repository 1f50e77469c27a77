"""Appending from outside the recorder: in one transaction, behind whoever else writes, and only where it is allowed."""

import threading
from pathlib import Path

import pytest

from sessions.afterwards import Corrected
from sessions.audit import verify
from sessions.events import Note
from sessions.reading import load_events
from sessions.store import WriteRefused, open_store
from sessions.store.appending import append, append_within
from sessions.vocabulary import SORTS
from tests.sessions.face import SESSION, face, store_face

NOW = (1_795_253_400_000_000_000, 5_000_000_000_000)
CORRECTED = Corrected(number=2, field="zone", old='"a"', new='"b"', reason="wrong tile")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_store(tmp_path) as store:
        store_face(store, face(seconds=16.0))
    return tmp_path


def test_several_bodies_follow_each_other_in_one_chain(home: Path) -> None:
    with open_store(home) as store:
        before = verify(store, SESSION)
        events = append(store, SESSION, "op-1", [CORRECTED, CORRECTED], *NOW)
        assert [event.number for event in events] == [before.events + 1, before.events + 2]
        assert load_events(store, SESSION)[-2].prev_hash == before.events_head
        assert [stored.event for stored in load_events(store, SESSION)[-2:]] == events
        assert verify(store, SESSION).holds


def test_nothing_is_stored_when_one_of_them_is_refused(home: Path) -> None:
    with open_store(home) as store:
        before = verify(store, SESSION)
        with pytest.raises(WriteRefused, match="'note' cannot be added"):
            append(store, SESSION, "op-1", [CORRECTED, Note(code="x")], *NOW)
        with pytest.raises(ZeroDivisionError), store.writing() as connection:
            print(append_within(connection, SESSION, "op-1", [CORRECTED], *NOW)[0].number / 0)
        assert verify(store, SESSION) == before


def test_many_at_once_leave_no_gap(home: Path) -> None:
    gate = threading.Barrier(4)
    failed: list[BaseException] = []

    def one() -> None:
        try:
            with open_store(home) as store:
                gate.wait()
                for _ in range(5):
                    append(store, SESSION, "op-1", [CORRECTED], *NOW)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with open_store(home) as store:
        verdict = verify(store, SESSION)
        assert verdict.holds, verdict.problems
        assert verdict.events == len(face(seconds=16.0).events) + 20


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_a_kind_of_another_sort_of_stream_is_refused(home: Path, sort: str) -> None:
    with open_store(home) as store:
        with pytest.raises(WriteRefused, match="the kind 'corrected' is not in the vocabulary"):
            append(store, f"{sort}/x-1", "op-1", [CORRECTED], *NOW)
        assert load_events(store, f"{sort}/x-1") == []
