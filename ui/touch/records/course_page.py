"""A client's course: the zones with their sessions and when the next is due, and the depth over time of the chosen one."""

from datetime import date

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.touch.records.course import SHORT_DAYS, Course, ZoneCourse, by_zone, day_of
from ui.touch.records.follow import Follow
from ui.touch.records.follow_page import FollowPage
from ui.touch.records.kit import Kit
from ui.touch.records.rows import PairRows
from ui.touch.widgets.course_plot import CourseLine, CoursePlot, CoursePoint
from ui.touch.widgets.drag_list import DragList
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton


class CoursePage(QWidget):
    """Takes a Course. A zone that is touched becomes the bright one."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self._kit = kit
        self._zones: list[ZoneCourse] = []
        px = kit.metrics.px
        self.title, self.line = label("title"), label("muted")
        self.line.setWordWrap(True)
        self.plot = CoursePlot(kit.theme, kit.metrics, self._short, kit.words("records.course.plot"))
        self.list = DragList(PairRows(kit), kit.theme, kit.metrics, kit.clock, kit.words("records.course.zones"))
        self.list.touched.connect(lambda item: self.choose(item[0]))
        card = QFrame()
        card.setObjectName("card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(px(3), px(2.4), px(3), px(2))
        inner.setSpacing(px(1))
        inner.addWidget(self.title)
        inner.addWidget(self.line)
        inner.addWidget(self.plot, 1)
        self.asks = TapButton(kit.words("follow.key"), kit.words("follow.key"), "small")
        self.asks.setFixedHeight(kit.metrics.px_at_least(15))
        self.asks.clicked.connect(lambda: self.stack.setCurrentIndex(1))
        inner.addWidget(self.asks)
        self.follow = FollowPage(kit, self._short)
        self.follow.left.connect(lambda: self.stack.setCurrentIndex(0))
        course = QWidget()
        box = QHBoxLayout(course)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        box.addWidget(self.list, 47)
        box.addWidget(card, 53)
        self.stack = QStackedWidget()
        self.stack.addWidget(course)
        self.stack.addWidget(self.follow)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self.show_text("")

    def lists(self) -> tuple[DragList, ...]:
        """Every list, for the frame tick."""
        return self.list, self.follow.list, self.follow.effects

    def show_text(self, text: str) -> None:
        """Instead of a course: it is being read, or why it cannot be."""
        self._zones = []
        self.list.show_items([])
        self.title.setText(text)
        self.line.setText("")
        self.plot.show_lines((), "", "", "")

    def show_follow(self, follow: Follow) -> None:
        """When the client is to be asked, and what was said."""
        self.follow.show_follow(follow)
        count, adverse = self.follow.counts()
        words = self._kit.words
        told = words("follow.key_count", count=count) if count else words("follow.key")
        self.asks.setText(f"{told} · {words('follow.key_adverse', count=adverse)}" if adverse else told)
        self.asks.setAccessibleName(self.asks.text())

    def show_course(self, course: Course) -> None:
        """Another client."""
        self._zones = by_zone(course, self._kit.zone)
        if not self._zones:
            self.show_text(self._kit.words("records.course.none"))
            return
        self.list.show_items([self._row(zone) for zone in self._zones])
        self.choose(self._zones[0].zone)

    def choose(self, name: str) -> None:
        """One zone bright, the others behind it."""
        chosen = next((zone for zone in self._zones if zone.zone == name), None)
        if chosen is None:
            return
        words = self._kit.words
        self.list.choose(self._row(chosen))
        self.title.setText(chosen.name)
        gaps = [str(days) for days in chosen.days if days is not None]
        apart = words("records.course.gaps", days=", ".join(gaps)) if gaps else words("records.course.first")
        early = words("records.course.early_line", days=SHORT_DAYS) if any(chosen.short) else ""
        self.line.setText(" · ".join(part for part in (apart, early) if part))
        lines = [self._line(chosen, True), *(self._line(zone, False) for zone in self._zones if zone is not chosen)]
        spoken = f"{chosen.name}, {self._counts(chosen)}, {self._due(chosen)}"
        self.plot.show_lines(lines, words("records.course.due"), words("records.course.early", days=SHORT_DAYS), spoken)

    def _row(self, zone: ZoneCourse) -> tuple[str, str, str, str, None]:
        count = len({visit.session for visit in zone.visits})
        return zone.zone, zone.name, self._due(zone), self._kit.words("records.course.times", count=count), None

    def _line(self, zone: ZoneCourse, chosen: bool) -> CourseLine:
        points = tuple(
            CoursePoint(day_of(visit, self._kit.zone), visit.max_depth_um / 1000, visit.limit_um / 1000, early)
            for visit, early in zip(zone.visits, zone.short, strict=True)
        )
        return CourseLine(points, (zone.due_from, zone.due_until) if chosen else None)

    def _due(self, zone: ZoneCourse) -> str:
        return self._kit.words("records.course.next", begin=self._short(zone.due_from), end=self._short(zone.due_until))

    def _counts(self, zone: ZoneCourse) -> str:
        return self._kit.words("records.course.sessions", count=len({visit.session for visit in zone.visits}))

    def _short(self, day: date) -> str:
        words = self._kit.words
        return words("records.short_day", day=day.day, month=words(f"records.month_short.{day.month}"))
