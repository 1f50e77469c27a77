"""`pencontrol plan check`."""

from pathlib import Path
from typing import Annotated

import typer

from pencontrol.plan import PlanError, load_plan
from pencontrol.zones import shipped_zones
from ui.cli.common import JsonOut, PlainError, print_json


def check(file: Annotated[Path, typer.Argument(help="The plan, a TOML file.")], json_out: JsonOut = False) -> None:
    """Check a plan against the zone table; says what it would do, or names file, key, value and what is allowed."""
    table = shipped_zones()
    try:
        plan = load_plan(file, table)
    except PlanError as error:
        raise PlainError(str(error)) from None
    if json_out:
        print_json(plan.model_dump(mode="json"))
        return
    print(f"{file}: good. {plan.name}, {len(plan.zones)} zones:")
    for zone in plan.zones:
        print(
            f"  {zone.zone:<14} {zone.depth_um / 1000:.2f} mm, limit {zone.limit_um / 1000:.2f} mm, "
            f"{zone.speed_rpm} rpm, {zone.passes} {'pass' if zone.passes == 1 else 'passes'}  {table[zone.zone].name}"
        )
