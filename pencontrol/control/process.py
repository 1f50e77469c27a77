"""The control process: one thread that selects on pen, STOP pipe, screens and recorder, and hands it all to `core`.

In each turn the STOP counter is looked at first, then the pen, then people and recorder, the screen's ring last.
"""

import argparse
import contextlib
import gc
import secrets
import selectors
import signal
import sys
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from struct import Struct

from firmware_protocol.transport import LinkClosed, OpenFailed, Transport
from pencontrol.control.core import Control
from pencontrol.control.desk import Desk
from pencontrol.control.endpoints import Screen, StopPipe, accept, listen, read_some
from pencontrol.control.grants import Grants
from pencontrol.control.motion import Guard, judge
from pencontrol.control.port import OpenPort, open_pen
from pencontrol.control.recorder_line import RecorderLine
from pencontrol.control.ring import Ring
from pencontrol.control.snapshot import State
from pencontrol.control.station import Station
from pencontrol.control.view import snapshot_of
from pencontrol.runtime import Runtime
from pencontrol.zones import shipped_zones
from sessions.events import TRACE_FORMAT, VOCABULARY

_TRACE = Struct(TRACE_FORMAT)
SNAPSHOT_NS = 50_000_000
REOPEN_NS = 500_000_000
GOODBYE_NS = 700_000_000
READS_A_TURN = 8  # 32 KiB: more than a pty holds


class ControlProcess:
    """Owns the port and the sockets. `run` returns when the lifeline ends or SIGTERM comes."""

    def __init__(
        self,
        runtime: Runtime,
        pen: str,
        lifeline: int | None,
        guard: Guard,
        withheld: Collection[str] = (),
    ) -> None:
        """`pen`: a URL, or "auto" for the first USB serial port at which a pen answers.

        `withheld`: grants of the system that are not asked for (`control.grants`), to measure what each is worth.
        Raises RingError or OSError for a bad runtime folder.
        """
        self._ring = Ring(runtime.ring)
        self._pen = pen
        self._written = 0
        self._stops_seen = self._ring.stop_count
        self._opener = ThreadPoolExecutor(1)
        station = Station(
            id=secrets.token_hex(4),
            zones=shipped_zones(),
            versions={"pencontrol": version("pencontrol"), "vocabulary": str(VOCABULARY), "python": sys.version.split()[0]},
            mono_ns=time.monotonic_ns,
            utc_ns=time.time_ns,
            nonce=lambda: secrets.randbits(32),
            publish_sample=self._publish_sample,
            heartbeat=self._ring.heartbeat,
            stop_count=lambda: self._ring.stop_count,
            disk_free_bytes=lambda: self._recorder.free_bytes,
        )
        self._grants = Grants(withheld)
        station.scheduling = self._grants.words
        told = self._ring.read_snapshot()  # of the control process before this one
        station.numbing = told.numbing if told is not None else None
        self._control = Control(station, guard)
        self._station = station
        self._desk = Desk(self._control, _session_id, self._search)
        self._selector = selectors.DefaultSelector()
        self._stop_pipe = StopPipe(runtime.stop_pipe)
        self._commands = listen(runtime.commands)
        self._feed = listen(runtime.feed)
        self._recorder = RecorderLine(self._control, self._selector)
        self._screens: dict[int, Screen] = {}
        self._port: OpenPort | None = None
        self._opening: Future[Transport] | None = None
        self._open_again_ns = 0
        self._snapshot_ns = 0
        self._ending = False
        self._selector.register(self._stop_pipe, selectors.EVENT_READ, "stop")
        self._selector.register(self._commands, selectors.EVENT_READ, "commands")
        self._selector.register(self._feed, selectors.EVENT_READ, "feed")
        if lifeline is not None:
            self._selector.register(lifeline, selectors.EVENT_READ, "lifeline")
        signal.signal(signal.SIGTERM, lambda *_: self._end())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the launcher decides

    def run(self) -> None:
        """Until told to end; then STOP, the last words to the recorder, and out."""
        gc.collect()
        gc.freeze()
        self._grants.take()  # after every import: FIFO ends for a thread that works 200 ms without a pause
        while not self._ending:
            self._turn()
        self._goodbye()

    def _end(self) -> None:
        self._ending = True

    def _turn(self) -> None:
        now_ns = time.monotonic_ns()
        wait_ns = self._control.next_due_ns(now_ns) - now_ns
        ready = self._selector.select(max(0, wait_ns) / 1e9)
        self._look_at_stop()
        for key, mask in sorted(ready, key=lambda item: item[0].data != "pen"):
            self._serve(key, mask)
        now_ns = time.monotonic_ns()
        self._tend_port(now_ns)
        self._control.tick(now_ns)
        self._recorder.flush(time.monotonic_ns())
        self._show(now_ns)

    def _look_at_stop(self) -> None:
        stops = self._ring.stop_count
        if stops != self._stops_seen:
            self._stops_seen = stops
            self._control.on_stop_pressed(time.monotonic_ns())

    def _serve(self, key: selectors.SelectorKey, mask: int) -> None:
        now_ns = time.monotonic_ns()
        if key.data == "pen":
            self._read_pen()
        elif key.data == "stop":
            self._stop_pipe.drain()
            self._look_at_stop()
        elif key.data == "commands":
            peer = accept(self._commands)
            if peer is not None:
                self._screens[peer.fileno()] = Screen(peer)
                self._selector.register(peer, selectors.EVENT_READ, "screen")
        elif key.data == "feed":
            peer = accept(self._feed)
            if peer is not None:
                self._recorder.take(peer, now_ns)
        elif key.data == "recorder":
            self._recorder.serve(mask, now_ns)
        elif key.data == "screen":
            self._read_screen(self._screens[key.fd], now_ns)
        elif key.data == "lifeline":
            self._ending = True

    def _read_pen(self) -> None:
        port = self._port
        if port is None:
            return
        for _ in range(READS_A_TURN):
            try:
                data = port.transport.read()
            except LinkClosed as error:
                self._drop_port(port.closed or str(error), time.monotonic_ns())
                return
            if not data:
                return
            self._control.on_bytes(data, time.monotonic_ns())

    def _read_screen(self, screen: Screen, now_ns: int) -> None:
        data = read_some(screen.peer)
        lines = [] if data is None else screen.lines(data)
        for line in lines or []:
            answer, instance = self._desk.answer(line, now_ns)
            screen.instance = instance or screen.instance
            if not screen.say(answer):
                data = None
        if data is None or lines is None:
            self._selector.unregister(screen.peer)
            del self._screens[screen.peer.fileno()]
            screen.peer.close()
            if screen.instance:
                self._control.screen_lost(screen.instance, now_ns)

    # the port

    def _search(self) -> None:
        self._open_again_ns = 0

    def _drop_port(self, why: str, now_ns: int) -> None:
        """The pen is gone. Its number is forgotten at once: the next thing that is opened may get the same one."""
        port, self._port = self._port, None
        if port is None:
            return
        with contextlib.suppress(KeyError):
            self._selector.unregister(port.number)
        port.transport.close()
        self._open_again_ns = now_ns + REOPEN_NS
        self._control.pen_closed(why, now_ns)

    def _tend_port(self, now_ns: int) -> None:
        """Open the port when there is none; let go of one that is broken. Opening happens in a thread of its own."""
        port = self._port
        if port is not None:
            if port.closed or self._station.line is None:
                self._drop_port(port.closed or "the pen is gone", now_ns)
            return
        if self._opening is None:
            if now_ns >= self._open_again_ns:
                self._opening = self._opener.submit(open_pen, self._pen)
            return
        if not self._opening.done():
            return
        opening, self._opening = self._opening, None
        self._open_again_ns = now_ns + REOPEN_NS
        try:
            transport = opening.result()
        except OpenFailed as error:
            self._control.pen_missing(str(error), now_ns)
            return
        self._port = OpenPort(transport)
        self._selector.register(self._port.number, selectors.EVENT_READ, "pen")
        self._control.pen_opened(transport.url, self._port, now_ns)

    # the screen

    def _publish_sample(self, values: tuple[int, ...]) -> bytes:
        self._ring.write_sample(self._written, values)
        self._written += 1
        return _TRACE.pack(*values)

    def _show(self, now_ns: int) -> None:
        station = self._station
        if not station.changed and now_ns - self._snapshot_ns < SNAPSHOT_NS:
            return
        armed = station.state in (State.ARMING, State.RUNNING, State.STOPPING)
        self._grants.armed(armed)
        (gc.disable if armed else gc.enable)()  # one collection takes up to 0.4 ms; a run makes next to no garbage in rings
        station.changed = False
        self._snapshot_ns = now_ns
        self._ring.write_snapshot(snapshot_of(station, now_ns))

    def _goodbye(self) -> None:
        """STOP, wait briefly for proof, close the session as interrupted, and let the recorder have it all."""
        now_ns = time.monotonic_ns()
        self._control.shut_down(now_ns)
        end_ns = now_ns + GOODBYE_NS
        while now_ns < end_ns and (self._station.run is not None or not self._station.outbox.empty):
            self._turn()
            now_ns = time.monotonic_ns()
        if self._port is not None:
            self._port.transport.close()


def _session_id() -> str:
    return f"S-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2).upper()}"


def main(arguments: list[str], guard: Guard = judge, withheld: Collection[str] = ()) -> int:
    """Run control until it is told to end; returns the exit code. `guard` and `withheld` are for tests and benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m pencontrol.control", description="The control process of one chair.")
    parser.add_argument("--runtime", required=True, type=Path)
    parser.add_argument("--pen", required=True)
    parser.add_argument("--lifeline", type=int)
    options = parser.parse_args(arguments)
    ControlProcess(Runtime(options.runtime), options.pen, options.lifeline, guard, withheld).run()
    return 0
