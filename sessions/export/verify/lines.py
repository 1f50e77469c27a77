"""Lines of a CSV file that may hold anything. I/O: reads the file."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from sessions.export.verify.findings import Unreadable


def lines(path: Path, columns: Sequence[str]) -> Iterator[list[str]]:
    """Each line's cells, in the order of `columns`, the names in the first line, which must be just these.

    Raises Unreadable, naming the line, and OSError.
    """
    number = 1
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file, strict=True)
            if next(rows, []) != list(columns):
                raise Unreadable(f"{path.name} line 1 does not name the columns that it should")
            for number, row in enumerate(rows, start=2):
                if len(row) != len(columns):
                    raise Unreadable(f"{path.name} line {number} has {len(row)} cells, it must have {len(columns)}")
                yield row
    except (csv.Error, UnicodeDecodeError):
        raise Unreadable(f"{path.name} cannot be read after line {number}") from None
