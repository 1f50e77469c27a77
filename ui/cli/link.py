"""`pencontrol pens` and `pencontrol conformance`: who is at the ports, and does it keep to the pen link."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from ui.cli.common import JsonOut, PlainError, on_terminal, print_json

MOTOR = (
    "{url}: this is a real pen ({serial}). Its motor will run and its needles will move, again and again, for about a minute. "
    "Take the cartridge's tip away from skin and things, then call this again with --yes-the-motor-may-run."
)


def pens(json_out: JsonOut = False) -> None:
    """List the pens at this computer's USB ports, and the ports where none answers."""
    from firmware_protocol.discovery import candidates
    from firmware_protocol.enquiry import NoPen, OpenFailed, PenFound, enquire

    found: list[PenFound] = []
    others: list[dict[str, str]] = []
    for candidate in candidates():
        try:
            found.append(enquire(candidate.url))
        except (NoPen, OpenFailed) as why:
            others.append({"port": candidate.url, "why": str(why)})
    if json_out:
        print_json({"pens": [_as_json(pen) for pen in found], "others": others})
        return
    for pen in found:
        mark = "  SIMULATED" if pen.simulated else ""
        print(
            f"{pen.url}  serial number {pen.serial_number}  firmware {pen.firmware}  "
            f"link {pen.protocol}  calibration due {pen.calibration_due}{mark}"
        )
    for other in others:
        print(other["why"])
    if not found:
        print("No pen found. Plug it in and switch it on, then call this again.")


def _as_json(pen: Any) -> dict[str, Any]:
    told = asdict(pen)
    return {"port": told.pop("url"), **told}


def conformance(
    url: Annotated[str, typer.Argument(help="The pen's port, e.g. /dev/ttyACM0, COM3 or tcp://127.0.0.1:7625.")],
    yes: Annotated[bool, typer.Option("--yes-the-motor-may-run", help="The pen is real, and its needles may move.")] = False,
    json_out: JsonOut = False,
) -> None:
    """Judge a pen by every rule of the pen link. THE MOTOR OF A REAL PEN RUNS AND ITS NEEDLES MOVE. Exits 1 on a broken rule."""
    from firmware_protocol import messages
    from firmware_protocol.conformance.answers import Unfit
    from firmware_protocol.conformance.book import CHECKS
    from firmware_protocol.conformance.runner import PortLine, introduce, run_checks
    from firmware_protocol.transport import LinkClosed, OpenFailed

    bar = _Bar(len(CHECKS))
    line = None
    try:
        line = PortLine(url)
        hello = introduce(line)
        serial = hello.serial.rstrip(b"\0 ").decode("ascii", errors="replace")
        if not (yes or hello.capabilities & messages.CAPABILITY_SIMULATED):
            raise PlainError(MOTOR.format(url=url, serial=serial or "no serial number"))
        bar.begin()
        results = run_checks(line, CHECKS, lambda check, result: bar.step(check.name))
    except Unfit:
        raise PlainError(f"{url}: nobody there answers HELLO; is it a pen, and switched on?") from None
    except (LinkClosed, OpenFailed) as error:
        raise PlainError(str(error)) from None
    finally:
        bar.end()
        if line is not None:
            line.close()
    broken = [result for result in results if not result.passed]
    if json_out:
        print_json({"url": url, "serial_number": serial, "passed": not broken, "checks": [asdict(result) for result in results]})
    else:
        for result in results:
            said = result.found if result.passed else f"expected {result.expected}; found {result.found}"
            print(f"{'ok    ' if result.passed else 'BROKEN'}  {result.name:<36}{said}")
    if broken:
        raise PlainError(f"{url}: {len(broken)} of {len(results)} rules broken: {', '.join(each.name for each in broken)}.")
    if not json_out:
        print(f"all {len(results)} rules kept")


class _Bar:
    """Progress on a terminal; nothing when piped."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None

    def begin(self) -> None:
        if on_terminal():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("checks", total=self._total)
            self._bar.start()

    def step(self, name: str) -> None:
        if self._bar is not None:
            self._bar.update(self._task, advance=1, description=name)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
