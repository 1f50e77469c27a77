"""Exports sessions into one folder each. I/O."""

import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sessions.export.art import ZoneArt
from sessions.export.events_csv import events_csv
from sessions.export.files import MANIFEST, Written, write_file, write_manifest
from sessions.export.job import Job, Pieces, Writer
from sessions.export.makers import makers
from sessions.export.material import Material, load_material
from sessions.export.pseudonym import pseudonymous
from sessions.export.session_json import session_json
from sessions.export.trace_csv import CHUNK, trace_csv
from sessions.reading import require_session
from sessions.store import Store

Progress = Callable[[int, int, str], object]  # files done, files in all, name of the last; False cancels
Within = Callable[[str, float], object]  # name of the file under way, share of it made, 0 to 1; False cancels


class ExportError(Exception):
    """The export cannot be made: one plain sentence."""


class ExportCancelled(ExportError):
    """Whoever asked for the export wants it no longer. Files already whole stay, and the manifest names them."""


def _pdf(job: Job) -> Pieces:
    from sessions.export.pdf.document import session_pdf  # reportlab takes 0.2 s to load

    return [session_pdf(job.material, job.zone_art, job.tick)]


def _fhir(job: Job) -> Pieces:
    from sessions.export.fhir import session_fhir

    return [session_fhir(job.material, job.written)]


def _parquet(job: Job) -> Pieces:
    from sessions.export.parquet import trace_parquet  # pyarrow is not everywhere

    return trace_parquet(job.material, job.tick)


def _trace_csv(job: Job) -> Iterator[bytes]:
    pieces = -(-len(job.material.trace) // CHUNK) + 1  # with the header
    for done, piece in enumerate(trace_csv(job.material), start=1):
        yield piece
        job.tick(done / pieces)


_FILES: dict[str, tuple[tuple[str, Writer], ...]] = {
    "pdf": (("session.pdf", _pdf),),
    "csv": (("events.csv", lambda job: [events_csv(job.material)]), ("trace.csv", _trace_csv)),
    "json": (("session.json", lambda job: [session_json(job.material)]),),
    "fhir": (("session.fhir.json", _fhir),),
    "parquet": (("trace.parquet", _parquet),),
}
_NEEDS = {"parquet": "pyarrow"}  # format: package, in the extra of the format's name
FORMATS = tuple(_FILES)
_LAST = "session.fhir.json"  # it names the others with size and hash
_FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def export_sessions(
    store: Store,
    ids: Sequence[str],
    formats: Sequence[str],
    out_dir: Path,
    zone_art: ZoneArt | None = None,
    progress: Progress | None = None,
    within: Within | None = None,
    pseudonym_key: bytes | None = None,
) -> list[Path]:
    """Write each session's files and manifest.json into `out_dir`/<session id>; returns these folders.

    `pseudonym_key` given: codes of people are replaced by pseudonyms derived from it, and free text is left out. Everything
    asked is checked before the first file is written. Raises ExportError for a format that does not exist or a folder that
    cannot be written, ExportCancelled when a callback returned False, NoSuchSession, StoreError. A callback may raise too;
    no half file is left.
    """
    chosen = _chosen(formats)
    for session in ids:
        require_session(store, session)
        if not _FOLDER_NAME.fullmatch(session):
            raise ExportError(f"session id {session!r} cannot name a folder; allowed are letters, digits, . _ and -")
        _refuse_mixing(out_dir / session, pseudonym_key is not None)
    total, done, folders = len(chosen) * len(ids), 0, []
    for session in ids:
        folder = out_dir / session
        written: dict[str, Written] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _ask(within, session, 0.0)
            material = load_material(store, session)
            if pseudonym_key is not None:
                material = pseudonymous(material, pseudonym_key)
            try:
                for name, write in chosen:
                    tick = partial(_ask, within, f"{session}/{name}")
                    tick(0.0)
                    job = Job(material, zone_art, dict(written), tick)
                    written[name] = write_file(folder, name, write(job))
                    done += 1
                    _ask(progress, done, total, f"{session}/{name}")
            finally:
                if written:
                    write_manifest(folder, _heads(material) | {"made_by": makers(zone_art)}, written.values())
        except OSError as error:
            raise ExportError(f"{folder}: cannot be written: {error.strerror}") from error
        folders.append(folder)
    return folders


def _ask(callback: Callable[..., object] | None, *told: object) -> None:
    """Tell the callback; `False`, and nothing else, is a no."""
    if callback is not None and callback(*told) is False:
        raise ExportCancelled("the export was cancelled")


def _chosen(formats: Sequence[str]) -> list[tuple[str, Writer]]:
    unknown = [name for name in formats if name not in _FILES]
    if unknown or not formats:
        found = ", ".join(map(repr, unknown)) or "none"
        raise ExportError(f"export format {found}; allowed are {', '.join(FORMATS)}")
    for name in formats:
        if (package := _NEEDS.get(name)) and importlib.util.find_spec(package) is None:
            raise ExportError(f"export format {name!r} needs {package}, which is not here: pip install 'pencontrol[{name}]'")
    files = [file for name in dict.fromkeys(formats) for file in _FILES[name]]
    return sorted(files, key=lambda file: file[0] == _LAST)


def _refuse_mixing(folder: Path, pseudonyms: bool) -> None:
    """A folder that is handed on as pseudonymous must not hold a file that is not, nor the other way round."""
    names = [name for files in _FILES.values() for name, _ in files]
    if not any((folder / name).exists() for name in names):
        return
    try:
        found = json.loads((folder / MANIFEST).read_bytes()).get("pseudonymous") is True
    except (OSError, ValueError, AttributeError):
        found = False
    if found != pseudonyms:
        kind = "files that are not pseudonymous" if pseudonyms else "a pseudonymous export"
        raise ExportError(f"{folder} holds {kind}; name another folder, or empty this one")


def _heads(material: Material) -> dict[str, Any]:
    verdict = material.verdict
    return {
        "session": material.facts.session,
        "state": material.facts.state,
        "events": verdict.events,
        "events_head": verdict.events_head,
        "blocks": verdict.blocks,
        "trace_head": verdict.trace_head,
        "wires": verdict.wires,
        "wires_head": verdict.wires_head,
        "pseudonymous": material.pseudonymous,
    }
