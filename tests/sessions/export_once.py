"""Exports one session; run as a process of its own by the tests, in a place that differs in all that must not matter.

OFFSET_S shifts every clock of Python; ELSEWHERE names the host and the user.
"""

import contextlib
import datetime
import getpass
import locale
import os
import platform
import random
import socket
import sys
import time
from pathlib import Path
from typing import Any


def _elsewhere(name: str, offset_s: float) -> None:
    """Patch clocks and names before anything of ours is loaded, so that nobody keeps the real ones."""
    wall, wall_ns, gmtime, localtime = time.time, time.time_ns, time.gmtime, time.localtime
    patched: dict[str, Any] = {
        "time": lambda: wall() + offset_s,
        "time_ns": lambda: wall_ns() + round(offset_s * 1e9),
        "gmtime": lambda seconds=None: gmtime(wall() + offset_s if seconds is None else seconds),
        "localtime": lambda seconds=None: localtime(wall() + offset_s if seconds is None else seconds),
    }
    for attribute, function in patched.items():
        setattr(time, attribute, function)

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Shifted":
            return cls.fromtimestamp(time.time(), tz)

    datetime.datetime = Shifted  # type: ignore[misc]
    for module, function in ((socket, "gethostname"), (socket, "getfqdn"), (platform, "node"), (getpass, "getuser")):
        setattr(module, function, lambda *_: name)
    uname = os.uname()
    os.uname = lambda: os.uname_result((uname.sysname, name, uname.release, uname.version, uname.machine))
    random.seed(name)
    with contextlib.suppress(locale.Error):  # a language that is not installed here
        locale.setlocale(locale.LC_ALL, "")


def main() -> None:
    home, session, out = sys.argv[1:4]
    if name := os.environ.get("ELSEWHERE"):
        _elsewhere(name, float(os.environ["OFFSET_S"]))
    from sessions.export import FORMATS, export_sessions
    from sessions.store import open_store
    from tests.sessions.drawing import DRAWING

    with open_store(Path(home)) as store:
        export_sessions(store, [session], FORMATS, Path(out), DRAWING)
        export_sessions(store, [session], FORMATS, Path(out + "-pseudonymous"), DRAWING, pseudonym_key=b"k" * 32)


if __name__ == "__main__":
    main()
