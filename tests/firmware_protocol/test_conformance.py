"""The conformance checks: a good pen passes them all, over pty, TCP and none; a pen that breaks a rule fails just its checks."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from firmware_protocol.conformance.book import CHECKS
from firmware_protocol.conformance.check import Check, Finding
from firmware_protocol.conformance.probe import Probe
from firmware_protocol.conformance.runner import PortLine, Result, run_checks
from firmware_protocol.pen import Pen
from tests.firmware_protocol import broken_authority as authority
from tests.firmware_protocol import broken_motion as motion
from tests.firmware_protocol import broken_requests as requests
from tests.firmware_protocol.broken_table import BROKEN
from tests.firmware_protocol.conformance_bench import VirtualLine, failed, judged


def test_every_check_has_its_own_name_and_a_rule() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS) >= 40
    for check in CHECKS:
        assert check.rule.endswith(".")
        assert "\n" not in check.rule


def test_a_good_pen_passes_on_a_virtual_clock() -> None:
    assert failed(VirtualLine()) == {}


@pytest.fixture(params=[["--pty"], ["--tcp", "127.0.0.1:0"]], ids=["pty", "tcp"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    command = [sys.executable, "-m", "firmware_protocol.simulator", *request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pen:
        assert pen.stdout
        yield pen.stdout.readline().strip()
        pen.terminate()


@pytest.mark.skipif(sys.platform == "win32", reason="needs pty")
def test_a_good_pen_passes_at_a_port(url: str) -> None:
    line = PortLine(url)
    try:
        results = run_checks(line, CHECKS)
    finally:
        line.close()
    assert [result for result in results if not result.passed] == []
    assert [result.name for result in results] == [check.name for check in CHECKS]


@pytest.mark.parametrize(("pen_type", "names"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_pen_fails_just_the_checks_of_its_rule(pen_type: type[Pen], names: set[str]) -> None:
    found = failed(VirtualLine(pen_type))
    assert set(found) == names, found


WEAK = (
    ("weak spring", lambda: VirtualLine(plant_type=motion.WeakSpring), {"needles_home_in_time"}),
    ("shallow", lambda: VirtualLine(plant_type=authority.Shallow), {"depth_stays_in_limit"}),
    (
        "takes simulate and does not say so",
        lambda: VirtualLine(requests.with_requests(requests.TakesSimulate), capabilities=0),
        {"simulated_bit_honest"},
    ),
)


@pytest.mark.parametrize(("make", "names"), [row[1:] for row in WEAK], ids=[row[0] for row in WEAK])
def test_broken_hardware_fails_just_the_checks_of_its_rule(make: Callable[[], VirtualLine], names: set[str]) -> None:
    assert set(failed(make())) == names


def test_no_check_is_without_a_pen_that_fails_it() -> None:
    found = set().union(*(row[2] for row in (*BROKEN, *WEAK)))
    assert {check.name for check in CHECKS} == found


def test_hardware_passes_too() -> None:
    assert failed(VirtualLine(capabilities=0)) == {}


def test_a_pen_that_says_nothing_fails_every_check_and_ends() -> None:
    class Mute(Pen):
        def take_output(self) -> bytes:
            super().take_output()
            return b""

    names = ("hello_fields", "stop_in_idle", "lease_end_stops")
    results = judged(VirtualLine(Mute), names)
    assert [result.passed for result in results] == [False] * 3
    assert {result.found for result in results} == {"no reply"}


def test_a_failure_while_this_computer_stood_still_is_judged_again() -> None:
    tries = []

    def judge(probe: Probe) -> Finding:
        """A rule."""
        tries.append(probe)
        probe.stalled_s = 0.05 if len(tries) < 3 else 0.0
        return Finding(len(tries) == 2, "two", str(len(tries)))

    assert run_checks(VirtualLine(), [Check("stalled", "A rule.", False, judge)])[0].passed
    assert len(tries) == 2
    tries.clear()

    def never(probe: Probe) -> Finding:
        """A rule."""
        tries.append(probe)
        return Finding(False, "", "")

    assert not run_checks(VirtualLine(), [Check("punctual", "A rule.", False, never)])[0].passed
    assert len(tries) == 1


def test_results_are_plain_data() -> None:
    result = judged(VirtualLine(), {"hello_fields"})[0]
    told = {"name": result.name, "passed": result.passed, "expected": result.expected, "found": result.found}
    assert isinstance(result, Result)
    assert json.loads(json.dumps(told)) == told
