"""A screen without a face: heartbeat, STOP, commands and snapshots over the same ring and sockets as the touchscreen. I/O."""

import contextlib
import json
import os
import socket
import time

from pencontrol.control.commands import Command, Hello
from pencontrol.control.ring import Ring
from pencontrol.control.snapshot import Snapshot
from pencontrol.runtime import Runtime

CONNECT_S = 5.0


class ChairError(Exception):
    """Control is not there or does not answer: one plain sentence."""


class Chair:
    """One instance of a screen. Call `beat` at least every 100 ms while the pen is armed."""

    def __init__(self, runtime: Runtime, ring: Ring, instance: int) -> None:
        self.instance = instance
        self.beats = 0
        self._runtime = runtime
        self._ring = ring
        self._number = 0
        self._socket: socket.socket | None = None
        self._held = b""
        self._answers: dict[int, str] = {}
        self._stop = -1

    def connect(self, timeout_s: float = CONNECT_S) -> None:
        """Reach control and say hello. Raises ChairError when it does not listen in time."""
        self.close()
        deadline = time.monotonic() + timeout_s
        while True:
            peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                peer.connect(str(self._runtime.commands))
                break
            except OSError:
                peer.close()
                if time.monotonic() > deadline:
                    raise ChairError("the control process does not listen") from None
                self.beat()
                time.sleep(0.02)
        peer.setblocking(False)
        self._socket = peer
        self.say(Hello(number=self.next_number(), instance=self.instance))

    def next_number(self) -> int:
        """For the next command."""
        self._number += 1
        return self._number

    def beat(self) -> None:
        """Sign of life."""
        self.beats += 1
        self._ring.beat(self.instance, self.beats, time.monotonic_ns())

    def say(self, command: Command) -> None:
        """Send one command line. Raises ChairError when control is gone."""
        if self._socket is None:
            raise ChairError("not connected to the control process")
        try:
            self._socket.sendall(command.model_dump_json().encode() + b"\n")
        except OSError:
            self.close()
            raise ChairError("the control process is gone") from None

    def answer(self, number: int) -> str | None:
        """Control's answer to command `number`: "" for done, a sentence for refused, None while there is none."""
        self._receive()
        return self._answers.pop(number, None)

    def press_stop(self) -> None:
        """The STOP button: counter and wake pipe, behind nothing."""
        self._ring.count_stop()
        if self._stop < 0:
            self._stop = os.open(self._runtime.stop_pipe, os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            os.write(self._stop, b"s")

    @property
    def stops(self) -> int:
        """The STOP counter as it stands now."""
        return self._ring.stop_count

    def snapshot(self) -> Snapshot | None:
        """Control's truth, as the ring has it."""
        return self._ring.read_snapshot()

    @property
    def connected(self) -> bool:
        """Is there a socket to control?"""
        self._receive()
        return self._socket is not None

    def close(self) -> None:
        """Let go of control; it notices."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._held = b""
        if self._stop >= 0:
            os.close(self._stop)
            self._stop = -1

    def _receive(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.close()
                return
            *lines, self._held = (self._held + data).split(b"\n")
            for line in lines:
                answer = json.loads(line)
                self._answers[answer["number"]] = "" if answer["ok"] else str(answer["error"])
