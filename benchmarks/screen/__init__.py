"""`pencontrol bench screen`: frames, age, STOP, start-up and the 75 minute session on a real X display, beside plain pyqtgraph.

What is measured, how, and how to read it: docs/screen.md. Nothing is imported before it is needed: the screen and control that
are measured start from this package, and must not carry what they do not use.
"""

from benchmarks.registry import Document, Options


def bench(options: Options) -> Document:
    """All parts one after the other. Raises BenchError when one cannot be measured."""
    from benchmarks.screen.whole import measure

    return measure(options)


def lines(document: Document) -> list[str]:
    """For a person."""
    from benchmarks.screen import telling

    return telling.lines(document)
