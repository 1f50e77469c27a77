#!/usr/bin/env python3
"""A million random, torn, flipped and honest bytes into deframer and pen on MicroPython: what must never happen does not."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tests.micropython import interpreter

BYTES = 1_000_000
SEED = 12
MEMORY_BYTES = 40_000


def main() -> int:
    """Fire, half of the bytes without an ARM and half with; any exception ends it with MicroPython's traceback."""
    if interpreter.why_not():
        print(interpreter.why_not())
        return 1
    start = time.perf_counter()
    ((fired, runs, deepest_um, growth_bytes),) = interpreter.run("fuzz_main", {"/count": f"{SEED} {BYTES}"}, timeout_s=1200)
    kept = runs > 10 and growth_bytes < MEMORY_BYTES
    print(
        f"fuzz on MicroPython {interpreter.VERSION}: {fired} bytes in {time.perf_counter() - start:.0f} s, no exception,"
        f" {runs} runs all under an ARM, deepest {deepest_um} um of 1200, {growth_bytes} bytes of memory more at most:"
        f" {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
