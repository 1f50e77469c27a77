"""A client's follow-ups: when to ask, what was said, and the form for what should not have happened."""

from collections.abc import Callable
from datetime import date

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.touch.records.follow import ACTIONS, EFFECTS, OUTCOMES, SEVERITIES, STATUSES, Follow, FollowUp, Report
from ui.touch.records.kit import Kit
from ui.touch.records.rows import PairRows
from ui.touch.records.telling import local
from ui.touch.widgets.drag_list import DragList
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton, set_state

KEY_MM = 13.0
PARTS = {"severity": SEVERITIES, "action": ACTIONS, "status": STATUSES}
DAY_TEXT = Callable[[date], str]


class FollowPage(QWidget):
    """Signals: `outcome` (FollowUp, code), `reported` (FollowUp, Report), `left`."""

    outcome = pyqtSignal(object, str)
    reported = pyqtSignal(object, object)
    left = pyqtSignal()

    def __init__(self, kit: Kit, day_text: DAY_TEXT) -> None:
        super().__init__()
        self._kit, self._day_text = kit, day_text
        self._follow: Follow | None = None
        self.chosen: FollowUp | None = None
        self._form = dict.fromkeys(PARTS, "")  # nothing is chosen beforehand: a hurry must not make a severe reaction mild
        self.effect = ""
        px, words = kit.metrics.px, kit.words
        self.list = DragList(PairRows(kit), kit.theme, kit.metrics, kit.clock, words("follow.list"))
        self.list.touched.connect(lambda item: self.choose(item[0]))
        self.effects = DragList(PairRows(kit), kit.theme, kit.metrics, kit.clock, words("follow.effects"))
        self.effects.touched.connect(lambda item: self._choose_effect(item[0]))
        self.title, self.line = label("strong"), label("muted")
        self.line.setWordWrap(True)
        ask = QVBoxLayout()
        ask.setContentsMargins(0, 0, 0, 0)
        ask.setSpacing(px(1.6))
        self.outcomes: dict[str, TapButton] = {}
        for code in OUTCOMES:
            key = TapButton(words(f"follow.{code}"), role="small")
            key.setFixedHeight(px(KEY_MM))
            key.clicked.connect(lambda _=False, code=code: self._tell(code))
            self.outcomes[code] = key
            ask.addWidget(key)
        self.adverse = TapButton(words("follow.adverse"), role="small")
        self.adverse.clicked.connect(lambda: self._show_form(True))
        self.back = TapButton(words("follow.course"), role="small")
        self.back.clicked.connect(self.left)
        foot = QHBoxLayout()
        foot.setSpacing(px(1.6))
        for key in (self.adverse, self.back):
            key.setFixedHeight(px(KEY_MM))
            foot.addWidget(key, 1)
        ask.addStretch()
        ask.addLayout(foot)
        asked, form = QWidget(), QWidget()
        asked.setLayout(ask)
        form.setLayout(self._make_form())
        self.sides = QStackedWidget()
        self.sides.addWidget(asked)
        self.sides.addWidget(form)
        right = QVBoxLayout()
        right.setSpacing(px(1.4))
        for part in (self.title, self.line):
            right.addWidget(part)
        right.addWidget(self.sides, 1)
        self.lists = QStackedWidget()
        for shown in (self.list, self.effects):
            self.lists.addWidget(shown)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(2))
        box.addWidget(self.lists, 47)
        box.addLayout(right, 53)
        self._look()

    def show_follow(self, follow: Follow) -> None:
        """What is planned and done."""
        self._follow, self.chosen = follow, None
        self._show_form(False)
        self.list.show_items([self._row(task) for task in follow.tasks])
        still = next((task for task in follow.tasks if not task.done), None)
        if still is not None:
            self.choose(_key(still))
        self._look()

    def show_error(self, text: str) -> None:
        """Why it was not read or kept."""
        self.line.setText(text)

    def choose(self, key: str) -> None:
        """One of the times to ask."""
        found = next((task for task in self._follow.tasks if _key(task) == key), None) if self._follow is not None else None
        if found is not None:
            self.chosen = found
            self.list.choose(self._row(found))
        self._look()

    def counts(self) -> tuple[int, int]:
        """How many are open, and how many adverse events are."""
        if self._follow is None:
            return 0, 0
        adverse = sum(each.status == "open" for each in self._follow.adverse)
        return sum(not task.done for task in self._follow.tasks), adverse

    def _make_form(self) -> QVBoxLayout:
        px, words = self._kit.metrics.px, self._kit.words
        box = QVBoxLayout()
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(1.2))
        self.choices: dict[tuple[str, str], TapButton] = {}
        for part, codes in PARTS.items():
            box.addWidget(label("small", words(f"follow.{part}")))
            grid = QGridLayout()
            grid.setSpacing(px(1.2))
            columns = 2 if len(codes) > 3 else 3
            for number, code in enumerate(codes):
                key = TapButton(
                    words(f"follow.{part}_{code}"), f"{words(f'follow.{part}')}: {words(f'follow.{part}_{code}')}", "small"
                )
                key.setFixedHeight(px(11))
                key.clicked.connect(lambda _=False, part=part, code=code: self._say(part, code))
                self.choices[part, code] = key
                grid.addWidget(key, number // columns, number % columns)
            box.addLayout(grid)
        self.keep = TapButton(words("follow.keep"), role="primary")
        self.keep.clicked.connect(self._report)
        self.cancel = TapButton(words("key.cancel"), words("follow.cancel"))
        self.cancel.clicked.connect(lambda: self._show_form(False))
        foot = QHBoxLayout()
        foot.setSpacing(px(1.6))
        for key, share in ((self.cancel, 1), (self.keep, 2)):
            key.setFixedHeight(px(KEY_MM))
            foot.addWidget(key, share)
        box.addStretch()
        box.addLayout(foot)
        return box

    def _row(self, task: FollowUp) -> tuple[str, str, str, str, None]:
        words, kit = self._kit.words, self._kit
        due = local(task.due_utc, kit.zone)
        when = f"{self._day_text(due.date())} {due:%H:%M}"
        late = self._follow is not None and not task.done and task.latest_utc < self._follow.now_utc
        said = [words(f"follow.{task.outcome}")] if task.outcome else []
        lower = " · ".join(said if task.done else [*said, words("follow.late" if late else "follow.open")])
        return _key(task), when, lower, self._question(task).partition(":")[0].strip(), None

    def _question(self, task: FollowUp) -> str:
        """What to ask, after how long; the bare code where the clinic's table has a time of its own."""
        key = f"follow.{task.code}"
        return self._kit.words(key) if self._kit.words.has(key) else task.code

    def _tell(self, code: str) -> None:
        if self.chosen is not None:
            self.outcome.emit(self.chosen, code)

    def _report(self) -> None:
        if self.chosen is not None and self._complete():
            self.reported.emit(
                self.chosen, Report(self.effect, self._form["severity"], self._form["action"], self._form["status"])
            )

    def _show_form(self, form: bool) -> None:
        words = self._kit.words
        if form:
            self.effect, self._form = "", dict.fromkeys(PARTS, "")
            self.effects.show_items([(code, words(f"follow.{code}"), "", "", None) for code in EFFECTS])
        self.sides.setCurrentIndex(int(form))
        self.lists.setCurrentIndex(int(form))
        self._look()

    def _complete(self) -> bool:
        return bool(self.effect) and all(self._form.values())

    def _choose_effect(self, code: str) -> None:
        self.effect = code
        self.effects.choose((code, self._kit.words(f"follow.{code}"), "", "", None))
        self._look()

    def _say(self, part: str, code: str) -> None:
        self._form[part] = code
        self._look()

    def _look(self) -> None:
        words, follow = self._kit.words, self._follow
        chosen = self.chosen
        self.title.setText(self._question(chosen) if chosen is not None else words("follow.title"))
        told = words("follow.none") if follow is not None and not follow.tasks else ""
        if follow is not None and not follow.on_record:
            told = words("closed.no_follow_ups")
        if self.sides.currentIndex():
            told = words("follow.choose_rest" if self.effect else "follow.choose_effect")
            told = words(f"follow.{self.effect}") if self._complete() else told
        self.line.setText(told)
        usable = chosen is not None and follow is not None and follow.on_record
        for code, key in self.outcomes.items():
            key.setEnabled(usable)
            set_state(key, "mark", "pending" if chosen is not None and chosen.outcome == code else "")
        self.adverse.setEnabled(usable)
        self.keep.setEnabled(self._complete())
        for (part, code), key in self.choices.items():
            set_state(key, "mark", "pending" if self._form[part] == code else "")


def _key(task: FollowUp) -> str:
    return f"{task.session}|{task.code}"
