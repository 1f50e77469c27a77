"""`bench record` end to end on ten seconds: every figure is there, and a limit that is exceeded is named."""

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: bench record cannot be run")

from benchmarks import record
from benchmarks.record import measuring
from benchmarks.registry import Options, load


def test_a_short_run_tells_every_figure_and_names_what_is_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(record, "SHORT_SESSIONS", 200)
    monkeypatch.setattr(measuring, "_TIMES", 1)
    monkeypatch.setattr(record, "LIMITS", {**dict.fromkeys(record.LIMITS, 1e9), "bytes_per_sample": 8.0, "csv_ratio": 0.0})
    document = load("record").bench(Options(seconds=10.0, tell=told.append))
    assert {"bytes_per_sample", "commit_ms_p99", "pdf_s", "parquet_s", "csv_ratio", "list_ms", "search_ms", "open_s"} <= set(
        document
    )
    assert (document["samples"], document["sessions"]) == (10_000, 200)
    assert document["trace_bytes_per_sample"] + document["tape_bytes_per_sample"] < document["bytes_per_sample"] < 8
    assert document["exceeded"] == ["csv_ratio"]
    assert document["verdict"] == "FAIL"
    assert "verifying" in told
    assert load("record").lines(document)[-1].endswith("exceeded: csv_ratio")
