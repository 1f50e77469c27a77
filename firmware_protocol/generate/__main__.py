"""`python -m firmware_protocol.generate` writes the generated files; `--check` only compares and exits 1 on a difference.

Both refuse a table that breaks a released one. `--release` stores the table as it is now as the promise of this minor version.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from firmware_protocol import messages
from firmware_protocol.frame import MAJOR
from firmware_protocol.generate import vectors
from firmware_protocol.generate.c_header import c_header
from firmware_protocol.generate.protocol_page import protocol_page
from firmware_protocol.generate.release import breaks, snapshot
from firmware_protocol.generate.stubs import type_stub

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
FILES: dict[str, Callable[[], str]] = {
    "firmware_protocol/messages.pyi": type_stub,
    "firmware_protocol/c/pen_link.h": c_header,
    "firmware_protocol/vectors/pen_link_v1.json": vectors.text,
    "docs/PROTOCOL.md": protocol_page,
}


def released_breaks(folder: Path = HERE) -> list[str]:
    """What the table breaks of any release of this major that is stored in `folder`, one sentence each."""
    now = snapshot()
    found = []
    for path in sorted(folder.glob(f"released_{MAJOR}_*.json")):
        found += [f"{path.name}: {each}" for each in breaks(json.loads(path.read_text(encoding="utf-8")), now)]
    return found


def store_release(folder: Path = HERE) -> int:
    """Store the table as this minor's promise; 1 where that minor has another one already."""
    path = folder / f"released_{MAJOR}_{messages.MINOR}.json"
    text = json.dumps(snapshot(), indent=1) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") != text:
        print(f"{path.name} is released and differs: raise MINOR in messages.py", file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8")
    return 0


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write or (`--check`) compare each generated file under `root`; returns the exit code."""
    if "--release" in arguments:
        return store_release()
    found = released_breaks()
    for each in found:
        print(f"breaks a release: {each}", file=sys.stderr)
    differing = 0
    for name, text_of in FILES.items():
        path, text = root / name, text_of()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        differing += 1
        if "--check" in arguments:
            print(f"{name} differs from the table: run `python -m firmware_protocol.generate`", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if found or (differing and "--check" in arguments) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
