"""The trace as the tape's packing asks for it: by numbers of blocks. I/O: reads the store."""

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, select

from sessions.store.models import BlockRow
from sessions.store.records import Trace, join_traces
from sessions.store.rows import Malformed, trace_of_row
from sessions.store.store import Store
from sessions.store.tape_fields import TraceOf

_ROW = select(BlockRow.block, BlockRow.samples, BlockRow.codec, BlockRow.data).where(
    BlockRow.stream == bindparam("of"), BlockRow.block == bindparam("number")
)


def trace_lookup(connection: Connection, stream: str) -> TraceOf:
    """Gives the records of `stream`'s blocks from a first to a last, in the transaction of `connection`.

    What it returns raises ValueError when one is not on record or cannot be unpacked.
    """
    return _remembering(lambda block: _read(connection, stream, block))


def trace_in(store: Store, stream: str, known: Callable[[int], Trace | None] = lambda _block: None) -> TraceOf:
    """As `trace_lookup`, each read in a transaction of its own; what `known` has is not read again. Raises StoreError too."""

    def read(block: int) -> Trace:
        if (trace := known(block)) is not None:
            return trace
        with store.reading() as connection:
            return _read(connection, stream, block)

    return _remembering(read)


def _remembering(read: Callable[[int], Trace]) -> TraceOf:
    kept: dict[int, Trace] = {}

    def give(first: int, last: int) -> Trace:
        found = {block: kept[block] if block in kept else read(block) for block in range(first, last + 1)}
        kept.clear()  # the next block of tape asks for the same, or for the next
        kept.update(found)
        return found[first] if first == last else join_traces(list(found.values()))

    return give


def _read(connection: Connection, stream: str, number: int) -> Trace:
    row = connection.execute(_ROW, {"of": stream, "number": number}).first()
    if row is None:
        raise ValueError(f"block {number} of the trace is missing")
    try:
        return trace_of_row(row)
    except Malformed as error:
        raise ValueError(f"of the trace, {error}") from None
