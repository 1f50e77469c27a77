"""Folders for exports and photographs: where sticks are mounted, what lies in a folder, how much is free. I/O.

May wait for a slow or dying stick, so it runs in a thread and never in the screen's own.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
STICKS = ("/media", "/run/media", "/mnt")
PHOTOS = (".jpg", ".jpeg", ".png")
MOST_ENTRIES = 500
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Place:
    """Where files may go: `kind` is "home" or "stick"; bytes free, None when the system does not tell."""

    kind: str
    path: Path
    free_bytes: int | None
    writable: bool


@dataclass(frozen=True)
class Entry:
    """A folder, or a photograph, in a folder."""

    path: Path
    folder: bool
    size_bytes: int = 0


@dataclass(frozen=True)
class Listing:
    """What lies in a folder; `error` is the system's word when it could not be read. `more`: not all are told."""

    path: Path
    entries: tuple[Entry, ...] = ()
    free_bytes: int | None = None
    writable: bool = False
    more: bool = False
    error: str = ""


def mounts_in(text: str, below: tuple[str, ...] = STICKS) -> list[Path]:
    """Mount points of `text` (as /proc/self/mounts has it) that lie below one of the folders, each once, in order."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        parts = line.split(" ")
        if len(parts) > 1:
            place = _OCTAL.sub(lambda match: chr(int(match[1], 8)), parts[1])
            if any(place.startswith(folder + "/") for folder in below):
                found[place] = None
    return [Path(place) for place in found]


def list_places(exports: Path, mounts: Path = MOUNTS, below: tuple[str, ...] = STICKS) -> list[Place]:
    """The home's own folder for exports first, then every stick that is mounted."""
    try:
        sticks = mounts_in(mounts.read_text(encoding="utf-8", errors="replace"), below)
    except OSError:
        sticks = []  # no Linux: only the home's folder is offered
    return [_place("home", exports), *(_place("stick", stick) for stick in sticks)]


def list_folder(path: Path, photos: bool) -> Listing:
    """Folders of `path`, and its photographs when they are wanted, by name; hidden ones are left out."""
    try:
        with os.scandir(path) as scan:
            found = [entry for entry in scan if not entry.name.startswith(".")]
            entries = [entry for entry in map(_entry, found) if entry is not None and (entry.folder or photos)]
    except OSError as error:
        return Listing(path, error=error.strerror or str(error))
    entries.sort(key=lambda entry: (not entry.folder, entry.path.name.casefold()))
    more = len(entries) > MOST_ENTRIES
    return Listing(path, tuple(entries[:MOST_ENTRIES]), free_bytes(path), os.access(path, os.W_OK), more)


def free_bytes(path: Path) -> int | None:
    """What is free where `path` is or will be made; None when it cannot be told."""
    for folder in (path, *path.parents):
        try:
            return shutil.disk_usage(folder).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _place(kind: str, path: Path) -> Place:
    there = next((folder for folder in (path, *path.parents) if folder.exists()), path)
    return Place(kind, path, free_bytes(path), os.access(there, os.W_OK))


def _entry(found: "os.DirEntry[str]") -> Entry | None:
    try:
        if found.is_dir():
            return Entry(Path(found.path), True)
        if found.name.lower().endswith(PHOTOS) and found.is_file():
            return Entry(Path(found.path), False, found.stat().st_size)
    except OSError:
        return None  # it is gone, or it cannot be read: then it cannot be chosen either
    return None
