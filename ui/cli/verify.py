"""`pencontrol verify`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.common import Home, JsonOut, PlainError, default_home, print_json

if TYPE_CHECKING:
    from sessions.signing import Standing


def verify(
    target: Annotated[str, typer.Argument(help="A session id, or a folder that was exported.")],
    head: Annotated[
        list[str] | None,
        typer.Option("--head", help="A head noted elsewhere, e.g. printed on a PDF; 16 digits or more. May be repeated."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", help="Fingerprint or file of a key that is known to be the station's. May be repeated."),
    ] = None,
    home: Home = None,
    json_out: JsonOut = False,
) -> None:
    """Check hash chains and signatures of a session, or an exported folder by itself; exit code 1 when something is wrong.

    A chain does not notice a cut tail by itself, nor that all of it was written anew: give a printed head with --head, and
    the station's key with --key. A session in this station's own store is held against this station's own key without that.
    """
    heads, keys = _heads(head or []), _keys(key or [])
    is_folder = Path(target).is_dir()
    told = _folder(Path(target), heads, keys) if is_folder else _session(target, home or default_home(), heads, keys)
    if json_out:
        print_json(told)
    else:
        for line in _lines(told):
            print(line)
    if told["problems"]:
        more = f" (and {len(told['problems']) - 1} more)" if len(told["problems"]) > 1 else ""
        raise PlainError(f"{told['session'] or target}: {told['problems'][0]}{more}")


def _lines(told: dict[str, Any]) -> list[str]:
    """What a person reads when nothing is wrong, and the signatures in any case."""
    lines = []
    if not told["problems"]:
        first = "pseudonymous, the files are as exported" if told["pseudonymous"] else "every row follows the one before it"
        lines += [f"{told['session']}: {first}"]
        lines += [f"events head {told['events_head']}", f"trace head  {told['trace_head']}", f"tape head   {told['wires_head']}"]
        lines += told["heads_found"]
    for each in told["signatures"]:
        who = f"{each['name']} ({each['person']})" if each["name"] else each["person"]
        lines.append(f"{each['words']}: {each['meaning']} by {who}, {each['role']}, {each['utc']}, key {each['key_id']}")
    if not told["signatures"] and not told["problems"] and not told["pseudonymous"]:
        lines.append("no signature")
    return lines + [f"not proven: {words}" for words in told["unproven"]]


def _heads(texts: list[str]) -> list[str]:
    from sessions.heads import read_head

    try:
        return [read_head(text) for text in texts]
    except ValueError as error:
        raise PlainError(str(error)) from None


def _keys(texts: list[str]) -> set[str] | None:
    if not texts:
        return None
    from sessions.keyfile import KeyFileError
    from sessions.signing.key import read_key_id

    try:
        return {read_key_id(text) for text in texts}
    except KeyFileError as error:
        raise PlainError(str(error)) from None


def _folder(folder: Path, heads: list[str], keys: set[str] | None) -> dict[str, Any]:
    from sessions.export.verify import verify_folder
    from ui.zone_art import zone_art

    verdict = verify_folder(folder, keys, heads, zone_art())
    return {
        "session": verdict.session,
        "pseudonymous": verdict.pseudonymous,
        "events_head": verdict.events_head,
        "trace_head": verdict.trace_head,
        "wires_head": verdict.wires_head,
        "checked": verdict.checked,
        "heads_found": [words for words in verdict.checked if words.startswith("head ")],
        "problems": verdict.problems,
        "unproven": verdict.unproven,
        "signatures": [_signature(each) for each in verdict.signatures],
    }


def _session(session: str, home: Path, heads: list[str], keys: set[str] | None) -> dict[str, Any]:
    from sessions.audit import verify as verify_stream
    from sessions.index_check import index_problems
    from sessions.keyfile import KeyFileError
    from sessions.signing.key import own_key_id
    from sessions.store import NoSuchSession, StoreError, open_store

    try:
        with open_store(home) as records:
            own = own_key_id(home)
            verdict = verify_stream(records, session, keys or ({own} if own else None), heads)
            if not (verdict.events or verdict.blocks or verdict.wires or verdict.problems):
                raise NoSuchSession(session)
            parted = [f"{problem}; `pencontrol reindex` makes the index anew" for problem in index_problems(records, session)]
    except (StoreError, KeyFileError) as error:
        raise PlainError(str(error)) from None
    checked = [
        f"{verdict.events} events",
        f"{verdict.blocks} blocks of {verdict.samples} samples",
        f"{verdict.wires} blocks of tape",
        *([] if parted else ["the rows of the index"]),
    ]
    return {
        "session": session,
        "pseudonymous": False,
        "events_head": verdict.events_head,
        "trace_head": verdict.trace_head,
        "wires_head": verdict.wires_head,
        "checked": checked + verdict.heads_found,
        "heads_found": verdict.heads_found,
        "problems": verdict.problems + parted,
        "unproven": [],
        "signatures": [_signature(each) for each in verdict.signatures],
    }


def _signature(each: "Standing") -> dict[str, Any]:
    return {**vars(each), "words": each.words}
