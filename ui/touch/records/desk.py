"""Between the records' page and the librarian: what is asked for, and where each answer goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject

from ui.touch.figure import Figure
from ui.touch.interpreter import Interpreter
from ui.touch.records import jobs
from ui.touch.records.figure_card import SIDES, Side
from ui.touch.records.folders import list_folder, list_places
from ui.touch.records.follow import FollowUp, Report, load_follow, tell_adverse, tell_outcome
from ui.touch.records.in_words import course_in_words, in_words
from ui.touch.records.kit import Kit
from ui.touch.records.librarian import Answer, Librarian, Ticket
from ui.touch.records.page import RecordsPage
from ui.touch.records.photos import TAKEN, import_photo, load_album, load_picture
from ui.touch.records.porter import Porter
from ui.touch.records.query import Query, read_query
from ui.touch.records.record import Record
from ui.touch.records.telling import DayHead, SessionRow, head_texts, list_items, local
from ui.touch.words import load_words

Load = Callable[[str, bool], Figure]
EXPORTS = "exports"
TOPICS = {"list": "list", "replay": "track", "summary": "verdict", "course": "course", "photos": "album"}
KNOWN_ERRORS = ("CannotOpen", "NotADatabase", "Damaged", "NewerSchema", "StoreBusy", "NoSuchSession")


class RecordsDesk(QObject):
    """`begin` when the page comes, `rest` when it goes, `tick` once a frame meanwhile, `close` at the end."""

    def __init__(self, page: RecordsPage, kit: Kit, home: Path, load: Load, librarian: Librarian, runner: Librarian) -> None:
        super().__init__(page)
        self._page, self._kit, self._home, self._load = page, kit, home, load
        self._librarian = librarian  # reads the store
        self._runner = runner  # waits for sticks and drawings
        self._porter = Porter(home, self)
        self._said = Interpreter(kit.words, load_words())
        self._query = Query()
        self._after: Any = None
        self._more = False
        self._record: Record | None = None
        self._asked: set[str] = set()  # sections of this session that have been asked for
        self._untold: dict[str, Any] = {}  # sections that have not been shown since the record came: each costs half a frame
        self._due = ""  # the section to show in the next frame
        self._drawn = False
        self.actor: Callable[[], str] = lambda: "screen"  # who is at the chair
        self._clocks = (time.time_ns, kit.clock)
        self._connect()

    def begin(self) -> None:
        """The page is on show: the list is read anew."""
        if not self._drawn:
            self._drawn = True
            self._runner.ask("figures", self._figures, self._on_figures)
        if self._page.shown == "list":
            self.read_list()
        else:
            self._on_section(self._page.shown)

    @property
    def settled(self) -> bool:
        """Nothing is being read, and everything read is on the page."""
        return not (self._due or self._librarian.busy or self._runner.busy)

    def rest(self) -> None:
        """Nobody looks: nothing more is read, and what was not answered is asked again at the next visit."""
        for section, topic in TOPICS.items():
            if self._librarian.waits(topic):
                self._librarian.drop(topic)
                self._asked.discard(section)
        self._more = False

    def tick(self, now_ns: int) -> None:
        """One frame later."""
        if self._due:  # a frame of its own: laying a session out takes half of one, and so does what its record changes
            self._page.show_section(self._due)
        else:
            self._librarian.poll()
        self._runner.poll()
        self._page.advance(now_ns)

    def close(self) -> None:
        """The screen ends."""
        self._porter.close()
        self._librarian.close()
        self._runner.close()

    def read_list(self) -> None:
        """From the newest on, by what is searched for."""
        self._after, self._more = None, False
        self._page.list.show_query(self._page.typed)
        self._page.list.show_text(self._kit.words("records.loading"), "", False)
        self._librarian.ask("list", jobs.list_page(self._query, None, self._kit.zone), self._on_list)

    def open_session(self, session: str, section: str = "summary") -> None:
        """One session: first what happened, then its trace and its verification."""
        self._asked = {"replay"}
        self._record, self._due = None, ""
        job = jobs.open_session(session, lambda record: in_words(record, self._said))
        self._librarian.ask("track", job, lambda answer: self._on_opened(answer, section))

    def _connect(self) -> None:
        page, porter = self._page, self._porter
        page.section_shown.connect(self._on_section)
        page.searched.connect(self._on_searched)
        page.list.chosen.connect(self.open_session)
        page.list.more.connect(self._read_more)
        page.list.clear_touched.connect(lambda: self._on_searched(""))
        page.list.retry_touched.connect(self.read_list)
        page.events.chosen.connect(self._on_event)
        page.export.panel.wanted.connect(lambda path: self._list_folder(path, False))
        page.export.start.connect(porter.start)
        page.export.cancel.connect(porter.cancel)
        porter.progress.connect(page.export.show_progress)
        porter.done.connect(page.export.show_done)
        porter.failed.connect(page.export.show_failed)
        porter.cancelled.connect(page.export.show_cancelled)
        page.photos.folder_wanted.connect(lambda path: self._list_folder(path, True))
        page.photos.picture_wanted.connect(self._on_picture_wanted)
        page.photos.import_wanted.connect(self._on_import)
        page.course.follow.outcome.connect(self._on_outcome)
        page.course.follow.reported.connect(self._on_reported)

    def _on_searched(self, typed: str) -> None:
        self._page.typed = typed
        self._query = read_query(typed)
        self.read_list()

    def _read_more(self) -> None:
        if self._more:
            self._more = False
            self._librarian.ask("list", jobs.list_page(self._query, self._after, self._kit.zone), self._on_more)

    def _on_list(self, answer: Answer) -> None:
        words, shown = self._kit.words, self._page.list
        if answer.kind:
            shown.show_text(self._error(answer), answer.why, True)
            return
        items = self._take_rows(answer)
        if items:
            shown.show_items(items)
        elif self._page.typed:
            shown.show_text(words("records.nothing_found"), words("records.nothing_found_line"), False)
        else:
            shown.show_text(words("records.none"), words("records.none_line"), False)

    def _on_more(self, answer: Answer) -> None:
        if answer.kind:
            self._page.list.show_text(self._error(answer), answer.why, True)
        else:
            self._page.list.append(self._take_rows(answer))

    def _take_rows(self, answer: Answer) -> list[DayHead | SessionRow]:
        page, above = answer.value, None
        if self._after is not None:
            above = local(self._after.opened_utc, self._kit.zone).date()
        self._after, self._more = page.next, page.next is not None
        return list_items(page.rows, self._kit.words, self._kit.zone, above)

    def _on_opened(self, answer: Answer, section: str) -> None:
        if self._record is not None:
            self._on_track(answer)
        elif answer.kind:
            self._page.list.show_text(self._error(answer), answer.why, True)
        else:
            self._on_record(answer.value, section)

    def _on_record(self, record: Record, section: str) -> None:
        self._record = record
        page = self._page
        page.show_head(*head_texts(record, self._kit.words, self._kit.zone))
        self._untold = {"summary": page.summary, "events": page.events, "export": page.export}
        page.replay.show_record(record)
        page.photos.show_session(record.session)
        page.course.show_text(self._kit.words("records.loading"))
        self._due = section

    def _on_section(self, section: str) -> None:
        """What a section shows is read when it is first looked at; the trace at once, as it takes longest."""
        self._due = ""
        record = self._record
        if section == "list":
            self.rest()
            self._more = self._after is not None
            return
        if record is None or section not in self._page.sections:
            return
        if (part := self._untold.pop(section, None)) is not None:
            part.show_record(record)
        wanted = ["replay", section] + (["summary"] if section == "summary" else [])
        for name in wanted:
            if name not in self._asked:
                self._asked.add(name)
                self._ask_for(name, record)

    def _ask_for(self, section: str, record: Record) -> None:
        ask = self._librarian.ask
        if section == "replay":
            ask("track", jobs.open_track(record.session, record.opened_mono_ns), self._on_track)
        elif section == "summary":
            ask("verdict", jobs.check(record.session, self._home), self._on_verdict)
        elif section == "course":
            ask("course", jobs.course_of(record.opened.client), self._on_course)
            ask("follow", load_follow(record.opened.client, self._clocks), self._on_follow)
        elif section == "photos":
            ask("album", load_album(record.opened.client), self._on_album)
        elif section == "export":
            self._list_folder(None, False)

    def _on_track(self, answer: Answer) -> None:
        if answer.kind:
            self._page.replay.show_problem(self._error(answer))
        else:
            self._page.replay.show_track(answer.value)

    def _on_verdict(self, answer: Answer) -> None:
        if answer.kind:
            self._page.summary.show_checks([(False, self._error(answer), answer.why)])
        else:
            self._page.summary.show_verdict(answer.value)

    def _on_course(self, answer: Answer) -> None:
        if answer.kind:
            self._page.course.show_text(self._error(answer))
        else:
            self._page.course.show_course(course_in_words(answer.value, self._said))

    def _on_follow(self, answer: Answer) -> None:
        if answer.kind:
            self._page.course.follow.show_error(answer.why)
        else:
            self._page.course.show_follow(answer.value)

    def _on_outcome(self, task: FollowUp, outcome: str) -> None:
        if self._record is not None:
            job = tell_outcome(self._home, self._record.opened.client, task, outcome, self.actor(), self._clocks)
            self._librarian.ask("follow", job, self._on_follow)

    def _on_reported(self, task: FollowUp, told: Report) -> None:
        if self._record is not None:
            job = tell_adverse(self._home, self._record.opened.client, task, told, self.actor(), self._clocks)
            self._librarian.ask("follow", job, self._on_follow)

    def _on_event(self, at_s: float) -> None:
        self._page.show_section("replay")
        self._page.replay.go_to(at_s)

    def _on_album(self, answer: Answer) -> None:
        if answer.kind:
            self._page.photos.show_error(answer.why)
        else:
            self._page.photos.show_album(answer.value)

    def _on_picture_wanted(self, number: int, photo: Any) -> None:
        if self._record is not None:
            job = load_picture(self._home, self._record.opened.client, photo)
            self._librarian.ask(f"picture{number}", job, lambda answer: self._on_picture(number, answer))

    def _on_picture(self, number: int, answer: Answer) -> None:
        if answer.kind:
            self._page.photos.show_error(answer.why)
        else:
            self._page.photos.show_picture(number, answer.value)

    def _on_import(self, taken: str, path: Any) -> None:
        if self._record is not None:
            kind = next(each for each in TAKEN if each == taken)
            job = import_photo(self._home, self._record.opened.client, self._record.session, kind, path, self._clocks)
            self._librarian.ask("album", job, self._on_album)

    def _list_folder(self, path: Any, photos: bool) -> None:
        panel = self._page.photos.panel if photos else self._page.export.panel

        def job(_store: object, _ticket: Ticket) -> Any:
            return list_places(self._home / EXPORTS) if path is None else list_folder(path, photos)

        def done(answer: Answer) -> None:
            show = panel.show_places if path is None else panel.show_listing
            show(answer.value)
            self._page.export.look()

        self._runner.ask("folder", job, done)

    def _figures(self, _store: object, _ticket: Ticket) -> dict[Side, Figure]:
        return {side: self._load(*side) for side in SIDES}

    def _on_figures(self, answer: Answer) -> None:
        self._page.show_figures(answer.value)

    def _error(self, answer: Answer) -> str:
        kind = answer.kind if answer.kind in KNOWN_ERRORS else "other"
        return self._kit.words(f"records.error.{kind}")
