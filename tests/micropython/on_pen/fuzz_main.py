"""Fires as many bytes as /count says, half of them with ARMs. Prints [bytes, runs, deepest um, memory's growth in bytes]."""

import gc
import json

from tests.micropython.on_pen.fuzz import Fuzz

seed, count = [int(word) for word in open("/count").read().split()]  # noqa: PTH123, SIM115
fuzz = Fuzz(seed)
warm = 0
most = 0


def again() -> bool:
    """Some chunks, then back out, where garbage can be collected; False at the end."""
    global warm, most
    gc.collect()
    used = gc.mem_alloc()  # type: ignore[attr-defined]
    if fuzz.bytes > count // 10:
        warm = warm or used
        most = max(most, used)
    for _ in range(50):
        fuzz.fire()
    fuzz.arms = fuzz.bytes * 2 > count
    if fuzz.bytes < count:
        return True
    print(json.dumps([fuzz.bytes, fuzz.runs, fuzz.deepest_um, most - warm]))
    return False
