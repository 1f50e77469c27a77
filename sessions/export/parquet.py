"""trace.parquet: every sample as a column table, for those who analyse. Needs pyarrow (extra `parquet`). Pure.

The columns are those of the trace, after `utc`. Each field says its unit and what it means in its metadata; the file says
whose trace it is and the heads of the chains, so that it can be held against a printed report. The same record gives the same
bytes with the same version of pyarrow.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sessions.events import NO_AGE, TRACE_FIELDS
from sessions.export.material import Material
from sessions.reading import Trace

ABOUT = "pencontrol.trace/1"
_ROWS = 1 << 19  # in a row group: nine minutes at 1 kHz
_LEVEL = 1  # the differences below have done most of it: level 9 saves another 2 % and takes three times as long
# Numbers that grow or jitter from row to row: as differences, where a table of values would hold every one of them.
_STEPPED = ("utc", "index", "t_pen_us", "mono_ns", "age_us")
_MEANINGS: dict[str, tuple[str, str]] = {
    "utc": ("us", "when control read the sample, by the wall clock at the session's opening and the monotonic clock since"),
    "index": ("1", "sample number, unwrapped"),
    "t_pen_us": ("us", "the pen's clock, unwrapped"),
    "mono_ns": ("ns", "when control read the sample, by the station's monotonic clock"),
    "age_us": ("us", "age of the sample when it was read; null while the clocks are not synced"),
    "depth_um": ("um", "measured reach of the needles"),
    "speed_rpm": ("1/min", "measured speed"),
    "current_ma": ("mA", "measured current of the motor"),
    "asked_depth_um": ("um", "depth asked"),
    "asked_speed_rpm": ("1/min", "speed asked"),
    "limit_um": ("um", "deepest that the plan allowed there"),
    "zone": ("", "number of the zone on the wire, 0 for none"),
    "state": ("", "the pen's state, as a number of the pen link"),
    "fault": ("", "the pen's fault, as a number of the pen link"),
    "refusal": ("", "why the pen refused a DRIVE, as a number of the pen link"),
    "flags": ("", "bits of TELEMETRY.flags in the pen link"),
    "contact": ("", "1 while the host's detector saw contact"),
}
_TYPES = (
    *(pa.uint64(), pa.uint64(), pa.int64(), pa.int32()),
    *(pa.uint16(),) * 6,
    *(pa.uint8(),) * 6,
)


def trace_parquet(material: Material, tick: Callable[[float], None] = lambda share: None) -> Iterator[bytes]:
    """The file in one piece. `tick` is told the share that is made; what it raises passes through."""
    schema = _schema(material)
    opened = datetime.fromisoformat(material.facts.opened_utc)
    opened_utc_us = int(opened.timestamp()) * 1_000_000 + opened.microsecond
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        schema,
        version="2.6",
        compression="zstd",
        compression_level=_LEVEL,
        use_dictionary=[name for name in schema.names if name not in _STEPPED],
        column_encoding=dict.fromkeys(_STEPPED, "DELTA_BINARY_PACKED"),
    ) as writer:
        for at in range(0, len(material.trace), _ROWS):
            part = material.trace[at : at + _ROWS]
            utc_us = (part["mono_ns"] - material.facts.opened_mono_ns) // 1000 + opened_utc_us
            columns = [pa.array(utc_us, pa.timestamp("us", "UTC")), *_columns(part)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=_ROWS)
            tick(min(1.0, (at + _ROWS) / len(material.trace)))
    yield sink.getvalue().to_pybytes()


def _columns(part: Trace) -> Iterator[Any]:
    for name, kind in zip(TRACE_FIELDS, _TYPES, strict=True):
        values = np.ascontiguousarray(part[name])
        yield pa.array(values, kind, mask=values == NO_AGE if name == "age_us" else None)


def _schema(material: Material) -> Any:
    facts, verdict = material.facts, material.verdict
    fields = []
    for name, kind in zip(("utc", *TRACE_FIELDS), (pa.timestamp("us", "UTC"), *_TYPES), strict=True):
        unit, meaning = _MEANINGS[name]
        told = {"meaning": meaning, **({"unit": unit} if unit else {})}
        if name == "zone":
            told["zones"] = json.dumps({zone.number: zone.zone for zone in facts.opened.zones})
        fields.append(pa.field(name, kind, nullable=name == "age_us", metadata=told))
    about = {
        "format": ABOUT,
        "session": facts.session,
        "opened_utc": facts.opened_utc,
        "events_head": verdict.events_head,
        "trace_head": verdict.trace_head,
        "tape_head": verdict.wires_head,
        "samples": str(len(material.trace)),
        "samples_lost": str(facts.samples_lost),
    }
    return pa.schema(fields, metadata=about)
