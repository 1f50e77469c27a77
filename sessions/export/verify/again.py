"""What no chain holds by itself (PDF, FHIR, Parquet): made again from session.json and trace.csv, and compared. I/O: reads files.

Files are made the same way every time, so a file that comes out otherwise was changed, even where the manifest was made to fit.
That holds for the program that made the export; with another one a difference means nothing, and nothing is claimed.
"""

import hashlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sessions.audit import Verdict
from sessions.export.art import ZoneArt
from sessions.export.files import Written, sha1_of
from sessions.export.makers import MADE_WITH, in_words, makers
from sessions.export.material import Material
from sessions.export.verify.document import NAME as DOCUMENT
from sessions.export.verify.document import Record
from sessions.export.verify.findings import Findings
from sessions.export.verify.manifest import Manifest
from sessions.export.verify.trace_table import NAME as TRACE
from sessions.facts import Facts
from sessions.reading import Trace, as_trace
from sessions.signing import Standing


@dataclass(frozen=True)
class Proven:
    """What the chains of the folder hold: the record, its samples (None: not in the folder), its signatures."""

    record: Record
    facts: Facts
    trace: Trace | None
    signatures: list[Standing]


def make_again(folder: Path, manifest: Manifest, proven: Proven | None, zone_art: ZoneArt | None, findings: Findings) -> None:
    """Each file that no chain holds: proven, changed, or not proven and why. Raises OSError."""
    here = makers(zone_art)
    for name in (name for name in MADE_WITH if name in manifest.files):
        why = _why_not(name, manifest, proven, here)
        if why or proven is None:
            findings.unproven.append(f"{name}: not proven, {why}; only the manifest holds it: compare its heads and words")
            continue
        try:
            data = _MAKERS[name](folder, manifest, proven, zone_art)
        except OSError:
            raise
        except Exception as error:  # whoever forges a whole record may forge one that no page has room for
            findings.problems.append(
                f"{name} cannot be made from {DOCUMENT} ({type(error).__name__}), so it was made from another"
            )
            continue
        if hashlib.sha256(data).hexdigest() == manifest.files[name].sha256:
            findings.checked.append(f"{name}: made again from {DOCUMENT}, the same bytes")
        else:
            findings.problems.append(f"{name} was changed: it is not what {DOCUMENT} gives")
    if proven and proven.record.tells_beside:
        findings.unproven.append(
            f"{DOCUMENT}: what it tells of the operator, of adverse events and of consent to photographs is not in the session's "
            "chain; only the manifest holds it"
        )


def _why_not(name: str, manifest: Manifest, proven: Proven | None, here: Mapping[str, str]) -> str:
    """Why this file cannot be made again, in words; "" when it can."""
    if proven is None:
        return f"it needs {DOCUMENT}"
    if name != "session.fhir.json" and proven.trace is None:
        return f"it needs {TRACE}"
    if not manifest.made_by:
        return "the manifest does not say by what it was written"
    if any(manifest.made_by.get(part) != here[part] for part in MADE_WITH[name]):
        return f"written by {in_words(manifest.made_by, name)}, this is {in_words(here, name)}"
    if name == "trace.parquet" and importlib.util.find_spec("pyarrow") is None:
        return "it needs pyarrow, which is not here"
    return ""


def _material(proven: Proven, manifest: Manifest) -> Material:
    record, chain = proven.record, proven.record.chain
    verdict = Verdict(
        stream=record.session,
        events=chain.events,
        events_head=chain.events_head,
        blocks=chain.blocks,
        samples=proven.facts.samples,
        trace_head=chain.trace_head,
        problems=[],
        wires=chain.wires,
        wires_head=chain.wires_head,
        signatures=proven.signatures,
    )
    trace = as_trace(b"") if proven.trace is None else proven.trace
    return Material(
        proven.facts, record.events, record.blocks, trace, verdict, record.closing, record.beside, manifest.pseudonymous
    )


def _pdf(_folder: Path, manifest: Manifest, proven: Proven, zone_art: ZoneArt | None) -> bytes:
    from sessions.export.pdf.document import session_pdf  # reportlab takes 0.2 s to load

    return session_pdf(_material(proven, manifest), zone_art)


def _fhir(folder: Path, manifest: Manifest, proven: Proven, _zone_art: ZoneArt | None) -> bytes:
    from sessions.export.fhir import session_fhir

    told = (folder / "session.fhir.json").read_bytes()
    # It names the files that were made in the same run; which they were, only it tells.
    named = [name for name in manifest.files if f'"url": "{name}"'.encode() in told]
    files = {name: manifest.files[name] for name in named}
    written = {name: Written(name, file.sha256, file.size, sha1_of(folder / name)) for name, file in files.items()}
    return session_fhir(_material(proven, manifest), written)


def _parquet(_folder: Path, manifest: Manifest, proven: Proven, _zone_art: ZoneArt | None) -> bytes:
    from sessions.export.parquet import trace_parquet

    return b"".join(trace_parquet(_material(proven, manifest)))


_MAKERS: Mapping[str, Callable[[Path, Manifest, Proven, ZoneArt | None], bytes]] = {
    "session.pdf": _pdf,
    "session.fhir.json": _fhir,
    "trace.parquet": _parquet,
}
