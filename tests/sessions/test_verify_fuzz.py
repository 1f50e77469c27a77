"""Whatever bytes stand in a file, verify gives a verdict: never a traceback, and never a yes to what was changed."""

import hashlib
import json
import random
import sqlite3
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.audit import verify
from sessions.events import canonical
from sessions.export.verify import verify_folder
from sessions.store import FILE_NAME, StoreError, open_store
from sessions.store.unzip import unzip
from tests.sessions.tampering.folder import Files
from tests.sessions.tampering.record import KEY, SESSION, Record, as_store, export, in_memory, make_record

ODD = (b"null", b"-1", b"1e999", b"NaN", b'"\\ud800"', b"[]", b"{}", b"9" * 5000, b'""', b"'", b"\r", b"\0", b"\xff", b"[" * 2000)
HELD = ("events.csv", "manifest.json", "session.json", "trace.csv")
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return make_record(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def files(record: Record, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return export(record, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.one_of(st.sampled_from(ODD), st.binary(max_size=8))), min_size=1
)


@QUIET
@given(name=st.sampled_from(HELD), edits=edits, fits=st.booleans(), trusted=st.booleans())
def test_any_bytes_in_any_file(
    files: Files, record: Record, place: Path, name: str, edits: list[tuple[float, int, bytes]], fits: bool, trusted: bool
) -> None:
    data = files[name]
    for share, gone, new in edits:
        at = int(share * len(data))
        data = data[:at] + new + data[at + gone :]
    told = {**files, name: data}
    if fits and name != "manifest.json":
        manifest = json.loads(files["manifest.json"])
        manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        told["manifest.json"] = canonical(manifest) + b"\n"
    for each, content in told.items():
        (place / each).write_bytes(content)
    verdict = verify_folder(place, {KEY.key_id} if trusted else None, record.heads)
    assert verdict.holds is (told == files), verdict.problems


@given(st.dictionaries(st.sampled_from(["format", "session", "files", "events", "events_head"]), st.text() | st.integers()))
def test_any_manifest(told: dict[str, object]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "manifest.json").write_bytes(canonical({"format": "pencontrol.manifest/1", **told}) + b"\n")
        assert not verify_folder(Path(name)).holds


def test_values_of_another_type_in_any_column(record: Record) -> None:
    untouched, connection = in_memory(record), in_memory(record)
    tables = {"events": "number", "blocks": "block", "wires": "wire", "sessions": "id", "closures": "session"}
    for table, key in tables.items():
        for _, column, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
            for value in (None, b"\xff\x00", "x" * 50, -1, 2**62, 1.5, ""):
                if column == "simulated" and value:
                    continue  # read as true, which it is
                untouched.backup(connection)
                first = connection.execute(f"SELECT min({key}) FROM {table}").fetchone()[0]
                try:
                    connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, first))
                except sqlite3.Error:
                    continue  # the column takes no such value
                try:
                    verdict = verify(as_store(connection), SESSION, {KEY.key_id}, record.heads)
                except StoreError:
                    continue
                same = (
                    untouched.execute(f"SELECT * FROM {table}").fetchall()
                    == connection.execute(f"SELECT * FROM {table}").fetchall()
                )
                assert not verdict.holds or same, f"{table}.{column} = {value!r}"
    untouched.close()
    connection.close()


def test_damaged_database_files(record: Record, tmp_path: Path) -> None:
    dice, whole = random.Random(4), (record.home / FILE_NAME).read_bytes()
    told = {"verdict": 0, "error": 0}
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.choice((1, 5, 40))):
            at = dice.randrange(len(data))
            data[at : at + 8] = dice.randbytes(8)
        for path in tmp_path.iterdir():
            path.unlink()
        (tmp_path / FILE_NAME).write_bytes(data[: dice.choice((len(data), len(data), dice.randrange(len(data))))])
        try:
            with open_store(tmp_path) as store:
                verify(store, SESSION, {KEY.key_id}, record.heads)
            told["verdict"] += 1
        except StoreError:
            told["error"] += 1
    assert min(told.values()) > 5, told


def test_a_packed_block_that_claims_to_be_huge_is_refused_before_room_is_made() -> None:
    with pytest.raises(ValueError, match="it says that it holds 5000000 bytes, allowed are 4800"):
        unzip(zstandard.ZstdCompressor().compress(bytes(5_000_000)), 4800)


def test_a_broken_schema_that_no_utf8_can_tell_is_a_plain_error(record: Record, tmp_path: Path) -> None:
    data = (record.home / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(data.replace(b"CREATE TABLE events", b"CREATE \xff\xfe\xff events", 1))
    with pytest.raises(StoreError):
        open_store(tmp_path).close()
