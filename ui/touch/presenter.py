"""Between state and widgets: the frame tick comes in, narrow signals go out; intents come in, commands go out."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from pencontrol.control import commands
from pencontrol.control.ring import Ring
from ui.touch import happenings as h
from ui.touch import state as s
from ui.touch import views, views_around, zone_work
from ui.touch.ending import ends_holds
from ui.touch.interpreter import Interpreter
from ui.touch.link import CommandLink
from ui.touch.live import Live
from ui.touch.pick import Hit, Pick
from ui.touch.ring_reader import RingReader
from ui.touch.stop_line import StopLine
from ui.touch.telemetry import Telemetry
from ui.touch.widgets.hold import Clock, HoldDesk
from ui.touch.words import Words

log = logging.getLogger(__name__)
DIGITS_NS = 200_000_000
NOTICE_NS = 10_000_000_000


class Presenter(QObject):
    """Owns the state. Each signal carries one frozen view and is emitted only when that view has changed."""

    word = pyqtSignal(object)
    start_control = pyqtSignal(object)
    top = pyqtSignal(object)
    alarms = pyqtSignal(object)
    zones = pyqtSignal(object)
    depth_step = pyqtSignal(object)
    speed_step = pyqtSignal(object)
    prepare = pyqtSignal(object)
    closed = pyqtSignal(object)
    page = pyqtSignal(object)
    panel = pyqtSignal(object)
    passes = pyqtSignal(bool, bool)
    limit = pyqtSignal(int)
    frame = pyqtSignal(object)  # telemetry.Frame, only while the traces are on show
    live = pyqtSignal(object)  # live.Live, five times a second
    live_later = pyqtSignal(object)  # the same one frame later: all figures at once make a frame of 20 ms
    ticked = pyqtSignal(object)  # monotonic ns
    work = pyqtSignal(object)
    band = pyqtSignal(object)
    frozen = pyqtSignal(bool)
    more = pyqtSignal(object)
    changed = pyqtSignal(object, object)  # state before and after; for who needs both

    def __init__(
        self,
        ring: Ring,
        reader: RingReader,
        link: CommandLink,
        stop: StopLine,
        holds: HoldDesk,
        words: Words,
        clock: Clock,
        instance: int,
        said: Interpreter,
    ) -> None:
        super().__init__()
        self._ring, self._reader, self._link, self._stop, self._holds = ring, reader, link, stop, holds
        self._telemetry = Telemetry(reader)
        self._words, self._clock, self._instance, self._said = words, clock, instance, said
        self._state = s.ScreenState()
        self._count = 0
        self._sequence = -1
        self._digits_at_ns = 0
        self._later: Live | None = None
        self._notice_until_ns = 0
        self._shown: dict[str, Any] = {}

    @property
    def state(self) -> s.ScreenState:
        """What the screen knows."""
        return self._state

    def tick(self) -> None:
        """One frame: heartbeat, answers, snapshot, samples, holds."""
        now = self._clock()
        self._count += 1
        self._ring.beat(self._instance, self._count, now)
        for answer in self._link.poll(now):
            if not answer.ok:
                self.tell(self._said.say(answer.error))
        sequence = self._reader.snapshot_sequence
        if sequence != self._sequence and not sequence & 1 and (snapshot := self._ring.read_snapshot()) is not None:
            self._sequence = sequence
            self.dispatch(h.SnapshotRead(self._said.snapshot(snapshot)))
        self.dispatch(h.Ticked(now, self._link.up))
        if self._state.notice and now > self._notice_until_ns:
            self.dispatch(h.Noticed(""))
        frame = self._telemetry.read(now)
        if s.page(self._state) is h.Page.TREAT and not self._state.frozen:
            self.frame.emit(frame)
        if self._later is not None:
            later, self._later = self._later, None
            self.live_later.emit(later)
        if now - self._digits_at_ns >= DIGITS_NS:
            self._digits_at_ns = now
            self._later = self._telemetry.live(self._clock())  # a sample may be newer than the beginning of this frame
            self.live.emit(self._later)
        self._holds.advance()
        self.ticked.emit(now)

    def rewind(self) -> None:
        """The traces are shown anew and want their history."""
        self._telemetry.rewind()

    def stop(self) -> None:
        """STOP: first the line, then everything else."""
        self._stop.send()
        self._link.forget_unsent()
        self._holds.cancel()
        self.dispatch(h.StopPressed(self._clock()))

    def failed(self, text: str) -> None:
        """An exception in this screen; STOP has been sent."""
        self.dispatch(h.ScreenFailed(text))
        self.dispatch(h.StopPressed(self._clock()))

    def start(self) -> None:
        """START was held."""
        if s.may_start(self._state):
            beats, stops = self._count, self._ring.stop_count
            self.send(lambda number: commands.Start(number=number, instance=self._instance, heartbeat=beats, stops=stops))

    def pause(self) -> None:
        """PAUSE was touched."""
        self.send(lambda number: commands.Pause(number=number))

    def step(self, axis: h.Axis, direction: int) -> None:
        """Plus builds a pending value; minus withdraws it and asks for less at once."""
        lower = s.lowered(self._state, axis) if direction < 0 else None
        self.dispatch(h.Stepped(axis, direction))
        if lower is not None:
            self.ask(lower.depth_um, lower.speed_rpm)

    def apply(self) -> None:
        """The pending values were held."""
        wanted = s.pending(self._state)
        if wanted is not None and self.ask(wanted.depth_um, wanted.speed_rpm):
            self.dispatch(h.Applied())

    def picked(self, pick: Pick) -> None:
        """The map was touched."""
        if pick.hit is Hit.BLOCKED:
            self.tell(self._words("map.blocked"))
        elif pick.hit is Hit.OUTSIDE:
            self.tell(self._words("map.outside"))
        elif pick.hit is Hit.ZONE:
            self.select(pick.zone)

    def select(self, zone: str) -> None:
        """This zone holds from now on, once control has said so."""
        self.send(lambda number: commands.SelectZone(number=number, zone=zone))

    def visit(self, page: h.Page | None) -> None:
        """Go to another page while the pen is not armed; None comes back."""
        self.dispatch(h.PageChosen(page))

    def pass_done(self) -> None:
        """This pass is complete."""
        self.send(lambda number: commands.PassDone(number=number))

    def pass_undo(self) -> None:
        """The last pass was none."""
        self.send(lambda number: commands.PassUndo(number=number))

    def acknowledge(self, alarm: str, occurrence: int) -> None:
        """Silence one occurrence; this screen's own error is taken down."""
        if alarm == views.SCREEN_ALARM:
            self.dispatch(h.FaultsSeen())
            return
        self.send(lambda number: commands.Acknowledge(number=number, alarm=alarm, occurrence=occurrence))

    def clear_fault(self) -> None:
        """The hold was completed: clear the pen's fault by its name."""
        snapshot = self._state.snapshot
        if snapshot is not None and snapshot.fault != "NONE":
            self.send(lambda number: commands.ClearFault(number=number, fault=snapshot.fault))

    def search_pen(self) -> None:
        """Look for the pen again."""
        self.send(lambda number: commands.SearchPen(number=number))

    def open_session(self, plan: dict[str, Any], resumed_from: str = "", carried: list[dict[str, Any]] | None = None) -> bool:
        """Ask control to freeze the plan and open the record; whether it was sent."""
        draft = self._state.draft
        session = self._state.snapshot.session if self._state.snapshot else None
        client, operator = draft.client, draft.operator
        if resumed_from and session is not None:
            client, operator = session.client, operator or session.operator
        told: dict[str, Any] = {"plan": plan, "client": client, "operator": operator, "ceiling_um": draft.ceiling_um}
        told |= {"role": draft.role} if draft.role else {}
        told |= {"consent": draft.consent if client == draft.client else "", "resumed_from": resumed_from}
        return self.send(lambda number: commands.OpenSession(number=number, carried=carried or [], **told))

    def close_session(self) -> None:
        """The treatment is over."""
        if self.send(lambda number: commands.CloseSession(number=number)):
            self.dispatch(h.PanelChosen(h.Panel.NONE))

    def show_panel(self, panel: h.Panel) -> None:
        """Open a panel over the page, or close it."""
        self.dispatch(h.PanelChosen(panel))

    def draft(self, **parts: Any) -> None:
        """A part of the session being prepared."""
        self.dispatch(h.Drafted(replace(self._state.draft, **parts)))

    def leave_session(self) -> None:
        """The closed session is done with."""
        self.dispatch(h.SessionLeft())

    def ask(self, depth_um: int, speed_rpm: int) -> bool:
        """Ask control for a setting."""
        return self.send(lambda number: commands.Ask(number=number, depth_um=depth_um, speed_rpm=speed_rpm))

    def send(self, make: Callable[[int], commands.Command]) -> bool:
        """One command, made with its number; whether there was somebody to send it to."""
        self._holds.disarm()
        sent = self._link.send(make(self._link.next_number()))
        if not sent:
            self.tell(self._words("start.no_control"))
        return sent

    def tell(self, text: str) -> None:
        """Show a line beside STOP for a while."""
        self._notice_until_ns = self._clock() + NOTICE_NS
        self.dispatch(h.Noticed(text))

    def dispatch(self, event: h.Event) -> None:
        """Reduce and show."""
        old, new = self._state, s.reduce(self._state, event)
        self._state = new
        if replace(old, now_ns=0) == replace(new, now_ns=0):
            return
        if ends_holds(old, new):
            self._holds.cancel()
        self._show(new)
        self.changed.emit(old, new)

    def show_again(self) -> None:
        """All of it, for those that came later than what they show."""
        self._shown.clear()
        self._show(self._state)
        self.changed.emit(s.ScreenState(), self._state)

    def _show(self, state: s.ScreenState) -> None:
        words = self._words
        self._emit("word", self.word, views.word_view(state, words))
        self._emit("page", self.page, s.page(state))
        self._emit("panel", self.panel, s.shown_panel(state))
        self._emit("start", self.start_control, views.start_view(state, words))
        self._emit("top", self.top, views.top_view(state, words))
        self._emit("alarms", self.alarms, views.alarms_view(state, words))
        self._emit("prepare", self.prepare, views_around.prepare_view(state, words))
        self._emit("closed", self.closed, views_around.closed_view(state, words))
        self._emit("zones", self.zones, views.map_view(state, words))
        self._emit("depth", self.depth_step, views.stepper_view(state, words, h.Axis.DEPTH))
        self._emit("speed", self.speed_step, views.stepper_view(state, words, h.Axis.SPEED))
        zone = s.present_zone(state)
        usable = state.linked and state.alive and zone is not None and s.page(state) is h.Page.TREAT
        passes = (usable, usable and zone is not None and zone.passes > 0)
        if self._shown.get("passes") != passes:
            self._shown["passes"] = passes
            self.passes.emit(*passes)
        self._emit("limit", self.limit, s.limit_um(state))
        self._emit("work", self.work, zone_work.work_view(state, words))
        self._emit("band", self.band, zone_work.band_view(state.band, state, words))
        self._emit("frozen", self.frozen, state.frozen)
        self._emit("more", self.more, views_around.more_view(state, words))

    def _emit(self, name: str, signal: Any, view: object) -> None:
        if name not in self._shown or self._shown[name] != view:
            self._shown[name] = view
            signal.emit(view)
