"""`python -m ui.touch.records.export_run`: writes one session's files and says on its output how far it is. A process of its own.

Each line of the output is a JSON object: {"share": 0.41, "file": "trace.csv"} on the way, at last {"folder": "..."} or
{"error": "..."}. SIGTERM cancels; no half file is left.
"""

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any


class Cancelled(BaseException):
    """SIGTERM came."""


class Progress:
    """From the export's two callbacks to one share of the whole, told at each whole percent."""

    def __init__(self, files: int) -> None:
        self._files, self._done, self._told = max(1, files), 0, -1

    def file_done(self, done: int, total: int, name: str) -> None:
        """A file is whole."""
        self._files, self._done = max(1, total), done
        self.within(name, 0.0)

    def within(self, name: str, share: float) -> None:
        """So much of a file is made."""
        percent = min(100, int(100 * (self._done + min(share, 1.0)) / self._files))
        if percent != self._told:
            self._told = percent
            say({"share": percent / 100, "file": name.rpartition("/")[2]})


def say(told: dict[str, Any]) -> None:
    """One line for whoever started this."""
    print(json.dumps(told), flush=True)


def main(arguments: list[str] | None = None) -> int:
    """0 when all files are there, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m ui.touch.records.export_run")
    parser.add_argument("session")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--formats", required=True)
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _cancel)
    try:
        return _export(given)
    except Cancelled:
        say({"cancelled": True})
        return 1


def _cancel(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Cancelled


def _export(given: argparse.Namespace) -> int:
    from sessions.export import ExportError, export_sessions
    from sessions.store import StoreError, open_store
    from ui.zone_art import zone_art

    formats = given.formats.split(",")
    progress = Progress(len(formats))
    say({"share": 0.0, "file": ""})
    try:
        with open_store(given.home) as store:
            folders = export_sessions(store, [given.session], formats, given.out, zone_art(), progress.file_done, progress.within)
    except (ExportError, StoreError) as error:
        say({"error": str(error)})
        return 1
    say({"folder": str(folders[0])})
    return 0


if __name__ == "__main__":
    sys.exit(main())
