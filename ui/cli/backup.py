"""`pencontrol backup`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, on_terminal, print_json


def backup(
    to: Annotated[Path, typer.Option("--to", help="The file to write; must not be there yet.")],
    with_keys: Annotated[bool, typer.Option("--with-keys", help="Keep clients' (wrapped) keys in it.")] = False,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Copy the records into one file while they are in use, and check the copy.

    Without clients' keys it can be kept for ever: who is erased is erased in it too, but nobody's name comes back from it. With
    --with-keys it brings names back (together with the file people.key, which is in no backup: keep a copy of it somewhere
    else), and has to be destroyed when somebody in it is erased. Photographs are the files in the folder photos.
    """
    from sessions.backup import back_up
    from sessions.store import StoreError, open_store

    place = home or default_home()
    try:
        open_store(place).close()  # so that a copy always has the newest schema
        with _bar() as progress:
            made = back_up(place, to, with_keys, progress)
    except StoreError as error:
        raise PlainError(str(error)) from None
    if json_out:
        print_json({"file": str(made.file), "bytes": made.size, "rows": made.rows, "client_keys": made.client_keys})
        return
    rows = ", ".join(f"{count} {table}" for table, count in made.rows.items())
    print(f"{made.file}  {made.size} bytes: {rows}; {made.client_keys} clients' keys. The copy was read back and is whole.")
    if not made.client_keys:
        print("Clients' names are not readable from it: keep the home folder, or a backup --with-keys, beside it.")
    photos = place / "photos"
    if photos.is_dir() and (count := len(list(photos.iterdir()))):
        print(f"Not in it: {count} sealed photographs in {photos}.")


@contextlib.contextmanager
def _bar() -> Iterator[Any]:
    """A progress bar on a terminal, nothing when piped."""
    if not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("copying", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
