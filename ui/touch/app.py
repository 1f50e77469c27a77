"""Puts pages, panels and desks together around the core: every collaborator is made here and handed in."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from pencontrol.zones import shipped_zones
from sessions.people.aftercare import by_hour, read_aftercare
from ui.touch import art, wiring
from ui.touch import happenings as h
from ui.touch.before import Before
from ui.touch.core import Core
from ui.touch.exporter import Exporter
from ui.touch.figure import load_figure
from ui.touch.household import Household
from ui.touch.last_time import LastTime
from ui.touch.live import Live
from ui.touch.outfit import Outfit
from ui.touch.pages.aftercare import AftercarePanel
from ui.touch.pages.closed import ClosedPage
from ui.touch.pages.code import CodePanel
from ui.touch.pages.keypad_panel import KeypadPanel
from ui.touch.pages.more import MorePanel
from ui.touch.pages.panels import AlarmPanel, Panel
from ui.touch.pages.prepare import PreparePage
from ui.touch.pages.said import TilesPanel
from ui.touch.pages.setup import SetupPage
from ui.touch.pages.text import TextPanel
from ui.touch.pages.treat import TreatPage
from ui.touch.people.front import Front
from ui.touch.prepare_desk import PrepareDesk
from ui.touch.records.librarian import Librarian
from ui.touch.records.room import RecordsRoom
from ui.touch.sound.hook import Hook
from ui.touch.start import Piece
from ui.touch.surroundings import system_means
from ui.touch.words import languages
from ui.touch.zone_desk import ZoneDesk

PANELS_A_FRAME = 5


class Touch(QObject):
    """Everything but the frame. `build` makes it, `begin` ends that; `close` lets go of it."""

    def __init__(self, core: Core, outfit: Outfit) -> None:
        super().__init__(core)
        self.core, self._outfit = core, outfit
        self.shell, self.holds, self.presenter, self.link = core.shell, core.holds, core.presenter, core.link
        self._words = outfit.words
        self._closing = ExitStack()

    def build(self) -> Iterator[None]:
        """Makes all of it in steps that each fit into a frame, and shows what is known."""
        core, outfit = self.core, self._outfit
        p, holds, home, clock = core.presenter, core.holds, outfit.home, outfit.clock
        theme, metrics, words, settings = outfit.theme, outfit.metrics, outfit.words, outfit.settings
        voice = outfit.make_voice() if outfit.make_voice is not None else None
        self._sound = Hook(voice, p, self.link, clock, outfit.pass_ticks, settings.volume) if voice is not None else None
        if self._sound is not None:
            self._closing.callback(self._sound.close)
        self._zones = {name: replace(zone, name=core.said.zone(name, zone.name)) for name, zone in shipped_zones().items()}
        blocked = frozenset(zone.zone for zone in self._zones.values() if zone.mode == "blocked")
        load = cache(partial(load_figure, outfit.art_folder or art.ASSETS))
        self.prepare = PreparePage(holds, theme, metrics, words)
        yield
        self.treat = TreatPage(holds, theme, metrics, words, blocked, load)
        self.closed = ClosedPage(metrics, words)
        self.alarm_panel = AlarmPanel(holds, theme, metrics, words)
        yield
        aftercare = AftercarePanel(metrics, words, by_hour(read_aftercare()))
        yield
        text_panel = TextPanel(metrics, words)
        yield
        self.front = Front(p, holds, theme, metrics, words, home, clock, text_panel, aftercare)
        self._closing.callback(self.front.close)
        self.close_panel = self.front.close_panel
        yield
        self.code_panel = CodePanel(metrics, words)
        self.keypad_panel = KeypadPanel(metrics, words)
        self.more_panel = MorePanel(metrics, words)
        self.before = Before(holds, theme, metrics, words, blocked, load, home)
        self.reaction_panel = TilesPanel(
            metrics, words, words("treat.reaction"), words("treat.reaction_line"), "treat.reaction", h.REACTIONS
        )
        self.end_panel = TilesPanel(metrics, words, words("treat.end_point"), words("treat.end_line"), "treat.end", h.END_POINTS)
        yield
        self._means = means = outfit.means or system_means(clock, self)
        self._closing.callback(means.awake.close)
        yield
        self.setup = SetupPage(holds, theme, metrics, words, languages(), means.backlight.offered)
        self.records = RecordsRoom(home, theme, metrics, words, clock, blocked, load)
        self._closing.callback(self.records.close_down)
        yield
        yield from self._take_places()
        self.zone_desk = ZoneDesk(p, words, home)
        librarian = Librarian(home)
        self.last_time = LastTime(p, librarian)
        self._closing.callback(self.last_time.close)
        self.prepare_desk = PrepareDesk(p, self.prepare, self.code_panel, home, self._zones, librarian, words)
        self._closing.callback(self.prepare_desk.close)
        bar = self.shell.top_bar
        self.before.connect(p, self.prepare, self.prepare_desk, bar, self._zones, means.now, core.runtime.side)
        self.last_time.ghost.connect(self.treat.show_ghost)
        self.household = Household(self.shell, p, self.setup, self.keypad_panel, words, settings, outfit.problem, home, means)
        self.front.meet(self.prepare, self.prepare_desk, self.closed, self.records, settings.language, means.now)
        self.household.keeper = self.front.sign_in
        self.exporter = Exporter(home, self)
        self._connect_views()
        self._connect_intents()
        self._connect_more()
        if self._sound is not None:
            self.alarm_panel.acknowledge.connect(self._sound.acknowledged)
            self.setup.sound_tab.level.connect(self._sound.set_level)
        if voice is not None:
            self.setup.test_sound.connect(lambda: voice.say("LIMIT_SAME"))
        yield
        self.begin()

    def begin(self) -> None:
        """All is there: show what is known in it."""
        self.presenter.show_again()
        self.prepare_desk.reload_plans()
        self.shell.open_pages()
        self.front.begin()

    def close(self) -> None:
        """Let go of everything that was made."""
        self._closing.close()

    def pieces(self) -> list[Piece]:
        """What comes later still, in the order in which it is missed."""
        speed = Piece(self.treat.import_plots, lambda _: self.treat.make_speed())
        plots = Piece(lambda: None, lambda _: self.treat.install_plots())
        figure = Piece(self.treat.map.load_first, lambda _: self.treat.map.begin())
        return [speed, plots, figure, *map(Piece, self.records.imports())]

    def _take_places(self) -> Iterator[None]:
        self._pages: dict[h.Page, QWidget] = {
            h.Page.PREPARE: self.prepare,
            h.Page.TREAT: self.treat,
            h.Page.CLOSED: self.closed,
            h.Page.SETUP: self.setup,
            h.Page.RECORDS: self.records,
        }
        self._panels: dict[h.Panel, Panel] = {
            h.Panel.ALARMS: self.alarm_panel,
            **self.front.panels,
            h.Panel.CODE: self.code_panel,
            h.Panel.MORE: self.more_panel,
            h.Panel.REACTION: self.reaction_panel,
            h.Panel.END_POINT: self.end_panel,
            h.Panel.KEYPAD: self.keypad_panel,
            **self.before.panels,
        }
        for page in self._pages.values():
            self.shell.add_page(page)
        yield
        panels = list(self._panels.values())
        for first in range(0, len(panels), PANELS_A_FRAME):
            self.shell.add_panels(panels[first : first + PANELS_A_FRAME])
            yield

    def _connect_views(self) -> None:
        p = self.presenter
        wiring.connect_column(p, self.shell)
        wiring.connect_treat(p, self.treat)
        wiring.connect_zone_keys(p, self.treat, self.zone_desk, self.end_panel, self.reaction_panel)
        p.alarms.connect(self.alarm_panel.show_alarms)
        p.closed.connect(self.closed.show_view)
        p.page.connect(self._show_page)
        p.panel.connect(self._show_panel)
        p.live.connect(self._show_live)
        p.live_later.connect(self._show_live_later)

    def _connect_intents(self) -> None:
        p, treat = self.presenter, self.treat
        self.shell.top_bar.alarms_touched.connect(lambda: p.show_panel(h.Panel.ALARMS))
        treat.rewound.connect(p.rewind)
        treat.stepped.connect(lambda axis, direction: p.step(h.Axis(axis), direction))
        treat.applied.connect(p.apply)
        treat.picked.connect(p.picked)
        treat.close_wanted.connect(lambda: p.show_panel(h.Panel.CLOSE))
        self.alarm_panel.acknowledge.connect(p.acknowledge)
        self.alarm_panel.clear_fault.connect(p.clear_fault)
        for panel in self._panels.values():
            panel.left.connect(lambda: p.show_panel(h.Panel.NONE))
        self.close_panel.close_session.connect(p.close_session)
        self.closed.left.connect(p.leave_session)
        self.closed.export_touched.connect(self.exporter.export)
        self.exporter.started.connect(self.closed.show_exporting)
        self.exporter.finished.connect(self.closed.show_exported)

    def _connect_more(self) -> None:
        p, more = self.presenter, self.more_panel
        self.shell.top_bar.more_touched.connect(lambda: p.show_panel(h.Panel.MORE))
        p.more.connect(more.show_view)
        more.gone.connect(lambda: p.show_panel(h.Panel.NONE))
        more.add("setup", lambda: p.visit(h.Page.SETUP))
        more.add("records", lambda: p.visit(h.Page.RECORDS))
        self.records.left.connect(lambda: p.visit(None))
        p.ticked.connect(self.records.tick)
        more.add("clean", self.household.lock_for_cleaning, visit=False)

    def shell_pages(self) -> tuple[h.Page, ...]:
        """Every page that can be shown."""
        return tuple(self._pages)

    def _show_page(self, page: h.Page) -> None:
        if page is h.Page.PREPARE:
            self.prepare_desk.reload_plans()
        self.shell.show_page(self._pages[page])

    def _show_panel(self, panel: h.Panel) -> None:
        self.shell.show_panel(self._panels.get(panel))

    def _show_live(self, live: Live) -> None:
        """Five times a second: digits of speed, contact; a frame later digits of depth, link age, clock."""
        if self.treat.isVisible():
            self.treat.show_live_speed(live)

    def _show_live_later(self, live: Live) -> None:
        if self.treat.isVisible():
            self.treat.show_live_depth(live)
