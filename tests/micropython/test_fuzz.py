"""Any bytes at all: no exception, bounded memory, RUNNING never without an ARM. The full numbers: ./prove fuzz_..."""

import pytest

from firmware_protocol import messages as m
from tests.micropython import interpreter
from tests.micropython.on_pen.fuzz import Broken, Fuzz

BYTES = 200_000
MEMORY_BYTES = 40_000  # what a plan, a full output box and a few cached replies differ by


def test_on_micropython() -> None:
    ((fired, runs, deepest_um, growth_bytes),) = interpreter.run("fuzz_main", {"/count": f"1 {BYTES}"})
    assert fired >= BYTES
    assert runs > 1, "the second half never ran: nothing was shown"
    assert deepest_um == 1200
    assert growth_bytes < MEMORY_BYTES


def test_a_motor_without_an_arm_is_seen() -> None:
    fuzz = Fuzz(1)
    for _ in range(100):
        fuzz.fire()
    fuzz.pen.motion.state = m.STATE_RUNNING
    with pytest.raises(Broken, match="without an ARM"):
        fuzz.fire()
