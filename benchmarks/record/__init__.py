"""The record of a 75 minute session at 1 kHz: bytes on disk, commits, reading, exports; and finding one session of 100 000.

Where pyarrow does the same, it does so beside, on the same rows, in the same process; its file is Parquet with zstandard. The
session is made by `benchmarks.record.made` and stored by the recorder's own writer, a commit a second. What each key says:
docs/replay.md, "Bytes on disk".
"""

import os
import tempfile
from pathlib import Path

from benchmarks.record.measuring import exports, finding, storing
from benchmarks.registry import BenchError, Document, Options

SECONDS, SESSIONS = 4500, 100_000
SHORT_SECONDS, SHORT_SESSIONS = 30, 2000
LIMITS = {
    "bytes_per_sample": 8.0,
    "pdf_s": 2.0,
    "parquet_s": 1.0,
    "csv_ratio": 2.0,
    "list_ms": 100.0,
    "search_ms": 50.0,
}


def bench(options: Options) -> Document:
    """Store, read, export, search. Raises BenchError without pyarrow."""
    try:
        import pyarrow
    except ImportError:
        raise BenchError("The peer is not installed: python -m pip install pyarrow, or take the bench extra.") from None
    short = options.short or options.seconds is not None
    seconds = options.seconds or (SHORT_SECONDS if options.short else SECONDS)
    samples, sessions = max(2000, int(seconds * 1000)), SHORT_SESSIONS if short else SESSIONS
    with tempfile.TemporaryDirectory(prefix="pencontrol-record-") as folder:
        try:
            document: Document = {
                "peer": f"pyarrow {pyarrow.__version__}",
                "samples": samples,
                "sessions": sessions,
                "cpus": os.cpu_count(),
            }
            document |= storing(Path(folder) / "one", samples, options.tell)
            document |= exports(Path(folder) / "one", options.tell)
            document |= finding(Path(folder) / "many", sessions, options.tell)
        except OSError as error:
            raise BenchError(f"{error.filename or folder}: {error.strerror}") from error
    exceeded = [name for name, limit in LIMITS.items() if not document[name] <= limit]
    return {**document, "exceeded": exceeded, "verdict": "FAIL" if exceeded else "PASS"}


def lines(document: Document) -> list[str]:
    """For a person."""
    d = document
    held = ", ".join(f"{name} {limit:g}" for name, limit in LIMITS.items())
    return [
        f"{d['samples']} samples; beside {d['peer']}; {d['cpus']} processors",
        f"disk: {d['bytes_per_sample']:.2f} bytes a sample in all (trace {d['trace_bytes_per_sample']:.2f}, tape"
        f" {d['tape_bytes_per_sample']:.2f}); Parquet of the trace alone {d['peer_bytes_per_sample']:.2f}",
        f"commit of a second: median {d['commit_ms_p50']:.1f} ms, p99 {d['commit_ms_p99']:.1f} ms,"
        f" worst {d['commit_ms_max']:.1f} ms",
        f"open, every sample in memory: {d['open_s']:.2f} s; read from Parquet {d['peer_open_s']:.2f} s",
        f"open and verify all three chains: {d['verified_s']:.2f} s",
        f"PDF: {d['pdf_s']:.2f} s",
        f"Parquet: {d['parquet_s']:.2f} s; the peer's own defaults {d['peer_parquet_s']:.2f} s",
        f"CSV: {d['csv_s']:.2f} s; the peer {d['peer_csv_s']:.2f} s, {d['csv_ratio']:.2f} x",
        f"of {d['sessions']} sessions: a page of the list {d['list_ms']:.1f} ms, a search {d['search_ms']:.1f} ms (95 of 100)",
        f"{d['verdict']}: at most {held}" + (f"; exceeded: {', '.join(d['exceeded'])}" if d["exceeded"] else ""),
    ]
