"""Frames of pen link 1 as the tape's packing knows them: `COBS(body) | 00`, body = content and its CRC-32. Pure.

A frame whose bytes follow from its content is stored as content alone. What is written here is fixed for good, as rows on
disk rest on it; it is no second parser of the link: bytes that it does not know are stored as they are.
"""

from binascii import crc32

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

CRC_BYTES = 4
LEAST, MOST = 6, 254  # bytes of COBS: a CRC and one byte of content; up to 254 no block of COBS is full
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
    body = np.empty((rows, width + CRC_BYTES), np.uint8)
    body[:, :width] = content
    sums = np.fromiter(map(crc32, np.ascontiguousarray(content)), "<u4", rows)
    body[:, width:] = sums.view(np.uint8).reshape(rows, CRC_BYTES)
    return _stuffed(body)


def _stuffed(body: Bytes) -> Bytes:
    rows, width = body.shape
    out = np.empty((rows, width + 1), np.uint8)
    out[:, 1:] = body
    # each code says how far it is to the next: the zeros' places, from the back; all fits a byte as no frame is longer
    columns = np.arange(width + 2, dtype=np.uint8)
    zero = out == 0
    zero[:, 0] = True
    following = np.full((rows, width + 2), width + 1, np.uint8)
    following[:, :-1][zero] = np.broadcast_to(columns[:-1], (rows, width + 1))[zero]
    following = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
    return np.where(zero, following[:, 1:] - columns[:-1], out)


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
