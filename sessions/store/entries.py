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
_MOST_VARINT = 10

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
    steps = np.diff(at_ns, prepend=np.int64(0))
    zigzag = ((steps << 1) ^ (steps >> 63)).view(np.uint64)
    step_sizes, length_sizes = _varint_sizes(zigzag), _varint_sizes(lengths.view(np.uint64))
    head_sizes = 1 + step_sizes + length_sizes
    ends = np.cumsum(head_sizes + lengths)
    heads = ends - head_sizes - lengths
    out = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    out[heads] = kinds
    _put_varints(out, heads + 1, zigzag, step_sizes)
    _put_varints(out, heads + 1 + step_sizes, lengths.view(np.uint64), length_sizes)
    is_content = np.repeat(np.tile(np.array([False, True]), len(kinds)), np.stack([head_sizes, lengths], axis=1).ravel())
    owner = np.repeat(kinds, lengths)
    content = np.empty(len(owner), np.uint8)
    left = np.ones(len(owner), np.bool_)
    for kind, stream in streams.items():
        mine = owner == kind
        content[mine] = stream
        left[mine] = False
    content[left] = others
    out[is_content] = content
    return out.tobytes()


def _varint_sizes(numbers: npt.NDArray[np.uint64]) -> Ints:
    sizes = np.ones(len(numbers), np.int64)
    for shift in range(7, 64, 7):
        more = numbers >> np.uint64(shift) != 0
        if not more.any():
            break
        sizes += more
    return sizes


def _put_varints(out: Bytes, places: Ints, numbers: npt.NDArray[np.uint64], sizes: Ints) -> None:
    for byte in range(_MOST_VARINT):
        has = sizes > byte
        if not has.any():
            break
        bits = (numbers[has] >> np.uint64(7 * byte)).astype(np.uint8) & 0x7F
        out[places[has] + byte] = bits | ((sizes[has] > byte + 1).astype(np.uint8) << 7)
