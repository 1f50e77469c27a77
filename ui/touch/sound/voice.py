"""The sound process as the screen knows it: words in, word of the device out, nothing that waits. I/O, no Qt."""

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

log = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "ui.touch.sound")
S = 1_000_000_000
FIRST_WORD_NS = 10 * S  # a slow machine may take so long to start it
SILENT_NS = 13 * S  # it probes every 5 s and gives up after 4
PAUSES_NS = (1 * S, 2 * S, 4 * S, 8 * S, 15 * S)  # before it is started again


class Voice(Protocol):
    """Something that plays sounds by name."""

    @property
    def device(self) -> str | None:
        """What sound comes out of; empty: none is there; None: not known yet."""
        ...

    @property
    def why(self) -> str:
        """Why there is none."""
        ...

    def say(self, word: str) -> None:
        """Send one word; lost when there is nobody to hear it."""
        ...

    def poll(self, now_ns: int) -> None:
        """Take in what is known by now; call it at every frame."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Process:
    """Starts the sound process, again and again while there is no sound, and kills one that hangs."""

    def __init__(self, command: Sequence[str] = COMMAND, start: Callable[..., "subprocess.Popen[bytes]"] = subprocess.Popen):
        """`start` makes the process: another one than Popen is for tests."""
        self.device: str | None = None
        self.why = ""
        self._command, self._start = list(command), start
        self._process: subprocess.Popen[bytes] | None = None
        self._held = b""
        self._again_ns = 0
        self._heard_by_ns = 0
        self._tries = 0

    def say(self, word: str) -> None:
        """Send one word; lost when there is nobody to hear it."""
        process = self._process
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError):  # a full pipe belongs to a process that hangs: `poll` ends it
            os.write(process.stdin.fileno(), word.encode("ascii") + b"\n")

    def poll(self, now_ns: int) -> None:
        """Start, listen, kill."""
        if self._process is None:
            if now_ns >= self._again_ns:
                self._begin(now_ns)
            return
        if self._listen(now_ns):
            if now_ns > self._heard_by_ns:
                self._end("the sound process does not answer", now_ns)
        else:
            self._end(self.why or "the sound process ended", now_ns)

    def close(self) -> None:
        """End it; the end of its input is enough, unless it hangs."""
        process, self._process = self._process, None
        if process is not None:
            _let_go(process)

    def _begin(self, now_ns: int) -> None:
        try:
            process = self._start(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            self._none(f"the sound process cannot be started: {error}", now_ns)
            return
        for end in (process.stdin, process.stdout):
            if end is not None:
                os.set_blocking(end.fileno(), False)
        self._process, self._held = process, b""
        self._heard_by_ns = now_ns + FIRST_WORD_NS

    def _listen(self, now_ns: int) -> bool:
        """False: its output has ended."""
        process = self._process
        if process is None or process.stdout is None:
            return False
        try:
            data = os.read(process.stdout.fileno(), 4096)
        except BlockingIOError:
            return True
        except OSError:
            return False
        *lines, self._held = (self._held + data).split(b"\n")
        self._held = self._held[-4096:]
        for line in lines:
            self._take(line.decode("utf-8", "replace"), now_ns)
        return bool(data)

    def _take(self, line: str, now_ns: int) -> None:
        word, _, rest = line.partition(" ")
        if word == "DEVICE":
            self._heard_by_ns = now_ns + SILENT_NS
            self._tries = 0
            self.device, self.why = rest[:80] or "?", ""
        elif word == "NONE":
            self.device, self.why = "", rest[:160]

    def _end(self, why: str, now_ns: int) -> None:
        process, self._process = self._process, None
        if process is not None:
            _let_go(process)
        self._none(why, now_ns)

    def _none(self, why: str, now_ns: int) -> None:
        if self.device != "" or self.why != why:
            log.warning("no sound: %s", why)
        self.device, self.why = "", why
        self._again_ns = now_ns + PAUSES_NS[min(self._tries, len(PAUSES_NS) - 1)]
        self._tries += 1


def _let_go(process: "subprocess.Popen[bytes]") -> None:
    for end in (process.stdin, process.stdout):
        if end is not None:
            with contextlib.suppress(OSError):
                end.close()
    process.kill()  # it holds nothing that could be lost
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.5)
