"""What is done on the panel with the pins; the plan with them goes back to the prepare page. Only before a session is opened."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QObject, QPoint

from pencontrol.pins import pin_number
from pencontrol.plan import Plan, PlanError
from pencontrol.zones import Zone
from ui.touch import happenings as h
from ui.touch import pin_draft
from ui.touch.pages.pins import PinsPanel, PinsView
from ui.touch.pick import Hit, Pick
from ui.touch.pin_draft import PinDraft
from ui.touch.presenter import Presenter
from ui.touch.views import mm
from ui.touch.words import Words


class PinsDesk(QObject):
    """Intents of the panel. Nothing reaches control: the plan does, when the session is opened."""

    def __init__(self, presenter: Presenter, panel: PinsPanel, words: Words, zones: Mapping[str, Zone]) -> None:
        super().__init__(presenter)
        self._presenter, self._panel, self._words, self._zones = presenter, panel, words, zones
        self._draft: PinDraft | None = None
        self._take: Callable[[Plan], None] = lambda plan: None
        panel.placed.connect(self._begin)
        panel.picked.connect(self._pick)
        panel.typed.connect(self._limit)
        panel.held.connect(self._write)
        panel.dropped.connect(self._drop)

    def ask(self, plan: Plan, take: Callable[[Plan], None]) -> None:
        """Open the panel for this plan; `take` gets it back at every change."""
        self._draft, self._take = PinDraft(plan), take
        self._show("")
        self._presenter.show_panel(h.Panel.PINS)

    def _begin(self, zone: str, drawing: str, place: QPoint) -> None:
        if self._draft is None:
            return
        try:
            self._draft = pin_draft.begin(self._draft, self._zones, zone, drawing, place.x(), place.y())
        except PlanError as error:
            self._show(str(error))
            return
        planned = pin_draft.zone_of(self._draft.plan, zone)
        assert planned is not None
        most_mm = pin_draft.most_um(planned, self._zones[zone]) / 1000
        title = self._words("pins.ask", number=pin_number(self._begun()))
        self._panel.ask_limit(title, 0.5, most_mm, self._words("unit.mm"))
        self._show("")

    def _pick(self, pick: Pick) -> None:
        if self._draft is None:
            return
        if pick.hit is Hit.ZONE and pin_number(pick.zone):
            self._draft = PinDraft(self._draft.plan, chosen=pick.zone)
            self._show("")
        else:
            told = {Hit.BLOCKED: "map.blocked", Hit.OUTSIDE: "map.outside"}.get(pick.hit, "pins.inside")
            self._draft = PinDraft(self._draft.plan)
            self._show(self._words(told))

    def _limit(self, typed: str) -> None:
        if self._draft is None:
            return
        try:
            self._draft = pin_draft.limit(self._draft, self._zones, typed)
        except (PlanError, ValueError):
            self._panel.keypad.refuse(self._words("pins.step"))
            return
        self._show("")

    def _write(self) -> None:
        if self._draft is not None:
            self._draft = pin_draft.write(self._draft)
            self._take(self._draft.plan)
            self._show("")

    def _drop(self) -> None:
        if self._draft is not None:
            self._draft = PinDraft(self._draft.plan)
            self._show("")

    def _begun(self) -> str:
        return self._draft.begun.pin if self._draft is not None and self._draft.begun is not None else ""

    def _name(self, pin: str) -> str:
        return self._words("pins.name", number=pin_number(pin), zone=self._zones[pin.partition("#")[0]].name)

    def _show(self, told: str) -> None:
        draft, words = self._draft, self._words
        shown = pin_draft.map_of(draft, self._zones)
        begun = draft.begun if draft is not None else None
        if draft is not None and begun is not None:
            line = words("pins.limit", limit=mm(begun.limit_um), depth=mm(begun.depth_um))
            ready = (words("pins.write"), words("hold.line")) if draft.limited else ("", "")
            view = PinsView(shown, self._name(begun.pin), line, not draft.limited, *ready)
        elif draft is not None and draft.chosen:
            limit_um = next(pin.limit_um for pin in draft.plan.pins if pin.pin == draft.chosen)
            line = words("pins.limit_only", limit=mm(limit_um))
            view = PinsView(shown, self._name(draft.chosen), line, False, words("pins.remove"), words("hold.line"))
        else:
            count = len(draft.plan.pins) if draft is not None else 0
            view = PinsView(shown, words("pins.tap"), told or words("pins.count", count=count))
        self._panel.show_view(view)
