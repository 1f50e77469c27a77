"""`pencontrol clients`.

Names, notes and PINs are typed or piped in, never given as arguments: every user of the machine can read those in the list of
processes, and the shell keeps them.
"""

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, print_json
from ui.cli.office import By, ask_line, open_office
from ui.cli.pins import PinFile

ClientCode = Annotated[str, typer.Argument(help="The client's code, e.g. c-0001.")]

clients_app = typer.Typer(help="Clients, by code; names are sealed.", no_args_is_help=True, rich_markup_mode=None)


@clients_app.command("add", epilog="Example:  pencontrol clients add --by op-1")
def add_client(
    code: Annotated[str, typer.Option("--code", help="Default: the next free c-0001.")] = "",
    by: By = "",
    pin_file: PinFile = None,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Put a client on record. Name, birth date and contact are asked for, or read as three lines from stdin."""
    from sessions.people.clients import enter_client, identity

    with open_office(home, by) as office:
        office.ask(by, pin_file)
        told = identity(
            ask_line("Name"), ask_line("Birth date, e.g. 1990-01-31 (may be left out)"), ask_line("Contact (may be left out)")
        )
        made = enter_client(office.desk, office.keyring, told, code)
    print_json({"client": made}) if json_out else print(made)


@clients_app.command("list", epilog="Example:  pencontrol clients list --json")
def list_all_clients(home: Home = None, json_out: JsonOut = False) -> None:
    """List the clients by code, without names."""
    from sessions.people.clients import list_clients

    with open_office(home) as office:
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
    by: By = "",
    pin_file: PinFile = None,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Show a client; what is sealed only with --names."""
    from sessions.people.clients import load_client

    with open_office(home, by) as office:
        if names:
            office.ask(by, pin_file)
        found = load_client(office.desk.store, office.keyring, code)
    told: dict[str, Any] = {
        "client": found.code,
        "status": found.status,
        "entered_utc": found.entered_utc,
        "erased_utc": found.erased_utc,
        "photo_consent": found.photo_consent,
        "notes": [{"utc": note.utc, "by": note.actor, "code": note.code, "session": note.session} for note in found.notes],
        "consents": [{"utc": utc, "version": signed.version, "language": signed.language} for utc, signed in found.consents],
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
    pin_file: PinFile = None,
    home: Home = None,
) -> None:
    """Add a note, asked for or read from stdin."""
    from sessions.people.clients import note_client

    with open_office(home, by) as office:
        office.ask(by, pin_file)
        text = ask_line("Note") if sys.stdin.isatty() else sys.stdin.read().strip()
        note_client(office.desk, office.keyring, code, tile, text, session)


@clients_app.command("find", epilog="Example:  pencontrol clients find")
def find(by: By = "", pin_file: PinFile = None, home: Home = None, json_out: JsonOut = False) -> None:
    """Find clients' codes by the beginning of a name, asked for or read from stdin."""
    from sessions.people.names import load_names

    with open_office(home, by) as office:
        office.ask(by, pin_file)
        codes = load_names(office.desk.store, office.keyring).codes(ask_line("Beginning of a name"))
    print_json({"clients": codes}) if json_out else print("\n".join(codes) or "No client's name begins so.")


@clients_app.command("erase", epilog="Example:  pencontrol clients erase c-0001 --reason asked_by_client --by op-1")
def erase(
    code: ClientCode,
    reason: Annotated[str, typer.Option(help="asked_by_client, retention_over or entered_by_mistake.")],
    by: By = "",
    pin_file: PinFile = None,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Erase a client for ever, by destroying the key. The code has to be typed again (or piped in)."""
    from sessions.people.clients import erase_client

    allowed = ("asked_by_client", "retention_over", "entered_by_mistake")
    if reason not in allowed:
        raise PlainError(f"reason {reason!r}; allowed are {', '.join(allowed)}")
    with open_office(home, by) as office:
        office.ask(by, pin_file)
        if ask_line(f"Nothing brings {code} back. Type the code again") != code:
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

    with open_office(home) as office:
        found = due_follow_ups(office.desk.store, utc_text(office.desk.utc_ns()))
    if json_out:
        print_json([asdict(row) for row in found])
        return
    for row in found:
        late = "  LATE" if row.late else ""
        print(f"{row.due_utc[:16].replace('T', ' ')}  {row.client}  {row.session}  {row.code}  {row.outcome}{late}".rstrip())
    if not found:
        print("No follow-up is due.")
