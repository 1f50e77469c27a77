"""Starts the real MicroPython under Node with the shared modules in its file system, unchanged."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from firmware_protocol.board.bundle import BOARD, PACKAGE, board_modules, shared_modules

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VERSION = "1.27.0"
FOLDER = ROOT / ".cache/micropython/node_modules/@micropython/micropython-webassembly-pyscript"


class MicroPythonFailed(Exception):
    """The program ended with an exception: its traceback."""


@cache
def why_not() -> str:
    """Why there is no MicroPython here, empty when there is one."""
    if shutil.which("node") is None:
        return "MicroPython tests SKIPPED: no Node"
    try:
        version = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["version"]
    except OSError:
        return "MicroPython tests SKIPPED: not installed; scripts/micropython.sh does it"
    return "" if version == VERSION else f"MicroPython tests SKIPPED: found {version}, needed is {VERSION}"


def shared_files() -> list[tuple[str, Path]]:
    """(path inside, path here) of every shared module."""
    return [(f"/firmware_protocol/{path.name}", path) for path in (PACKAGE / "__init__.py", *shared_modules())]


def program_files() -> list[tuple[str, Path]]:
    """(path inside, path here) of `on_pen/` and `stub/`: the same names inside as here, so imports hold on both sides."""
    paths = [*sorted((HERE / "on_pen").glob("*.py")), *sorted((HERE / "stub").glob("*.py"))]
    return [(f"/{path.relative_to(ROOT).as_posix()}", path) for path in paths]


def board_files() -> list[tuple[str, Path]]:
    """(path inside, path here) of the board's modules, `main.py` in the root, as on a real board."""
    paths = [path for path in board_modules() if path.name != "main.py"]
    return [("/main.py", BOARD / "main.py"), *((f"/firmware_protocol/board/{path.name}", path) for path in paths)]


def run(
    module: str, texts: dict[str, str] | None = None, files: list[tuple[str, Path]] | None = None, timeout_s: float = 100.0
) -> list[Any]:
    """Import a module of `on_pen/` inside; what it printed, one JSON value a line. Raises MicroPythonFailed with the traceback.

    `texts` are further files by their path inside; `files` stands in for the shared modules, as (path inside, path here).
    """
    files = program_files() + (shared_files() if files is None else files)
    job = {
        "interpreter": str(FOLDER / "micropython.mjs"),
        "files": [(inside, str(here)) for inside, here in files],
        "texts": list((texts or {}).items()),
        "module": f"tests.micropython.on_pen.{module}",
    }
    done = subprocess.run(
        ["node", str(HERE / "run.mjs")], input=json.dumps(job), capture_output=True, text=True, timeout=timeout_s, check=False
    )
    if done.returncode != 0:
        raise MicroPythonFailed(done.stderr + done.stdout)
    return [json.loads(line) for line in done.stdout.splitlines()]
