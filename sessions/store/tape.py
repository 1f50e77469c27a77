"""Packs a block of control's tape for the disk, by whichever way of packing fits it. Pure.

The store looks no deeper than this: `sessions.store.tape_fields` packs what control writes today; rows of earlier versions
stay readable, and what is not made of entries at all is kept as it is.
"""

import numpy as np
import zstandard

from sessions.store.bits import gather
from sessions.store.entries import MAX_BYTES, assemble, read_entries
from sessions.store.records import TRACE_DTYPE, Trace
from sessions.store.tape_fields import TraceOf, pack_fields, unpack_fields
from sessions.store.unzip import unzip

PLAIN, COLUMNS, FIELDS = "zstd", "zstd-entries", "fields-1"
NO_TRACE: Trace = np.zeros(0, TRACE_DTYPE)
_LEVEL = 3
_COUNT = 4
_MAX_UNPACKED = 4 << 20  # COLUMNS takes 13 bytes for a head that takes 3 on tape


def no_trace(first: int, last: int) -> Trace:
    """For tape that was packed without trace."""
    raise ValueError(f"blocks {first} to {last} of the trace are needed")


def pack_tape(data: bytes, first_block: int = 0, blocks: int = 0, trace: Trace = NO_TRACE) -> tuple[str, bytes]:
    """The codec, and `data` packed by it; `trace` holds the records of the stream's `blocks` blocks from `first_block`."""
    if len(data) <= MAX_BYTES:
        try:
            packed = pack_fields(read_entries(data), first_block, blocks, trace)
            if unpack_fields(packed, lambda _first, _last: trace) == data:
                return FIELDS, packed
        except (ValueError, OverflowError):
            pass  # not made of entries as they are written: kept as it is
    return PLAIN, zstandard.ZstdCompressor(level=_LEVEL).compress(data)


def unpack_tape(codec: str, packed: bytes, trace_of: TraceOf = no_trace) -> bytes:
    """What `pack_tape` was given; `trace_of` gives the trace that it was given too.

    Raises zstandard.ZstdError or ValueError when `packed` is not that, and whatever `trace_of` raises.
    """
    if codec == FIELDS:
        return unpack_fields(packed, trace_of)
    if codec not in (PLAIN, COLUMNS):
        raise ValueError(f"packed as {codec!r}, known are {PLAIN!r}, {COLUMNS!r} and {FIELDS!r}")
    data = unzip(packed, _MAX_UNPACKED)
    return _joined(data) if codec == COLUMNS else data


def _joined(columns: bytes) -> bytes:
    """Of COLUMNS: a count, kinds, steps and lengths as columns of differences, then the rows of each kind and length."""
    if len(columns) < _COUNT:
        raise ValueError("too short")
    count = int.from_bytes(columns[:_COUNT], "little")
    kinds = np.frombuffer(columns[_COUNT : _COUNT + count], np.uint8)
    at = _COUNT + 13 * count
    heads = columns[_COUNT + count : at]
    if len(heads) != 12 * count:
        raise ValueError("fewer bytes than entries")
    numbers = np.frombuffer(gather(heads[: 8 * count], 8), "<u8")
    steps = (numbers >> np.uint64(1)).view(np.int64) ^ -(numbers & np.uint64(1)).view(np.int64)
    lengths = np.frombuffer(gather(heads[8 * count :], 4), "<u4").astype(np.int64)
    if int(lengths.sum()) != len(columns) - at:
        raise ValueError("not as many bytes as the entries have")
    out = np.empty(int(lengths.sum()), np.uint8)
    begins = np.cumsum(lengths) - lengths
    for kind, length in dict.fromkeys(zip(kinds.tolist(), lengths.tolist(), strict=True)):
        mine = begins[(kinds == kind) & (lengths == length)]
        size = len(mine) * length
        rows = np.frombuffer(gather(columns[at : at + size], length), np.uint8).reshape(len(mine), length)
        out[mine[:, None] + np.arange(length)] = rows
        at += size
    return assemble(kinds, np.cumsum(steps), lengths, {}, out)
