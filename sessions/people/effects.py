"""What each effect of the table of after-effects is in words (data/after_effects.csv, English), for the record. I/O: reads it."""

import csv
from pathlib import Path

TABLE = Path(__file__).with_name("data") / "after_effects.csv"


def effect_words(code: str, table: Path = TABLE) -> str:
    """The words of `code`; "" for one that the table does not have, or a table that cannot be read."""
    try:
        with table.open(encoding="utf-8", newline="") as file:
            return next((row["effect"][:200] for row in csv.DictReader(file) if row["code"] == code), "")
    except (OSError, KeyError, UnicodeDecodeError, csv.Error):
        return ""
