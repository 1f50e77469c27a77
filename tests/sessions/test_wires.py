"""Blocks of control's tape in the feed, the store and the chain."""

import sqlite3
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.recording import Encoder
from sessions import feed
from sessions.audit import verify
from sessions.events import WIRE_LAYOUT
from sessions.export import export_sessions
from sessions.reading import iter_wires
from sessions.recording.intake import Intake, acknowledgements
from sessions.store import FILE_NAME, open_store, schema
from sessions.store.rows import WireBlock
from sessions.store.tape import COLUMNS, FIELDS, PLAIN, pack_tape, unpack_tape
from sessions.store.writing import Outcome, Writer
from tests.sessions.face import SESSION, face, store_face

ENTRIES = st.lists(st.tuples(st.integers(0, 255), st.integers(-(2**62), 2**62), st.binary(max_size=40)), max_size=60)


def tape(number: int, entries: int = 20) -> WireBlock:
    encoder = Encoder()
    for each in range(entries):
        encoder.put(1, 10**9 * number + each * 10**6, bytes([0, number, each, 7, 0]))
    return WireBlock(SESSION, number, WIRE_LAYOUT, encoder.take())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_store(tmp_path) as store:
        store_face(store, face(seconds=24.0))
        assert all(outcome.on_record for outcome in Writer(store).write([tape(number) for number in range(1, 6)]))
    return tmp_path


@given(ENTRIES)
def test_entries_come_back_from_columns(entries: list[tuple[int, int, bytes]]) -> None:
    encoder = Encoder()
    for kind, at_ns, data in entries:
        encoder.put(kind, at_ns, data)
    block = encoder.take()
    codec, packed = pack_tape(block)
    assert unpack_tape(codec, packed) == block
    assert codec == FIELDS


@given(st.binary(max_size=200))
def test_any_bytes_come_back(data: bytes) -> None:
    codec, packed = pack_tape(data)
    assert unpack_tape(codec, packed) == data


def test_what_is_not_written_so_is_kept_as_it_is() -> None:
    overlong = b"\x01\x80\x00\x00"  # a varint of two bytes for zero
    assert pack_tape(overlong)[0] == PLAIN
    assert unpack_tape(*pack_tape(overlong)) == overlong


@given(st.sampled_from([PLAIN, COLUMNS, FIELDS, "lz4"]), st.binary(max_size=120), st.booleans())
def test_unpacking_junk_says_so(codec: str, junk: bytes, compressed: bool) -> None:
    packed = zstandard.compress(junk) if compressed else junk
    try:
        unpack_tape(codec, packed)
    except (zstandard.ZstdError, ValueError):
        return
    assert compressed


def test_tape_is_stored_in_order_and_again_is_harmless(home: Path) -> None:
    with open_store(home) as store:
        assert [data for _, data in iter_wires(store, SESSION)] == [tape(number).data for number in range(1, 6)]
        outcomes = Writer(store).write([tape(3), tape(3, entries=9), tape(7), tape(6), WireBlock(SESSION, 7, "wire/9", b"x")])
        assert [outcome.on_record for outcome in outcomes] == [True, False, False, True, False]
        assert "other content" in outcomes[1].why
        assert "a gap" in outcomes[2].why
        assert "wire/9" in outcomes[4].why
        assert not Writer(store).write([WireBlock(SESSION, 7, WIRE_LAYOUT, b"")])[0].on_record
        verdict = verify(store, SESSION)
        assert verdict.holds
        assert verdict.wires == 6


@pytest.mark.parametrize(
    "change", ["UPDATE wires SET size = 1", "DELETE FROM wires", "INSERT OR REPLACE INTO wires SELECT * FROM wires"]
)
def test_tape_is_never_changed_deleted_or_replaced(home: Path, change: str) -> None:
    stranger = sqlite3.connect(home / FILE_NAME)
    before = stranger.execute("SELECT * FROM wires").fetchall()
    with pytest.raises(sqlite3.IntegrityError):
        stranger.execute(change)
    assert stranger.execute("SELECT * FROM wires").fetchall() == before != []
    stranger.close()


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        ("UPDATE wires SET data = (SELECT data FROM wires WHERE wire = 5) WHERE wire = 4", "block 4 of tape was changed"),
        ("UPDATE wires SET prev_hash = hash WHERE wire = 2", "block 2 of tape does not follow"),
        ("UPDATE wires SET data = x'00' WHERE wire = 2", "block 2 of tape cannot be unpacked"),
        ("UPDATE wires SET size = 3 WHERE wire = 2", "3 are told"),
        ("UPDATE wires SET codec = 'lz4' WHERE wire = 2", "lz4"),
        ("DELETE FROM wires WHERE wire = 3", "block 3 of tape is missing"),
    ],
)
def test_what_gets_past_the_triggers_breaks_the_chain(home: Path, tamper: str, problem: str) -> None:
    stranger = sqlite3.connect(home / FILE_NAME)
    for (name,) in stranger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        stranger.execute(f"DROP TRIGGER {name}")
    stranger.execute(tamper)
    stranger.commit()
    stranger.close()
    with open_store(home) as store:
        assert any(problem in found for found in verify(store, SESSION).problems)


def test_a_database_of_the_revision_before_is_upgraded_with_its_rows(home: Path, tmp_path: Path) -> None:
    stranger = sqlite3.connect(home / FILE_NAME)
    later = ("session_keys", "key_values", "client_keys", "entries", "mentions", "wires")  # what 0002 and 0003 brought
    stranger.executescript("".join(f"DROP TABLE {name}; " for name in later) + "UPDATE alembic_version SET version_num = '0001'")
    events = stranger.execute("SELECT * FROM events").fetchall()
    stranger.close()
    with open_store(home) as store:
        assert Writer(store).write([tape(1)])[0].on_record
        assert verify(store, SESSION).holds
    stranger = sqlite3.connect(home / FILE_NAME)
    assert stranger.execute("SELECT version_num FROM alembic_version").fetchone() == (schema.HEAD,)
    assert stranger.execute("SELECT * FROM events").fetchall() == events
    triggers = {name for (name,) in stranger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert {"wires_no_update", "wires_no_delete", "wires_in_order", "wires_chained"} <= triggers
    stranger.close()


def test_the_feed_takes_tape_and_acknowledges_it_apart() -> None:
    intake = Intake()
    block = tape(1)
    hello = feed.pack_json(feed.HELLO, {"control": "c", "live": ""})
    received = intake.take(hello + feed.pack_wire(block.stream, block.wire, block.layout, block.data))
    assert received.items == [block]
    (told,) = feed.Messages().feed(acknowledgements([Outcome(block, True)]))
    assert told == (feed.ACK, b'{"stream":"' + SESSION.encode() + b'","wire":1}')
    with pytest.raises(feed.FeedError, match="a WIRE that does not fit"):
        intake.take(feed.pack_block(SESSION, 1, 1, 0, "trace/1", b"").replace(b"\x03", b"\x04", 1))


def test_session_json_tells_the_tapes_head(home: Path) -> None:
    with open_store(home) as store:
        head = verify(store, SESSION).wires_head
        (folder,) = export_sessions(store, [SESSION], ["json"], home / "out")
    assert head in (folder / "session.json").read_text()


@given(st.integers(5, 5000))
def test_a_filler_is_one_message_of_its_size(size: int) -> None:
    message = feed.filler(size)
    assert len(message) == size
    assert [kind for kind, _ in feed.Messages().feed(message)] == [0]
