"""Opening a transport over real ptys and real TCP: what is thrown away, who is refused, what a person is told."""

import contextlib
import errno
import fcntl
import os
import socket
import struct
import sys
import tempfile
import termios
import threading
import time

import pytest
import serial

from firmware_protocol.transport import LinkClosed, OpenFailed, open_transport
from tests.firmware_protocol.real_lines import pty_line, pty_pen, read_for, tcp_line


def test_stale_bytes_are_thrown_away_at_open() -> None:
    with pty_pen() as pen:
        os.set_blocking(pen.handle, False)
        stuffed = 0
        with contextlib.suppress(BlockingIOError):
            while stuffed < 1_000_000:
                stuffed += os.write(pen.handle, b"\0stale" * 100)
        assert stuffed >= 4096
        with contextlib.closing(open_transport(pen.url)) as line:
            assert read_for(line, 1, 0.2) == b""
            os.write(pen.handle, b"fresh")
            assert read_for(line, 5) == b"fresh"


def test_stale_bytes_are_read_away_where_flushing_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(termios, "tcflush", lambda handle, queue: None)
    with pty_pen() as pen:
        os.set_blocking(pen.handle, False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(1000):
                os.write(pen.handle, b"\0stale" * 100)
        with contextlib.closing(open_transport(pen.url)) as line:
            assert read_for(line, 1, 0.2) == b""


def test_opening_while_the_pen_talks_does_not_take_long() -> None:
    with pty_pen() as pen:
        talking = threading.Event()
        talking.set()

        def talk() -> None:
            os.set_blocking(pen.handle, False)
            while talking.is_set():
                with contextlib.suppress(BlockingIOError):
                    os.write(pen.handle, bytes(34))
                time.sleep(0.0005)

        talker = threading.Thread(target=talk)
        talker.start()
        try:
            start = time.monotonic()
            line = open_transport(pen.url)
            assert time.monotonic() - start < 0.5
            line.close()
        finally:
            talking.clear()
            talker.join()


def test_a_second_opener_is_told_that_the_port_is_busy() -> None:
    with pty_line() as (pen, line):
        with pytest.raises(OpenFailed, match="another program is using"):
            open_transport(pen.url)
        line.write(b"still mine")
        assert pen.read(10) == b"still mine"


@pytest.mark.parametrize("prefix", ["", "serial://"])
def test_the_serial_scheme_is_optional(prefix: str) -> None:
    with pty_pen() as pen, contextlib.closing(open_transport(prefix + pen.url)) as line:
        assert line.url == prefix + pen.url


def test_tcp_does_not_wait_to_fill_packets() -> None:
    with tcp_line() as (_, line), socket.socket(fileno=os.dup(line.fileno())) as look:
        assert look.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def refused_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/dev/there-is-no-such-pen", "there is no such port"),
        ("serial:///dev/there-is-no-such-pen", "there is no such port"),
        ("/dev/null", "no serial port"),
        ("/tmp", "no serial port"),
        ("", "no address"),
        ("serial://", "no address"),
        ("http://host:1", "no address"),
        ("tcp://", "needs a host and a port"),
        ("tcp://host", "needs a host and a port"),
        ("tcp://host:pen", "needs a host and a port"),
        ("tcp://host:99999", "needs a host and a port"),
        ("tcp://no-such-host.invalid:7", "cannot be reached"),
    ],
)
def test_what_cannot_be_opened_is_one_plain_sentence(url: str, words: str) -> None:
    with pytest.raises(OpenFailed, match=words) as failure:
        open_transport(url)
    told = str(failure.value)
    assert url.removeprefix("serial://") in told
    assert told.endswith(".")
    assert "\n" not in told
    assert "Errno" not in told or "cannot be reached" in told


def test_a_refused_connection_names_what_to_start() -> None:
    with pytest.raises(OpenFailed, match="nobody listens"):
        open_transport(refused_port())


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (serial.SerialException(errno.EACCES, "could not open port"), "dialout"),
        (serial.SerialException(errno.EBUSY, "could not open port"), "another program"),
        (serial.SerialException(errno.EAGAIN, "Could not exclusively lock port"), "another program"),
        (serial.SerialException(errno.ENXIO, "could not open port"), "no such port"),
        (serial.SerialException(errno.EIO, "could not open port"), "gone"),
        (termios.error(errno.ENOTTY, "Inappropriate ioctl for device"), "no serial port"),
        (TypeError("an integer is required"), "cannot be opened"),
        (serial.SerialException("odd"), "cannot be opened"),
    ],
)
def test_what_pyserial_says_at_open_becomes_a_sentence(failure: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise failure

    monkeypatch.setattr(serial, "Serial", fail)
    with pytest.raises(OpenFailed, match=words):
        open_transport("/dev/ttyACM0")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel")
def test_the_port_is_exclusive_while_it_is_open_and_not_after() -> None:
    ask = 0x80045440  # TIOCGEXCL
    with pty_pen() as pen:
        other = os.open(pen.url, os.O_RDWR | os.O_NOCTTY)
        try:
            for opened in (True, False):
                line = open_transport(pen.url)
                if not opened:
                    line.close()
                assert struct.unpack("i", fcntl.ioctl(other, ask, bytes(4))) == (opened,)
                line.close()
        finally:
            os.close(other)


def test_the_line_is_raw_and_an_empty_one_is_not_taken_for_a_gone_one() -> None:
    with pty_line() as (_, line):
        settings = termios.tcgetattr(line.fileno())
        assert not settings[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
        assert not settings[0] & (termios.IXON | termios.IXOFF | termios.ICRNL)
        assert settings[6][termios.VMIN] in (1, b"\x01")
        assert not os.get_blocking(line.fileno())


def test_a_unix_socket_carries_bytes_both_ways_and_its_end_is_link_closed() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/pen")
        server.listen()
        with contextlib.closing(open_transport(f"unix://{folder}/pen")) as line:
            accepted, _ = server.accept()
            with accepted:
                accepted.sendall(b"to host")
                assert read_for(line, 7) == b"to host"
                line.write(b"to pen")
                assert accepted.recv(10) == b"to pen"
            with pytest.raises(LinkClosed, match="other end is gone"):
                read_for(line, 1)


@pytest.mark.parametrize(
    ("url", "words"), [("unix:///no/such/pen", "nobody listens"), ("unix://pen", "whole path"), ("unix://", "whole path")]
)
def test_a_unix_socket_that_cannot_be_opened_is_one_sentence(url: str, words: str) -> None:
    with pytest.raises(OpenFailed, match=words) as failure:
        open_transport(url)
    assert str(failure.value).endswith(".")


def test_a_unix_address_where_there_are_no_such_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(OpenFailed, match="no Windows"):
        open_transport("unix:///run/pen")
