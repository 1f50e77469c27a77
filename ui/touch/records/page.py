"""The records' own page: a rail of keys on the left, the list or one session on the right. Places parts and decides nothing."""

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QStackedWidget, QWidget

from ui.touch.figure import Figure
from ui.touch.records.course_page import CoursePage
from ui.touch.records.day_list import DayList
from ui.touch.records.events_page import EventsPage
from ui.touch.records.export_page import ExportPage
from ui.touch.records.kit import Kit
from ui.touch.records.photos_page import PhotosPage
from ui.touch.records.replay_page import ReplayPage
from ui.touch.records.summary import Summary
from ui.touch.widgets.fit_label import FitLabel
from ui.touch.widgets.keyboard import SEARCH, Keyboard
from ui.touch.widgets.touch import TapButton

MARGIN_MM, GAP_MM, RAIL_MM, KEY_MM = 2.6, 1.4, 25.0, 15.0
CLEAR_RIGHT_MM = 13.5  # targets end this far from the right edge: STOP is near
TITLE_MM = 12.8
SECTIONS = ("summary", "replay", "events", "photos", "course", "export")
WIDE = ("summary", "replay")  # sections with a figure: they end at the edge of the page, the others where STOP is near


class RecordsPage(QWidget):
    """Signals: `left`; `section_shown` with a section's name or "list". `searched` with the text of a search."""

    left = pyqtSignal()
    section_shown = pyqtSignal(str)
    searched = pyqtSignal(str)

    def __init__(self, kit: Kit, blocked: frozenset[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._kit = kit
        words = kit.words
        self.back = TapButton(words("records.leave"), words("records.leave_accessible"), parent=self)
        self.back.clicked.connect(self.go_back)
        self.top = TapButton(words("records.top"), words("records.top_accessible"), parent=self)
        self.sections: dict[str, TapButton] = {}
        for name in SECTIONS:
            key = TapButton(words(f"records.section.{name}"), parent=self)
            key.setCheckable(True)
            key.clicked.connect(lambda _=False, name=name: self.show_section(name))
            self.sections[name] = key
        self.title = FitLabel(kit.metrics, 4.4, 3.2, 600, "title", self)
        self.line = FitLabel(kit.metrics, 3.0, 2.4, 400, "muted", self)
        self.list = DayList(kit)
        self.keyboard = Keyboard(kit.metrics, words, kind=SEARCH)
        self.summary = Summary(kit, blocked)
        self.replay = ReplayPage(kit, blocked)
        self.events = EventsPage(kit)
        self.photos = PhotosPage(kit)
        self.course = CoursePage(kit)
        self.export = ExportPage(kit)
        self.stack = QStackedWidget(self)
        parts = (self.list, self.keyboard, self.summary, self.replay, self.events, self.photos, self.course, self.export)
        for part in parts:
            self.stack.addWidget(part)
        self._parts: dict[str, QWidget] = dict(zip(("list", "search", *SECTIONS), parts, strict=True))
        self.shown = "list"
        self.list.search_touched.connect(self.ask_search)
        self.keyboard.cancelled.connect(lambda: self.show_section("list"))
        self.keyboard.done.connect(self._on_typed)
        self.top.clicked.connect(self.list.list.to_top)
        self.typed = ""
        self.show_section("list")

    def show_section(self, name: str) -> None:
        """The list, the search, or a section of the session."""
        self.shown = name
        if name in WIDE:  # the size first: a figure is drawn anew at each, and keeps its own while it is not on show
            self._place()
        self.stack.setCurrentWidget(self._parts[name])
        session = name in SECTIONS
        words = self._kit.words
        self.back.setText(words("records.back" if session else "records.leave"))
        self.back.setAccessibleName(words("records.back_accessible" if session else "records.leave_accessible"))
        for each, key in self.sections.items():
            key.setVisible(session)
            key.setChecked(each == name)
        self.title.setVisible(session)
        self.line.setVisible(session)
        self.top.setVisible(name == "list")
        self.back.setVisible(name != "search")
        self._place()
        self.section_shown.emit(name)

    def show_head(self, title: str, line: str) -> None:
        """Whose session, and when."""
        self.title.setText(title)
        self.line.setText(line)

    def show_figures(self, figures: Mapping[tuple[str, bool], Figure]) -> None:
        """The drawings have come."""
        self.summary.figure.show_figures(figures)
        self.replay.figure.show_figures(figures)

    def ask_search(self) -> None:
        """The keyboard, with what was searched for last."""
        self.keyboard.ask(self._kit.words("records.search_title"), self.typed)
        self.show_section("search")

    def go_back(self) -> None:
        """From a session to the list, from the list to where the person came from."""
        if self.shown == "list":
            self.left.emit()
        else:
            self.show_section("list")

    def advance(self, now_ns: int) -> None:
        """One frame later; only what is on show."""
        if self.shown == "replay":
            self.replay.advance(now_ns)
        for card in (self.summary.figure, self.replay.figure):
            card.advance()
        for shown in (self.list.list, self.events.list, *self.course.lists(), self.export.panel.list, self.photos.panel.list):
            if shown.isVisible():
                shown.advance(now_ns)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Everything has its place in millimetres."""
        del event
        self._place()

    def _on_typed(self, text: str) -> None:
        self.typed = text
        self.show_section("list")
        self.searched.emit(text)

    def _place(self) -> None:
        px, least = self._kit.metrics.px, self._kit.metrics.px_at_least
        margin, gap, rail, key = px(MARGIN_MM), px(GAP_MM), px(RAIL_MM), least(KEY_MM)
        width, height = self.width(), self.height()
        clear = px(CLEAR_RIGHT_MM)
        self.back.setGeometry(margin, margin, rail, key)
        self.top.setGeometry(margin, margin + key + gap, rail, key)
        for number, section in enumerate(self.sections.values(), start=1):
            section.setGeometry(margin, margin + number * (key + gap), rail, key)
        left, right = margin + rail + px(2), width - margin
        top = margin
        if self.shown in SECTIONS:
            self.title.setGeometry(left + px(1), margin, right - left - px(1), px(6))
            self.line.setGeometry(left + px(1), margin + px(6), right - left - px(1), px(4.4))
            top += px(TITLE_MM)
        if self.shown == "search":
            left = margin  # nine keys of 15 mm need the whole width; the keyboard has its own key to leave
        if self.shown not in WIDE:
            right = width - clear  # these are to be touched from side to side
        self.stack.setGeometry(left, top, right - left, height - margin - top)
        self.replay.keep_clear(max(0, clear - margin))
