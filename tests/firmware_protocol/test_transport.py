"""The transport over real ptys and real TCP: bytes, unplugging, reopening."""

import contextlib
import errno
import os
import select
import termios
import time

import pytest
import serial

from firmware_protocol import transport
from firmware_protocol.transport import LinkClosed, Transport, open_transport
from tests.firmware_protocol.real_lines import EVERY_BYTE, WAIT_S, Lines, pty_line, pty_pen, read_for, tcp_line, write_often

both = pytest.mark.parametrize("lines", [pty_line, tcp_line])


@both
def test_every_byte_passes_both_ways_unchanged(lines: Lines) -> None:
    with lines() as (pen, line):
        assert line.read() == b""
        os.write(pen.handle, EVERY_BYTE)
        assert read_for(line, len(EVERY_BYTE)) == EVERY_BYTE
        line.write(EVERY_BYTE)
        assert pen.read(len(EVERY_BYTE)) == EVERY_BYTE
        assert line.read() == b""


@both
def test_one_read_gives_at_most_4096_bytes(lines: Lines) -> None:
    with lines() as (pen, line):
        for _ in range(5):
            os.write(pen.handle, bytes(1000))
        time.sleep(0.05)
        sizes = [len(line.read()) for _ in range(3)]
        assert max(sizes) <= 4096
        assert sum(sizes) + len(read_for(line, 5000 - sum(sizes))) == 5000


@both
def test_unplugging_wakes_the_reader_and_is_link_closed_for_good(lines: Lines) -> None:
    with lines() as (pen, line):
        os.write(pen.handle, b"last words")
        assert read_for(line, 10) == b"last words"
        pen.unplug()
        assert select.select([line], [], [], WAIT_S)[0], "the one who waits must wake"
        with pytest.raises(LinkClosed) as closed:
            read_for(line, 1)
        assert line.url in closed.value.reason
        for again in (line.read, lambda: line.write(b"x"), line.fileno):
            with pytest.raises(LinkClosed):
                again()
        line.drop_dtr()
        line.close()


@both
def test_writing_to_a_gone_pen_is_link_closed(lines: Lines) -> None:
    with lines() as (pen, line):
        pen.unplug()
        with pytest.raises(LinkClosed):
            write_often(line, b"x", 20, 0.01)  # TCP learns of it with the first answer from the other end


@both
def test_a_pen_that_stops_reading_is_link_closed_and_nothing_hangs(lines: Lines) -> None:
    with lines() as (_, line):
        start = time.monotonic()
        with pytest.raises(LinkClosed, match="stopped reading"):
            write_often(line, bytes(4096), 100_000)
        line.drop_dtr()
        line.close()
        assert time.monotonic() - start < 5


@both
def test_close_is_idempotent_and_ends_everything(lines: Lines) -> None:
    with lines() as (pen, line):
        handle = line.fileno()
        line.close()
        line.close()
        line.drop_dtr()
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(handle)
        for act in (line.read, lambda: line.write(b"x"), line.fileno):
            with pytest.raises(LinkClosed, match="closed by this program"):
                act()
        assert select.select([pen.handle], [], [], WAIT_S)[0], "the pen sees the line fall"


def test_a_pty_pen_sees_hup_when_the_host_closes() -> None:
    with pty_line() as (pen, line):
        line.close()
        with pytest.raises(OSError, match="Input/output") as failure:
            os.read(pen.handle, 10)
        assert failure.value.errno == errno.EIO


def test_reopening_works_after_close_and_after_unplugging() -> None:
    with pty_pen() as pen:
        for _ in range(3):
            with contextlib.closing(open_transport(pen.url)) as line:
                line.write(b"hello")
                assert pen.read(5) == b"hello"
    with pty_line() as (pen, line):
        pen.unplug()
        with pytest.raises(LinkClosed):
            read_for(line, 1)
        line.close()
    with tcp_line() as (_, line):
        line.write(b"hello")


@pytest.mark.parametrize(
    "failure",
    [
        serial.SerialException("device reports readiness to read but returned no data"),
        OSError(errno.EIO, "Input/output error"),
        termios.error(errno.EIO, "Input/output error"),
        TypeError("'NoneType' object cannot be interpreted as an integer"),
        ValueError("file descriptor cannot be a negative integer (-1)"),
    ],
)
@pytest.mark.parametrize("act", ["read", "write", "fileno"])
def test_every_strange_failure_becomes_link_closed(failure: Exception, act: str) -> None:
    def fail(*args: object) -> int:
        raise failure

    line = Transport("/dev/x", fail, fail, fail, fail, fail)  # type: ignore[arg-type]
    with pytest.raises(LinkClosed, match="/dev/x"):
        line.write(b"x") if act == "write" else getattr(line, act)()
    line.drop_dtr()
    line.close()


@pytest.mark.parametrize(("taken", "closed"), [(5, False), (4, True), (0, True), (None, True)])
def test_a_partial_write_is_link_loss(taken: int | None, closed: bool) -> None:
    thrown_away: list[bool] = []
    line = Transport("/dev/x", lambda: 0, lambda most: b"", lambda data: taken, lambda: None, thrown_away.append)
    if closed:
        with pytest.raises(LinkClosed, match="of 5 bytes"):
            line.write(b"12345")
    else:
        line.write(b"12345")
    line.close()
    assert thrown_away == [closed], "only what a pen does not read is thrown away"


def test_a_second_close_touches_nothing() -> None:
    closed: list[bool] = []
    line = Transport("/dev/x", lambda: 0, lambda most: b"", lambda data: 0, lambda: None, closed.append)
    line.close()
    line.close()
    assert closed == [False]


def test_only_a_pen_that_does_not_read_has_its_unsent_bytes_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    with pty_pen() as pen:
        line = open_transport(pen.url)
        monkeypatch.setattr(termios, "tcflush", lambda handle, queue: flushed.append(queue))
        line.write(b"last words")
        line.close()
        assert flushed == []
        assert pen.read(10) == b"last words"
        monkeypatch.undo()
        line = open_transport(pen.url)
        with pytest.raises(LinkClosed):
            write_often(line, bytes(4096), 1000)
        monkeypatch.setattr(termios, "tcflush", lambda handle, queue: flushed.append(queue))
        line.close()
        assert flushed == [termios.TCOFLUSH]


def test_dtr_is_lowered_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lowered = []
    monkeypatch.setattr(transport, "_lower_dtr", lambda port: lowered.append(port.port))
    with pty_line() as (pen, line):
        line.drop_dtr()
        assert lowered == [pen.url]
