"""Judges /cases: one a line, [doing, arguments, what CPython made of it]. Prints how many, and the first differences."""

import json

from tests.micropython.on_pen.codec import outcome

count = 0
differences = []
with open("/cases") as cases:  # noqa: PTH123 # MicroPython has no pathlib
    for line in cases:
        doing, arguments, expected = json.loads(line)
        found = outcome(doing, arguments)
        count += 1
        if found != expected:
            differences.append([doing, arguments, expected, found])
print(json.dumps([count, differences[:5]]))
