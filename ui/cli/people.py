"""`pencontrol clients` and `pencontrol users`.

Names, notes and PINs are typed or piped in, never given as arguments: every user of the machine can read those in the list of
processes, and the shell keeps them.
"""

import contextlib
import getpass
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, print_json

if TYPE_CHECKING:
    from sessions.people.keys import Keyring
    from sessions.people.register import Desk

By = Annotated[str, typer.Option("--by", help="Your code, for the record, e.g. op-1.")]
ClientCode = Annotated[str, typer.Argument(help="The client's code, e.g. c-0001.")]
UserCode = Annotated[str, typer.Argument(help="The user's code, e.g. op-1.")]

clients_app = typer.Typer(help="Clients, by code; names are sealed.", no_args_is_help=True, rich_markup_mode=None)
users_app = typer.Typer(help="Who works here, and their PINs.", no_args_is_help=True, rich_markup_mode=None)


@dataclass(frozen=True)
class _Office:
    desk: "Desk"
    keyring: "Keyring"
    home: Path


@contextlib.contextmanager
def _office(home: Path | None, by: str = "") -> Iterator[_Office]:
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
            yield _Office(desk, open_keyring(records, place), place)
    except StoreError as error:
        raise PlainError(str(error)) from None


def _ask(what: str) -> str:
    """A line: asked for on a terminal, the next one of stdin otherwise; "" at its end."""
    if sys.stdin.isatty():
        print(f"{what}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().rstrip("\r\n")


def _ask_pin(what: str) -> str:
    return getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


@clients_app.command("add", epilog="Example:  pencontrol clients add --by op-1")
def add_client(
    code: Annotated[str, typer.Option("--code", help="Default: the next free c-0001.")] = "",
    by: By = "",
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Put a client on record. Name, birth date and contact are asked for, or read as three lines from stdin."""
    from sessions.people.clients import enter_client, identity

    with _office(home, by) as office:
        told = identity(_ask("Name"), _ask("Birth date, e.g. 1990-01-31 (may be left out)"), _ask("Contact (may be left out)"))
        made = enter_client(office.desk, office.keyring, told, code)
    print_json({"client": made}) if json_out else print(made)


@clients_app.command("list", epilog="Example:  pencontrol clients list --json")
def list_all_clients(home: Home = None, json_out: JsonOut = False) -> None:
    """List the clients by code, without names."""
    from sessions.people.clients import list_clients

    with _office(home) as office:
        listed = list_clients(office.desk.store)
    if json_out:
        print_json(listed)
        return
    for row in listed:
        print(f"{row['client']}  {row['status']}  {str(row['entered_utc'])[:10]}  notes {row['notes']}  photos {row['photos']}")
    if not listed:
        print("No client is on record.")


@clients_app.command("show", epilog="Example:  pencontrol clients show c-0001 --names")
def show_client(
    code: ClientCode,
    names: Annotated[bool, typer.Option("--names", help="Also show what is sealed: name, birth date, contact, notes.")] = False,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Show a client; what is sealed only with --names."""
    from sessions.people.clients import load_client

    with _office(home) as office:
        found = load_client(office.desk.store, office.keyring, code)
    told: dict[str, Any] = {
        "client": found.code,
        "status": found.status,
        "entered_utc": found.entered_utc,
        "erased_utc": found.erased_utc,
        "photo_consent": found.photo_consent,
        "notes": [{"utc": note.utc, "by": note.actor, "code": note.code, "session": note.session} for note in found.notes],
        "photos": [{"photo": p.photo, "session": p.session, "zone": p.zone, "taken": p.taken} for p in found.photos],
        "adverse_events": [event.model_dump(mode="json", exclude={"kind", "sealed"}) for event in found.adverse],
    }
    if names and found.identity is not None:
        told |= found.identity.model_dump()
        for shown, note in zip(told["notes"], found.notes, strict=True):
            shown["text"] = note.text
    if json_out:
        print_json(told)
        return
    for key, value in told.items():
        for line in value if isinstance(value, list) else [value]:
            shown = "  ".join(f"{name} {part}" for name, part in line.items() if part) if isinstance(line, dict) else line
            print(f"{key:16}{shown}")


@clients_app.command("note", epilog="Example:  pencontrol clients note c-0001 --tile allergy < note.txt")
def note(
    code: ClientCode,
    tile: Annotated[str, typer.Option("--tile", help="What the note is about, coded.")] = "note",
    session: Annotated[str, typer.Option("--session", help="The session it belongs to.")] = "",
    by: By = "",
    home: Home = None,
) -> None:
    """Add a note, asked for or read from stdin."""
    from sessions.people.clients import note_client

    with _office(home, by) as office:
        text = _ask("Note") if sys.stdin.isatty() else sys.stdin.read().strip()
        note_client(office.desk, office.keyring, code, tile, text, session)


@clients_app.command("find", epilog="Example:  pencontrol clients find")
def find(home: Home = None, json_out: JsonOut = False) -> None:
    """Find clients' codes by the beginning of a name, asked for or read from stdin."""
    from sessions.people.names import load_names

    with _office(home) as office:
        codes = load_names(office.desk.store, office.keyring).codes(_ask("Beginning of a name"))
    print_json({"clients": codes}) if json_out else print("\n".join(codes) or "No client's name begins so.")


@clients_app.command("erase", epilog="Example:  pencontrol clients erase c-0001 --reason asked_by_client --by op-1")
def erase(
    code: ClientCode,
    reason: Annotated[str, typer.Option(help="asked_by_client, retention_over or entered_by_mistake.")],
    by: By = "",
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Erase a client for ever, by destroying the key. The code has to be typed again (or piped in)."""
    from sessions.people.clients import erase_client

    allowed = ("asked_by_client", "retention_over", "entered_by_mistake")
    if reason not in allowed:
        raise PlainError(f"reason {reason!r}; allowed are {', '.join(allowed)}")
    with _office(home, by) as office:
        if _ask(f"Nothing brings {code} back. Type the code again") != code:
            raise PlainError(f"{code} was not erased: the code typed again is another one")
        settled = erase_client(office.desk, office.keyring, office.home, code, reason)
    if json_out:
        print_json({"client": code, "erased": True, "log_emptied": settled})
        return
    print(f"{code} is erased.")
    if not settled:
        print("Another process is reading the records: SQLite's log is emptied when the last one closes them.")
    print("Backups made with --with-keys before now still hold the key: destroy them.")


@clients_app.command("due", epilog="Example:  pencontrol clients due --json")
def due(home: Home = None, json_out: JsonOut = False) -> None:
    """List follow-ups that are due now."""
    from sessions.events import utc_text
    from sessions.people.follow_up import due_follow_ups

    with _office(home) as office:
        found = due_follow_ups(office.desk.store, utc_text(office.desk.utc_ns()))
    if json_out:
        print_json([asdict(row) for row in found])
        return
    for row in found:
        late = "  LATE" if row.late else ""
        print(f"{row.due_utc[:16].replace('T', ' ')}  {row.client}  {row.session}  {row.code}  {row.outcome}{late}".rstrip())
    if not found:
        print("No follow-up is due.")


@users_app.command("add", epilog="Example:  pencontrol users add op-1 --role practitioner --role clinic_lead")
def add_user(
    code: UserCode,
    role: Annotated[list[str], typer.Option("--role", help="practitioner, technician or clinic_lead; may be repeated.")],
    qualification: Annotated[str, typer.Option(help="As printed on the record.")] = "",
    registration: Annotated[str, typer.Option(help="Number, as printed on the record.")] = "",
    registration_expires: Annotated[str, typer.Option(help="Last day, e.g. 2027-03-31.")] = "",
    insurance: Annotated[str, typer.Option(help="Insurer and policy, as printed on the record.")] = "",
    insurance_expires: Annotated[str, typer.Option(help="Last day, e.g. 2027-03-31.")] = "",
    reason: Annotated[str, typer.Option(help="Why it changes, when the user is on record already.")] = "",
    by: By = "",
    home: Home = None,
) -> None:
    """Put a user on record, or tell all of it anew. The name is asked for, or read from stdin."""
    from sessions.people.users import enter_user

    told = {"qualification": qualification, "registration": registration, "registration_expires": registration_expires}
    told |= {"insurance": insurance, "insurance_expires": insurance_expires, "reason": reason}
    with _office(home, by) as office:
        enter_user(office.desk, code, _ask("Name"), role, **told)


@users_app.command("list", epilog="Example:  pencontrol users list --json")
def list_all_users(home: Home = None, json_out: JsonOut = False) -> None:
    """List who works here."""
    from sessions.people.users import list_users, role_ceiling_um

    with _office(home) as office:
        store = office.desk.store
        users = list_users(store)
        listed = [{**asdict(user), "ceilings_um": {role: role_ceiling_um(store, role) for role in user.roles}} for user in users]
    if json_out:
        print_json(listed)
        return
    for row in listed:
        marks = ("  LOCKED" if row["locked"] else "") + ("" if row["has_pin"] else "  no PIN")
        print(f"{row['code']}  {row['name']}  {', '.join(row['roles'])}{marks}")
    if not listed:
        print("No user is on record.")


@users_app.command("pin", epilog="Example:  pencontrol users pin op-1")
def pin(code: UserCode, by: By = "", home: Home = None) -> None:
    """Set a PIN, or change it by telling the old one first. PINs are asked for unseen, or read as lines from stdin."""
    from sessions.people.users import change_pin, load_user, set_pin

    with _office(home, by or code) as office:
        user = load_user(office.desk.store, code)
        old = _ask_pin("Old PIN") if user.has_pin else ""
        new = _ask_pin("New PIN")
        if sys.stdin.isatty() and _ask_pin("New PIN again") != new:
            raise PlainError("the two PINs differ; nothing was changed")
        if not user.has_pin:
            set_pin(office.desk, office.keyring, code, new)
            return
        answer = change_pin(office.desk, office.keyring, code, old, new)
    if not answer.let_in:
        raise PlainError(f"{answer.words}; nothing was changed")


@users_app.command("lock", epilog="Example:  pencontrol users lock op-1 --reason left")
def lock(
    code: UserCode,
    unlock: Annotated[bool, typer.Option("--unlock", help="Let the user sign in again.")] = False,
    reason: Annotated[str, typer.Option(help="For the record.")] = "",
    by: By = "",
    home: Home = None,
) -> None:
    """Let a user sign in no longer, or again."""
    from sessions.people.users import lock_user

    with _office(home, by) as office:
        lock_user(office.desk, code, not unlock, reason)


@users_app.command("ceiling", epilog="Example:  pencontrol users ceiling practitioner 1.0")
def ceiling(
    role: Annotated[str, typer.Argument(help="practitioner, technician or clinic_lead.")],
    depth_mm: Annotated[float, typer.Argument(help="From 0.5 to 1.5.")],
    reason: Annotated[str, typer.Option(help="For the record.")] = "",
    by: By = "",
    home: Home = None,
) -> None:
    """Set how deep a role may go here."""
    from sessions.people.users import set_role_ceiling

    if not (0.0 <= depth_mm <= 10.0):
        raise PlainError(f"{depth_mm} mm; allowed are 0.5 to 1.5 mm")
    with _office(home, by) as office:
        set_role_ceiling(office.desk, role, round(depth_mm * 1000), reason)
