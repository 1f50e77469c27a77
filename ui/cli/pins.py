"""Who may do what names or binds somebody: a PIN on the command line. I/O.

A PIN is typed unseen, or read from a file that only its owner can read. Never an argument, which every user of the machine can
read in the list of processes, and never the environment, which a child and a crash report inherit.
"""

import getpass
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.common import PlainError

if TYPE_CHECKING:
    from sessions.people.keys import Keyring
    from sessions.people.register import Desk

PinFile = Annotated[
    Path | None,
    typer.Option("--pin-file", help="For scripts: a file of mode 0600 whose first line is your PIN. Default: it is asked for."),
]
LEAD = "clinic_lead"


def confirm(desk: "Desk", keyring: "Keyring", person: str, pin_file: Path | None, option: str, lead: bool = False) -> None:
    """Ask `person`'s PIN, once anybody here has one; `lead`: a clinic lead's, once a clinic lead has one.

    Each try is on record and counts towards the wait, as on the screen. Raises PlainError, StoreError.
    """
    from sessions.people.users import list_users, sign_in

    with_pin = {user.code: user for user in list_users(desk.store) if user.has_pin and not user.locked}
    if not with_pin:
        return
    if not person:
        raise PlainError(f"people have PINs here: say who you are with {option}, e.g. {option} {min(with_pin)}")
    if person not in with_pin:
        raise PlainError(f"{option} is {person!r}, who has no PIN here; allowed are {', '.join(sorted(with_pin))}")
    leads = sorted(code for code, user in with_pin.items() if LEAD in user.roles)
    if lead and leads and person not in leads:
        raise PlainError(f"{option} is {person!r}; this is for a clinic lead: {', '.join(leads)}")
    answer = sign_in(desk, keyring, person, _pin_of(person, pin_file))
    if not answer.let_in:
        raise PlainError(f"{person}: {answer.words}; nothing was done")


def _pin_of(person: str, pin_file: Path | None) -> str:
    if pin_file is not None:
        return _read(pin_file)
    if not sys.stdin.isatty():
        raise PlainError(f"{person} has a PIN: use a terminal, where it is asked for unseen, or --pin-file")
    return getpass.getpass(f"PIN of {person}: ")


def _read(path: Path) -> str:
    """The first line. Refused where others could read it as well."""
    try:
        with path.open(encoding="utf-8") as file:
            open_to = os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            if open_to and os.name == "posix":
                raise PlainError(f"{path}: others may read this file (mode {open_to:o}); allowed is mode 0600")
            return file.readline(64).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise PlainError(f"{path}: the PIN cannot be read: {why}") from None
