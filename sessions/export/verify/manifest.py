"""manifest.json, and every file against it. I/O."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sessions.events import canonical
from sessions.export.files import FORMAT, MANIFEST, sha256_of
from sessions.export.verify.findings import Findings, Unreadable, key_of, read_json

EXPORTED = ("events.csv", "session.fhir.json", "session.json", "session.pdf", "trace.csv", "trace.parquet")

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _File(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    sha256: _Hash
    size: int


class Manifest(BaseModel):
    """The manifest as far as it is checked; keys may be added."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")

    format: str
    session: str
    state: str
    events: int
    events_head: _Hash
    blocks: int
    trace_head: _Hash
    wires: int
    wires_head: _Hash
    pseudonymous: bool
    made_by: dict[str, str] = {}  # nothing in exports older than this line: then nothing can be made again
    files: dict[str, _File]


def read_manifest(folder: Path, findings: Findings) -> Manifest:
    """Raises Unreadable, OSError."""
    data, told = read_json(folder / MANIFEST)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Unreadable(f"{MANIFEST} is none of {FORMAT}")
    try:
        manifest = Manifest.model_validate(told)
        if canonical(told) + b"\n" != data:
            findings.problems.append(f"{MANIFEST} was changed: it is not written as the export writes")
    except ValidationError as error:
        raise Unreadable(f"{MANIFEST} is none of {FORMAT}: {key_of(error)} is missing or not what it should be") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{MANIFEST} is none of {FORMAT}: it holds what cannot be written again") from None
    return manifest


def check_files(folder: Path, manifest: Manifest, findings: Findings) -> None:
    """Every file that the manifest names, and whether there are others. Raises OSError."""
    for name, told in sorted(manifest.files.items()):
        path = folder / name
        if not name or "\0" in name or Path(name).name != name or not path.is_file():
            findings.problems.append(f"{name} is missing")
        elif path.stat().st_size != told.size or sha256_of(path) != told.sha256:
            findings.problems.append(f"{name} was changed after the export")
        else:
            findings.checked.append(f"{name}: as exported")
    for path in sorted(folder.iterdir()):
        if path.name in EXPORTED and path.name not in manifest.files:
            findings.problems.append(f"{path.name} is here, but {MANIFEST} does not name it")
        elif path.name not in manifest.files and path.name != MANIFEST:
            findings.unproven.append(f"{ascii(path.name)[1:-1]}: not of the export")
