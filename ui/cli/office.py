"""What `pencontrol clients` and `pencontrol users` share: the store with its keys, questions, and who asks.

Names, notes and PINs are typed or piped in, never given as arguments: every user of the machine can read those in the list of
processes, and the shell keeps them.
"""

import contextlib
import getpass
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.common import PlainError, default_home
from ui.cli.pins import confirm

if TYPE_CHECKING:
    from sessions.people.keys import Keyring
    from sessions.people.register import Desk

By = Annotated[str, typer.Option("--by", help="Your code, for the record, e.g. op-1.")]


@dataclass(frozen=True)
class Office:
    """Who writes where, with which keys."""

    desk: "Desk"
    keyring: "Keyring"
    home: Path

    def ask(self, by: str, pin_file: Path | None, lead: bool = False) -> None:
        """The PIN of who does this, where people have PINs."""
        confirm(self.desk, self.keyring, by, pin_file, "--by", lead)


@contextlib.contextmanager
def open_office(home: Path | None, by: str = "") -> Iterator[Office]:
    """Store and keys, with every error in plain words."""
    from sessions.people.keys import open_keyring
    from sessions.people.register import Desk
    from sessions.store import StoreError, open_store

    place = home or default_home()
    if by and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", by):
        raise PlainError("--by takes a code, e.g. op-1: letters, digits, dots, dashes, underscores")
    try:
        with open_store(place) as records:
            desk = Desk(records, by or "command line", time.time_ns, time.monotonic_ns)
            yield Office(desk, open_keyring(records, place), place)
    except StoreError as error:
        raise PlainError(str(error)) from None


def ask_line(what: str) -> str:
    """A line: asked for on a terminal, the next one of stdin otherwise; "" at its end."""
    if sys.stdin.isatty():
        print(f"{what}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().rstrip("\r\n")


def ask_unseen(what: str) -> str:
    """A PIN: asked for unseen on a terminal, the next line of stdin otherwise."""
    return getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
