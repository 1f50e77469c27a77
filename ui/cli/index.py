"""`pencontrol reindex`."""

from typing import Annotated

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, print_json


def reindex(
    check: Annotated[bool, typer.Option("--check", help="Only say where the index and the events have parted.")] = False,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Make the index by which sessions, clients and things are found anew from the events; the record itself is not touched.

    Not while a session is open: its recorder would have to wait. With --check nothing is written, and the exit code is 1 when
    anything has parted.
    """
    from sessions.people.register import differences, rebuild
    from sessions.reading import list_open
    from sessions.store import StoreError, open_store

    try:
        with open_store(home or default_home()) as records:
            if not check and (there := list_open(records)):
                raise PlainError(f"session {there[0]} is open; the index can be made anew when it has ended")
            parted = differences(records)
            if parted and not check:
                rebuild(records)
    except StoreError as error:
        raise PlainError(str(error)) from None
    if json_out:
        print_json({"differed": parted, "rebuilt": bool(parted) and not check})
    elif not parted:
        print("The index is what the events say.")
    elif not check:
        print(f"Made anew; {len(parted)} of it differed: {', '.join(parted[:8])}{' ...' if len(parted) > 8 else ''}")
    if parted and check:
        raise PlainError(
            f"the index is not what the events say, in {len(parted)} places, the first is {parted[0]}: run `pencontrol reindex`"
        )
