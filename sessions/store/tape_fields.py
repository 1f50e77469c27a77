"""Packs a block of control's tape against the trace of the same time, and back. Pure.

The tape and the trace tell the same samples: when each was read, and what the pen said. A telemetry frame on the tape that is
found in the trace is stored as what the trace does not tell (its sequence, the DRIVE it answers), and that is nearly nothing;
the time of the read follows from it too. Other frames lose COBS and CRC, which follow from their content, and lie beside their
like. Whatever is not as expected is stored as it is. The trace's records are needed to unpack: which blocks, is told first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sessions.store import frames
from sessions.store.bits import Ints
from sessions.store.columns import ColumnReader, ColumnWriter, Located
from sessions.store.entries import FROM_PEN, LEAST_BYTES, MAX_BYTES, TO_PEN, Entries, assemble, windows
from sessions.store.records import Trace

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
TraceOf = Callable[[int, int], Trace]  # first and last block: their records, back to back. Raises ValueError

MAX_BLOCKS = 8  # of trace that a block of tape is packed against
_RAW, _FRAME = 0, 1
_TELEMETRY_BYTES = frames.TELEMETRY.itemsize + frames.CRC_BYTES + 1  # as COBS
_STREAMS = (FROM_PEN, TO_PEN)


def pack_fields(entries: Entries, first_block: int, blocks: int, trace: Trace) -> bytes:
    """`entries`, given that `trace` holds the records of `blocks` blocks from `first_block`; 0 blocks for none."""
    out = ColumnWriter()
    out.number(blocks)
    out.number(first_block)
    out.number(len(entries.kinds))
    out.raw(entries.kinds.tobytes())
    of_stream = np.isin(entries.kinds, _STREAMS)
    for kind in _STREAMS:
        out.column(entries.lengths[entries.kinds == kind])
    out.column(entries.lengths[~of_stream])
    told = _Told(trace)
    read_ns = np.full(len(entries.kinds), -1, np.int64)
    for kind in _STREAMS:
        _pack_stream(out, entries.data(kind), told)
        if kind == FROM_PEN:
            told.times(entries.lengths[entries.kinds == kind], entries.kinds == kind, read_ns)
    for (_, length), rows in entries.others(_STREAMS):
        out.rows(rows, length)
    follows = read_ns >= 0
    out.column((entries.at_ns - read_ns)[follows])
    out.column(np.diff(entries.at_ns, prepend=0)[~follows])
    return out.done()


def unpack_fields(data: bytes, trace_of: TraceOf) -> bytes:
    """The tape's bytes. Raises zstandard.ZstdError or ValueError."""
    given = ColumnReader(data)
    blocks, first_block, count = given.number(), given.number(), given.number()
    if blocks > MAX_BLOCKS or count * LEAST_BYTES > MAX_BYTES:
        raise ValueError(f"{blocks} blocks of trace, {count} entries: more than a block of tape has")
    told = _Told(trace_of(first_block, first_block + blocks - 1) if blocks else None)
    kinds = np.frombuffer(given.raw(count), np.uint8)
    lengths = np.zeros(count, np.int64)
    of_stream = (kinds == FROM_PEN) | (kinds == TO_PEN)
    for each in (*(kinds == kind for kind in _STREAMS), ~of_stream):
        lengths[each] = given.column(int(np.count_nonzero(each)))
    if count and not (lengths.min() >= 0 and lengths.max() <= MAX_BYTES and lengths.sum() <= MAX_BYTES):
        raise ValueError("entries longer than a block of tape")
    read_ns = np.full(count, -1, np.int64)
    streams: dict[int, Bytes] = {}
    for kind in _STREAMS:
        mine = kinds == kind
        streams[kind] = _unpack_stream(given, int(lengths[mine].sum()), told)
        if kind == FROM_PEN:
            told.times(lengths[mine], mine, read_ns)
    others = _unpack_others(given, kinds, lengths, of_stream)
    follows = read_ns >= 0
    at_ns = _times(given, follows, read_ns)
    given.done()
    return assemble(kinds, at_ns, lengths, streams, others)


def _times(given: ColumnReader, follows: Bools, read_ns: Ints) -> Ints:
    count, known = len(follows), int(np.count_nonzero(follows))
    at_ns = np.zeros(count, np.int64)
    at_ns[follows] = read_ns[follows] + given.column(known)
    steps = np.zeros(count, np.int64)
    if known == count:
        return at_ns
    steps[~follows] = given.column(count - known)
    # a step counts from the entry before: the sum since the last entry whose time is known by itself
    summed = np.cumsum(steps)
    last = np.maximum.accumulate(np.where(follows, np.arange(count), -1))
    since = np.where(last >= 0, at_ns[last] - summed[last], 0) if count else summed
    return since + summed


def _unpack_others(given: ColumnReader, kinds: Bytes, lengths: Ints, of_stream: Bools) -> Bytes:
    """The data of all other entries, in order."""
    out = np.empty(int(lengths[~of_stream].sum()), np.uint8)
    kinds, lengths = kinds[~of_stream], lengths[~of_stream]
    begins = np.cumsum(lengths) - lengths
    for kind, length in dict.fromkeys(zip(kinds.tolist(), lengths.tolist(), strict=True)):
        if length:
            mine = begins[(kinds == kind) & (lengths == length)]
            rows = np.frombuffer(given.rows(len(mine), length), np.uint8).reshape(-1, length)
            windows(out, length)[mine] = rows
    return out


@dataclass
class _Told:
    """What the trace tells, and where in the stream from the pen its samples end."""

    trace: Trace | None

    def __post_init__(self) -> None:
        self._ends = np.zeros(0, np.int64)
        self._rows = np.zeros(0, np.int64)

    def find(self, index: npt.NDArray[np.uint32]) -> tuple[Bools, Ints]:
        """Which samples the trace has, by index as on the wire, and in which row."""
        if self.trace is None or not len(self.trace) or not len(index):
            return np.zeros(len(index), np.bool_), np.zeros(0, np.int64)
        known = self.trace["index"].astype(np.uint32)
        order = np.argsort(known, kind="stable")
        at = np.minimum(np.searchsorted(known[order], index), len(known) - 1)
        rows = order[at]
        found = known[rows] == index
        return found, rows[found].astype(np.int64)

    def fields(self, rows: Ints) -> Trace:
        """Raises ValueError for a row that is not there."""
        if self.trace is None or (len(rows) and not (rows.min() >= 0 and rows.max() < len(self.trace))):
            raise ValueError("a sample that the trace does not have")
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (rows[1:] - rows[:-1] == 1).all():
            return self.trace[rows[0] : rows[-1] + 1]  # as nearly always: no copy
        return self.trace[rows]

    def samples_end(self, ends: Ints, rows: Ints) -> None:
        """The samples in `rows` end at these places of the stream."""
        self._ends, self._rows = ends, rows

    def times(self, lengths: Ints, mine: Bools, read_ns: Ints) -> None:
        """Into `read_ns`, for the entries of the stream from the pen: when the last sample in each was read."""
        if self.trace is None or not len(self._ends):
            return
        ends = np.cumsum(lengths)
        begins = ends - lengths
        mono_ns = self.trace["mono_ns"]
        if len(ends) == len(self._ends) and (self._ends <= ends).all() and (self._ends > begins).all():
            read_ns[mine] = mono_ns[self._rows]  # a sample in each, as nearly always
            return
        last = np.searchsorted(self._ends, ends, "right") - 1
        has = (last >= 0) & (self._ends[np.maximum(last, 0)] > begins)
        places = np.flatnonzero(mine)[has]
        read_ns[places] = mono_ns[self._rows[last[has]]]


def _pack_stream(out: ColumnWriter, data: bytes, told: _Told) -> None:
    pieces = data.split(b"\0")
    lengths = np.array([len(piece) for piece in pieces], np.int64)
    ends = np.cumsum(lengths + 1)
    framed = np.zeros(len(pieces), np.bool_)
    kinds = np.zeros(len(pieces), np.uint8)
    contents: dict[int, Bytes] = {}
    for length in np.unique(lengths[:-1]).tolist():
        if frames.LEAST + 1 <= length <= frames.MOST:
            mine = np.flatnonzero(lengths[:-1] == length)
            rows = np.frombuffer(b"".join(pieces[each] for each in mine), np.uint8).reshape(-1, length)
            good, content = frames.content_of(rows)
            framed[mine[good]] = True
            contents[length] = content[good]
            kinds[mine[good]] = content[good, 1]
    out.number(len(pieces))
    out.column(lengths)
    out.column(framed)
    out.column(kinds[framed])
    for length, kind in _groups(lengths[framed], kinds[framed]):
        content = contents[length][contents[length][:, 1] == kind]
        if (length, kind) == (_TELEMETRY_BYTES, frames.TELEMETRY_KIND):
            places = framed & (lengths == length) & (kinds == kind)
            _pack_telemetry(out, np.ascontiguousarray(content).view(frames.TELEMETRY).ravel(), ends[places], told)
        else:
            out.rows(content.tobytes(), content.shape[1])
    out.raw(b"".join(piece for piece, known in zip(pieces, framed.tolist(), strict=True) if not known))


def _unpack_stream(given: ColumnReader, size: int, told: _Told) -> Bytes:
    count = given.number()
    if not (1 <= count <= size + 1):
        raise ValueError(f"{count} pieces in {size} bytes")
    lengths = given.column(count)
    if lengths.min() < 0 or lengths.max() > size or lengths.sum() + count - 1 != size:
        raise ValueError("pieces that do not make up the stream")
    framed = given.column(count) != 0
    kinds = np.zeros(count, np.uint8)
    kinds[framed] = given.column(int(np.count_nonzero(framed)))
    out = np.zeros(size, np.uint8)
    ends = np.cumsum(lengths + 1)
    begins = ends - lengths - 1
    for length, kind in _groups(lengths[framed], kinds[framed]):
        if not (frames.LEAST + 1 <= length <= frames.MOST):
            raise ValueError(f"a frame of {length} bytes, allowed are {frames.LEAST + 1} to {frames.MOST}")
        mine = framed & (lengths == length) & (kinds == kind)
        rows, width = int(np.count_nonzero(mine)), length - 1 - frames.CRC_BYTES
        if (length, kind) == (_TELEMETRY_BYTES, frames.TELEMETRY_KIND):
            content = _unpack_telemetry(given, ends[mine], told).view(np.uint8).reshape(-1, width)
        else:
            content = np.frombuffer(given.rows(rows, width), np.uint8).reshape(-1, width)
        windows(out, length)[begins[mine]] = frames.frame_of(content)
    raw = ~framed
    if lengths[raw].any():
        left = np.zeros(size + 1, np.int8)  # 1 where a raw piece lies: no piece begins where another does
        np.add.at(left, begins[raw], 1)
        np.add.at(left, begins[raw] + lengths[raw], -1)
        out[np.cumsum(left[:-1]) > 0] = np.frombuffer(given.raw(int(lengths[raw].sum())), np.uint8)
    return out


def _groups(lengths: Ints, kinds: Bytes) -> list[tuple[int, int]]:
    """Length and kind of frames, in the order in which they come first."""
    left = lengths << 8 | kinds
    groups = []
    while len(left):
        group = int(left[0])
        groups.append((group >> 8, group & 0xFF))
        left = left[left != group]
    return groups


def _pack_telemetry(out: ColumnWriter, told: npt.NDArray[np.void], ends: Ints, trace: _Told) -> None:
    found, rows = trace.find(told["index"])
    trace.samples_end(ends[found], rows)
    out.column(found)
    out.column(rows)
    out.column(told["index"][~found])
    known = trace.fields(rows) if len(rows) else None
    for name in frames.IN_TRACE:
        if known is not None:
            width = told[name].dtype
            out.column(told[name][found] - known[name].astype(width))  # 0 wherever the trace was made of this frame
        out.column(told[name][~found])
    for name in frames.NOT_IN_TRACE:
        out.column(told[name])


def _unpack_telemetry(given: ColumnReader, ends: Ints, trace: _Told) -> npt.NDArray[np.void]:
    count = len(ends)
    told = np.empty(count, frames.TELEMETRY)
    found = given.column(count) != 0
    number = int(np.count_nonzero(found))
    rows = given.column(number)
    known = trace.fields(rows) if number else None
    trace.samples_end(ends[found], rows)
    _put(told, "index", found, None if known is None else known["index"], given.locate(count - number))
    for name in frames.IN_TRACE:
        values = None
        if known is not None:
            differs = given.locate(number)
            same = differs.constant and not differs.base
            values = known[name] if same else differs.values() + known[name].astype(np.int64)
        _put(told, name, found, values, given.locate(count - number))
    for name in frames.NOT_IN_TRACE:
        differs = given.locate(count)
        told[name] = np.int64(differs.base) if differs.constant else differs.values()
    return told


def _put(told: npt.NDArray[np.void], name: str, found: Bools, known: npt.NDArray[Any] | None, others: Located) -> None:
    """The field `name`: of the samples that the trace has, and of those that it has not. What is too large wraps."""
    if not others.size and known is not None:
        told[name] = known
        return
    if known is not None:
        told[name][found] = known
    told[name][~found] = others.values()
