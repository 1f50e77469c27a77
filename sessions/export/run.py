"""Exports sessions into one folder each. I/O."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sessions.export.art import ZoneArt
from sessions.export.events_csv import events_csv
from sessions.export.files import write_file, write_manifest
from sessions.export.material import Material, load_material
from sessions.export.session_json import session_json
from sessions.export.trace_csv import trace_csv
from sessions.reading import require_session
from sessions.store import Store

Pieces = Iterable[bytes]
Writer = Callable[[Material, ZoneArt | None], Pieces]
Progress = Callable[[int, int, str], None]  # files done, files in all, name of the last


class ExportError(Exception):
    """The export cannot be made: one plain sentence."""


def _pdf(material: Material, zone_art: ZoneArt | None) -> Pieces:
    from sessions.export.pdf.document import session_pdf  # reportlab takes 0.2 s to load

    return [session_pdf(material, zone_art)]


_FILES: dict[str, tuple[tuple[str, Writer], ...]] = {
    "pdf": (("session.pdf", _pdf),),
    "csv": (
        ("events.csv", lambda material, _: [events_csv(material)]),
        ("trace.csv", lambda material, _: trace_csv(material)),
    ),
    "json": (("session.json", lambda material, _: [session_json(material)]),),
}
FORMATS = tuple(_FILES)
_FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def export_sessions(
    store: Store,
    ids: Sequence[str],
    formats: Sequence[str],
    out_dir: Path,
    zone_art: ZoneArt | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write each session's files and manifest.json into `out_dir`/<session id>; returns these folders.

    Everything asked is checked before the first file is written. Raises ExportError for a format that does not exist or
    a folder that cannot be written, NoSuchSession, StoreError.
    """
    chosen = _chosen(formats)
    for session in ids:
        require_session(store, session)
        if not _FOLDER_NAME.fullmatch(session):
            raise ExportError(f"session id {session!r} cannot name a folder; allowed are letters, digits, . _ and -")
    total, done, folders = len(chosen) * len(ids), 0, []
    for session in ids:
        folder = out_dir / session
        try:
            folder.mkdir(parents=True, exist_ok=True)
            material = load_material(store, session)
            written = []
            for name, write in chosen:
                written.append(write_file(folder, name, write(material, zone_art)))
                done += 1
                if progress:
                    progress(done, total, f"{session}/{name}")
            write_manifest(folder, _heads(material), written)
        except OSError as error:
            raise ExportError(f"{folder}: cannot be written: {error.strerror}") from error
        folders.append(folder)
    return folders


def _chosen(formats: Sequence[str]) -> list[tuple[str, Writer]]:
    unknown = [name for name in formats if name not in _FILES]
    if unknown or not formats:
        found = ", ".join(map(repr, unknown)) or "none"
        raise ExportError(f"export format {found}; allowed are {', '.join(FORMATS)}")
    return [file for name in dict.fromkeys(formats) for file in _FILES[name]]


def _heads(material: Material) -> dict[str, str | int]:
    verdict = material.verdict
    return {
        "session": material.facts.session,
        "state": material.facts.state,
        "events": verdict.events,
        "events_head": verdict.events_head,
        "blocks": verdict.blocks,
        "trace_head": verdict.trace_head,
    }
