"""`pencontrol verify`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, print_json


def verify(
    target: Annotated[str, typer.Argument(help="A session id, or a folder that was exported.")],
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Check the hash chains of a session, or an exported folder by itself; exit code 1 when something is wrong.

    A chain does not notice a cut tail by itself: compare the heads with those printed on the PDF.
    """
    told = _folder(Path(target)) if Path(target).is_dir() else _session(target, home or default_home())
    if json_out:
        print_json(told)
    elif not told["problems"]:
        print(f"{told['session']}: every row follows the one before it")
        print(f"events head {told['events_head']}")
        print(f"trace head  {told['trace_head']}")
    if told["problems"]:
        raise PlainError(f"{told['session'] or target}: {told['problems'][0]}")


def _folder(folder: Path) -> dict[str, Any]:
    from sessions.export.verify import verify_folder

    verdict = verify_folder(folder)
    return {
        "session": verdict.session,
        "events_head": verdict.events_head,
        "trace_head": verdict.trace_head,
        "checked": verdict.checked,
        "problems": verdict.problems,
    }


def _session(session: str, home: Path) -> dict[str, Any]:
    from sessions.audit import verify as verify_stream
    from sessions.reading import require_session
    from sessions.store import StoreError, open_store

    try:
        with open_store(home) as records:
            require_session(records, session)
            verdict = verify_stream(records, session)
    except StoreError as error:
        raise PlainError(str(error)) from None
    checked = [f"{verdict.events} events", f"{verdict.blocks} blocks of {verdict.samples} samples"]
    return {
        "session": session,
        "events_head": verdict.events_head,
        "trace_head": verdict.trace_head,
        "checked": checked,
        "problems": verdict.problems,
    }
