#!/usr/bin/env python3
"""10 million random, torn, flipped and honest bytes into deframer and pen on CPython: what must never happen does not."""

import gc
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tests.micropython.on_pen.fuzz import Fuzz

BYTES = 10_000_000
SEED = 11
OBJECTS = 2000  # a plan of 64 zones and a full queue of samples, no more


def main() -> int:
    """Fire, half of the bytes without an ARM and half with; Broken or any other exception ends it with a traceback."""
    start = time.perf_counter()
    fuzz = Fuzz(SEED)
    warm = most = 0
    number = 0
    while fuzz.bytes < BYTES:
        fuzz.fire()
        fuzz.arms = fuzz.bytes * 2 > BYTES
        number += 1
        if number % 5000 == 0:
            gc.collect()
            objects = len(gc.get_objects())
            warm = warm or objects
            most = max(most, objects)
    kept = fuzz.runs > 100 and most - warm < OBJECTS
    print(
        f"fuzz on CPython: {fuzz.bytes} bytes in {time.perf_counter() - start:.0f} s, no exception, {fuzz.runs} runs all under"
        f" an ARM, deepest {fuzz.deepest_um} um of 1200, {most - warm} objects more at most: {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
