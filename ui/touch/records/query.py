"""What a person typed into the search: a date anywhere in it narrows the list to that day, the rest is text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_LOCAL = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")


@dataclass(frozen=True)
class Query:
    """The text that is left, and the day."""

    text: str = ""
    day: date | None = None


def read_query(typed: str) -> Query:
    """The first word that is a day of the calendar (2026-11-21, 21.11.2026, 21/11/2026) is the day."""
    words = typed.split()
    for number, word in enumerate(words):
        day = _day(word)
        if day is not None:
            return Query(" ".join(words[:number] + words[number + 1 :]), day)
    return Query(" ".join(words))


def _day(word: str) -> date | None:
    for pattern, order in ((_ISO, (1, 2, 3)), (_LOCAL, (3, 2, 1))):
        found = pattern.fullmatch(word)
        if found:
            try:
                return date(*(int(found[part]) for part in order))
            except ValueError:
                return None
    return None
