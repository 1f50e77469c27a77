"""Exports one session; run as a process of its own by the tests, under another time zone, language and host name."""

import sys
from pathlib import Path

from sessions.export import export_sessions
from sessions.store import open_store
from tests.sessions.drawing import DRAWING


def main() -> None:
    home, session, out = sys.argv[1:4]
    with open_store(Path(home)) as store:
        export_sessions(store, [session], ["pdf", "csv", "json"], Path(out), DRAWING)


if __name__ == "__main__":
    main()
