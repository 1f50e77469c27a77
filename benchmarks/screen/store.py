"""A store with a long session to open and many others in the list. I/O."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks import record_data
from benchmarks.record import made
from benchmarks.registry import BenchError
from sessions.store import open_store
from sessions.store.records import Trace
from sessions.store.writing import Item, Writer

OTHERS = 2000
SECONDS_A_COMMIT = 60


def make_store(home: Path, samples: int, tell: Callable[[str], None]) -> str:
    """Writes the session into `home` and gives its id. Its tape is one second's over and over: nobody replays it here."""
    kept: list[bytes] = []
    tape = made._tape

    def same_tape(trace: Trace, noise: np.random.Generator) -> bytes:
        if not kept:
            kept.append(tape(trace, noise))
        return kept[0]

    home.mkdir(parents=True, exist_ok=True)
    with open_store(home) as store, patch.object(made, "_tape", same_tape):
        record_data.fill(store, OTHERS)
        writer = Writer(store)
        waiting: list[Item] = []
        for number, items in enumerate(made.session_made(samples), start=1):
            waiting += items
            if number % SECONDS_A_COMMIT == 0:
                _write(writer, waiting)
                waiting = []
            if number % 900 == 0:
                tell(f"storing minute {number // 60} of {samples // 60_000}")
        _write(writer, waiting)
    return made.SESSION


def _write(writer: Writer, items: list[Item]) -> None:
    if wrong := [outcome.why for outcome in writer.write(items) if not outcome.on_record]:
        raise BenchError(f"not stored: {wrong[0]}")
