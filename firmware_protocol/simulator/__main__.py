"""`python -m firmware_protocol.simulator`: a simulated pen at a pty or TCP port. The first line it prints is the URL."""

import argparse
import sys
from pathlib import Path

from firmware_protocol.simulator.faults import FAULTS, FaultError, parse_fault
from firmware_protocol.simulator.scenario import ScenarioError
from firmware_protocol.simulator.server import Options, run_server


def _tcp(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdigit() and int(port) <= 0xFFFF):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, int(port)


def _fault(text: str) -> tuple[str, float]:
    try:
        return parse_fault(text)
    except FaultError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


def _options(arguments: list[str]) -> Options:
    known = "\n".join(
        f"  {kind.name}{f'={kind.default:g} {kind.unit}' if kind.unit else ''}: {kind.text}" for kind in FAULTS.values()
    )
    parser = argparse.ArgumentParser(
        prog="python -m firmware_protocol.simulator",
        description="A simulated pen, at the other end of a cable.",
        epilog=f"faults, with their defaults:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--pty", action="store_true", help="a pseudo terminal")
    where.add_argument("--tcp", type=_tcp, metavar="HOST:PORT", help="a TCP port for one client; port 0: any")
    parser.add_argument("--seed", type=int, help="of noise and tremor; default: the scenario's, or 0")
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="TOML with [[hand]] and [[fault]] rows")
    parser.add_argument("--fault", type=_fault, action="append", default=[], metavar="NAME[=ARG]", help="from the start")
    parser.add_argument("--hand", choices=("idle", "practice"), default="idle", help="practice: strokes whenever the motor runs")
    parser.add_argument("--side", type=Path, metavar="PATH", help="Unix socket for hand, faults and truth")
    parser.add_argument("--storage", type=Path, metavar="FILE", help="keeps calibration and parameters; default: in memory")
    given = parser.parse_args(arguments)
    practice = given.hand == "practice"
    return Options(given.tcp, given.seed, given.scenario, tuple(given.fault), practice, given.side, given.storage)


def main(arguments: list[str]) -> int:
    """Run until SIGINT or SIGTERM; returns the exit code, 2 where the options cannot be met."""
    options = _options(arguments)
    try:
        run_server(options)
    except (ScenarioError, FaultError, OSError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
