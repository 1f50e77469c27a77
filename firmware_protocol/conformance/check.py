"""A check: its name, its rule in one line, and the function that judges a pen by it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from firmware_protocol.conformance.probe import Probe


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rule asks for and what the pen did, in words that can stand side by side."""

    passed: bool
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. `motor`: the pen's motor or needles move while it is judged."""

    name: str
    rule: str
    motor: bool
    judge: Callable[[Probe], Finding]


def rule(book: list[Check], motor: bool = False) -> Callable[[Callable[[Probe], Finding]], Callable[[Probe], Finding]]:
    """Enters a function into `book`: its name is the check's, its docstring the rule."""

    def enter(judge: Callable[[Probe], Finding]) -> Callable[[Probe], Finding]:
        book.append(Check(judge.__name__, (judge.__doc__ or "").strip(), motor, judge))
        return judge

    return enter


def same(expected: str, found: str) -> Finding:
    """Passed where both are the same words."""
    return Finding(expected == found, expected, found)


def within(low: float, high: float, value: float | None, unit: str) -> Finding:
    """Passed where `low` <= `value` <= `high`; None is a value that never came."""
    passed = value is not None and low <= value <= high
    return Finding(passed, f"{low:g} to {high:g} {unit}", "never" if value is None else f"{value:g} {unit}")
