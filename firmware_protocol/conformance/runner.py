"""Runs checks against a pen at a URL: the one place of this package that opens a port and reads a clock.

A check that failed while this computer or the line stood still for more than 30 ms is not the pen's failure yet: it is
judged again, three times at most, and the last judgement counts.
"""

import contextlib
import datetime
import select
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from firmware_protocol import messages as m
from firmware_protocol.conformance.answers import Line, Unfit
from firmware_protocol.conformance.check import Check, Finding
from firmware_protocol.conformance.probe import Probe
from firmware_protocol.transport import LinkClosed, OpenFailed, open_transport

FIRST_DAY = datetime.date(2020, 1, 1)
TRIES = 3
HELLOS = 3
STALL_S = 0.03
REOPEN_S = 0.3  # a pen sees HUP or the end of TCP within this


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report."""

    name: str
    passed: bool
    expected: str
    found: str


class PortLine:
    """A `Line` over serial port, pty or TCP."""

    def __init__(self, url: str) -> None:
        """Raises OpenFailed."""
        self.url = url
        self._transport = open_transport(url)

    def now_s(self) -> float:
        """As Line."""
        return time.monotonic()

    def write(self, data: bytes) -> None:
        """As Line. Raises LinkClosed."""
        self._transport.write(data)

    def read(self, most_s: float) -> bytes:
        """As Line. Raises LinkClosed."""
        data = self._transport.read()
        if not data:
            select.select([self._transport.fileno()], [], [], most_s)
            data = self._transport.read()
        return data

    def reopen(self) -> None:
        """As Line; waits a moment between. Raises OpenFailed."""
        self.close()
        time.sleep(REOPEN_S)
        self._transport = open_transport(self.url)

    def close(self) -> None:
        """Lets DTR fall and gives the port back."""
        self._transport.drop_dtr()
        self._transport.close()


def introduce(line: Line) -> m.HelloReply:
    """What the pen says of itself; a few HELLOs, for the first may be lost. Raises Unfit, LinkClosed."""
    probe = Probe(line, _today_days())
    for _ in range(HELLOS - 1):
        with contextlib.suppress(Unfit):
            return probe.greet()
    return probe.greet()


def run_checks(
    line: Line, checks: Iterable[Check], tell: Callable[[Check, Result], None] = lambda check, result: None
) -> list[Result]:
    """Judge the pen at `line` by each check, in order; a STOP follows the last. Raises OpenFailed where the pen went for good."""
    probe = Probe(line, _today_days())
    results = []
    for check in checks:
        result = _run_one(probe, check)
        results.append(result)
        tell(check, result)
    with contextlib.suppress(LinkClosed):
        probe.ask(m.STOP, m.STOP_SHUTDOWN)
    return results


def _today_days() -> int:
    return (datetime.date.today() - FIRST_DAY).days


def _run_one(probe: Probe, check: Check) -> Result:
    for _ in range(TRIES):
        probe.stalled_s = 0.0
        finding = _judge(probe, check)
        if finding.passed or probe.stalled_s < STALL_S:
            break
    return Result(check.name, finding.passed, finding.expected, finding.found)


def _judge(probe: Probe, check: Check) -> Finding:
    try:
        return check.judge(probe)
    except Unfit as unfit:
        return Finding(False, unfit.expected, unfit.found)
    except (LinkClosed, OpenFailed) as closed:
        probe.line.reopen()
        return Finding(False, "the link stays open", str(closed))


__all__ = ["OpenFailed", "PortLine", "Result", "run_checks"]
