"""trace.csv beside Python's own csv module, and envelopes beside their definition: the fast way and the plain way agree."""

import csv
import io
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.events import NO_AGE, TRACE_FIELDS, utc_text
from sessions.export.pdf.decimate import envelope
from sessions.export.trace_csv import HEADER, Lines, trace_csv
from sessions.export.trace_lines import samples_of
from sessions.store.records import TRACE_DTYPE

OPENED_UTC = "2026-11-21T09:30:00.000123Z"
OPENED_NS = 1_795_253_400_000_123_000
OPENED_MONO_NS = 5_000_000_000_000
ZONES = {1: "F.CHEEK.R", 2: "a,b", 3: '=cmd"'}


def plain(trace: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for row in trace.tolist():
        told = dict(zip(TRACE_FIELDS, row, strict=True))
        since_us = (told["mono_ns"] - OPENED_MONO_NS) // 1000
        seconds = f"{'-' if since_us < 0 else ''}{abs(since_us) // 10**6}.{abs(since_us) % 10**6:06d}"
        zone = ZONES.get(told["zone"], "")
        values = ["" if name == "age_us" and value == NO_AGE else value for name, value in told.items()]
        utc = utc_text(OPENED_NS + since_us * 1000)
        writer.writerow([utc, seconds, f"'{zone}" if zone.startswith("=") else zone, *values])
    return out.getvalue()


def fast(trace: Any) -> str:
    material: Any = SimpleNamespace(trace=trace, facts=material_facts())
    return b"".join(trace_csv(material)).decode()


@settings(max_examples=30)  # each draws sixteen columns
@given(st.data())
def test_every_line_is_what_the_csv_module_writes(data: st.DataObject) -> None:
    trace = np.zeros(data.draw(st.integers(1, 12)), TRACE_DTYPE)
    for name in TRACE_FIELDS:
        info = np.iinfo(TRACE_DTYPE[name])
        low, high = int(info.min), int(info.max)
        if name == "mono_ns":
            low, high = OPENED_MONO_NS - 10**13, OPENED_MONO_NS + 10**15
        values = st.one_of(st.integers(low, high), st.sampled_from([max(low, 0), high, max(low, min(high, 9999))]))
        trace[name] = [data.draw(values) for _ in trace]
    trace["zone"][::2] = data.draw(st.integers(0, 4))
    trace["age_us"][::3] = NO_AGE
    assert fast(trace) == plain(trace)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.integers(1, 25), st.integers(-3, 3), st.integers(1, 300))
def test_an_envelope_is_the_least_and_greatest_of_each_column(steps: list[int], columns: int, begin: int, span: int) -> None:
    times = np.cumsum(np.array(steps, np.int64))
    values = np.random.default_rng(len(steps)).integers(0, 1000, len(steps)).astype(np.uint16)
    shape = envelope(values, times, begin, begin + span, columns)
    where = np.clip((times - begin) * columns // span, 0, columns - 1)
    found = sorted(set(where.tolist()))
    assert shape.at.tolist() == [(column + 0.5) / columns for column in found]
    assert shape.low.tolist() == [values[where == column].min() for column in found]
    assert shape.high.tolist() == [values[where == column].max() for column in found]


def material_facts() -> Any:
    zones = [SimpleNamespace(number=number, zone=zone) for number, zone in ZONES.items()]
    return SimpleNamespace(opened_utc=OPENED_UTC, opened_mono_ns=OPENED_MONO_NS, opened=SimpleNamespace(zones=zones))


def some(samples: int = 40) -> Any:
    trace = np.zeros(samples, TRACE_DTYPE)
    noise = np.random.default_rng(5)
    for name in TRACE_FIELDS:
        trace[name] = noise.integers(0, min(int(np.iinfo(TRACE_DTYPE[name]).max), 10**12), samples)
    trace["mono_ns"] += OPENED_MONO_NS - 10**9
    trace["age_us"][::3] = NO_AGE
    trace["age_us"][1::3] = -7
    trace["zone"] = 1
    return trace


def body(trace: Any) -> bytes:
    return fast(trace).encode().partition(b"\n")[2]


def test_lines_are_read_back() -> None:
    trace = some()
    read = samples_of(body(trace), Lines(material_facts()))
    assert read is not None
    assert read.tobytes() == trace.tobytes()
    trace["zone"] = 2  # a name with a comma: left to a reader of CSV
    assert samples_of(body(trace), Lines(material_facts())) is None


@given(st.data())
def test_lines_that_were_changed_are_not_read(data: st.DataObject) -> None:
    lines, whole = Lines(material_facts()), bytearray(body(some(3)))
    at = data.draw(st.integers(0, len(whole) - 1))
    match data.draw(st.integers(0, 2)):
        case 0:
            whole[at] ^= data.draw(st.integers(1, 255))
        case 1:
            del whole[at]
        case _:
            whole.insert(at, data.draw(st.integers(0, 255)))
    read = samples_of(bytes(whole), lines)
    assert read is None or (lines.of(read) == bytes(whole) and read.tobytes() != some(3).tobytes())


def test_a_time_beyond_the_calendar_is_not_read() -> None:
    line = body(some(1)).decode().rstrip("\n").split(",")
    line[5] = "9" * 18
    assert samples_of((",".join(line) + "\n").encode(), Lines(material_facts())) is None
