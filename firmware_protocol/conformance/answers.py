"""What a check talks through, what it gets back, and the words for it. Pure."""

from typing import Any, NamedTuple, Protocol

from firmware_protocol import messages as m
from firmware_protocol.frame import Frame


class Line(Protocol):
    """A connection to a pen. Times are seconds of a monotonic clock."""

    url: str

    def now_s(self) -> float:
        """The present time."""

    def write(self, data: bytes) -> None:
        """Send all of it."""

    def read(self, most_s: float) -> bytes:
        """What has come; waits at most so long for the first byte."""

    def reopen(self) -> None:
        """Close, so that the pen's DTR, HUP or TCP falls, and open again."""


class Unfit(Exception):
    """A check could not begin: says what it needed and what the pen did instead."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"{expected}: {found}")
        self.expected = expected
        self.found = found


class Answer(NamedTuple):
    """A reply: `result` is -1 and `fields` None where none came."""

    result: int
    fields: Any
    frame: Frame | None

    @property
    def word(self) -> str:
        """The result's name, or "no reply"."""
        return result_word(self.result)


def result_word(result: int) -> str:
    """Name of a result code."""
    if result < 0:
        return "no reply"
    return m.RESULTS[result] if result < len(m.RESULTS) else f"result {result}"


def word(names: tuple[str, ...], number: int) -> str:
    """Name of a code, or the number where the table has none."""
    return names[number] if number < len(names) else str(number)
