"""What all subcommands share: the home folder, JSON output, plain errors, a progress bar only on a terminal."""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

Home = Annotated[
    Path | None,
    typer.Option("--home", envvar="PENCONTROL_HOME", help="Where data lives. Default: the platform's user data folder."),
]
JsonOut = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


class PlainError(Exception):
    """Said to the person as it is: what is wrong, which value, what is allowed. Exit code 1."""


def default_home() -> Path:
    """PENCONTROL_HOME, else the platform's user data folder."""
    named = os.environ.get("PENCONTROL_HOME")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("pencontrol", appauthor=False))


def home_of(arguments: Sequence[str]) -> Path:
    """The home folder that a command line names, for whoever has nothing but the words of it; else the default one."""
    for at, word in enumerate(arguments):
        if word.startswith("--home="):
            return Path(word.removeprefix("--home="))
        if word == "--home" and at + 1 < len(arguments):
            return Path(arguments[at + 1])
    return default_home()


def print_json(value: Any) -> None:
    """One document on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def write_crash(error: BaseException, home: Path) -> Path:
    """The traceback in a file, for whoever mends it; the file's name. It holds code and line numbers, no record data."""
    folder = home / "logs"
    frames = traceback.extract_tb(error.__traceback__)
    text = "".join(f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}\n" for frame in frames)
    text += f"{type(error).__name__}\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "crash.txt"
        target.write_text(text, encoding="utf-8")
    except OSError:
        target = Path(tempfile.gettempdir()) / "pencontrol-crash.txt"
        target.write_text(text, encoding="utf-8")
    return target


def on_terminal() -> bool:
    """Is there a person at the other end of stderr?"""
    return sys.stderr.isatty()
