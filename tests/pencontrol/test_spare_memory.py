"""Memory that is taken at the start is not given back in mid-run."""

import subprocess
import sys

import pytest

COUNT = """
import resource
from pencontrol.control.grants import spare_memory
if {spared}:
    kept = spare_memory()
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for size in range(50):
    bytearray((1 << 20) + size)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults)
"""


def faults(spared: bool) -> int:
    said = subprocess.run([sys.executable, "-c", COUNT.format(spared=spared)], capture_output=True, text=True, check=True)
    return int(said.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="page faults are counted as Linux does it")
def test_large_pieces_come_from_memory_that_is_already_there() -> None:
    assert faults(spared=False) > 200
    assert faults(spared=True) < 20
