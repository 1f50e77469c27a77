"""trace.csv: one line per sample, made column by column with numpy tables. Pure.

Every column is first laid out at a fixed width with zero bytes as padding; removing the zero bytes of a whole chunk at
once leaves the text. No Python runs per line, so an hour at 1 kHz takes seconds.
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
_CHUNK = 1 << 14  # rows laid out at once: 4 MB, stays in the cache
_COMMA, _LINE_FEED = ord(","), ord("\n")

Bytes = npt.NDArray[np.uint8]


def trace_csv(material: Material) -> Iterator[bytes]:
    """The file in pieces: UTF-8, comma, line feed, plain integers; `age_us` is empty where it is not known."""
    yield (",".join(HEADER) + "\n").encode()
    lines = Lines(material.facts)
    for at in range(0, len(material.trace), _CHUNK):
        yield lines.of(material.trace[at : at + _CHUNK])


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


def _chunk(trace: Trace, opened_mono_ns: int, opened_utc_us: int, names: Bytes) -> bytes:
    since_us = (trace["mono_ns"] - opened_mono_ns) // 1000
    columns = [_utc(since_us + opened_utc_us), _seconds(since_us), names[trace["zone"]]]
    for name in TRACE_FIELDS:
        columns.append(_ages(trace[name]) if name == "age_us" else _integers(trace[name]))
    comma = np.full((len(trace), 1), _COMMA, np.uint8)
    parts: list[Bytes] = []
    for column in columns:
        parts += (column, comma)
    parts[-1] = np.full((len(trace), 1), _LINE_FEED, np.uint8)
    return np.hstack(parts).tobytes().translate(None, b"\0")


def _zone_names(zones: dict[int, str]) -> Bytes:
    texts = [_quoted(safe(zones.get(number, ""))).encode() for number in range(256)]
    return _fixed(texts)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _fixed(texts: list[bytes]) -> Bytes:
    width = max(1, max(map(len, texts), default=1))
    return np.array(texts, dtype=f"S{width}").view(np.uint8).reshape(len(texts), width)


@lru_cache(maxsize=1)
def _small() -> Bytes:
    """0 to 65535 as text, five bytes each, zero bytes before it."""
    return np.frombuffer(b"".join((b"%d" % n).rjust(5, b"\0") for n in range(1 << 16)), np.uint8).reshape(-1, 5)


@lru_cache(maxsize=1)
def _four() -> Bytes:
    """0000 to 9999, four digits each."""
    return np.frombuffer(b"".join(b"%04d" % n for n in range(10_000)), np.uint8).reshape(-1, 4)


def _digits(values: npt.NDArray[np.int64], width: int) -> Bytes:
    """Exactly `width` digits with leading zeros; values must fit."""
    groups: list[Bytes] = []
    rest = values
    for _ in range((width + 3) // 4):
        rest, low = np.divmod(rest, 10_000)
        groups.insert(0, _four()[low])
    return np.hstack(groups)[:, -width:]


def _integers(values: npt.NDArray[np.integer]) -> Bytes:
    if values.dtype.itemsize <= 2 and values.dtype.kind == "u":
        narrow: Bytes = _small()[values]
        return narrow
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > np.iinfo(np.int64).max:
        return _fixed([str(value).encode() for value in values.tolist()])
    out = _digits(values.astype(np.int64), len(str(high)))
    if len(str(low)) < len(str(high)):
        _blank_leading(out, keep=1)
    return out


def _blank_leading(out: Bytes, keep: int) -> None:
    """Zero bytes in place of leading zeros, except in the last `keep` columns."""
    head = out[:, : out.shape[1] - keep]
    head[np.logical_and.accumulate(head == ord("0"), axis=1)] = 0


def _ages(values: npt.NDArray[np.int32]) -> Bytes:
    if not ((values < 0) | (values > 0xFFFF)).any():
        return _small()[values]
    return _fixed([b"" if value == NO_AGE else b"%d" % value for value in values.tolist()])


def _seconds(since_us: npt.NDArray[np.int64]) -> Bytes:
    """Seconds with six decimals."""
    whole, micros = np.divmod(np.abs(since_us), 1_000_000)
    sign = np.where(since_us < 0, ord("-"), 0).astype(np.uint8)[:, None]
    point = np.full((len(since_us), 1), ord("."), np.uint8)
    return np.hstack([sign, _integers(whole), point, _digits(micros, 6)])


def _utc(utc_us: npt.NDArray[np.int64]) -> Bytes:
    """ISO 8601 with microseconds and Z."""
    seconds, micros = np.divmod(utc_us, 1_000_000)
    different, where = np.unique(seconds, return_inverse=True)
    heads = _fixed([utc_text(int(second) * 1_000_000_000)[:20].encode() for second in different])
    tail = np.full((len(utc_us), 1), ord("Z"), np.uint8)
    return np.hstack([heads[where], _digits(micros, 6), tail])
