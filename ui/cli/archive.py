"""`pencontrol archive`."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, on_terminal, print_json

if TYPE_CHECKING:
    from sessions.archive.check import Checked
    from sessions.archive.run import Report


def archive(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            envvar="PENCONTROL_ARCHIVE",
            metavar="URL",
            help="postgresql+psycopg://USER@HOST/DATABASE; the password better in PGPASSWORD or ~/.pgpass.",
            show_default=False,
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be copied.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare what is there with this station, row by row.")] = False,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Copy closed sessions to the clinic's PostgreSQL, and verify each there; again and again without harm.

    Later signatures and corrections follow with the next run. Ended in the middle, the next run goes on. No key travels.
    """
    from sessions.archive import ArchiveError, clinic_url, open_clinic, station_id
    from sessions.archive import archive as copy
    from sessions.archive import check as compare
    from sessions.archive import dry_run as foresee
    from sessions.store import StoreError, open_store

    logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it warns of, the error says in one sentence
    if dry_run and verify:
        raise PlainError("--dry-run and --verify exclude each other: neither writes anything, so call twice.")
    place = home or default_home()
    tell, close = _progress("verifying" if verify else "archiving")
    told: Report | Checked
    try:
        url = clinic_url(to)
        with open_store(place) as records, open_clinic(url, migrate=not (dry_run or verify)) as clinic:
            station = station_id(place)
            if verify:
                told = compare(records, clinic, station, tell)
            elif dry_run:
                told = foresee(records, clinic, station)
            else:
                told = copy(records, clinic, station, time.time_ns, tell)
    except (ArchiveError, StoreError) as error:
        raise PlainError(str(error)) from None
    finally:
        close()
    if json_out:
        print_json(asdict(told))
    else:
        for line in _lines(asdict(told)):
            print(line)
    if told.problems:
        more = f" (and {len(told.problems) - 1} more)" if len(told.problems) > 1 and json_out else ""
        raise PlainError(told.problems[0] + more if json_out else "\n".join(told.problems))


def _lines(told: dict[str, Any]) -> list[str]:
    size = f"{told['bytes'] / 1e6:.1f} MB"
    if "sessions_verified" in told:
        there = f"{told['sessions_verified']} sessions and {told['streams_verified']} other streams"
        lines = [f"{told['to']}: {there} are there as they are here, {size}"]
        if told["not_archived"]:
            lines.append(f"{told['not_archived']} are not there yet, or not up to their present end: run `pencontrol archive`")
        return lines
    verb = "would be copied" if told["dry_run"] else "copied and verified there"
    lines = [
        f"{told['to']}: {told['sessions_copied']} sessions {verb}, {told['sessions_extended']} continued, "
        f"{told['sessions_already_there']} were there already, {size}",
        f"outside sessions: {told['streams_copied']} streams {verb}, {told['streams_extended']} continued, "
        f"{told['streams_already_there']} were there already",
    ]
    if told["sessions_open"]:
        lines.append(f"{told['sessions_open']} sessions have no end yet and stay here")
    return lines


def _progress(words: str) -> tuple[Callable[[int, int, str], None], Callable[[], None]]:
    """A bar on a terminal, nothing when piped: (what to call on the way, what to call at the end)."""
    if not on_terminal():
        return lambda _done, _total, _name: None, lambda: None
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(words, total=None)
    bar.start()

    def show(done: int, total: int, name: str) -> None:
        bar.update(task, completed=done, total=total, description=f"{words} {name}")

    return show, bar.stop
