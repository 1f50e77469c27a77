"""Where a port cannot be waited on (Windows) and where it has two names (macOS): with fakes, and with pyserial over a pty."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Iterator

import pytest
import serial

from firmware_protocol import transport
from firmware_protocol.transport import LinkClosed, OpenFailed, Transport, open_transport, port_name
from firmware_protocol.windows_port import READ_WAIT_S, WindowsPort
from tests.firmware_protocol.real_lines import EVERY_BYTE, WAIT_S, PenEnd, pty_pen, read_for

GONE = (OSError, TypeError, ValueError, AttributeError)


class FakePort:
    """pyserial's Windows port as far as it is used: reads wait for their timeout, a closed one answers with nonsense."""

    def __init__(self) -> None:
        self.come = bytearray(b"stale")
        self.sent: list[bytes] = []
        self.takes: int | None = None  # of each write; None: all
        self.failure: Exception | None = None  # of the next read or look
        self.dtr = True
        self.closed_by: list[str] = []
        self.news = threading.Condition()

    @property
    def in_waiting(self) -> int:
        if self.failure is not None:
            raise self.failure
        return len(self.come)

    def read(self, size: int = 1) -> bytes:
        with self.news:
            self.news.wait_for(lambda: len(self.come) >= size or self.failure is not None, READ_WAIT_S)
            if self.closed_by:
                raise AttributeError("'NoneType' object has no attribute 'hEvent'")
            if self.failure is not None:
                raise self.failure
            data = bytes(self.come[:size])
            del self.come[:size]
            return data

    def write(self, data: bytes) -> int | None:
        if self.closed_by:
            raise serial.PortNotOpenError
        self.sent.append(data)
        return len(data) if self.takes is None else self.takes

    def reset_input_buffer(self) -> None:
        self.come.clear()

    def cancel_read(self) -> None:
        if self.closed_by:
            raise AttributeError("'NoneType' object has no attribute 'value'")

    def close(self) -> None:
        self.closed_by.append(threading.current_thread().name)

    def tell(self, data: bytes) -> None:
        with self.news:
            self.come += data
            self.news.notify()

    def unplug(self, failure: Exception) -> None:
        with self.news:
            self.failure = failure
            self.news.notify()


@contextlib.contextmanager
def fake_line() -> Iterator[tuple[FakePort, Transport]]:
    """A transport to a fake port; no thread may be left afterwards."""
    before = threading.active_count()
    port = FakePort()
    pumped = WindowsPort(port, GONE)
    line = Transport("COM3", pumped.fileno, pumped.receive, pumped.send, lambda: setattr(port, "dtr", False), pumped.close)
    with contextlib.closing(line):
        yield port, line
    assert threading.active_count() == before


@contextlib.contextmanager
def polled_pty() -> Iterator[tuple[PenEnd, Transport]]:
    """The same way over pyserial and a pty, which is as close to Windows as this system gets."""
    before = threading.active_count()
    with pty_pen() as pen:
        port = serial.Serial(pen.url, 115_200, timeout=0, write_timeout=0, exclusive=True)
        with contextlib.closing(transport._polled_transport(pen.url, port)) as line:
            yield pen, line
    assert threading.active_count() == before


def test_what_came_before_is_thrown_away_and_every_byte_after_it_passes() -> None:
    with fake_line() as (port, line):
        assert line.read() == b""
        port.tell(EVERY_BYTE)
        assert read_for(line, len(EVERY_BYTE)) == EVERY_BYTE
        line.write(EVERY_BYTE)
        assert port.sent == [EVERY_BYTE]


def test_over_pyserial_every_byte_passes_and_the_line_can_be_waited_on() -> None:
    with polled_pty() as (pen, line):
        assert not select.select([line], [], [], 0.05)[0]
        os.write(pen.handle, EVERY_BYTE)
        assert select.select([line], [], [], WAIT_S)[0]
        assert read_for(line, len(EVERY_BYTE)) == EVERY_BYTE
        line.write(EVERY_BYTE)
        assert pen.read(len(EVERY_BYTE)) == EVERY_BYTE


def test_a_single_byte_is_not_kept_waiting_for_more() -> None:
    with fake_line() as (port, line):
        start = time.monotonic()
        for _ in range(5):
            port.tell(b"x")
            assert read_for(line, 1) == b"x"
        assert time.monotonic() - start < 5 * READ_WAIT_S


@pytest.mark.parametrize(
    "failure",
    [
        serial.SerialException(
            "ClearCommError failed (PermissionError(13, 'The device does not recognize the command.', None, 22))"
        ),
        serial.SerialException("GetOverlappedResult failed (PermissionError(13, 'Access is denied.', None, 5))"),
        OSError(5, "Input/output error"),
        TypeError("byref() argument must be a ctypes instance, not 'NoneType'"),
    ],
)
def test_unplugging_closes_the_port_at_once_and_only_then_is_told(failure: Exception) -> None:
    with fake_line() as (port, line):
        port.unplug(failure)
        assert select.select([line], [], [], WAIT_S)[0], "the one who waits must wake"
        assert port.closed_by == ["pen port reader"], "or Windows refuses the name"
        with pytest.raises(LinkClosed, match="COM3"):
            line.read()
        with pytest.raises(LinkClosed):
            line.write(b"x")
    assert port.closed_by == ["pen port reader"], "once, by its one reader"


def test_unplugging_over_pyserial_is_link_closed_within_100_ms() -> None:
    with polled_pty() as (pen, line):
        pen.unplug()
        start = time.monotonic()
        assert select.select([line], [], [], WAIT_S)[0]
        with pytest.raises(LinkClosed):
            line.read()
        assert time.monotonic() - start < 0.1


def test_closing_ends_the_reader_which_closes_the_port() -> None:
    with fake_line() as (port, line):
        line.drop_dtr()
        line.close()
        assert (port.dtr, port.closed_by) == (False, ["pen port reader"])
        line.drop_dtr()


def test_closing_does_not_wait_for_a_reader_that_nobody_listens_to() -> None:
    with fake_line() as (port, line):
        port.tell(bytes(4_000_000))
        time.sleep(0.1)
        start = time.monotonic()
        line.close()
        assert time.monotonic() - start < 0.4
        assert port.closed_by


def test_closing_does_not_wait_for_a_driver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    with fake_line() as (port, line):
        monkeypatch.setattr(port, "close", lambda: free.wait(5))
        start = time.monotonic()
        line.close()
        assert time.monotonic() - start < 1
        free.set()
        for thread in threading.enumerate():
            if thread.name == "pen port reader":
                thread.join(WAIT_S)


def test_a_partial_write_is_link_loss() -> None:
    with fake_line() as (port, line):
        port.takes = 3
        with pytest.raises(LinkClosed, match="3 of 5 bytes"):
            line.write(b"12345")


def test_bytes_that_the_system_may_still_be_reading_are_kept() -> None:
    port = FakePort()
    pumped = WindowsPort(port, GONE)
    data = bytes(32)
    pumped.send(data)
    assert any(each is data for each in pumped._written)
    pumped.close(False)


@pytest.mark.parametrize(
    ("path", "platform", "name"),
    [
        ("/dev/tty.usbmodem1", "darwin", "/dev/cu.usbmodem1"),
        ("/dev/cu.usbmodem1", "darwin", "/dev/cu.usbmodem1"),
        ("/dev/ttys003", "darwin", "/dev/ttys003"),
        ("/dev/tty.usbmodem1", "linux", "/dev/tty.usbmodem1"),
        ("COM12", "win32", "COM12"),
    ],
)
def test_a_mac_opens_the_name_that_does_not_wait(path: str, platform: str, name: str) -> None:
    assert port_name(path, platform) == name


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "could not open port 'COM3': FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)",
            "no such port",
        ),
        ("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)", "another program"),
    ],
)
def test_windows_says_why_in_words_only(said: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise serial.SerialException(said)

    monkeypatch.setattr(serial, "Serial", fail)
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(OpenFailed, match=words):
        open_transport("COM3")


def test_opening_on_windows_reads_by_a_thread_and_closes_the_port_where_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[FakePort] = []

    def make(*args: object, **options: object) -> FakePort:
        ports.append(FakePort())
        return ports[-1]

    monkeypatch.setattr(serial, "Serial", make)
    monkeypatch.setattr(transport, "_serial_transport", transport._polled_transport)
    monkeypatch.setattr(transport, "_FAILURES", GONE)  # as it is there: the reader may close the port before it can be cancelled
    with contextlib.closing(open_transport("COM3")) as line:
        ports[0].tell(b"hello")
        assert read_for(line, 5) == b"hello"
    assert ports[0].closed_by == ["pen port reader"]

    def refuse(self: FakePort) -> None:
        raise serial.SerialException("ClearCommError failed")

    monkeypatch.setattr(FakePort, "reset_input_buffer", refuse)
    with pytest.raises(OpenFailed, match="COM3"):
        open_transport("COM3")
    assert ports[1].closed_by == [threading.current_thread().name]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert "pen port reader" not in {each.name for each in threading.enumerate()}
