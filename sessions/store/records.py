"""Packs trace records for the disk, and back. Pure.

Of every field only what its neighbours do not foretell is kept. The time of reading is the pen's time plus a delay, and the
age is the time of reading minus the pen's time but for the phase and rate of the two clocks. docs/replay.md has the bytes a
sample that each field takes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import zstandard

from sessions.events import NO_AGE, TRACE_BYTES, TRACE_FIELDS
from sessions.store.bits import Ints
from sessions.store.columns import ColumnReader, ColumnWriter, Located
from sessions.store.together import values_together
from sessions.store.unzip import unzip

FIELDS, COLUMNS = "fields-1", "zstd-columns"  # the second: records before there was the first

_TYPES = ("<u8", "<u8", "<i8", "<i4", *["<u2"] * 6, *["u1"] * 6)
_OFFSETS = (0, 8, 16, 24, 28, 30, 32, 34, 36, 38, 40, 41, 42, 43, 44, 45)
TRACE_DTYPE = np.dtype({"names": TRACE_FIELDS, "formats": _TYPES, "offsets": _OFFSETS, "itemsize": TRACE_BYTES})
_WHOLE = np.dtype(  # with the padding: any 48 bytes come back
    {
        "names": (*TRACE_FIELDS, "padding"),
        "formats": (*_TYPES, "<u2"),
        "offsets": (*_OFFSETS, TRACE_BYTES - 2),
        "itemsize": TRACE_BYTES,
    }
)
PLAIN = ("index", "t_pen_us", *TRACE_FIELDS[4:], "padding")
_PHASES_NS = range(0, 1000, 125)
MAX_SAMPLES = 1 << 15  # a block has about 1000; a message of the feed has room for 21845

Trace = npt.NDArray[np.void]


def pack_records(records: bytes) -> tuple[str, bytes]:
    """The codec, and trace records packed by it. Their length must be a multiple of TRACE_BYTES, and not 0."""
    if len(records) > MAX_SAMPLES * TRACE_BYTES:
        columns = np.frombuffer(records, np.uint8).reshape(-1, TRACE_BYTES).T
        steps = np.diff(columns, axis=1, prepend=np.uint8(0))
        return COLUMNS, zstandard.ZstdCompressor(level=3).compress(steps.tobytes())
    trace = np.frombuffer(records, _WHOLE)
    out = ColumnWriter()
    for name in PLAIN:
        out.column(trace[name])
    mono_ns, t_pen_us, age_us = (trace[name].astype(np.int64) for name in ("mono_ns", "t_pen_us", "age_us"))
    out.column(mono_ns - t_pen_us * 1000)
    known = age_us != NO_AGE
    out.column(known)
    ages = age_us[known]
    best = min(_PHASES_NS, key=lambda phase: _changes(ages - _foretold(mono_ns, t_pen_us, phase)[known]))
    out.number(best)
    out.column(ages - _foretold(mono_ns, t_pen_us, best)[known])
    return FIELDS, out.done()


def unpack_records(codec: str, data: bytes, samples: int) -> bytes:
    """What `pack_records` was given. Raises zstandard.ZstdError or ValueError when it is not that."""
    return unpack_trace(codec, data, samples).tobytes()


def unpack_trace(codec: str, data: bytes, samples: int) -> Trace:
    """As `unpack_records`, as an array of TRACE_DTYPE."""
    if codec == FIELDS:
        trace: Trace = np.empty(max(0, samples), _WHOLE)
        for name, values in _Packed(data, samples).fields(_WHOLE.names or ()).items():
            trace[name] = values
        return trace.view(TRACE_DTYPE)
    if codec != COLUMNS:
        raise ValueError(f"packed as {codec!r}, known are {FIELDS!r} and {COLUMNS!r}")
    steps = unzip(data, samples * TRACE_BYTES)
    columns = np.cumsum(np.frombuffer(steps, np.uint8).reshape(TRACE_BYTES, samples), axis=1, dtype=np.uint8)
    return np.ascontiguousarray(columns.T).view(TRACE_DTYPE).ravel()


def unpack_traces(blocks: Sequence[tuple[str, bytes, int]]) -> list[Trace]:
    """As `unpack_trace`, of many blocks (codec, data, samples) at once. Raises as it does, without saying for which block."""
    places, phases_ns = list[list[Located]](), list[int]()
    for codec, data, samples in blocks:
        if codec != FIELDS:
            break
        given = _checked(data, samples)
        picked = given.pick(range(len(PLAIN) + 2), samples)
        if not (picked[-1].constant and picked[-1].base):
            break  # not every age is known: rare
        phases_ns.append(given.number())
        picked[-1] = given.locate(samples)
        given.done()
        places.append(picked)
    if len(places) != len(blocks) or max(phases_ns, default=0) > 1000:
        return [unpack_trace(*block) for block in blocks]
    columns = [values_together([each[at] for each in places], _WHOLE[name]) for at, name in enumerate(PLAIN)]
    delays, ages = (values_together([each[at] for each in places], np.dtype(np.int64)) for at in (-2, -1))
    out: list[Trace] = []
    for at, (_, _, samples) in enumerate(blocks):
        trace: Trace = np.empty(samples, _WHOLE)
        for name, values in zip(PLAIN, columns, strict=True):
            trace[name] = values[at]
        pen_us = trace["t_pen_us"].astype(np.int64)
        mono_ns = delays[at] + pen_us * 1000
        trace["mono_ns"], trace["age_us"] = mono_ns, ages[at] + _foretold(mono_ns, pen_us, phases_ns[at])
        out.append(trace.view(TRACE_DTYPE))
    return out


def join_traces(parts: Sequence[Trace]) -> Trace:
    """One after the other, at least one. numpy compares the types of all fields for each part, and this does not."""
    return np.concatenate([part.view(np.uint8) for part in parts]).view(TRACE_DTYPE)


def unpack_some(codec: str, data: bytes, samples: int, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """The fields `names` of packed records, each in its own type, without unpacking the others; not to be written to.

    A field that never changes is one number, repeated by a stride of 0. Raises zstandard.ZstdError or ValueError.
    """
    if codec != FIELDS:
        trace = unpack_trace(codec, data, samples)
        return {name: np.ascontiguousarray(trace[name]) for name in names}
    found = _Packed(data, samples).fields(names)
    return {name: values if values.ndim else repeated(values, samples) for name, values in found.items()}


def repeated(value: Any, count: int) -> npt.NDArray[Any]:
    """`count` times `value` by a stride of 0; not to be written to."""
    return np.ndarray(count, value.dtype, value.tobytes(), strides=(0,))


def _checked(data: bytes, samples: int) -> ColumnReader:
    if not (0 < samples <= MAX_SAMPLES):
        raise ValueError(f"{samples} samples, allowed are 1 to {MAX_SAMPLES}")
    return ColumnReader(data)


class _Packed:
    """The columns of FIELDS where they lie: read only as far as is asked."""

    def __init__(self, data: bytes, samples: int) -> None:
        self._given, self._samples = _checked(data, samples), samples

    def fields(self, names: Sequence[str]) -> dict[str, Any]:
        """By name: a value for each sample, or one for all, in the field's type. Once, as it reads on. Raises ValueError."""
        timed = "mono_ns" in names or "age_us" in names
        numbers = [at for at, name in enumerate(PLAIN) if name in names or (timed and name == "t_pen_us")]
        places = self._given.pick([*numbers, len(PLAIN)] if timed else numbers, self._samples)
        found: dict[str, Any] = {}
        for number, place in zip(numbers, places, strict=False):
            found[PLAIN[number]] = np.int64(place.base) if place.constant else place.values()
        if timed:
            pen_us = np.atleast_1d(found["t_pen_us"])  # one number would complain where an array wraps
            found["mono_ns"] = places[-1].values() + pen_us * 1000
            if "age_us" in names:
                found["age_us"] = self._age_us(found["mono_ns"], pen_us)
        return {name: found[name].astype(_WHOLE[name]) for name in names}  # what is too large wraps: the hash tells

    def _age_us(self, mono_ns: Ints, pen_us: Ints) -> Ints:
        given, known = self._given, self._given.column(self._samples) != 0
        phase_ns = given.number()
        if phase_ns > 1000:
            raise ValueError(f"a phase of {phase_ns} ns, at most 1000 are allowed")
        ages = given.locate(int(np.count_nonzero(known)))
        given.done()
        foretold = _foretold(mono_ns, pen_us, phase_ns)
        if known.all():
            return ages.values() + foretold
        out = np.full(self._samples, NO_AGE, np.int64)
        out[known] = ages.values() + foretold[known]
        return out


def _foretold(mono_ns: Ints, t_pen_us: Ints, phase_ns: int) -> Ints:
    return (mono_ns + phase_ns) // 1000 - t_pen_us


def _changes(values: Ints) -> int:
    return int(np.count_nonzero(np.diff(values)))
