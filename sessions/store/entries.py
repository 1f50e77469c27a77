"""The entries of a block of control's tape as arrays, and back to bytes. Pure.

An entry is u8 kind, varint time step (zigzag, nanoseconds since the entry before), varint length, bytes
(`firmware_protocol.recording` says more; rows on disk rest on this form, so it is fixed for good).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sessions.store.bits import Ints, get_varint

FROM_PEN, TO_PEN = 1, 2
MAX_BYTES = 1 << 20  # of a block: no message of the feed is longer
LEAST_BYTES = 3  # of an entry

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Entries:
    """One element an entry; `contents` are their bytes."""

    kinds: Bytes
    at_ns: Ints
    lengths: Ints
    contents: list[bytes]

    def data(self, kind: int) -> bytes:
        """The bytes of all entries of a kind, one after the other."""
        return b"".join(self.contents[each] for each in np.flatnonzero(self.kinds == kind))

    def others(self, but: Sequence[int]) -> list[tuple[tuple[int, int], bytes]]:
        """The bytes of entries of other kinds, those of one kind and length together, in order of their first."""
        groups: dict[tuple[int, int], list[bytes]] = {}
        for each in np.flatnonzero(~np.isin(self.kinds, but)).tolist():
            if self.contents[each]:
                groups.setdefault((int(self.kinds[each]), len(self.contents[each])), []).append(self.contents[each])
        return [(key, b"".join(rows)) for key, rows in groups.items()]


def read_entries(data: bytes) -> Entries:
    """What `data` is made of. Raises ValueError when it is not made of whole entries, OverflowError for a time beyond 64 bits."""
    kinds = bytearray()
    times: list[int] = []
    contents: list[bytes] = []
    offset, at_ns = 0, 0
    while offset < len(data):
        kinds.append(data[offset])
        step, offset = get_varint(data, offset + 1)
        length, offset = get_varint(data, offset)
        at_ns += (step >> 1) ^ -(step & 1)
        times.append(at_ns)
        contents.append(data[offset : offset + length])
        offset += length
    if offset != len(data):
        raise ValueError("the last entry is cut off")
    lengths = np.array([len(content) for content in contents], np.int64)
    return Entries(np.frombuffer(bytes(kinds), np.uint8), np.array(times, np.int64), lengths, contents)


def assemble(kinds: Bytes, at_ns: Ints, lengths: Ints, streams: dict[int, Bytes], others: Bytes) -> bytes:
    """The bytes of the entries; what each of them holds is taken from the front of its kind's stream, or of `others`."""
    steps = at_ns.copy()
    steps[1:] -= at_ns[:-1]
    zigzag = ((steps << 1) ^ (steps >> 63)).view(np.uint64)
    step_sizes, length_sizes = _varint_sizes(zigzag), _varint_sizes(lengths.view(np.uint64))
    head_sizes = 1 + step_sizes + length_sizes
    ends = np.cumsum(head_sizes + lengths)
    heads = ends - head_sizes - lengths
    out = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    out[heads] = kinds
    _put_varints(out, heads + 1, zigzag)
    _put_varints(out, heads + 1 + step_sizes, lengths.view(np.uint64))
    begins = ends - lengths
    left = np.ones(len(kinds), np.bool_)
    for kind, stream in streams.items():
        mine = kinds == kind
        _place(out, begins[mine], lengths[mine], stream)
        left &= ~mine
    _place(out, begins[left], lengths[left], others)
    return out.tobytes()


def _place(out: Bytes, begins: Ints, lengths: Ints, pieces: Bytes) -> None:
    """`pieces`, which lie back to back, into `out` at `begins`: those of one length all at once."""
    froms = np.cumsum(lengths) - lengths
    left = lengths
    while len(left):
        length = int(left[0])
        left = left[left != length]
        if length:
            mine = lengths == length
            windows(out, length)[begins[mine]] = windows(pieces, length)[froms[mine]]


def windows(data: Bytes, length: int) -> Bytes:
    """Every `length` bytes in a row, over the same memory: row n begins at byte n. Raises ValueError when there are fewer."""
    return np.ndarray((len(data) - length + 1, length), np.uint8, data, strides=(1, 1))


def _varint_sizes(numbers: npt.NDArray[np.uint64]) -> Ints:
    sizes = np.ones(len(numbers), np.int64)
    for shift in range(7, int(numbers.max()).bit_length() if len(numbers) else 0, 7):
        sizes += numbers >= np.uint64(1 << shift)
    return sizes


def _put_varints(out: Bytes, places: Ints, numbers: npt.NDArray[np.uint64]) -> None:
    while len(places):
        left = numbers >> np.uint64(7)
        more = left != 0
        out[places] = (numbers & np.uint64(0x7F)).astype(np.uint8) | more.view(np.uint8) << 7
        places, numbers = places[more] + 1, left[more]
