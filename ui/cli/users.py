"""`pencontrol users`."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from ui.cli.common import Home, JsonOut, PlainError, print_json
from ui.cli.office import By, ask_line, ask_unseen, open_office
from ui.cli.pins import PinFile

UserCode = Annotated[str, typer.Argument(help="The user's code, e.g. op-1.")]

users_app = typer.Typer(help="Who works here, and their PINs.", no_args_is_help=True, rich_markup_mode=None)


@users_app.command("add", epilog="Example:  pencontrol users add op-1 --role practitioner --role clinic_lead")
def add_user(
    code: UserCode,
    role: Annotated[list[str], typer.Option("--role", help="practitioner, therapist, technician, clinic_lead; may be repeated.")],
    qualification: Annotated[str, typer.Option(help="As printed on the record.")] = "",
    registration: Annotated[str, typer.Option(help="Number, as printed on the record.")] = "",
    registration_expires: Annotated[str, typer.Option(help="Last day, e.g. 2027-03-31.")] = "",
    insurance: Annotated[str, typer.Option(help="Insurer and policy, as printed on the record.")] = "",
    insurance_expires: Annotated[str, typer.Option(help="Last day, e.g. 2027-03-31.")] = "",
    reason: Annotated[str, typer.Option(help="Why it changes, when the user is on record already.")] = "",
    by: By = "",
    pin_file: PinFile = None,
    home: Home = None,
) -> None:
    """Put a user on record, or tell all of it anew. The name is asked for, or read from stdin."""
    from sessions.people.users import enter_user

    told = {"qualification": qualification, "registration": registration, "registration_expires": registration_expires}
    told |= {"insurance": insurance, "insurance_expires": insurance_expires, "reason": reason}
    with open_office(home, by) as office:
        office.ask(by, pin_file, lead=True)
        enter_user(office.desk, code, ask_line("Name"), role, **told)


@users_app.command("list", epilog="Example:  pencontrol users list --json")
def list_all_users(home: Home = None, json_out: JsonOut = False) -> None:
    """List who works here."""
    from sessions.people.users import list_users, role_ceiling_um

    with open_office(home) as office:
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
def pin(code: UserCode, by: By = "", pin_file: PinFile = None, home: Home = None) -> None:
    """Set a PIN, or change it by telling the old one first. PINs are asked for unseen, or read as lines from stdin.

    Once somebody has a PIN, another person's first one takes theirs (a clinic lead's, once one has): --by and --pin-file.
    """
    from sessions.people.users import change_pin, load_user, set_pin

    with open_office(home, by or code) as office:
        user = load_user(office.desk.store, code)
        if not user.has_pin:
            office.ask(by, pin_file, lead=True)
        old = ask_unseen("Old PIN") if user.has_pin else ""
        new = ask_unseen("New PIN")
        if sys.stdin.isatty() and ask_unseen("New PIN again") != new:
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
    pin_file: PinFile = None,
    home: Home = None,
) -> None:
    """Let a user sign in no longer, or again."""
    from sessions.people.users import lock_user

    with open_office(home, by) as office:
        office.ask(by, pin_file, lead=True)
        lock_user(office.desk, code, not unlock, reason)


@users_app.command("ceiling", epilog="Example:  pencontrol users ceiling practitioner 1.0")
def ceiling(
    role: Annotated[str, typer.Argument(help="practitioner, technician or clinic_lead.")],
    depth_mm: Annotated[float, typer.Argument(help="From 0.5 to 1.5.")],
    reason: Annotated[str, typer.Option(help="For the record.")] = "",
    by: By = "",
    pin_file: PinFile = None,
    home: Home = None,
) -> None:
    """Set how deep a role may go here."""
    from sessions.people.users import set_role_ceiling

    if not (0.0 <= depth_mm <= 10.0):
        raise PlainError(f"{depth_mm} mm; allowed are 0.5 to 1.5 mm")
    with open_office(home, by) as office:
        office.ask(by, pin_file, lead=True)
        set_role_ceiling(office.desk, role, round(depth_mm * 1000), reason)
