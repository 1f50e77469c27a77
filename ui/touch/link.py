"""The command socket to control: JSON lines, non-blocking, polled by the frame tick. Reconnects by itself; knows no Qt."""

import json
import logging
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pencontrol.control.commands import MAX_LINE_BYTES, Command

log = logging.getLogger(__name__)
RETRY_NS = 250_000_000
_READ_BYTES = 65536


@dataclass(frozen=True)
class Answer:
    """Control's answer to one command."""

    number: int
    do: str
    ok: bool
    error: str = ""


class CommandLink:
    """One connection at a time. What was not sent when it broke is forgotten: an old wish must not reach a new control."""

    def __init__(self, path: Path, greet: Callable[[int], Command]) -> None:
        self._path = path
        self._greet = greet
        self._socket: socket.socket | None = None
        self._waiting: deque[bytes] = deque()
        self._held = b""
        self._number = 0
        self._asked: dict[int, str] = {}
        self._try_at_ns = 0

    @property
    def up(self) -> bool:
        """Whether control is at the other end."""
        return self._socket is not None

    def next_number(self) -> int:
        """The number for the next command."""
        self._number += 1
        return self._number

    def send(self, command: Command) -> bool:
        """Queue and try to send; False when there is nobody to send to."""
        if self._socket is None:
            return False
        self._asked[command.number] = str(getattr(command, "do", ""))
        self._waiting.append(command.model_dump_json().encode() + b"\n")
        self._flush()
        return self.up

    def forget_unsent(self) -> None:
        """Drop whole lines that have not left yet: after STOP no older wish may follow."""
        while len(self._waiting) > 1:
            self._waiting.pop()

    def unsent(self) -> int:
        """Lines that wait, one of them perhaps half sent."""
        return len(self._waiting)

    def poll(self, now_ns: int) -> list[Answer]:
        """Connect, send and read what is possible without waiting; the answers that came."""
        if self._socket is None:
            if now_ns < self._try_at_ns:
                return []
            self._try_at_ns = now_ns + RETRY_NS
            self._connect()
        self._flush()
        return self._read()

    def close(self) -> None:
        """Hang up."""
        self._drop("closed by the screen")

    def _connect(self) -> None:
        fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        fresh.setblocking(False)
        try:
            fresh.connect(str(self._path))
        except OSError:  # nobody there, or a full backlog: try again in a quarter of a second
            fresh.close()
            return
        self._socket = fresh
        self.send(self._greet(self.next_number()))

    def _flush(self) -> None:
        while self._socket is not None and self._waiting:
            line = self._waiting[0]
            try:
                sent = self._socket.send(line)
            except BlockingIOError:
                return
            except OSError as error:
                self._drop(str(error))
                return
            if sent < len(line):
                self._waiting[0] = line[sent:]
                return
            self._waiting.popleft()

    def _read(self) -> list[Answer]:
        answers: list[Answer] = []
        while self._socket is not None:
            try:
                data = self._socket.recv(_READ_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                self._drop(str(error))
                break
            if not data:
                self._drop("control hung up")
                break
            *lines, self._held = (self._held + data).split(b"\n")
            answers += [answer for line in lines if (answer := self._answer(line)) is not None]
            if len(self._held) > MAX_LINE_BYTES:
                self._drop(f"an answer of more than {MAX_LINE_BYTES} bytes")
        return answers

    def _answer(self, line: bytes) -> Answer | None:
        try:
            told = json.loads(line)
            number, ok = int(told["number"]), told["ok"] is True
            return Answer(number, self._asked.pop(number, ""), ok, str(told.get("error", "")))
        except (ValueError, KeyError, TypeError):
            log.error("control's answer is no answer: %r", line[:200])
            return None

    def _drop(self, why: str) -> None:
        if self._socket is not None:
            self._socket.close()
            log.warning("command link to control lost: %s", why)
        self._socket = None
        self._waiting.clear()
        self._asked.clear()
        self._held = b""
