"""Runs the simulated pen in real time at the end of a pty or TCP port. The shell: clock, select, signals; no rule of the pen.

One period is 1 ms of the monotonic clock, stepped in halves while the pen streams at 2 kHz. After a stall the periods that
were missed are stepped one by one; after a very long one (a suspended computer) the pen is told the time, and counts what
it never sent as dropped.
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

from firmware_protocol.simulator.cable import Cable
from firmware_protocol.simulator.device import Device
from firmware_protocol.simulator.keys import Keys
from firmware_protocol.simulator.ports import Gone, Port, TcpPort
from firmware_protocol.simulator.scenario import Scenario, load_scenario
from firmware_protocol.simulator.side import SideChannel
from firmware_protocol.simulator.storage import FileStorage

HALF_NS = 500_000
LONGEST_CATCH_UP_HALVES = 1000
LOOK_NS = 20_000_000  # a pty without a host is always readable with an error: it is asked only so often
U32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. `tcp` None means a pty; `seed` None means the scenario's, or 0; `faults` hold from the start.

    `storage`: the file that keeps calibration and parameters; None: a factory pen at every start.
    """

    tcp: tuple[str, int] | None = None
    seed: int | None = None
    scenario: Path | None = None
    faults: tuple[tuple[str, float], ...] = ()
    practice: bool = False
    side: Path | None = None
    storage: Path | None = None


class Server:
    """One device, one port, perhaps one side channel. `turn` does what is due and returns."""

    def __init__(self, options: Options, announce: Callable[[str], None], keys: Keys | None = None) -> None:
        """Opens everything and announces the URL; `keys` is where a person types. Raises ScenarioError, FaultError or OSError."""
        scenario = load_scenario(options.scenario) if options.scenario else Scenario()
        seed = options.seed if options.seed is not None else scenario.seed or 0
        storage = FileStorage(options.storage) if options.storage else None
        self.device = Device(seed, secrets.randbits(32), scenario, options.practice, storage)
        for name, value in options.faults:
            self.device.begin_fault(name, value)
        self._cable = Cable(seed, self.device.faults)
        self._tcp = options.tcp
        self._announce = announce
        self._unsent = b""
        self._port: Port | None = None
        self._side = SideChannel(options.side) if options.side else None
        self._keys = keys
        try:
            self._port = self._open()
        except OSError:
            self.close()
            raise
        self._start_ns = time.monotonic_ns()
        self._halves = 0
        self._look_ns = 0  # when to look for a host; reset as soon as the port has something

    def turn(self) -> None:
        """Step what is due, hear, answer, and wait for the next of either."""
        self._catch_up(time.monotonic_ns())
        if self.device.plugged_in == (self._port is None):
            self._change_plug()
        self._exchange()
        wait_s = max(0, self._due_ns() - time.monotonic_ns()) / 1e9
        readers: list[int | socket.socket] = [*self._port.readers()] if self._port else []
        if self._side:
            readers += self._side.readers()
        if self._keys and not self._keys.ended:
            readers.append(self._keys.descriptor)
        ready, _, _ = select.select(readers, [], [], wait_s)
        for side in ready:
            if self._side and isinstance(side, socket.socket):
                self._side.serve(side, self.device, time.monotonic_ns(), self.url)
            elif self._keys and side == self._keys.descriptor:
                self._keys.serve(self.device)
            else:
                self._look_ns = 0

    def close(self) -> None:
        """Let go of port and side channel."""
        if self._port:
            self._port.close()
        if self._side:
            self._side.close()

    def _due_ns(self) -> int:
        """When the next step is due: a half one only while the pen asks for it."""
        ahead = 1 if self.device.half_steps else 2 - self._halves % 2
        return self._start_ns + (self._halves + ahead) * HALF_NS

    def _catch_up(self, now_ns: int) -> None:
        behind = (now_ns - self._start_ns) // HALF_NS - self._halves
        if behind > LONGEST_CATCH_UP_HALVES:
            self._halves += (behind - 2) // 2 * 2
            behind = (now_ns - self._start_ns) // HALF_NS - self._halves
        for _ in range(behind):
            self._halves += 1
            step = self.device.step if self._halves % 2 == 0 else self.device.half_step if self.device.half_steps else None
            if step:
                step(self._halves * HALF_NS // 1000 & U32, time.monotonic_ns())

    def _now_us(self, mono_ns: int) -> int:
        """The pen's clock, never ahead of the step that comes next."""
        return (min(mono_ns, self._due_ns() - 1) - self._start_ns) // 1000 & U32

    def _exchange(self) -> None:
        """Hear the host where it may have spoken, and send what the pen has to say."""
        port = self._port
        if port is None:
            self.device.take_output()
            return
        mono_ns = time.monotonic_ns()
        try:
            self._hear(port, mono_ns)
            if not port.present:
                self.device.take_output()
                return
            self._send(port, mono_ns // 1000)
        except Gone:
            self._unsent = b""
            self._cable.clear()
            self.device.link_lost(self._now_us(mono_ns), mono_ns)

    def _hear(self, port: Port, mono_ns: int) -> None:
        if mono_ns >= self._look_ns:
            self._cable.to_pen.put(port.poll(), mono_ns // 1000)
            self._look_ns = mono_ns + LOOK_NS
        data = self._cable.to_pen.take(mono_ns // 1000)
        if data:
            self.device.receive(data, self._now_us(mono_ns), mono_ns)

    def _send(self, port: Port, now_us: int) -> None:
        if not self._unsent:
            self._cable.to_host.put(self.device.take_output(), now_us)
            self._unsent = self._cable.to_host.take(now_us)
        if self._unsent:
            taken = port.write(self._unsent[: self._cable.host_takes(len(self._unsent), now_us)])
            self._cable.host_took(taken)
            self._unsent = self._unsent[taken:]

    def _change_plug(self) -> None:
        """The cable was pulled or put back."""
        mono_ns = time.monotonic_ns()
        if self._port is None:
            self._port = self._open()
            return
        self._port.close()
        self._port = None
        self._unsent = b""
        self._cable.clear()
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


def run_server(options: Options, announce: Callable[[str], None] = print_url, keys: Keys | None = None) -> None:
    """Run the simulated pen until SIGINT or SIGTERM. `announce` gets the URL, and each new one after a `disconnect`.

    Raises ScenarioError, FaultError or OSError before the first URL where the options cannot be met.
    """
    stopped = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
    server = Server(options, announce, keys)
    with contextlib.closing(server):
        while not stopped.is_set():
            server.turn()
