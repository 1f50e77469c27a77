"""`python -m firmware_protocol.generate` writes the generated files; `--check` only compares and exits 1 on a difference."""

import sys
from pathlib import Path

from firmware_protocol.generate.stubs import type_stub


def main(arguments: list[str]) -> int:
    """Write or (`--check`) compare each generated file; returns the exit code."""
    target = Path(__file__).parent.parent / "messages.pyi"
    text = type_stub()
    if "--check" not in arguments:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.read_text(encoding="utf-8") == text:
        return 0
    print(f"{target.name} differs from the table in messages.py: run `python -m firmware_protocol.generate`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
