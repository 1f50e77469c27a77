"""Writes export files so that a reader sees the old one, or the new one whole, and notes each in the manifest. I/O."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sessions.events import canonical

MANIFEST = "manifest.json"
FORMAT = "pencontrol.manifest/1"


@dataclass(frozen=True)
class Written:
    """One file as it was written."""

    name: str
    sha256: str
    size: int
    sha1: str  # only because FHIR R4 defines the hash of an attachment so; nothing of ours trusts it


def write_file(folder: Path, name: str, pieces: Iterable[bytes]) -> Written:
    """Write under a temporary name in the same folder, flush to the disk, rename. Raises OSError."""
    temporary = folder / f".{name}.part"
    digest, weak, size = hashlib.sha256(), hashlib.sha1(usedforsecurity=False), 0
    try:
        with temporary.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                weak.update(piece)
                size += len(piece)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / name)
    finally:
        temporary.unlink(missing_ok=True)
    return Written(name, digest.hexdigest(), size, weak.hexdigest())


def write_manifest(folder: Path, heads: dict[str, Any], written: Iterable[Written]) -> None:
    """Name every file with SHA-256 and size; files of an earlier export of the same record stay listed if unchanged."""
    files = _still_there(folder, heads) | {each.name: {"sha256": each.sha256, "size": each.size} for each in written}
    write_file(folder, MANIFEST, [canonical({"format": FORMAT, **heads, "files": files}) + b"\n"])


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha1_of(path: Path) -> str:
    """As FHIR R4 wants it. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()


def _still_there(folder: Path, heads: dict[str, Any]) -> dict[str, Any]:
    try:
        before = json.loads((folder / MANIFEST).read_bytes())
        if any(before[key] != value for key, value in heads.items()):
            return {}
        files: dict[str, Any] = before["files"]
        there = {name: told for name, told in files.items() if (folder / name).is_file()}
        return {name: told for name, told in there.items() if sha256_of(folder / name) == told["sha256"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # none, or no manifest of ours: this export stands alone
