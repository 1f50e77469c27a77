"""The records' pages do no work twice while frames wait: counted, not timed."""

import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QPixmap

from tests.sessions.face import SESSION
from tests.ui.conftest import Rig
from tests.ui.records_store import whole, write
from tests.ui.test_records_screen import Reader
from ui.touch.records import loading
from ui.touch.records.telling import SessionRow
from ui.touch.widgets import zone_layers, zone_map
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


def test_a_figure_is_painted_at_the_size_that_is_shown_and_at_none_before(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """STOP waits while layers are painted: sizes that a layout passes through on its way are not."""
    painted: list[QSize] = []
    paint = zone_layers.paint_layer

    def counted(shapes: Any, size: QSize, *more: Any) -> QPixmap:
        painted.append(size)
        return paint(shapes, size, *more)

    monkeypatch.setattr(zone_map, "paint_layer", counted)
    zones = reader.page.summary.figure.findChild(ZoneMap)
    reader.open()
    reader.rig.frames(2)
    reader.page.summary.grab()
    painted.clear()
    was = zones.size()
    for height in (was.height() - 30, was.height() - 20, was.height() - 10):
        zones.resize(was.width(), height)
    assert painted == []
    zones.grab()
    assert painted == [zones.size()] * 2
    zones.grab()
    assert len(painted) == 2


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


def test_a_section_is_laid_out_when_it_is_looked_at(reader: Reader) -> None:
    told: list[str] = []

    def noting(name: str, show: Callable[[Any], None]) -> Callable[[Any], None]:
        def noted(record: Any) -> None:
            told.append(name)
            show(record)

        return noted

    parts: dict[str, Any] = {"summary": reader.page.summary, "events": reader.page.events, "export": reader.page.export}
    with pytest.MonkeyPatch.context() as patch:
        for name, part in parts.items():
            patch.setattr(part, "show_record", noting(name, part.show_record))
        reader.desk.open_session(SESSION, "replay")
        reader.rest()
        assert (told, reader.page.shown) == ([], "replay")
        for name in ("events", "summary", "events", "export"):
            reader.page.show_section(name)
            reader.rest()
        assert told == ["events", "summary", "export"]
        assert len(reader.page.events.list.items) > 3


def test_nothing_is_collected_while_a_session_is_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    load = loading.load_track

    def watched(*given: Any) -> Any:
        seen.append(gc.isenabled())
        return load(*given)

    monkeypatch.setattr(loading, "load_track", watched)
    reader.open("replay")
    assert (seen, gc.isenabled()) == ([False], True)
