"""`pencontrol rehearse`: play a scenario against the real processes, then hold the record against what must come out."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pencontrol.launcher import Launcher, LaunchError, Options, Simulated
from pencontrol.rehearsal.chair import ChairError
from pencontrol.rehearsal.judging import unmet
from pencontrol.rehearsal.player import Outcome, Player, RehearsalError
from pencontrol.rehearsal.scenario import Scenario, ScenarioError, load_scenario
from pencontrol.zones import shipped_zones
from ui.cli.common import Home, JsonOut, PlainError, default_home, on_terminal, print_json


def rehearse(
    scenario: Annotated[Path, typer.Argument(help="The scenario, a TOML file (docs/scenarios.md).")],
    pen: Annotated[str, typer.Option(help="Port of a pen. Default: a simulated pen of its own.")] = "",
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Run a whole treatment without a screen; exit code 1 when an expectation is not met."""
    from firmware_protocol.simulator.scenario import ScenarioError as PenScenarioError
    from firmware_protocol.simulator.scenario import load_scenario as load_pen_part

    try:
        played = load_scenario(scenario, shipped_zones())
        load_pen_part(scenario)  # the simulated pen reads its rows itself; a slip in them is better told here
        result = play(played, pen, home or default_home())
    except (ScenarioError, PenScenarioError, LaunchError, RehearsalError, ChairError) as error:
        raise PlainError(str(error)) from None
    if json_out:
        print_json(result)
    else:
        _print(result)
    if not result["expectations_met"]:
        for sentence in result["unmet"]:
            print(sentence, file=sys.stderr)
        raise SystemExit(1)


def play(scenario: Scenario, pen: str, home: Path, control: tuple[str, ...] = ()) -> dict[str, Any]:
    """Play it and read the record back: the JSON document of `rehearse`. `control` replaces control's command, for tests."""
    from sessions.reading import summary, totals_for_resume
    from sessions.store import StoreError, open_store

    def totals(session: str) -> list[dict[str, Any]]:
        with open_store(home) as records:
            return [total.model_dump(mode="json") for total in totals_for_resume(records, session)]

    chosen = pen or Simulated(seed=scenario.about.seed, scenario=scenario.path)
    options = Options(home=home, pen=chosen, log=_log(home))
    if control:
        options = Options(home=home, pen=chosen, log=options.log, control=control)
    bar = _Bar(scenario.about.name or scenario.path.name)
    try:
        with Launcher(options) as launcher:
            outcome = Player(launcher, scenario, totals, bar.show).play()
        with open_store(home) as records:
            told = {session: summary(records, session) for session in outcome.sessions}
    except StoreError as error:
        raise PlainError(str(error)) from None
    finally:
        bar.end()
    return _result(scenario, outcome, told)


def _result(scenario: Scenario, outcome: Outcome, told: dict[str, Any]) -> dict[str, Any]:
    last = dict(told[outcome.sessions[-1]])
    said = outcome.surprises + unmet(scenario.expect, last)
    return {
        **last,
        "expectations_met": not said,
        "unmet": said,
        "sessions": outcome.sessions,
        "earlier": [told[session] for session in outcome.sessions[:-1]],
    }


def _print(result: dict[str, Any]) -> None:
    print(f"session {result['session']}  {result['state']}  samples {result['samples']}, lost {result['samples_lost']}")
    print(f"{'zone':<16}{'passes':>7}{'strokes':>9}{'contact s':>11}{'limit mm':>10}{'deepest mm':>12}{'strikes/cm2':>13}")
    for zone, row in result["zones"].items():
        print(
            f"{zone:<16}{row['passes']:>7}{row['strokes']:>9}{row['contact_s']:>11.1f}{row['limit_um'] / 1000:>10.2f}"
            f"{row['max_depth_um'] / 1000:>12.3f}{row['strikes_per_cm2']:>13.0f}"
        )
    for alarm in result["alarms"]:
        print(f"alarm {alarm['id']} ({alarm['priority']}) at {alarm['at_s']:.3f} s")
    for trip in result["trips"]:
        print(
            f"trip by {trip['guard']} at sample {trip['sample_index']}: {trip['depth_um']} um, limit {trip['limit_um']} um; "
            f"STOP on the wire after {trip['stop_on_wire_us']} us, motor off {trip['motor_off_us']} us, "
            f"needles home {trip['needles_home_us']} us"
        )
    print("expectations met" if result["expectations_met"] else "expectations NOT met")


def _log(home: Path) -> Path:
    folder = home / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlainError(f"{folder}: cannot be made: {error.strerror}") from None
    return folder / f"processes-{os.getpid()}.log"


class _Bar:
    """Progress on a terminal; nothing when piped."""

    def __init__(self, title: str) -> None:
        self._bar: Any = None
        if on_terminal():
            from rich.console import Console
            from rich.progress import Progress as RichProgress

            self._bar = RichProgress(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(title, total=1.0)
            self._bar.start()
        self._title = title

    def show(self, share: float, zone: str) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=min(share, 1.0), description=f"{self._title}: {zone}")

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
