"""The numbing on the screen: its timer on every page, and what a person tells of it goes to control."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from PyQt6.QtCore import QObject

from pencontrol.control import commands
from ui.touch import happenings as h
from ui.touch.frame_views import Timer
from ui.touch.numbing_view import AGO_MIN, AMOUNTS_G, MAXIMA_MIN, Telling, timer
from ui.touch.pages.numbing import NumbingPanel
from ui.touch.presenter import Presenter
from ui.touch.state import page
from ui.touch.widgets.top_bar import TopBar
from ui.touch.words import Words

LOOK_NS = 500_000_000
Step = TypeVar("Step", int, float)


class NumbingDesk(QObject):
    """Intents of the panel. The count itself is control's: it stands in the ring, where the next screen finds it."""

    def __init__(
        self,
        presenter: Presenter,
        panel: NumbingPanel,
        bar: TopBar,
        words: Words,
        products: Sequence[tuple[str, str]],
        clinic: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        """`products`: codes of what numbs, and names as shown; `clinic`: names as the clinic's table has them, for the record;
        `now` is the wall clock, aware of its zone."""
        super().__init__(presenter)
        self._presenter, self._panel, self._bar, self._words = presenter, panel, bar, words
        self._names, self._clinic, self._now = dict(products), clinic, now
        self._product = next(iter(self._names), "")
        self._telling = Telling(self._product)
        self._shown: tuple[Timer, bool, bool] | None = None
        self._look_ns = 0
        panel.product.connect(lambda code: self._tell(replace(self._telling, product=code)))
        panel.stepped.connect(self._step)
        panel.applied.connect(self._apply)
        panel.removed.connect(self._remove)
        presenter.ticked.connect(self._look)
        presenter.page.connect(lambda _: self._look(0))
        presenter.prepare.connect(lambda _: self._look(0))
        bar.numbing_touched.connect(self.open)
        panel.show_telling(self._telling)
        self._look(0)

    def open(self) -> None:
        """Show the panel."""
        self._tell(Telling(self._product, self._telling.maximum_min))
        self._presenter.show_panel(h.Panel.NUMBING)

    def _tell(self, telling: Telling) -> None:
        self._telling = telling
        self._panel.show_telling(telling)

    def _step(self, name: str, step: int) -> None:
        now = self._telling
        match name:
            case "maximum_min":
                self._tell(replace(now, maximum_min=_beside(MAXIMA_MIN, now.maximum_min, step)))
            case "ago_min":
                self._tell(replace(now, ago_min=_beside(AGO_MIN, now.ago_min, step)))
            case "amount_g":
                self._tell(replace(now, amount_g=_beside(AMOUNTS_G, now.amount_g, step)))

    def _apply(self) -> None:
        told = self._telling
        when = (self._now() - timedelta(minutes=told.ago_min)).isoformat(timespec="seconds") if told.ago_min else ""
        reason = "put on at home" if told.ago_min else ""  # the record is in English whatever the screen speaks
        self._presenter.send(
            lambda number: commands.Numbing(
                number=number,
                product=told.product,
                maximum_min=told.maximum_min,
                name=self._clinic.get(told.product, ""),
                applied_utc=when,
                amount_g=told.amount_g or None,
                reason=reason,
            )
        )
        self._tell(Telling(told.product, told.maximum_min))

    def _remove(self) -> None:
        self._presenter.send(lambda number: commands.NumbingOff(number=number))

    def _look(self, now_ns: int) -> None:
        if 0 < now_ns < self._look_ns:
            return
        self._look_ns = now_ns + LOOK_NS
        state = self._presenter.state
        shown = (timer(state, self._words, self._names), state.alive and state.linked, page(state) is h.Page.PREPARE)
        if shown == self._shown:
            return
        self._shown = shown
        self._panel.show_timer(shown[0], shown[1])
        self._bar.show_numbing(shown[0], shown[2])


def _beside(values: Sequence[Step], value: Step, step: int) -> Step:
    """The next of `values` above or below `value`; the last one stays."""
    if step > 0:
        return min((each for each in values if each > value), default=values[-1])
    return max((each for each in values if each < value), default=values[0])
