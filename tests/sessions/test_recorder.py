"""The recorder as a real process on a real socket: what it acknowledges is on disk, whatever happens to it or to control."""

import os
import random
import shutil
import time
from pathlib import Path

import pytest

from sessions import feed
from sessions.audit import verify
from sessions.events import Event, Note, SessionClosed, make_event
from sessions.reading import list_sessions, load_events, summary, totals_for_resume
from sessions.recorder import free_bytes
from sessions.store import open_store
from sessions.store.rows import Block
from sessions.vocabulary import read_body
from tests.sessions.face import SESSION, START_MONO_NS, START_UTC_NS, Face, face
from tests.sessions.stand_in import WAIT_S, Link, Station, station


def _in_order(told: Face) -> list[Event | Block]:
    """Events and blocks interleaved as control would send them, the end last."""
    items: list[Event | Block] = []
    per_block = max(1, len(told.events) // max(1, len(told.blocks)))
    blocks = list(told.blocks)
    for at, event in enumerate(told.events[:-1]):
        items.append(event)
        if at % per_block == per_block - 1 and blocks:
            items.append(blocks.pop(0))
    return [*items, *blocks, told.events[-1]]


def _up(made: Station, live: str = "") -> Link:
    made.start()
    link = made.accept()
    link.hello(live)
    return link


def test_everything_acknowledged_is_on_record(tmp_path: Path) -> None:
    told = face()
    with station(tmp_path) as made:
        link = _up(made)
        link.send(_in_order(told))
        assert link.wait_for(_in_order(told))
        assert made.stop(made.processes[0]) == 0
        assert "'p99_ms'" in made.said()
    with open_store(tmp_path) as store:
        assert [stored.event for stored in load_events(store, SESSION)] == told.events
        verdict = verify(store, SESSION)
        assert verdict.holds
        assert (verdict.events, verdict.blocks, verdict.samples) == (len(told.events), 60, 60_000)
        assert list_sessions(store)[0].state == "CLOSED"


def test_the_room_on_the_disk_is_told_before_ready_and_again_and_again(tmp_path: Path) -> None:
    with station(tmp_path) as made:
        link = _up(made)
        before_ready = [free for free, after_ready in link.rooms if not after_ready]
        assert before_ready, "START must not be possible before the room is known"
        (free,) = before_ready
        assert free == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)
        until = time.monotonic() + 3 * feed.ROOM_EVERY_S + WAIT_S
        while len(link.rooms) < 2 and time.monotonic() < until:
            link.send([])
            link.listen(0.2)
        assert len(link.rooms) >= 2, "a disk that fills up is noticed without anything being sent"


def test_a_folder_that_is_gone_has_no_room(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0
    assert free_bytes(tmp_path / "none") == 0


@pytest.mark.parametrize("seed", range(15))
def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path: Path, seed: int) -> None:
    told = face(seconds=30.0)
    items = _in_order(told)
    moments = random.Random(seed)
    with station(tmp_path) as made:
        link = _up(made)
        until = time.monotonic() + moments.uniform(0.0, 0.12)
        for at in range(0, len(items), 5):
            link.send(items[at : at + 5])
            link.listen(moments.choice((0.0, 0.002)))
            if time.monotonic() > until:
                break
        made.processes[0].kill()
        made.processes[0].wait()
        while link.listen(0.2):
            pass
        acked = set(link.acked)
        with open_store(tmp_path) as store:
            verdict = verify(store, SESSION)
            assert verdict.holds, verdict.problems
            assert verdict.events >= max((n for _, name, n in acked if name == "number"), default=0)
            assert verdict.blocks >= max((n for _, name, n in acked if name == "block"), default=0)
        again = _up(made, live=SESSION)
        again.send(items)
        assert again.wait_for(items)
    with open_store(tmp_path) as store:
        assert [stored.event for stored in load_events(store, SESSION)] == told.events
        assert verify(store, SESSION).holds
        assert list_sessions(store)[0].state == "CLOSED"


def test_duplicates_are_acknowledged_and_stored_once(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with station(tmp_path) as made:
        link = _up(made)
        link.send(_in_order(told))
        assert link.wait_for(_in_order(told))
        link.acked.clear()
        link.send([*told.events, *told.blocks, *told.events])
        assert link.wait_for([*told.events, *told.blocks])
    with open_store(tmp_path) as store:
        assert len(load_events(store, SESSION)) == len(told.events)
        assert verify(store, SESSION).blocks == len(told.blocks)


def test_gap_is_reported_and_not_acknowledged(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with station(tmp_path) as made:
        link = _up(made)
        link.send(told.events[:3])
        assert link.wait_for(told.events[:3])
        link.send([told.events[4], told.blocks[1]])
        made.wait_said("event 5 of " + SESSION + " after 3: a gap")
        made.wait_said("block 2 of " + SESSION + " after 0: a gap")
        link.send(told.events[3:5])
        assert not link.wait_for(told.events[3:5], 0.3), "an acknowledgement would stand for the refused one too"
        link.close()
        again = made.accept()
        again.hello(SESSION)
        again.send(told.events[3:5])
        assert again.wait_for(told.events[3:5])


def test_changed_duplicate_is_reported_and_not_acknowledged(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with station(tmp_path) as made:
        link = _up(made)
        link.send(told.events[:3])
        assert link.wait_for(told.events[:3])
        link.acked.clear()
        link.send([told.events[1].model_copy(update={"actor": "P-99"})])
        made.wait_said("event 2 of " + SESSION + " is on record with other content")
        assert not link.acked
        assert "P-99" not in made.said(), "people are not in logs"
    with open_store(tmp_path) as store:
        assert load_events(store, SESSION)[1].event == told.events[1]


def test_event_that_is_not_in_the_vocabulary_is_refused(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with station(tmp_path) as made:
        link = _up(made)
        strange = told.events[1].model_copy(update={"kind": "wish"})
        link.send([told.events[0], strange])
        made.wait_said("'wish' is not in the vocabulary")
    with open_store(tmp_path) as store:
        assert len(load_events(store, SESSION)) == 1


def test_control_lost_closes_the_session_with_derived_totals(tmp_path: Path) -> None:
    told = face()
    upto = len(told.events) * 2 // 3
    with station(tmp_path) as made:
        link = _up(made)
        link.send([*told.events[:upto], *told.blocks[:40]])
        link.close()  # without reading a single acknowledgement
        made.wait_said("closed as INTERRUPTED: control process lost")
        again = made.accept()
        again.hello("")
        again.close()
    with open_store(tmp_path) as store:
        last = load_events(store, SESSION)[-1].event
        body = read_body(last)
        assert isinstance(body, SessionClosed)
        assert (last.number, last.actor, body.state, body.enforcement) == (upto + 1, "recorder", "INTERRUPTED", None)
        counted = [event for event in told.events[:upto] if event.kind == "pass_counted"]
        assert sum(zone.passes for zone in body.zones) == len(counted) > 0
        assert totals_for_resume(store, SESSION) == body.zones
        assert summary(store, SESSION)["state"] == list_sessions(store)[0].state == "INTERRUPTED"
        assert verify(store, SESSION).holds


def test_session_left_open_is_closed_at_the_next_hello_unless_live(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with station(tmp_path) as made:
        link = _up(made)
        link.send(told.events[:10])
        assert link.wait_for(told.events[:10])
        made.processes[0].kill()
        made.processes[0].wait()
        link.close()
        made.start()
        live = made.accept()
        live.hello(SESSION)
        with open_store(tmp_path) as store:
            assert list_sessions(store)[0].state == "OPEN"
        made.processes[1].kill()
        made.processes[1].wait()
        live.close()
        _up(made, "").close()
        with open_store(tmp_path) as store:
            assert list_sessions(store)[0].state == "INTERRUPTED"


def test_late_events_of_a_session_the_recorder_closed_are_kept_without_a_second_end(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    cut = len(told.events) - 5
    with station(tmp_path) as made:
        link = _up(made)
        link.send(told.events[:cut])
        link.close()
        made.wait_said("control process lost")
        again = made.accept()
        again.hello("")
        again.send(told.events[cut:])
        assert again.wait_for(told.events[cut:])
        again.acked.clear()
        again.send(told.events[cut - 2 :])
        assert again.wait_for(told.events[cut - 2 :])
        assert made.stop(made.processes[0]) == 0
    with open_store(tmp_path) as store:
        events = [stored.event for stored in load_events(store, SESSION)]
        assert [event.kind for event in events].count("session_closed") == 2
        assert len(events) == len(told.events) + 1
        assert events[-1] == told.events[-1].model_copy(update={"number": len(told.events) + 1})
        assert list_sessions(store)[0].state == summary(store, SESSION)["state"] == "INTERRUPTED"
        assert verify(store, SESSION).holds


def test_recorder_started_first_waits_for_control(tmp_path: Path) -> None:
    with station(tmp_path) as made:
        made.feed.unlink()
        process = made.start()
        time.sleep(0.5)
        assert process.poll() is None
        made.listen()
        made.accept().hello("")


def test_lifeline_ends_the_recorder_after_what_was_sent_is_stored(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    ours, theirs = os.pipe()
    with station(tmp_path) as made:
        process = made.start("--lifeline", str(ours), pass_fds=(ours,))
        os.close(ours)
        link = made.accept()
        link.hello("")
        link.send(told.events)
        os.close(theirs)
        assert process.wait(WAIT_S) == 0
        assert "lifeline" in made.said()
    with open_store(tmp_path) as store:
        assert len(load_events(store, SESSION)) == len(told.events)


def test_lifeline_also_ends_a_recorder_that_waits_for_control(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    with station(tmp_path) as made:
        made.feed.unlink()
        process = made.start("--lifeline", str(ours), pass_fds=(ours,))
        os.close(ours)
        time.sleep(0.3)
        os.close(theirs)
        assert process.wait(WAIT_S) == 0


def test_junk_on_the_feed_ends_the_connection_not_the_recorder(tmp_path: Path) -> None:
    with station(tmp_path) as made:
        link = _up(made)
        link.sock.sendall(b"\xff" * 64)
        made.wait_said("connection given up")
        again = made.accept()
        again.hello("")
        assert made.processes[0].poll() is None


def test_event_before_hello_is_refused(tmp_path: Path) -> None:
    told = face(seconds=24.0)
    with station(tmp_path) as made:
        made.start()
        made.accept().send(told.events[:1])
        made.wait_said("before HELLO")
        made.accept().hello("")
    with open_store(tmp_path) as store:
        assert load_events(store, SESSION) == []


def test_a_file_that_is_no_database_is_left_alone_and_named(tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite"
    file.write_bytes(b"these are not the records you are looking for" * 100)
    before = file.read_bytes()
    with station(tmp_path) as made:
        process = made.start()
        assert process.wait(WAIT_S) == 1
        assert "no SQLite database" in made.said()
        assert "Traceback" not in made.said()
    assert file.read_bytes() == before


def test_journal_stream_needs_no_session(tmp_path: Path) -> None:
    note = make_event("J-c-1", 1, START_UTC_NS, START_MONO_NS, "control", Note(code="started"))
    with station(tmp_path) as made:
        link = _up(made)
        link.send([note])
        assert link.wait_for([note])
        assert feed.MAX_MESSAGE_BYTES == 1 << 20
    with open_store(tmp_path) as store:
        assert list_sessions(store) == []
        assert [stored.event for stored in load_events(store, "J-c-1")] == [note]
