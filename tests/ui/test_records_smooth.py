"""The records' pages do no work twice while frames wait: counted, not timed."""

import threading
from typing import Any

import pytest

from tests.sessions.face import SESSION
from tests.ui.conftest import Rig
from tests.ui.records_store import whole, write
from tests.ui.test_records_screen import Reader
from ui.touch.records import loading
from ui.touch.records.telling import SessionRow
from ui.touch.widgets.zone_map import ZoneMap


@pytest.fixture
def reader(rig: Rig) -> Reader:
    write(rig.home, whole(seconds=16))
    made = Reader(rig)
    made.enter()
    assert [row.session for row in made.page.list.list.items if isinstance(row, SessionRow)] == [SESSION]
    return made


def test_a_figure_that_was_drawn_is_not_drawn_again_for_another_session(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.open()
    reader.page.show_section("replay")
    reader.rig.frames(2)
    drawn: list[ZoneMap] = []
    prepare = ZoneMap._prepare

    def counted(zones: ZoneMap) -> None:
        drawn.append(zones)
        prepare(zones)

    monkeypatch.setattr(ZoneMap, "_prepare", counted)
    for section in ("list", "summary", "replay", "events", "summary", "replay"):
        reader.page.show_section(section)
        reader.rig.frames(2)
    assert drawn == []


def test_a_trace_that_is_there_at_once_is_shown_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    replay = reader.page.replay
    show = replay.show_track

    def counted(track: Any) -> None:
        shown.append(track)
        show(track)

    monkeypatch.setattr(replay, "show_track", counted)
    monkeypatch.setattr("ui.touch.records.loading.SOON_NS", 60_000_000_000)
    reader.open("replay")
    assert len(shown) == 1
    assert (shown[0].begin, shown[0].end) == (replay.track.begin, replay.track.end) if replay.track else False


def test_a_session_is_one_job_that_nobody_has_to_ask_for_twice(reader: Reader) -> None:
    asked: list[str] = []
    librarian = reader.desk._librarian
    ask = librarian.ask

    def counted(topic: str, job: Any, done: Any) -> None:
        asked.append(topic)
        ask(topic, job, done)

    librarian.ask = counted
    reader.open("replay")
    assert asked == ["track", "verdict"]
    assert reader.page.replay.track is not None
    assert reader.page.replay.record is not None
    reader.rig.touch.presenter.visit(None)
    reader.rig.frames(2)
    reader.enter()
    assert asked == ["track", "verdict"], "what came is kept"


def test_a_trace_that_was_left_before_it_came_is_asked_for_at_the_next_visit(reader: Reader) -> None:
    row = next(row.session for row in reader.page.list.list.items if isinstance(row, SessionRow))
    hold = threading.Event()
    load = loading.load_track

    def held(*given: Any) -> Any:
        assert hold.wait(20)
        return load(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "load_track", held)
        reader.desk.open_session(row)
        reader.until(lambda: reader.page.shown == "summary")
        reader.rig.touch.presenter.visit(None)
        reader.rig.frames(2)
        assert not reader.desk._librarian.waits("track")
        hold.set()
    assert reader.page.replay.track is None
    reader.enter()
    assert reader.page.replay.track is not None
