"""A session's trace from the store into memory: every sample in its place, holes as holes, time by the pen's own moments."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware_protocol import messages
from sessions.columns import extents, iter_columns
from sessions.reading import as_trace, load_trace
from sessions.store import Damaged, open_store
from sessions.store.rows import Block
from tests.sessions.face import INDEX_0, SESSION, START_MONO_NS, Face
from tests.ui.records_store import first, put, whole
from ui.touch.pyramid import MISSING
from ui.touch.records.compare import last_session_trace
from ui.touch.records.librarian import Dropped, Ticket
from ui.touch.records.loading import SOON_NS, load_track
from ui.touch.records.track import CUT_HOLE, LONGEST_HOLE, Track, lay_out


def stored(home: Path, told: Face, clock: Callable[[], int] | None = None) -> tuple[Track, list[np.ndarray]]:
    """The track, and the depths as they stood when something was told before the end."""
    early: list[np.ndarray] = []
    with open_store(home) as store:
        put(store, told)
        return load_track(
            store,
            told.stream,
            START_MONO_NS,
            Ticket(tell=lambda so_far: early.append(so_far.depth.samples.copy())),
            clock or quick,
        ), early


def quick() -> int:
    """The time on a machine where nothing takes any."""
    return 0


class Slow:
    """The time on one where each look finds it late."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        self.now_ns += SOON_NS + 1
        return self.now_ns


def cut_blocks(told: Face, keep: np.ndarray) -> None:
    """The same trace without some of its samples, in blocks of a thousand places."""
    trace = as_trace(b"".join(block.records for block in told.blocks))[keep]
    parts = np.split(trace, np.flatnonzero(np.diff((trace["index"] - INDEX_0) // 1000)) + 1)
    told.blocks = [
        Block(told.stream, number, int(part["index"][0]), 0, told.blocks[0].layout, part.tobytes())
        for number, part in enumerate(parts, start=1)
    ]


def test_every_sample_is_in_its_place(tmp_path: Path) -> None:
    told = whole(seconds=20)
    track, early = stored(tmp_path, told, Slow())
    with open_store(tmp_path) as store:
        trace = load_trace(store, SESSION)
        assert [extent.samples for extent in extents(store, SESSION)] == [1000] * 20
    np.testing.assert_array_equal(track.depth.samples, trace["depth_um"])
    np.testing.assert_array_equal(track.speed.samples, trace["speed_rpm"])
    for place in (track.begin, track.begin + 7777, track.end - 1):
        row = trace[place - track.begin]
        assert (track.limit.at(place), track.zone.at(place), track.contact.at(place)) == (
            row["limit_um"], row["zone"], row["contact"],
        )  # fmt: skip
        assert track.ruler.at_s(place) == pytest.approx((int(row["mono_ns"]) - START_MONO_NS) / 1e9, abs=0.0003)
    assert (track.begin, track.end) == (INDEX_0, INDEX_0 + 20_000)
    assert track.ruler.place_of_index(INDEX_0 + 12_345) == INDEX_0 + 12_345
    assert track.ruler.place_of_index(INDEX_0 - 1) is None
    (before,) = early
    assert (before != MISSING).sum() == 3000, "every eighth block comes first"
    np.testing.assert_array_equal(before[:1000], trace["depth_um"][:1000])


def test_a_trace_that_is_there_soon_is_shown_once(tmp_path: Path) -> None:
    track, early = stored(tmp_path, whole(seconds=20))
    assert (early, int((track.depth.samples != MISSING).sum())) == ([], 20_000)


def test_what_changes_only_from_block_to_block_is_a_step_at_each(tmp_path: Path) -> None:
    told = first(16)
    for number, block in enumerate(told.blocks):
        trace = as_trace(block.records).copy()
        trace["zone"], trace["limit_um"], trace["contact"] = number // 3, 800 + number // 5, 0
        told.blocks[number] = replace(block, records=trace.tobytes())
    track, _ = stored(tmp_path, told)
    np.testing.assert_array_equal(track.zone.places, INDEX_0 + 3000 * np.arange(6))
    np.testing.assert_array_equal(track.zone.values, np.arange(6))
    assert track.limit.values.tolist() == [800, 801, 802, 803]
    assert track.contact.places.tolist() == [INDEX_0]


def test_lost_samples_and_a_lost_stretch_are_holes(tmp_path: Path) -> None:
    told = whole(seconds=20)
    keep = np.ones(20_000, bool)
    keep[2300] = keep[9000:12_500] = False
    cut_blocks(told, keep)
    track, _ = stored(tmp_path, told)
    known = track.depth.samples != MISSING
    assert known.sum() == keep.sum()
    np.testing.assert_array_equal(known, keep)
    assert track.ruler.place(13.0) == pytest.approx(INDEX_0 + 13_000, abs=2)
    assert track.ruler.place(10.0) == INDEX_0 + 8_999, "in a hole: the end of what was before it"


def test_what_changes_within_a_block_is_a_step_there_with_samples_lost_or_without(tmp_path: Path) -> None:
    told = whole(seconds=20)
    trace = as_trace(b"".join(block.records for block in told.blocks[:5])).copy()
    trace["contact"], trace["flags"] = 0, messages.FLAG_DEPTH_VALID | messages.FLAG_SPEED_VALID
    trace["contact"][[500, 2600, 2601, 2602]] = 1
    trace["flags"][[700, 2700]] = messages.FLAG_SPEED_VALID
    told.blocks = [replace(told.blocks[0], records=trace.tobytes())]
    keep = np.ones(5000, bool)
    keep[2300] = False
    cut_blocks(told, keep)
    track, _ = stored(tmp_path, told)
    assert (track.contact.places - INDEX_0).tolist() == [0, 500, 501, 2600, 2603]
    assert track.contact.values.tolist() == [0, 1, 0, 1, 0]
    assert np.flatnonzero(track.depth.samples == MISSING).tolist() == [700, 2300, 2700]
    assert np.flatnonzero(track.speed.samples == MISSING).tolist() == [2300]
    known = track.depth.samples != MISSING
    np.testing.assert_array_equal(track.depth.samples[known], trace["depth_um"][known])


def test_a_long_hole_is_cut_and_an_index_that_went_back_too() -> None:
    assert lay_out([(100, 50), (150, 50), (200 + LONGEST_HOLE, 50), (400_000, 50), (7, 50)]) == [
        100,
        150,
        200 + LONGEST_HOLE,
        250 + LONGEST_HOLE + CUT_HOLE,
        300 + LONGEST_HOLE + 2 * CUT_HOLE,
    ]
    assert lay_out([]) == []


def test_what_the_pen_calls_invalid_is_missing(tmp_path: Path) -> None:
    told = first(2)
    trace = as_trace(told.blocks[1].records).copy()
    trace["flags"] = messages.FLAG_SPEED_VALID
    told.blocks[1] = replace(told.blocks[1], records=trace.tobytes())
    track, _ = stored(tmp_path, told)
    assert (track.depth.samples == MISSING).tolist() == [False] * 1000 + [True] * 1000
    assert (track.speed.samples != MISSING).all()


def test_a_session_without_a_trace_and_a_reader_that_nobody_waits_for(tmp_path: Path) -> None:
    told = first(0)
    track, _ = stored(tmp_path / "none", told)
    assert (track.begin, track.end, track.ruler.place(5.0), track.ruler.at_s(5)) == (0, 0, 0, 0.0)
    with open_store(tmp_path / "gone") as store:
        put(store, first(2))
        with pytest.raises(Dropped):
            load_track(store, SESSION, START_MONO_NS, Ticket(wanted=lambda: False), quick)


def test_a_damaged_block_is_named(tmp_path: Path) -> None:
    import sqlite3

    with open_store(tmp_path) as store:
        put(store, first(3))
    with sqlite3.connect(tmp_path / "records.sqlite") as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute("UPDATE blocks SET data = x'00112233' WHERE block = 2")
    raw.close()
    with open_store(tmp_path) as store, pytest.raises(Damaged, match="block 2 "):
        load_track(store, SESSION, START_MONO_NS, Ticket(), quick)


def test_only_the_wanted_blocks_are_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put(store, first(5))
        found = list(iter_columns(store, SESSION, ("index", "zone"), [2, 5]))
        assert [part.extent.block for part in found] == [2, 5]
        assert found[1].fields["index"].tolist() == list(range(INDEX_0 + 4000, INDEX_0 + 5000))
        assert set(found[0].fields) == {"index", "zone"}


def test_the_last_session_of_a_zone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put(store, whole("S-1", 16, "C-0001"), whole("S-2", 16, "C-0002"))
        assert last_session_trace(store, "C-0003", "F.CHIN") is None
        assert last_session_trace(store, "C-0001", "F.CHIN", before="S-1") is None
        assert last_session_trace(store, "C-0001", "F.JAW.L") is None
        found = last_session_trace(store, "C-0001", "F.CHIN", most=700)
        assert found is not None
        assert (found.session, len(found.depth_mm), len(found.speed_rpm)) == ("S-1", 700, 700)
        trace = load_trace(store, "S-1")
    here = trace[(trace["zone"] == 8) & (trace["state"] == messages.STATE_RUNNING)][-700:]
    np.testing.assert_allclose(found.depth_mm, here["depth_um"] / 1000)
