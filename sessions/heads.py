"""Heads noted elsewhere, on a printed PDF or in a letter, looked up in a record's chains. Pure.

A chain with its end cut off still holds; that a head noted earlier is in it no more is what shows the cut.
"""

import re
from collections.abc import Mapping, Sequence

SHORTEST = 16  # hexadecimal digits: enough that nobody finds another record with the same ones
_HEAD = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")


def read_head(text: str) -> str:
    """A head as typed from paper: case and spaces do not count. Raises ValueError with a plain sentence."""
    head = "".join(text.split()).lower()
    if not _HEAD.fullmatch(head):
        raise ValueError(f"{text!r} is no head; allowed are {SHORTEST} to 64 hexadecimal digits")
    return head


def look_up(heads: Sequence[str], chains: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """What was found of `heads`, and which of them are nowhere, in words.

    `chains`: the hashes of each chain from the first one, by the word for one of its links ("event", "trace block").
    """
    found, missing = [], []
    for head in heads:
        place = next(
            ((word, at, hashes) for word, hashes in chains.items() for at, told in enumerate(hashes, 1) if told.startswith(head)),
            None,
        )
        if place is None:
            missing.append(f"head {head} is nowhere in this record: its end was cut off, or it was written anew")
            continue
        word, at, hashes = place
        after = f"{len(hashes) - at} more came after it" if len(hashes) > at else "the newest"
        found.append(f"head {head}: {word} {at}, {after}")
    return found, missing
