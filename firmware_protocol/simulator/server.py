"""Runs the simulated pen in real time at the end of a pty or TCP port. The shell: clock, select, signals; no rule of the pen.

One period is 1 ms of the monotonic clock. After a stall the periods that were missed are stepped one by one; after a very
long one (a suspended computer) the pen is told the time, and counts what it never sent as dropped.
"""

import contextlib
import secrets
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firmware_protocol.simulator.device import Device
from firmware_protocol.simulator.ports import Gone, Port, TcpPort
from firmware_protocol.simulator.scenario import Scenario, load_scenario
from firmware_protocol.simulator.side import SideChannel

PERIOD_NS = 1_000_000
LONGEST_CATCH_UP_PERIODS = 500
LOOK_NS = 20_000_000  # a pty without a host is always readable with an error: it is asked only so often
U32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. `tcp` None means a pty; `seed` None means the scenario's, or 0; `faults` hold from the start."""

    tcp: tuple[str, int] | None = None
    seed: int | None = None
    scenario: Path | None = None
    faults: tuple[tuple[str, float], ...] = ()
    practice: bool = False
    side: Path | None = None


class Server:
    """One device, one port, perhaps one side channel. `turn` does what is due and returns."""

    def __init__(self, options: Options, announce: Callable[[str], None]) -> None:
        """Opens everything and announces the URL. Raises ScenarioError, FaultError or OSError."""
        scenario = load_scenario(options.scenario) if options.scenario else Scenario()
        seed = options.seed if options.seed is not None else scenario.seed or 0
        self.device = Device(seed, secrets.randbits(32), scenario, options.practice)
        for name, value in options.faults:
            self.device.begin_fault(name, value)
        self._tcp = options.tcp
        self._announce = announce
        self._unsent = b""
        self._cable: Port | None = None
        self._side = SideChannel(options.side) if options.side else None
        try:
            self._cable = self._open()
        except OSError:
            self.close()
            raise
        self._start_ns = time.monotonic_ns()
        self._periods = 0
        self._look_ns = 0  # when to look for a host; reset as soon as the port has something

    def turn(self) -> None:
        """Step what is due, hear, answer, and wait for the next of either."""
        self._catch_up(time.monotonic_ns())
        if self.device.plugged_in == (self._cable is None):
            self._change_plug()
        self._exchange()
        wait_s = max(0, self._due_ns() - time.monotonic_ns()) / 1e9
        readers: list[int | socket.socket] = [*self._cable.readers()] if self._cable else []
        if self._side:
            readers += self._side.readers()
        ready, _, _ = select.select(readers, [], [], wait_s)
        for side in ready:
            if self._side and isinstance(side, socket.socket):
                self._side.serve(side, self.device, time.monotonic_ns(), self.url)
            else:
                self._look_ns = 0

    def close(self) -> None:
        """Let go of port and side channel."""
        if self._cable:
            self._cable.close()
        if self._side:
            self._side.close()

    def _due_ns(self) -> int:
        return self._start_ns + (self._periods + 1) * PERIOD_NS

    def _catch_up(self, now_ns: int) -> None:
        behind = (now_ns - self._start_ns) // PERIOD_NS - self._periods
        if behind > LONGEST_CATCH_UP_PERIODS:
            self._periods += behind - 1
            behind = 1
        for _ in range(behind):
            self._periods += 1
            self.device.step(self._periods * PERIOD_NS // 1000 & U32, time.monotonic_ns())

    def _now_us(self, mono_ns: int) -> int:
        """The pen's clock, never ahead of the step that comes next."""
        return (min(mono_ns, self._due_ns() - 1) - self._start_ns) // 1000 & U32

    def _exchange(self) -> None:
        """Hear the host where it may have spoken, and send what the pen has to say."""
        cable = self._cable
        if cable is None:
            self.device.take_output()
            return
        mono_ns = time.monotonic_ns()
        try:
            if mono_ns >= self._look_ns:
                data = cable.poll()
                self._look_ns = mono_ns + LOOK_NS
                if data:
                    self.device.receive(data, self._now_us(mono_ns), mono_ns)
            if not cable.present:
                self.device.take_output()
                return
            self._unsent = self._unsent or self.device.take_output()
            if self._unsent:
                self._unsent = self._unsent[cable.write(self._unsent) :]
        except Gone:
            self._unsent = b""
            self.device.link_lost(self._now_us(mono_ns), mono_ns)

    def _change_plug(self) -> None:
        """The cable was pulled or put back."""
        mono_ns = time.monotonic_ns()
        if self._cable is None:
            self._cable = self._open()
            return
        self._cable.close()
        self._cable = None
        self._unsent = b""
        self.device.link_lost(self._now_us(mono_ns), mono_ns)

    def _open(self) -> Port:
        port: Port
        if self._tcp:
            port = TcpPort(*self._tcp)
            self._tcp = (self._tcp[0], int(port.url.rpartition(":")[2]))  # a port the system chose stays chosen
        else:
            from firmware_protocol.simulator.pty_port import PtyPort  # here, because Windows has none

            port = PtyPort()
        self.url = port.url
        self._announce(port.url)
        return port


def print_url(url: str) -> None:
    """One line on standard output, at once."""
    print(url, flush=True)


def run_server(options: Options, announce: Callable[[str], None] = print_url) -> None:
    """Run the simulated pen until SIGINT or SIGTERM. `announce` gets the URL, and each new one after a `disconnect`.

    Raises ScenarioError, FaultError or OSError before the first URL where the options cannot be met.
    """
    stopped = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
    server = Server(options, announce)
    with contextlib.closing(server):
        while not stopped.is_set():
            server.turn()
