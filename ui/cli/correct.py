"""`pencontrol correct`."""

import json
import time
from typing import Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, print_json
from ui.cli.pins import PinFile
from ui.cli.sign import ask_pin

EXAMPLE = (
    'Example:  pencontrol correct S-20261121-140501-7F3A --event 1 --field indication --to IN02 --reason "wrong tile" --as op-1'
)


def correct(
    session: Annotated[str, typer.Argument(help="A session that has ended (see `pencontrol sessions`).")],
    number: Annotated[int, typer.Option("--event", min=1, help="Number of the event that tells something wrong.")],
    field: Annotated[str, typer.Option("--field", help="Which of its fields, e.g. indication or zones.0.reason.")],
    new: Annotated[str, typer.Option("--to", help="What is right: a JSON value; anything else is taken as text.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in words; no names, for it is not sealed.")],
    person: Annotated[str, typer.Option("--as", help="Code of the person who says so, e.g. op-1.")],
    pin_file: PinFile = None,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Correct a session: a new event shows the old words and the right ones. Nothing is changed, and every signature is voided.

    The person's PIN is asked for, once anybody here has one.
    """
    from sessions.correcting import correct as add
    from sessions.reading import require_session
    from sessions.store import StoreError, open_store

    if not person.strip():
        raise PlainError("a correction needs the code of a person (--as)")
    place = home or default_home()
    try:
        with open_store(place) as records:
            require_session(records, session)
            ask_pin(records, place, person, pin_file)
            event = add(records, session, person, number, field, _value(new), reason, time.time_ns(), time.monotonic_ns())
    except StoreError as error:
        raise PlainError(str(error)) from None
    told: dict[str, Any] = {"session": session, "corrects": number, **event.body, "number": event.number}
    if json_out:
        print_json(told)
        return
    print(f"{session}: event {event.number} corrects event {number}, {field}: {told['old']} to {told['new']}")


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text


def _refuse(text: str) -> None:
    raise ValueError(text)
