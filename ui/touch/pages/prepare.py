"""Before the treatment: plan, client and operator, gates in words; one hold opens the session."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QWidget

from pencontrol.plan import Plan
from ui.touch.happenings import Draft
from ui.touch.metrics import Metrics
from ui.touch.pages.panels import CLEAR_RIGHT_MM
from ui.touch.planning import PlanChoice
from ui.touch.theme import Theme
from ui.touch.views_around import PrepareView
from ui.touch.widgets.gate_list import GateList
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.hold_plate import HoldPlate
from ui.touch.widgets.plan_list import PlanCard, PlanPreview
from ui.touch.widgets.top_bar import label
from ui.touch.widgets.touch import TapButton
from ui.touch.words import Words

MARGIN_MM, GAP_MM, PLATE_MM, FIELD_MM, CONSENT_MM = 2.6, 2.0, 16.0, 13.0, 34.0


class PreparePage(QWidget):
    """Signals: `plan_chosen` (path), `field_touched` ("client" or "operator"), `open_held`, `resume_held`, `search_touched`,
    `pins_touched`, `cartridge_touched`."""

    plan_chosen = pyqtSignal(str)
    field_touched = pyqtSignal(str)
    open_held = pyqtSignal()
    resume_held = pyqtSignal()
    search_touched = pyqtSignal()
    pins_touched = pyqtSignal()
    consent_touched = pyqtSignal()
    cartridge_touched = pyqtSignal()

    def __init__(self, desk: HoldDesk, theme: Theme, metrics: Metrics, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._metrics, self._words = metrics, words
        self.plans = PlanCard(metrics, words)
        self.plans.chosen.connect(self.plan_chosen)
        self.preview = PlanPreview(metrics, words)
        self.preview.pins_touched.connect(self.pins_touched)
        self.fields = {name: TapButton("", words(f"prepare.{name}"), "field") for name in ("client", "operator")}
        people = QFrame()
        people.setObjectName("card")
        box = QGridLayout(people)
        box.setContentsMargins(metrics.px(3), metrics.px(2.2), metrics.px(3), metrics.px(3))
        box.setSpacing(metrics.px(1.4))
        for column, (name, field) in enumerate(self.fields.items()):
            box.addWidget(label("muted", words(f"prepare.{name}")), 0, column)
            field.setFixedHeight(metrics.px(FIELD_MM))
            field.clicked.connect(lambda _=False, name=name: self.field_touched.emit(name))
            box.addWidget(field, 1, column)
            box.setColumnStretch(column, 3 - column)
        self.people = people
        self.gates = GateList(theme, metrics, words)
        self.gates.search_touched.connect(self.search_touched)
        self.gates.cartridge_touched.connect(self.cartridge_touched)
        self.plate = HoldPlate(desk, theme, metrics, words("prepare.open"))
        self.plate.completed.connect(self.open_held)
        self.resume = HoldPlate(desk, theme, metrics, words("prepare.resume"))
        self.resume.completed.connect(self.resume_held)
        self.resume.hide()
        self.consent = TapButton(words("prepare.consent"), words("prepare.consent"))
        self.consent.clicked.connect(self.consent_touched)
        for part in (self.plans, self.preview, self.people, self.gates, self.consent, self.plate, self.resume):
            part.setParent(self)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Three cards over the plates; what can be touched stays 15 mm clear of STOP."""
        del event
        self._place()

    def _place(self) -> None:
        px = self._metrics.px
        margin, gap, plate = px(MARGIN_MM), px(GAP_MM), px(PLATE_MM)
        width, height = self.width(), self.height()
        clear = width - px(CLEAR_RIGHT_MM)
        below = height - margin - plate
        tall = below - gap - margin
        first = (width - 2 * margin - 2 * gap) * 26 // 100
        second = (width - 2 * margin - 2 * gap) * 41 // 100
        third = width - 2 * margin - 2 * gap - first - second
        self.plans.setGeometry(margin, margin, first, tall)
        self.preview.setGeometry(margin + first + gap, margin, second, tall)
        left = margin + first + second + 2 * gap
        people = self.people.sizeHint().height()
        self.people.setGeometry(left, margin, third, people)
        self.gates.setGeometry(left, margin + people + gap, third, tall - people - gap)
        key = px(CONSENT_MM)
        self.consent.setGeometry(margin, below, key, plate)
        begin = margin + key + gap
        room = clear - begin
        if self.resume.isHidden():
            self.plate.setGeometry(begin, below, room, plate)
        else:
            half = (room - gap) // 2
            self.resume.setGeometry(begin, below, half, plate)
            self.plate.setGeometry(begin + half + gap, below, room - half - gap, plate)

    def show_plans(self, choices: tuple[PlanChoice, ...], names: dict[str, str]) -> None:
        """The files that may be chosen; `names` gives each zone's name."""
        self.plans.show_choices(choices)
        self.preview.names = names

    def show_draft(self, draft: Draft, plan: Plan | None, name: str = "") -> None:
        """What has been chosen so far; `plan` with the pins that were set into it here, under `name` for the reader."""
        self.plans.show_chosen(draft.plan)
        self.preview.show_plan(plan, name)
        for name, code in (("client", draft.client), ("operator", draft.operator)):
            self.fields[name].setText(code or self._words(f"prepare.{name}_empty"))
        self.consent.setText(self._words("prepare.consent_signed" if draft.consent else "prepare.consent"))
        self.consent.setAccessibleName(self.consent.text())

    def show_view(self, view: PrepareView) -> None:
        """Gates, and what may be held."""
        self.gates.show_gates(view.gates)
        self.plate.setEnabled(view.may_open)
        self.plate.show_text(self._words("prepare.open"), view.why_not or self._words("hold.line"))
        resume = bool(view.interrupted)
        if resume == self.resume.isHidden():
            self.resume.setVisible(resume)
            self._place()
        self.resume.show_text(self._words("prepare.resume"), view.interrupted_line)
        self.resume.setEnabled(view.may_resume)
