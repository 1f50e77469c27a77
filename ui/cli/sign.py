"""`pencontrol sign`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, print_json
from ui.cli.pins import PinFile, confirm

if TYPE_CHECKING:
    from sessions.store import Store


def sign(
    session: Annotated[str, typer.Argument(help="A session that has ended (see `pencontrol sessions`).")],
    person: Annotated[str, typer.Option("--as", help="Code of the person who signs, e.g. op-1.")],
    meaning: Annotated[str, typer.Option("--meaning", help="performed, reviewed or approved.")],
    role: Annotated[str, typer.Option("--role", help="Role of the person. Default: the one they opened the session with.")] = "",
    pin_file: PinFile = None,
    name: Annotated[str, typer.Option("--name", help="Name as the person signs it; may be left out.")] = "",
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Sign a session with this station's key: who, as what, meaning what, when, over which heads.

    Nothing can be added later without voiding it visibly. A record that does not verify is not signed. The person's PIN is
    asked for, once anybody here has one.
    """
    from typing import cast, get_args

    from sessions.afterwards import Meaning
    from sessions.audit import verify
    from sessions.keyfile import KeyFileError
    from sessions.reading import require_session
    from sessions.signing.key import station_key
    from sessions.signing.sign import sign_session
    from sessions.store import StoreError, open_store

    if meaning not in get_args(Meaning):
        raise PlainError(f"meaning {meaning!r}; allowed are {', '.join(get_args(Meaning))}")
    if not person.strip():
        raise PlainError("a signature needs the code of a person (--as)")
    place = home or default_home()
    try:
        with open_store(place) as records:
            require_session(records, session)
            ask_pin(records, place, person, pin_file)
            if problems := verify(records, session).problems:
                raise PlainError(f"{session}: not signed, the record does not verify: {problems[0]}")
            meant = cast(Meaning, meaning)
            key = station_key(place)
            event = sign_session(records, key, session, person, meant, time.time_ns(), time.monotonic_ns(), role, name)
    except (StoreError, KeyFileError) as error:
        raise PlainError(str(error)) from None
    told: dict[str, Any] = {"session": session, "number": event.number, **event.body}
    if json_out:
        print_json(told)
        return
    print(f"{session}: signed as event {event.number}, {meaning} by {person}, {told['role']}")
    print(f"covers events 1 to {told['covers']}, content {told['content_sha256']}")
    print(f"key {told['key_id']}")


def ask_pin(records: "Store", place: Path, person: str, pin_file: Path | None) -> None:
    """The person's PIN, once anybody here has one. Raises PlainError."""
    from sessions.people.keys import open_keyring
    from sessions.people.register import Desk

    confirm(Desk(records, person, time.time_ns, time.monotonic_ns), open_keyring(records, place), person, pin_file, "--as")
