"""The folder that is copied to a board: every module, each where the board looks for it."""

from pathlib import Path

import pytest

from firmware_protocol.board import bundle


def test_shared_modules_are_frame_messages_and_every_pen() -> None:
    names = [path.name for path in bundle.shared_modules()]
    assert {"frame.py", "messages.py", "pen.py", "pen_hardware.py", "pen_motion.py"} <= set(names)
    assert all(name in ("frame.py", "messages.py") or name.startswith("pen") for name in names)
    assert len(set(names)) == len(names)


def test_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle.main([str(tmp_path), "--source"]) == 0
    written = capsys.readouterr().out.splitlines()
    assert {"main.py", "firmware_protocol/__init__.py", "firmware_protocol/pen.py", "firmware_protocol/board/gate.py"} <= set(
        written
    )
    assert not any("bundle" in name or "link" in name for name in written)
    for name in written:
        here = bundle.BOARD / "main.py" if name == "main.py" else bundle.PACKAGE.parent / name
        assert (tmp_path / name).read_bytes() == here.read_bytes()


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["a", "--other"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle.main(arguments) == 2
    assert "Usage" in capsys.readouterr().err
