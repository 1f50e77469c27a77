"""The recorder process: `python -m sessions.recorder --feed SOCKET --home DIR [--lifeline FD]`. I/O.

Connects to control's socket, stores what comes, and acknowledges after the commit. It reports on stderr, one line each,
and names streams and numbers there, never people. Exit codes: 0 told to end, 1 the store cannot be opened, 2 wrong use.
"""

import argparse
import contextlib
import os
import shutil
import socket
import sys
import time
from pathlib import Path

from sessions.feed import ROOM_EVERY_S, FeedError
from sessions.recording.intake import Intake, Received, acknowledgements, describe, place, ready, room
from sessions.recording.latency import Latency
from sessions.recording.waiting import Ending, Waiter
from sessions.store import StoreError, open_store
from sessions.store.writing import Outcome, Writer

CONTROL_LOST = "control process lost"
LEFT_OPEN = "left open by an earlier run: the station ended before the session did"
_RETRY_S = 0.05  # control's alarm comes after 1 s without an acknowledgement
_PAUSE_S = 0.25  # after a failure that trying again at once would only repeat
_READ_BYTES = 1 << 18
_SEND_TIMEOUT_S = 2.0
_LAST_WORDS_S = 1.5


class Recorder:
    """One connection after another, one writer."""

    def __init__(self, feed: Path, home: Path, writer: Writer, waiter: Waiter) -> None:
        """`home`: the folder on the record's disk."""
        self.latency = Latency()
        self._feed = feed
        self._home = home
        self._writer = writer
        self._waiter = waiter
        self._refused: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Serve control until told to end. Raises Ending."""
        while True:
            sock = self._connect()
            try:
                self._serve(sock)
                pause_s = _RETRY_S
            except (FeedError, StoreError, OSError) as error:
                report(f"connection given up: {error}")
                pause_s = _PAUSE_S
            finally:
                sock.close()
            self._waiter.readable(None, pause_s)

    def _connect(self) -> socket.socket:
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(_SEND_TIMEOUT_S)
            try:
                sock.connect(str(self._feed))
            except OSError:
                sock.close()
                self._waiter.readable(None, _RETRY_S)
            else:
                return sock

    def _serve(self, sock: socket.socket) -> None:
        """One connection, to its end."""
        intake = Intake()
        self._refused.clear()
        greeted = False
        told_s = time.monotonic()
        while True:
            if greeted and time.monotonic() - told_s >= ROOM_EVERY_S:
                told_s = time.monotonic()
                _send(sock, room(free_bytes(self._home)))
            try:
                if not self._waiter.readable(sock, ROOM_EVERY_S):
                    continue
            except Ending:
                if self._drain(sock, intake) and greeted:
                    self._close_open("", CONTROL_LOST)
                raise
            data = _read(sock)
            if not data:
                if greeted:
                    self._close_open("", CONTROL_LOST)
                return
            received = intake.take(data)
            greeted = greeted or received.hello is not None
            self._handle(sock, received)

    def _drain(self, sock: socket.socket, intake: Intake) -> bool:
        """Control's last words: the same end reaches it, and it closes its session. True when it has said all."""
        give_up_s = time.monotonic() + _LAST_WORDS_S
        try:
            while (left_s := give_up_s - time.monotonic()) > 0:
                sock.settimeout(left_s)
                data = _read(sock)
                if not data:
                    return True
                _send(sock, self._store(intake.take(data)))
        except TimeoutError:
            pass
        except (OSError, FeedError, StoreError) as error:
            report(f"not everything was stored at the end: {error}")
        return False

    def _handle(self, sock: socket.socket, received: Received) -> None:
        if received.hello is not None:
            self._close_open(received.hello.live, LEFT_OPEN)
            _send(sock, room(free_bytes(self._home)) + ready(str(os.getpid())))
        _send(sock, self._store(received))

    def _store(self, received: Received) -> bytes:
        """Commit, and return the acknowledgements."""
        if not received.items:
            return b""
        begin = time.perf_counter_ns()
        outcomes = self._writer.write(received.items)
        self.latency.add(time.perf_counter_ns() - begin)
        for outcome in outcomes:
            if not outcome.on_record:
                self._refused.add(_channel(outcome))
                report(f"NOT STORED, not acknowledged: {outcome.why} {describe(outcome.item)}")
        # An acknowledgement stands for all before it: after a refusal there is none for that stream until control comes anew.
        return acknowledgements([outcome for outcome in outcomes if _channel(outcome) not in self._refused])

    def _close_open(self, live: str, reason: str) -> None:
        for session in self._writer.close_open(live, reason, time.time_ns(), time.monotonic_ns()):
            report(f"session {session} closed as INTERRUPTED: {reason}")


def _channel(outcome: Outcome) -> tuple[str, str]:
    """Events, blocks and tape of a stream are numbered, and acknowledged, apart."""
    return outcome.item.stream, place(outcome.item)[0]


def free_bytes(folder: Path) -> int:
    """Room on the disk of `folder`; a disk that cannot be asked has none."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _read(sock: socket.socket) -> bytes:
    try:
        return sock.recv(_READ_BYTES)
    except ConnectionResetError:
        return b""  # killed with our acknowledgements unread: the same end


def _send(sock: socket.socket, data: bytes) -> None:
    # Control gone while we answer: what it sent before is still to be read and stored, then the read says so.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        sock.sendall(data)


def report(words: str) -> None:
    """One line on stderr."""
    print(f"recorder: {words}", file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Run until told to end; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sessions.recorder", description="Stores what control reports.")
    parser.add_argument("--feed", required=True, type=Path, help="control's Unix socket; waited for until it is there")
    parser.add_argument("--home", required=True, type=Path, help="folder of records.sqlite; made when missing")
    parser.add_argument("--lifeline", type=int, help="file descriptor; the recorder ends when it is closed (0: stdin)")
    args = parser.parse_args(argv)
    waiter = Waiter(args.lifeline)
    waiter.watch_signals()
    try:
        store = open_store(args.home)
    except StoreError as error:
        report(str(error))
        return 1
    with store:
        recorder = Recorder(args.feed, args.home, Writer(store), waiter)
        try:
            recorder.run()
        except Ending as ending:
            report(f"ended by {ending}; {recorder.latency.told()}")
        finally:
            waiter.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
