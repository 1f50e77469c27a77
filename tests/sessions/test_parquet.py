"""trace.parquet: the same samples with their units, the same bytes each time, and a plain word where pyarrow is missing."""

import importlib.util
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sessions.events import NO_AGE, TRACE_FIELDS
from sessions.export import run
from sessions.export.material import Material, load_material
from sessions.store import open_store
from tests.sessions.face import SESSION, face, store_face

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: trace.parquet is not tested")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("parquet")
    with open_store(home) as store:
        store_face(store, face(seconds=24.0))
    return home


@pytest.fixture(scope="module")
def material(home: Path) -> Material:
    with open_store(home) as store:
        return load_material(store, SESSION)


def file_of(material: Any, tick: Any = lambda share: None) -> bytes:
    from sessions.export.parquet import trace_parquet

    return b"".join(trace_parquet(material, tick))


def test_every_sample_is_there_in_its_own_type(material: Material) -> None:
    table = pq.read_table(io.BytesIO(file_of(material)))
    assert table.column_names == ["utc", *TRACE_FIELDS]
    for name in TRACE_FIELDS:
        column = table[name].to_numpy()
        assert column.dtype == material.trace[name].dtype
        assert (column == material.trace[name]).all(), name
    utc_us = table["utc"].cast("int64").to_numpy()
    assert (np.diff(utc_us) == np.diff(material.trace["mono_ns"] // 1000)).all()
    first = table["utc"][0].as_py()
    assert first.isoformat().startswith(material.facts.opened_utc[:19])


def test_an_age_that_is_not_known_is_null(material: Material) -> None:
    trace = material.trace.copy()
    trace["age_us"][3:5] = NO_AGE
    changed = SimpleNamespace(trace=trace, facts=material.facts, verdict=material.verdict)
    ages = pq.read_table(io.BytesIO(file_of(changed)))["age_us"].to_pylist()
    assert [at for at, age in enumerate(ages) if age is None] == [3, 4]
    assert ages[5:] == material.trace["age_us"][5:].tolist()


def test_fields_say_their_units_and_the_file_whose_it_is(material: Material) -> None:
    schema = pq.read_schema(io.BytesIO(file_of(material)))
    units = {name: (schema.field(name).metadata or {}).get(b"unit", b"").decode() for name in schema.names}
    for name, unit in units.items():
        suffix = name.rpartition("_")[2]
        assert unit == {"um": "um", "us": "us", "ns": "ns", "rpm": "1/min", "ma": "mA", "utc": "us", "index": "1"}.get(suffix, "")
        assert schema.field(name).metadata[b"meaning"]
    zones = json.loads(schema.field("zone").metadata[b"zones"])
    assert zones == {str(zone.number): zone.zone for zone in material.facts.opened.zones}
    told = {key.decode(): value.decode() for key, value in schema.metadata.items()}
    assert told["session"] == SESSION
    assert (told["events_head"], told["trace_head"]) == (material.verdict.events_head, material.verdict.trace_head)
    assert told["samples"] == str(len(material.trace))


def test_the_same_record_gives_the_same_bytes_squeezed_with_zstandard(material: Material) -> None:
    told: list[float] = []
    file = file_of(material, told.append)
    assert file == file_of(material)
    assert told == [1.0]
    group = pq.ParquetFile(io.BytesIO(file)).metadata.row_group(0)
    assert {group.column(each).compression for each in range(group.num_columns)} == {"ZSTD"}


@pytest.fixture(scope="module")
def written(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, with one age that is not known and one sample of the far end of every column."""
    trace = material.trace.copy()
    trace["age_us"][3] = NO_AGE
    for name in TRACE_FIELDS:
        if name not in ("age_us", "mono_ns"):
            trace[name][5] = np.iinfo(trace.dtype[name]).max
    path = tmp_path_factory.mktemp("written") / "trace.parquet"
    path.write_bytes(file_of(SimpleNamespace(trace=trace, facts=material.facts, verdict=material.verdict)))
    return path


# In a process of its own: its binding tells of leaks on stderr when a process ends.
ASK = """
import json, sys
import duckdb

path, fields = sys.argv[1], sys.argv[2].split(",")
with duckdb.connect() as connection:
    rows = connection.sql(f"SELECT * FROM '{path}'")
    asked = "count(*), count(age_us), sum(depth_um), max(index), max(t_pen_us), min(epoch_us(utc))"
    found = connection.execute(f"SELECT {asked} FROM '{path}'").fetchall()[0]
    first = connection.execute(f"SELECT {', '.join(fields)} FROM '{path}' WHERE zone = 1 LIMIT 1").fetchall()[0]
    print(json.dumps([rows.columns, list(map(str, rows.types)), list(map(int, found)), first]))
"""


def test_duckdb_reads_it_without_being_told_anything(written: Path, material: Material) -> None:
    if importlib.util.find_spec("duckdb") is None:
        pytest.skip("DuckDB is not installed: trace.parquet was opened by no reader but pyarrow")
    asked = [sys.executable, "-c", ASK, str(written), ",".join(TRACE_FIELDS)]
    columns, types, found, first = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    assert columns == ["utc", *TRACE_FIELDS]
    kinds = dict(zip(columns, types, strict=True))
    assert (kinds["utc"], kinds["index"], kinds["mono_ns"]) == ("TIMESTAMP WITH TIME ZONE", "UBIGINT", "BIGINT")
    assert (kinds["age_us"], kinds["depth_um"], kinds["zone"]) == ("INTEGER", "USMALLINT", "UTINYINT")
    depths = material.trace["depth_um"].astype(np.int64)
    top = 2**64 - 1
    opened_us = np.datetime64(material.facts.opened_utc.rstrip("Z"), "us").astype(np.int64)
    begun_us = opened_us + (int(material.trace["mono_ns"].min()) - material.facts.opened_mono_ns) // 1000
    count = len(material.trace)
    assert found == [count, count - 1, int(depths.sum()) - int(depths[5]) + 65535, top, top, begun_us]
    wanted = material.trace[material.trace["zone"] == 1][0]
    assert first == [int(wanted[name]) for name in TRACE_FIELDS]


def test_whoever_wants_it_no_longer_stops_it(material: Material) -> None:
    def no(share: float) -> None:
        raise run.ExportCancelled("no")

    with pytest.raises(run.ExportCancelled):
        file_of(material, no)


def test_it_is_exported_by_name_and_without_pyarrow_a_sentence_says_so(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(home) as store:
        (folder,) = run.export_sessions(store, [SESSION], ["parquet"], tmp_path)
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert list(manifest["files"]) == ["trace.parquet"]
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(run.ExportError, match=r"needs pyarrow.*pencontrol\[parquet\]"):
            run.export_sessions(store, [SESSION], ["parquet"], tmp_path / "other")
    assert not (tmp_path / "other").exists()
