"""The table of media: what may be put on skin, with a code for the record. From `data/media.csv`, or the clinic's own file."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

MEDIA_FILE = "media.csv"
COLUMNS = ("code", "medium", "role")


@dataclass(frozen=True)
class Medium:
    """One row. `role`: glide, prescriber, numbing, post, prepare or empty."""

    code: str
    name: str
    role: str


class MediaError(Exception):
    """A table that cannot be used: names row, value and what is allowed."""


def read_media(text: str) -> dict[str, Medium]:
    """The table in `text` (CSV with the columns of data/media.csv), by code, in file order. Raises MediaError."""
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise MediaError(f"media.csv: the columns are {rows.fieldnames}, allowed are {', '.join(COLUMNS)}")
    media: dict[str, Medium] = {}
    for number, row in enumerate(rows, start=1):
        code, name = (row["code"] or "").strip(), (row["medium"] or "").strip()
        if not code or not name or code in media:
            raise MediaError(f"media.csv row {number}: code {code!r} and medium {name!r}: both are needed, each code once")
        media[code] = Medium(code, name, (row["role"] or "").strip())
    return media


def media_of(home: Path) -> Mapping[str, Medium]:
    """The clinic's own table in `home` where there is one that can be used, else the table that comes with the program."""
    try:
        return read_media((home / MEDIA_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, csv.Error, MediaError):
        return read_media(resources.files("pencontrol").joinpath("data/media.csv").read_text(encoding="utf-8"))
