"""The tape keeps what matters and nothing else: a tick that is not on it changes nothing in control."""

from collections import deque
from typing import Any

import pytest

from firmware_protocol import messages
from firmware_protocol.happenings import Voided
from firmware_protocol.recording import decode
from pencontrol.control import tape
from pencontrol.control.core import Control
from pencontrol.control.image import ImageError, image_of, read_image, restore
from pencontrol.control.outbox import MAX_BYTES
from pencontrol.control.run import TripWatch
from pencontrol.control.snapshot import State
from pencontrol.control.tape import Tape
from sessions.events import Note
from tests.pencontrol.bench import MS
from tests.pencontrol.tape_bench import TapeBench
from tests.pencontrol.test_replay import STORIES

_SKIPPED = {"tape", "_tape", "device", "port", "zones", "_ring"}


def state(part: Any, seen: set[int] | None = None) -> Any:
    """Everything that `part` reaches, as plain values."""
    seen = set() if seen is None else seen
    if part is None or isinstance(part, (bool, int, float, str, bytes, bytearray)):
        return part if not isinstance(part, bytearray) else bytes(part)
    if callable(part) or isinstance(part, type) or type(part).__module__.startswith("tests"):
        return None
    if isinstance(part, dict):
        return {key: state(value, seen) for key, value in part.items()}
    if isinstance(part, (list, tuple, deque, set, frozenset)):
        return [state(value, seen) for value in part]
    if id(part) in seen:
        return None
    seen.add(id(part))
    names = {name for kind in type(part).__mro__ for name in getattr(kind, "__slots__", ())} | set(getattr(part, "__dict__", ()))
    return {name: state(getattr(part, name), seen) for name in sorted(names - _SKIPPED) if hasattr(part, name)}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_tick_that_is_not_on_tape_changes_nothing(story: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"left out": 0, "kept": 0}
    tick = Control.tick

    def watched(control: Control, now_ns: int) -> None:
        running = control.station.tape
        if not running.on:
            return tick(control, now_ns)
        before, size = state(control), len(running._encoder.out)
        blocks = running._blocks
        tick(control, now_ns)
        if running.on and len(running._encoder.out) == size and running._blocks == blocks:
            told["left out"] += 1
            if told["left out"] % 7 == 0:  # each takes a millisecond
                assert state(control) == before
        else:
            told["kept"] += 1
        return None

    monkeypatch.setattr(Control, "tick", watched)
    story(TapeBench())
    assert told["left out"] > told["kept"] > 0


class Clocks:
    """A tape on a clock that is set by hand."""

    def __init__(self) -> None:
        self.mono, self.utc, self.beat = 5_000 * MS, 9_000 * MS, (7, 1, 5_000 * MS)
        self.tape = Tape(lambda: self.mono, lambda: self.utc, lambda: 42, lambda: self.beat, lambda: 3, lambda: None)
        self.sent: list[tuple[str, int, bytes]] = []
        self.tape.send = self.send
        self.room = True

    def send(self, stream: str, number: int, block: bytes, now_ns: int) -> bool:
        self.sent.append((stream, number, block))
        return self.room

    def pass_time(self, ms: int) -> None:
        self.mono += ms * MS
        self.utc += ms * MS

    def kinds(self) -> list[int]:
        return [entry.kind for _, _, block in self.sent for entry in decode(block)]


def test_readings_pass_through_while_nothing_is_recorded() -> None:
    clocks = Clocks()
    assert clocks.tape.mono_ns() == clocks.mono
    assert clocks.tape.utc_ns() == clocks.tape.stamp_ns() == clocks.utc
    assert clocks.tape.heartbeat() == clocks.beat
    assert (clocks.tape.nonce(), clocks.tape.stop_count(), clocks.tape.disk_free_bytes()) == (42, 3, None)
    clocks.tape.tick(clocks.mono)
    clocks.tape.input(tape.STOP_PRESSED, clocks.mono)
    clocks.tape.wrote(b"x", True)
    clocks.tape.abandoned()
    clocks.tape.scheduling({"a": "b"}, 1)
    assert not clocks.sent
    assert not clocks.tape._encoder.out


def test_a_block_a_second_and_the_rest_at_the_end() -> None:
    clocks = Clocks()
    clocks.tape.begin(b"image", clocks.mono)
    clocks.tape.follow("S-1", clocks.mono)
    for _ in range(25):
        clocks.pass_time(100)
        clocks.tape.input(1, clocks.mono, b"data")
        clocks.tape.follow("S-1", clocks.mono)
    assert [(stream, number) for stream, number, _ in clocks.sent] == [("S-1", 1), ("S-1", 2)]
    clocks.tape.follow("", clocks.mono)
    assert len(clocks.sent) == 3
    assert not clocks.tape.on
    assert clocks.kinds() == [tape.IMAGE, *[1] * 25]


def test_a_block_leaves_in_time_though_nothing_else_happens() -> None:
    clocks = Clocks()
    clocks.tape.begin(b"image", clocks.mono)
    clocks.tape.follow("S-1", clocks.mono)
    for _ in range(24):
        clocks.pass_time(50)
        clocks.tape.tick(clocks.mono)
    assert len(clocks.sent) == 1
    clocks.tape.follow("", clocks.mono)
    assert clocks.kinds() == [tape.IMAGE, tape.TICK]


def test_the_wall_clock_is_told_again_only_when_it_strays() -> None:
    clocks = Clocks()
    clocks.tape.begin(b"", clocks.mono)
    clocks.tape.follow("S-1", clocks.mono)
    for stray_ns in (0, 0, 900_000, 1_100_000, 1_100_000, -900_000_000):
        clocks.pass_time(1)
        clocks.utc += stray_ns
        clocks.tape.tick(clocks.mono)
        assert abs(clocks.tape.utc_ns() - clocks.utc) <= tape.UTC_STRAYS_NS
    clocks.tape.follow("", clocks.mono)
    assert clocks.kinds().count(tape.UTC) == 4


def test_a_stall_between_an_input_and_its_event_does_not_move_the_wall_clock() -> None:
    clocks = Clocks()
    clocks.tape.begin(b"", clocks.mono)
    clocks.tape.input(1, clocks.mono, b"x")
    at_ns = clocks.mono
    first = clocks.tape.utc_ns()
    clocks.pass_time(45)
    assert clocks.tape.stamp_ns() == first == clocks.utc - (clocks.mono - at_ns)


def test_the_heartbeat_is_looked_at_when_the_last_one_is_100_ms_old_and_for_every_command() -> None:
    clocks = Clocks()
    clocks.tape.begin(b"", clocks.mono)
    clocks.tape.follow("S-1", clocks.mono)
    seen = []
    for count in range(2, 12):
        clocks.pass_time(30)
        clocks.beat = (7, count, clocks.mono)
        clocks.tape.tick(clocks.mono)
        seen.append(clocks.tape.heartbeat()[1])
    assert seen == [2, 2, 2, 2, 6, 6, 6, 6, 10, 10]
    clocks.tape.input(tape.COMMAND, clocks.mono, b"{}")
    assert clocks.tape.heartbeat()[1] == clocks.tape.heartbeat()[1] == 11


def test_a_block_that_nobody_can_keep_ends_the_tape_and_control_goes_on() -> None:
    bench = TapeBench()
    bench.treat()
    bench.station.outbox._bytes = MAX_BYTES
    bench.run(1200)
    assert not bench.station.tape.on
    assert bench.safe
    assert "RECORD_LOST" in bench.alarms


def connected() -> TapeBench:
    bench = TapeBench()
    bench.until(State.CONNECTED)
    bench.run(333)
    return bench


def test_an_image_makes_control_what_it_was() -> None:
    bench, other = connected(), TapeBench()
    bench.control.motion._trip = TripWatch("PEN", "DEPTH_OVER_LIMIT", 5, 900, 750, bench.now_ns, bench.now_ns)
    bench.station.alarms.raise_alarm("PEN_FAULT", "ASSERT", bench.now_ns)
    bench.station.journal.write(Note(code="BEFORE"), bench.now_ns)
    data = image_of(bench.control)
    restore(read_image(data), other.control, other)
    assert image_of(other.control) == data
    assert other.control.motion._trip == bench.control.motion._trip
    assert other.station.alarms.views(bench.now_ns) == bench.station.alarms.views(bench.now_ns)
    late_ns = bench.now_ns + 7
    assert other.station.outbox.oldest_age_ns(late_ns) == bench.station.outbox.oldest_age_ns(late_ns) == 7
    assert other.station.line is not None
    assert other.station.line.port is other
    assert len(data) < 20_000


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.pop("line"),
        lambda image: image["station"].update(__class__=1),
        lambda image: image["station"].update(tape=1),
        lambda image: image["line"].__setitem__(1, "Popen"),
        lambda image: image["line"][2].update(tick=1),
        lambda image: image["line"][2].update(identity=["model", "PenIdentity", {}]),
        lambda image: image["line"][2].update(link=["object", "threading.Thread", {}]),
        lambda image: image["line"][2].update(link=["object", "firmware_protocol.link.told", {}]),
        lambda image: image["line"][2].update(link=["object", "firmware_protocol.link.ClockSync", {}]),
        lambda image: image["outbox"].__setitem__(1, "firmware_protocol.link.Link"),
        lambda image: image.update(motion={"_guard": 1}),
        lambda image: image.update(book={"x": {}}),
        lambda image: image.update(book={"x": ["state", "DREAMING"]}),
        lambda image: image.update(book={"x": ["bytes", "zz"]}),
        lambda image: image.update(book={"x": []}),
        lambda image: image.update(book=7),
    ],
)
def test_an_image_that_does_not_fit_is_refused(change: Any) -> None:
    bench = connected()
    image = read_image(image_of(bench.control))
    change(image)
    with pytest.raises(ImageError):
        restore(image, TapeBench().control, bench)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError):
        read_image(data)


def test_what_no_image_holds_means_no_tape_and_a_session_all_the_same() -> None:
    bench = connected()
    bench.control.book.__dict__["strange"] = object()
    with pytest.raises(ImageError, match="object"):
        image_of(bench.control)
    assert bench.open() == ""
    assert not bench.station.tape.on


def kept(bench: TapeBench) -> list[int]:
    return [entry.kind for entry in decode(bytes(bench.station.tape._encoder.out))]


def running() -> TapeBench:
    bench = TapeBench()
    bench.treat(settle_ms=100)
    return bench


def test_a_tick_that_only_queues_requests_is_on_tape() -> None:
    bench = running()
    line = bench.station.line
    assert line is not None
    line.link.request(messages.CARTRIDGE_GET, messages.CartridgeGet(), bench.now_ns)
    line.link.poll(bench.now_ns)  # in flight: what the tick asks for has to wait
    line._set_up_again_ns = bench.now_ns
    before = kept(bench)
    bench.control.tick(bench.now_ns)
    assert kept(bench) == [*before, tape.TICK]


def test_a_tick_that_only_learns_something_is_on_tape() -> None:
    bench = running()
    line = bench.station.line
    assert line is not None
    line.link._happenings.append(Voided(messages.CARTRIDGE_GET, messages.CartridgeGet()))
    before = kept(bench)
    bench.control.tick(bench.now_ns)
    assert kept(bench) == [*before, tape.TICK]


def test_why_there_is_no_port_is_on_tape_once() -> None:
    bench = running()
    bench.cable = False
    bench.run(50)
    before = kept(bench)
    for _ in range(3):
        bench.control.pen_missing("no such port", bench.now_ns)
    assert kept(bench) == [*before, tape.PEN_MISSING]
