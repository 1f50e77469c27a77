"""Trace and tape in the store: bytes with rows and pages, what damage of one says of the other; and how control cuts them."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zstandard

from benchmarks.record.made import SESSION, session_made
from firmware_protocol import recording
from pencontrol.control import tape as control_tape
from pencontrol.control.journal import FIRST_BLOCK_SAMPLES
from pencontrol.replay import replay
from sessions.audit import verify
from sessions.columns import iter_columns
from sessions.events import TRACE_BYTES
from sessions.reading import iter_wires, load_trace
from sessions.store import FILE_NAME, Damaged, open_store
from sessions.store.records import TRACE_DTYPE, Trace
from sessions.store.rows import Block, WireBlock
from sessions.store.tape import FIELDS as TAPE_FIELDS
from sessions.store.writing import Writer
from tests.pencontrol.tape_bench import TapeBench

SAMPLES = 3000
REFUSALS = (ValueError, zstandard.ZstdError)


def blocks() -> tuple[list[Block], list[WireBlock]]:
    items = [item for group in session_made(SAMPLES) for item in group]
    return [each for each in items if isinstance(each, Block)], [each for each in items if isinstance(each, WireBlock)]


TRACE, TAPE = blocks()
FIRST: Trace = np.frombuffer(TRACE[0].records, TRACE_DTYPE)


def given_trace(first: int, last: int) -> Trace:
    assert (first, last) == (1, 1)
    return FIRST


# the store


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("size")
    with open_store(home) as store:
        writer = Writer(store)
        for items in session_made(SAMPLES):
            assert all(outcome.on_record for outcome in writer.write(items))
    return home


@pytest.fixture
def home(stored: Path, tmp_path: Path) -> Path:
    (tmp_path / FILE_NAME).write_bytes((stored / FILE_NAME).read_bytes())
    return tmp_path


def test_trace_and_tape_together_take_under_six_bytes_a_sample_with_their_rows(home: Path) -> None:
    file = sqlite3.connect(home / FILE_NAME)
    query = "SELECT SUM(pgsize - unused) FROM dbstat WHERE name IN ('blocks', 'wires')"
    assert file.execute(query).fetchone()[0] / SAMPLES < 6
    assert {codec for (codec,) in file.execute("SELECT codec FROM wires")} == {TAPE_FIELDS}
    file.close()


def test_what_was_stored_is_read_and_verified(home: Path) -> None:
    with open_store(home) as store:
        assert [data for _, data in iter_wires(store, SESSION)] == [block.data for block in TAPE]
        assert load_trace(store, SESSION).tobytes() == b"".join(block.records for block in TRACE)
        parts = list(iter_columns(store, SESSION, ["depth_um", "age_us"]))
        assert np.concatenate([part.fields["age_us"] for part in parts]).tolist() == load_trace(store, SESSION)["age_us"].tolist()
        verdict = verify(store, SESSION)
        assert verdict.holds, verdict.problems
        assert (verdict.wires, verdict.samples) == (len(TAPE), SAMPLES)


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        ("DELETE FROM blocks WHERE block = 2", "block 2 of the trace is missing"),
        ("UPDATE blocks SET data = x'00' WHERE block = 2", "of the trace, block 2 cannot be unpacked"),
        ("UPDATE blocks SET data = (SELECT data FROM blocks WHERE block = 1) WHERE block = 2", "block 2 of tape has"),
    ],
)
def test_tape_whose_trace_is_gone_says_so(home: Path, tamper: str, words: str) -> None:
    stranger = sqlite3.connect(home / FILE_NAME)
    for (name,) in stranger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        stranger.execute(f"DROP TRIGGER {name}")
    stranger.execute(tamper)
    stranger.commit()
    stranger.close()
    with open_store(home) as store:
        problems = verify(store, SESSION).problems
        assert any(words in problem for problem in problems), problems
        if "tape" not in words:
            with pytest.raises(Damaged, match=words):
                list(iter_wires(store, SESSION))


def test_a_recorder_that_was_started_anew_stores_tape_without_trace(tmp_path: Path) -> None:
    groups = list(session_made(SAMPLES))
    with open_store(tmp_path) as store:
        for items in groups:
            for item in items:  # a writer that has seen nothing else
                assert Writer(store).write([item])[0].on_record
        assert [data for _, data in iter_wires(store, SESSION)] == [block.data for block in TAPE]


# control


def telemetry_of(wire: bytes) -> Iterator[int]:
    for entry in recording.decode(wire):
        if entry.kind == recording.FROM_PEN:
            yield from (1 for piece in entry.data.split(b"\0") if piece[1:3] == b"\x01\xc0")


def treated(bench: TapeBench) -> None:
    bench.treat("F.TEMPLE.R")
    bench.run(3200)
    bench.close()
    bench.run(20)


def test_blocks_of_tape_end_with_those_of_the_trace() -> None:
    bench = TapeBench()
    treated(bench)
    record = bench.record()
    assert len(record.wires) == len(record.trace) > 3
    told = [sum(telemetry_of(wire)) for wire in record.wires]
    assert told[1:-1] == [len(block.records) // TRACE_BYTES for block in record.trace][1:-1]


def test_a_tape_of_before_its_blocks_ended_with_the_trace_is_replayed() -> None:
    bench = TapeBench()
    bench.station.journal.block_samples, bench.station.tape.with_trace = FIRST_BLOCK_SAMPLES, False
    treated(bench)
    record = bench.record()
    image = json.loads(next(recording.decode(record.wires[0])).data)
    assert "tape" not in image
    assert len(record.trace[0].records) == FIRST_BLOCK_SAMPLES * TRACE_BYTES
    report = replay(record)
    assert report.identical, report.differences
    encoder = recording.Encoder()
    for entry in recording.decode(record.wires[0]):
        data = (
            json.dumps({**image, "tape": "blocks end with the trace's"}).encode()
            if entry.kind == control_tape.IMAGE
            else entry.data
        )
        encoder.put(entry.kind, entry.at_ns, data)
    assert not replay(replace(record, wires=[encoder.take(), *record.wires[1:]])).identical
