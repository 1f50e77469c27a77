"""Records: the list, the search, every section of a session, photographs, export."""

from functools import partial
from pathlib import Path

from PyQt6.QtGui import QColor, QImage, QLinearGradient, QPainter

from tests.sessions.face import SESSION
from tests.ui.conftest import click
from tests.ui.records_store import bare, whole, write
from tests.ui.scenes.stage import EXPORTS, Scene, Stage, folder, places
from ui.touch.happenings import Page
from ui.touch.records.follow import Adverse, Follow, FollowUp
from ui.touch.records.librarian import Librarian
from ui.touch.records.photos import Album, Photo, Picture
from ui.touch.records.telling import SessionRow

UTC = ("2026-10-17T09:40:00.000000Z", "2026-11-21T09:31:00.000000Z")


FOLLOW = Follow(
    "C-0001",
    True,
    tuple(
        FollowUp(SESSION, f"FU0{number}", due, latest, outcome, outcome in ("well", "settling"))
        for number, (due, latest, outcome) in enumerate(
            (
                ("2026-11-21T22:16:00.000000Z", "2026-11-22T02:16:00.000000Z", "settling"),
                ("2026-11-22T10:16:00.000000Z", "2026-11-22T22:16:00.000000Z", ""),
                ("2026-11-23T10:16:00.000000Z", "2026-11-24T10:16:00.000000Z", "not_reached"),
                ("2026-11-28T10:16:00.000000Z", "2026-11-30T10:16:00.000000Z", ""),
                ("2026-12-05T10:16:00.000000Z", "2026-12-08T10:16:00.000000Z", ""),
                ("2026-12-12T10:16:00.000000Z", "2026-12-15T10:16:00.000000Z", ""),
                ("2027-01-02T10:16:00.000000Z", "2027-01-16T10:16:00.000000Z", ""),
            ),
            start=1,
        )
    ),
    (Adverse("AR-001", SESSION, "AE05", "moderate", "open"),),
    "2026-11-23T14:32:00.000000Z",
)


def fill(home: Path) -> None:
    """A store with a course of sessions of one client, and some of others."""
    many = [bare(10 + number, 3 + number * 0.7, f"C-01{number:02d}") for number in range(12)]
    earlier = [bare(1, 18, "C-0001"), bare(2, 60, "C-0001", depth_um=750)]
    write(home, whole(seconds=16), *earlier, bare(3, 0.2, "C-0002", state="INTERRUPTED"), *many)


def _enter(stage: Stage) -> None:
    stage.touch.presenter.visit(Page.RECORDS)
    stage.frames(1)
    page = stage.touch.records.page
    assert page is not None
    page.events.urgent.setChecked(False)
    page.show_section("list")
    page._on_typed("")
    stage.rest()
    page.list.list.to_top()


def _empty(stage: Stage) -> None:
    """Another store behind the same page: the full one stays open, and nobody can rename it under an open connection."""
    _enter(stage)
    full = stage.desk._librarian
    stage.desk._librarian = Librarian(stage.home / "empty")
    try:
        _enter(stage)
    finally:
        stage.desk._librarian.close()
        stage.desk._librarian = full


def _search(stage: Stage, typed: str = "", signs: bool = False) -> None:
    _enter(stage)
    stage.page.typed = typed
    stage.page.ask_search()
    if signs:
        click(stage.page.keyboard.layer)


def _found(stage: Stage, typed: str) -> None:
    _enter(stage)
    stage.page._on_typed(typed)


def _open(stage: Stage, section: str = "summary") -> None:
    _enter(stage)
    row = next(row for row in stage.page.list.list.items if isinstance(row, SessionRow) and row.session == SESSION)
    stage.page.list.chosen.emit(row.session)
    stage.rest()
    if section != "summary":
        stage.page.show_section(section)
    stage.rest()


def _replay(stage: Stage, *keys: str) -> None:
    _open(stage, "replay")
    for key in keys:
        click(stage.page.replay.keys[key])


def _urgent(stage: Stage) -> None:
    _open(stage, "events")
    stage.page.events.urgent.setChecked(True)


def _picture(shade: int) -> QImage:
    """No photograph of anybody: a plain gradient."""
    image = QImage(900, 1200, QImage.Format.Format_RGB32)
    painter, ground = QPainter(image), QLinearGradient(0, 0, 0, 1200)
    ground.setColorAt(0, QColor(shade, shade, shade))
    ground.setColorAt(1, QColor(shade // 2, shade // 2, shade // 2))
    painter.fillRect(image.rect(), ground)
    painter.end()
    return image


def _photos(stage: Stage, error: str = "") -> None:
    _open(stage, "photos")
    kinds = ("before", "after")
    album = tuple(Photo(f"ph-{at}", at, SESSION, "F.CHEEK.R", kinds[at], UTC[at]) for at in (0, 1))
    photos = stage.page.photos
    photos.show_album(Album("C-0001", album, True))
    stage.rest()
    for side in (0, 1):
        photos.show_picture(side, Picture(f"ph-{side}", _picture(150 - 40 * side)))
    photos.show_error(error)


def _file(stage: Stage) -> None:
    _photos(stage)
    stage.page.photos.ask_file("before")
    stage.rest()
    stage.page.photos.panel.show_listing(folder(Path("/media/clinic/STICK"), True))


def _follow(stage: Stage, effect: str = "", **said: str) -> None:
    _open(stage, "course")
    course = stage.page.course
    course.show_follow(FOLLOW)
    click(course.asks)
    if effect:
        click(course.follow.adverse)
        course.follow.effects.touched.emit((effect, "", "", "", None))
    for choice in said.items():
        click(course.follow.choices[choice])
    assert course.follow.isVisible()


def _adverse(stage: Stage) -> None:
    _follow(stage, effect="AE05", severity="moderate", action="observed", status="open")


def _course(stage: Stage) -> None:
    stage.page.course.follow.left.emit()


def _export(stage: Stage, place: str) -> None:
    _open(stage, "export")
    export = stage.page.export
    for name, tile in export.formats.items():
        tile.setChecked(name in ("pdf", "csv"))
    export.show_idle("")
    export.panel.show_places(places(EXPORTS))
    if place != "places":
        export.panel.show_listing(folder(Path("/media/clinic/STICK"), False))
    export.look()
    if place == "running":
        export.show_progress(0.42, "trace.csv")
    elif place == "done":
        export.show_done("/media/clinic/STICK/2026-11")
    elif place == "no room":
        export.panel.free_bytes = 3_000_000
        export.look()


def _end(stage: Stage) -> None:
    stage.page.export.show_idle("")


SCENES = (
    Scene("records list", _enter),
    Scene("records empty", _empty),
    Scene("records search", _search),
    Scene("records search signs", partial(_search, typed="C-0001 21.11.2026", signs=True)),
    Scene("records found", partial(_found, typed="C-0001")),
    Scene("records nothing found", partial(_found, typed="C-9999")),
    Scene("records summary", _open),
    Scene("records replay", partial(_open, section="replay")),
    Scene("records replay alarm", lambda stage: _replay(stage, "alarm")),
    Scene("records replay zone", lambda stage: _replay(stage, "zone", "zone", "in", "rate")),
    Scene("records events", partial(_open, section="events")),
    Scene("records urgent", _urgent),
    Scene("records no photos", partial(_open, section="photos")),
    Scene("records photos", _photos),
    Scene("records photo file", _file),
    Scene("records course", partial(_open, section="course")),
    Scene("records export", partial(_export, place="places")),
    Scene("records export folder", partial(_export, place="folder")),
    Scene("records export no room", partial(_export, place="no room")),
    Scene("records export running", partial(_export, place="running"), _end),
    Scene("records export done", partial(_export, place="done")),
    Scene("records follow-ups", _follow, _course),
    Scene("records adverse event", _adverse, _course),
)
