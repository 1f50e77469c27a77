"""`pencontrol`: the one program. Subcommands are listed in `--help`; without one the touchscreen opens."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.cli import (
    archive,
    backup,
    bench,
    correct,
    doctor,
    index,
    link,
    people,
    plans,
    rehearsal,
    replay,
    screen,
    sign,
    simulation,
    store,
    users,
    verify,
)
from ui.cli.common import Home, JsonOut, PlainError, default_home, home_of, write_crash

EPILOG = "Examples:  pencontrol --pen sim   |   pencontrol rehearse scenarios/full_face.toml   |   pencontrol sessions"

app = typer.Typer(
    name="pencontrol",
    help="Drives a USB micro-needling pen, holds the plan's depth limit, keeps the record.",
    epilog=EPILOG,
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
plan_app = typer.Typer(help="Treatment plans.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(plan_app, name="plan")


@app.callback(invoke_without_command=True)
def touchscreen(
    context: typer.Context,
    home: Home = None,
    pen: Annotated[str, typer.Option(help="Port, or 'sim' for a simulated pen. Default: the USB port found.")] = "auto",
    kiosk: Annotated[bool, typer.Option("--kiosk", help="Full screen, no window frame.")] = False,
    size: Annotated[str, typer.Option(help="Window size in pixels, e.g. 1280x800.")] = "1280x800",
) -> None:
    """Open the touchscreen (without a subcommand)."""
    if context.invoked_subcommand is None:
        screen.open_touchscreen(home or default_home(), pen, kiosk, size)


app.command("simulate", epilog="Example:  pencontrol simulate --pty --seed 7 --fault depth_runaway=2000")(simulation.simulate)
app.command("rehearse", epilog="Example:  pencontrol rehearse scenarios/full_face.toml --json")(rehearsal.rehearse)
app.command("sessions", epilog="Example:  pencontrol sessions --json")(store.sessions)
app.command("export", epilog=store.EXPORT_EXAMPLES)(store.export)
app.command("replay", epilog="Example:  pencontrol replay S-20261121-140501-7F3A --json")(replay.replay)
app.command("pens", epilog="Example:  pencontrol pens --json")(link.pens)
app.command("conformance", epilog="Example:  pencontrol conformance tcp://127.0.0.1:7625 --json")(link.conformance)
app.command("archive", epilog="Example:  pencontrol archive --to postgresql+psycopg://chair1@clinic.example/records --json")(
    archive.archive
)
app.command("bench", epilog="Example:  pencontrol bench reaction --json --seconds 10")(bench.bench)
app.command("verify", epilog="Example:  pencontrol verify exports/S-20261121-140501-7F3A")(verify.verify)
app.command("reindex", epilog="Example:  pencontrol reindex --check")(index.reindex)
app.command("sign", epilog="Example:  pencontrol sign S-20261121-140501-7F3A --as op-1 --meaning performed")(sign.sign)
app.command("correct", epilog=correct.EXAMPLE)(correct.correct)
app.command("doctor", epilog="Example:  pencontrol doctor --json")(doctor.doctor)
app.add_typer(people.clients_app, name="clients")
app.add_typer(users.users_app, name="users")
app.command("backup", epilog="Example:  pencontrol backup --to records-backup.sqlite")(backup.backup)
plan_app.command("check", epilog="Example:  pencontrol plan check my_plan.toml")(plans.check)


def main() -> None:
    """Entry point of the console script: never a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the launcher ends its processes in order
    try:
        app(standalone_mode=True)
    except PlainError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        where = write_crash(error, home_of(sys.argv[1:]))
        print(f"pencontrol failed in a way it should not: {type(error).__name__}. The details are in {where}.", file=sys.stderr)
        raise SystemExit(1) from None


__all__ = ["JsonOut", "Path", "app", "main"]

if __name__ == "__main__":
    main()
