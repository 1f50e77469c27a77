"""Packs a block of control's tape for the disk: entries of a kind and length lie side by side, column by column. Pure.

Frames of a pen differ little from one to the next, and where they do it is in the same place: as differences between
neighbours they take 11 bytes a sample where plain zstd takes 23 (a simulated minute). The store looks no deeper than the
entries' heads: u8 kind, varint time step, varint length (`firmware_protocol.recording`). What is not made of such entries is
kept as it is.
"""

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import zstandard

PLAIN, COLUMNS = "zstd", "zstd-entries"
_LEVEL = 3
_COUNT = struct.Struct("<I")
_MAX_BYTES = 4 << 20  # four times the longest message of the feed


def pack_tape(data: bytes) -> tuple[str, bytes]:
    """The codec, and `data` packed by it."""
    compress = zstandard.ZstdCompressor(level=_LEVEL).compress
    columns = _columns(data)
    if columns is not None and _joined(columns) == data:
        return COLUMNS, compress(columns)
    return PLAIN, compress(data)


def unpack_tape(codec: str, packed: bytes) -> bytes:
    """What `pack_tape` was given. Raises zstandard.ZstdError or ValueError when it is not that."""
    data = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MAX_BYTES)
    if codec == PLAIN:
        return data
    if codec == COLUMNS:
        return _joined(data)
    raise ValueError(f"packed as {codec!r}, known are {PLAIN!r} and {COLUMNS!r}")


def _columns(data: bytes) -> bytes | None:
    kinds = bytearray()
    steps: list[int] = []
    lengths: list[int] = []
    groups: dict[tuple[int, int], list[bytes]] = {}
    offset = 0
    try:
        while offset < len(data):
            kind = data[offset]
            step, offset = _varint(data, offset + 1)
            length, offset = _varint(data, offset)
            kinds.append(kind)
            steps.append(step)
            lengths.append(length)
            groups.setdefault((kind, length), []).append(data[offset : offset + length])
            offset += length
        heads = (np.array(steps, "<u8"), np.array(lengths, "<u4"))
    except (IndexError, OverflowError):
        return None
    if offset != len(data):
        return None
    parts = [_COUNT.pack(len(kinds)), bytes(kinds), *(_spread(head.view(np.uint8), head.itemsize) for head in heads)]
    parts += [_spread(np.frombuffer(b"".join(group), np.uint8), length) for (_, length), group in groups.items() if length]
    return b"".join(parts)


def _joined(columns: bytes) -> bytes:
    """Raises ValueError when `columns` is not what `_columns` gives."""
    if len(columns) < _COUNT.size:
        raise ValueError("too short")
    (count,) = _COUNT.unpack_from(columns)
    pieces = _Pieces(columns, _COUNT.size)
    kinds = pieces.take(count)
    steps: list[int] = np.frombuffer(_gather(pieces.take(8 * count), 8), "<u8").tolist()
    lengths: list[int] = np.frombuffer(_gather(pieces.take(4 * count), 4), "<u4").tolist()
    sizes: dict[tuple[int, int], int] = {}
    for key in zip(kinds, lengths, strict=True):
        sizes[key] = sizes.get(key, 0) + 1
    groups = {key: _rows(_gather(pieces.take(number * key[1]), key[1]), key[1], number) for key, number in sizes.items()}
    if not pieces.done:
        raise ValueError("more bytes than entries")
    out = bytearray()
    for kind, step, length in zip(kinds, steps, lengths, strict=True):
        out.append(kind)
        _put(out, step)
        _put(out, length)
        out += next(groups[kind, length])
    return bytes(out)


class _Pieces:
    """Takes a buffer apart from its front."""

    def __init__(self, data: bytes, offset: int) -> None:
        self._data = data
        self._offset = offset

    def take(self, size: int) -> bytes:
        piece = self._data[self._offset : self._offset + size]
        if len(piece) != size:
            raise ValueError("fewer bytes than entries")
        self._offset += size
        return piece

    @property
    def done(self) -> bool:
        return self._offset == len(self._data)


def _spread(rows: npt.NDArray[np.uint8], width: int) -> bytes:
    """Rows of `width` bytes to columns of differences."""
    return np.diff(rows.reshape(-1, width).T, axis=1, prepend=np.uint8(0)).tobytes()


def _gather(columns: bytes, width: int) -> bytes:
    if not columns:
        return b""
    steps = np.frombuffer(columns, np.uint8).reshape(width, -1)
    return np.cumsum(steps, axis=1, dtype=np.uint8).T.tobytes()


def _rows(data: bytes, width: int, number: int) -> Iterator[bytes]:
    return (data[row * width : (row + 1) * width] for row in range(number))


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, offset
        shift += 7
        if shift > 63:
            raise OverflowError


def _put(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
