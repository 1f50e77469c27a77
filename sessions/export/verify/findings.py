"""What a verification gathers, and how it reads files that may hold anything. I/O: reads single files."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Unreadable(Exception):
    """A file is not what its name says: one plain sentence that names it."""


@dataclass
class Findings:
    """In words: what was held against what, what was found wrong (first things first), and what nothing here can prove."""

    checked: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)


def read_json(path: Path) -> tuple[bytes, Any]:
    """The bytes of a file and the JSON in them. Raises Unreadable, OSError."""
    data = path.read_bytes()
    try:
        return data, json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable(f"{path.name} is no JSON") from None


def key_of(error: Any) -> str:
    """Where a pydantic.ValidationError found its first fault, e.g. events.3.number."""
    return ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"]) or "it"
