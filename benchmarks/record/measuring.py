"""What is timed, each by the functions that the program itself uses. I/O."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks import record_data
from benchmarks.record.made import SESSION, session_made
from benchmarks.registry import BenchError, Document
from pencontrol.control.journal import BLOCK_SAMPLES
from sessions.export.material import Material, load_material
from sessions.listing import Filters, page
from sessions.reading import Trace, load_facts, load_trace
from sessions.store import FILE_NAME, Store, open_store
from sessions.store.writing import Writer

T = TypeVar("T")
Tell = Callable[[str], None]

_TIMES = 3  # of what takes a second: the best counts, as whatever else the machine does only adds
_SEARCHES = 100


def storing(home: Path, samples: int, tell: Tell) -> Document:
    """Store a session, a commit a second; what the file grew by, and how long each commit took."""
    commits_ms: list[float] = []
    total = -(-samples // BLOCK_SAMPLES) + 2
    with open_store(home) as store:
        _settle(store)
        before = (home / FILE_NAME).stat().st_size
        writer = Writer(store)
        for number, items in enumerate(session_made(samples), start=1):
            begin = time.perf_counter_ns()
            outcomes = writer.write(items)
            commits_ms.append((time.perf_counter_ns() - begin) / 1e6)
            if wrong := [outcome.why for outcome in outcomes if not outcome.on_record]:
                raise BenchError(f"not stored: {wrong[0]}")
            if number % 250 == 0:
                tell(f"storing second {number} of {total}")
        _settle(store)
        grown = (home / FILE_NAME).stat().st_size - before
        with store.reading() as connection:
            sizes = {
                name: connection.exec_driver_sql(f"SELECT SUM(LENGTH(data)) FROM {table}").scalar_one() / samples
                for name, table in (("trace_bytes_per_sample", "blocks"), ("tape_bytes_per_sample", "wires"))
            }
    return {
        "bytes_per_sample": grown / samples,
        **sizes,
        "commit_ms_p50": float(np.percentile(commits_ms, 50)),
        "commit_ms_p99": float(np.percentile(commits_ms, 99)),
        "commit_ms_max": max(commits_ms),
    }


def exports(home: Path, tell: Tell) -> Document:
    """Read the session and make its files; the peer does the same with its own reader and writers."""
    import pyarrow as pa
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    from sessions.export.parquet import trace_parquet
    from sessions.export.pdf.document import session_pdf
    from sessions.export.trace_csv import trace_csv

    tell("opening")
    open_s, trace = _best(lambda: _opened(home))
    rows = _table(trace)
    sink = io.BytesIO()
    peer_parquet_s, _ = _best(lambda: _into(sink, lambda: pq.write_table(rows, sink, compression="zstd")))
    peer_open_s, _ = _best(lambda: pq.read_table(pa.BufferReader(sink.getvalue())))
    del trace
    tell("verifying")
    with open_store(home) as store:
        begin = time.perf_counter()
        material = load_material(store, SESSION)
        verified_s = time.perf_counter() - begin
    if not material.verdict.holds:
        raise BenchError(f"what was stored does not verify: {material.verdict.problems[0]}")
    tell("making the PDF")
    pdf_s, _ = _best(lambda: session_pdf(material, None))
    tell("writing Parquet")
    parquet_s, _ = _best(lambda: b"".join(trace_parquet(material)))
    tell("writing CSV")
    csv_s, peer_csv_s = float("inf"), float("inf")
    same = _as_in_csv(rows, material)
    for _ in range(_TIMES):  # turn about
        csv_s = min(csv_s, _timed(lambda: _count(trace_csv(material)))[0])
        peer_csv_s = min(peer_csv_s, _timed(lambda: pacsv.write_csv(same, io.BytesIO()))[0])
    return {
        "open_s": open_s,
        "peer_open_s": peer_open_s,
        "peer_bytes_per_sample": len(sink.getvalue()) / len(material.trace),
        "verified_s": verified_s,
        "pdf_s": pdf_s,
        "parquet_s": parquet_s,
        "peer_parquet_s": peer_parquet_s,
        "csv_s": csv_s,
        "peer_csv_s": peer_csv_s,
        "csv_ratio": csv_s / peer_csv_s,
    }


def finding(home: Path, count: int, tell: Tell) -> Document:
    """The list's first page, and searches for codes and ends of ids, among `count` sessions."""
    tell(f"storing {count} sessions")
    with open_store(home) as store:
        made = record_data.fill(store, count)
        tell("listing and searching")
        wanted = [made[each * len(made) // _SEARCHES] for each in range(_SEARCHES)]
        listing = [_timed(lambda: page(store))[0] for _ in wanted]
        texts = [
            (each.client, each.session[-4:], each.lot, f"{each.operator} {each.zones[0]}")[n % 4] for n, each in enumerate(wanted)
        ]
        searching = []
        for text in texts:
            took_s, found = _timed(lambda text=text: page(store, Filters(text=text)))  # type: ignore[misc]
            if not found.rows:
                raise BenchError(f"the search for {text!r} found nothing")
            searching.append(took_s)
    return {"list_ms": float(np.percentile(listing, 95)) * 1e3, "search_ms": float(np.percentile(searching, 95)) * 1e3}


def _opened(home: Path) -> Trace:
    with open_store(home) as store:
        load_facts(store, SESSION)
        return load_trace(store, SESSION)


def _table(trace: Trace) -> Any:
    import pyarrow as pa

    return pa.table({name: np.ascontiguousarray(trace[name]) for name in trace.dtype.names or ()})


def _as_in_csv(rows: Any, material: Material) -> Any:
    """With the three columns that trace.csv has besides the trace's."""
    import pyarrow as pa

    since_us = (material.trace["mono_ns"] - material.facts.opened_mono_ns) // 1000
    names = np.array(["", *(zone.zone for zone in material.facts.opened.zones)])
    zones = pa.DictionaryArray.from_arrays(pa.array(material.trace["zone"].astype(np.int32)), pa.array(names)).cast(pa.string())
    columns = (
        ("utc", pa.array(since_us, pa.timestamp("us", "UTC"))),
        ("since_opening_s", pa.array(since_us / 1e6)),
        ("zone_id", zones),
    )
    for at, (name, values) in enumerate(columns):
        rows = rows.add_column(at, name, values)
    return rows


def _into(sink: io.BytesIO, write: Callable[[], object]) -> None:
    sink.seek(0)
    sink.truncate()
    write()


def _count(pieces: Any) -> int:
    return sum(map(len, pieces))


def _settle(store: Store) -> None:
    """Everything out of the log into the file."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _best(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of the best of a few, and what the last gave."""
    took = [_timed(work) for _ in range(_TIMES)]
    return min(seconds for seconds, _ in took), took[-1][1]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begin = time.perf_counter()
    done = work()
    return time.perf_counter() - begin, done
