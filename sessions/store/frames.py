"""Frames of pen link 1 as the tape's packing knows them: `COBS(body) | 00`, body = content and its CRC-32. Pure.

A frame whose bytes follow from its content is stored as content alone. What is written here is fixed for good, as rows on
disk rest on it; it is no second parser of the link: bytes that it does not know are stored as they are.
"""

from binascii import crc32
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

CRC_BYTES = 4
LEAST, MOST = 6, 254  # bytes of COBS: a CRC and one byte of content; up to 254 no block of COBS is full
_WORTH_TABLES = 256  # rows, from which on tables of a byte's share in the CRC are quicker than one call for each row
_GOOD_CRC = 0x2144DF1C  # CRC-32 of anything followed by its own CRC-32

# TELEMETRY: header, then the fields that the trace has too, by its names, and the two that it has not.
TELEMETRY_KIND = 0xC0
TELEMETRY = np.dtype(
    [
        ("major", "u1"),
        ("kind", "u1"),
        ("session", "u1"),
        ("header_flags", "u1"),
        ("sequence", "<u2"),
        ("index", "<u4"),
        ("t_pen_us", "<u4"),
        ("depth_um", "<u2"),
        ("speed_rpm", "<u2"),
        ("current_ma", "<u2"),
        ("drive_sequence", "<u2"),
        ("dropped", "<u2"),
        ("state", "u1"),
        ("fault", "u1"),
        ("refusal", "u1"),
        ("flags", "u1"),
    ]
)
IN_TRACE = ("t_pen_us", "depth_um", "speed_rpm", "current_ma", "state", "fault", "refusal", "flags")
NOT_IN_TRACE = ("major", "kind", "session", "header_flags", "sequence", "drive_sequence", "dropped")


def content_of(pieces: Bytes) -> tuple[npt.NDArray[np.bool_], Bytes]:
    """Of pieces of equal length between zeros, one a row: which are frames that `frame_of` gives back, and their content.

    Rows of content that are no frame's mean nothing.
    """
    plain = _unstuffed(pieces)
    good = np.fromiter((crc32(row) == _GOOD_CRC for row in plain), np.bool_, len(plain))
    content = plain[:, :-CRC_BYTES]
    if good.any():
        good[good] = (frame_of(content[good]) == pieces[good]).all(axis=1)
    return good, content


def frame_of(content: Bytes) -> Bytes:
    """Content, one a row, to COBS of it and its CRC-32, without delimiter."""
    rows, width = content.shape
    out = np.empty((rows, 1 + width + CRC_BYTES), np.uint8)
    out[:, 0] = 0
    out[:, 1 : 1 + width] = content
    out[:, 1 + width :] = _sums(content).view(np.uint8).reshape(rows, CRC_BYTES)
    # Each code says how far it is to the next zero, or to the end of the frame: and that is where the next row's zero stands.
    flat = out.ravel()
    zeros = (flat == 0).nonzero()[0]
    flat[zeros[:-1]] = zeros[1:] - zeros[:-1]  # fits a byte as no frame is longer
    flat[zeros[-1:]] = flat.size - zeros[-1:]
    return out


def _sums(content: Bytes) -> npt.NDArray[np.uint32]:
    """The CRC-32 of each row, little endian."""
    rows, width = content.shape
    if rows < _WORTH_TABLES:
        return np.fromiter(map(crc32, np.ascontiguousarray(content)), "<u4", rows)
    # a CRC is linear: what a byte adds to it depends on its place and value alone, and columns that never change add the same
    columns = np.ascontiguousarray(content.T)
    changing = (columns != columns[:, :1]).any(axis=1)
    sums = np.full(rows, crc32(np.where(changing, 0, columns[:, 0]).astype(np.uint8).tobytes()), "<u4")
    tables = _tables(width)
    for place in np.flatnonzero(changing).tolist():
        sums ^= tables[place][columns[place]]
    return sums


@lru_cache(maxsize=16)
def _tables(width: int) -> npt.NDArray[np.uint32]:
    """By place and value of one byte among `width` zeros: by what the CRC-32 differs from that of zeros alone."""
    alone = crc32(bytes(width))
    out = np.empty((width, 256), "<u4")
    for place in range(width):
        row = bytearray(width)
        for value in range(256):
            row[place] = value
            out[place, value] = crc32(row) ^ alone
    return out


def _unstuffed(pieces: Bytes) -> Bytes:
    """COBS undone; what is no COBS comes out as something that `frame_of` does not give back."""
    rows, width = pieces.shape
    out = pieces.copy()
    every = np.arange(rows)
    at = np.zeros(rows, np.int64)
    while True:
        inside = at < width
        if not inside.any():
            return np.ascontiguousarray(out[:, 1:])
        where = (every[inside], at[inside])
        codes = pieces[where]
        out[where] = 0
        at[inside] += np.maximum(codes, 1)
