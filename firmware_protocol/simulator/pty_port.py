"""A pseudo terminal as the simulated pen's port; POSIX only. HUP is its DTR (pen-link.md, "Serial port truths")."""

import contextlib
import os
import select
import termios
import tty

from firmware_protocol.simulator.ports import READ_BYTES, Gone


class PtyPort:
    """A pseudo terminal; `url` is the path a host opens, any number of times."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        self.url = os.ttyname(slave)
        self._present = False
        tty.setraw(slave)
        tty.setraw(self._master)
        os.close(slave)
        os.set_blocking(self._master, False)
        self._watch = select.poll()
        self._watch.register(self._master, select.POLLIN)

    @property
    def present(self) -> bool:
        """Has a host the other end open?"""
        return self._present

    def readers(self) -> list[int]:
        """The master, while a host has the other end open."""
        return [self._master] if self.present else []

    def poll(self) -> bytes:
        """As Port; what the host wrote before it closed still counts."""
        events = dict(self._watch.poll(0)).get(self._master, 0)
        if not self._present:
            if events & select.POLLHUP:
                return b""
            self._present = True
            tty.setraw(self._master)
        if events & select.POLLIN:
            with contextlib.suppress(OSError):
                data = os.read(self._master, READ_BYTES)
                if data:
                    return data
        if events & select.POLLHUP:
            self._lose()
        return b""

    def write(self, data: bytes) -> int:
        """As Port."""
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0
        except OSError:
            self._lose()
            return 0

    def close(self) -> None:
        """As Port."""
        os.close(self._master)

    def _lose(self) -> None:
        self._present = False
        with contextlib.suppress(termios.error):
            termios.tcflush(self._master, termios.TCIOFLUSH)  # stale telemetry must not greet the next host
        raise Gone
