"""Samples out of lines of trace.csv, a piece of the file at once: for who verifies an export of an hour. Pure.

A piece that is not written as `trace_csv` writes gives None; which of its lines is wrong is for a slower reader to find.
"""

import numpy as np
import numpy.typing as npt

from sessions.events import NO_AGE, TRACE_FIELDS
from sessions.export.trace_csv import HEADER, Lines
from sessions.store.records import TRACE_DTYPE, Trace

_COMMA, _LINE_FEED, _MINUS, _ZERO = b",\n-0"
_MOST_DIGITS = 18  # fit 64 bits whatever they are
_SIGNED = ("mono_ns", "age_us")

Ints = npt.NDArray[np.int64]


def samples_of(data: bytes, lines: Lines) -> Trace | None:
    """The samples of whole lines (without the header), if `lines` makes exactly these bytes of them; None otherwise.

    None too for a zone's name with a comma or line feed in it, and for numbers of more than 18 digits.
    """
    text = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero((text == _COMMA) | (text == _LINE_FEED))
    if not data.endswith(b"\n") or len(ends) % len(HEADER):
        return None
    cells = ends.reshape(-1, len(HEADER))
    if not ((text[cells[:, :-1]] == _COMMA).all() and (text[cells[:, -1]] == _LINE_FEED).all()):
        return None
    trace: Trace = np.zeros(len(cells), TRACE_DTYPE)
    first = len(HEADER) - len(TRACE_FIELDS)
    for at, name in enumerate(TRACE_FIELDS, start=first):
        values = _numbers(text, cells[:, at - 1] + 1, cells[:, at], name)
        if values is None:
            return None
        trace[name] = values  # one that does not fit wraps, and is another line below
    try:
        return trace if lines.of(trace) == data else None
    except (ValueError, OverflowError, OSError):  # a time that no calendar has
        return None


def _numbers(text: npt.NDArray[np.uint8], begins: Ints, ends: Ints, name: str) -> Ints | None:
    negative = text[begins] == _MINUS if name in _SIGNED else np.zeros(len(begins), np.bool_)
    sizes = ends - begins - negative
    longest = int(sizes.max())
    if longest > _MOST_DIGITS or (int(sizes.min()) < 1 and name != "age_us"):
        return None
    values = np.zeros(len(begins), np.int64)
    shortest = int(sizes.min())
    for place in range(longest):
        digits = text[np.maximum(ends - 1 - place, 0)] - np.uint8(_ZERO)
        if place >= shortest:
            digits[sizes <= place] = 0
        if digits.max() > 9:
            return None
        values += digits * np.int64(10**place)
    np.negative(values, out=values, where=negative)
    if shortest < 1:
        values[sizes < 1] = NO_AGE
    return values
