"""`pencontrol simulate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.common import PlainError


def simulate(
    pty: Annotated[bool, typer.Option("--pty", help="At a pseudo terminal (the default).")] = False,
    tcp: Annotated[str, typer.Option(help="At a TCP port, HOST:PORT; port 0 takes any.")] = "",
    seed: Annotated[int | None, typer.Option(help="Of noise and tremor. Default: the scenario's, or 0.", min=0)] = None,
    scenario: Annotated[Path | None, typer.Option(help="TOML file with [[hand]] and [[fault]] rows.")] = None,
    fault: Annotated[list[str] | None, typer.Option(help="A fault from the start, NAME or NAME=ARG; may be repeated.")] = None,
    hand: Annotated[str, typer.Option(help="idle, or practice: strokes whenever the motor runs.")] = "idle",
    side: Annotated[Path | None, typer.Option(help="Unix socket for hand, faults and truth.")] = None,
    storage: Annotated[Path | None, typer.Option(help="File that keeps calibration and parameters. Default: in memory.")] = None,
) -> None:
    """Run a simulated pen in the foreground. The first line printed is its URL; ends with Ctrl-C or SIGTERM.

    At a terminal, c and Enter puts a new cartridge in.
    """
    from firmware_protocol.simulator.faults import FaultError, parse_fault
    from firmware_protocol.simulator.keys import terminal_keys
    from firmware_protocol.simulator.scenario import ScenarioError
    from firmware_protocol.simulator.server import Options, run_server

    if pty and tcp:
        raise typer.BadParameter("--pty and --tcp exclude each other")
    if hand not in ("idle", "practice"):
        raise typer.BadParameter(f"--hand is {hand!r}, allowed are idle and practice")
    address: tuple[str, int] | None = None
    if tcp:
        host, _, port = tcp.rpartition(":")
        if not (host and port.isdigit() and int(port) <= 65535):
            raise typer.BadParameter(f"--tcp is {tcp!r}, allowed is HOST:PORT")
        address = (host, int(port))
    try:
        faults = tuple(parse_fault(text) for text in fault or [])
        options = Options(address, seed, scenario, faults, hand == "practice", side, storage)
        keys = terminal_keys(lambda text: print(text, file=sys.stderr, flush=True))
        run_server(options, lambda url: print(url, flush=True), keys)
    except (ScenarioError, FaultError, OSError) as error:
        raise PlainError(str(error)) from None
