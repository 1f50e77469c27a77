"""Ring, outbox, command lines: bad input is normal input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pencontrol.control import commands
from pencontrol.control.outbox import MAX_BYTES, Outbox
from pencontrol.control.ring import AT_SNAPSHOT_SEQ, FILE_BYTES, SLOTS, Ring, RingError, create_ring
from pencontrol.control.snapshot import Snapshot, State
from tests.pencontrol.bench import Bench


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    create_ring(tmp_path / "ring")
    return Ring(tmp_path / "ring")


def test_a_snapshot_comes_back_whole(ring: Ring) -> None:
    assert ring.read_snapshot() is None
    ring.write_snapshot(Snapshot(mono_ns=5, control="a", state=State.READY))
    read = ring.read_snapshot()
    assert read is not None
    assert (read.mono_ns, read.state) == (5, State.READY)


def test_a_snapshot_that_is_being_written_is_not_read_and_a_dead_writer_is_overcome(ring: Ring) -> None:
    ring.write_snapshot(Snapshot(mono_ns=1, control="a"))
    ring.map[AT_SNAPSHOT_SEQ] |= 1
    assert ring.read_snapshot() is None
    ring.write_snapshot(Snapshot(mono_ns=2, control="b"))
    read = ring.read_snapshot()
    assert read is not None
    assert read.mono_ns == 2


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"PENRING1")
    with pytest.raises(RingError, match="8 bytes"):
        Ring(tmp_path / "short")
    with (tmp_path / "zero").open("wb") as file:
        file.truncate(FILE_BYTES)
    with pytest.raises(RingError, match="layout"):
        Ring(tmp_path / "zero")
    with pytest.raises(OSError, match="No such file"):
        Ring(tmp_path / "none")


def test_heartbeat_stop_and_generation_are_seen_through_a_second_mapping(tmp_path: Path) -> None:
    create_ring(tmp_path / "ring")
    control, screen = Ring(tmp_path / "ring"), Ring(tmp_path / "ring")
    screen.beat(7, 3, 99)
    screen.count_stop()
    assert control.heartbeat() == (7, 3, 99)
    assert control.stop_count == 1
    control.write_sample(SLOTS + 2, (5,) + (0,) * 15)
    assert screen.written == SLOTS + 3
    assert control.next_generation() == 1
    assert screen.written == 0


def test_the_outbox_sends_again_what_a_dead_recorder_did_not_confirm() -> None:
    outbox = Outbox()
    outbox.connect(b"")
    outbox.add_event("S", 1, b"one", 0)
    outbox.add_block("S", 1, b"BLOCK", 1)
    outbox.add_event("S", 2, b"two", 2)
    assert bytes(outbox.unsent) == b"oneBLOCKtwo"
    outbox.unsent.clear()
    outbox.acknowledge_event("S", 1)
    outbox.disconnect()
    outbox.add_event("S", 3, b"three", 3)
    outbox.connect(b"")
    assert bytes(outbox.unsent) == b"BLOCKtwothree"
    outbox.acknowledge_event("S", 3)
    assert outbox.holds("S")
    assert outbox.oldest_age_ns(11) == 10
    outbox.acknowledge_block("S", 1)
    assert outbox.empty
    assert outbox.oldest_age_ns(99) == 0


def test_a_full_outbox_keeps_events_gives_up_trace_and_says_so() -> None:
    outbox = Outbox()
    outbox.add_block("S", 1, b"x" * MAX_BYTES, 0)
    outbox.add_block("S", 2, b"x", 0)
    assert outbox.overflowed
    outbox.add_event("S", 1, b"event", 0)
    outbox.connect(b"")
    assert bytes(outbox.unsent).endswith(b"event")
    assert len(outbox.unsent) == MAX_BYTES + 5


@given(st.binary(max_size=200))
def test_any_line_gets_an_answer_and_moves_nothing(line: bytes) -> None:
    bench = Bench()
    answer, instance = bench.desk.answer(line, bench.now_ns)
    told = json.loads(answer)
    assert told["ok"] is False
    assert instance == 0
    assert bench.wire == bench.wire[:1]


names = st.sampled_from(["hello", "open_session", "select_zone", "ask", "start", "pause", "clear_fault", "acknowledge"])
values = st.none() | st.integers(-(2**70), 2**70) | st.text(max_size=6) | st.floats() | st.lists(st.integers(), max_size=2)


@given(names, st.dictionaries(st.sampled_from(["zone", "depth_um", "speed_rpm", "instance", "plan", "fault", "alarm"]), values))
def test_commands_with_any_values_are_refused_in_words(name: str, more: dict[str, object]) -> None:
    bench = Bench()
    line = json.dumps({"number": 1, "do": name} | more).encode()
    told = json.loads(bench.desk.answer(line, bench.now_ns)[0])
    assert told["ok"] or told["error"]
    assert bench.station.run is None or name == "pause"


def test_unknown_sessions_zones_and_alarms_are_refused_in_words() -> None:
    bench = Bench()
    bench.until(State.CONNECTED)
    bench.run(300)
    assert "allowed is a code" in bench.say(commands.OpenSession(number=1, plan={}, client="Jane", operator="P-01"))
    assert bench.say(commands.OpenSession(number=1, plan={"zones": 3}, client="C-0001", operator="P-01")).startswith("plan: ")
    assert bench.open() == ""
    assert "still open" in bench.open()
    assert "is not in the plan" in bench.zone("F.LIPS")
    assert "does not stand" in bench.say(commands.Acknowledge(number=1, alarm="X", occurrence=1))
    assert "no fault to clear" in bench.say(commands.ClearFault(number=1, fault="STALL"))
    assert "no zone is chosen" in bench.ask(600, 7000)


def test_a_session_cannot_open_without_pen_or_recorder() -> None:
    bench = Bench()
    assert "no pen" in bench.open()
    bench.until(State.CONNECTED)
    bench.run(300)
    bench.station.outbox.disconnect()
    assert "recorder" in bench.open()


def test_another_process_never_sees_a_number_that_was_not_written(tmp_path: Path) -> None:
    """A word must change in one step: a heartbeat seen as 0 would stop the pen, a STOP counter seen as 0 as well."""
    create_ring(tmp_path / "ring")
    ring = Ring(tmp_path / "ring")
    ring.beat(7, 1 << 40, 1 << 41)
    writer = subprocess.Popen(
        [sys.executable, "-c", _BEAT_UNTIL_TOLD, str(tmp_path / "ring")],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    seen, changes, looks = [1 << 40, 0], 0, 0
    while looks < 200_000 or changes < 100:  # both at work at once, however the machine shares itself out between them
        for _ in range(2000):
            instance, count, mono_ns = ring.heartbeat()
            assert instance == 7
            assert count >= seen[0]
            assert count >= 1 << 40
            assert mono_ns >= 1 << 41
            changes += count > seen[0]
            seen = [count, mono_ns]
        looks += 2000
        assert writer.poll() is None
    assert writer.communicate()[0] == b""
    assert writer.returncode == 0
    ring.close()


_BEAT_UNTIL_TOLD = """
import select
import sys
from pathlib import Path
from pencontrol.control.ring import Ring
ring = Ring(Path(sys.argv[1]))
print("go", flush=True)
count = 0
while count % 1000 or not select.select([sys.stdin], [], [], 0)[0]:
    ring.beat(7, (1 << 40) + count, (1 << 41) + count)
    count += 1
"""
