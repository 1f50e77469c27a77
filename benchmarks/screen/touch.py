"""The real screen with stamps and a line for the bench's orders: `python -m benchmarks.screen.touch SCREEN'S ARGUMENTS`.

Nothing of what is measured is replaced: functions of the screen are called as they are, with the time taken before and after.
Start-up is measured on the screen without this entry, from outside (`benchmarks.screen.start`).
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QMouseEvent

from benchmarks.screen.hands import Hands
from benchmarks.screen.stamps import StampWriter, What
from benchmarks.screen.wishes import Wishes
from sessions.events import NO_AGE
from ui.touch.__main__ import main as screen_main
from ui.touch.app import Touch
from ui.touch.pages.treat import TreatPage
from ui.touch.presenter import Presenter
from ui.touch.records.desk import RecordsDesk
from ui.touch.records.replay_page import ReplayPage
from ui.touch.ring_reader import Batch, RingReader
from ui.touch.shell import Shell
from ui.touch.stop_line import StopLine
from ui.touch.telemetry import Frame
from ui.touch.widgets.span_plot import SpanPlot

SLOW_EVERY_NS = 1_000_000_000
now = time.monotonic_ns


class Stamper:
    """Remembers what the next paint will show, and writes it down when it has been painted."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._stamps = StampWriter(wishes.screen_log, wishes.rows)
        self._newest_ns = 0  # when the newest sample that the screen has read was taken
        self._drawn_ns = 0  # the same of what the next paint will show, 0: no trace in it
        self._tracks: list[tuple[int, int]] = []
        self._drags: list[int] = []
        self._slow_ns = now()
        self._touch: Touch | None = None
        self._hands: Hands | None = None

    def on_batch(self, batch: Batch) -> None:
        """New samples were read."""
        if len(batch.samples):
            newest = batch.samples[-1]
            age_us = int(newest["age_us"])
            known_us = max(0, age_us) if age_us != NO_AGE else 0
            self._newest_ns = int(newest["mono_ns"]) - known_us * 1000

    def on_painted(self, start_ns: int) -> None:
        """The window's update request is done."""
        end_ns = now()
        self._stamps.put(What.PAINT, start_ns, end_ns, self._drawn_ns)
        self._drawn_ns = 0
        for shown_ns, last in self._tracks:
            self._stamps.put(What.TRACK, shown_ns, end_ns, last)
        for moved_ns in self._drags:
            self._stamps.put(What.DRAG, moved_ns, end_ns)
        self._tracks.clear()
        self._drags.clear()

    def window_shown(self) -> object:
        """The part of the replay's trace that is on show."""
        page = self._touch.records.page if self._touch is not None else None
        return page.replay.window_shown if page is not None else None

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Every function that is timed, wrapped."""
        with contextlib.ExitStack() as stack:
            for owner, name, make in (
                (RingReader, "read", self._read),
                (Presenter, "tick", self._tick),
                (TreatPage, "show_frame", self._show_frame),
                (Shell, "event", self._event),
                (ReplayPage, "show_track", self._show_track),
                (SpanPlot, "mouseMoveEvent", self._move),
                (RecordsDesk, "open_session", self._open_session),
                (ReplayPage, "show_record", self._show_record),
                (StopLine, "send", self._send),
                (Touch, "begin", self._begin),
            ):
                stack.enter_context(patch.object(owner, name, make(getattr(owner, name))))
            yield

    def _read(self, read: Callable[[RingReader], Batch]) -> Any:
        def stamped(reader: RingReader) -> Batch:
            batch = read(reader)
            self.on_batch(batch)
            return batch

        return stamped

    def _tick(self, tick: Callable[[Presenter], None]) -> Any:
        slow_s = self._wishes.slow_tick_ms / 1000

        def stamped(presenter: Presenter) -> None:
            start_ns = now()
            if slow_s and start_ns - self._slow_ns > SLOW_EVERY_NS:
                self._slow_ns = start_ns
                time.sleep(slow_s)
            tick(presenter)
            self._stamps.put(What.TICK, start_ns, now())

        return stamped

    def _show_frame(self, show_frame: Callable[[TreatPage, Frame], None]) -> Any:
        def stamped(page: TreatPage, frame: Frame) -> None:
            show_frame(page, frame)
            if page.isVisible() and len(frame.index):
                self._drawn_ns = self._newest_ns

        return stamped

    def _event(self, event: Callable[[Shell, QEvent | None], bool]) -> Any:
        def stamped(shell: Shell, told: QEvent | None) -> bool:
            if told is None or told.type() != QEvent.Type.UpdateRequest:
                return event(shell, told)
            start_ns = now()
            taken = event(shell, told)
            self.on_painted(start_ns)
            return taken

        return stamped

    def _show_track(self, show_track: Callable[[ReplayPage, Any], None]) -> Any:
        def stamped(page: ReplayPage, track: Any) -> None:
            start_ns = now()
            show_track(page, track)
            self._tracks.append((start_ns, 0))

        return stamped

    def _move(self, move: Callable[[SpanPlot, QMouseEvent | None], None]) -> Any:
        def stamped(plot: SpanPlot, event: QMouseEvent | None) -> None:
            start_ns, before = now(), self.window_shown()
            move(plot, event)
            if self.window_shown() != before:
                self._drags.append(start_ns)

        return stamped

    def _open_session(self, open_session: Callable[[RecordsDesk, str], None]) -> Any:
        def stamped(desk: RecordsDesk, session: str) -> None:
            at_ns = now()
            self._stamps.put(What.OPEN, at_ns, at_ns)
            open_session(desk, session)

        return stamped

    def _show_record(self, show_record: Callable[[ReplayPage, Any], None]) -> Any:
        def stamped(page: ReplayPage, record: Any) -> None:
            start_ns = now()
            show_record(page, record)
            self._stamps.put(What.RECORD, start_ns, now())

        return stamped

    def _send(self, send: Callable[[StopLine], None]) -> Any:
        slow_s = self._wishes.slow_stop_ms / 1000

        def delayed(line: StopLine) -> None:
            if slow_s:
                time.sleep(slow_s)
            send(line)

        return delayed

    def _begin(self, begin: Callable[..., None]) -> Any:
        def begun(touch: Touch, *arguments: Any) -> None:
            begin(touch, *arguments)
            self._touch = touch
            self._hands = Hands(touch, self._wishes.line)

        return begun


def main(arguments: list[str] | None = None) -> int:
    """The screen's own `main`."""
    with Stamper(Wishes.read()).in_place():
        return screen_main(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
