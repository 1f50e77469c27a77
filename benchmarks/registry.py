"""Finds benchmarks by name: every module or package beside this one that has `bench` and `lines`."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

Document = dict[str, Any]


class BenchError(Exception):
    """The benchmark cannot be run here: one plain sentence."""


@dataclass(frozen=True)
class Options:
    """What the person asked for. `seconds`: length of each run, None for the full one; `short`: only what decides."""

    seconds: float | None = None
    short: bool = False
    tell: Callable[[str], None] = lambda words: None  # progress, one line each


class Benchmark(Protocol):
    """What a module must have."""

    def bench(self, options: Options) -> Document:
        """Measure. Raises BenchError. A document with `verdict` FAIL makes the command fail."""
        ...

    def lines(self, document: Document) -> list[str]:
        """The document for a person."""
        ...


def names() -> list[str]:
    """Every benchmark there is, sorted."""
    found = []
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name != "registry" and not module.name.endswith("_data"):  # what several benchmarks are made of
            found.append(module.name)
    return sorted(found)


def load(name: str) -> Benchmark:
    """The benchmark called `name`. Raises BenchError with the names there are."""
    if name not in names():
        raise BenchError(f"there is no benchmark {name!r}; there are {', '.join(names())}")
    return cast(Benchmark, importlib.import_module(f"benchmarks.{name}"))
