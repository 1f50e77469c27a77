"""Reads chosen fields of a session's trace without unpacking the rest: a part of the work of `load_trace`. I/O."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy.typing as npt
import zstandard
from sqlalchemy import select

from sessions.events import TRACE_LAYOUT
from sessions.store import Damaged, Store
from sessions.store.many import Field, fields_of, unpack_fields
from sessions.store.models import BlockRow
from sessions.store.records import unpack_some

_FETCH = 128  # blocks, about two minutes: never much in memory
_ASK = 1024  # blocks told by their numbers in one query


class Extent(NamedTuple):
    """Where a block stands: its number, the index of its first sample and how many samples it holds."""

    block: int
    first_index: int
    samples: int


@dataclass(frozen=True)
class Columns:
    """The chosen fields of one block, each an array of the field's own type."""

    extent: Extent
    fields: dict[str, npt.NDArray[Any]]


def extents(store: Store, stream: str) -> list[Extent]:
    """Every block's extent, in order, by the headers alone. Raises StoreError."""
    query = select(BlockRow.block, BlockRow.first_index, BlockRow.samples).where(BlockRow.stream == stream)
    with store.reading() as connection:
        return [Extent(*row) for row in connection.execute(query.order_by(BlockRow.block)).all()]


@dataclass(frozen=True)
class Stretch:
    """The chosen fields of blocks that were read together. Blocks in `fields` are numbered as in `extents`."""

    extents: list[Extent]
    fields: dict[str, Field]


def iter_columns(store: Store, stream: str, names: Sequence[str], blocks: Sequence[int] | None = None) -> Iterator[Columns]:
    """As `iter_stretches`, block by block."""
    for stretch in iter_stretches(store, stream, names, blocks):
        for at, extent in enumerate(stretch.extents):
            yield Columns(extent, {name: stretch.fields[name].of(at) for name in names})


def iter_stretches(store: Store, stream: str, names: Sequence[str], blocks: Sequence[int] | None = None) -> Iterator[Stretch]:
    """The fields `names` of every block, or of those numbered in `blocks` (rising), in order.

    Raises Damaged at a block that cannot be unpacked, StoreError, KeyError for a field that a trace does not have.
    """
    columns = (BlockRow.block, BlockRow.first_index, BlockRow.samples, BlockRow.layout, BlockRow.codec, BlockRow.data)
    query = select(*columns).where(BlockRow.stream == stream).order_by(BlockRow.block)
    queries = [query]
    if blocks is not None:
        parts = [blocks[at : at + _ASK] for at in range(0, len(blocks), _ASK)]
        queries = [query.where(BlockRow.block.in_(part)) for part in parts]
    with store.reading() as connection:
        for each in queries:
            for rows in connection.execute(each).yield_per(_FETCH).partitions():
                extents = [Extent(*row[:3]) for row in rows]
                yield Stretch(extents, _unpacked_together(rows, names))


def _unpacked_together(rows: Sequence[Any], names: Sequence[str]) -> dict[str, Field]:
    if all(row.layout == TRACE_LAYOUT for row in rows):
        try:
            return unpack_fields([(row.codec, row.data, row.samples) for row in rows], names)
        except (zstandard.ZstdError, ValueError):
            pass  # one after the other, to name the one that is damaged
    return fields_of([_unpacked(row, names) for row in rows], names)


def _unpacked(row: Any, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    if row.layout != TRACE_LAYOUT:
        raise Damaged(f"block {row.block} has the layout {row.layout!r}, known is {TRACE_LAYOUT!r}")
    try:
        return unpack_some(row.codec, row.data, row.samples, names)
    except (zstandard.ZstdError, ValueError) as error:
        raise Damaged(f"block {row.block} cannot be unpacked: {error}") from None
