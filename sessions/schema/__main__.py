"""`python -m sessions.schema` writes the generated files; `--check` only compares and exits 1 on a difference.

Both refuse a vocabulary that breaks a released one. `--release` stores the present one as the promise of its number: once
stored, it only ever grows.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from sessions.events import VOCABULARY
from sessions.schema.json_schema import record_schema
from sessions.schema.page import generated
from sessions.schema.release import breaks

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASED = Path(__file__).resolve().parent / f"released_{VOCABULARY}.json"
SCHEMA, PAGE = "docs/record.schema.json", "docs/record.md"


def schema_text() -> str:
    """docs/record.schema.json."""
    return json.dumps(record_schema(), indent=1, ensure_ascii=False) + "\n"


def released_breaks(released: Path = RELEASED) -> list[str]:
    """What the vocabulary breaks of its own number's promise, one sentence each."""
    if not released.exists():
        return []
    return breaks(json.loads(released.read_text(encoding="utf-8")), record_schema())


def main(arguments: list[str], root: Path = ROOT, released: Path = RELEASED) -> int:
    """Write or (`--check`) compare both files under `root`; returns the exit code."""
    if unknown := set(arguments) - {"--check", "--release"}:
        print(f"unknown: {', '.join(sorted(unknown))}; allowed are --check and --release", file=sys.stderr)
        return 2
    if found := released_breaks(released):
        for each in found:
            print(f"breaks vocabulary {VOCABULARY}: {each}; raise VOCABULARY in sessions/events.py", file=sys.stderr)
        return 1
    if "--release" in arguments:
        released.write_text(schema_text(), encoding="utf-8")
        return 0
    makers: dict[str, Callable[[str], str]] = {SCHEMA: lambda _: schema_text(), PAGE: generated}
    differing = 0
    for name, make in makers.items():
        path = root / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        text = make(before)
        if text == before:
            continue
        differing += 1
        if "--check" in arguments:
            print(f"{name} differs from the vocabulary: run `python -m sessions.schema`", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if differing and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
