"""`pencontrol sessions` and `pencontrol export`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, on_terminal, print_json


def sessions(home: Home = None, json_out: JsonOut = False) -> None:
    """List the sessions on record, newest first."""
    from dataclasses import asdict

    from sessions.reading import list_sessions
    from sessions.store import StoreError, open_store

    place = home or default_home()
    try:
        with open_store(place) as records:
            listed = list_sessions(records)
    except StoreError as error:
        raise PlainError(str(error)) from None
    if json_out:
        print_json([asdict(row) for row in listed])
        return
    if not listed:
        print(f"No session is on record in {place}.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("session", "opened (UTC)", "state", "client", "operator", "zones", "passes", "alarms"):
        table.add_column(name, justify="right" if name in ("zones", "passes", "alarms") else "left", no_wrap=True)
    for row in listed:
        mark = " SIMULATED" if row.simulated else ""
        opened = row.opened_utc[:19].replace("T", " ")
        counts = (str(row.zones), str(row.passes), str(row.alarms))
        table.add_row(row.id, opened, row.state + mark, row.client, row.operator, *counts)
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


def export(
    session: Annotated[list[str], typer.Argument(help="One or more session ids (see `pencontrol sessions`).")],
    format: Annotated[str, typer.Option("--format", help="Comma-separated: pdf, csv, json.")] = "pdf,csv,json",
    out: Annotated[Path, typer.Option("--out", help="Folder; each session gets one of its own in it.")] = Path("exports"),
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Write a session's files and a manifest with the SHA-256 of each."""
    from sessions.export import ExportError, export_sessions
    from sessions.store import StoreError, open_store
    from ui.zone_art import zone_art

    formats = [name.strip() for name in format.split(",") if name.strip()]
    progress, close = _progress()
    try:
        with open_store(home or default_home()) as records:
            folders = export_sessions(records, session, formats, out, zone_art(), progress)
    except (ExportError, StoreError) as error:
        raise PlainError(str(error)) from None
    finally:
        close()
    files = sorted(file for folder in folders for file in folder.iterdir())
    if json_out:
        print_json({"files": [str(file) for file in files]})
        return
    for file in files:
        print(file)


def _progress() -> tuple[Any, Any]:
    """A bar on a terminal, nothing when piped: (callback for the export, call at the end)."""
    if not on_terminal():
        return None, lambda: None
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task("exporting", total=None)
    bar.start()

    def show(done: int, total: int, name: str) -> None:
        bar.update(task, completed=done, total=total, description=name)

    return show, bar.stop
