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
from sessions.store.columns import ColumnReader, ColumnWriter
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
_PLAIN = ("index", "t_pen_us", *TRACE_FIELDS[4:], "padding")
_PHASES_NS = range(0, 1000, 125)
_MAX_SAMPLES = 1 << 15  # a block has about 1000; a message of the feed has room for 21845

Trace = npt.NDArray[np.void]


def pack_records(records: bytes) -> tuple[str, bytes]:
    """The codec, and trace records packed by it. Their length must be a multiple of TRACE_BYTES, and not 0."""
    if len(records) > _MAX_SAMPLES * TRACE_BYTES:
        columns = np.frombuffer(records, np.uint8).reshape(-1, TRACE_BYTES).T
        steps = np.diff(columns, axis=1, prepend=np.uint8(0))
        return COLUMNS, zstandard.ZstdCompressor(level=3).compress(steps.tobytes())
    trace = np.frombuffer(records, _WHOLE)
    out = ColumnWriter()
    for name in _PLAIN:
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
            trace[name] = values  # a number that is too large wraps: the hash over the records tells
        return trace.view(TRACE_DTYPE)
    if codec != COLUMNS:
        raise ValueError(f"packed as {codec!r}, known are {FIELDS!r} and {COLUMNS!r}")
    steps = unzip(data, samples * TRACE_BYTES)
    columns = np.cumsum(np.frombuffer(steps, np.uint8).reshape(TRACE_BYTES, samples), axis=1, dtype=np.uint8)
    return np.ascontiguousarray(columns.T).view(TRACE_DTYPE).ravel()


def unpack_some(codec: str, data: bytes, samples: int, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """The fields `names` of packed records, each in its own type, without unpacking the others.

    Raises zstandard.ZstdError or ValueError.
    """
    if codec != FIELDS:
        trace = unpack_trace(codec, data, samples)
        return {name: np.ascontiguousarray(trace[name]) for name in names}
    found = _Packed(data, samples).fields(names)
    return {name: np.broadcast_to(values, samples).astype(TRACE_DTYPE[name]) for name, values in found.items()}


class _Packed:
    """The columns of FIELDS where they lie."""

    def __init__(self, data: bytes, samples: int) -> None:
        if not (0 < samples <= _MAX_SAMPLES):
            raise ValueError(f"{samples} samples, allowed are 1 to {_MAX_SAMPLES}")
        given = ColumnReader(data)
        self._samples = samples
        self._plain = {name: given.locate(samples) for name in _PLAIN}
        self._delay = given.locate(samples)
        self._known = given.column(samples) != 0
        self._phase_ns = given.number()
        if self._phase_ns > 1000:
            raise ValueError(f"a phase of {self._phase_ns} ns, at most 1000 are allowed")
        self._ages = given.locate(int(np.count_nonzero(self._known)))
        given.done()

    def fields(self, names: Sequence[str]) -> dict[str, Any]:
        """By name: a value for each sample, or one for all. Raises ValueError."""
        out: dict[str, Any] = {}
        pen_us = self._plain["t_pen_us"].values() if {"t_pen_us", "mono_ns", "age_us"} & set(names) else None
        for name in names:
            if name == "t_pen_us":
                out[name] = pen_us
            elif name in _PLAIN:
                place = self._plain[name]
                out[name] = np.int64(place.base) if place.constant else place.values()
        if pen_us is not None and ("mono_ns" in names or "age_us" in names):
            mono_ns = self._delay.values() + pen_us * 1000
            if "mono_ns" in names:
                out["mono_ns"] = mono_ns
            if "age_us" in names:
                out["age_us"] = self._age_us(mono_ns, pen_us)
        return out

    def _age_us(self, mono_ns: Ints, pen_us: Ints) -> Ints:
        foretold = _foretold(mono_ns, pen_us, self._phase_ns)
        if self._known.all():
            return self._ages.values() + foretold
        ages = np.full(self._samples, NO_AGE, np.int64)
        ages[self._known] = self._ages.values() + foretold[self._known]
        return ages


def _foretold(mono_ns: Ints, t_pen_us: Ints, phase_ns: int) -> Ints:
    return (mono_ns + phase_ns) // 1000 - t_pen_us


def _changes(values: Ints) -> int:
    return int(np.count_nonzero(np.diff(values)))
