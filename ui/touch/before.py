"""What is prepared on panels before and during a session: pins for scars, numbing, the cartridge. Puts them together."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from pencontrol.media import media_of
from pencontrol.zones import Zone
from ui.touch import happenings as h
from ui.touch.figure import Figure
from ui.touch.metrics import Metrics
from ui.touch.numbing_desk import NumbingDesk
from ui.touch.pages.numbing import NumbingPanel
from ui.touch.pages.panels import Panel
from ui.touch.pages.pins import PinsPanel
from ui.touch.pages.prepare import PreparePage
from ui.touch.pins_desk import PinsDesk
from ui.touch.prepare_desk import PrepareDesk
from ui.touch.presenter import Presenter
from ui.touch.simulated import CartridgeKey
from ui.touch.theme import Theme
from ui.touch.widgets.hold import HoldDesk
from ui.touch.widgets.top_bar import TopBar
from ui.touch.words import Words


class Before:
    """Panels first, for the shell; `connect` makes their desks."""

    def __init__(
        self,
        holds: HoldDesk,
        theme: Theme,
        metrics: Metrics,
        words: Words,
        blocked: frozenset[str],
        load: Callable[[str, bool], Figure],
        home: Path,
    ) -> None:
        self._words = words
        numbing = [each for each in media_of(home).values() if each.role == "numbing"]
        self._creams = tuple((each.code, _name(each.code, each.name, words)) for each in numbing)
        self._clinic = {each.code: each.name for each in numbing}
        self.pins_panel = PinsPanel(holds, theme, metrics, words, blocked, load)
        self.numbing_panel = NumbingPanel(holds, theme, metrics, words, self._creams)
        self.panels: dict[h.Panel, Panel] = {h.Panel.PINS: self.pins_panel, h.Panel.NUMBING: self.numbing_panel}

    def connect(
        self,
        presenter: Presenter,
        page: PreparePage,
        desk: PrepareDesk,
        bar: TopBar,
        zones: Mapping[str, Zone],
        now: Callable[[], datetime],
        side: Path,
    ) -> None:
        """`now` is the wall clock; `side` is where a simulated pen's side channel would listen."""
        self.pins_desk = PinsDesk(presenter, self.pins_panel, self._words, zones)
        self.numbing_desk = NumbingDesk(
            presenter, self.numbing_panel, bar, self._words, self._creams, self._clinic, lambda: now().astimezone()
        )
        self.cartridge = CartridgeKey(presenter, page, side)

        def ask_pins() -> None:
            plan = desk.plan()
            if plan is not None:
                self.pins_desk.ask(plan, desk.pin)

        page.pins_touched.connect(ask_pins)


def _name(code: str, told: str, words: Words) -> str:
    """A medium in the screen's language where it is one of the shipped table, else as the clinic calls it."""
    return words(f"media.{code}") if words.has(f"media.{code}") else told
