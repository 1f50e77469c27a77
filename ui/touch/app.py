"""Puts the touchscreen together: every collaborator is made here and handed in."""

import logging
import time
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

from pencontrol.control.commands import Command, Hello
from pencontrol.control.ring import Ring
from pencontrol.runtime import Runtime
from pencontrol.zones import shipped_zones
from ui.touch import art, wiring
from ui.touch import happenings as h
from ui.touch.before import Before
from ui.touch.exporter import Exporter
from ui.touch.figure import load_figure
from ui.touch.guard import Guard
from ui.touch.household import Household, Means
from ui.touch.interpreter import Interpreter
from ui.touch.last_time import LastTime
from ui.touch.link import CommandLink
from ui.touch.live import Live
from ui.touch.metrics import Metrics
from ui.touch.pages.closed import ClosedPage
from ui.touch.pages.code import CodePanel
from ui.touch.pages.keypad_panel import KeypadPanel
from ui.touch.pages.more import MorePanel
from ui.touch.pages.panels import AlarmPanel, Panel
from ui.touch.pages.prepare import PreparePage
from ui.touch.pages.said import TilesPanel
from ui.touch.pages.setup import SetupPage
from ui.touch.pages.treat import TreatPage
from ui.touch.people.front import Front
from ui.touch.prepare_desk import PrepareDesk
from ui.touch.presenter import Presenter
from ui.touch.records.librarian import Librarian, NoStore
from ui.touch.records.room import RecordsRoom
from ui.touch.ring_reader import RingReader
from ui.touch.settings import Settings
from ui.touch.shell import Shell
from ui.touch.sound.hook import Hook
from ui.touch.sound.voice import Voice
from ui.touch.start import Piece, Start
from ui.touch.stop_line import StopLine
from ui.touch.surroundings import system_means
from ui.touch.theme import Theme, stylesheet
from ui.touch.views import TopView
from ui.touch.widgets.hold import Clock, HoldDesk
from ui.touch.words import Words, languages, load_words
from ui.touch.zone_desk import ZoneDesk

log = logging.getLogger(__name__)
FRAME_MS = 16


class Touch(QObject):
    """The running screen. `begin` shows it; `close` lets go of ring, socket and pipe."""

    def __init__(
        self,
        runtime: Runtime,
        home: Path,
        theme: Theme,
        metrics: Metrics,
        words: Words,
        guard_ring: Ring,
        stop: StopLine,
        guard: Guard,
        clock: Clock = time.monotonic_ns,
        art_folder: Path = art.ASSETS,
        voice: Voice | None = None,
        pass_ticks: bool = True,
        settings: Settings | None = None,
        problem: str = "",
        means: Means | None = None,
    ) -> None:
        super().__init__()
        self._home, self._words, self._clock = home, words, clock
        self._ring, self._stop_line = guard_ring, stop
        instance = time.time_ns() & 0x7FFFFFFFFFFFFFFF
        self._reader = RingReader(self._ring)
        self.link = CommandLink(runtime.commands, lambda number: _hello(number, instance))
        self.holds = HoldDesk(clock, words("hold.again"))
        said = Interpreter(words, load_words())
        self.presenter = Presenter(self._ring, self._reader, self.link, stop, self.holds, words, clock, instance, said)
        guard.tell(self.presenter.failed)
        self._zones = {name: replace(zone, name=said.zone(name, zone.name)) for name, zone in shipped_zones().items()}
        blocked = frozenset(zone.zone for zone in self._zones.values() if zone.mode == "blocked")
        self._opened_ns = 0
        self._clock_shown = ""
        self.prepare = PreparePage(self.holds, theme, metrics, words)
        load = cache(partial(load_figure, art_folder))
        self.treat = TreatPage(self.holds, theme, metrics, words, blocked, load)
        self.closed = ClosedPage(metrics, words)
        self.alarm_panel = AlarmPanel(self.holds, theme, metrics, words)
        self.front = Front(self.presenter, self.holds, theme, metrics, words, home, clock)
        self.close_panel = self.front.close_panel
        self.code_panel = CodePanel(metrics, words)
        self.keypad_panel = KeypadPanel(metrics, words)
        self.more_panel = MorePanel(metrics, words)
        self.before = Before(self.holds, theme, metrics, words, blocked, load, home)
        self.reaction_panel = TilesPanel(
            metrics, words, words("treat.reaction"), words("treat.reaction_line"), "treat.reaction", h.REACTIONS
        )
        self.end_panel = TilesPanel(metrics, words, words("treat.end_point"), words("treat.end_line"), "treat.end", h.END_POINTS)
        means = means or system_means(clock, self)
        volume = (settings or Settings()).volume
        self.setup = SetupPage(self.holds, theme, metrics, words, languages(), means.backlight.offered)
        self.records = RecordsRoom(home, theme, metrics, words, clock, blocked, load)
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
        self.shell = Shell(self.holds, theme, metrics, words, list(self._pages.values()), list(self._panels.values()))
        self.zone_desk = ZoneDesk(self.presenter, words, home)
        librarian = Librarian(home)
        self.last_time = LastTime(self.presenter, librarian)
        self.prepare_desk = PrepareDesk(
            self.presenter, self.prepare, self.code_panel, home, self._zones, librarian, words("prepare.as_on")
        )
        bar = self.shell.top_bar
        self.before.connect(self.presenter, self.prepare, self.prepare_desk, bar, self._zones, means.now, runtime.side)
        self.last_time.ghost.connect(self.treat.show_ghost)
        self.household = Household(
            self.shell, self.presenter, self.setup, self.keypad_panel, words, settings or Settings(), problem, home, means
        )
        self.front.meet(self.prepare, self.prepare_desk, self.closed, self.records, (settings or Settings()).language, means.now)
        self.household.keeper = self.front.sign_in
        self._means = means
        self.exporter = Exporter(home, self)
        self.start = Start(self.shell.stop_button, Librarian(home, lambda _: NoStore()), self._pieces(), self)
        self.presenter.ticked.connect(self.start.tick)
        self.frame_timer = QTimer(self)
        self.frame_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.frame_timer.setInterval(FRAME_MS)
        self.frame_timer.timeout.connect(self.presenter.tick)
        self._connect_stop()
        self._connect_views()
        self._connect_intents()
        self._connect_more()
        self._sound = Hook(voice, self.presenter, self.link, clock, pass_ticks, volume) if voice is not None else None
        if self._sound is not None:
            self.alarm_panel.acknowledge.connect(self._sound.acknowledged)
            self.setup.sound_tab.level.connect(self._sound.set_level)
        if voice is not None:
            self.setup.test_sound.connect(lambda: voice.say("LIMIT_SAME"))
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyleSheet(stylesheet(theme, metrics))

    def begin(self, kiosk: bool, size: tuple[int, int]) -> None:
        """Show with a live STOP at once; figures and traces come after the first paint."""
        self._stop_line.open_ahead()
        self.presenter.tick()
        self.prepare_desk.reload_plans()
        if kiosk:
            self.shell.enter_kiosk()
        else:
            self.shell.resize(*size)
            self.shell.show()
        self.frame_timer.start()
        self.front.begin()
        self.start.begin()

    def close(self) -> None:
        """Stop the frame tick and let go of everything."""
        self.frame_timer.stop()
        self.start.close()
        self.records.close_down()
        self._means.awake.close()
        self.last_time.close()
        self.front.close()
        self.prepare_desk.close()
        self.shell.may_close = True
        self.shell.close()
        if self._sound is not None:
            self._sound.close()
        self.link.close()
        self._stop_line.close()
        self._reader.close()
        self._ring.close()

    def _pieces(self) -> list[Piece]:
        """In the order in which they are missed."""
        speed = Piece(self.treat.import_plots, lambda _: self.treat.make_speed())
        plots = Piece(lambda: None, lambda _: self.treat.install_plots())
        figure = Piece(self.treat.map.load_first, lambda _: self.treat.map.begin())
        return [speed, plots, figure, *map(Piece, self.records.imports())]

    def _connect_stop(self) -> None:
        self.shell.stop.connect(self.presenter.stop)
        self.shell.fingers.connect(self.holds.count_fingers)

    def _connect_views(self) -> None:
        p = self.presenter
        wiring.connect_shell(p, self.shell)
        wiring.connect_treat(p, self.treat)
        wiring.connect_zone_keys(p, self.treat, self.zone_desk, self.end_panel, self.reaction_panel)
        p.top.connect(self._show_top)
        p.alarms.connect(self.alarm_panel.show_alarms)
        p.closed.connect(self.closed.show_view)
        p.page.connect(self._show_page)
        p.panel.connect(self._show_panel)
        p.live.connect(self._show_live)
        p.live_later.connect(self._show_live_later)

    def _connect_intents(self) -> None:
        p, column, treat = self.presenter, self.shell.column, self.treat
        column.start.connect(p.start)
        column.pause.connect(p.pause)
        column.pass_done.connect(p.pass_done)
        column.pass_undo.connect(p.pass_undo)
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

    def _show_top(self, view: TopView) -> None:
        self._opened_ns = view.opened_mono_ns
        self.shell.top_bar.show_top(view)

    def _show_live(self, live: Live) -> None:
        """Five times a second: digits of speed, contact; a frame later digits of depth, link age, clock."""
        if self.treat.isVisible():
            self.treat.show_live_speed(live)
        self.shell.column.show_contact(live.contact if live.fresh else None)

    def _show_live_later(self, live: Live) -> None:
        if self.treat.isVisible():
            self.treat.show_live_depth(live)
        self.shell.top_bar.show_age(live.age_ms if live.fresh else None)
        seconds = (self._clock() - self._opened_ns) // 1_000_000_000 if self._opened_ns else -1
        open_for = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" if seconds >= 0 else ""
        self.shell.top_bar.show_clock(self._means.now().strftime("%H:%M"), open_for)


def _hello(number: int, instance: int) -> Command:
    return Hello(number=number, instance=instance)
