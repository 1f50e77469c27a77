"""trace.csv: one line per sample, made column by column with numpy tables. Pure.

Every column is first laid out in words of four bytes, taken from tables, with zero bytes as padding and the comma in it; removing
the zero bytes of a whole chunk at once leaves the text. No Python runs per line, so an hour at 1 kHz takes seconds.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sessions.events import NO_AGE, TRACE_FIELDS, utc_text
from sessions.export.events_csv import safe
from sessions.export.material import Material
from sessions.facts import Facts
from sessions.reading import Trace

HEADER = ("utc", "since_opening_s", "zone_id", *TRACE_FIELDS)
HEADER_LINE = (",".join(HEADER) + "\n").encode()
CHUNK = 1 << 14  # rows laid out at once: 4 MB, stays in the cache
_LINE_FEED = ord("\n")

Words = npt.NDArray[np.uint32]


def trace_csv(material: Material) -> Iterator[bytes]:
    """The file in pieces: UTF-8, comma, line feed, plain integers; `age_us` is empty where it is not known."""
    yield HEADER_LINE
    lines = Lines(material.facts)
    for at in range(0, len(material.trace), CHUNK):
        yield lines.of(material.trace[at : at + CHUNK])


class Lines:
    """Makes lines of one session's samples."""

    def __init__(self, facts: Facts) -> None:
        opened = datetime.fromisoformat(facts.opened_utc)
        self._opened_utc_us = (int(opened.timestamp()) * 1_000_000) + opened.microsecond
        self._opened_mono_ns = facts.opened_mono_ns
        self._names = _zone_names({zone.number: zone.zone for zone in facts.opened.zones})

    def of(self, trace: Trace) -> bytes:
        """One line a sample; `trace` is not empty."""
        return _chunk(trace, self._opened_mono_ns, self._opened_utc_us, self._names)


def _chunk(trace: Trace, opened_mono_ns: int, opened_utc_us: int, names: Words) -> bytes:
    since_us = (trace["mono_ns"] - opened_mono_ns) // 1000
    columns = [*_utc(since_us + opened_utc_us), *_seconds(since_us), names[trace["zone"]]]
    for name in TRACE_FIELDS:
        columns += _ages(trace[name]) if name == "age_us" else _integers(trace[name])
    out = np.empty((len(trace), sum(column.shape[1] for column in columns)), np.uint32)
    at = 0
    for column in columns:
        out[:, at : at + column.shape[1]] = column
        at += column.shape[1]
    out.view(np.uint8)[:, -1] = _LINE_FEED
    return out.tobytes().translate(None, b"\0")


def _zone_names(zones: dict[int, str]) -> Words:
    return _words([_quoted(safe(zones.get(number, ""))).encode() + b"," for number in range(256)])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _words(texts: list[bytes]) -> Words:
    """Zero bytes first, so that all have the length of the longest, in words of four."""
    width = max(4, -(-max(map(len, texts), default=4) // 4) * 4)
    data = b"".join(text.rjust(width, b"\0") for text in texts)
    return np.frombuffer(data, np.uint32).reshape(len(texts), width // 4)


@lru_cache(maxsize=1)
def _small() -> Words:
    """0 to 65535 as text, and a comma."""
    return _words([b"%d," % n for n in range(1 << 16)])


@lru_cache(maxsize=1)
def _bytes() -> Words:
    """0 to 255, likewise."""
    return _words([b"%d," % n for n in range(256)])


@lru_cache(maxsize=4)
def _digits(count: int, before: bytes = b"", after: bytes = b"") -> Words:
    """Every number of `count` digits, with leading zeros, between `before` and `after`."""
    return _words([before + b"%0*d" % (count, n) + after for n in range(10**count)])


@lru_cache(maxsize=1)
def _bare() -> Words:
    """0 to 9999 without leading zeros."""
    return _words([b"%d" % n for n in range(10_000)])


def _integers(values: npt.NDArray[np.integer]) -> list[Words]:
    """Each number and a comma."""
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
        return [(_bytes() if values.dtype.itemsize == 1 else _small())[values]]
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > np.iinfo(np.int64).max or len(str(low)) != len(str(high)):
        return [_words([b"%d," % value for value in values.tolist()])]
    groups: list[Words] = [np.broadcast_to(_words([b","]), (len(values), 1))]
    rest = values.astype(np.int64)
    while high >= 10_000:
        rest, last = np.divmod(rest, 10_000)
        groups.append(_digits(4)[last])
        high //= 10_000
    return [_bare()[rest], *reversed(groups[1:]), groups[0]]


def _ages(values: npt.NDArray[np.int32]) -> list[Words]:
    if not ((values < 0) | (values > 0xFFFF)).any():
        return [_small()[values]]
    return [_words([b"," if value == NO_AGE else b"%d," % value for value in values.tolist()])]


def _seconds(since_us: npt.NDArray[np.int64]) -> list[Words]:
    """Seconds with six decimals, and a comma."""
    whole, micros = np.divmod(np.abs(since_us), 1_000_000)
    if since_us.min() < 0:
        signs = np.where(since_us < 0, b"-", b"").tolist()
        begins = _words([sign + b"%d" % seconds for sign, seconds in zip(signs, whole.tolist(), strict=True)])
    else:
        different, where = np.unique(whole, return_inverse=True)
        begins = _words([b"%d" % second for second in different.tolist()])[where]
    high, low = np.divmod(micros, 1000)
    return [begins, _digits(3, before=b".")[high], _digits(3, after=b",")[low]]


def _utc(utc_us: npt.NDArray[np.int64]) -> list[Words]:
    """ISO 8601 with microseconds and Z, and a comma."""
    seconds, micros = np.divmod(utc_us, 1_000_000)
    different, where = np.unique(seconds, return_inverse=True)
    begins = _words([utc_text(second * 1_000_000_000)[:20].encode() for second in different.tolist()])
    high, low = np.divmod(micros, 100)
    return [begins[where], _digits(4)[high], _digits(2, after=b"Z,")[low]]
