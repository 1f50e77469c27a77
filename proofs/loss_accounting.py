#!/usr/bin/env python3
"""60 s of telemetry at 1 kHz and 10 s at 2 kHz over a pty: every sample heard, dropped or lost is accounted for, exactly."""

import contextlib
import pathlib
import subprocess
import sys
from collections.abc import Iterator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from firmware_protocol import messages as m
from firmware_protocol.conformance.probe import Probe
from firmware_protocol.conformance.runner import PortLine

RUNS = ((1000, 60.0), (500, 10.0))  # period in us, seconds
DAYS = 2500


@contextlib.contextmanager
def simulated_pen() -> Iterator[str]:
    """The URL of a simulated pen in a process of its own, over a pty."""
    command = [sys.executable, "-m", "firmware_protocol.simulator", "--pty"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def account(probe: Probe, period_us: int, seconds: float) -> tuple[int, int, int, int]:
    """Periods by the index, samples heard, dropped by the pen's word, and what is in none of these."""
    probe.fresh(plan=False)
    probe.must(m.OK, "STREAM", probe.ask(m.STREAM, period_us, 1))
    probe.show()
    probe.forget()
    probe.run(seconds)
    first, last = probe.samples[0], probe.samples[-1]
    periods = ((last.index - first.index) & 0xFFFFFFFF) + 1
    dropped = (last.dropped - first.dropped) & 0xFFFF
    ticks = ((last.t_us - first.t_us) & 0xFFFFFFFF) // period_us + 1
    assert ticks == periods, f"{ticks} periods by the pen's clock, {periods} by its index"
    return periods, len(probe.samples), dropped, periods - len(probe.samples) - dropped


def main() -> int:
    """Measure both and print the sums."""
    told, kept = [], True
    with simulated_pen() as url, contextlib.closing(PortLine(url)) as line:
        probe = Probe(line, DAYS)
        for period_us, seconds in RUNS:
            periods, heard, dropped, left = account(probe, period_us, seconds)
            bad = probe.deframer.bad
            enough = periods >= 0.95 * seconds * 1e6 / period_us
            kept = kept and left == 0 and bad == 0 and enough
            told.append(
                f"{1000 // period_us} kHz {seconds:.0f} s: {periods} periods, {heard} heard, {dropped} dropped, {left} lost"
            )
    print(f"loss accounting: {'; '.join(told)}: {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
