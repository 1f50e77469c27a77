#!/usr/bin/env python3
"""A pen unplugged during each of read, write, in_waiting, flush and close, 50 times each: LinkClosed in 100 ms, reopen works."""

import contextlib
import os
import pathlib
import random
import select
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import serial

from firmware_protocol import transport
from firmware_protocol.transport import LinkClosed, Transport, open_transport

TIMES = 50
LIMIT_MS = 100.0
UNPLUG_WITHIN_S = 0.004  # so that it falls before, into and after the call


class Socket:
    """Where a pen is plugged in: a name that stays, behind it a new pty each time."""

    def __init__(self, folder: str) -> None:
        self.path = pathlib.Path(folder, "pen")
        self.master = -1

    def plug_in(self) -> None:
        """Another pty under the same name."""
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        os.close(slave)

    def unplug(self) -> None:
        """The pen's end falls."""
        os.close(self.master)


def polled(path: str) -> Transport:
    """The way of Windows, over pyserial's own port: its reader lives on read and in_waiting."""
    return transport._polled_transport(path, serial.Serial(path, 115_200, timeout=0, write_timeout=0, exclusive=True))


def reading(line: Transport) -> None:
    """Waits for bytes that do not come."""
    while True:
        select.select([line], [], [], 1)
        line.read()


def writing(line: Transport) -> None:
    """A DRIVE's worth again and again; nobody waits in between."""
    while True:
        line.write(bytes(32))
        select.select([], [], [], 0.00005)


def stuck(line: Transport) -> None:
    """A pen that does not read: the write fails, and closing throws the unsent bytes away (the flush)."""
    with contextlib.suppress(LinkClosed):
        while True:
            line.write(bytes(4096))
    closing(line)


def closing(line: Transport) -> None:
    """Lets DTR fall and closes; what it then is to everybody else is a LinkClosed."""
    line.drop_dtr()
    line.close()
    line.read()


MOMENTS: dict[str, tuple[Callable[[str], Transport], Callable[[Transport], None]]] = {
    "read": (open_transport, reading),
    "write": (open_transport, writing),
    "in_waiting": (polled, reading),
    "flush": (open_transport, stuck),
    "close": (open_transport, closing),
}


def one_reader(line: Transport, socket: Socket) -> bool:
    """Does every byte that the pen sends come to this transport, once and in order?"""
    sent = bytes(range(256)) * 4
    os.write(socket.master, sent)
    heard = b""
    while len(heard) < len(sent) and select.select([line], [], [], 1)[0]:
        heard += line.read()
    return heard == sent


def unplug_once(socket: Socket, name: str, dice: random.Random) -> float:
    """Milliseconds from the later of unplugging and beginning the call until LinkClosed. Raises AssertionError."""
    opened, act = MOMENTS[name]
    socket.plug_in()
    line = opened(str(socket.path))
    assert one_reader(line, socket), "a byte was lost, or read by another"
    delay_s = dice.uniform(0, UNPLUG_WITHIN_S)
    fell_ns: list[int] = []

    def unplug() -> None:
        time.sleep(delay_s)
        fell_ns.append(time.monotonic_ns())
        socket.unplug()

    hand = threading.Thread(target=unplug)
    began_ns = time.monotonic_ns()
    hand.start()
    try:
        act(line)
    except LinkClosed:
        ended_ns = time.monotonic_ns()
    hand.join()
    line.close()
    for call in (line.read, line.fileno, lambda: line.write(b"x")):
        try:
            call()
        except LinkClosed:
            continue
        raise AssertionError("the old transport still takes calls")
    return (ended_ns - max(began_ns, min(fell_ns[0], ended_ns))) / 1e6 if name != "close" else (ended_ns - began_ns) / 1e6


def handles() -> int:
    """Open files of this process."""
    return len(list(pathlib.Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


def prove(times: int) -> tuple[dict[str, float], int, int]:
    """Slowest LinkClosed by moment in ms; threads and open files that were left."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        socket = Socket(folder)
        threads, files = threading.active_count(), handles()
        slowest = {name: max(unplug_once(socket, name, dice) for _ in range(times)) for name in MOMENTS}
        return slowest, threading.active_count() - threads, handles() - files


def main() -> int:
    """All five, and what is left of them."""
    slowest, threads, files = prove(TIMES)
    kept = max(slowest.values()) < LIMIT_MS and threads == 0 and files == 0
    figures = ", ".join(f"{name} {ms:.1f} ms" for name, ms in slowest.items())
    print(
        f"unplugged {TIMES} times each, slowest LinkClosed: {figures} (limit {LIMIT_MS:.0f} ms); reopened {TIMES * len(slowest)}"
        f" of {TIMES * len(slowest)} with one reader; threads left {threads}, files left {files}: {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
