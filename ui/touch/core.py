"""Reads control's word and shows it in the frame: what the screen knows before it has a single page."""

import time
from collections.abc import Callable
from datetime import datetime

from PyQt6.QtCore import QObject

from pencontrol.control.commands import Command, Hello
from pencontrol.control.ring import Ring
from pencontrol.runtime import Runtime
from ui.touch import happenings as h
from ui.touch import wiring
from ui.touch.first import First
from ui.touch.frame_views import TopView
from ui.touch.guard import Guard
from ui.touch.interpreter import Interpreter
from ui.touch.link import CommandLink
from ui.touch.live import Live
from ui.touch.presenter import Presenter
from ui.touch.ring_reader import RingReader
from ui.touch.stop_line import StopLine
from ui.touch.widgets.hold import Clock
from ui.touch.words import Words, load_words


class Core(QObject):
    """Ring, link and presenter, with state word, alarms and top bar. What raises risk comes with the pages.

    Takes STOP over from the first picture; one that was pressed before is still the screen's to confirm.
    """

    def __init__(
        self,
        first: First,
        runtime: Runtime,
        ring: Ring,
        stop: StopLine,
        guard: Guard,
        words: Words,
        clock: Clock,
        now: Callable[[], datetime],
    ) -> None:
        """`clock` is monotonic, `now` the wall clock."""
        super().__init__(first)
        self.first, self.runtime, self.shell, self.holds = first, runtime, first.shell, first.holds
        self._clock, self._now = clock, now
        self._opened_ns = 0
        instance = time.time_ns() & 0x7FFFFFFFFFFFFFFF
        self._reader = RingReader(ring)
        self.link = CommandLink(runtime.commands, lambda number: _hello(number, instance))
        self.said = Interpreter(words, load_words())
        self.presenter = p = Presenter(ring, self._reader, self.link, stop, self.holds, words, clock, instance, self.said)
        wiring.connect_frame(p, self.shell)
        p.top.connect(self._show_top)
        p.live.connect(self._show_live)
        p.live_later.connect(self._show_live_later)
        if first.stopped_ns is not None:
            p.dispatch(h.StopPressed(first.stopped_ns))
        if first.failed:
            p.dispatch(h.ScreenFailed(first.failed))
        self.shell.stop.connect(p.stop)
        first.hand_over()
        guard.tell(p.failed)

    def close(self) -> None:
        """Let go of the link and of the ring's samples."""
        self.link.close()
        self._reader.close()

    def _show_top(self, view: TopView) -> None:
        self._opened_ns = view.opened_mono_ns
        self.shell.top_bar.show_top(view)

    def _show_live(self, live: Live) -> None:
        self.shell.column.show_contact(live.contact if live.fresh else None)

    def _show_live_later(self, live: Live) -> None:
        self.shell.top_bar.show_age(live.age_ms if live.fresh else None)
        seconds = (self._clock() - self._opened_ns) // 1_000_000_000 if self._opened_ns else -1
        open_for = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" if seconds >= 0 else ""
        self.shell.top_bar.show_clock(self._now().strftime("%H:%M"), open_for)


def _hello(number: int, instance: int) -> Command:
    return Hello(number=number, instance=instance)
