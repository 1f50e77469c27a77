"""The records' pages on the screen, over a store that the real writer filled: list, search, session, replay, export, photos."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, QRect, Qt
from PyQt6.QtGui import QEventPoint, QImage
from PyQt6.QtWidgets import QLabel, QPushButton, QWidget

from pencontrol.control.snapshot import State
from tests.sessions.face import INDEX_0, SESSION
from tests.ui.conftest import PANELS, Finger, Rig, click, hand
from tests.ui.records_store import bare, whole, write
from ui.touch.happenings import Page
from ui.touch.records.page import SECTIONS, RecordsPage
from ui.touch.records.photos import TAKEN
from ui.touch.records.telling import SessionRow
from ui.touch.widgets.drag_list import DragList
from ui.touch.widgets.slider import TimeSlider
from ui.touch.widgets.span_plot import SpanPlot

WAIT_S = 30.0


class Reader:
    """Somebody who looks things up: frames run on the hand clock, the librarian in real time."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    @property
    def page(self) -> RecordsPage:
        page = self.rig.touch.records.page
        assert page is not None
        return page

    @property
    def desk(self) -> Any:
        return self.rig.touch.records.desk

    def enter(self) -> None:
        self.rig.touch.presenter.visit(Page.RECORDS)
        self.rest()

    def rest(self) -> None:
        """Until every answer is there."""
        self.until(lambda: self.desk.settled)
        self.rig.frames(2)

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline
            self.rig.frames(1)
            time.sleep(0.002)

    def tap_row(self, shown: DragList, number: int) -> None:
        hand.mouseClick(
            shown, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, shown.row_room(number).center().toPoint()
        )
        self.rest()

    def open(self, section: str = "summary") -> None:
        """The sample session."""
        rows = self.page.list.list.items
        self.tap_row(self.page.list.list, next(at for at, row in enumerate(rows) if getattr(row, "session", "") == SESSION))
        self.rest()
        if section != "summary":
            click(self.page.sections[section])
            self.rest()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("filled")
    many = [bare(10 + number, 3 + number * 0.4, f"C-01{number:02d}") for number in range(60)]
    write(
        home, whole(seconds=16), bare(1, 18, "C-0001"), bare(2, 60, "C-0001"), bare(3, 0.2, "C-0002", state="INTERRUPTED"), *many
    )
    return home


@pytest.fixture
def reader(rig: Rig, filled: Path) -> Reader:
    for file in filled.glob("records.sqlite*"):
        (rig.home / file.name).write_bytes(file.read_bytes())
    return Reader(rig)


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    import threading

    yield
    assert [thread.name for thread in threading.enumerate() if thread.name == "librarian"] == []


def test_the_list_goes_on_when_it_is_dragged_and_a_row_opens(reader: Reader, finger: Finger) -> None:
    reader.enter()
    shown = reader.page.list.list
    rows = [item for item in shown.items if isinstance(item, SessionRow)]
    assert len(rows) == 40, "no more is read than is looked at"
    assert rows[0].session == SESSION
    assert (rows[0].alarms, rows[0].simulated) == (3, True)
    assert "C-0001" in shown.accessibleDescription()
    middle = shown.rect().center()
    state = QEventPoint.State
    for _ in range(60):
        finger.press(shown, QPoint(middle.x(), shown.height() - 10))
        for step in range(8):
            reader.rig.clock.now_ns += 10_000_000
            finger.send(shown, QEvent.Type.TouchUpdate, (1, state.Updated, QPoint(middle.x(), shown.height() - 10 - 60 * step)))
        finger.lift(shown, QPoint(middle.x(), 20))
        reader.rig.frames(10)
        reader.rest()
        if shown.offset > 3000:
            break
    assert len([item for item in shown.items if isinstance(item, SessionRow)]) == 64
    assert reader.page.shown == "list", "dragging opens nothing"
    click(reader.page.top)
    assert shown.offset == 0
    reader.open()
    assert reader.page.shown == "summary"


def test_a_fling_runs_out_and_a_touch_stops_it(reader: Reader, finger: Finger) -> None:
    reader.enter()
    shown = reader.page.list.list
    state = QEventPoint.State
    finger.press(shown, QPoint(100, 400))
    for step in range(1, 5):
        reader.rig.clock.now_ns += 10_000_000
        finger.send(shown, QEvent.Type.TouchUpdate, (1, state.Updated, QPoint(100, 400 - 40 * step)))
    finger.lift(shown, QPoint(100, 240))
    left = shown.offset
    reader.rig.frames(5)
    assert shown.offset > left + 20, "it goes on by itself"
    finger.press(shown, QPoint(100, 200))
    finger.lift(shown, QPoint(100, 200))
    held = shown.offset
    reader.rig.frames(20)
    assert shown.offset == held
    assert reader.page.shown == "list", "the touch that stops it opens nothing"


def test_search_by_the_keyboard(reader: Reader) -> None:
    reader.enter()
    click(reader.page.list.field)
    keyboard = reader.page.keyboard
    assert keyboard.isVisible()
    for letter in "C-0002":
        click(keyboard.dash if letter == "-" else keyboard.letters()[letter])
    click(keyboard.enter)
    reader.rest()
    found = [item for item in reader.page.list.list.items if isinstance(item, SessionRow)]
    assert [row.client for row in found] == ["C-0002"]
    assert reader.page.list.field.text() == "C-0002"
    for typed, count in (("uplip", 40), ("2026-11-21", 2), ("P-01 2026-11-21 C-0001", 1), ("nobody", 0)):
        reader.page.keyboard.done.emit(typed)
        reader.rest()
        assert len([item for item in reader.page.list.list.items if isinstance(item, SessionRow)]) == count or not count, typed
    assert reader.page.list.says.text() == "No session fits this search."
    assert not reader.page.list.list.isVisible()
    click(reader.page.list.clear)
    reader.rest()
    assert reader.page.list.list.isVisible()


def test_summary_with_map_totals_and_verification(reader: Reader) -> None:
    reader.enter()
    reader.open()
    summary = reader.page.summary
    texts = [label.text() for label in summary.totals.findChildren(QLabel)]
    assert "2 of 3" in texts
    checks = [label.text() for label in summary.checks.findChildren(QWidget) if hasattr(label, "text")]
    assert "The record verifies" in checks
    assert "Not signed" in checks
    reader.rig.frames(2)
    assert summary.figure.side() == ("face_front", False)
    assert "F.CHEEK.L" in summary.figure.map.zone_names()


def test_replay_shows_the_trip_where_it_was(reader: Reader) -> None:
    reader.enter()
    reader.open("replay")
    replay = reader.page.replay
    assert replay.track is not None
    assert (replay.track.begin, replay.track.end) == (INDEX_0, INDEX_0 + 16_000)
    trip = next(mark for mark in replay.record.marks if mark.kind == "trip")  # type: ignore[union-attr]
    while int(replay.player.place) != trip.index:
        before = replay.player.place
        click(replay.keys["alarm"])
        assert replay.player.place > before, "rising, and the trip is among them"
    reader.rig.frames(2)
    assert replay.depth_card.digits.text() == "1.06"
    assert replay.depth_card.unit.text() == "of 1.00 mm"
    assert replay.figure.title.text() == "Cheek, left"
    view = replay.plots[1]._view
    assert view is not None
    assert float(max(view.highs[view.highs == view.highs])) >= 1.06
    assert any(value == 1.0 for *_, value, _ in view.limits)


def test_replay_plays_at_its_rate_and_stands_still_when_nobody_looks(reader: Reader) -> None:
    reader.enter()
    reader.open("replay")
    replay = reader.page.replay
    click(replay.keys["rate"])
    assert replay.keys["rate"].text() == "4\u00d7"
    click(replay.keys["play"])
    begin = replay.player.place
    reader.rig.frames(25)
    assert replay.player.place - begin == pytest.approx(25 * 16 * 4, abs=70)
    assert replay.slider.at > 0
    click(reader.page.sections["events"])
    assert not replay.player.playing
    assert replay.keys["play"].text() == "Play"


def test_slider_plots_and_zoom_keys(reader: Reader, finger: Finger) -> None:
    reader.enter()
    reader.open("replay")
    replay, plot = reader.page.replay, reader.page.replay.plots[0]
    hand.mouseClick(replay.slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, replay.slider.rect().center())
    assert replay.player.place == pytest.approx(INDEX_0 + 8000, abs=60)
    click(replay.keys["in"])
    assert replay.window_shown.span == 4000
    assert replay.window_shown.first < replay.player.place < replay.window_shown.first + 4000
    first = replay.window_shown.first
    middle, state = plot.rect().center(), QEventPoint.State
    finger.press(plot, middle)
    for step in range(1, 6):
        finger.send(plot, QEvent.Type.TouchUpdate, (1, state.Updated, middle - QPoint(20 * step, 0)))
    finger.lift(plot, middle - QPoint(100, 0))
    assert replay.window_shown.first - first == pytest.approx(100 * 4000 / plot.columns(), rel=0.25)
    place = replay.player.place
    finger.press(plot, middle)
    finger.lift(plot, middle)
    assert replay.player.place != place, "a tap sets the cursor"
    span = replay.window_shown.span
    near, far = (middle - QPoint(40, 0), middle + QPoint(40, 0)), (middle - QPoint(80, 0), middle + QPoint(80, 0))
    for kind, points in ((QEvent.Type.TouchBegin, near), (QEvent.Type.TouchUpdate, near), (QEvent.Type.TouchUpdate, far)):
        finger.send(plot, kind, *((number, state.Updated, point) for number, point in enumerate(points)))
    assert replay.window_shown.span == pytest.approx(span / 2, rel=0.1), "two fingers zoom"
    for _ in range(8):
        click(replay.keys["out"])
    assert replay.window_shown.span == 16_000


def test_an_event_leads_to_its_moment(reader: Reader) -> None:
    reader.enter()
    reader.open("events")
    events = reader.page.events
    click(events.urgent)
    rows = events.list.items
    at = next(number for number, row in enumerate(rows) if row[1].startswith("Trip"))
    events.list.scroll_to(events.list.row_room(at).top() + events.list.offset)
    reader.tap_row(events.list, at)
    assert reader.page.shown == "replay"
    replay = reader.page.replay
    assert replay.track is not None
    assert replay.track.ruler.at_s(replay.player.place) == pytest.approx(float(rows[at][0]), abs=0.01)


def test_course_of_the_client(reader: Reader) -> None:
    reader.enter()
    reader.open("course")
    course = reader.page.course
    rows = {row[0]: row for row in course.list.items}
    assert rows["F.CHEEK.L"][3] == "3\u00d7"
    course.choose("F.CHEEK.L")
    assert course.line.text() == "days between: 42, 18 · under 21 days needs a reason"
    assert rows["F.CHEEK.L"][2].startswith("due 19 Dec")


def test_export_to_a_stick_with_progress_and_called_off(reader: Reader, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    reader.enter()
    reader.open("export")
    export = reader.page.export
    assert export.says.text() == "Choose a folder or a stick."
    assert not export.go.isEnabled()
    export.panel.wanted.emit(stick)
    reader.rest()
    click(export.formats["pdf"])
    shares: list[float] = []
    reader.desk._porter.progress.connect(lambda share, _: shares.append(share))
    click(export.go)
    assert not export.go.isEnabled()
    assert export.stop.isVisible()
    reader.until(lambda: not reader.desk._porter.busy)
    assert export.says.text() == f"The files are in {stick / SESSION}"
    assert {file.name for file in (stick / SESSION).iterdir()} == {"events.csv", "trace.csv", "manifest.json"}
    assert shares == sorted(shares)
    assert len(shares) >= 3
    click(export.go)
    assert reader.desk._porter.busy
    click(export.stop)
    reader.until(lambda: not reader.desk._porter.busy)
    assert "called off" in export.says.text() or "The files are in" in export.says.text()
    assert not [file for file in (stick / SESSION).iterdir() if file.name.endswith(".part")]


def test_an_export_ends_in_order_when_it_is_called_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ui.touch.records import export_run

    tidied: list[str] = []

    def export(_given: object) -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            tidied.append("the half file")
        return 0

    monkeypatch.setattr(export_run, "_export", export)
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a module that does not listen must not end the test run
    try:
        assert export_run.main(["S-1", "--home", "h", "--out", "o", "--formats", "csv"]) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert tidied == ["the half file"]
    assert json.loads(capsys.readouterr().out) == {"cancelled": True}


def test_an_export_without_room_or_right_is_not_begun(reader: Reader, tmp_path: Path) -> None:
    reader.enter()
    reader.open("export")
    export = reader.page.export
    export.panel.wanted.emit(tmp_path)
    reader.rest()
    assert export.why_not() == ""
    export.panel.free_bytes = 1_000_000
    assert export.why_not().startswith("Not enough room")
    export.panel.free_bytes, export.panel.writable = None, False
    assert export.why_not() == "cannot be written"
    export.panel.wanted.emit(tmp_path / "gone")
    reader.rest()
    assert "cannot be read" in export.panel.free.text()
    for tile in export.formats.values():
        tile.setChecked(False)
    assert export.why_not() == "Choose at least one kind of file."


def test_photographs_are_sealed_shown_side_by_side_and_refused_without_consent(reader: Reader, tmp_path: Path) -> None:
    from sessions.people.clients import consent_to_photos, enter_client, identity
    from sessions.people.keys import open_keyring
    from sessions.people.register import Desk
    from sessions.store import open_store

    home, stick = reader.rig.home, tmp_path / "stick"
    stick.mkdir()
    for name, colour in (("one.jpg", 0x806050), ("two.png", 0xA08070)):
        image = QImage(1800, 600, QImage.Format.Format_RGB32)
        image.fill(colour)
        image.save(str(stick / name))
    (stick / "three.jpg").write_text("not a picture")
    reader.enter()
    reader.open("photos")
    photos = reader.page.photos
    assert not photos.adds["before"].isEnabled()
    assert "consent" in photos.says.text()
    with open_store(home) as store:
        desk, keyring = Desk(store, "op-1", time.time_ns, time.monotonic_ns), open_keyring(store, home)
        enter_client(desk, keyring, identity("Client One"), "C-0001")
        consent_to_photos(desk, keyring, "C-0001", True, "v1", "0" * 64)
    click(reader.page.back)
    reader.rest()
    reader.open("photos")
    for taken, name in zip(TAKEN, ("one.jpg", "two.png"), strict=False):
        click(photos.adds[taken])
        reader.rest()
        photos.panel.wanted.emit(stick)
        reader.rest()
        rows = [row[1] for row in photos.panel.list.items]
        reader.tap_row(photos.panel.list, rows.index(name))
    left, right = photos.panes
    for pane, colour in ((left, 0x806050), (right, 0xA08070)):
        assert pane._image is not None
        assert max(pane._image.width(), pane._image.height()) == 1600, "no larger than a panel can show"
        shown = pane._image.pixelColor(100, 100)
        assert abs(shown.red() - (colour >> 16)) <= 4
    assert photos.captions[0].text().startswith("Before · ")
    sealed = list((home / "photos").iterdir())
    assert len(sealed) == 2
    assert all(b"PNG" not in file.read_bytes()[:64] and b"JFIF" not in file.read_bytes()[:64] for file in sealed)
    photos.ask_file("after")
    photos.panel.picked.emit(stick / "three.jpg")
    reader.rest()
    assert photos.says.text() == "three.jpg is no picture that can be shown; allowed are JPEG and PNG"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("newer", "A newer version of this program wrote the records."), ("broken", "The file of the records is no database.")],
)
def test_trouble_with_the_store_in_plain_words(rig: Rig, trouble: str, words: str) -> None:
    reader = Reader(rig)
    path = rig.home / "records.sqlite"
    if trouble == "newer":
        write(rig.home, bare(1, 1, "C-0001"))
        with sqlite3.connect(path) as raw:
            raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.close()
    else:
        path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    reader.enter()
    assert reader.page.list.says.text() == words
    assert reader.page.list.retry.isVisible()
    for file in rig.home.glob("records.sqlite*"):
        file.unlink()
    click(reader.page.list.retry)
    reader.rest()
    assert reader.page.list.says.text() == "No session is on record yet."
    assert not reader.page.list.retry.isVisible()


def test_the_records_are_left_for_a_pen_that_gets_ready_and_stop_works_there(reader: Reader) -> None:
    rig = reader.rig
    reader.enter()
    reader.open("replay")
    click(reader.page.replay.keys["play"])
    stops = rig.control.stops()
    click(rig.shell.stop_button)
    assert rig.control.stops() == stops + 1
    rig.control.open_session(rig.clock())
    rig.frames(3)
    assert rig.shell.stack.currentWidget() is rig.touch.treat
    assert not reader.page.replay.player.playing
    rig.touch.presenter.visit(Page.RECORDS)
    rig.frames(2)
    assert rig.shell.stack.currentWidget() is rig.touch.treat, "not while READY"
    rig.control.publish(rig.clock(), state=State.PAUSED)
    rig.frames(2)
    rig.touch.presenter.visit(Page.RECORDS)
    rig.frames(2)
    assert rig.shell.stack.currentWidget() is rig.touch.records
    assert reader.page.shown == "replay"


def test_the_heartbeat_goes_on_while_the_record_is_read(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes as long as it likes."""
    import threading

    from ui.touch.records import jobs

    slow, read = threading.Event(), jobs.open_session

    def held(session: str, in_words: Any) -> Callable[[Any, Any], Any]:
        def job(store: Any, ticket: Any) -> Any:
            assert slow.wait(WAIT_S)
            return read(session, in_words)(store, ticket)

        return job

    monkeypatch.setattr(jobs, "open_session", held)
    reader.enter()
    reader.page.list.chosen.emit(SESSION)
    beats = []
    for _ in range(20):
        reader.rig.frames(1)
        beats.append(reader.rig.touch.presenter._count)
    assert beats == list(range(beats[0], beats[0] + 20)), "no frame waits for the librarian"
    assert reader.desk._librarian.busy
    slow.set()
    reader.until(lambda: reader.page.shown == "summary")


@pytest.mark.parametrize("panel", list(PANELS))
def test_every_part_is_large_named_clear_of_stop_and_not_clipped(make_rig: Callable[..., Rig], filled: Path, panel: str) -> None:
    from tests.ui.test_shape import area, gap

    rig = make_rig(panel)
    for file in filled.glob("records.sqlite*"):
        (rig.home / file.name).write_bytes(file.read_bytes())
    reader = Reader(rig)
    reader.enter()
    shell, px = rig.shell, PANELS[panel][1]
    stop = QRect(shell.stop_button.pos(), shell.stop_button.size())
    looked = 0
    for place in ("list", "search", *SECTIONS, "file"):
        if place == "search":
            reader.page.ask_search()
        elif place == "summary":
            reader.page.show_section("list")
            reader.open()
        elif place == "file":
            reader.page.show_section("photos")
            reader.page.photos.ask_file("before")
        elif place != "list":
            reader.page.show_section(place)
        reader.rest()
        assert shell.childAt(stop.center()) is shell.stop_button
        for widget in reader.page.findChildren(QWidget):
            if not isinstance(widget, QPushButton | DragList | TimeSlider | SpanPlot) or not widget.isVisible():
                continue
            if widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents):
                continue  # a screen reader's alone: fingers go through it
            looked += 1
            touched = area(widget, shell)
            name = f"{place}: {widget.accessibleName()}"
            assert widget.accessibleName(), place
            assert gap(touched, stop) / px >= 15, f"{name} is {gap(touched, stop) / px:.1f} mm from STOP"
            if not isinstance(widget, SpanPlot):
                assert touched.width() / px >= 15, name
                assert touched.height() / px >= (12 if place == "search" else 15), name
        for shown in reader.page.findChildren(QLabel):
            if shown.isVisible() and shown.text() and not shown.wordWrap():
                need = shown.fontMetrics().horizontalAdvance(shown.text())
                assert need <= shown.width() + 1, f"{place}: {shown.text()!r} is clipped"
        for key in reader.page.findChildren(QPushButton):
            if key.isVisible() and key.text():
                need = key.fontMetrics().horizontalAdvance(key.text())
                assert need <= key.width() - 2, f"{place}: {key.text()!r} is clipped"
    assert looked > 80
