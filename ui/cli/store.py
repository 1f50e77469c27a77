"""`pencontrol sessions` and `pencontrol export`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, on_terminal, print_json

EXPORT_EXAMPLES = """\b
Examples:
  pencontrol export S-20261121-140501-7F3A --format pdf,csv --out exports
  pencontrol export S-20261121-140501-7F3A --format fhir,pdf
  pencontrol export S-20261121-140501-7F3A --format csv,json --pseudonymous --out research
"""
PSEUDONYM_KEY = "pseudonyms.key"  # in the station's home: pseudonyms are the same in all its exports
PSEUDONYM_KEY_BYTES = 32


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
    format: Annotated[
        str, typer.Option("--format", help="Comma-separated: pdf, csv, json, fhir, parquet (needs the extra `parquet`).")
    ] = "pdf,csv,json,fhir",
    out: Annotated[Path, typer.Option("--out", help="Folder; each session gets one of its own in it.")] = Path("exports"),
    pseudonymous: Annotated[
        bool,
        typer.Option(
            "--pseudonymous",
            help="Replace the codes of client and staff by pseudonyms (the same ones in every export of this station) and "
            "leave out free text. Times stay.",
        ),
    ] = False,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Write a session's files and a manifest with the SHA-256 of each.

    session.pdf for people, events.csv and trace.csv for spreadsheets, session.json with the hash chain, session.fhir.json
    (HL7 FHIR R4) for a clinic's system, trace.parquet for analysis. The same record gives the same bytes every time.
    """
    from sessions.export import ExportError, export_sessions
    from sessions.keyfile import KeyFileError, load_or_make_secret
    from sessions.store import StoreError, open_store
    from ui.zone_art import zone_art

    place = home or default_home()
    formats = [name.strip() for name in format.split(",") if name.strip()]
    bar = _Bar()
    try:
        with open_store(place) as records, bar:
            key = load_or_make_secret(place / PSEUDONYM_KEY, PSEUDONYM_KEY_BYTES) if pseudonymous else None
            folders = export_sessions(
                records, session, formats, out, zone_art(), bar.file_done, within=bar.within, pseudonym_key=key
            )
    except (ExportError, StoreError, KeyFileError) as error:
        raise PlainError(str(error)) from None
    files = sorted(file for folder in folders for file in folder.iterdir())
    if json_out:
        print_json({"files": [str(file) for file in files]})
        return
    for file in files:
        print(file)


class _Bar:
    """Progress in files and parts of files: a bar on a terminal, nothing when piped."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        self._bar = Progress(console=console, transient=True, disable=not on_terminal())
        self._task = self._bar.add_task("exporting", total=None)
        self._done = 0

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def file_done(self, done: int, total: int, name: str) -> None:
        """One more file is whole."""
        self._done = done
        self._bar.update(self._task, completed=done, total=total, description=name)

    def within(self, name: str, share: float) -> None:
        """So much of the file under way is made."""
        self._bar.update(self._task, completed=self._done + share, description=name)
