"""Bytes to and from a pen: serial port, pty, TCP or Unix socket. Everything that fails ends as LinkClosed.

With discovery.py the only importer of pyserial. Non-blocking both ways; `fileno()` is for select or poll. One owner
reads, writes and closes a transport.
"""

import contextlib
import errno
import os
import select
import socket
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import serial

from firmware_protocol.windows_port import READ_WAIT_S, WindowsPort

if sys.platform == "win32":
    # AttributeError: pyserial's Windows port after close in another thread
    _FAILURES: tuple[type[Exception], ...] = (OSError, TypeError, ValueError, AttributeError)
else:
    import fcntl
    import termios
    import tty

    _FAILURES = (OSError, TypeError, ValueError, termios.error)

READ_BYTES = 4096
BAUD = 115_200  # without meaning over USB; never 1200, which starts the bootloader of many boards
CONNECT_SECONDS = 2.0
DRAIN_SECONDS = 0.05
DRAIN_QUIET_S = 0.005


class LinkClosed(Exception):
    """The connection is gone or torn: close it and open again. `reason` says in plain words what was seen."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OpenFailed(Exception):
    """The port could not be opened: one sentence with the port, what is wrong and what to try."""


class Transport:
    """An open connection. `url` is what it was opened by. Made by `open_transport`."""

    def __init__(
        self,
        url: str,
        fileno: Callable[[], int],
        receive: Callable[[int], bytes],
        send: Callable[[bytes], int | None],
        let_dtr_fall: Callable[[], None],
        close: Callable[[bool], None],
    ) -> None:
        """`receive` and `send` raise BlockingIOError where they would wait; `close` is told whether to drop unsent bytes."""
        self.url = url
        self._fileno = fileno
        self._receive = receive
        self._send = send
        self._let_dtr_fall = let_dtr_fall
        self._close = close
        self._closed = ""  # why, once it is
        self._released = False
        self._stuck = False

    def fileno(self) -> int:
        """The file descriptor to wait on. Raises LinkClosed after `close`."""
        self._need_open()
        try:
            return self._fileno()
        except _FAILURES as failure:
            raise self._fail(f"{self.url}: {failure}") from failure

    def read(self) -> bytes:
        """Up to 4096 bytes that have come, b"" when none have. Raises LinkClosed when the other end is gone."""
        self._need_open()
        try:
            data = self._receive(READ_BYTES)
        except BlockingIOError:
            return b""
        except _FAILURES as failure:
            raise self._fail(f"{self.url}: reading failed, the pen is unplugged or switched off ({failure})") from failure
        if not data:
            raise self._fail(f"{self.url}: the other end is gone, the pen is unplugged or switched off")
        return data

    def write(self, data: bytes) -> None:
        """Sends all of `data` without waiting. Raises LinkClosed when not every byte was taken: a torn link is a lost one."""
        self._need_open()
        try:
            taken = self._send(data) or 0
        except BlockingIOError:
            taken = 0
        except _FAILURES as failure:
            raise self._fail(f"{self.url}: writing failed, the pen is unplugged or switched off ({failure})") from failure
        if taken != len(data):
            raise self._fail(f"{self.url}: the pen has stopped reading, {taken} of {len(data)} bytes were taken")

    def drop_dtr(self) -> None:
        """Lets the modem line fall, which stops a pen. A pty or TCP pen has no such line: it sees `close`. Never raises.

        May hang with a sick driver: call it where that harms nobody.
        """
        if not self._released:
            with contextlib.suppress(*_FAILURES):
                self._let_dtr_fall()

    def close(self) -> None:
        """Gives the port back; again is harmless. After a failure unsent bytes are thrown away first: nobody takes them."""
        if self._released:
            return
        self._released = True
        self._closed = self._closed or f"{self.url}: closed by this program"
        with contextlib.suppress(*_FAILURES):
            self._close(self._stuck)

    def _need_open(self) -> None:
        if self._closed:
            raise LinkClosed(self._closed)

    def _fail(self, reason: str) -> LinkClosed:
        self._closed = reason
        self._stuck = True
        return LinkClosed(reason)


def open_transport(url: str) -> Transport:
    """Opens `/dev/ttyACM0`, `COM3`, `serial://` and either of them, a pty's path, `tcp://host:port` or `unix:///path`.

    What had come before is thrown away. Raises OpenFailed.
    """
    if url.startswith("tcp://"):
        return _open_tcp(url)
    if url.startswith("unix://"):
        return _open_unix(url, url.removeprefix("unix://"))
    path = url.removeprefix("serial://")
    if "://" in path or not path:
        raise OpenFailed(f"{url!r} is no address of a pen: give a port such as /dev/ttyACM0 or COM3, or tcp://host:port.")
    return _open_serial(url, path)


def _open_tcp(url: str) -> Transport:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise OpenFailed(f"{url!r} is no address of a pen: tcp needs a host and a port, such as tcp://127.0.0.1:7625.")
    try:
        line = socket.create_connection((host, port), CONNECT_SECONDS)
    except ConnectionRefusedError as failure:
        raise OpenFailed(f"{url}: nobody listens there; start the simulated pen, or check host and port.") from failure
    except TimeoutError as failure:
        raise OpenFailed(f"{url}: no answer within {CONNECT_SECONDS:.0f} s; check host, port and network.") from failure
    except OSError as failure:
        raise OpenFailed(f"{url}: cannot be reached ({failure.strerror or failure}); check host and network.") from failure
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _socket_transport(url, line)


def _open_unix(url: str, path: str) -> Transport:
    family = getattr(socket, "AF_UNIX", None)
    if family is None or not path.startswith("/"):
        raise OpenFailed(
            f"{url!r} is no address of a pen here: unix needs a whole path, such as unix:///run/pen, and no Windows."
        )
    line = socket.socket(family)
    try:
        line.connect(path)
    except OSError as failure:
        line.close()
        raise OpenFailed(f"{url}: nobody listens there ({failure.strerror or failure}); start the simulated pen.") from failure
    return _socket_transport(url, line)


def _socket_transport(url: str, line: socket.socket) -> Transport:
    line.setblocking(False)
    return Transport(url, line.fileno, line.recv, line.send, lambda: None, lambda stuck: line.close())


def _open_serial(url: str, path: str) -> Transport:
    port = None
    path = port_name(path, sys.platform)
    try:
        port = serial.Serial(path, BAUD, timeout=0, write_timeout=0, exclusive=True)
        return _serial_transport(url, port)
    except _FAILURES as failure:
        if port is not None:
            port.close()
        raise OpenFailed(_why_not(path, failure)) from failure


def port_name(path: str, platform: str) -> str:
    """The name to open. A Mac lists each port twice: opened as `tty.` it waits for a modem line that no pen raises."""
    return path.replace("/dev/tty.", "/dev/cu.", 1) if platform == "darwin" else path


def _polled_transport(url: str, port: serial.Serial) -> Transport:
    """Where a port is no file that can be waited on: Windows."""
    port.timeout = READ_WAIT_S
    pumped = WindowsPort(port, _FAILURES)
    return Transport(url, pumped.fileno, pumped.receive, pumped.send, lambda: _lower_dtr(port), pumped.close)


def _lower_dtr(port: serial.Serial) -> None:
    port.dtr = False


if sys.platform == "win32":
    _serial_transport = _polled_transport

else:

    def _serial_transport(url: str, port: serial.Serial) -> Transport:
        handle = port.fileno()
        # As root TIOCEXCL does not bind; pyserial's lock still does, among those who ask for it.
        fcntl.ioctl(handle, termios.TIOCEXCL)
        # Raw, and VMIN 1: an empty line is then EAGAIN, and only a line that is gone reads as nothing.
        tty.setraw(handle, termios.TCSANOW)
        _drain(handle)

        def close(stuck: bool) -> None:
            with contextlib.suppress(*_FAILURES):  # the device may be gone; what counts is the close below
                if stuck:  # else Linux waits for a pen that does not read, up to 30 s, and a Mac for ever
                    termios.tcflush(handle, termios.TCOFLUSH)
                fcntl.ioctl(handle, termios.TIOCNXCL)
            port.close()

        return Transport(
            url,
            port.fileno,
            lambda most: os.read(handle, most),
            lambda data: os.write(handle, data),
            lambda: _lower_dtr(port),
            close,
        )

    def _drain(handle: int) -> None:
        """Throws away what came before: until 5 ms are quiet, 50 ms at most (a pen that talks is never quiet)."""
        termios.tcflush(handle, termios.TCIFLUSH)
        end = time.monotonic() + DRAIN_SECONDS
        with contextlib.suppress(BlockingIOError):
            # select, not poll: a Mac's poll does not know terminals
            while time.monotonic() < end and select.select([handle], [], [], DRAIN_QUIET_S)[0]:
                if not os.read(handle, 65_536):
                    return  # gone already: the first read will say so


def _why_not(path: str, failure: Exception) -> str:
    """One sentence for a person: what is wrong with the port and what to try."""
    number = _error_number(failure) or _error_number(failure.__context__)
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV) or "FileNotFoundError" in str(failure):  # Windows gives no number
        return f"{path}: there is no such port; plug the pen in, or choose another port."
    if number in (errno.EBUSY, errno.EAGAIN) or (sys.platform == "win32" and "PermissionError" in str(failure)):
        return f"{path}: another program is using this port; close it and try again."
    if number in (errno.EACCES, errno.EPERM):
        return f"{path}: this account may not use the port; add it to the group dialout (or uucp), then log in again."
    if number in (errno.ENOTTY, errno.EINVAL, errno.EISDIR):
        return f"{path}: this is no serial port; choose the pen's port, such as /dev/ttyACM0."
    if number == errno.EIO:
        return f"{path}: the pen at this port is gone; plug it in again."
    return f"{path}: the port cannot be opened ({failure}); unplug the pen, plug it in again and try once more."


def _error_number(failure: BaseException | None) -> int | None:
    """The system's error number; pyserial hides it in the exception before, termios.error in its arguments."""
    number = getattr(failure, "errno", None)
    if number is None and failure is not None and failure.args:
        number = failure.args[0]
    return number if isinstance(number, int) else None
