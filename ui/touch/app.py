"""Puts the touchscreen together: every collaborator is made here and handed in."""

import logging
import time
from datetime import datetime
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtWidgets import QApplication

from pencontrol.control.commands import Command, Hello
from pencontrol.control.ring import Ring
from pencontrol.runtime import Runtime
from pencontrol.zones import shipped_zones
from ui.touch import art, planning
from ui.touch import happenings as h
from ui.touch.exporter import Exporter
from ui.touch.figure import load_figure
from ui.touch.guard import Guard
from ui.touch.link import CommandLink
from ui.touch.live import Live
from ui.touch.metrics import Metrics
from ui.touch.pages.closed import ClosedPage
from ui.touch.pages.code import CodePanel
from ui.touch.pages.panels import AlarmPanel, ClosePanel
from ui.touch.pages.prepare import PreparePage
from ui.touch.pages.treat import TreatPage
from ui.touch.presenter import Presenter
from ui.touch.ring_reader import RingReader
from ui.touch.shell import Shell
from ui.touch.stop_line import StopLine
from ui.touch.theme import Theme, stylesheet
from ui.touch.views import TopView
from ui.touch.widgets.hold import Clock, HoldDesk
from ui.touch.words import Words

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
    ) -> None:
        super().__init__()
        self._home, self._words, self._clock = home, words, clock
        self._ring, self._stop_line = guard_ring, stop
        instance = time.time_ns() & 0x7FFFFFFFFFFFFFFF
        self._reader = RingReader(self._ring)
        self.link = CommandLink(runtime.commands, lambda number: _hello(number, instance))
        self.holds = HoldDesk(clock)
        self.presenter = Presenter(self._ring, self._reader, self.link, stop, self.holds, words, clock, instance)
        guard.tell(self.presenter.failed)
        self._zones = shipped_zones()
        blocked = frozenset(zone.zone for zone in self._zones.values() if zone.mode == "blocked")
        self._choices: tuple[planning.PlanChoice, ...] = ()
        self._opened_ns = 0
        self._clock_shown = ""
        self.prepare = PreparePage(self.holds, theme, metrics, words)
        self.treat = TreatPage(self.holds, theme, metrics, words, blocked, partial(load_figure, art_folder))
        self.closed = ClosedPage(metrics, words)
        self.alarm_panel = AlarmPanel(self.holds, theme, metrics, words)
        self.close_panel = ClosePanel(self.holds, theme, metrics, words)
        self.code_panel = CodePanel(metrics, words)
        pages, panels = [self.prepare, self.treat, self.closed], [self.alarm_panel, self.close_panel, self.code_panel]
        self.shell = Shell(self.holds, theme, metrics, words, list(pages), list(panels))
        self.exporter = Exporter(home, self)
        self.frame_timer = QTimer(self)
        self.frame_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.frame_timer.setInterval(FRAME_MS)
        self.frame_timer.timeout.connect(self.presenter.tick)
        self._connect_stop()
        self._connect_views()
        self._connect_intents()
        self._connect_prepare()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyleSheet(stylesheet(theme, metrics))

    def begin(self, kiosk: bool, size: tuple[int, int]) -> None:
        """Show with a live STOP at once; figures and traces come after the first paint."""
        self._stop_line.open_ahead()
        self.presenter.tick()
        self.reload_plans()
        if kiosk:
            self.shell.showFullScreen()
        else:
            self.shell.resize(*size)
            self.shell.show()
        self.frame_timer.start()
        QTimer.singleShot(0, self.treat.install_plots)
        QTimer.singleShot(0, self.treat.map.begin)

    def close(self) -> None:
        """Stop the frame tick and let go of everything."""
        self.frame_timer.stop()
        self.shell.close()
        self.link.close()
        self._stop_line.close()
        self._reader.close()
        self._ring.close()

    def _connect_stop(self) -> None:
        self.shell.stop.connect(self.presenter.stop)
        self.shell.fingers.connect(self.holds.count_fingers)

    def _connect_views(self) -> None:
        p, shell = self.presenter, self.shell
        p.word.connect(shell.column.show_word)
        p.word.connect(lambda view: shell.stop_button.show_line(view.word if view.key == "STOPPING" else ""))
        p.start_control.connect(shell.column.show_start)
        p.passes.connect(shell.column.show_treating)
        p.top.connect(self._show_top)
        p.alarms.connect(shell.top_bar.show_alarms)
        p.alarms.connect(self.alarm_panel.show_alarms)
        p.prepare.connect(self._show_prepare)
        p.closed.connect(self.closed.show_view)
        p.zones.connect(self.treat.show_map)
        p.depth_step.connect(self.treat.show_depth_step)
        p.speed_step.connect(self.treat.show_speed_step)
        p.limit.connect(self.treat.show_limit)
        p.page.connect(self._show_page)
        p.panel.connect(self._show_panel)
        p.frame.connect(self.treat.show_frame)
        p.live.connect(self._show_live)
        p.ticked.connect(shell.top_bar.tile.flash)

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
        for panel in (self.alarm_panel, self.close_panel, self.code_panel):
            panel.left.connect(lambda: p.show_panel(h.Panel.NONE))
        self.close_panel.close_session.connect(p.close_session)
        self.closed.left.connect(p.leave_session)
        self.closed.export_touched.connect(self.exporter.export)
        self.exporter.started.connect(self.closed.show_exporting)
        self.exporter.finished.connect(self.closed.show_exported)

    def _connect_prepare(self) -> None:
        p = self.presenter
        self.prepare.plan_chosen.connect(lambda path: p.draft(plan=path))
        self.prepare.field_touched.connect(self.ask_code)
        self.prepare.search_touched.connect(p.search_pen)
        self.prepare.open_held.connect(self._open)
        self.prepare.resume_held.connect(self._resume)
        self.code_panel.done.connect(self._take_code)

    def _show_page(self, page: h.Page) -> None:
        if page is h.Page.PREPARE:
            self.reload_plans()
        self.shell.show_page({h.Page.PREPARE: self.prepare, h.Page.TREAT: self.treat, h.Page.CLOSED: self.closed}[page])

    def _show_panel(self, panel: h.Panel) -> None:
        panels = {h.Panel.ALARMS: self.alarm_panel, h.Panel.CLOSE: self.close_panel, h.Panel.CODE: self.code_panel}
        self.shell.show_panel(panels.get(panel))

    def _show_top(self, view: TopView) -> None:
        self._opened_ns = view.opened_mono_ns
        self.shell.top_bar.show_top(view)

    def _show_live(self, live: Live) -> None:
        """Five times a second: digits, link age, clock."""
        if self.treat.isVisible():
            self.treat.show_live(live)
        self.shell.column.show_contact(live.contact if live.fresh else None)
        self.shell.top_bar.show_age(live.age_ms if live.fresh else None)
        seconds = (self._clock() - self._opened_ns) // 1_000_000_000 if self._opened_ns else -1
        open_for = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" if seconds >= 0 else ""
        self.shell.top_bar.show_clock(datetime.now().strftime("%H:%M"), open_for)

    def _show_prepare(self, view: object) -> None:
        self.prepare.show_view(view)  # type: ignore[arg-type]  # a signal of objects
        self._show_draft()

    def _show_draft(self) -> None:
        draft = self.presenter.state.draft
        self.prepare.show_draft(draft, self._choice(draft.plan))

    def _choice(self, path: str) -> planning.PlanChoice | None:
        return next((choice for choice in self._choices if choice.path == path), None)

    def reload_plans(self) -> None:
        """Read the plan files again."""
        self._choices = planning.list_plans(self._home, self._zones)
        self.prepare.show_plans(self._choices, {zone.zone: zone.name for zone in self._zones.values()})
        self._show_draft()

    def ask_code(self, field: str) -> None:
        """Open the keyboard for "client" or "operator"."""
        draft = self.presenter.state.draft
        self.code_panel.ask(field, draft.client if field == "client" else draft.operator)
        self.presenter.show_panel(h.Panel.CODE)

    def _take_code(self, field: str, code: str) -> None:
        self.presenter.draft(**{field: code})
        self.presenter.show_panel(h.Panel.NONE)

    def _open(self) -> None:
        choice = self._choice(self.presenter.state.draft.plan)
        if choice is not None and choice.plan is not None:
            plan = choice.plan.model_dump(mode="json")
            if self.presenter.open_session(plan):
                self._remember(plan)

    def _resume(self) -> None:
        snapshot = self.presenter.state.snapshot
        if snapshot is not None and snapshot.session is not None:
            plan = planning.plan_to_resume(self._home, snapshot)
            self.presenter.open_session(plan, snapshot.session.id, planning.carried_totals(snapshot.zones))

    def _remember(self, plan: dict[str, object]) -> None:
        try:
            planning.remember_plan(self._home, plan)
        except OSError as error:
            log.warning("the opened plan could not be kept for a resumption: %s", error)


def _hello(number: int, instance: int) -> Command:
    return Hello(number=number, instance=instance)
