"""`pencontrol bench`: the benchmarks of the checkout, found by name in `benchmarks/`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ui.cli.common import JsonOut, PlainError, on_terminal, print_json

ROOT = Path(__file__).parents[2]


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; default: all.", show_default=False)
    ] = None,
    json_out: JsonOut = False,
    seconds: Annotated[
        float | None, typer.Option(min=0.5, help="Length of each run; default: long enough for every gate.")
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="Only the runs that decide, 20 s each.")] = False,
) -> None:
    """Measure; exit code 1 when a benchmark has gates and does not hold them."""
    if not (ROOT / "benchmarks" / "registry.py").is_file():
        raise PlainError("The benchmarks are not part of an installed program: run this from a checkout of the source.")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from benchmarks import registry

    options = registry.Options(seconds=seconds, short=short, tell=_tell if on_terminal() else lambda words: None)
    documents: dict[str, dict[str, Any]] = {}
    try:
        chosen = {name: registry.load(name) for name in names or registry.names()}
        for name, benchmark in chosen.items():
            documents[name] = benchmark.bench(options)
            if not json_out:
                for line in benchmark.lines(documents[name]):
                    print(line)
    except registry.BenchError as error:
        raise PlainError(str(error)) from None
    if json_out:
        print_json(documents[names[0]] if names and len(documents) == 1 else documents)
    failed = [name for name, document in documents.items() if document.get("verdict", "PASS") != "PASS"]
    if failed:
        words = ", ".join(f"{name}: {documents[name]['verdict']}" for name in failed)
        raise PlainError(f"not passed: {words}")


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
