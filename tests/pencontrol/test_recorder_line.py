"""What control takes from the recorder besides acknowledgements."""

import selectors
import socket

from pencontrol.control.recorder_line import RecorderLine
from pencontrol.control.watch import DISK_MIN_BYTES, judge_disk
from sessions import feed
from tests.pencontrol.bench import Bench


def test_the_room_that_the_recorder_tells_decides_and_outlives_it() -> None:
    bench = Bench()
    ours, theirs = socket.socketpair()
    with theirs, selectors.DefaultSelector() as selector:
        ours.setblocking(False)
        line = RecorderLine(bench.control, selector)
        bench.station.disk_free_bytes = lambda: line.free_bytes
        line.take(ours, bench.now_ns)
        assert line.free_bytes is None
        assert judge_disk(bench.station, bench.now_ns) == "", "nobody knows yet"
        theirs.sendall(feed.pack_json(feed.ROOM, {"free_bytes": DISK_MIN_BYTES - 1}))
        line.serve(selectors.EVENT_READ, bench.now_ns)
        assert "499 MB are free" in judge_disk(bench.station, bench.now_ns)
        theirs.shutdown(socket.SHUT_RDWR)
        line.serve(selectors.EVENT_READ, bench.now_ns)
        assert line.free_bytes == DISK_MIN_BYTES - 1, "a full disk stays full while its recorder is started again"


def test_room_that_is_no_number_ends_the_connection() -> None:
    bench = Bench()
    ours, theirs = socket.socketpair()
    with theirs, selectors.DefaultSelector() as selector:
        ours.setblocking(False)
        line = RecorderLine(bench.control, selector)
        line.take(ours, bench.now_ns)
        theirs.sendall(feed.pack_json(feed.ROOM, {"free_bytes": "much"}))
        line.serve(selectors.EVENT_READ, bench.now_ns)
        assert ours.fileno() == -1
        assert line.free_bytes is None
